// Actions without money and step-ups of several approvers: shown in the app's own words, and approved by nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { misnamed } from "../dist/action_names.js";
import * as countersign from "../dist/index.js";
import { CREDENTIAL, device, enrolled, NOW, STEP_UP, token, x } from "../tools/bank.mjs";

const FORMS = {
  document: {
    headline: "You sign a document",
    fields: [
      { name: "title", label: "Title", type: "text" },
      { name: "pages", label: "Pages", type: "number" },
      { name: "file", label: "SHA-256", type: "digest" },
    ],
  },
};
const TITLE = { name: "title", value: { text: "Lease" } };
const PAGES = { name: "pages", value: { number: 12 } };
const FILE = { name: "file", value: { digest: "ab".repeat(32) } };
const FIELDS = [TITLE, PAGES, FILE];
const JOINT = {
  joint: "p2rv5cxmppvbfe5sqaxvsfdyqw", principal: "carol", principal_name: "Carol Jones", needed: 2, of: 3,
  approvers: Buffer.alloc(32, 7).toString("base64url"), role: "Account holder",
};
const PHONE = { kty: "OKP", crv: "Ed25519", x };
const { transaction: _, ...WITHOUT } = STEP_UP;
const document = (fields = FIELDS) => ({ kind: "document", fields });

const open = (data, forms = FORMS) => device(forms).openStepUp(token("step_up", data), NOW);
const opened = async (more, forms) => (await open({ ...WITHOUT, ...more }, forms)).withoutAnswer();
const kindOf = (attempt) => {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return `${error.name}: ${error.kind}`;
  }
};

test("an action is shown with the headline and labels of the app's own table", async () => {
  const one = await opened({ action: document() });
  assert.deepEqual([one.isKnown, one.transaction, one.joint], [true, undefined, undefined]);
  assert.deepEqual(one.action, {
    headline: "You sign a document",
    lines: [
      { label: "Title", value: "Lease" },
      { label: "Pages", value: "12" },
      { label: "SHA-256", value: "ab".repeat(32) },
    ],
  });
  const money = (await open(STEP_UP)).withoutAnswer();
  assert.deepEqual([money.isKnown, money.action, money.transaction.payee], [true, undefined, "Jones Roofing"]);
});

test("what the table does not have can be declined, and nothing gives an approval of it", async () => {
  const credential = await enrolled();
  const { fingerprintOf } = await import("../dist/device_key.js");
  const key = Buffer.from(await fingerprintOf(PHONE)).toString("base64url");
  const unknown = [
    { kind: "later", fields: [TITLE] },
    { kind: "constructor", fields: [] },
    document([]),
    document([TITLE, PAGES]),
    document([...FIELDS, { name: "more", value: { text: "x" } }]),
    document([PAGES, TITLE, FILE]),
    document([{ ...TITLE, name: "heading" }, PAGES, FILE]),
    document([TITLE, { name: "pages", value: { text: "12" } }, FILE]),
  ];
  const gives = async (action, forms) => {
    const fob = await opened({ action, suite: "OCRA-1:HOTP-SHA1-6:QN08" }, forms);
    const passkey = await opened({ action, method: "passkey", key }, forms);
    const phone = await opened({ action, method: "device_key", key }, forms);
    const code = await fob.approve(credential, "2468").catch((error) => error.kind);
    const given = [await fob.question(), await passkey.passkeyChallenge(), await phone.messageToSign(PHONE)];
    return { known: fob.isKnown, shown: fob.action, given: given.map((one) => one !== undefined), code };
  };
  for (const action of unknown) {
    const wanted = { known: false, shown: undefined, given: [false, false, false], code: "unknown_action" };
    assert.deepEqual(await gives(action), wanted, JSON.stringify(action));
    const one = await opened({ action });
    assert.deepEqual(one.decline("not_me"), { id: STEP_UP.step_up, reason: "not_me" });
  }
  // Without a table nothing is known; with it each of them gives something.
  assert.equal((await gives(document(), {})).code, "unknown_action");
  const { known, given, code } = await gives(document());
  assert.deepEqual([known, given], [true, [true, true, true]]);
  assert.match(code, /^\d{8}$/);
});

test("another credential is told before an unknown action, and that before another line and digits", async () => {
  const action = { kind: "later", fields: [] };
  const one = await opened({ action, leg: "in_app", number_match: true });
  await assert.rejects(one.approve(await enrolled("208h44rm2mb1e60s38dhr78y3w"), "2468"), { kind: "other_credential" });
  await assert.rejects(one.approve(await enrolled(), "2468"), { kind: "unknown_action" });
});

