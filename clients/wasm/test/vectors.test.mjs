// Every case of tests/vectors/wire ends in the kept module as in the crate.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { load } from "../countersign.mjs";

const here = (name) => new URL(name, import.meta.url);
const cases = here("../../../tests/vectors/wire/");
const kept = readFileSync(here("../countersign.wasm"));
// One that was built just now, or the kept one.
const module = process.env.COUNTERSIGN_WASM ? readFileSync(process.env.COUNTERSIGN_WASM) : kept;

test("the kept module is the one whose digest is kept", () => {
  const [digest, name] = readFileSync(here("../SHA256SUMS"), "utf8").trim().split(/\s+/);
  assert.equal(name, "countersign.wasm");
  assert.equal(createHash("sha256").update(kept).digest("hex"), digest);
});

test("it asks for nothing but randomness", async () => {
  const compiled = await WebAssembly.compile(module);
  const wanted = WebAssembly.Module.imports(compiled).map(({ module, name }) => `${module}.${name}`);
  assert.deepEqual(wanted.filter((name) => name !== "env.random"), []);
});

const run = await load(module);
let played = 0;
for (const name of readdirSync(cases).filter((name) => name.endsWith(".json"))) {
  test(name, () => {
    const file = JSON.parse(readFileSync(new URL(name, cases), "utf8"));
    for (const { name, op, input, now, expect } of file.cases) {
      assert.deepEqual(run(op, input.device ?? file.device, input, now), expect, `${op}: ${name}`);
      played += 1;
    }
  });
}

test("there are as many cases as there are", () => {
  assert.ok(played >= 941, `only ${played}`);
});
