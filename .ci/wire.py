#!/usr/bin/env python3
"""Runs the vectors of tests/vectors/wire with other libraries, from the manual's definitions: the envelope of every
token, its data by the JSON Schemas, codes, words, histories and sealed cards.

usage: wire.py FOLDER TWO_SYLLABLES THREE_SYLLABLES
"""

import base64
import hashlib
import hmac
import json
import re
import sys
import unicodedata
from datetime import datetime, timezone
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jsonschema import Draft202012Validator, ValidationError
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey
from referencing import Registry, Resource

FOLDER, TWO, THREE = (Path(argument) for argument in sys.argv[1:])
WORDS = [path.read_text().split() for path in (TWO, THREE)]
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
LONGEST = {
    "challenge": 3600, "appointment": 32 * 86400, "status": 30, "step_up": 600, "payment_request": 3600,
    "receipt": 20 * 366 * 86400, "opening_key": 7320, "ground_rules": 31 * 86400,
    "history_head": 20 * 366 * 86400, "erasure": 20 * 366 * 86400, "evidence": 20 * 366 * 86400,
    "call_verdict": 30, "call_numbers": 31 * 86400, "reachable": 60, "notice": 31 * 86400, "notice_list": 86400,
    "last_contact": 30,
}  # fmt: skip
PURPOSE = {
    "open_challenge": "challenge", "open_appointment": "appointment", "check_code": "appointment",
    "open_step_up": "step_up", "answer_step_up": "step_up", "sign_step_up": "step_up", "open_status": "status", "open_ground_rules": "ground_rules",
    "open_payment": "payment_request", "open_receipt": "receipt", "open_erasure": "erasure",
    "look_up_number": "call_numbers", "open_verdict": "call_verdict", "open_reachable": "reachable",
    "learn_notices": "notice_list", "open_notice": "notice", "approve_action": "step_up",
    "approve_jointly": "step_up", "open_last_contact": "last_contact",
}  # fmt: skip
# What answers a question of the app's.
ANSWERS = ("open_status", "open_verdict", "open_reachable", "open_last_contact")
STATUS = {"expired": "stale", "not_yet_valid": "clock", "unknown_key": "unknown_key"}
# The private key of the sealing page.
OPENS = "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d"


class Refused(Exception):
    """With the name of what is wrong."""


def pae(*pieces):
    pieces = [piece.encode() if isinstance(piece, str) else piece for piece in pieces]
    le64 = lambda number: number.to_bytes(8, "little")
    return le64(len(pieces)) + b"".join(le64(len(piece)) + piece for piece in pieces)


def sha256(*pieces):
    return hashlib.sha256(pae(*pieces)).digest()


def base64url(text):
    if not re.fullmatch("[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Refused("malformed")
    read = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(read).rstrip(b"=").decode() != text:
        raise Refused("malformed")
    return read


def base32(text):
    number = 0
    for character in text:
        number = number * 32 + CROCKFORD.index(character)
    size = len(text) * 5 // 8
    return (number >> (len(text) * 5 - size * 8)).to_bytes(size, "big")


def strict(text, deepest=16):
    """Strict JSON: each member once, at most so deep, no half of a surrogate pair."""

    def once(pairs):
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("a member twice")
        return dict(pairs)

    def depth(value):
        if isinstance(value, (dict, list)):
            inner = value.values() if isinstance(value, dict) else value
            return 1 + max(map(depth, inner), default=0)
        return 0

    def number(text):
        raise ValueError(text)

    read = json.loads(text, object_pairs_hook=once, parse_constant=number)
    json.dumps(read, ensure_ascii=False).encode()
    if depth(read) > deepest:
        raise ValueError("too deep")
    return read


def seconds(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)", text):
        raise ValueError(text)
    read = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
    return int(read.replace(tzinfo=timezone.utc).timestamp())


def validators(folder):
    files = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    for schema in files:
        Draft202012Validator.check_schema(schema)
    registry = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in files)
    names = {one["$id"].removesuffix(".json"): one for one in files}
    return {name: Draft202012Validator(one, registry=registry) for name, one in names.items()}


