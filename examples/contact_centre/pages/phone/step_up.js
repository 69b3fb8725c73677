// A step-up: who rang whom first, and nothing else is shown; then what is asked, the digits that the agent says, the PIN.
// The code covers all of it.

import { transactionText } from "/countersign.js";
import { $, busy, onSubmit, say } from "/dom.js";

// The one that waits: its token, what is asked first, and what may be shown after the answer.
let open;

const WHO = { "who-customer": "customer", "who-enterprise": "enterprise", "who-unknown": "unknown" };
const REASONS = {
  "approve-not": "not_me", "approve-wrong": "wrong_details", "approve-told": "told_to", "approve-changed": "changed_mind",
};

export function wireStepUp(phone) {
  const decline = async (id, reason, text) => {
    const answer = await phone.session.post(`/step-ups/${id}/decline`, { reason });
    if (answer.ok) phone.facts.approval = "declined";
    phone.ok(answer, text);
    return phone.refresh();
  };
  for (const [id, who] of Object.entries(WHO)) {
    $(id).addEventListener("click", (event) => busy(event.currentTarget, async () => {
      const check = open.asked.answer(who);
      if (check.result === "decline") {
        return decline(check.id, check.reason, "Declined. Hang up: the person on the line is not us, or somebody else rang us as you.");
      }
      if (check.result === "show") open.shown = check.stepUp;
      else $("who-rang-hint").textContent = "Please look once more: who rang whom?";
      return phone.refresh();
    }));
  }
  onSubmit($("approve"), async () => {
    const [digits, pin] = [$("approve-digits"), $("approve-pin")];
    const typed = async () => (open.shown.asksDigits ? open.shown.withDigits(digits.value) : open.shown);
    const made = await typed().then((one) => one.answer(phone.kept.credential, pin.value)).catch(() => undefined);
    digits.value = pin.value = "";
    if (!made) return say($("phone-notice"), "This phone cannot approve that.", "bad");
    const body = { code: made.code, digits: made.digits, who_rang: made.whoRang };
    const answer = await phone.session.post(`/step-ups/${open.shown.id}/submit`, body);
    if (answer.ok) phone.facts.approval = "approved";
    phone.ok(answer.ok ? answer : { ...answer, body: { says: "Not approved. If it was the digits or the PIN: try again." } }, "Approved. Nobody on the line has seen your PIN or a code.");
    return phone.refresh();
  });
  for (const [id, reason] of Object.entries(REASONS)) {
    $(id).addEventListener("click", (event) => busy(event.currentTarget, () =>
      decline(open.shown.id, reason, "Declined. Nothing was transferred. If you did not call us, hang up.")));
  }
}

export async function showStepUp(phone) {
  const token = phone.state.pending.step_ups.find((one) => one.token)?.token;
  if (!token || !phone.kept.credential) {
    open = undefined;
  } else if (open?.token !== token) {
    try {
      const asked = await phone.device.openStepUp(token);
      open = { token, asked, shown: asked.asksWhoRang ? undefined : asked.withoutAnswer() };
      $("who-rang-hint").textContent = "Who rang whom?";
    } catch { open = undefined; }
  }
  phone.facts.stepUp = open !== undefined;
  phone.facts.whoRang = open?.shown !== undefined;
  $("who-rang").hidden = !open || open.shown !== undefined;
  $("approve").hidden = !open?.shown;
  if (!open) return;
  if (phone.facts.stepUpOf !== open.asked.id) phone.facts.approval = undefined;
  phone.facts.stepUpOf = open.asked.id;
  const { shown } = open;
  if (!shown) return;
  $("approve-headline").textContent = shown.headline.text;
  $("approve-who").textContent = `${shown.agentName} asks you to approve:`;
  $("approve-what").textContent = transactionText({ ...shown.transaction, reference: shown.transaction.reference });
  $("approve-to").textContent = "If you did not call us, decline: somebody else did, as you.";
  $("approve-said").hidden = !shown.asksDigits;
  $("approve-digits").required = shown.asksDigits;
}
