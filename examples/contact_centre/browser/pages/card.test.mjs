// The card's frame listens to the bank's page alone, and shows what it verified itself.

import assert from "node:assert/strict";
import { test } from "node:test";

import { $, bank, token, until, vault } from "./page.mjs";

const PAGE = "http://localhost:1";
const said = [];
const VAULT = "http://127.0.0.1:2";
const listeners = [];
const heard = (event) => Promise.all(listeners.map((act) => act(event)));
globalThis.window = { addEventListener: (name, act) => { if (name === "message") listeners.push(act); } };
globalThis.location = { origin: VAULT };
const kept = new Map();
globalThis.sessionStorage = {
  getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name),
};
globalThis.parent = { postMessage: (message, to) => said.push([message.kind, to]) };
document.querySelector = () => $("main");
const of = ({ issuer, publicKey }) => ({ issuer, keys: [publicKey.toString()] });
const trust = { bank: of(bank), vault: of(vault), page: PAGE };
const sent = [];
const ACS = "http://127.0.0.1:3/challenge";
let body = { outcome: "authenticating", next: { authenticate: { flow: { browser: { acs_url: ACS, creq: "creq" } } } } };
globalThis.fetch = async (path, options) => {
  if (path === "/trust.json") return { json: async () => trust };
  sent.push({ path, ...JSON.parse(options.body) });
  return { ok: true, status: 200, json: async () => body };
};
const posted = [];
$("challenge").submit = () => posted.push([$("challenge").getAttribute("action"), $("creq").value]);
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
  const [given] = await until(() => sent.length > 0 && sent);
  assert.deepEqual([given.token, given.ticket, given.sealed.length, Object.keys(given).sort()], [request, "ticket", 1624, ["path", "sealed", "ticket", "token"]]);
  assert.equal(given.path, "/pay");
});

test("the card's bank asks in a frame, and the page around hears only that it does", async () => {
  await until(() => posted.length > 0);
  assert.deepEqual(posted, [[ACS, "creq"]]);
  assert.deepEqual([$("bank").hidden, $("card").hidden], [false, true]);
  assert.deepEqual(said.filter(([kind]) => kind !== "height"), [["ready", PAGE], ["asked", PAGE]]);
});

const frameOf = () => $("bank-frame").children[0];
test("what another page or window says of the card's bank is not heard", async () => {
  frameOf().contentWindow = {};
  const data = { kind: "authenticated", cres: "cres" };
  await heard({ origin: "http://127.0.0.1:3", source: frameOf().contentWindow, data });
  await heard({ origin: PAGE, source: parent, data });
  await heard({ origin: VAULT, source: {}, data });
  await heard({ origin: VAULT, source: frameOf().contentWindow, data: { kind: "outcome", outcome: "authorised" } });
  assert.equal(sent.length, 1);
});

test("whoever comes back later gets the same question, with the same sealed card", async () => {
  $("bank-later").does("click");
  assert.deepEqual([$("bank").hidden, $("paused").hidden, $("bank-frame").children.length], [true, false, 0]);
  $("bank-go-on").does("click");
  await until(() => posted.length > 1);
  assert.deepEqual([sent[1].path, sent[1].sealed, "hint" in sent[1]], ["/resume", sent[0].sealed, false]);
  assert.deepEqual([...kept.values()], [sent[0].sealed]);
});

test("what came back is a hint, and the vault says how it ended", async () => {
  body = { outcome: "authorised", last_four: "3220" };
  frameOf().contentWindow = {};
  await heard({ origin: VAULT, source: frameOf().contentWindow, data: { kind: "authenticated", cres: "cres" } });
  await until(() => $("said").textContent.startsWith("Paid"));
  assert.deepEqual([sent[2].path, sent[2].sealed, sent[2].hint], ["/resume", sent[0].sealed, "cres"]);
  assert.deepEqual([$("bank").hidden, $("bank-frame").children.length, kept.size], [true, 0, 0]);
  assert.ok(said.every(([, to]) => to === PAGE));
});
