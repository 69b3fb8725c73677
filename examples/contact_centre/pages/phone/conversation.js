// A conversation that the bank asks for: is the notice genuine, when shall it be, and does the caller know the code?

import { CountersignError, currentSeconds } from "/countersign.js";
import { $, busy, button, fill, h, onSubmit, request, say, sentence, time, windowFrom } from "/dom.js";

// What was found out of each message, by its number.
const checked = new Map();

export function wireConversation(phone) {
  onSubmit($("hear"), () => hear(phone));
  $("hear-not").addEventListener("click", (event) => busy(event.currentTarget, () => notThem(phone)));
}

export async function showConversation(phone) {
  const { messages, challenges, pending, rules, calls } = phone.state;
  const notices = messages.filter((message) => !message.notice && message.text !== "Your payment did not go through. Pay here.");
  phone.facts.messages = notices.length;
  phone.facts.checked = [...checked.values()].filter((one) => one.open?.id === challenges[0]?.id).length;
  phone.facts.copies = [...checked.values()].filter((one) => one.why).length;
  phone.facts.challenge = challenges[0]?.status;
  const results = notices.map((message) => checked.get(message.number)?.key);
  fill($("messages"), [notices, results, challenges, phone.facts.enrolled], () => notices.map((message) => notice(phone, message, rules, challenges)).reverse());
  await appointment(phone, pending, calls);
}

function notice(phone, message, rules, challenges) {
  const result = checked.get(message.number);
  const challenge = challenges.find((one) => one.id === result?.open?.id);
  const post = (body) => phone.session.post(`/challenges/${result.open.id}/answer`, body);
  const accept = (seconds) => post({
    answer: "accept", request: request(), slot: windowFrom(seconds), credential: phone.kept.credential?.id,
  });
  return h("article", { class: "card message" },
    h("p", { class: "from" }, `${message.channel === "sms" ? "Text message" : message.channel} from ${message.handle}, ${time(message.at)}`),
    h("p", {}, message.text),
    !result && button("Is this from my bank?", () => check(phone, message), { act: `check-${message.number}`, class: "primary" }),
    result?.why && h("p", { class: "answer", "data-mood": "bad" }, result.why),
    result?.open && h("p", { class: "answer", "data-mood": "good" }, `Genuine, and for you: ${result.open.data.purpose}.`),
    challenge?.status === "issued" && h("div", { class: "list" },
      h("p", {}, "Whoever rings you:"),
      h("ul", {}, rules.filter((rule) => result.open.data.neverAsked.includes(rule.id)).slice(0, 3).map((rule) => h("li", {}, rule.says))),
      h("div", { class: "row" },
        button("Ring me now", async () => phone.ok(await accept(0), "Answered. The bank confirms the slot."), { class: "good", act: "accept" }),
        button("In ten minutes", async () => phone.ok(await accept(600), "Proposed. The bank confirms the slot."), { act: "later" })),
      h("div", { class: "row" },
        button("No, thank you", async () => phone.ok(await post({ answer: "decline" }), "Declined.")),
        button("Report it", async () => phone.ok(await post({ answer: "report" }), "Reported: the bank takes it back."), { class: "bad" }))),
    challenge && challenge.status !== "issued" && h("p", { class: "hint" }, `Now: ${challenge.status.replaceAll("_", " ")}`),
  );
}

// A token can be copied and forwarded: it counts where the bank posted it, for whom it is, and nowhere else.
async function check(phone, message) {
  try {
    const found = { channel: message.channel, handle: message.handle };
    const result = await phone.device.openChallenge(message.token, found);
    if (result.result === "for_you") checked.set(message.number, { key: "open", open: result.challenge });
    else checked.set(message.number, { key: "other", why: "Signed by the bank, but perhaps not for you. Do not act on it." });
  } catch (error) {
    const elsewhere = error instanceof CountersignError && error.name === "FoundElsewhere";
    const why = elsewhere ? `Not genuine here: the bank does not post from “${message.handle}”. Somebody copied it.`
      : "Not genuine. Delete it.";
    checked.set(message.number, { key: "why", why });
  }
  await phone.refresh();
}

let open;

async function appointment(phone, pending, calls) {
  const token = pending.challenges.find((one) => one.appointment)?.appointment;
  const talking = calls.some((call) => call.line === "talking" && call.incoming);
  if (!token || !phone.kept.credential) {
    open = undefined;
  } else if (open?.token !== token) {
    try { open = { token, shown: await phone.device.openAppointment(token) }; } catch { open = undefined; }
  }
  const shown = open?.shown;
  phone.facts.appointment = shown !== undefined;
  const over = shown && phone.kept.attempts.wasGenuine(shown.id);
  $("hear").hidden = !shown || over;
  if (!shown) return;
  $("hear-title").textContent = `${shown.headline.text} ${shown.data.agentName}`;
  const { from, until } = shown.data.slot;
  const at = (seconds) => time(seconds * 1000);
  $("hear-about").textContent = `${shown.data.purpose}. Between ${at(from)} and ${at(until)}. ${talking ? "" : "When somebody rings, ask for the code."}`;
}

async function conclude(phone, shown, recognised) {
  return phone.session.post(`/challenges/${shown.challenge}/conclude`, { recognised, appointment: shown.id });
}

// What the caller says is entered as heard. A button “looks right” would be pressed.
async function hear(phone) {
  const { shown } = open;
  try {
    const result = await shown.check(phone.kept.credential, $("hear-code").value, phone.kept.attempts, currentSeconds());
    phone.kept.keepAttempts();
    $("hear-code").value = "";
    if (result.result === "genuine") {
      // The bank is asked before anything is shown: an overheard code may be all that the caller has.
      const agreed = await conclude(phone, shown, true);
      phone.facts.hearing = agreed.ok ? "genuine" : "refused";
      if (agreed.ok) say($("heard"), `It is the bank: ${shown.data.agentName}, about: ${shown.data.purpose}.`, "good");
      else say($("heard"), "Hang up: the bank does not confirm this call.", "bad");
    } else {
      phone.facts.hearing = result.result;
      say($("heard"), {
        not_genuine: `That is not the code. ${result.attemptsLeft} more ${result.attemptsLeft === 1 ? "try" : "tries"}; then hang up.`,
        hang_up_and_report: "Hang up. Whoever this is does not know the code.",
        outside_slot: "No agent has a code now. Hang up.",
      }[result.result], "bad");
    }
  } catch (error) {
    say($("heard"), error instanceof CountersignError ? sentence(error) : "The bank could not be asked. Nothing is confirmed.", "bad");
  }
  await phone.refresh();
}

async function notThem(phone) {
  const answer = await conclude(phone, open.shown, false);
  if (answer.ok) {
    phone.facts.hearing = "reported";
    say($("heard"), "It was not us. Hang up: the bank knows now that somebody pretends to be it.", "bad");
  } else phone.refused(answer);
  await phone.refresh();
}
