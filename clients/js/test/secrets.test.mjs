// What is a secret is not printed, whichever way an app's log prints it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import * as countersign from "../dist/index.js";

const SEED = "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ";

/** All the ways in which a value is printed. */
const printed = (value) => [inspect(value, { depth: 9, showHidden: true }), String(value), JSON.stringify(value)].join("\n");

test("a credential and a card print none of what they hold", async () => {
  const id = "m2gt58x4mpkafa59nantsbdenw";
  const credential = await countersign.DeviceCredential.enrol({ credential: id, seed: SEED, pin: "246813" });
  const card = countersign.Card.of({ pan: "4242424242424242", expiry: "12/34", code: "737", cardholder: "Maria Jones" });
  const spoken = "82da73662fd335b3fab53ff0bb976dd9f8f7785365aaa0a42f4a4fc661f9e11e";
  for (const text of [printed(credential), printed(card)]) {
    for (const secret of ["246813", SEED, "4242424242424242", "737", "Maria", "12/34", spoken, "130, 218, 115"]) {
      assert.ok(!text.includes(secret), `${secret} in ${text}`);
    }
  }
  assert.match(Buffer.from(await credential.toBytes()).toString("hex"), new RegExp(spoken));
});

test("no error repeats what was typed", async () => {
  const typed = "4242 4242 4242 4241";
  const tries = [
    () => countersign.readPin(typed),
    () => countersign.Card.of({ pan: typed, expiry: typed, code: typed, cardholder: typed }),
    () => countersign.Card.of({ pan: "4242424242424242", expiry: typed, code: "737", cardholder: "x" }),
    () => countersign.readSpokenCode(typed),
    () => countersign.DeviceCredential.enrol({ credential: "m2gt58x4mpkafa59nantsbdenw", seed: typed, pin: typed }),
    () => countersign.PublicKey.parse(`k4.secret.${typed}`),
    () => countersign.readKeySet("bank.example", typed),
    () => countersign.readHistories(typed),
  ];
  for (const attempt of tries) {
    await assert.rejects(
      async () => attempt(),
      (error) => error instanceof countersign.CountersignError && !printed(error).replace(/\n\s+at .*/g, "").includes(typed),
    );
  }
});
