// Whether agents can be reached: an answer counts for its question and its seconds, and then there is no number.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";

import { Device, PublicKey, ReachQuestion, TrustedKeys } from "../dist/index.js";
import { base64url, pae, utf8 } from "../dist/bytes.js";

const T = 1_800_000_000;
const at = (seconds) => new Date(seconds * 1000).toISOString().replace(".000", "");
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const key = await PublicKey.parse(`k4.public.${publicKey.export({ format: "jwk" }).x}`);

function token(skills, { nonce, purpose = "reachable", audience = "alice" }) {
  const claims = {
    iss: "bank.example", aud: audience, jti: base64url.encode(new Uint8Array(16).fill(7)),
    iat: at(T), nbf: at(T), exp: at(T + 30), purpose, data: { nonce, skills },
  };
  const [header, message] = ["v4.public.", utf8(JSON.stringify(claims))];
  const footer = utf8(JSON.stringify({ kid: key.kid }));
  const signed = sign(null, pae(header, message, footer, `countersign:v1:${purpose}`), privateKey);
  return `${header}${base64url.encode(Buffer.concat([message, signed]))}.${base64url.encode(footer)}`;
}

const keys = new TrustedKeys("bank.example").trust(key, "reachable").trust(key, "status");
const device = new Device({ keys, customer: "alice", leeway: 0 });
const wait = { wait: { seconds: 240, free: false, age_seconds: 12 } };
const skills = [
  { skill: "cards", channel: "voice", reach: wait },
  { skill: "mortgages", channel: "voice", reach: "closed" },
  { skill: "welsh", channel: "chat", reach: "open" },
];

test("an answer is told while it counts, and grows older", async () => {
  const question = new ReachQuestion(T);
  const shown = await device.openReachable(token(skills, question), question, T);
  assert.deepEqual(shown.reach("cards", "voice", T + 29), { seconds: 240, free: false, ageSeconds: 41 });
  assert.equal(shown.reach("cards", "voice", T + 30), "unknown");
  assert.equal(shown.reach("cards", "voice", T - 1), "unknown");
  assert.equal(shown.reach("cards", "chat", T), "unknown");
  assert.equal(shown.reach("mortgages", "voice", T), "closed");
  assert.equal(shown.reach("welsh", "chat", T), "open");
  assert.equal(shown.until, T + 30);
  assert.match(shown.digest, /^[0-9a-z]{26}$/);
});

test("no other answer is told", async () => {
  const question = new ReachQuestion(T);
  const refused = async (text, kind, now = T) =>
    assert.rejects(device.openReachable(text, question, now), (error) => error.name === "NotVerified" && error.kind === kind);
  await refused(token(skills, new ReachQuestion(T)), "other_question");
  await refused(token(skills, { nonce: question.nonce, audience: "mallory" }), "not_genuine");
  await refused(token(skills, { nonce: question.nonce, purpose: "status" }), "not_genuine");
  await refused(token(skills, question), "stale", T + 30);
  for (const reach of ["soon", { closed: null }, { wait: {} }, { wait: { ...wait.wait, seconds: -1 } }, { wait: { ...wait.wait, free: 1 } }]) {
    await refused(token([{ skill: "cards", channel: "voice", reach }], question), "not_genuine");
  }
});
