"""Compares the `otp` example with oathtool, pyotp and the PyPI package oath, on random input.

    python3 .ci/interop-otp.py target/debug/examples/otp

What one side computes the other must compute, and where the other side verifies, it must accept ours
and refuse a changed one. Prints how many comparisons there were; ends with status 1 at the first
difference.
"""

import base64
import hashlib
import random
import subprocess
import sys

import oath
import pyotp

OTP = sys.argv[1]
HASHES = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}
compared = 0


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0 or done.stderr:
        sys.exit(f"{command}: status {done.returncode}, {done.stderr.strip()}")
    return done.stdout.removesuffix("\n")


def same(ours, theirs, what):
    global compared
    compared += 1
    if ours != theirs:
        sys.exit(f"{what}: we say {ours!r}, they say {theirs!r}")


def changed(code):
    at = random.randrange(len(code))
    other = random.choice([digit for digit in "0123456789" if digit != code[at]])
    return code[:at] + other + code[at + 1 :]


def key():
    return random.randbytes(random.randint(16, 128))


def key_option(secret):
    if random.random() < 0.5:
        return ["--key", secret.hex()]
    return ["--base32", base64.b32encode(secret).decode().rstrip("=")]


def hotp():
    secret, counter = key(), random.getrandbits(random.randint(1, 62))
    digits = random.choice([6, 7, 8])
    ours = run(OTP, "hotp", *key_option(secret), "--counter", str(counter), "--digits", str(digits))
    tool = ["oathtool", "--hotp", "-d", str(digits), "-c", str(counter), secret.hex()]
    same(ours, run(*tool), tool)
    # oathtool verifying ours prints how far into its window it found it. (With fewer digits another
    # code in the window would be the same once in a few thousand runs of this.)
    if digits == 8:
        ahead = random.randint(0, min(9, counter))
        tool = ["oathtool", "--hotp", "-d", "8", "-w", "10", "-c", str(counter - ahead)]
        same(str(ahead), run(*tool, secret.hex(), ours), tool)
    for name, function in HASHES.items():
        ours = run(OTP, "hotp", *key_option(secret), "--counter", str(counter),
                   "--digits", str(digits), "--algorithm", name)
        py = pyotp.HOTP(base64.b32encode(secret).decode(), digits=digits, digest=function)
        same(ours, py.at(counter), f"pyotp {name} {secret.hex()} {counter}")
        same(True, py.verify(ours, counter), "pyotp accepts ours")
        same(False, py.verify(changed(ours), counter), "pyotp refuses another")
        theirs = oath.hotp(secret.hex(), counter, format=f"dec{digits}", hash=function)
        same(ours, theirs, f"oath {name} {secret.hex()} {counter}")
        if digits != 7:
            accepted = oath.accept_hotp(
                secret.hex(), ours, counter, format=f"dec{digits}", hash=function
            )
            same((True, counter + 1), accepted, "oath accepts ours")


