// The agent's desktop. It has the agent's session, shows what it is given, and computes nothing: it holds no library.

import { $, busy, button, fill, h, onSubmit, request, say, time, windowFrom, words } from "/dom.js";
import { Session } from "/session.js";
import { showTransfers, wireTransfers } from "/desktop/transfers.js";
import { showBills, wireBills } from "/desktop/bills.js";

export class Desktop {
  session = new Session("desktop");
  state = undefined;
  story = "callback";
  facts = {};

  async start(changed) {
    this.changed = changed;
    await this.session.open();
    onSubmit($("announce"), async () => {
      const body = { request: request(), about: $("announce-about").value };
      this.ok(await this.session.post("/challenges", body), "The notice is signed, and on its way as a text message.");
    });
    $("dial-alice").addEventListener("click", (event) => busy(event.currentTarget, async () => {
      this.ok(await this.session.post("/calls"), "Announced, and ringing.");
    }));
    onSubmit($("desktop-chat"), async () => {
      if (this.ok(await this.session.post("/chat", { text: $("desktop-text").value }))) $("desktop-text").value = "";
    });
    wireTransfers(this);
    wireBills(this);
    this.refresh = this.session.follow((state) => this.show(state));
  }

  ok(answer, text = "") {
    // A desktop is never told why.
    say($("desktop-notice"), answer.ok ? text : answer.status === 403 ? "Refused." : "That did not work. Look at what you typed.", answer.ok ? "good" : "bad");
    if (answer.status === 403) this.facts.refused = (this.facts.refused ?? 0) + 1;
    return answer.ok;
  }

