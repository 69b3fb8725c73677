// The card's frame listens to the bank's page alone, and shows what it verified itself.

import assert from "node:assert/strict";
import { test } from "node:test";

import { $, bank, token, until, vault } from "./page.mjs";

const PAGE = "http://localhost:1";
const said = [];
let heard;
globalThis.window = { addEventListener: (name, act) => { if (name === "message") heard = act; } };
globalThis.parent = { postMessage: (message, to) => said.push([message.kind, to]) };
document.querySelector = () => $("main");
const of = ({ issuer, publicKey }) => ({ issuer, keys: [publicKey.toString()] });
const trust = { bank: of(bank), vault: of(vault), page: PAGE };
const sent = [];
globalThis.fetch = async (path, options) => {
  if (path === "/trust.json") return { json: async () => trust };
  sent.push(JSON.parse(options.body));
  return { ok: true, status: 200, json: async () => ({ outcome: "authorised", last_four: "5556" }) };
};
$("card").querySelectorAll = () => [];
$("card").hidden = true;
await import("/vault/card.js");

const transaction = { kind: "payment", amount: 4200, currency: "GBP", payee: "Bank Example", reference: "Fee" };
const opening = token("opening_key", { sealing_key: "8c7mq62scs8mb9nhq8km0928ffb6y0x2vnbqtxtkrt6qtz80r060" }, { seconds: 7200, aud: bank.issuer, by: vault });
const request = token("payment_request", {
  payment: "810m4gt48n34ej29995mrkae9w", interaction: "call-1", direction: "inbound", agent_name: "Bob", merchant: "bank-bills",
  transaction, opening_key: opening,
}, { seconds: 600 });
const lie = { headline: { text: "You won." }, agentName: "Mallory", transaction: { ...transaction, amount: 1n }, seal: async () => "card" };
const message = { token: request, customer: "alice", ticket: "ticket", shown: lie, sealed: "nothing" };

test("it tells the bank's page and no other", () => {
  assert.deepEqual(said, [["ready", PAGE]]);
});

test("a message from elsewhere opens nothing", async () => {
  await heard({ origin: "http://mallory.example", source: parent, data: message });
  await heard({ origin: PAGE, source: {}, data: message });
  assert.deepEqual([$("card").hidden, $("what").textContent, said.length], [true, "", 1]);
});

test("it shows what it verified, whatever else the page says", async () => {
  await heard({ origin: PAGE, source: parent, data: message });
  assert.equal($("card").hidden, false);
  assert.match($("headline").textContent, /^You called us\. Bob asks/);
  assert.match($("what").textContent, /42\.00 to Bank Example/);
});

test("it seals for what it verified, and sends nothing but token, ticket and the sealed card", async () => {
  Object.assign($("number"), { value: "4000056655665556" });
  Object.assign($("expiry"), { value: "12/34" });
  Object.assign($("code"), { value: "123" });
  Object.assign($("name"), { value: "Alice Jones" });
  $("card").does("submit");
  const [body] = await until(() => sent.length > 0 && sent);
  assert.deepEqual([body.token, body.ticket, body.sealed.length, Object.keys(body).sort()], [request, "ticket", 1624, ["sealed", "ticket", "token"]]);
  await until(() => $("said").textContent.startsWith("Paid"));
  assert.ok(said.every(([, to]) => to === PAGE));
});
