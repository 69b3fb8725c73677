// A step-up: who rang whom first, then what is asked, then the PIN. The code covers all of it.

import { transactionText } from "/countersign.js";
import { $, busy, onSubmit, say } from "/dom.js";

let open;

export function wireStepUp(phone) {
  onSubmit($("approve"), async () => {
    const field = $("approve-pin");
    const code = await open.shown.approve(phone.kept.credential, field.value).catch(() => undefined);
    field.value = "";
    if (!code) return say($("phone-notice"), "This phone cannot approve that.", "bad");
    const answer = await phone.session.post(`/step-ups/${open.shown.id}/submit`, { code });
    if (answer.ok) phone.facts.approval = "approved";
    phone.ok(answer.ok ? answer : { ...answer, body: { says: "Not approved. If it was the PIN: try again." } }, "Approved. Nobody on the line has seen your PIN or a code.");
    return phone.refresh();
  });
  $("approve-not").addEventListener("click", (event) => busy(event.currentTarget, async () => {
    const answer = await phone.session.post(`/step-ups/${open.shown.id}/decline`);
    if (answer.ok) phone.facts.approval = "declined";
    phone.ok(answer, "Declined. Nothing was transferred. If you did not call us, hang up.");
    return phone.refresh();
  }));
}

export async function showStepUp(phone) {
  const token = phone.state.pending.step_ups.find((one) => one.token)?.token;
  if (!token || !phone.kept.credential) {
    open = undefined;
  } else if (open?.token !== token) {
    try { open = { token, shown: await phone.device.openStepUp(token) }; } catch { open = undefined; }
  }
  phone.facts.stepUp = open !== undefined;
  $("approve").hidden = !open;
  if (!open) return;
  const { shown } = open;
  if (phone.facts.stepUpOf !== shown.id) phone.facts.approval = undefined;
  phone.facts.stepUpOf = shown.id;
  $("approve-headline").textContent = shown.headline.text;
  $("approve-who").textContent = `${shown.agentName} asks you to approve:`;
  $("approve-what").textContent = transactionText({ ...shown.transaction, reference: shown.transaction.reference });
  $("approve-to").textContent = "If you did not call us, decline: somebody else did, as you.";
}
