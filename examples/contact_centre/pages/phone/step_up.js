// A step-up: who rang whom first, and nothing else is shown; then what is asked, the digits that the agent says, the PIN.
// The code covers all of it.

import { transactionText } from "/countersign.js";
import { $, busy, onSubmit, say } from "/dom.js";

// The one that is on the screen: its token, what is asked first, and what may be shown after the answer.
let open;

/** What may be shown, once it is answered who rang whom. */
export const shownStepUp = () => open?.shown;

const WHO = { "who-customer": "customer", "who-enterprise": "enterprise", "who-unknown": "unknown" };
const REASONS = {
  "approve-not": "not_me", "approve-wrong": "wrong_details", "approve-told": "told_to", "approve-changed": "changed_mind",
};

export function wireStepUp(phone) {
  const decline = async (id, reason, text) => {
    const answer = await phone.session.post(`/step-ups/${id}/decline`, { reason });
    if (answer.ok) phone.facts.approval = "declined";
    // Not good news: somebody may be on the line who has to go.
    phone.ok(answer, text, "bad");
    return phone.refresh();
  };
  for (const [id, who] of Object.entries(WHO)) {
    $(id).addEventListener("click", (event) => busy(event.currentTarget, async () => {
      const answered = open;
      if (!answered) return undefined;
      const check = answered.asked.answer(who);
      if (check.result === "decline") {
        return decline(check.id, check.reason, "Declined. Hang up: the person on the line is not us, or somebody else rang us as you.");
      }
      if (check.result === "show") answered.shown = check.stepUp;
      else $("who-rang-hint").textContent = "Please look once more: who rang whom?";
      return phone.refresh();
    }));
  }
  onSubmit($("approve"), async () => {
    // What was on the screen when it was pressed: another may be there before the code is made.
    const shown = open?.shown;
    if (!shown) return undefined;
    const [digits, pin] = [$("approve-digits").value, $("approve-pin").value];
    forgetTyped();
    const typed = async () => (shown.asksDigits ? shown.withDigits(digits) : shown);
    const made = await typed().then((one) => one.answer(phone.kept.credential, pin)).catch(() => undefined);
    if (!made) return say($("phone-notice"), "This phone cannot approve that.", "bad");
    const body = { code: made.code, digits: made.digits, who_rang: made.whoRang };
    const answer = await phone.session.post(`/step-ups/${shown.id}/submit`, body);
    if (answer.ok) phone.facts.approval = "approved";
    phone.ok(answer.ok ? answer : { ...answer, body: { says: "Not approved. If it was the digits or the PIN: try again." } }, "Approved. Nobody on the line has seen your PIN or a code.");
    return phone.refresh();
  });
  for (const [id, reason] of Object.entries(REASONS)) {
    $(id).addEventListener("click", (event) => busy(event.currentTarget, async () =>
      open?.shown && decline(open.shown.id, reason, "Declined. Nothing was transferred. If you did not call us, hang up.")));
  }
}

// What was typed is for the step-up that it was typed under, and for no other.
function forgetTyped() {
  for (const id of ["approve-digits", "approve-pin", "sign-digits"]) $(id).value = "";
}

// The step-up to show: what is on the screen stays there until it has ended. A newer one waits for its turn: nobody can
// put another transfer under a PIN that is being typed.
export function waiting(phone, token) {
  const tokens = phone.state.pending.step_ups.map((one) => one.token).filter(Boolean);
  return tokens.includes(token) ? token : tokens[0];
}

export async function showStepUp(phone) {
  const token = (phone.kept.credential || phone.kept.noted("passkey")) && waiting(phone, open?.token);
  if (open?.token !== token) {
    open = undefined;
    forgetTyped();
    const asked = token && await phone.device.openStepUp(token).catch(() => undefined);
    if (asked) {
      open = { token, asked, shown: asked.asksWhoRang ? undefined : asked.withoutAnswer() };
      $("who-rang-hint").textContent = "Who rang whom?";
      // Whatever was typed while it was opened.
      forgetTyped();
    }
  }
  phone.facts.stepUp = open !== undefined;
  phone.facts.whoRang = open?.shown !== undefined;
  $("who-rang").hidden = !open || open.shown !== undefined;
  // What a passkey signs has a card of its own.
  $("approve").hidden = !open?.shown || open.shown.method === "passkey";
  if (!open) return;
  if (phone.facts.stepUpOf !== open.asked.id) phone.facts.approval = undefined;
  phone.facts.stepUpOf = open.asked.id;
  const { shown } = open;
  if (!shown) return;
  $("approve-headline").textContent = shown.headline.text;
  $("approve-who").textContent = `${shown.agentName} asks you to approve:`;
  $("approve-what").textContent = shown.transaction ? transactionText(shown.transaction) : "This app is too old for this. Decline it.";
  $("approve-to").textContent = "If you did not call us, decline: somebody else did, as you.";
  $("approve-said").hidden = !shown.asksDigits;
  $("approve-digits").required = shown.asksDigits;
}