def totp():
    secret, time = key(), random.getrandbits(random.randint(20, 36))
    step, digits = random.choice([1, 15, 30, 45, 60, 90]), random.choice([6, 7, 8])
    for name, function in HASHES.items():
        ours = run(OTP, "totp", *key_option(secret), "--time", str(time), "--step", str(step),
                   "--digits", str(digits), "--algorithm", name)
        tool = ["oathtool", f"--totp={name}", "-d", str(digits), "-s", f"{step}s",
                "--now", f"@{time}", secret.hex()]
        same(ours, run(*tool), tool)
        same("0", run(*tool, ours), "oathtool accepts ours")
        py = pyotp.TOTP(base64.b32encode(secret).decode(), digits=digits, digest=function,
                        interval=step)
        same(ours, py.generate_otp(time // step), f"pyotp {name} {secret.hex()} {time}")
        theirs = oath.totp(secret.hex(), format=f"dec{digits}", period=step, t=time, hash=function)
        same(ours, theirs, f"oath {name} {secret.hex()} {time}")
        accepted = oath.accept_totp(secret.hex(), ours, format=f"dec{digits}", period=step, t=time,
                                    hash=function, forward_drift=0, backward_drift=0)
        same((True, 0), accepted, "oath accepts ours")


CHARACTERS = {"A": "0123456789ABCXYZabcxyz", "N": "0123456789", "H": "0123456789abcdefABCDEF"}


def challenge(kind, length):
    return "".join(random.choices(CHARACTERS[kind], k=length))


def suite(kind, length, server=False):
    """Without -0, for which oath prints the truncated number and not the HMAC."""
    text = f"OCRA-1:HOTP-SHA{random.choice([1, 256, 512])}-{random.randint(4, 10)}:"
    inputs, options = {}, []
    if random.random() < 0.5:
        text += "C-"
        inputs["C"] = random.getrandbits(random.randint(1, 63))
        options += ["--counter", str(inputs["C"])]
    text += f"Q{kind}{length:02}"
    if random.random() < 0.5 and not server:
        name = random.choice(["SHA1", "SHA256", "SHA512"])
        text += f"-P{name}"
        pin = "".join(random.choices("0123456789", k=random.randint(4, 12)))
        hashed = HASHES[name.lower()](pin.encode()).digest()
        # Not as P_digest: oath asks hashlib's functions for a length that they don't have.
        inputs["P"] = pin
        options += random.choice([["--pin", pin], ["--password-hash", hashed.hex()]])
    if random.random() < 0.5:
        session = random.randbytes(random.choice([1, 64, 128, 256, 512]))
        text += f"-S{len(session):03}"
        inputs["S"] = session
        options += ["--session", session.hex()]
    if random.random() < 0.5:
        unit, most = random.choice([("S", 59), ("M", 59), ("H", 48)])
        text += f"-T{random.randint(1, most)}{unit}"
        inputs["T_precomputed"] = random.getrandbits(random.randint(1, 40))
        options += ["--time-steps", str(inputs["T_precomputed"])]
    return text, inputs, options


def ocra():
    secret, kind, length = key(), random.choice("ANH"), random.randint(4, 64)
    text, inputs, options = suite(kind, length)
    # oath reads whole bytes only.
    size = random.randint(1, length // 2) * 2 if kind == "H" else random.randint(1, length)
    question = challenge(kind, size)
    ours = run(OTP, "ocra", "--suite", text, *key_option(secret), "--question", question, *options)
    client = oath.OCRAChallengeResponseClient(secret, text)
    same(ours, client.compute_response(question, **inputs), f"{text} {secret.hex()} {question}")
    # Their server takes ours, to a challenge of its own.
    server = oath.OCRAChallengeResponseServer(secret, text)
    question = server.compute_challenge()
    if kind == "H" and len(question) % 2:
        return
    ours = run(OTP, "ocra", "--suite", text, *key_option(secret), "--question", question, *options)
    same(False, server.verify_response(changed(ours), **inputs), "oath's server refuses another")
    same(True, server.verify_response(ours, **inputs), "oath's server accepts ours")


def mutual():
    secret, kind, length = key(), random.choice("ANH"), random.randint(2, 32) * 2
    text, inputs, options = suite(kind, length)
    server_text, server_inputs, server_options = suite(kind, length, server=True)
    from_client, from_server = challenge(kind, length), challenge(kind, length)

    client = oath.OCRAMutualChallengeResponseClient(secret, text, server_text)
    client.compute_client_challenge(from_client)
    server = oath.OCRAMutualChallengeResponseServer(secret, server_text, text)
    theirs, _ = server.compute_server_response(from_client, Qs=from_server, **server_inputs)
    ours = run(OTP, "ocra", "--suite", server_text, *key_option(secret),
               "--question", from_client + from_server, *server_options)
    same(ours, theirs, f"server {server_text} {secret.hex()}")
    same(True, client.verify_server_response(ours, from_server, **server_inputs),
         "oath's client accepts our server")
    ours = run(OTP, "ocra", "--suite", text, *key_option(secret),
               "--question", from_server + from_client, *options)
    same(ours, client.compute_client_response(**inputs), f"client {text} {secret.hex()}")
    same(True, server.verify_client_response(ours, **inputs), "oath's server accepts our client")


seed = random.SystemRandom().getrandbits(64)
random.seed(seed)
print(f"seed {seed}")
for compare, times in [(hotp, 100), (totp, 100), (ocra, 300), (mutual, 200)]:
    before = compared
    for _ in range(times):
        compare()
    print(f"{compare.__name__}: {compared - before} comparisons")
print(f"otp: {compared} comparisons with oathtool, pyotp and oath, no difference")
