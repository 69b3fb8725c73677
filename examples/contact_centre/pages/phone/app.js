// The customer's phone. It has the customer's session, the keys that are built into an app, and what it keeps itself.

import { CountersignError, NOT_VERIFIED, StatusQuestion, currentSeconds } from "/countersign.js";
import { $, busy, fill, h, onSubmit, request, say, sentence } from "/dom.js";
import { Session } from "/session.js";
import { showCallbacks, wantsWords, wireCallbacks } from "/phone/callbacks.js";
import { wireChat } from "/phone/chat.js";
import { showConversation, wireConversation } from "/phone/conversation.js";
import { showPayment, wirePayment } from "/phone/payment.js";
import { hasPasskey, showPasskey, wirePasskey } from "/phone/passkey.js";
import { wireDialling } from "/phone/dialling.js";
import { showNotices } from "/phone/notices.js";
import { wireReachable } from "/phone/reachable.js";
import { Ringing } from "/phone/ringing.js";
import { showStepUp, wireStepUp } from "/phone/step_up.js";
import { Kept, deviceOf } from "/phone/kept.js";
import { checkHistory } from "/phone/history.js";

export class Phone {
  session = new Session("phone");
  ringing = new Ringing(this);
  state = undefined;
  story = "callback";
  // What the guide looks at: names of what is on the screen, nothing of what is in it.
  facts = {};

  async start(changed) {
    this.changed = changed;
    await this.session.open();
    const { body } = await this.session.get("/state");
    this.kept = await Kept.of(body.customer);
    this.device = await deviceOf(body, this.kept);
    wireCallbacks(this);
    wireConversation(this);
    wireStepUp(this);
    wirePasskey(this);
    wirePayment(this);
    wireReachable(this);
    wireDialling(this);
    this.#wire();
    this.refresh = this.session.follow((state) => this.show(state));
  }

  // What the service said no to, as it may be told.
  refused(answer, otherwise = "That was refused.") {
    const { code, says, detail, retry_at: until } = answer.body;
    const why = until ? `Too often just now. Try again after ${new Date(until).toLocaleTimeString()}.`
      : says ?? (code === "invalid" ? "The bank cannot take that: look at what you typed." : otherwise);
    say($("phone-notice"), why, "bad");
    void detail;
  }

  ok(answer, text = "", mood = "good") {
    if (answer.ok) say($("phone-notice"), text, mood);
    else this.refused(answer);
    return answer.ok;
  }

  async show(state) {
    if (!state) {
      say($("phone-notice"), "Another page has taken over. Reload to come back.", "bad");
      return;
    }
    this.state = state;
    for (const one of state.credentials) if (one.status === "active") await this.#confirmed(one.id);
    this.#call(state.calls.filter((call) => call.line !== "over").at(-1));
    $("setup").hidden = this.kept.credential !== undefined || hasPasskey(this) || !(["conversation", "transfer", "calls"].includes(this.story) || wantsWords(this));
    $("calling").hidden = this.call !== undefined || this.story !== "calls";
    $("ring-card").hidden = state.calls.some((call) => call.line !== "over");
    fill($("rules"), state.rules, () => state.rules.map((rule) => h("li", {}, rule.says)));
    fill($("phone-lines"), state.chat, () => lines(state.chat));
    showCallbacks(this);
    await showConversation(this);
    await showNotices(this);
    await showStepUp(this);
    showPasskey();
    await showPayment(this);
    this.facts.enrolled = this.kept.credential !== undefined || hasPasskey(this);
    this.changed();
  }

  #call(call) {
    const known = this.call?.id === call?.id;
    this.call = call;
    this.facts.call = call?.line;
    this.facts.heard = call?.said.length ?? 0;
    $("phone-call").hidden = !call;
    this.ringing.show(call);
    if (!known) say($("phone-status"), "");
    if (!known) this.facts.status = undefined;
    // What was said before a call began is old news.
    if (!known && call) say($("phone-notice"), "");
    if (!call) return;
    // Whoever rings chooses what the display says.
    $("phone-call-title").textContent = call.line === "ringing" ? `A call from “${call.display}”`
      : call.incoming ? `On the line: “${call.display}” called you` : `On the line: you called ${call.display}`;
    $("phone-doubt").hidden = !call.incoming;
    $("phone-answer").hidden = call.line !== "ringing";
    fill($("phone-said"), call.said, () => call.said.map((line) =>
      h("li", { class: (line.by === "caller") === call.incoming ? "them" : "me" }, line.text)));
  }

  #wire() {
    const post = (path) => this.session.post(path);
    $("phone-answer").addEventListener("click", (event) => busy(event.currentTarget, () => post(`/calls/${this.call.id}/answer`)));
    $("phone-hang-up").addEventListener("click", (event) => busy(event.currentTarget, () => post(`/calls/${this.call.id}/end`)));
    $("ring").addEventListener("click", (event) => busy(event.currentTarget, () => post("/calls")));
    $("phone-ask").addEventListener("click", (event) => busy(event.currentTarget, () => this.#asks()));
    $("check-history").addEventListener("click", (event) => busy(event.currentTarget, () => checkHistory(this)));
    void wireChat(this);
    onSubmit($("setup"), () => this.#setUp());
  }

  // The bank has confirmed what this phone enrolled. Of a lost answer its next state says so.
  async #confirmed(id) {
    if (this.kept.unconfirmed?.id !== id) return;
    this.kept.confirmed();
    this.device = await deviceOf(this.state, this.kept);
  }

  // "Is that really you?" Whatever goes wrong is "not verified", never somebody else's answer.
  async #asks() {
    const question = new StatusQuestion(currentSeconds());
    try {
      const answer = await this.session.post("/status", { nonce: question.nonce });
      const shown = await this.device.openStatus(answer.body.token, question);
      const good = shown.headline.id === "talking_to_you";
      say($("phone-status"), shown.headline.text, good ? "good" : shown.headline.id === "calling" ? "" : "bad");
      this.facts.status = shown.headline.id;
    } catch {
      say($("phone-status"), NOT_VERIFIED, "bad");
      this.facts.status = "not_verified";
    }
    this.changed();
  }

  // Enrols this phone: the seed is used here once, and what is kept of it is masked with the PIN.
  async #setUp() {
    const [field, second] = [$("setup-pin"), $("setup-duress")];
    const given = await this.session.post("/enrol", { request: this.kept.enrolment(request()) });
    if (!given.ok) return this.refused(given);
    try {
      const credential = await this.kept.enrol(given.body, field.value, second.value || undefined);
      const code = await credential.confirm(field.value);
      const confirmed = await this.session.post(`/credentials/${credential.id}/confirm`, { code });
      if (!this.ok(confirmed, "This phone is set up.")) return undefined;
      await this.#confirmed(credential.id);
      await this.refresh();
    } catch (error) {
      say($("phone-notice"), error instanceof CountersignError ? sentence(error) : "That did not work. Try again.", "bad");
    } finally {
      field.value = second.value = "";
    }
    return undefined;
  }
}

const lines = (chat) => chat.map((line) => h("li", { class: line.by === "customer" ? "me" : "them" }, line.text));
