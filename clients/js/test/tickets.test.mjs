// "Call us": what is dialled is handed to the dialler once, and shown nowhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { DialTicket, HeaderTicket, KnownNotices, VerdictQuestion } from "../dist/index.js";

const LONDON = "+442071234567";
const DIGITS = "4811902275530016";
const HEX = "00112233445566778899aabbccddeeff";
const printed = (value) => [inspect(value, { depth: 9, showHidden: true }), String(value), JSON.stringify(value), ...Object.values(value).map(String)].join("\n");

test("a ticket is dialled once, and printed nowhere", () => {
  const ticket = DialTicket.read(`${LONDON},,${DIGITS}#`, LONDON);
  assert.equal(ticket.number, LONDON);
  assert.ok(!printed(ticket).includes(DIGITS));
  const dialled = [];
  ticket.dial((text) => dialled.push(text));
  assert.deepEqual(dialled, [`${LONDON},,${DIGITS}#`]);
  assert.throws(() => ticket.dial((text) => dialled.push(text)), { name: "TicketError", kind: "used" });
  assert.equal(dialled.length, 1);
});

test("no other number is called with a ticket", () => {
  assert.throws(() => DialTicket.read(`+447700900123,,${DIGITS}#`, LONDON), { name: "TicketError", kind: "other_number" });
});

test("what is no ticket is not dialled, and not repeated", () => {
  const none = [
    "", `${LONDON}`, `${LONDON},,${DIGITS}`, `${LONDON},,${DIGITS.slice(1)}#`, `${LONDON},,${DIGITS}1#`, `${LONDON},${DIGITS}#`,
    `${LONDON},,${DIGITS}#,,1`, `tel:${LONDON},,${DIGITS}#`, `${LONDON},,${DIGITS}#\n`, ` ${LONDON},,${DIGITS}#`, `02071234567,,${DIGITS}#`, undefined, null, 7,
  ];
  for (const text of none) {
    assert.throws(() => DialTicket.read(text, LONDON), (error) => error.kind === "malformed" && !printed(error).replace(/\n\s+at .*/g, "").includes(DIGITS.slice(1)), String(text));
  }
});

test("a header is placed once, and printed nowhere", () => {
  const ticket = HeaderTicket.read(`${HEX};encoding=hex`);
  assert.ok(!printed(ticket).includes(HEX));
  assert.equal(ticket.place((value) => value), `${HEX};encoding=hex`);
  assert.throws(() => ticket.place((value) => value), { name: "TicketError", kind: "used" });
  for (const text of [HEX, `${HEX};encoding=text`, `${HEX}\r\nX: y;encoding=hex`, `${HEX.toUpperCase()};encoding=hex`, "", undefined]) {
    assert.throws(() => HeaderTicket.read(text), { kind: "malformed" }, String(text));
  }
});

test("a question needs a credential and a time, and rounds down what has rung", () => {
  const question = new VerdictQuestion(LONDON, 1_800_000_000);
  assert.equal(question.ringing("m2gt58x4mpkafa59nantsbdenw", 3.9).ringing_for, 3);
  assert.equal(question.ringing("m2gt58x4mpkafa59nantsbdenw", 0).query, question.ringing("m2gt58x4mpkafa59nantsbdenw", 1).query);
  for (const [credential, seconds] of [["", 0], ["M2GT58X4MPKAFA59NANTSBDENW", 0], ["m2gt58x4mpkafa59nantsbdenw", -1], ["m2gt58x4mpkafa59nantsbdenw", Number.NaN]]) {
    assert.throws(() => question.ringing(credential, seconds), RangeError);
  }
});

test("an app that has learnt nothing says so, and reads that again", () => {
  const nothing = new KnownNotices().toText();
  assert.equal(nothing, '{"everyone":null,"own":null}');
  assert.equal(KnownNotices.fromText(nothing).toText(), nothing);
});