SCHEMAS = validators(FOLDER / "schemas")


def opened(token, purpose, trusted, audience, now, leeway=30):
    """The claims of a token that verifies and whose data fits the schema."""
    if len(token.encode()) > 8192:
        raise Refused("too_long")
    parts = token.removeprefix("v4.public.").split(".")
    if not token.startswith("v4.public.") or len(parts) != 2 or not parts[1]:
        raise Refused("malformed")
    footer = base64url(parts[1])
    try:
        named = strict(footer.decode())
    except ValueError:
        raise Refused("malformed") from None
    if not isinstance(named, dict) or set(named) != {"kid"}:
        raise Refused("malformed")
    for key in trusted["keys"]:
        raw = base64url(key["key"].removeprefix("k4.public."))
        jwk = f'{{"crv":"Ed25519","kty":"OKP","x":"{key["key"].removeprefix("k4.public.")}"}}'
        kid = base64.urlsafe_b64encode(hashlib.sha256(jwk.encode()).digest()).rstrip(b"=").decode()
        if (kid, key["purpose"]) == (named["kid"], purpose) and key.get("from", 0) <= now < key.get("until", now + 1):
            break
    else:
        raise Refused("unknown_key")
    payload = base64url(parts[0])
    message, signature = payload[:-64], payload[-64:]
    signed = pae("v4.public.", message, footer, f"countersign:v1:{purpose}")
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, signed)
    except InvalidSignature:
        raise Refused("signature") from None
    try:
        claims = strict(message.decode())
        if set(claims) != {"iss", "aud", "jti", "iat", "nbf", "exp", "purpose", "data"}:
            raise ValueError("claims")
        if len(base64url(claims["jti"])) != 16 or claims["purpose"] not in {*LONGEST, "grant"}:
            raise ValueError("claims")
        issued, begins, ends = (seconds(claims[name]) for name in ("iat", "nbf", "exp"))
    except (ValueError, TypeError, Refused):
        raise Refused("claims") from None
    fits = SCHEMAS[purpose].is_valid(claims["data"])
    if claims["purpose"] != purpose:
        raise Refused("purpose")
    if not fits:
        raise Refused("claims")
    if claims["iss"] != trusted["issuer"]:
        raise Refused("issuer")
    if audience is not None and claims["aud"] != audience:
        raise Refused("audience")
    if ends <= begins or ends <= issued or ends - begins > LONGEST[purpose]:
        raise Refused("lifetime")
    if now + leeway < max(begins, issued):
        raise Refused("not_yet_valid")
    if now >= ends + leeway:
        raise Refused("expired")
    return claims


class Credential:
    """The layout of `DeviceCredential::to_bytes`."""

    def __init__(self, stored):
        stored = bytes.fromhex(stored)
        content, check = stored[:-16], stored[-16:]
        if len(stored) != 199 or hashlib.sha256(content).digest()[:16] != check:
            raise Refused("malformed")
        rest = content.removeprefix(b"countersign-device-1\n")
        self.id, self.digits, self.salt = rest[:16], rest[17], rest[18:34]
        self.keys = [rest[34 + 32 * at : 66 + 32 * at] for at in range(4)]

    def key(self, pin):
        derived = hash_secret_raw(pin.encode(), self.salt, 2, 19456, 1, 33, Type.ID)
        masked = self.keys[derived[32] & 1]
        return bytes(one ^ other for one, other in zip(masked, derived))


def code(key, question):
    message = b"OCRA-1:HOTP-SHA256-8:QH64\0" + question + bytes(96)
    mac = hmac.digest(key, message, "sha256")
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 10**8:08}"


def digits(typed):
    """Digits of any script; only the plain forms that this check needs."""
    return "".join(str(unicodedata.digit(c)) for c in typed if c.isdigit())