test("a transaction and an action, or neither, is no step-up", async () => {
  await assert.rejects(open({ ...STEP_UP, action: document() }), { kind: "claims" });
  await assert.rejects(open(WITHOUT), { kind: "claims" });
  assert.equal((await open({ ...WITHOUT, action: document(), transaction: null })).id, STEP_UP.step_up);
});

test("what is no action is refused, and never read another way", async () => {
  const valued = (value) => document([{ name: "title", value }]);
  const none = [
    { kind: "pay_ment", fields: [] },
    document([{ name: "amount", value: { text: "x" } }]),
    document([TITLE, TITLE]),
    document(Array.from({ length: 21 }, (_, n) => ({ name: `f${n}`, value: { text: "x" } }))),
    { ...document(), more: 1 },
    document([{ ...TITLE, label: "Another label" }]),
    valued({ text: "é".repeat(129) }),
    valued({ text: "two\nlines" }),
    valued({ number: 2 ** 53 }),
    valued({ digest: "AB".repeat(32) }),
    valued({ digest: "ab".repeat(31) }),
    valued({ text: "x", number: 1 }),
    valued({}),
    valued({ later: "x" }),
  ];
  for (const action of none) await assert.rejects(open({ ...WITHOUT, action }), { kind: "claims" }, JSON.stringify(action));
});

test("no name is spelt as money or as a new authenticator", () => {
  const money = [
    "transfer", "payment", "new_payee", "pay_ment", "wire_transfer", "p4yment", "pay", "pay2", "money_order", "amount", "transfer5",
    "refund", "re_fund", "p4ss_key", "direct_debit", "a_7ransfer", "new_authenticator", "enrol", "enrolment", "enroll_app", "new_fob", "passkey", "cred3ntial",
  ];
  for (const name of money) assert.equal(misnamed(name), "reserved", name);
  for (const name of ["video_identification", "address_change", "payroll_access", "a", "read2"]) assert.equal(misnamed(name), undefined, name);
  for (const name of ["", "_a", "a_", "a__b", "1a", "Address", "a b", "é", "a\n", "a".repeat(37), undefined, 7]) assert.equal(misnamed(name), "malformed", name);
});

test("a table that is none makes no app", () => {
  const field = { name: "title", label: "Title", type: "text" };
  const table = (form, kind = "document") => kindOf(() => device({ [kind]: { headline: "You sign", fields: [field], ...form } }));
  const cases = [
    [{}, undefined],
    [{ fields: [] }, "fields"],
    [{ fields: Array.from({ length: 21 }, (_, n) => ({ ...field, name: `f${n}`, label: `F${n}` })) }, "fields"],
    [{ fields: [field, { ...field, label: "Other" }] }, "field_twice"],
    [{ fields: [field, { ...field, name: "other" }] }, "field_twice"],
    [{ fields: [{ ...field, label: "x".repeat(36) }] }, undefined],
    [{ fields: [{ ...field, label: "x".repeat(37) }] }, "text"],
    [{ fields: [{ ...field, label: "" }] }, "text"],
    [{ fields: [{ ...field, type: "money" }] }, "type"],
    [{ fields: [{ ...field, name: "Title" }] }, "name"],
    [{ fields: [{ ...field, name: "amount" }] }, "reserved"],
    [{ headline: "two\nlines" }, "text"],
    [{ headline: undefined }, "text"],
  ];
  for (const [form, wrong] of cases) assert.equal(table(form), wrong && `ActionFormError: ${wrong}`, JSON.stringify(form));
  assert.equal(table({}, "new_payee"), "ActionFormError: reserved");
  assert.equal(table({}, "Document"), "ActionFormError: name");
});

test("nobody changes the table, nor what is shown of an action or of approvers", async () => {
  const forms = structuredClone(FORMS);
  const app = device(forms);
  forms.document.headline = forms.document.fields[0].label = "A harmless thing";
  const one = (await app.openStepUp(token("step_up", { ...WITHOUT, action: document(), joint: JOINT }), NOW)).withoutAnswer();
  assert.deepEqual([one.action.headline, one.action.lines[0].label], ["You sign a document", "Title"]);
  for (const change of [
    () => { one.action.headline = "x"; },
    () => { one.action.lines[0].value = "x"; },
    () => { one.action.lines.pop(); },
    () => { one.joint.needed = 1; },
  ]) assert.throws(change, TypeError);
});

