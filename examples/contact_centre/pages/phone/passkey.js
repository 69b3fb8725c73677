// A phone that approves by passkey instead of a PIN: the browser keeps the key, and shows nothing of what it signs, so this
// page shows all of it first.

import { transactionText } from "/countersign.js";
import { $, busy, request, say } from "/dom.js";
import { shownStepUp } from "/phone/step_up.js";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

export const hasPasskey = (phone) => phone.kept.noted("passkey") !== undefined;

async function create(phone) {
  const given = await phone.session.post("/passkeys", { request: phone.kept.enrolment(request()) });
  if (!given.ok) return phone.refused(given);
  const made = await navigator.credentials.create({ publicKey: {
    challenge: bytes(given.body.challenge),
    rp: { id: location.hostname, name: "Example Bank, approvals" },
    user: { id: crypto.getRandomValues(new Uint8Array(16)), name: "Alice", displayName: "Alice" },
    pubKeyCredParams: [-7, -8].map((alg) => ({ type: "public-key", alg })),
    authenticatorSelection: { userVerification: "required" },
  } }).catch(() => undefined);
  if (!made) return say($("phone-notice"), "No passkey was made.", "bad");
  const path = `/passkeys/${given.body.credential}/confirm`;
  const confirmed = await phone.session.post(path, { answer: JSON.stringify(made.toJSON()) });
  if (!phone.ok(confirmed, "This phone approves by passkey.")) return undefined;
  phone.kept.note("passkey", confirmed.body.passkey_id);
  return phone.refresh();
}

async function sign(phone) {
  // What was on the screen when it was pressed: another may be there before the authenticator has answered.
  const asked = shownStepUp();
  if (!asked) return undefined;
  const digits = $("sign-digits");
  const typed = async () => (asked.asksDigits ? asked.withDigits(digits.value) : asked);
  const shown = await typed().catch(() => undefined);
  const challenge = await shown?.passkeyChallenge();
  if (!challenge) return say($("phone-notice"), "Type the six digits that the agent says.", "bad");
  const made = await navigator.credentials.get({ publicKey: {
    challenge,
    rpId: location.hostname,
    allowCredentials: [{ type: "public-key", id: bytes(phone.kept.noted("passkey")) }],
    userVerification: "required",
  } }).catch(() => undefined);
  if (!made) return say($("phone-notice"), "Nothing was approved.", "bad");
  digits.value = "";
  const given = shown.answerSigned(JSON.stringify(made.toJSON()));
  const body = { answer: given.assertion, digits: given.digits, who_rang: given.whoRang };
  const answer = await phone.session.post(`/step-ups/${shown.id}/sign`, body);
  if (answer.ok) phone.facts.approval = "approved";
  phone.ok(answer, "Approved. Nobody on the line can use what your passkey signed for anything else.");
  return phone.refresh();
}

export function wirePasskey(phone) {
  $("setup-passkey").addEventListener("click", (event) => busy(event.currentTarget, () => create(phone)));
  $("sign-approve").addEventListener("click", (event) => busy(event.currentTarget, () => sign(phone)));
  $("sign-not").addEventListener("click", (event) => busy(event.currentTarget, async () => {
    const shown = shownStepUp();
    if (!shown) return undefined;
    const answer = await phone.session.post(`/step-ups/${shown.id}/decline`, { reason: "not_me" });
    if (answer.ok) phone.facts.approval = "declined";
    phone.ok(answer, "Declined. Nothing was transferred. If you did not call us, hang up.", "bad");
    return phone.refresh();
  }));
}

/** After `showStepUp`, which asks who rang whom. */
export function showPasskey() {
  const shown = shownStepUp();
  $("sign").hidden = shown?.method !== "passkey";
  if (shown?.method !== "passkey") return;
  $("sign-headline").textContent = shown.headline.text;
  $("sign-who").textContent = `${shown.agentName} asks you to approve:`;
  $("sign-what").textContent = shown.transaction ? transactionText(shown.transaction) : "This app is too old for this. Decline it.";
  $("sign-said").hidden = !shown.asksDigits;
}