def transaction(asked):
    kinds = ["transfer", "payment", "new_payee", "change", "new_authenticator"]
    return pae(
        "countersign transaction v1", bytes([kinds.index(asked["kind"]) + 1]), asked["amount"].to_bytes(8, "big"),
        asked["currency"], asked["payee"], asked["reference"],
    )  # fmt: skip


# What can stand in a field of an action, by its number, and its bytes.
VALUES = {"text": str.encode, "number": lambda number: number.to_bytes(8, "big"), "digest": bytes.fromhex}


def action(asked):
    pieces = ["countersign action v1", asked["kind"]]
    for field in asked["fields"]:
        ((held, value),) = field["value"].items()
        pieces += [field["name"], bytes([list(VALUES).index(held) + 1]), VALUES[held](value)]
    return pae(*pieces)


def statement(claims, given):
    data = claims["data"]
    who, typed = b"", b""
    if data.get("who_rang"):
        # The last answer is the one that fits.
        who = bytes([1, ["customer", "enterprise", "unknown"].index(given["who_rang"][-1]) + 1])
    if data.get("number_match"):
        typed = b"\1" + digits(given["digits"]).encode()
    money = other = b""
    if "transaction" in data:
        money = b"\1" + transaction(data["transaction"])
    else:
        other = b"\1" + action(data["action"])
    key = b"\1" + base64url(data["key"]) if "key" in data else b""
    way = bytes([["inbound", "outbound"].index(data["direction"]) + 1])
    line = b"\1" + data["leg"].encode() if "leg" in data else b""
    approved = sha256(
        "countersign statement v2", claims["iss"], claims["aud"], base32(data["step_up"]), base32(data["credential"]),
        key, data["interaction"], way, data["agent_name"], money, other, who, typed, line, base64url(claims["jti"]),
    )  # fmt: skip
    if "joint" not in data:
        return approved
    joint = data["joint"]
    return sha256(
        "countersign joint statement v1", approved, base32(joint["joint"]), joint["principal"], joint["principal_name"],
        bytes([joint["needed"]]), bytes([joint["of"]]), base64url(joint["approvers"]), joint["role"],
    )  # fmt: skip


def thumbprint(jwk):
    """RFC 7638."""
    members = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("crv", "kty", "x")
    text = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def signed(claims, given):
    """What a device key or a passkey signs, and the code."""
    data = claims["data"]
    method, message, challenge, typed = data["method"], None, None, None
    ready = not data.get("number_match") or "digits" in given
    if ready and "key" in data and method == "device_key" and "key" in given:
        if thumbprint(given["key"]) == base64url(data["key"]):
            message = pae("countersign device approval v1", statement(claims, given)).hex()
    if ready and method == "passkey":
        challenge = statement(claims, given).hex()
    if "pin" in given:
        typed = code(Credential(given["credential"]).key(digits(given["pin"])), statement(claims, given))
    asks = method not in ("device_key", "passkey") or data.get("with_code", False)
    return {
        "asks_code": asks, "message_to_sign": message, "passkey_challenge": challenge, "code": typed,
    }  # fmt: skip


