#!/usr/bin/env python3
"""Tokens both ways between the example tool and pyseto, on random inputs.

Usage: interop-token.py TOOL [COUNT]    TOOL is the built example, target/debug/examples/token
"""

import json
import random
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pyseto
from pyseto import Key

CHANNELS = ["voice", "video", "chat", "sms", "email", "social"]
ALPHABET = "abcXYZ0189-_.:@+ äßéœ中文한국🙂\"\\/<>&'%{}[]"


class Difference(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Difference(what)


def run(tool, *arguments):
    return subprocess.run([tool, *arguments], capture_output=True, text=True, encoding="utf-8")


def answer(tool, *arguments):
    done = run(tool, *arguments)
    expect(done.returncode == 0 and done.stderr == "", f"refused: {arguments[0]}: {done.stderr!r}")
    return done.stdout.rstrip("\n")


def refused(tool, *arguments):
    done = run(tool, *arguments)
    one_line = done.stderr.endswith("\n") and done.stderr.count("\n") == 1
    expect(done.returncode == 1 and done.stdout == "" and one_line, f"not refused: {arguments[0]}")


def text(random, longest):
    drawn = "".join(random.choices(ALPHABET, k=random.randrange(longest)))
    # No text has two spaces in a row.
    return "x" + re.sub(" +", " ", drawn)


def word(random):
    return "".join(c for c in text(random, 40) if c != " ")


def ours_to_them(tool, random, secret, public):
    """What the tool issues, pyseto verifies, given what `verify` prints; and signs the same."""
    customer, purpose, channel = word(random), text(random, 200), random.choice(CHANNELS)
    seconds = random.randint(60, 3600)
    token = answer(tool, "issue", f"--secret-key={secret}", f"--customer={customer}",
                   f"--purpose={purpose}", f"--channel={channel}", f"--valid-for={seconds}")
    says = json.loads(answer(tool, "verify", f"--key={public}", f"--found-on={channel}", token))
    implicit, claims = says["implicit_assertion"], says["claims"]
    their_public, their_secret = Key.from_paserk(public), Key.from_paserk(secret)

    decoded = pyseto.decode(their_public, token, implicit_assertion=implicit)
    expect(json.loads(decoded.payload) == claims, "claims")
    expect(decoded.footer == says["footer"].encode(), "footer")
    expect(claims["aud"] == customer, "customer")
    expect(claims["data"] == {"purpose": purpose, "channels": [channel]}, "data")
    # With pyseto's own checks of audience and time.
    read = pyseto.Paseto.new(leeway=0).decode(
        their_public, token, implicit_assertion=implicit, deserializer=json, aud=customer)
    expect(read.payload == claims, "payload")
    again = pyseto.encode(their_secret, decoded.payload, footer=decoded.footer,
                          implicit_assertion=implicit)
    expect(again.decode() == token, "the same input gives another token")
    try:
        pyseto.decode(their_public, token, implicit_assertion=implicit + "x")
    except pyseto.VerifyError:
        pass
    else:
        raise Difference("the implicit assertion is not signed")
    return says


def theirs_to_us(tool, random, secret, public, says):
    """What pyseto signs, the tool verifies, however the JSON is written; and broken, refuses."""
    implicit, footer = says["implicit_assertion"], json.loads(says["footer"])
    now = datetime.now(timezone.utc).replace(microsecond=0)
    start = now - timedelta(seconds=random.randint(0, 1000))
    stamp = lambda at: at.isoformat() if random.random() < 0.5 else at.strftime("%Y-%m-%dT%H:%M:%SZ")
    channels = random.sample(CHANNELS, random.randint(1, 6))
    members = {
        "iss": says["claims"]["iss"],
        "aud": word(random),
        "jti": says["claims"]["jti"],
        "iat": stamp(start),
        "nbf": stamp(start),
        "exp": stamp(now + timedelta(seconds=random.randint(60, 2000))),
        "purpose": "challenge",
        "data": {"purpose": text(random, 200), "channels": channels},
    }
    claims = dict(random.sample(sorted(members.items()), len(members)))
    written = {"ensure_ascii": random.random() < 0.5, "indent": random.choice([None, 1])}
    payload = json.dumps(claims, **written).encode()
    foot = json.dumps(footer, **written).encode()
    key = Key.from_paserk(secret)
    token = pyseto.encode(key, payload, footer=foot, implicit_assertion=implicit).decode()

    found = random.choice(channels)
    read = json.loads(answer(tool, "verify", f"--key={public}", f"--found-on={found}", token))
    expect(read["claims"] == claims, "claims")
    expect(read["footer"].encode() == foot, "footer")

    at = random.randrange(len(token))
    other = random.choice([c for c in "ABCabc019-_." if c != token[at]])
    refused(tool, "verify", f"--key={public}", token[:at] + other + token[at + 1:])
    for wrong in ["", implicit.replace("challenge", "grant"), implicit.replace("v1", "v2")]:
        token = pyseto.encode(key, payload, footer=foot, implicit_assertion=wrong).decode()
        refused(tool, "verify", f"--key={public}", token)
    dropped = random.choice(list(claims))
    spoilt = random.choice([
        {**claims, "sub": "x"},
        {**claims, "purpose": "grant"},
        {**claims, "iss": "other.example"},
        {**claims, "exp": stamp(now - timedelta(seconds=31))},
        {**claims, "nbf": stamp(now + timedelta(seconds=40))},
        {**claims, "exp": stamp(start + timedelta(seconds=3601))},
        {name: value for name, value in claims.items() if name != dropped},
    ])
    token = pyseto.encode(key, json.dumps(spoilt).encode(), footer=foot,
                          implicit_assertion=implicit).decode()
    refused(tool, "verify", f"--key={public}", token)


def main():
    tool, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 300
    seed = random.SystemRandom().randrange(2**32)
    source = random.Random(seed)
    for done in range(count):
        try:
            secret, public = answer(tool, "new-key").split("\n")
            expect(Key.from_paserk(public).to_paserk() == public, "public key")
            expect(Key.from_paserk(secret).to_paserk() == secret, "secret key")
            says = ours_to_them(tool, source, secret, public)
            theirs_to_us(tool, source, secret, public, says)
        except (Difference, pyseto.PysetoError, ValueError) as error:
            print(f"interop-token: input {done} of seed {seed}: {error!r}", file=sys.stderr)
            return 1
    print(f"interop-token: {count} random inputs agree with pyseto {pyseto.__version__}, both ways")
    return 0


if __name__ == "__main__":
    sys.exit(main())
