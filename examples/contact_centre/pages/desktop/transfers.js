// A transfer: the agent asks, the customer approves on the phone, and what is booked is what was approved.

import { $, busy, fill, h, onSubmit, pence, pounds, request, say } from "/dom.js";

// The digits to say, by step-up: they come with the request, and stand on this desktop alone.
const toSay = new Map();

export function wireTransfers(desktop) {
  const order = () => ({
    request: request(), pence: pence($("transfer-amount").value),
    payee: $("transfer-payee").value, reference: $("transfer-reference").value,
  });
  onSubmit($("transfer"), async () => {
    say($("transfer-refused"), "");
    if (!desktop.call) return say($("transfer-refused"), "Only in a call with the customer.", "bad");
    const answer = await desktop.session.post(`/calls/${desktop.call.interaction.id}/transfers`, order());
    if (answer.ok && answer.body.digits) toSay.set(answer.body.step_up.id, answer.body.digits);
    return desktop.ok(answer, "Asked. The customer’s phone shows amount and payee. Say the digits.");
  });
  $("transfer-book").addEventListener("click", (event) => busy(event.currentTarget, async () => {
    const asked = desktop.state.transfers[0];
    if (!asked) return say($("transfer-refused"), "Nothing was approved yet.", "bad");
    const answer = await desktop.session.post(`/transfers/${asked.id}/book`, order());
    if (answer.ok) say($("transfer-refused"), "");
    else {
      desktop.facts.changed = (desktop.facts.changed ?? 0) + 1;
      say($("transfer-refused"), "Refused: this is not what the customer approved.", "bad");
    }
    return desktop.refresh();
  }));
  $("transfer-amount").addEventListener("input", () => {
    desktop.facts.amount = pence($("transfer-amount").value);
    desktop.changed();
  });
}

const SAID = {
  waiting: "Waiting for the customer’s app", declined: "Declined by the customer",
  refused: "Cannot be approved: no credential, or a locked one", expired: "Expired",
  transferred: "Went over to another agent: ask anew",
};

export function showTransfers(desktop) {
  const { transfers } = desktop.state;
  const outcome = (one) => (typeof one.outcome === "string" ? one.outcome : "approved");
  desktop.facts.transfer = transfers[0] && (transfers[0].booked ? "booked" : outcome(transfers[0]));
  desktop.facts.approvedPence = transfers[0]?.transaction.amount;
  // The state may come before the answer that has the digits.
  fill($("transfers"), [transfers, toSay.size], () => transfers.map((one) => {
    const is = outcome(one);
    const text = one.booked ? "Verified, and transferred" : is === "approved" ? "Verified: the customer approved exactly this" : SAID[is];
    const mood = is === "approved" || one.booked ? "good" : is === "waiting" ? "" : "bad";
    return h("article", { class: "card" },
      h("p", { class: "amount" }, `${pounds(one.transaction.amount)} to ${one.transaction.payee}`),
      is === "waiting" && toSay.has(one.id) && h("p", { class: "script-line" }, `Say: ${toSay.get(one.id)}`),
      h("p", {}, h("span", { class: "badge", "data-mood": mood }, text)));
  }));
}
