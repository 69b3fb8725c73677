// The phone's chat box. A card number that is typed or pasted is masked where it stands: the bank never has it.

import { $, onSubmit, say } from "/dom.js";
import { load } from "/redact.js";

export async function wireChat(phone) {
  const form = $("phone-chat");
  const send = form.querySelector("button");
  // Until the redactor is there nothing can be sent.
  send.disabled = true;
  form.addEventListener("submit", (event) => {
    if (!send.disabled) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
  onSubmit(form, async () => {
    const answer = await phone.session.post("/chat", { text: $("phone-text").value });
    if (phone.ok(answer)) $("phone-text").value = "";
  });
  try {
    const redactor = await load();
    redactor.attach($("phone-text"), {
      form,
      masked: () => say($("phone-notice"), "What looks like a card number was masked: it is never asked for here.", ""),
    });
    send.disabled = false;
  } catch {
    say($("phone-notice"), "The chat cannot be used: what is typed could not be masked.", "bad");
  }
}
