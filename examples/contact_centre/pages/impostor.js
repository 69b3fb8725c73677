// Mallory and Eve: what an attacker can do with telephones, and no more.

import { $, button, fill, h } from "/dom.js";
import { Session } from "/session.js";

const ACTS = {
  callback: [
    ["mallory", "Mallory rings Alice, with the bank’s number"],
    ["guess", "Mallory: “Your account ends in 4411”"],
    ["eve", "Eve rings the bank as Alice: “What is my word?”"],
  ],
  conversation: [
    ["copy", "Post a copy of the bank’s notice from BANK-HELP"],
    ["mallory", "Mallory rings Alice, with the bank’s number"],
    ["code", "Mallory: “The code is 1234 5678”"],
  ],
  transfer: [
    ["mallory", "Mallory rings Alice, with the bank’s number"],
    ["reversal", "Mallory: “Please approve the reversal”"],
    ["eve", "Eve rings the bank as Alice: “Transfer £9000”"],
  ],
  calls: [
    ["mallory", "Mallory rings Alice, with the bank’s number"],
    ["card", "Mallory rings with the number on her card"],
    ["copy", "Post a copy of the bank’s notice from BANK-HELP"],
    ["eve", "Eve rings the bank as Alice"],
  ],
  payment: [
    ["forge", "Send a payment request of their own"],
    ["mallory", "Mallory rings Alice, with the bank’s number"],
    ["number", "Mallory: “Just read me the card number”"],
  ],
};

const WORDS = {
  guess: "Bank Example, fraud team. Your account ends in 4411.",
  code: "Bank Example. The code is 1234 5678.",
  reversal: "Bank Example, fraud team. Please approve the reversal in your app.",
  number: "It did not go through. Just read me the number on your card.",
};

export class Impostor {
  session = new Session("impostor");
  facts = {};
  state = { calls: [] };
  #opened = false;

  async start(changed, story) {
    this.changed = changed;
    this.facts = {};
    if (!this.#opened) {
      this.#opened = true;
      await this.session.open();
      this.session.follow((state) => state && this.show(state));
    }
    fill($("impostor-acts"), story, () => ACTS[story].map(([act, text]) => button(text, () => this.#do(act), { act: `impostor-${act}` })));
  }

  #own(who) { return this.state.calls.findLast((call) => call.caller === who && call.line !== "over"); }

  async #do(act) {
    if (act === "copy" || act === "forge") await this.session.post(`/${act}`);
    else if (act === "card") await this.session.post("/calls", { who: "mallory", card: true });
    else if (act === "mallory" || act === "eve") {
      const { body } = await this.session.post("/calls", { who: act });
      const text = { callback: "Alice here. What was my word again?", transfer: "This is Alice. I would like to transfer £9000." };
      if (act === "eve") await this.session.post(`/calls/${body.id}/say`, { text: text[this.story] ?? "This is Alice." });
    } else {
      const call = this.#own("mallory");
      if (call) await this.session.post(`/calls/${call.id}/say`, { text: WORDS[act] });
    }
    this.facts[act] = true;
    this.changed();
  }

  show(state) {
    this.state = state;
    const said = state.calls.filter((call) => call.line !== "over").flatMap((call) => call.said.map((line) => ({ ...line, caller: call.caller })));
    fill($("impostor-said"), said, () => said.map((line) => h("li", { class: line.by === "caller" ? "me" : "them" },
      `${line.by === "caller" ? (line.caller === "eve" ? "Eve" : "Mallory") : "They hear"}: ${line.text}`)));
    this.changed();
  }
}
