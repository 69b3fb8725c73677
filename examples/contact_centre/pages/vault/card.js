// The card's field, served by the vault and by nobody else. It opens the payment request itself, shows who asks for what,
// seals the card for the vault, and tells the page around it how it ended.

import { Card, CountersignError, Device, PublicKey, TrustedKeys, transactionText } from "/countersign.js";

const $ = (id) => document.getElementById(id);
const trust = await (await fetch("/trust.json")).json();
let payment;

async function trusted({ issuer, keys }, purpose) {
  const all = new TrustedKeys(issuer);
  for (const key of keys) all.trust(await PublicKey.parse(key), purpose);
  return all;
}

// To the bank's page alone: nothing but a height and an outcome.
function tell(message) {
  parent.postMessage(message, trust.page);
}

function say(text, mood) {
  $("said").hidden = !text;
  $("said").textContent = text;
  $("said").dataset.mood = mood;
}

window.addEventListener("message", async ({ origin, source, data }) => {
  if (origin !== trust.page || source !== parent || payment) return;
  try {
    const device = new Device({
      customer: data.customer,
      keys: await trusted(trust.bank, "payment_request"),
      vaultKeys: await trusted(trust.vault, "opening_key"),
    });
    // By name: nothing else that the page says takes the place of what was verified.
    const { token, ticket } = data;
    payment = { shown: await device.openPayment(token), token, ticket };
    $("headline").textContent = `${payment.shown.headline.text} ${payment.shown.agentName} asks you to pay:`;
    $("what").textContent = transactionText(payment.shown.transaction);
    $("card").hidden = false;
  } catch {
    say("This payment request is not genuine, or over. No card is asked for.", "bad");
  }
  measure();
});

$("card").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("pay").disabled = true;
  try {
    const card = Card.of({
      pan: $("number").value, expiry: $("expiry").value, code: $("code").value, cardholder: $("name").value,
    });
    // Sealed once: if the answer is lost, the same is sent again, and charged once.
    payment.sealed = await payment.shown.seal(card);
  } catch (error) {
    $("pay").disabled = false;
    say(error instanceof CountersignError ? `${error.message}.` : "That did not work.", "bad");
    return measure();
  }
  for (const field of $("card").querySelectorAll("input")) field.value = "";
  return pay();
});

async function pay() {
  const { token, ticket, sealed } = payment;
  let answer;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    answer = await fetch("/pay", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, ticket, sealed }),
    }).catch(() => undefined);
    if (answer && answer.status !== 503) break;
    await new Promise((wake) => setTimeout(wake, 500));
  }
  const body = answer?.ok ? await answer.json() : undefined;
  const outcome = typeof body?.outcome === "string" ? body.outcome : Object.keys(body?.outcome ?? {})[0] ?? "refused";
  $("card").hidden = true;
  if (outcome === "authorised") say(`Paid, with the card ending in ${body.last_four}.`, "good");
  else say(outcome === "declined" ? "Your card was declined. Ask for the payment anew, and take another card." : "Not paid.", "bad");
  tell({ kind: "outcome", outcome });
  measure();
}

function measure() {
  tell({ kind: "height", height: document.querySelector("main").offsetHeight + 30 });
}

tell({ kind: "ready" });
