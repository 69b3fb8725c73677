// What is sent again and what is not, and amounts as they are typed.

import assert from "node:assert/strict";
import { test } from "node:test";

import "./page.mjs";

const { pence } = await import("/dom.js");
const { Session } = await import("/session.js");

test("an amount is pounds and pence, or none", () => {
  const typed = ["5000.5", "5000.05", "5000.00", "5000", " 42.10 ", "0.01"];
  assert.deepEqual(typed.map(pence), [500050, 500005, 500000, 500000, 4210, 1]);
  for (const none of ["", ".", "5000.", ".5", "1.234", "5,000", "1e3", "-1", "5000.5.5", "0x10", "1 000"]) {
    assert.ok(Number.isNaN(pence(none)), none);
  }
});

// A service that answers nothing the first time.
function away() {
  const asked = [];
  globalThis.fetch = async (path) => {
    asked.push(path);
    if (asked.length === 1) throw new TypeError("no connection");
    return { ok: true, status: 200, json: async () => ({}) };
  };
  return asked;
}

test("what carries no key of its own is sent once", async () => {
  for (const path of ["/calls", "/chat", "/copy", "/forge", "/tickets", "/dial", "/calls/call-1/say", "/toasts/x/accept"]) {
    const asked = away();
    const answer = await new Session("phone").post(path, {});
    assert.deepEqual([asked.length, answer.ok], [1, false], path);
  }
});

test("what carries one is sent until there is an answer", async () => {
  for (const path of ["/callbacks", "/enrol", "/step-ups/x/submit", "/calls/call-1/end"]) {
    const asked = away();
    const answer = await new Session("phone").post(path, { request: "one" });
    assert.deepEqual([asked.length, answer.ok], [2, true], path);
  }
});

test("a state that cannot be shown is not the last one", async () => {
  globalThis.fetch = async () => ({ ok: true, status: 200, json: async () => ({}) });
  Object.assign(document, { hidden: true, addEventListener() {} });
  let shown = 0;
  const refresh = new Session("phone").follow(() => {
    shown += 1;
    if (shown === 1) throw new Error("it cannot be shown");
  });
  await assert.rejects(refresh(), /cannot be shown/);
  await refresh();
  assert.equal(shown, 2);
});
