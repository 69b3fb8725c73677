// Every case of the vectors that all clients share.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { run } from "../tools/run.mjs";

const folder = new URL("../../../tests/vectors/wire/", import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  test(file, async () => {
    const { device, cases } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    assert.ok(cases.length > 0);
    for (const { name, op, input, now, expect } of cases) {
      const found = await run(op, input.device ?? device, input, now);
      assert.deepEqual(JSON.parse(JSON.stringify(found)), expect, `${op}, ${name}`);
    }
  });
}
