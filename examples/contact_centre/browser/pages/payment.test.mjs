// The page around the card's frame listens to that frame alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { $ } from "./page.mjs";

let heard;
globalThis.window = { addEventListener: (name, act) => { if (name === "message") heard = act; } };
const { wirePayment } = await import("/phone/payment.js");

const VAULT = "http://127.0.0.1:2";
const handed = [];
const frame = { contentWindow: { postMessage: (...all) => handed.push(all) }, dataset: {} };
$("pay-frame").querySelector = () => frame;
const phone = {
  facts: {}, state: { trust: { vault: { origin: VAULT } }, customer: "alice" }, refresh() {},
  session: { post: async () => ({ ok: true, body: { ticket: "ticket", token: "token" } }) },
};
wirePayment(phone);

test("an outcome that another page or window tells is none", () => {
  const data = { kind: "outcome", outcome: "authorised" };
  heard({ origin: "http://mallory.example", source: frame.contentWindow, data });
  heard({ origin: VAULT, source: {}, data });
  heard({ origin: VAULT, source: null, data });
  assert.equal(phone.facts.paid, undefined);
  heard({ origin: VAULT, source: frame.contentWindow, data });
  assert.equal(phone.facts.paid, "authorised");
});

test("nothing but heights and outcomes is taken", () => {
  for (const data of [undefined, null, 7, "outcome", { kind: "height", height: "9".repeat(20) }]) {
    heard({ origin: VAULT, source: frame.contentWindow, data });
  }
  assert.deepEqual(frame.dataset, {});
});

test("the ticket is handed to the vault's origin alone", async () => {
  heard({ origin: "http://mallory.example", source: frame.contentWindow, data: { kind: "ready" } });
  assert.deepEqual(handed, []);
});
