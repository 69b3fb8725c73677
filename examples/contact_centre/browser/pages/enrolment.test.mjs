// A credential is kept before its first code is sent: the seed is given no more once the bank has confirmed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { $, CREDENTIAL, SEED, bank, countersign } from "./page.mjs";

const stored = new Map();
globalThis.localStorage = { getItem: (name) => stored.get(name) ?? null, setItem: (name, text) => stored.set(name, text) };

const { Kept } = await import("/phone/kept.js");
const { Phone } = await import("/phone/app.js");
void $;

const given = { credential: { id: CREDENTIAL }, seed: SEED, pseudonym: "208h44rm2mb1e60s38dhr78y3w" };
const key = bank.publicKey.toString();
const state = (status) => ({
  customer: "alice", trust: { bank: { issuer: "bank.example", keys: [key] }, vault: { issuer: "vault.bank.example", keys: [key], origin: "" } },
  credentials: [{ id: CREDENTIAL, status }], calls: [], callbacks: [], challenges: [], payments: [], messages: [], chat: [], rules: [],
  pending: { step_ups: [], challenges: [], payments: [] },
});

test("an answer that is lost after the bank confirmed leaves the phone with its credential", async () => {
  stored.clear();
  const kept = await Kept.of("alice");
  const made = await kept.enrol(given, "2468");
  const code = await made.confirm("2468");
  // The answer is lost, and the app starts again.
  const again = await Kept.of("alice");
  assert.deepEqual([again.credential, again.unconfirmed.id, await again.unconfirmed.confirm("2468")], [undefined, CREDENTIAL, code]);
  const phone = new Phone();
  phone.changed = () => {};
  phone.kept = again;
  phone.device = new countersign.Device({ keys: new countersign.TrustedKeys("bank.example"), customer: "alice" });
  await phone.show(state("pending"));
  assert.equal(phone.kept.credential, undefined);
  await phone.show(state("active"));
  assert.equal(phone.kept.credential.id, CREDENTIAL);
  const later = await Kept.of("alice");
  assert.deepEqual([later.credential.id, later.unconfirmed, later.pseudonym], [CREDENTIAL, undefined, given.pseudonym]);
});