  async show(state) {
    if (!state) return;
    this.state = state;
    const call = state.calls.find((one) => one.line !== "over");
    if (call && call.interaction.id !== this.call?.interaction.id) say($("desktop-notice"), "");
    this.call = call;
    this.facts.due = state.due.length;
    this.facts.call = this.call?.line;
    this.facts.direction = this.call?.interaction.direction;
    this.facts.ticket = this.call?.ticket;
    this.facts.chat = state.chat.length;
    $("dial-card").hidden = this.call !== undefined;
    $("idle").hidden = state.due.length > 0 || this.call !== undefined;
    fill($("toasts"), state.due, () => state.due.map((callback) => this.#toast(callback)));
    fill($("desktop-calls"), this.call ?? null, () => this.call && this.#call(this.call));
    fill($("case"), [state.callbacks, this.call?.interaction.id], () => (state.callbacks ?? []).filter((one) => ["booked", "revealed"].includes(one.status)).map((one) => this.#callback(one)));
    // One conversation at a time.
    $("announce").hidden = ["issued", "answered", "confirmed", "presented"].includes(state.challenges[0]?.status);
    fill($("challenges"), [state.challenges, this.call?.interaction.id], () => state.challenges.map((one) => this.#challenge(one)));
    fill($("desktop-lines"), state.chat, () => state.chat.map((line) => h("li", { class: line.by === "agent" ? "me" : "them" }, line.text)));
    if (!this.call) this.#says(undefined);
    showTransfers(this);
    showBills(this);
    this.changed();
  }

  #toast(callback) {
    const { from, until } = callback.window;
    return h("article", { class: "card urgent", role: "alert" },
      h("h3", {}, `Callback due: ${this.state.name}`),
      h("p", {}, `Between ${time(from)} and ${time(until)}, by telephone.`),
      button("Accept and ring", async () => this.ok(await this.session.post(`/toasts/${callback.id}/accept`)), { class: "primary", act: "accept-toast" }));
  }

  #call({ interaction, line, said, ticket }) {
    const outbound = interaction.direction === "outbound";
    return h("article", { class: "card call" },
      h("h3", {}, line === "ringing" ? `Ringing ${this.state.name}…` : `On the line: ${this.state.name}`),
      h("p", { class: "hint" }, outbound ? "Outbound: the dialler rang the customer." : ticket === "asked" ? "Inbound: the customer’s app asked for this call. That identifies nobody yet." : "Inbound: someone rang, and says they are the customer. No ticket of the app’s came with it."),
      h("ol", { class: "said", "aria-label": "What is said" }, said.map((one) => h("li", { class: (one.by === "caller") === outbound ? "me" : "them" }, one.text))),
      h("div", { class: "row" }, button("End the call", async () => this.ok(await this.session.post(`/calls/${interaction.id}/end`)), { act: "end-call" })));
  }

  #callback(callback) {
    const path = `/calls/${this.call?.interaction.id}/callbacks/${callback.id}`;
    const derived = callback.derived_with !== undefined;
    return h("article", { class: "card" },
      h("h3", {}, "Case: callback ", h("span", { class: "badge" }, words(callback.status))),
      h("p", {}, derived ? "The customer’s phone makes words of a secret that you never learn. Say them before anything else." : "The customer set a secret. Say it before anything else."),
      h("div", { class: "row" },
        button(derived ? "Show the words" : "Show the secret", async () => {
          const answer = await this.session.post(`${path}/reveal`);
          const text = derived ? `Your words are: ${answer.body.say}.` : `Your secret is “${answer.body.say}”.`;
          if (this.ok(answer)) this.#says(text, "Bank Example here. ");
        }, { class: "primary", act: "reveal" }),
        this.call?.interaction.direction === "outbound" && button("Nobody answers", async () => {
          this.ok(await this.session.post(`${path}/abandon`), "Given up. The secret is burnt.");
        })));
  }

  #challenge(challenge) {
    const { id, status, proposal, appointment } = challenge;
    const slot = appointment?.slot ?? proposal?.slot;
    return h("article", { class: "card" },
      h("h3", {}, `${challenge.purpose} `, h("span", { class: "badge" }, words(status))),
      slot && h("p", {}, `${appointment ? "Agreed" : "Proposed"}: ${time(slot.from)} to ${time(slot.until)}, by telephone.`),
      h("div", { class: "row" },
        status === "answered" && button("Confirm the slot", async () => {
          const window = slot ?? windowFrom(0);
          this.ok(await this.session.post(`/challenges/${id}/confirm`, { request: request(), window }), "Agreed, and signed for the customer’s app.");
        }, { class: "primary", act: "confirm" }),
        status === "answered" && slot && Date.parse(slot.from) > Date.now() + 60_000 && button("Offer to ring now instead", async () => {
          this.ok(await this.session.post(`/challenges/${id}/confirm`, { request: request(), window: windowFrom(0) }), "Agreed for now, and signed for the customer’s app.");
        }, { act: "confirm-now" }),
        ["confirmed", "presented"].includes(status) && !this.call && button("Ring the customer", async () => this.ok(await this.session.post("/calls")), { class: "primary", act: "dial" }),
        ["confirmed", "presented"].includes(status) && this.call && button("Show the code", async () => {
          const answer = await this.session.post(`/calls/${this.call.interaction.id}/challenges/${id}/present`);
          const code = answer.body.say?.code;
          if (this.ok(answer)) this.#says(`The code is ${code.digits}.`, "Bank Example here, as we agreed. ", code.words);
        }, { class: "primary", act: "present" }),
        ["issued", "answered", "confirmed"].includes(status) && button("Take it back", async () => this.ok(await this.session.post(`/challenges/${id}/revoke`), "Taken back."))));
  }

  // What the agent is to say. The button stands for a voice: it puts the words on the line.
  #says(text, before = "", spoken) {
    this.facts.toSay = text !== undefined;
    fill($("say"), text ?? null, () => text && h("article", { class: "card script" },
      h("p", { class: "hint" }, "Say:"),
      h("p", { class: "script-line" }, text),
      spoken && h("p", { class: "hint" }, `or in words: ${spoken}`),
      button("Say it", async () => {
        const words = { text: before + text };
        if (this.ok(await this.session.post(`/calls/${this.call.interaction.id}/say`, words))) this.facts.said = true;
        this.changed();
      }, { class: "primary", act: "say-it" })));
    if (!text) this.facts.said = false;
    this.changed();
  }
}