def approved(device, claims, given):
    """What is shown of an action or to one of several approvers, and what each key gives for it."""
    data = claims["data"]
    shown = None
    if "action" in data:
        form = device["actions"].get(data["action"]["kind"], {"fields": None})
        of_it = [(field["name"], *field["value"]) for field in data["action"]["fields"]]
        if form["fields"] is not None and of_it == [(field["name"], field["type"]) for field in form["fields"]]:
            values = [str(*field["value"].values()) for field in data["action"]["fields"]]
            lines = [[field["label"], value] for field, value in zip(form["fields"], values)]
            shown = {"headline": form["headline"], "lines": lines}
    known = "transaction" in data or shown is not None
    leg, here = data.get("leg"), given.get("on_line")
    fits = leg in (None, here) or (leg in ("number", "checked_number") and here != "in_app")
    said = given.get("who_rang", [])
    fitting = [who for who in said if who == "unknown" or (who == "customer") == (data["direction"] == "inbound")]
    if data.get("who_rang") and not fitting:
        if len(said) < 2:
            raise Refused("unanswered")
        return {"id": data["step_up"], "decline": "who_rang_differs"}
    ready = known and fits and (not data.get("number_match") or "digits" in given)
    if "pin" in given:
        for is_so, error in (
            (Credential(given["credential"]).id != base32(data["credential"]), "other_credential"),
            (not known, "unknown_action"), (not fits, "other_line"), (not ready, "no_digits"),
        ):  # fmt: skip
            if is_so:
                raise Refused(error)
    headline = {"inbound": "you_called_us", "outbound": "we_called_you"}[data["direction"]]
    if data.get("joint", {"principal": claims["aud"]})["principal"] != claims["aud"]:
        headline = "another_asks"
    gives = {"message_to_sign": None, "passkey_challenge": None, "code": None}
    gives = signed(claims, given) if ready else gives | {"asks_code": signed(claims, given)["asks_code"]}
    return gives | {
        "known": known, "action": shown, "joint": data.get("joint"), "fits_line": fits, "headline": headline,
    }  # fmt: skip


def key_answers(device, given):
    """What the customer's key answers before past contacts are told."""
    try:
        asked = strict(given["challenge"])
        if not isinstance(asked, dict) or set(asked) - {"credential", "method", "with_code", "key", "challenge"}:
            raise ValueError("members")
        key, code_too = asked.get("key"), asked.get("with_code", False)
        drawn, credential, method = base64url(asked["challenge"]), base32(asked["credential"]), asked["method"]
        methods = SCHEMAS["step_up"].schema["properties"]["method"]["enum"]
        if len(drawn) != 16 or len(credential) != 16 or method not in methods or not isinstance(code_too, bool):
            raise ValueError("challenge")
        if key is not None and len(base64url(key)) != 32:
            raise ValueError("key")
    except (ValueError, KeyError, TypeError, AttributeError, Refused):
        raise Refused("challenge") from None
    query = bytes.fromhex(given["nonce"])
    question = sha256(
        "countersign last contact v1", device["issuer"], device["customer"], credential,
        b"" if key is None else b"\1" + base64url(key), drawn, query,
    )  # fmt: skip
    message, typed = None, None
    if method == "device_key" and key is not None and "key" in given and thumbprint(given["key"]) == base64url(key):
        message = pae("countersign device approval v1", question).hex()
    if "pin" in given:
        stored = Credential(given["credential"])
        if stored.id != credential:
            raise Refused("other_credential")
        if not 4 <= len(digits(given["pin"])) <= 12:
            raise Refused("pin")
        typed = code(stored.key(digits(given["pin"])), question)
    return {
        "query": base64.urlsafe_b64encode(query).rstrip(b"=").decode(), "code": typed, "message_to_sign": message,
        "asks_code": method not in ("device_key", "passkey") or code_too,
        "passkey_challenge": question.hex() if method == "passkey" else None,
    }  # fmt: skip


def last_contact(device, claims, given, now):
    data = claims["data"]
    if base64url(data["nonce"]) != bytes.fromhex(given["nonce"]):
        raise Refused("other_question")
    span, call = data.get("reported"), data.get("last_call")
    called = "yes" if call is not None else "undetermined"
    if call is None and span is not None and seconds(claims["nbf"]) - seconds(span["until"]) <= 30:
        called = "never"

    def past(one):
        if one is None:
            return None
        times = {name: one.get(name) and seconds(one[name]) for name in ("since", "ended")}
        return {name: one.get(name) for name in ("agent_name", "purpose", "channel", "direction")} | times

    return {
        "called": called, "reported": span and [seconds(span["from"]), seconds(span["until"])],
        "last_call": past(call), "last_contact": past(data.get("last_contact")),
    }  # fmt: skip


