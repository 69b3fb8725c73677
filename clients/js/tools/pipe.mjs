// The customer's half over a pipe, for tests that play the enterprise: a JSON object a line in, one a line out.

import { createInterface } from "node:readline";

import { DeviceCredential, StatusQuestion } from "../dist/index.js";
import { hex } from "../dist/bytes.js";
import { cardOf, deviceOf, run } from "./run.mjs";

/** What is beside the operations of the vectors: what draws something. */
const DRAWING = {
  async enrol(_, { credential, seed, pin, duress }) {
    const made = await DeviceCredential.enrol({ credential, seed, pin, duress: duress ?? undefined });
    return { credential: hex(await made.toBytes()), code: await made.confirm(pin) };
  },

  async ask(_, __, now) {
    return { nonce: new StatusQuestion(now).nonce };
  },

  async seal(device, { token, card, attempt }, now) {
    const payment = await (await deviceOf(device)).openPayment(token, now);
    return { sealed: await payment.seal(cardOf(card), attempt) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, device, input, now } = JSON.parse(line);
  const drawing = DRAWING[op];
  let answer;
  try {
    answer = await (drawing === undefined ? run(op, device, input, now) : drawing(device, input, now));
  } catch (error) {
    answer = { fault: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
