// What the phone says of its history: unchanged only if everything was checked, and otherwise why not.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { $, countersign, device, token } from "./page.mjs";

const { checkHistory } = await import("/phone/history.js");
const { crockford, pae } = await import(new URL("../../../../clients/js/dist/bytes.js", import.meta.url));

const sha = (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest());
const IDS = ["p2rv5cxmppvbfe5sqaxvsfdyqw", "810m4gt48n34ej29995mrkae9w"];
const AT = 1_769_864_400;
const bytesOf = (number) => Uint8Array.from([0xa6, 0, number, 1, 0x1a, ...new Uint8Array(new Uint32Array([AT]).buffer).reverse(), 2, 1, 3, 1, 5, 0, 6, 0x50, ...Array(16).fill(7)]);

// A history of `events` events, as the bank gives it.
function history(id, events) {
  let head = new Uint8Array(32);
  head.set(Buffer.from("countersign v1."));
  head[15] = 1;
  head.set(crockford.decode(id), 16);
  const all = Array.from({ length: events }, (_, number) => {
    const encoded = bytesOf(number);
    head = sha(pae("countersign history link v1", head, encoded));
    return {
      number, at: countersign.writeTime(AT), actor: "customer", action: "book", outcome: "done", interaction: null,
      operation: crockford.encode(new Uint8Array(16).fill(7)), encoded: crockford.encode(encoded),
    };
  });
  return { subject: { callback: id }, events: all, refusals: 0, head: crockford.encode(head) };
}
const receipt = (of, { standing = 3, ...when } = {}) =>
  token("history_head", { subject: of.subject, events: of.events.length, refusals: 0, head: of.head, standing }, when);

// A phone that keeps `receipts`, and a bank with these pages of histories, which gives a receipt or refuses it.
async function checked({ pages, receipts = [], standing = 0, give = (of) => receipt(of) }) {
  const now = new Map();
  const phone = {
    facts: {}, device: device("history_head"), changed() {}, refused() { phone.facts.refused = true; },
    kept: {
      receipts: receipts.map((one) => [JSON.stringify(one.of.subject), one.token]), standing,
      keepReceipt(subject, kept, highest) { now.set(subject, kept); phone.kept.standing = Math.max(phone.kept.standing, highest); },
    },
    session: {
      async get(path) {
        const at = Number(path.split("/")[2] ?? 0);
        return { ok: true, body: { items: pages[at], unreadable: 0, next: at + 1 < pages.length ? String(at + 1) : null } };
      },
      async post(_, { subject }) {
        const given = give(pages.flat().find((one) => JSON.stringify(one.subject) === JSON.stringify(subject)));
        return given ? { ok: true, body: { token: given } } : { ok: false, body: {} };
      },
    },
  };
  $("phone-events").replaceChildren();
  await checkHistory(phone);
  return { fact: phone.facts.history, says: $("history-checked").textContent, kept: now, standing: phone.kept.standing, listed: $("phone-events").children.length };
}

const [one, two] = [history(IDS[0], 2), history(IDS[1], 1)];

test("what only grew is unchanged, page for page", async () => {
  const longer = history(IDS[0], 3);
  const got = await checked({ pages: [[two], [longer]], receipts: [{ of: one, token: receipt(one) }] });
  assert.deepEqual([got.fact, got.listed, got.kept.size, got.standing], ["intact", 4, 2, 3]);
  assert.match(got.says, /Unchanged, and 1 event longer/);
});

test("a chain without a receipt is checked as well, and not listed if it is broken", async () => {
  const tampered = { ...one, head: two.head };
  const got = await checked({ pages: [[tampered, two]], give: () => undefined });
  assert.deepEqual([got.fact, got.listed], ["broken", 1]);
  assert.match(got.says, /not whole/);
});

test("without receipts nobody says that it is unchanged", async () => {
  const got = await checked({ pages: [[one, two]], give: () => undefined });
  assert.deepEqual([got.fact, got.kept.size], ["unsure", 0]);
  assert.match(got.says, /no receipt of some/);
});

test("an old receipt says nothing, and hides nothing", async () => {
  const old = { of: one, token: receipt(one, { ago: 40 * 86_400 }) };
  const got = await checked({ pages: [[one, two]], receipts: [old] });
  assert.deepEqual([got.fact, got.kept.size], ["unsure", 2]);
  assert.match(got.says, /has expired/);
  // The other one is still held against what is shown.
  const shorter = history(IDS[1], 0);
  const rewritten = await checked({ pages: [[one, shorter]], receipts: [old, { of: two, token: receipt(two) }] });
  assert.equal(rewritten.fact, "broken");
  assert.match(rewritten.says, /shortened or changed/);
  assert.ok(!rewritten.kept.has(JSON.stringify(two.subject)), "the old receipt is the evidence");
});

test("a history that is gone is missing", async () => {
  const got = await checked({ pages: [[one]], receipts: [{ of: two, token: receipt(two) }] });
  assert.deepEqual([got.fact, /is missing/.test(got.says)], ["broken", true]);
});

test("a bank that was put back is found by the highest standing of any receipt", async () => {
  const got = await checked({ pages: [[one]], standing: 9 });
  assert.deepEqual([got.fact, got.standing, got.kept.size], ["broken", 9, 0]);
  assert.match(got.says, /put back/);
});
