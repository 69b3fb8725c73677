#!/usr/bin/env python3
"""Messages of ISO 8583:1987 between the example and pyiso8583: random ones both ways, and a host that a vault pays at.

Usage: interop-iso8583.py TOOL [COUNT]    TOOL is the built example, target/debug/examples/iso8583

The host below knows the example's messages only through pyiso8583. What it is asked for twice under the same fields
11, 32 and 37 it answers as before, and does once.
"""

import random
import socket
import string
import subprocess
import sys
import threading

import iso8583
from iso8583.specs import default_ascii

SYMBOLS = string.digits + string.ascii_letters + " .,-/*'+&"
# Fields that a message about a payment always has, of requests, advices and reversals.
ALWAYS = {"t", "p", "3", "4", "7", "11", "12", "13", "18", "22", "25", "32", "37", "41", "42", "43", "49"}
MORE = {
    "0100": {"1", "2", "14", "48", "123"},
    # An authorisation that is raised: it names its original and no card.
    "0100 again": {"1", "90"},
    "0120": {"2", "14", "38", "39"},
    "0200": {"1", "90"},
    "0220": {"1", "38", "90"},
    "0400": {"1", "39", "90", "95"},
    "0420": {"1", "39", "90", "95"},
}


# What the host holds, has taken and has given back in the end, of each payment that it approved.
TOTALS = sorted([(4200, 4000, 1000), (0, 0, 0), (4700, 4500, 0), (10001, 9801, 0), (0, 0, 0), (10077, 0, 0), (10078, 0, 0)])


