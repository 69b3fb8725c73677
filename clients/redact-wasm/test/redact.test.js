// The redactor as pages call it, in Node: texts, places, a field, and the module itself.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import test from "node:test";

import { load } from "../redact.js";

const bytes = readFileSync(new URL("../redact.wasm", import.meta.url));
const redactor = await load(bytes);

/** A text field of a form, as far as the redactor asks. */
class Field extends EventTarget {
  value = "";
  form = new EventTarget();
  selectionStart = 0;

  setSelectionRange(place) {
    this.selectionStart = place;
  }

  /** Puts `text` where the caret is, as a key or the clipboard does. */
  type(text, { isComposing = false } = {}) {
    this.value = this.value.slice(0, this.selectionStart) + text + this.value.slice(this.selectionStart);
    this.selectionStart += text.length;
    this.dispatchEvent(Object.assign(new Event("input"), { isComposing }));
  }

  /** Sends the form; gives what its listener would send. */
  send() {
    let sent;
    this.form.addEventListener("submit", () => (sent = this.value), { once: true });
    this.form.dispatchEvent(new Event("submit"));
    this.value = "";
    this.selectionStart = 0;
    return sent;
  }
}

test("card data in a text is masked, and nothing else", () => {
  for (const [text, masked] of [
    ["", ""],
    ["nothing here", "nothing here"],
    ["my card is 4242 4242 4242 4242, exp 12/27, cvv 123. Order 20451.", "my card is **** **** **** ****, exp **/**, cvv ***. Order 20451."],
    ["🙂 ４２４２ 4242 4242 4242 é", "🙂 **** **** **** **** é"],
    ["4242 4242 4242 4243", "4242 4242 4242 4243"],
  ]) {
    assert.equal(redactor.maskText(text), masked);
  }
  const said = "it's four two four two, four two four two, four two four two, four two four two";
  assert.equal(redactor.maskText(said).includes("two"), false);
  assert.equal(redactor.maskText(said, { spoken: false }), said);
  assert.equal(redactor.maskText("4242-4242-4242-4242", { keepLastFour: true }), "****-****-****-4242");
  assert.equal(redactor.maskText("seq=4242424242424242", { mode: "logs" }), "seq=4242424242424242");
});

test("places are counted as strings count", () => {
  const text = "🙂é card 4242424242424242 cvc 123";
  assert.equal(redactor.find(text).map(([from, to]) => text.slice(from, to)).join(""), "4242424242424242123");
  assert.deepEqual(redactor.find("none"), []);
});

test("a number is masked with its last digit, and what is written on stays", () => {
  const field = new Field();
  let times = 0;
  redactor.attach(field, { masked: () => (times += 1) });
  for (const key of "it is 4242 4242 4242 424") field.type(key);
  assert.equal(field.value, "it is 4242 4242 4242 424");
  field.type("2");
  assert.equal(field.value, "it is **** **** **** ****");
  assert.equal(field.selectionStart, field.value.length);
  field.type(" ok");
  assert.equal(field.value, "it is **** **** **** **** ok");
  assert.equal(times, 1);
});

test("the caret stays where it was in the text", () => {
  const field = new Field();
  redactor.attach(field);
  field.type("thanks");
  field.selectionStart = 0;
  field.type("four two four two four two four two four two four two four two four two, ");
  assert.equal(field.value, "* * * * * * * * * * * * * * * *, thanks");
  assert.equal(field.value.slice(field.selectionStart), "thanks");
});

test("what is pasted, set by a script, or composed is masked before it is sent", () => {
  const field = new Field();
  redactor.attach(field);
  field.type("4242424242424242");
  assert.equal(field.value, "****************");
  field.value = "";
  field.selectionStart = 0;
  field.type("4242424242424242", { isComposing: true });
  assert.equal(field.value, "4242424242424242", "an input method has not finished");
  field.dispatchEvent(new Event("compositionend"));
  assert.equal(field.value, "****************");
  field.value = "5555 5555 5555 4444";
  assert.equal(field.send(), "**** **** **** ****");
});

test("the send handler sees no card, by Enter or by the form", () => {
  const field = new Field();
  const sent = [];
  redactor.attach(field);
  field.form.addEventListener("submit", () => sent.push(field.value));
  field.addEventListener("keydown", () => sent.push(field.value));
  field.value = "4242 4242 4242 4242";
  field.dispatchEvent(Object.assign(new Event("keydown"), { key: "Enter" }));
  field.value = "4242 4242 4242 4242";
  field.form.dispatchEvent(new Event("submit"));
  assert.deepEqual(sent, ["**** **** **** ****", "**** **** **** ****"]);
});

test("a number that goes on in the next message is masked there", () => {
  const field = new Field();
  redactor.attach(field);
  field.type("4242 4242");
  assert.equal(field.send(), "4242 4242");
  field.type("4242 4242");
  assert.equal(field.value, "**** ****");
  assert.equal(field.send(), "**** ****");
});

test("a field that was let go of is left alone", () => {
  const field = new Field();
  redactor.attach(field)();
  field.type("4242 4242 4242 4242");
  assert.equal(field.value, "4242 4242 4242 4242");
});

test("the module imports nothing, and keeps nothing of a text", async () => {
  const module = new WebAssembly.Module(bytes);
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  const { exports } = await WebAssembly.instantiate(module, {});
  const text = new TextEncoder().encode("my card is 5105105105105100 exp 12/27 cvv 871");
  const call = (name) => {
    const at = exports.room(text.length);
    new Uint8Array(exports.memory.buffer, at, text.length).set(text);
    exports[name](0);
    exports.wipe();
    return Buffer.from(exports.memory.buffer);
  };
  for (const name of ["mask", "find"]) {
    assert.equal(call(name).includes("51051051"), false, name);
  }
});

test("the module is the one that its digest says", () => {
  execFileSync(process.execPath, [new URL("../build.mjs", import.meta.url).pathname, "--check"], { stdio: "inherit" });
});

test("it takes time in proportion to the text", () => {
  const line = "my parcel of 3 May, order 20451, was promised for last week; call 020 7946 0018 please. ";
  const time = (times) => {
    const text = line.repeat(times);
    const began = process.hrtime.bigint();
    redactor.maskText(text);
    return Number(process.hrtime.bigint() - began) / 1e6;
  };
  time(1_000);
  const best = (times) => Math.min(...[1, 2, 3].map(() => time(times)));
  const [small, large] = [best(1_000), best(8_000)];
  assert.ok(large < small * 24, `${small} ms, ${large} ms`);
});
