// The app as a witness: it keeps a receipt of each history, and sees whether that history only grew.

import { CountersignError, readHistories } from "/countersign.js";
import { $, exactTime, fill, h, say, words } from "/dom.js";

export async function checkHistory(phone) {
  const answer = await phone.session.get("/history");
  if (!answer.ok) return phone.refused(answer);
  const { items } = answer.body;
  const events = items.flatMap((history) => history.events.map((event) => ({ ...event, of: Object.keys(history.subject)[0] })));
  events.sort((one, other) => other.at.localeCompare(one.at) || other.number - one.number);
  fill($("phone-events"), events, () => events.map((event) => h("li", {},
    h("time", { datetime: event.at }, exactTime(event.at)), " ", words(event.of), ": ", words(event.action), " ",
    h("span", { class: "by" }, typeof event.actor === "string" ? words(event.actor) : `agent`),
    event.outcome !== "done" && h("span", { class: "badge", "data-mood": "bad" }, "refused"))));
  try {
    const histories = readHistories(JSON.stringify(items));
    let grown = 0;
    for (const [, receipt] of phone.kept.receipts) grown += await phone.device.checkHistory(receipt, histories);
    for (const history of items) {
      const subject = JSON.stringify(history.subject);
      const next = await phone.session.post("/history/receipt", { subject: history.subject });
      if (!next.ok) continue;
      const old = phone.kept.receipt(subject);
      if (old) await phone.device.renewReceipt(old, next.body.token, histories);
      else await phone.device.checkHistory(next.body.token, histories);
      phone.kept.keepReceipt(subject, next.body.token);
    }
    phone.facts.history = "intact";
    say($("history-checked"), `Unchanged, and ${grown} events longer than when it was last looked at.`, "good");
  } catch (error) {
    phone.facts.history = "broken";
    say($("history-checked"), `Not as it was: ${error instanceof CountersignError ? error.message : "it cannot be read"}.`, "bad");
  }
  return phone.changed();
}
