// The worked example of the manual's wire page, number by number.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as countersign from "../dist/index.js";

const wire = JSON.parse(readFileSync(new URL("../../../tests/vectors/wire.json", import.meta.url)));
const payment = JSON.parse(readFileSync(new URL("../../../tests/vectors/payment.json", import.meta.url)));
const at = (text) => Date.parse(text) / 1000;
const SEED = "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ";
const JWK = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };

async function device() {
  const key = await countersign.PublicKey.fromJwk(JWK);
  assert.equal(key.kid, wire.kid);
  const keys = new countersign.TrustedKeys("bank.example");
  for (const purpose of ["challenge", "appointment", "step_up"]) keys.trust(key, purpose);
  return new countersign.Device({ keys, customer: "alice", pseudonym: wire.pseudonym });
}

test("the worked example of the wire page", async () => {
  const app = await device();
  const credential = await countersign.DeviceCredential.enrol({
    credential: wire.credential,
    seed: SEED,
    pin: "2468",
    duress: "1357",
  });
  assert.equal(await credential.confirm("2468"), wire.confirm_code);

  const found = { channel: "sms", handle: "bank" };
  const challenge = await app.openChallenge(wire.challenge_token, found, at("2026-01-30T08:56:00Z"));
  assert.equal(challenge.result, "for_you");
  await assert.rejects(
    app.openChallenge(wire.challenge_token, { channel: "sms" }, at("2026-01-30T08:56:00Z")),
    countersign.FoundElsewhere,
  );

  const now = at("2026-01-31T14:06:00Z");
  const appointment = await app.openAppointment(wire.appointment_token, now);
  assert.deepEqual(appointment.headline, { id: "we_call_you", text: "We call you." });
  for (const heard of ["3211 8188", "checkup Babylon minnow maritime"]) {
    const attempts = new countersign.CodeAttempts();
    assert.deepEqual(await appointment.check(credential, heard, attempts, now), { result: "genuine" });
    assert.deepEqual(await appointment.check(credential, heard, attempts, now), { result: "hang_up_and_report" });
    const kept = countersign.CodeAttempts.fromBytes(attempts.toBytes());
    assert.equal(kept.wasGenuine(appointment.id), true);
  }

  const stepUp = (await app.openStepUp(wire.step_up_token, now)).withoutAnswer();
  assert.equal(await stepUp.approve(credential, "2468"), wire.step_up_code);
  assert.notEqual(await stepUp.approve(credential, "1357"), wire.step_up_code);
  const again = await countersign.DeviceCredential.fromBytes(await credential.toBytes());
  assert.equal(await stepUp.approve(again, "2468"), wire.step_up_code);

  const words = await countersign.readbackWords(credential, wire.callback, "voice", "Blue  Kettle");
  assert.equal(words, wire.derived_words);
});

test("a payment request, and a card that is sealed for it", async () => {
  const bank = await countersign.PublicKey.parse("k4.public.11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  const vault = await countersign.PublicKey.parse("k4.public.PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw");
  const keys = new countersign.TrustedKeys("bank.example").trust(bank, "payment_request");
  const vaultKeys = new countersign.TrustedKeys("vault.bank.example").trust(vault, "opening_key");
  const app = new countersign.Device({ keys, vaultKeys, customer: "alice" });
  const shown = await app.openPayment(payment.request_token, at("2026-01-31T14:06:00Z"));
  assert.equal(shown.headline.text, "You called us.");
  const card = countersign.Card.of({ pan: "4242 4242 4242 4242", expiry: "12/34", code: "123", cardholder: "Maria Jones" });
  assert.equal((await shown.seal(card)).length, 1624);
  assert.deepEqual([card.brands, card.lastFour, JSON.stringify(card)], [["visa"], "4242", '"[REDACTED]"']);
});
