// A PIN approves the transfer that it was typed under, and no other.

import assert from "node:assert/strict";
import { test } from "node:test";

import { $, CREDENTIAL, SEED, countersign, device, token, until } from "./page.mjs";

const { showStepUp, wireStepUp } = await import("/phone/step_up.js");

const JONES = "t38x5mymtqbdfp6svbdxsqeyvw";
const MALLORY = "810m4gt48n34ej29995mrkae9w";
const stepUp = (id, payee, more = {}) => token("step_up", {
  step_up: id, credential: CREDENTIAL, method: "ocra", interaction: "call-1", direction: "inbound", agent_name: "Bob",
  transaction: { kind: "transfer", amount: 500000, currency: "GBP", payee, reference: "Invoice 7" }, ...more,
});
const jones = { token: stepUp(JONES, "Jones Roofing") };
const mallory = { token: stepUp(MALLORY, "Mallory Ltd") };

const credential = await countersign.DeviceCredential.enrol({ credential: CREDENTIAL, seed: SEED, pin: "2468" });
const posted = [];
const phone = {
  facts: {}, kept: { credential }, device: device("step_up"), state: { pending: { step_ups: [] } },
  session: { post: async (path, body) => { posted.push([path, body]); return { ok: true, body: {} }; } },
  ok: () => true,
  refresh: () => showStepUp(phone),
};
wireStepUp(phone);

const show = (...stepUps) => {
  phone.state.pending.step_ups = stepUps;
  return showStepUp(phone);
};
const codeOf = async (one) => (await phone.device.openStepUp(one.token)).withoutAnswer().approve(credential, "2468");

test("a newer step-up does not take the place of the one under a typed PIN", async () => {
  await show(jones);
  $("approve-pin").value = "2468";
  await show(mallory, jones);
  assert.match($("approve-what").textContent, /Jones Roofing/);
  assert.equal($("approve-pin").value, "2468");
  $("approve").does("submit");
  const [path, { code }] = await until(() => posted.pop());
  assert.deepEqual([path, code], [`/step-ups/${JONES}/submit`, await codeOf(jones)]);
});

test("what was pressed is sent for what was on the screen, whatever comes before the code is made", async () => {
  await show();
  await show(jones);
  $("approve-pin").value = "2468";
  $("approve").does("submit");
  // It ends elsewhere while the PIN is stretched, and another comes.
  await show(mallory);
  assert.match($("approve-what").textContent, /Mallory/);
  const [path, { code }] = await until(() => posted.pop());
  assert.deepEqual([path, code], [`/step-ups/${JONES}/submit`, await codeOf(jones)]);
});

test("PIN and digits are forgotten when another step-up comes on the screen", async () => {
  await show();
  await show(jones);
  $("approve-pin").value = "2468";
  $("approve-digits").value = "123456";
  await show(mallory);
  assert.match($("approve-what").textContent, /Mallory/);
  assert.deepEqual([$("approve-pin").value, $("approve-digits").value], ["", ""]);
});

test("nothing is sent when nothing is on the screen", async () => {
  await show();
  $("approve-pin").value = "2468";
  for (const id of ["approve-not", "who-customer"]) $(id).does("click");
  $("approve").does("submit");
  await new Promise((wake) => setTimeout(wake, 50));
  assert.deepEqual(posted, []);
});
