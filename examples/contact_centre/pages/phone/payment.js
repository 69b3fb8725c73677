// A payment: the app opens the request and hands it to the vault's frame, in which the card is typed and sealed. The page
// around it learns what came of it, and nothing of the card.

import { CountersignError } from "/countersign.js";
import { $, button, fill, h, say } from "/dom.js";

let open;
const checked = new Map();

export function wirePayment(phone) {
  window.addEventListener("message", (event) => {
    const frame = $("pay-frame").querySelector("iframe");
    if (event.origin !== phone.state?.trust.vault.origin || event.source !== frame?.contentWindow) return;
    const { kind, height, outcome } = event.data ?? {};
    if (kind === "ready") hand(phone, frame);
    if (kind === "asked") {
      phone.facts.asked = true;
      phone.changed();
    }
    // Five heights are enough, and no inline style is allowed: `panes.css` has them.
    if (kind === "height" && Number.isFinite(height)) frame.dataset.size = height > 690 ? "xxl" : height > 570 ? "xl" : height > 465 ? "l" : height > 285 ? "m" : "s";
    if (kind === "outcome") {
      phone.facts.paid = outcome;
      const paid = outcome === "authorised";
      say($("phone-notice"), paid ? "Paid. The bank’s agent sees a receipt, never your card." : "Not paid.", paid ? "good" : "bad");
      phone.refresh();
    }
  });
}

async function hand(phone, frame) {
  const { shown } = open;
  const given = await phone.session.post(`/payments/${shown.id}/ticket`);
  if (!given.ok) return phone.refused(given);
  const { origin } = phone.state.trust.vault;
  // To the vault's origin, and to no other page that might be in the frame.
  return frame.contentWindow.postMessage({ ...given.body, customer: phone.state.customer, begun: open.begun }, origin);
}

// One whose card is given, and whose bank asks: after a reload it goes on where it was.
async function begun(phone, payments) {
  const one = open === undefined && payments.find(({ status }) => status === "authenticating");
  return one ? (await phone.session.post(`/payments/${one.id}/ticket`)).body.token : undefined;
}

export async function showPayment(phone) {
  const { pending, payments, trust, messages } = phone.state;
  const fresh = pending.payments.find((one) => one.token)?.token;
  const token = fresh ?? await begun(phone, payments);
  if (token && open?.token !== token) {
    try { open = { token, shown: await phone.device.openPayment(token), begun: fresh === undefined }; } catch { open = undefined; }
    [phone.facts.paid, phone.facts.asked] = [undefined, undefined];
  }
  const status = payments.find((one) => one.id === open?.shown.id)?.status;
  phone.facts.payment = status;
  $("pay").hidden = !open || phone.story !== "payment";
  if (open) {
    fill($("pay-frame"), [trust.vault.origin, open.shown.id], () =>
      h("iframe", { title: "Card details, from the vault", src: `${trust.vault.origin}/card`, "data-size": "l", allow: "" }));
  }
  const forged = messages.filter((message) => message.text === "Your payment did not go through. Pay here.");
  phone.facts.forged = forged.length;
  phone.facts.unmasked = checked.size;
  fill($("forged"), [forged, [...checked.keys()]], () => forged.map((message) => h("article", { class: "card message" },
    h("p", { class: "from" }, `Text message from ${message.handle}`),
    h("p", {}, message.text),
    checked.has(message.number) ? h("p", { class: "answer", "data-mood": "bad" }, checked.get(message.number))
      : button("Open it in the app", () => check(phone, message), { act: `forged-${message.number}`, class: "primary" }))));
}

async function check(phone, message) {
  try {
    await phone.device.openPayment(message.token);
    checked.set(message.number, "Genuine.");
  } catch (error) {
    checked.set(message.number, error instanceof CountersignError ? "Not from your bank. It is not shown, and no card is asked for." : "Not verified.");
  }
  await phone.refresh();
}
