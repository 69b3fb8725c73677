"""The acquirer that examples/acquirer is driven against: PyPI's localstripe, a stateful server that nobody here wrote.

    server.py STATE [PORT [PEM]]

It listens on 127.0.0.1 alone (on a free port, if none is given, or 0), prints the port once it is ready, and keeps what
it knows in the file STATE: written before each answer goes out, in one step, so that a kill -9 at any moment loses
nothing that was answered. With PEM, a certificate and its key, it speaks TLS on a second port, which is printed beside
the first. The stock command listens everywhere and writes one file for all, now and then in halves.
"""

import asyncio
import os
import pickle
import socket
import ssl
import sys

from aiohttp import web
from localstripe import resources
from localstripe.server import app

state = sys.argv[1]
port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
pem = sys.argv[3] if len(sys.argv) > 3 else None


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


def listener(port):
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    return made


async def serve():
    runner = web.AppRunner(app)
    await runner.setup()
    listeners = [(listener(port), None)]
    if pem:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
        listeners.append((listener(0), context))
    for made, context in listeners:
        await web.SockSite(runner, made, ssl_context=context).start()
    print(*(made.getsockname()[1] for made, _ in listeners), flush=True)
    await asyncio.Event().wait()


asyncio.run(serve())
