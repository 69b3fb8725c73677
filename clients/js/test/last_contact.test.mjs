// When the enterprise last called: answered to the customer's key, and to this question alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as countersign from "../dist/index.js";
import { CREDENTIAL, device, enrolled, NOW, STEP_UP, token, x } from "../tools/bank.mjs";

const CHALLENGE = { credential: CREDENTIAL, method: "ocra", challenge: Buffer.alloc(16, 3).toString("base64url") };
const PHONE = { kty: "OKP", crv: "Ed25519", x };
const at = countersign.writeTime;
const CALL = { agent_name: "Bob", purpose: "A card payment", channel: "voice", direction: "outbound", since: at(NOW - 600), ended: at(NOW - 60) };
const span = (until) => ({ from: at(NOW - 86400), until: at(until) });

const answer = (question, data, options) => token("last_contact", { nonce: question.query, ...data }, options);
const shown = (data) => {
  const question = device().lastContactQuestion(CHALLENGE);
  return device().openLastContact(answer(question, data), question, NOW);
};

test("each question draws its own, and takes the answer to itself alone", async () => {
  const [one, other] = [device().lastContactQuestion(CHALLENGE), device().lastContactQuestion(CHALLENGE)];
  assert.notEqual(one.query, other.query);
  const told = answer(one, { last_call: CALL });
  assert.equal((await device().openLastContact(told, one, NOW)).called, "yes");
  await assert.rejects(device().openLastContact(told, other, NOW), { name: "NotVerified", kind: "other_question" });
});

test("an answer to somebody else, of another purpose, too old or by an unknown key is not shown", async () => {
  const question = device().lastContactQuestion(CHALLENGE);
  const refused = (given, kind, now = NOW, app = device()) =>
    assert.rejects(app.openLastContact(given, question, now), { name: "NotVerified", kind });
  await refused(answer(question, {}, { customer: "carol" }), "not_genuine");
  await refused(token("status", { nonce: question.query, status: "not_us" }), "not_genuine");
  await refused(answer(question, {}), "stale", NOW + 60);
  await refused(answer(question, {}), "clock", NOW - 31);
  await refused(answer(question, {}, { seconds: 31 }), "not_genuine");
  await refused(answer(question, {}), "unknown_key", NOW, device({}, ["status"]));
});

test("a challenge is read as the enterprise writes it, and in no other way", () => {
  const read = (given) => {
    try {
      return device().lastContactQuestion(given).credential;
    } catch (error) {
      return `${error.name}: ${error.kind}`;
    }
  };
  assert.equal(read(CHALLENGE), CREDENTIAL);
  assert.equal(read(JSON.stringify(CHALLENGE)), CREDENTIAL);
  assert.equal(read({ ...CHALLENGE, key: null }), CREDENTIAL);
  const none = [
    undefined, null, 7, "", "later", [], {}, () => 1,
    { ...CHALLENGE, more: 1 }, { ...CHALLENGE, credential: "me" }, { ...CHALLENGE, method: "later" }, { ...CHALLENGE, key: "zz" },
    { ...CHALLENGE, key: Buffer.alloc(31).toString("base64url") },
    { ...CHALLENGE, with_code: null }, { ...CHALLENGE, challenge: "AAAA" }, { ...CHALLENGE, challenge: undefined },
    JSON.stringify(CHALLENGE).replace("{", '{"method":"ocra",'),
  ];
  for (const given of none) assert.equal(read(given), "CredentialError: challenge", JSON.stringify(given));
});