class Difference(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Difference(what)


# Random messages, both ways.

def random_field(rng, name):
    form = default_ascii[name]
    length = form["max_len"] if form["len_type"] == 0 else rng.randint(1, min(form["max_len"], 60))
    return "".join(rng.choice(SYMBOLS) for _ in range(length))


def random_message(rng):
    names = rng.sample(range(2, 129), rng.randint(1, 40))
    if rng.random() < 0.3:
        names = [name for name in names if name <= 64] or [3]
    message = {str(name): random_field(rng, str(name)) for name in names}
    message["t"] = "".join(rng.choice(string.digits) for _ in range(4))
    return message


def spoiled(rng, raw):
    """The same with one byte changed, lost, or too many."""
    at = rng.randrange(len(raw))
    kind = rng.randrange(3)
    if kind == 0:
        return raw[:at] + rng.choice(SYMBOLS) + raw[at + 1:]
    return raw[:at] + raw[at + 1:] if kind == 1 else raw + rng.choice(SYMBOLS)


def same(text, again):
    """Whether the example wrote again what pyiso8583 reads in `text`, or refused what that refuses."""
    try:
        read, _ = iso8583.decode(text.encode(), default_ascii)
    except iso8583.DecodeError:
        return again == "malformed"
    if again == "malformed":
        # Stricter than the peer, which reads small letters in bitmaps and letters in types, and lets a second bitmap
        # say nothing.
        head = text[4:36] if read["p"][0] in "89ABCDEFabcdef" else text[4:20]
        return not read["t"].isdigit() or head != head.upper() or read.get("1", "1").strip("0") == ""
    return again == text


def both_ways(tool, count):
    rng = random.Random(8583)
    sent = []
    for _ in range(count):
        raw, _ = iso8583.encode(random_message(rng), default_ascii)
        text = raw.decode()
        sent += [text, spoiled(rng, text)]
    done = subprocess.run([tool, "--check"], input="\n".join(sent) + "\n", capture_output=True, text=True)
    expect(done.returncode == 0 and done.stderr == "", f"--check: {done.stderr!r}")
    got = done.stdout.split("\n")[:-1]
    expect(len(got) == len(sent), f"{len(got)} answers to {len(sent)} messages")
    for text, again in zip(sent, got):
        expect(same(text, again), f"{text!r}\n{again!r}")
    expect(all(again == text for text, again in zip(sent[::2], got[::2])), "a genuine message was refused")
    refused = sum(again == "malformed" for again in got[1::2])
    expect(refused > count // 4, "spoiled messages pass")
    print(f"messages: {count} of pyiso8583's read and written again; {refused} of {count} spoiled ones refused")


# The host.

class Host:
    """Authorises, and forgets nothing. The last two digits of an amount of 100.00 or more are the response code."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.answers = {}
        self.payments = {}
        self.seen = []
        self.repeated = 0
        self.lost = {}
        self.failed = None
        threading.Thread(target=self.serve, daemon=True).start()

    def port(self):
        return self.listener.getsockname()[1]

    def serve(self):
        while True:
            line, _ = self.listener.accept()
            with line:
                try:
                    length = int.from_bytes(self.exactly(line, 2), "big")
                    answer = self.answer(self.exactly(line, length))
                except Exception as failed:  # Told at the end, by `payments`.
                    self.failed = self.failed or failed
                    continue
                if answer is not None:
                    line.sendall(len(answer).to_bytes(2, "big") + answer)

    @staticmethod
    def exactly(line, length):
        got = b""
        while len(got) < length:
            part = line.recv(length - len(got))
            if not part:
                raise EOFError
            got += part
        return got

    def answer(self, raw):
        asked, _ = iso8583.decode(raw, default_ascii)
        # Written again from what was read, it is the same: nothing was read wrongly.
        again, _ = iso8583.encode({k: v for k, v in asked.items() if k not in ("p", "1")}, default_ascii)
        expect(bytes(again) == raw, "what was read is written differently")
        first = asked["t"][:3] + "0"
        self.seen.append(asked)
        name = (first, asked["11"], asked["32"], asked["37"])
        if name in self.answers:
            before, answer = self.answers[name]
            expect({**asked, "t": first} == {**before, "t": first}, f"a repeat that differs: {first}")
            self.repeated += 1
        else:
            answer = self.first(first, asked)
            self.answers[name] = (asked, answer)
        # Answers that get lost on the way, by the cents of the amount: once, or for as long as it is asked.
        cents = int(asked["4"]) % 100
        if first == "0100" and cents in (77, 78):
            self.lost[name] = self.lost.get(name, 0) + 1
            if self.lost[name] <= (1 if cents == 77 else 3):
                return None
        raw, _ = iso8583.encode(answer, default_ascii)
        return bytes(raw)

    def hold(self, asked, amount):
        expect(asked["37"] not in self.payments, "charged twice")
        self.payments[asked["37"]] = {"held": amount, "taken": 0, "back": 0, "7": asked["7"], "11": asked["11"]}

    def first(self, kind, asked):
        raised = kind == "0100" and "90" in asked
        fields = ALWAYS | MORE["0100 again" if raised else kind]
        expect(set(asked) == fields, f"{kind}: {sorted(set(asked) ^ fields)}")
        expect(asked["7"][:4] == asked["13"] and asked["7"][4:] == asked["12"], "times that differ")
        keep = ("3", "4", "7", "11", "12", "13", "32", "37", "41", "42", "49")
        answer = {name: asked[name] for name in keep}
        answer["t"] = kind[:2] + str(int(kind[2]) + 1) + "0"
        answer["39"] = "00"
        amount = int(asked["4"])
        if kind == "0100" and not raised:
            expect(asked["2"].isdigit() and asked["48"] == "9203123", "no card")
            expect(asked["123"] == "SW1A 1AA 10 Downing Street   ", "no address")
            code = f"{amount % 100:02}" if amount >= 10_000 else "00"
            answer["39"] = {"77": "00", "78": "00"}.get(code, code)
            # 01: call us. What is then said by voice is told in an advice.
            if answer["39"] in ("00", "10"):
                approved = amount // 2 if code == "10" else amount
                answer["4"] = f"{approved:012}"
                answer["38"] = f"{len(self.payments):06}"
                answer["44"] = " Y       M"
                self.hold(asked, approved)
            if code == "79":
                # "Life cycle", and the advice never to try again.
                answer["48"] = "840203"
            return answer
        if kind == "0120":
            expect(asked["38"] == "VOICE1" and asked["39"] == "00", "no approval by voice")
            self.hold(asked, amount)
            return answer
        original = asked["90"]
        payment = next((of for of in self.payments.values()
                        if original == "0100" + of["11"] + of["7"] + asked["32"].zfill(11) + "0" * 11), None)
        if kind in ("0400", "0420"):
            expect(asked["95"] == "0" * 42, "a part is left")
            expect(asked["39"] in ("17", "68"), "a reversal without a reason")
        if payment is None:
            # A reversal of what never came is done; anything else has nothing to act on.
            answer["39"] = "00" if kind == "0420" else "25"
        elif raised:
            payment["held"] += amount
        elif kind == "0220":
            payment["taken"] += amount
        elif kind == "0200":
            expect(asked["3"] == "200000", "no refund")
            payment["back"] += amount
        else:
            payment["held"] = 0
        return answer


def payments(tool):
    host = Host()
    done = subprocess.run([tool, "--host", f"127.0.0.1:{host.port()}"], capture_output=True, text=True)
    if host.failed:
        raise host.failed
    sys.stdout.write(done.stdout)
    expect(done.returncode == 0, done.stderr)
    kinds = {}
    for asked in host.seen:
        kinds[asked["t"]] = kinds.get(asked["t"], 0) + 1
    expect(set(kinds) >= {"0100", "0101", "0120", "0200", "0220", "0400", "0420"}, f"only {sorted(kinds)}")
    totals = sorted((of["held"], of["taken"], of["back"]) for of in host.payments.values())
    expect(totals == TOTALS, f"the host's books: {totals}")
    expect(host.repeated >= 3, "no repeat was recognised")
    print("the host:", ", ".join(f"{count} × {kind}" for kind, count in sorted(kinds.items())),
          f"({host.repeated} repeats recognised)")


def main():
    tool = sys.argv[1]
    both_ways(tool, int(sys.argv[2]) if len(sys.argv) > 2 else 2000)
    payments(tool)


if __name__ == "__main__":
    main()
