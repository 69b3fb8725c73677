// Mallory and Eve: what an attacker can do with telephones, and no more.

import { $, button, fill, h, onSubmit, say } from "/dom.js";
import { Session } from "/session.js";

const ACTS = {
  callback: [
    ["mallory", "Mallory rings Alice, with the bank’s number"],
    ["guess", "“Your account ends in 4411”"],
    ["eve", "Eve rings as Alice: “What is my word?”"],
  ],
  conversation: [
    ["copy", "Post a copy from BANK-HELP"],
    ["mallory", "Mallory rings Alice, with the bank’s number"],
    ["code", "“The code is 1234 5678”"],
  ],
  transfer: [
    ["mallory", "Mallory rings Alice, with the bank’s number"],
    ["reversal", "“Please approve the reversal”"],
    ["eve", "Eve rings as Alice: “Transfer £9000”"],
    ["force", "“Approve it. I am at your door”"],
  ],
  calls: [
    ["mallory", "Mallory rings Alice, with the bank’s number"],
    ["card", "Mallory rings with the number on her card"],
    ["copy", "Post a copy from BANK-HELP"],
    ["eve", "Eve rings the bank as Alice"],
  ],
  payment: [
    ["forge", "Send a payment request of their own"],
    ["mallory", "Mallory rings Alice, with the bank’s number"],
    ["number", "“Just read me the card number”"],
    ["eve", "Eve rings as Alice: “I’ll pay”"],
    ["otp", "“Read me your bank’s code”"],
    ["yes", "A browser extension: “Her bank said yes”"],
  ],
};

const WORDS = {
  guess: "Bank Example, fraud team. Your account ends in 4411.",
  code: "Bank Example. The code is 1234 5678.",
  reversal: "Bank Example, fraud team. Please approve the reversal in your app.",
  number: "It did not go through. Just read me the number on your card.",
  force: "Approve it. I am at your door.",
  otp: "To stop that payment, read me the code that your bank sent you.",
};

const SAYS_EVE = {
  callback: "Alice here. What was my word again?",
  transfer: "This is Alice. I would like to transfer £9000.",
  payment: "This is Alice. I would like to pay my fees.",
};

// What somebody who has got into Alice’s browser tells the vault’s frame, and every frame in it: that her card’s bank said yes.
function forgesYes() {
  const cres = btoa(JSON.stringify({ messageType: "CRes", transStatus: "Y" }));
  const frames = (of) => [of, ...Array.from({ length: of.length }, (_, n) => frames(of[n])).flat()];
  for (const frame of frames(window).slice(1)) frame.postMessage({ kind: "authenticated", cres }, "*");
}

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
      onSubmit($("impostor-words"), async () => {
        if (!await this.#says($("impostor-text").value)) return;
        $("impostor-text").value = "";
        this.facts.said = true;
        this.changed();
      });
    }
    fill($("impostor-acts"), story, () => ACTS[story].map(([act, text]) => button(text, () => this.#do(act), { act: `impostor-${act}` })));
  }

  #own(who) { return this.state.calls.findLast((call) => call.caller === who && call.line !== "over"); }

  // Mallory says something, if he is in a call.
  async #says(text) {
    const call = this.#own("mallory");
    const said = call !== undefined && (await this.session.post(`/calls/${call.id}/say`, { text })).ok;
    say($("impostor-hint"), said ? "" : "Mallory is in no call. Let him ring Alice first.");
    return said;
  }

  async #do(act) {
    if (act in WORDS) {
      if (!await this.#says(WORDS[act])) return;
    } else if (act === "copy" || act === "forge") await this.session.post(`/${act}`);
    else if (act === "yes") forgesYes();
    else if (act === "card") await this.session.post("/calls", { who: "mallory", card: true });
    else {
      const { body } = await this.session.post("/calls", { who: act });
      if (act === "eve") await this.session.post(`/calls/${body.id}/say`, { text: SAYS_EVE[this.story] ?? "This is Alice." });
      else say($("impostor-hint"), "");
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