test("the key that is asked answers, and no other", async () => {
  const { fingerprintOf } = await import("../dist/device_key.js");
  const key = Buffer.from(await fingerprintOf(PHONE)).toString("base64url");
  const other = Buffer.alloc(32, 9).toString("base64url");
  const asked = (more) => device().lastContactQuestion({ ...CHALLENGE, ...more });
  const given = async (more) => {
    const question = asked(more);
    return [await question.messageToSign(PHONE), await question.passkeyChallenge()].map((one) => one?.length);
  };
  assert.deepEqual(await given({ method: "device_key", key }), [8 * 3 + 30 + 32, undefined]);
  assert.deepEqual(await given({ method: "device_key", key: other }), [undefined, undefined]);
  assert.deepEqual(await given({ method: "device_key" }), [undefined, undefined]);
  assert.deepEqual(await given({ method: "passkey", key }), [undefined, 32]);
  assert.deepEqual(await given({ method: "ocra", key }), [undefined, undefined]);
  assert.deepEqual(
    [{ method: "ocra" }, { method: "passkey" }, { method: "device_key" }, { method: "passkey", with_code: true }].map((more) => asked(more).asksCode),
    [true, false, false, true],
  );
  const question = asked({});
  await assert.rejects(question.answer(await enrolled("208h44rm2mb1e60s38dhr78y3w"), "2468"), { kind: "other_credential" });
  const { code, ...beside } = await question.answer(await enrolled(), "2468");
  assert.match(code, /^\d{8}$/);
  assert.deepEqual(beside, { credential: CREDENTIAL, query: question.query });
  assert.deepEqual(question.answerSigned("{}"), { ...beside, assertion: "{}" });
});

test("what answers one question answers no other, nor approves anything", async () => {
  const credential = await enrolled();
  const drawn = (byte) => Buffer.alloc(16, byte);
  const code = async (more, query = drawn(1)) =>
    (await device().lastContactQuestion({ ...CHALLENGE, ...more }, query).answer(credential, "2468")).code;
  const codes = [
    await code({}),
    await code({}, drawn(2)),
    await code({ challenge: drawn(4).toString("base64url") }),
    await code({ key: Buffer.alloc(32).toString("base64url") }),
    await (await device().openStepUp(token("step_up", STEP_UP), NOW)).withoutAnswer().approve(credential, "2468"),
  ];
  assert.equal(new Set(codes).size, codes.length);
  assert.equal(await code({}), codes[0]);
});

test("never is said only if all is known up to now", async () => {
  const called = async (data) => (await shown(data)).called;
  assert.equal(await called({ reported: span(NOW) }), "never");
  assert.equal(await called({ reported: span(NOW - 30) }), "never");
  assert.equal(await called({ reported: span(NOW - 31) }), "undetermined");
  assert.equal(await called({}), "undetermined");
  assert.equal(await called({ last_contact: { ...CALL, direction: "inbound" } }), "undetermined");
  assert.equal(await called({ last_call: CALL }), "yes");
  assert.equal(await called({ last_call: CALL, reported: span(NOW) }), "yes");
});

test("the app says when, by whom and why, or in which time never", async () => {
  const yes = await shown({ last_call: CALL, last_contact: { ...CALL, agent_name: undefined, ended: undefined } });
  assert.deepEqual(yes.headline, { id: "called", text: "This is when we last called you. It does not prove who is on your line now." });
  assert.deepEqual(yes.lastCall, { agentName: "Bob", purpose: "A card payment", channel: "voice", direction: "outbound", since: NOW - 600, ended: NOW - 60 });
  assert.deepEqual([yes.lastContact.agentName, yes.lastContact.ended, yes.reported], [undefined, undefined, undefined]);
  const never = await shown({ reported: span(NOW) });
  assert.deepEqual([never.headline.id, never.reported], ["never_called", { from: NOW - 86400, until: NOW }]);
  assert.equal((await shown({})).headline.id, "undetermined");
});

test("what is no contact is not shown", async () => {
  const none = [
    { last_call: { ...CALL, since: undefined } },
    { last_call: { ...CALL, channel: "pigeon" } },
    { last_contact: { ...CALL, direction: "sideways" } },
    { last_call: { ...CALL, agent_name: "two\nlines" } },
    { last_call: { ...CALL, ended: NOW } },
    { reported: { from: at(NOW) } },
  ];
  for (const data of none) await assert.rejects(shown(data), { name: "NotVerified", kind: "not_genuine" }, JSON.stringify(data));
});
