// Whether an agent can be reached, and how long that takes: the bank's signed answer, for seconds; and a callback from it.

import { ReachQuestion, currentSeconds } from "/countersign.js";
import { $, busy, button, h, request, say, windowFrom } from "/dom.js";

const NAMES = { cards: "Cards", mortgages: "Mortgages" };

// What is shown of a skill: a number only while the answer counts.
function told(reach) {
  if (reach === "closed") return "closed now";
  if (reach === "open") return "open now";
  if (reach === "unknown") return "not known: ask again";
  const minutes = Math.max(1, Math.round(reach.seconds / 60));
  const wait = reach.free ? "somebody is free" : `about ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  return `${wait}, as of ${reach.ageSeconds} seconds ago`;
}

export function wireReachable(phone) {
  let shown;
  const list = () => {
    const now = currentSeconds();
    $("reach-lines").replaceChildren(...(shown?.answer.skills ?? []).map(({ skill, channel }) => {
      const reach = shown.answer.reach(skill, channel, now);
      return h("li", { "data-skill": skill, "data-reach": typeof reach === "object" ? "wait" : reach },
        h("strong", {}, NAMES[skill] ?? skill), " ", h("span", {}, told(reach)),
        typeof reach === "object" && button("Call me back instead", () => book(skill), { act: `reach-book-${skill}` }));
    }));
  };
  const book = async (skill) => {
    const secret = $("book-secret").value.trim();
    if (!secret) {
      $("book-secret").focus();
      return say($("phone-notice"), "Choose a secret below first: the caller must say it.", "bad");
    }
    const body = { answer: shown.token, skill, request: request(), window: windowFrom(0), secret };
    const answer = await phone.session.post("/reachable/callbacks", body);
    if (phone.ok(answer, "Booked from what you were told. If a caller does not say your secret, hang up.")) {
      // The booking says from which answer it was made.
      say($("reach-problem"), "");
      phone.facts.bookedFromAnswer = answer.body.from_answer?.digest === shown.answer.digest;
      $("book-secret").value = "";
    }
    return phone.refresh();
  };
  $("reach-ask").addEventListener("click", (event) => busy(event.currentTarget, async () => {
    const question = new ReachQuestion(currentSeconds());
    try {
      const { body } = await phone.session.post("/reachable", { nonce: question.nonce });
      shown = { token: body.token, answer: await phone.device.openReachable(body.token, question) };
      say($("reach-problem"), "");
      phone.facts.reached = true;
    } catch {
      // Never a number that the bank did not sign for this question.
      shown = undefined;
      say($("reach-problem"), "Not known. Ask again.", "bad");
    }
    list();
    phone.changed();
  }));
  setInterval(list, 1000);
}