test("an approver who is not on the line reads that another customer asks, and in whose name", async () => {
  const headline = async (more, joint) => (await opened({ transaction: STEP_UP.transaction, joint, ...more })).headline.id;
  assert.equal(await headline({}, JOINT), "another_asks");
  assert.equal(await headline({ direction: "outbound" }, JOINT), "another_asks");
  assert.equal(await headline({}, { ...JOINT, principal: "alice" }), "you_called_us");
  assert.equal(await headline({ direction: "outbound" }, { ...JOINT, principal: "alice" }), "we_called_you");
  assert.equal(await headline({}, undefined), "you_called_us");
  const { joint } = await opened({ transaction: STEP_UP.transaction, joint: JOINT });
  assert.deepEqual(
    [joint.joint, joint.principal, joint.principalName, joint.needed, joint.of, joint.approvers, joint.role],
    [JOINT.joint, "carol", "Carol Jones", 2, 3, JOINT.approvers, "Account holder"],
  );
});

test("an approval of one set, number or role is none of another, nor of one person alone", async () => {
  const credential = await enrolled();
  const code = async (joint) => (await opened({ transaction: STEP_UP.transaction, joint })).approve(credential, "2468");
  const others = {
    joint: STEP_UP.step_up, principal: "alice", principal_name: "Carol Smith", needed: 1, of: 4,
    approvers: Buffer.alloc(32, 8).toString("base64url"), role: "Attorney",
  };
  const sets = [undefined, JOINT, ...Object.entries(others).map(([name, value]) => ({ ...JOINT, [name]: value }))];
  const codes = await Promise.all(sets.map(code));
  assert.equal(new Set(codes).size, sets.length);
});

test("what is asked of several and is not whole is refused", async () => {
  const joined = (joint) => open({ ...STEP_UP, joint });
  for (const name of Object.keys(JOINT)) await assert.rejects(joined({ ...JOINT, [name]: undefined }), { kind: "claims" }, name);
  const wrong = { joint: "x", principal: "a b", principal_name: "", needed: 256, of: -1, approvers: "AAAA", role: "" };
  for (const [name, value] of Object.entries(wrong)) await assert.rejects(joined({ ...JOINT, [name]: value }), { kind: "claims" }, name);
});

test("what was asked for on one line is approved on no other", async () => {
  const lines = [undefined, "number", "checked_number", "dialled_ticket", "header_ticket", "in_app"];
  for (const leg of lines) {
    const fits = [];
    for (const here of lines) {
      const one = await opened({ action: document(), leg, method: "passkey", key: Buffer.alloc(32).toString("base64url") });
      if (here !== undefined) one.onLine(here);
      assert.equal((await one.passkeyChallenge()) !== undefined, one.fitsLine);
      if (one.fitsLine) fits.push(here);
    }
    const byNumber = leg === "number" || leg === "checked_number";
    const wanted = leg === undefined ? lines : byNumber ? lines.filter((here) => here !== "in_app") : [leg];
    assert.deepEqual(fits, wanted, leg);
  }
});

test("nothing gives an approval before the digits that are asked for", async () => {
  const { fingerprintOf } = await import("../dist/device_key.js");
  const key = Buffer.from(await fingerprintOf(PHONE)).toString("base64url");
  const given = async (one) => [await one.question(), await one.passkeyChallenge(), await one.messageToSign(PHONE)].some((it) => it !== undefined);
  for (const by of [{ suite: "OCRA-1:HOTP-SHA1-6:QN08" }, { method: "passkey", key }, { method: "device_key", key }]) {
    const one = await opened({ action: document(), joint: JOINT, number_match: true, ...by });
    assert.deepEqual([await given(one), await given(one.withDigits("123456"))], [false, true], JSON.stringify(by));
  }
});

test("a customer declines for one of four reasons, before anything is shown too", async () => {
  const asked = await open({ ...STEP_UP, who_rang: true });
  for (const reason of countersign.DECLINE_REASONS) {
    assert.deepEqual(asked.decline(reason), { id: STEP_UP.step_up, reason });
  }
  const shown = (await open(STEP_UP)).withoutAnswer();
  for (const reason of ["who_rang_differs", "later", "", undefined]) {
    assert.equal(kindOf(() => asked.decline(reason)), "CredentialError: decline");
    assert.equal(kindOf(() => shown.decline(reason)), "CredentialError: decline");
  }
});

test("nothing hands out the digest that is approved", async () => {
  const one = await opened({ action: { kind: "later", fields: [] } });
  assert.equal(one.statement, undefined);
  assert.equal(one.credential, CREDENTIAL);
});
