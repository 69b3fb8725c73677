// What the phone says of a call that rings: whatever fails is undetermined, and of most numbers nobody is asked.

import assert from "node:assert/strict";
import { test } from "node:test";

import { $, CREDENTIAL, device, token, until } from "./page.mjs";

const { Ringing } = await import("/phone/ringing.js");

const BANK = "+442079460100";
const CARD = "+448081570100";

/** A phone whose bank answers with `verdict`, or does what `verdict` does. */
function phoneOf(verdict) {
  const asked = [];
  const phone = {
    facts: {}, kept: { credential: { id: CREDENTIAL } }, state: { calls: [] }, changed() {},
    device: device("call_numbers", "call_verdict"),
    session: {
      async get() {
        return { body: { token: token("call_numbers", { calls: [BANK], never_calls: [CARD] }, { aud: "everyone" }) } };
      },
      async post(path, body) {
        asked.push({ path, ...body });
        if (typeof verdict === "function") return verdict(body);
        return { body: { token: token("call_verdict", { nonce: body.query, number: body.number, verdict }, { seconds: 10 }) } };
      },
    },
  };
  return { phone, asked, ringing: new Ringing(phone) };
}

let next = 0;
const call = (number, more = {}) => ({ id: `call-${(next += 1)}`, incoming: true, line: "ringing", number, ...more });
const says = () => $("phone-verdict").textContent;

for (const [verdict, text] of [["legitimate", /is ringing you/], ["not_legitimate", /not Bank Example/], ["undetermined", /cannot be told/]]) {
  test(`the bank says ${verdict}`, async () => {
    const { phone, asked, ringing } = phoneOf(verdict);
    const one = call(BANK);
    ringing.show(one);
    await until(() => phone.facts.verdict);
    assert.equal(phone.facts.verdict, verdict);
    assert.match(says(), text);
    assert.deepEqual([asked[0].number, asked[0].device, asked[0].beside_another], [BANK, CREDENTIAL, false]);
    // Nobody takes it for a proof once somebody speaks; a warning stays.
    ringing.show({ ...one, line: "talking" });
    assert.equal($("phone-verdict").hidden, verdict === "legitimate");
    ringing.show(undefined);
    assert.equal($("phone-verdict").hidden, true);
  });
}

test("the phone knows by itself of a number that never calls, and of everybody else's", async () => {
  for (const [number, verdict] of [[CARD, "not_legitimate"], ["+4930123456", "unknown"], ["02079460100", "undetermined"], [null, "undetermined"]]) {
    const { phone, asked, ringing } = phoneOf("legitimate");
    ringing.show(call(number));
    await until(() => phone.facts.verdict);
    assert.equal(phone.facts.verdict, verdict, number);
    assert.deepEqual(asked, [], "nobody learns who else calls");
    ringing.show(undefined);
  }
});

test("whatever fails is undetermined, never not legitimate", async () => {
  const failures = {
    "no answer": () => { throw new TypeError("no connection"); },
    "an error": () => ({ ok: false, body: { code: "refused" } }),
    "an answer to another": ({ number }) => ({ body: { token: token("call_verdict", { nonce: "YGFiY2RlZmdoaWprbG1ubw", number, verdict: "not_legitimate" }, { seconds: 10 }) } }),
    "an answer about another number": ({ query }) => ({ body: { token: token("call_verdict", { nonce: query, number: CARD, verdict: "not_legitimate" }, { seconds: 10 }) } }),
    "another customer's": ({ query, number }) => ({ body: { token: token("call_verdict", { nonce: query, number, verdict: "not_legitimate" }, { seconds: 10, aud: "mallory" }) } }),
  };
  for (const [name, failure] of Object.entries(failures)) {
    const { phone, ringing } = phoneOf(failure);
    ringing.show(call(BANK));
    await until(() => phone.facts.verdict);
    assert.equal(phone.facts.verdict, "undetermined", name);
    ringing.show(undefined);
  }
});

test("an answer that takes longer than its budget is not waited for, and the same question is asked again", async () => {
  const { phone, asked, ringing } = phoneOf(({ query, number }) => new Promise((wake) => {
    if (asked.length > 1) wake({ body: { token: token("call_verdict", { nonce: query, number, verdict: "legitimate" }, { seconds: 10 }) } });
  }));
  ringing.show(call(BANK));
  const begun = Date.now();
  await until(() => phone.facts.verdict);
  assert.equal(phone.facts.verdict, "undetermined");
  assert.ok(Date.now() - begun < 3000);
  await until(() => phone.facts.verdict === "legitimate");
  // A lost answer is asked for again under its own name: the bank says so to one question for each call.
  assert.equal(asked[0].query, asked[1].query);
  assert.ok(asked[0].ringing_for < asked[1].ringing_for);
  ringing.show(undefined);
});

test("a phone on which another call rings says so", async () => {
  const { phone, asked, ringing } = phoneOf("undetermined");
  const one = call(BANK);
  phone.state.calls = [one, call(CARD)];
  ringing.show(one);
  await until(() => phone.facts.verdict);
  assert.equal(asked[0].beside_another, true);
  ringing.show(undefined);
});

test("an app that is not set up says nothing", async () => {
  const { phone, asked, ringing } = phoneOf("legitimate");
  phone.kept.credential = undefined;
  ringing.show(call(BANK));
  await new Promise((wake) => setTimeout(wake, 50));
  assert.deepEqual([says(), asked, phone.facts.verdict], ["", [], undefined]);
});
