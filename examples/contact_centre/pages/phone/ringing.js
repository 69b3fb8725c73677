// A call rings: is it the bank's? The number is looked up on the phone, and only about one of the bank's the bank is asked.

import { VERDICT_ASK_EVERY, VerdictQuestion, currentSeconds } from "/countersign.js";
import { $, say } from "/dom.js";

const SAYS = {
  legitimate: ["Bank Example is ringing you with this number. Whoever speaks still has to prove it.", "good"],
  not_legitimate: ["This is not Bank Example. Do not answer.", "bad"],
  undetermined: ["It cannot be told whether this is Bank Example. Ask for the code, or hang up and call us from the app.", "bad"],
  unknown: ["This number is none of Bank Example’s.", ""],
};
// For so many seconds one question is asked again. The answer to it counts a little longer.
const ASKED_AGAIN = 8;
// No answer is waited for longer: it may be lost, and is asked for again. An app that answers for the phone's system ends with
// `VERDICT_BUDGET`; this one asks for as long as it rings.
const PATIENCE_MS = 2000;

const wait = (ms, then) => new Promise((wake) => setTimeout(() => wake(then), ms));

export class Ringing {
  #phone;
  #numbers;
  // The call that is looked at, and what was found out.
  #call;
  #verdict;

  constructor(phone) { this.#phone = phone; }

  // At each state: `call` is the one on the screen, if there is one.
  show(call) {
    const incoming = call?.incoming ? call : undefined;
    if (this.#call?.id !== incoming?.id) {
      [this.#call, this.#verdict] = [incoming, undefined];
      say($("phone-verdict"), "");
      // An app that is not set up has nothing to ask with.
      if (incoming?.line === "ringing" && this.#phone.kept.credential) void this.#watch(incoming);
    }
    this.#call = incoming;
    $("phone-number").textContent = incoming?.number ?? "";
    $("phone-number").hidden = !incoming?.number;
    this.#tell();
  }

  #rings(call) { return this.#call?.id === call.id && this.#call.line === "ringing"; }

  #tell() {
    const [text, mood] = SAYS[this.#verdict] ?? ["", ""];
    const warns = mood === "bad";
    // That the bank was ringing says nothing of whoever speaks now. A warning stays.
    const shown = this.#call && (this.#call.line === "ringing" || warns) ? text : "";
    say($("phone-verdict"), shown, mood);
    this.#phone.facts.verdict = this.#verdict;
  }

  async #watch(call) {
    const began = performance.now();
    let question;
    while (this.#rings(call)) {
      const now = currentSeconds();
      if (question === undefined || now >= question.asked + ASKED_AGAIN) question = this.#question(call, now);
      const asked = this.#ask(call, question, began);
      // The phone rings meanwhile: what takes longer is undetermined.
      const verdict = await Promise.race([asked, wait(PATIENCE_MS, "undetermined")]);
      if (!this.#rings(call)) return;
      this.#verdict = verdict;
      this.#tell();
      this.#phone.changed();
      if (verdict !== "undetermined") return;
      await wait(VERDICT_ASK_EVERY * 1000);
    }
  }

  #question(call, now) {
    try { return new VerdictQuestion(call.number, now); } catch { return undefined; }
  }

  // Whatever fails is undetermined, never "not legitimate".
  async #ask(call, question, began) {
    try {
      const found = (await this.#list()).lookUp(call.number, currentSeconds());
      if (found !== "ask") return found;
      const seconds = (performance.now() - began) / 1000;
      const others = this.#phone.state.calls.filter((one) => one.line === "ringing").length > 1;
      const { body } = await this.#phone.session.post("/verdict", question.ringing(this.#phone.kept.credential.id, seconds, others));
      return await this.#phone.device.openVerdict(body.token, question);
    } catch {
      return "undetermined";
    }
  }

  // The bank's numbers, the same for every customer, kept until they are over.
  async #list() {
    if (this.#numbers === undefined || currentSeconds() >= this.#numbers.until) {
      const { body } = await this.#phone.session.get("/numbers");
      this.#numbers = await this.#phone.device.openNumbers(body.token);
    }
    return this.#numbers;
  }
}
