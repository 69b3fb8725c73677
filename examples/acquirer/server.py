"""The acquirer that examples/acquirer is driven against: PyPI's localstripe, a stateful server that nobody here wrote.

    server.py STATE [PORT]

It listens on 127.0.0.1 alone (on a free port, if none is given), prints the port once it is ready, and keeps what it
knows in the file STATE: written before each answer goes out, in one step, so that a kill -9 at any moment loses
nothing that was answered. The stock command listens everywhere and writes one file for all, now and then in halves.
"""

import os
import pickle
import socket
import sys

from aiohttp import web
from localstripe import resources
from localstripe.server import app

state = sys.argv[1]
port = int(sys.argv[2]) if len(sys.argv) > 2 else 0


def load(store):
    try:
        with open(state, "rb") as file:
            known = pickle.load(file)
    except FileNotFoundError:
        return
    dict.clear(store)
    dict.update(store, known)


def dump(store):
    beside = state + ".new"
    with open(beside, "wb") as file:
        pickle.dump(dict(store), file, protocol=pickle.HIGHEST_PROTOCOL)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, state)


@web.middleware
async def kept_before_it_is_answered(request, handler):
    answer = await handler(request)
    if request.method != "GET":
        dump(resources.store)
    return answer


# What a constructor puts into the store is not finished yet: only whole answers are kept.
resources.Store.dump_to_disk = lambda store: None
load(resources.store)
app.middlewares.insert(0, kept_before_it_is_answered)

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", port))
listener.listen(128)


async def ready(_app):
    print(listener.getsockname()[1], flush=True)


app.on_startup.append(ready)
web.run_app(app, sock=listener, print=None)
