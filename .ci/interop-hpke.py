#!/usr/bin/env python3
"""Sealed cards both ways between the example tool and pyhpke, on random cards.

Usage: interop-hpke.py TOOL [COUNT]    TOOL is the built example, target/debug/examples/seal

What is built here follows the manual's page on sealed cards, byte by byte.
"""

import base64
import hashlib
import json
import random
import subprocess
import sys

from pyhpke import AEADId, CipherSuite, KDFId, KEMId

SUITE = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
INFO = b"countersign sealed card v2"
LENGTH = 1152
SCHEMES = [("4", 16, 3), ("4", 13, 3), ("2221", 16, 3), ("37", 15, 4), ("6011", 19, 3),
           ("36", 14, 3), ("3528", 16, 3), ("62", 19, 3), ("6304", 12, 3)]

WALLETS = [None, "apple_pay", "google_pay", "samsung_pay", "click_to_pay", "network_token", "other"]
AGREED = [None, "customer_initiated", "recurring", "instalment", "unscheduled"]


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
    expect(done.returncode == 1 and done.stdout == "", f"not refused: {arguments[0]}")


def text_of(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def bytes_of(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def pae(*pieces):
    encoded = len(pieces).to_bytes(8, "little")
    return encoded + b"".join(len(piece).to_bytes(8, "little") + piece for piece in pieces)


def key_id(public):
    return hashlib.sha256(pae(b"countersign opening key v1", public)).digest()[:16]


def field(text, size):
    data = text.encode()
    return bytes([len(data)]) + data.ljust(size, b"\0")


def bound_to(request, attempt):
    return hashlib.sha256(pae(INFO, request.encode(), bytes([attempt]))).digest()


def plaintext(card):
    year, month = card["expiry"].split("-")
    encoded = field(card["pan"], 19) + bytes([int(month)]) + int(year).to_bytes(2, "big")
    if "cryptogram" in card:
        encoded += b"\2" + field(card["cryptogram"], 56)
        encoded += card.get("eci", "").encode().ljust(2, b"\0") + bytes([WALLETS.index(card["wallet"])])
    elif "code" in card:
        encoded += b"\1" + field(card["code"], 56) + bytes(3)
    else:
        encoded += bytes(1 + 57 + 3)
    encoded += field(card["name"], 180) + bytes([card.get("chosen", 0), AGREED.index(card.get("keep_for"))])
    encoded += card.get("country", "").encode().ljust(2, b"\0")
    encoded += field(card.get("region", ""), 3) + field(card.get("postcode", ""), 12)
    encoded += field(card.get("city", ""), 200)
    for line in (card.get("line", []) + [""] * 3)[:3]:
        encoded += field(line, 200)
    return encoded.ljust(LENGTH, b"\0")


def with_check_digit(digits):
    for last in "0123456789":
        number = digits + last
        doubled = [int(c) * (2 if at % 2 else 1) for at, c in enumerate(reversed(number))]
        if sum(n // 10 + n % 10 for n in doubled) % 10 == 0:
            return number


def draw(source):
    prefix, length, code = source.choice(SCHEMES)
    digits = lambda count: "".join(source.choices("0123456789", k=count))

    def words(most):
        text = "".join(source.choices("abcXYZ éü山𝕄'-.", k=source.randrange(1, most - 1)))
        return " ".join(f"{text}x".split())

    card = {
        "pan": with_check_digit(prefix + digits(length - 1 - len(prefix))),
        "expiry": f"{source.randint(2000, 2099)}-{source.randint(1, 12):02}",
        "name": words(45),
    }
    if source.random() < 0.5:
        card["code"] = digits(code)
    elif prefix != "6304" or source.random() < 0.5:
        value = source.randbytes(source.randrange(12, 43))
        card["cryptogram"] = base64.b64encode(value).decode()
        card["wallet"] = source.choice(WALLETS[1:])
        if source.random() < 0.5:
            card["eci"] = digits(2)
    if prefix == "4" and source.random() < 0.5:
        card["chosen"] = 1
    if source.random() < 0.5:
        card["keep_for"] = source.choice(AGREED[1:])
    if source.random() < 0.7:
        card["country"] = source.choice(["GB", "US", "JP", "ZW"])
        card["line"] = [words(50) for _ in range(source.randrange(0, 4))]
        for name, part in [("region", "CA"), ("postcode", "12345-678"), ("city", words(50))]:
            if source.random() < 0.5:
                card[name] = part
    return card


def options(card):
    names = ("pan", "code", "expiry", "name", "cryptogram", "wallet", "eci", "keep_for", "country",
             "region", "postcode", "city")
    typed = [f"--{name.replace('_', '-')}={card[name]}" for name in names if name in card]
    typed += [f"--line={line}" for line in card.get("line", [])]
    return typed + (["--brand=visa"] if "chosen" in card else [])


def seal(public, card, request, attempt, info=INFO, encoded=None, named=None):
    enc, context = SUITE.create_sender_context(SUITE.kem.deserialize_public_key(public), info)
    sealed = context.seal(encoded or plaintext(card), bound_to(request, attempt))
    return bytes([2, named or attempt]) + key_id(public) + enc + sealed


def compare(tool, source):
    private, public = (bytes.fromhex(key) for key in answer(tool, "new-key").split("\n"))
    card, request = draw(source), f"v4.public.{source.getrandbits(200):x}"
    attempt = source.randint(1, 255)

    # The tool seals, pyhpke opens.
    target = [f"--key={public.hex()}", f"--request={request}", f"--attempt={attempt}"]
    sealed = answer(tool, "seal", *target, *options(card))
    data = bytes_of(sealed)
    expect(len(data) == 1218 and text_of(data) == sealed, "length")
    expect(data[:18] == bytes([2, attempt]) + key_id(public), "format, attempt and key id")
    recipient = SUITE.kem.deserialize_private_key(private)
    context = SUITE.create_recipient_context(data[18:50], recipient, INFO)
    opened = context.open(data[50:], bound_to(request, attempt))
    expect(opened == plaintext(card), "plaintext")

    # pyhpke seals, the tool opens.
    opening = ["open", f"--private-key={private.hex()}", f"--request={request}"]
    data = seal(public, card, request, attempt)
    read = json.loads(answer(tool, *opening, text_of(data)))
    expect({name: read[name] for name in card if name != "chosen"}
           == {name: card[name] for name in card if name != "chosen"}, "card")
    expect(read["attempt"] == attempt, "attempt")

    # And refuses what is not quite that.
    at = source.randrange(len(data))
    flipped = data[:at] + bytes([data[at] ^ 1 << source.randrange(8)]) + data[at + 1:]
    unpadded = plaintext(card)[:1090]
    dirty = plaintext(card)[:-1] + b"\x01"
    other = attempt % 255 + 1
    for spoilt in [
        flipped,
        data[:-1],
        seal(public, card, request + "x", attempt),
        seal(public, card, request, attempt, named=other),
        seal(public, card, request, attempt, info=INFO + b"1"),
        seal(public, card, request, attempt, encoded=unpadded),
        seal(public, card, request, attempt, encoded=dirty),
        seal(public, {**card, "pan": card["pan"][::-1][1:] + "x"}, request, attempt),
    ]:
        refused(tool, *opening, text_of(spoilt))


def main():
    tool, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = random.SystemRandom().randrange(2**32)
    source = random.Random(seed)
    for done in range(count):
        try:
            compare(tool, source)
        except Difference as error:
            print(f"interop-hpke: input {done} of seed {seed}: {error!r}", file=sys.stderr)
            return 1
    print(f"interop-hpke: {count} random cards agree with pyhpke, both ways")
    return 0


if __name__ == "__main__":
    sys.exit(main())