def folded(text, fold):
    while True:
        words = "".join(" " if unicodedata.category(c) == "Zs" else c for c in text).split(" ")
        now = " ".join(word for word in words if word)
        now = unicodedata.normalize("NFKC", "".join(c.lower() for c in now) if fold else now)
        if now == text:
            return now
        text = now


def words(data):
    return " ".join(WORDS[place % 2][byte] for place, byte in enumerate(data))


# The numbers of what a history may be of, as in the manual's page on the wire.
SUBJECTS = {"callback": 1, "challenge": 2, "credential": 3, "step_up": 4, "payment": 5}


def chained(history):
    """The heads of a history whose events say what is shown of them; the CBOR is not read here."""
    kind, name = next(iter(history["subject"].items()))
    head = b"countersign v1." + bytes([SUBJECTS[kind]]) + base32(name)
    earlier = history.get("earlier")
    heads = [base32(earlier["head"]) if earlier else head]
    for event in history["events"]:
        heads.append(sha256("countersign history link v1", heads[-1], base32(event["encoded"])))
    return heads


PHONE = re.compile(r"\+[1-9][0-9]{4,14}")


def look_up(device, claims, given, now):
    number, numbers, until = given["number"], claims["data"], seconds(claims["exp"])
    if not PHONE.fullmatch(number):
        raise Refused("number")
    found = "unknown"
    if number in numbers["calls"]:
        found = "ask"
    elif number in numbers["never_calls"]:
        found = "not_legitimate" if now < until else "undetermined"
    return {"until": until, "look_up": found}


def answered(claims, given, now):
    """Until when a genuine answer to this question counts."""
    if base64url(claims["data"]["nonce"]) != bytes.fromhex(given["nonce"]):
        raise Refused("other_question")
    until = given["asked"] + seconds(claims["exp"]) - seconds(claims["nbf"])
    if not given["asked"] <= now < until:
        raise Refused("stale")
    return until


def verdict(device, claims, given, now):
    if not PHONE.fullmatch(given["number"]):
        raise Refused("number")
    if claims["data"]["number"] != given["number"]:
        raise Refused("other_question")
    answered(claims, given, now)
    return claims["data"]["verdict"]


def reachable(device, claims, given, now):
    until, skills = answered(claims, given, now), claims["data"]["skills"]
    at = given.get("shown_at", now)

    def reach(wanted):
        of_it = [one["reach"] for one in skills if all(one[name] == wanted[name] for name in wanted)]
        if not of_it or not given["asked"] <= at < until:
            return "unknown"
        if isinstance(of_it[0], str):
            return of_it[0]
        wait = of_it[0]["wait"]
        age = min(wait["age_seconds"] + at - given["asked"], 2**32 - 1)
        return {"wait": {"seconds": wait["seconds"], "free": wait["free"], "age_seconds": age}}

    digest = sha256("countersign reachable answer v1", given["token"])[:16]
    return {"until": until, "digest": crockford(digest), "reach": [reach(one) for one in given["look_for"]]}


