// A phone that approves by passkey instead of a PIN: the browser keeps the key, and shows nothing of what it signs, so this
// page shows all of it first.

import { transactionText } from "/countersign.js";
import { $, busy, request, say } from "/dom.js";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

let open;

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
  const { shown } = open;
  const made = await navigator.credentials.get({ publicKey: {
    challenge: await shown.passkeyChallenge(),
    rpId: location.hostname,
    allowCredentials: [{ type: "public-key", id: bytes(phone.kept.noted("passkey")) }],
    userVerification: "required",
  } }).catch(() => undefined);
  if (!made) return say($("phone-notice"), "Nothing was approved.", "bad");
  const answer = await phone.session.post(`/step-ups/${shown.id}/sign`, { answer: JSON.stringify(made.toJSON()) });
  if (answer.ok) phone.facts.approval = "approved";
  phone.ok(answer, "Approved. Nobody on the line can use what your passkey signed for anything else.");
  return phone.refresh();
}

export function wirePasskey(phone) {
  $("setup-passkey").addEventListener("click", (event) => busy(event.currentTarget, () => create(phone)));
  $("sign-approve").addEventListener("click", (event) => busy(event.currentTarget, () => sign(phone)));
  $("sign-not").addEventListener("click", (event) => busy(event.currentTarget, async () => {
    const answer = await phone.session.post(`/step-ups/${open.shown.id}/decline`);
    if (answer.ok) phone.facts.approval = "declined";
    phone.ok(answer, "Declined. Nothing was transferred. If you did not call us, hang up.");
    return phone.refresh();
  }));
}

export async function showPasskey(phone) {
  const token = hasPasskey(phone) && phone.state.pending.step_ups.find((one) => one.token)?.token;
  if (!token) {
    open = undefined;
  } else if (open?.token !== token) {
    try { open = { token, shown: await phone.device.openStepUp(token) }; } catch { open = undefined; }
  }
  if (open && open.shown.method !== "passkey") open = undefined;
  $("sign").hidden = !open;
  if (!open) return;
  phone.facts.stepUp = true;
  const { shown } = open;
  if (phone.facts.stepUpOf !== shown.id) phone.facts.approval = undefined;
  phone.facts.stepUpOf = shown.id;
  $("sign-headline").textContent = shown.headline.text;
  $("sign-who").textContent = `${shown.agentName} asks you to approve:`;
  $("sign-what").textContent = transactionText(shown.transaction);
}
