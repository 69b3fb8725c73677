// A bill: the agent asks, the customer pays in the vault's field, and the desktop sees a receipt.

import { $, fill, h, onSubmit, pence, pounds, request, say, words } from "/dom.js";

export function wireBills(desktop) {
  onSubmit($("bill"), async () => {
    if (!desktop.call) return say($("desktop-notice"), "Only in a call with the customer.", "bad");
    const body = {
      request: request(), pence: pence($("bill-amount").value), payee: "Bank Example",
      reference: $("bill-reference").value,
    };
    return desktop.ok(await desktop.session.post(`/calls/${desktop.call.interaction.id}/payments`, body), "Asked. The customer pays on the phone.");
  });
}

// Not ended yet.
const OPEN = ["waiting", "authenticating"];

export function showBills(desktop) {
  const { payments } = desktop.state;
  const outcome = (one) => (typeof one.outcome === "string" ? one.outcome : Object.keys(one.outcome)[0]);
  desktop.facts.bill = payments[0] && outcome(payments[0]);
  fill($("bills"), payments, () => payments.map((one) => {
    const is = outcome(one);
    const said = one.outcome[is] ?? {};
    const row = (name, value) => value !== undefined && value !== null && h("div", {}, h("dt", {}, name), h("dd", {}, value));
    return h("article", { class: "card" },
      h("p", { class: "amount" }, `${pounds(one.payment.transaction.amount)}: ${one.payment.transaction.reference} `,
        h("span", { class: "badge", "data-mood": is === "authorised" ? "good" : OPEN.includes(is) ? "" : "bad" }, words(is))),
      is === "authenticating" && h("p", {}, "Her card’s bank asks her whether it is her, in a page of its own. Nothing is charged yet."),
      h("dl", {},
        row("Authorisation", said.authorisation_code), row("Transaction", said.transaction_id),
        row("Card", one.payment.last_four && `${words(one.payment.brand)} ending in ${one.payment.last_four}`),
        row("Reason", is === "declined" && typeof said === "string" ? words(said) : undefined)));
  }));
}
