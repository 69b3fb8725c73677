// The card's field, served by the vault and by nobody else. It opens the payment request itself, shows who asks for what,
// seals the card for the vault, and tells the page around it how it ended.

import { Card, CountersignError, Device, PublicKey, TrustedKeys, transactionText } from "/countersign.js";
import { hideChallenge, showChallenge, wireChallenge } from "/vault/challenge.js";
import { drop, keep, kept } from "/vault/kept.js";

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
    payment.sealed = kept(payment.shown.id);
    $("card").hidden = payment.sealed !== undefined || data.begun === true;
    // It was sent before this page was loaded anew: the same card gets the same answer. Another one would get none.
    if (payment.sealed) void send("/pay");
    else if (data.begun === true) say("This payment was begun in a page that is gone, and your card with it. If you had not answered your card’s bank, nothing is charged, and in some minutes it is declined. Ask for it anew only when the agent sees it declined.", "bad");
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
    keep(payment.shown.id, payment.sealed);
  } catch (error) {
    $("pay").disabled = false;
    say(error instanceof CountersignError ? `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.` : "That did not work.", "bad");
    return measure();
  }
  for (const field of $("card").querySelectorAll("input")) field.value = "";
  return send("/pay");
});

// Once more, after the customer has been at their card's bank, with what came back from there, if anything did.
wireChallenge((hint) => send("/resume", hint), measure);

async function send(path, hint) {
  const { token, ticket, sealed } = payment;
  let answer;
  // An answer of the acquirer's that was lost is found out within a minute.
  for (let attempt = 0; attempt < 120; attempt += 1) {
    if (attempt === 4) finding();
    const sent = fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, ticket, sealed, ...(hint === undefined ? {} : { hint }) }),
    });
    answer = await sent.then(async (one) => ({ ok: one.ok, status: one.status, body: await one.json() })).catch(() => undefined);
    if (answer && answer.status !== 503) break;
    await new Promise((wake) => setTimeout(wake, 500));
  }
  const body = answer?.ok ? answer.body : undefined;
  $("card").hidden = true;
  const challenge = body?.next?.authenticate;
  if (challenge && showChallenge(challenge)) {
    payment.asked = true;
    say("");
    tell({ kind: "asked" });
    return measure();
  }
  hideChallenge();
  const none = answer === undefined ? "unresolved" : "refused";
  const outcome = typeof body?.outcome === "string" ? body.outcome : Object.keys(body?.outcome ?? {})[0] ?? none;
  // What may have been charged is asked for again after a reload, with the same card.
  if (outcome !== "unresolved") drop(payment.shown.id);
  say(...said(outcome, body));
  tell({ kind: "outcome", outcome });
  return measure();
}

function finding() {
  say("One moment: the vault finds out how it stands. Nothing is charged twice.", "");
  measure();
}

function said(outcome, body) {
  const { asked } = payment;
  const bank = asked ? "Your card’s bank said that it was you." : "Your card’s bank did not need to ask you.";
  switch (outcome) {
    case "authorised": return [`Paid, with the card ending in ${body.last_four}. ${bank}`, "good"];
    case "declined": return [asked ? "Your card’s bank did not agree. Nothing was charged." : "Your card was declined. Ask for the payment anew, and take another card.", "bad"];
    case "unresolved": return ["It is not known yet whether this was paid. Do not pay it anew: load this page again in a minute.", "bad"];
    default: return ["Not paid.", "bad"];
  }
}

function measure() {
  tell({ kind: "height", height: document.querySelector("main").offsetHeight + 30 });
}

// A field that was hidden when it measured itself had no height.
let width = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth === width) return;
  width = window.innerWidth;
  measure();
});

tell({ kind: "ready" });