def crockford(data):
    number, characters = int.from_bytes(data, "big") << (-len(data) * 8 % 5), []
    for _ in range(-(-len(data) * 8 // 5)):
        characters.append(CROCKFORD[number % 32])
        number //= 32
    return "".join(reversed(characters))


def remembered(text):
    """What an app has learnt of notices: of everyone's, and of its customer's own."""
    try:
        kept = strict(text)
        if not isinstance(kept, dict):
            raise ValueError("an array")
        kept = {whose: kept.get(whose) for whose in ("everyone", "own")}
        for one in kept.values():
            if one is not None:
                SCHEMAS["notice_list"].validate({"number": one["number"], "in_force": one["in_force"]})
                seconds(one["until"])
        return kept
    except (ValueError, KeyError, TypeError, ValidationError):
        raise Refused("known") from None


def learn(device, claims, given, now):
    data, known = claims["data"], remembered(given["known"])
    whose = "everyone" if data.get("for_everyone") else "own"
    if claims["aud"] != ("everyone" if whose == "everyone" else device["customer"]):
        raise Refused("audience")
    if known[whose] is not None and data["number"] < known[whose]["number"]:
        raise Refused("older")
    known[whose] = {"number": data["number"], "in_force": data["in_force"], "until": claims["exp"]}
    return {"known": json.dumps(known, separators=(",", ":"))}


def notice(device, claims, given, now):
    data, known, id = claims["data"], remembered(given["known"]), base64url(claims["jti"])
    if "found_on" in given:
        channel, _, handle = given["found_on"].partition(":")
        handles = [one["handle"] for one in data.get("handles", []) if one["channel"] == channel]
        # ASCII letters of either case alike, and no others.
        lower = lambda text: re.sub("[A-Z]", lambda letter: letter[0].lower(), text)
        fits = lower(handle) in map(lower, handles) if handle else not handles
        if channel not in data.get("channels", []) or not fits:
            raise Refused("found_elsewhere")
    found = {"result": "for_someone", "about": data["headline"], "number": str(data["number"])}
    audience = "everyone" if data.get("for_everyone") else device["customer"]
    if data.get("pseudonymous"):
        if "pseudonym" not in device:
            return found
        audience = crockford(sha256("countersign audience v1", base32(device["pseudonym"]), id)[:16])
    if claims["aud"] != audience:
        raise Refused("audience")
    found |= {"result": "for_you", "id": crockford(id), "standing": "not_confirmed", "until": seconds(claims["exp"])}
    learnt = known["everyone" if data.get("for_everyone") else "own"]
    if learnt is not None and data["number"] <= learnt["number"]:
        if crockford(id) not in learnt["in_force"]:
            raise Refused("withdrawn")
        if now < seconds(learnt["until"]):
            found["standing"] = "in_force"
    return found


CONTACT = {
    "look_up_number": look_up, "open_verdict": verdict, "open_reachable": reachable, "learn_notices": learn,
    "open_notice": notice, "open_last_contact": last_contact,
}  # fmt: skip


def check(op, device, given, now, name, expect):
    """Compares what can be with what is expected; returns whether anything was."""
    error = expect.get("error") if isinstance(expect, dict) else None
    if op in PURPOSE:
        trusted = given["vault"] if op == "open_receipt" else device
        if op == "open_payment" and "vault" not in device:
            return False
        audience = {
            "open_challenge": None, "open_notice": None, "learn_notices": None,
            "open_ground_rules": "everyone", "look_up_number": "everyone",
        }.get(op, given.get("customer", device["customer"]))  # fmt: skip
        token = given["list"] if op == "learn_notices" else given["token"]
        claims = None
        try:
            claims = opened(token, PURPOSE[op], trusted, audience, given.get("opened_at", now))
        except Refused as refused:
            found = str(refused)
            if op in ANSWERS:
                found = STATUS.get(found, "not_genuine")
            assert found == error, (op, name, found, error)
            return True
        # What stands in a text, an id or another token is not for this check to judge.
        assert error != "claims" or BEYOND.search(name), (op, name, "fits the schema")
        if op in CONTACT and error != "claims":
            try:
                found = CONTACT[op](device, claims, given, now)
            except Refused as refused:
                found = {"error": str(refused)}
            wanted = {name: expect[name] for name in found} if isinstance(expect, dict) and not error else expect
            assert found == wanted, (op, name, found)
        if op in ("open_step_up", "answer_step_up") and "code" in expect:
            credential = Credential(given["credential"])
            found = code(credential.key(digits(given["pin"])), statement(claims, given))
            assert found == expect["code"], (op, name, found)
        if op == "sign_step_up" and error is None:
            found = signed(claims, given)
            wanted = {name: expect[name] for name in found}
            assert found == wanted, (op, name, found)
        if op in ("approve_action", "approve_jointly") and error != "claims":
            try:
                found = approved(device, claims, given)
                wanted = {name: expect[name] for name in found}
                if "headline" in wanted:
                    wanted["headline"] = expect["headline"][0]
            except Refused as refused:
                found, wanted = {"error": str(refused)}, expect
            assert found == wanted, (op, name, found)
        if op == "check_code" and expect.get("result") == "genuine":
            question = sha256("countersign spoken code v1", given["token"])
            found = code(Credential(given["credential"]).keys[2], question)
            pairs = words(bytes.fromhex(found))
            heard = digits(given["heard"]) or re.sub("[- ]+", " ", given["heard"]).lower()
            assert heard in (found, pairs.lower()), (op, name)
        return True
    if op == "ask_last_contact":
        try:
            found = key_answers(device, given)
        except Refused as refused:
            found = {"error": str(refused)}
        assert found == expect, (op, name, found)
        return True
    if op == "confirm" and error is None:
        credential = Credential(given["credential"])
        found = code(credential.key(digits(given["pin"])), sha256("countersign confirm v1", credential.id))
        assert found == expect["code"], (op, name, found)
        return True
    if op == "readback_words" and error is None:
        channel = ["voice", "video", "chat", "sms", "email", "social"].index(given["channel"]) + 1
        secret = folded(folded(given["secret"], False), True)
        message = pae("countersign derived words v1", base32(given["callback"]), b"\2", bytes([channel]), secret)
        key = Credential(given["credential"]).keys[3]
        assert words(hmac.digest(key, message, "sha256")[:4]) == expect, (op, name)
        return True
    if op == "check_history" and error in (None, "rewritten", "missing"):
        then = opened(given["receipt"], "history_head", device, device["customer"], now)["data"]
        shown = strict(given["histories"])
        for history in shown:
            SCHEMAS["history"].validate(history)
            heads = chained(history)
            assert heads[-1] == base32(history["head"]), (op, name)
        of_it = [history for history in shown if history["subject"] == then["subject"]]
        assert (error == "missing") == (not of_it), (op, name)
        if error is None:
            before = of_it[0].get("earlier", {}).get("events", 0)
            assert chained(of_it[0])[then["events"] - before] == base32(then["head"]), (op, name)
        return True
    if op == "seal_card" and error is None:
        sealed = base64url(expect["sealed"])
        suite = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
        private = KEMKey.from_jwk(
            {"kty": "OKP", "crv": "X25519", "kid": "", "d": jwk_text(bytes.fromhex(OPENS)), "x": jwk_text(base32(given["key"]))}
        )
        aad = sha256("countersign sealed card v2", given["request"], bytes([given["attempt"]]))
        context = suite.create_recipient_context(sealed[18:50], private, info=b"countersign sealed card v2")
        plain = context.open(sealed[50:], aad=aad)
        assert len(sealed) == 1218 and len(plain) == 1152 and sealed[:2] == bytes([2, given["attempt"]]), (op, name)
        assert plain[1 : 1 + plain[0]].decode() == digits(given["card"]["pan"]), (op, name)
        return True
    return False


def jwk_text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


# Cases whose data a schema cannot tell from genuine data.
BEYOND = re.compile(
    "payee|of two lines|a slot (without|that ends)|handle twice|an id with a card number|a key to seal for that is weak|"
    "a key to seal for in another text|a token of another purpose for a key|a suite|no suite|"
    "under a pseudonym that is no id|exponent|spelt as money|a field twice|of 129 characters"
)


def main():
    ran = total = 0
    for path in sorted(FOLDER.glob("*.json")):
        file = json.loads(path.read_text())
        for case in file["cases"]:
            device = case["input"].get("device", file["device"])
            total += 1
            ran += check(case["op"], device, case["input"], case["now"], case["name"], case["expect"])
    print(f"{ran} of {total} cases")
    assert ran > 600


main()
