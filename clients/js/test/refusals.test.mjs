// What a caller may give wrongly, and what an enterprise may send oddly: refused, and never read another way.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { crockford, pae } from "../dist/bytes.js";
import * as countersign from "../dist/index.js";
import { readJson } from "../dist/json.js";
import { SKIPPED, readMap } from "../dist/cbor.js";
import { readSuite } from "../dist/codes.js";
import { CREDENTIAL, device, enrolled, key, NOW, STEP_UP, token, x } from "../tools/bank.mjs";

const { PublicKey, StatusQuestion, TrustedKeys } = countersign;

const NO_TIMES = [Number.NaN, undefined, null, "2026", String(NOW), Number.POSITIVE_INFINITY, -1, 1.5, new Date(), {}];
const noTime = (error) => error instanceof RangeError && /no time/.test(error.message);

test("a time that is no whole number of seconds opens nothing", async () => {
  const stepUp = token("step_up", STEP_UP);
  const nonce = Buffer.alloc(16, 7);
  const status = token("status", { nonce: nonce.toString("base64url"), status: "not_us" });
  const question = new StatusQuestion(NOW, nonce);
  assert.equal((await device().openStatus(status, question, NOW)).status, "not_us");
  for (const now of NO_TIMES) {
    // A missing argument is this device's clock, by which these are over.
    const refused = now === undefined ? countersign.CountersignError : noTime;
    await assert.rejects(device().openStepUp(stepUp, now), refused, String(now));
    await assert.rejects(device().openStatus(status, question, now), refused, String(now));
    assert.throws(() => new StatusQuestion(now, nonce), noTime, String(now));
  }
});

test("no code is compared or counted at a time that is none", async () => {
  const slot = { from: countersign.writeTime(NOW), until: countersign.writeTime(NOW + 60) };
  const appointment = await device().openAppointment(token("appointment", {
    challenge: "r30w5gy4rq3cfj69sb5wskeesw", slot, channel: "voice", direction: "outbound", assignee: { agent: "bob" },
    agent_name: "Bob", purpose: "Your card", proof: { code: CREDENTIAL },
  }), NOW);
  const credential = await enrolled();
  const attempts = new countersign.CodeAttempts();
  for (const now of NO_TIMES) await assert.rejects(appointment.check(credential, "12345678", attempts, now), noTime);
  assert.equal(attempts.attemptsLeft(appointment.id), countersign.CODE_ATTEMPTS);
});

test("trust in a key begins and ends at times", () => {
  for (const time of NO_TIMES.filter((one) => one !== undefined)) {
    assert.throws(() => new TrustedKeys("bank.example").trust(key, "step_up", { from: time }), noTime);
    assert.throws(() => new TrustedKeys("bank.example").trust(key, "step_up", { until: time }), noTime);
    assert.throws(() => new TrustedKeys("bank.example").trust(key, "step_up").retire(key.kid, "step_up", time), noTime);
  }
});

test("a footer has its key id in one spelling", async () => {
  const [first, rest] = [key.kid.charCodeAt(0).toString(16).padStart(4, "0"), key.kid.slice(1)];
  const escaped = token("step_up", STEP_UP, { footer: `{"kid":"\\u${first}${rest}"}` });
  await assert.rejects(device().openStepUp(escaped, NOW), { kind: "malformed" });
});

test("a number that no number type holds is no JSON, wherever it stands", async () => {
  assert.equal(readJson(`1${"0".repeat(400)}`), undefined);
  assert.equal(readJson(`-1${"0".repeat(400)}`), undefined);
  assert.equal(readJson("18446744073709551616"), 18446744073709551616n);
  const huge = JSON.stringify(STEP_UP).replace(/\}$/, `,"later":1${"0".repeat(400)}}`);
  await assert.rejects(device().openStepUp(token("step_up", huge), NOW), { kind: "claims" });
});

test("suites are those of the crate", () => {
  const suite = (end) => readSuite(`OCRA-1:HOTP-SHA1-6:QN08-${end}`) !== undefined;
  for (const end of ["S001", "S064", "S500", "S512", "T1H", "T48H", "T59M", "T1S"]) assert.ok(suite(end), end);
  for (const end of ["S000", "S513", "S999", "T0H", "T49H", "T0M", "T60S"]) assert.ok(!suite(end), end);
});

test("a key of a set is no longer than a key alone may be", async () => {
  const jwk = { kty: "OKP", crv: "Ed25519", x, purposes: ["step_up"] };
  const set = (more) => countersign.readKeySet("bank.example", JSON.stringify({ keys: [{ ...jwk, ...more }] }));
  assert.equal((await set({})).trustedAt(NOW).length, 1);
  assert.equal((await set({ x5c: ["A".repeat(3000)] })).trustedAt(NOW).length, 1);
  await assert.rejects(set({ x5c: ["A".repeat(5000)] }), { kind: "not_a_key" });
});

test("what is shown of a step-up, and what a key is, cannot be changed", async () => {
  const { transaction } = (await device().openStepUp(token("step_up", STEP_UP), NOW)).withoutAnswer();
  assert.throws(() => { transaction.payee = "Mallory Ltd"; }, TypeError);
  const { bytes } = key;
  bytes[0] ^= 1;
  assert.notDeepEqual(key.bytes, bytes);
});

test("nothing at all is refused by name", async () => {
  for (const nothing of [undefined, null, 7]) {
    assert.throws(() => countersign.readPin(nothing), { name: "CredentialError", kind: "pin" });
    await assert.rejects(PublicKey.fromJwk(nothing), { name: "KeyError", kind: "not_a_key" });
    await assert.rejects(PublicKey.parse(nothing), { name: "KeyError", kind: "not_a_key" });
  }
});

test("what a reader skips is no text, whatever somebody is called", () => {
  // {0: "skipped", 1: [1]}
  const map = readMap(Uint8Array.from([0xa2, 0x00, 0x67, ...Buffer.from("skipped"), 0x01, 0x81, 0x01]));
  assert.deepEqual([map.get(0n), map.get(1n)], ["skipped", SKIPPED]);
});

test("an agent may be called skipped", async () => {
  const [agent, operation] = ["skipped", Buffer.alloc(16, 7)];
  const at = Buffer.alloc(4);
  at.writeUInt32BE(NOW);
  // Who is an agent (2: 3), and which (7).
  const encoded = Buffer.concat([
    Buffer.from([0xa7, 0, 0, 1, 0x1a]), at, Buffer.from([2, 3, 3, 1, 5, 0, 6, 0x50]), operation, Buffer.from([7, 0x67]), Buffer.from(agent),
  ]);
  const subject = "p2rv5cxmppvbfe5sqaxvsfdyqw";
  const begins = Buffer.concat([Buffer.from("countersign v1."), Buffer.from([1]), crockford.decode(subject)]);
  const head = createHash("sha256").update(pae("countersign history link v1", begins, encoded)).digest();
  const event = {
    number: 0, at: countersign.writeTime(NOW), actor: { agent }, action: "book", interaction: null, outcome: "done",
    operation: crockford.encode(operation), encoded: crockford.encode(encoded),
  };
  const history = { subject: { callback: subject }, events: [event], refusals: 0, head: crockford.encode(head) };
  const read = (one) => countersign.readHistory(JSON.stringify(one));
  await countersign.checkChain(read(history));
  const others = { ...history, events: [{ ...event, actor: { agent: "bob" } }] };
  await assert.rejects(countersign.checkChain(read(others)), { name: "HistoryError", kind: "broken" });
});
