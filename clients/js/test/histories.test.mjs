// What the customer said of who rang whom stands in the event's bytes: what is shown beside them must say the same.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";

import { crockford, pae, utf8 } from "../dist/bytes.js";
import { checkChain, readHistory } from "../dist/history.js";

const ID = new Uint8Array(16).fill(7);
const sha256 = (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest());

/** An approval, with these keys more in its CBOR and these members more in its JSON. */
function approval(keys, members) {
  const map = [
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 0x18, 42],
    [5, 0],
    [6, 0x50, ...ID],
    ...keys,
  ];
  const encoded = Uint8Array.from([0xa0 + map.length, ...map.flat()]);
  const start = new Uint8Array([...utf8("countersign v1."), 4, ...ID]);
  const head = sha256(pae("countersign history link v1", start, encoded));
  return readHistory(JSON.stringify({
    subject: { step_up: crockford.encode(ID) },
    events: [{
      number: 0,
      at: "1970-01-01T00:00:00Z",
      actor: "customer",
      action: "approve",
      interaction: null,
      outcome: "done",
      operation: crockford.encode(ID),
      encoded: crockford.encode(encoded),
      ...members,
    }],
    refusals: 0,
    head: crockford.encode(head),
  }));
}

const NAMES = ["customer", "enterprise", "unknown"];

test("what the customer said of who rang whom is what the event's bytes say", async () => {
  await checkChain(approval([], {}));
  for (const [at, name] of NAMES.entries()) {
    const said = approval([[10, at + 1]], { who_rang: name });
    assert.equal(said.events[0].whoRang, name);
    await checkChain(said);
    for (const other of [...NAMES.filter((one) => one !== name), null]) {
      await assert.rejects(checkChain(approval([[10, at + 1]], { who_rang: other })), { kind: "broken" });
    }
    await assert.rejects(checkChain(approval([], { who_rang: name })), { kind: "broken" });
  }
});

test("an answer that is none breaks a history", async () => {
  assert.throws(() => approval([], { who_rang: "nobody" }), { kind: "broken" });
  for (const bad of [[10, 0], [10, 4], [10, 0xf5], [10, 0x41, 1]]) {
    await assert.rejects(checkChain(approval([bad], {})), { kind: "broken" });
  }
});
