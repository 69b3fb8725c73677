// Behind the scenes: histories with their verification, the outbox, rows at rest.

import { $, exactTime, fill, h, words } from "/dom.js";
import { showNotices, wireNotices } from "/notices.js";
import { Session } from "/session.js";

export class Behind {
  session = new Session("behind");
  facts = {};

  async start(changed) {
    this.changed = changed;
    await this.session.open();
    wireNotices(this);
    this.refresh = this.session.follow((state) => state && this.show(state));
  }

  show({ histories, records, outbox, diary, reports, notices, alarms }) {
    this.facts.alarms = alarms.length;
    fill($("alarms"), alarms, () => [...alarms].reverse().map((one) => h("article", { class: "card alarm" },
      h("h3", {}, "Somebody is forcing the customer"),
      h("p", {}, one.text),
      h("p", { class: "hint" }, `${exactTime(one.at)}. The money is held. The agent and the phone see it as transferred: send help, and let nobody there notice.`))));
    showNotices(this, notices);
    fill($("reports"), reports, () => [...reports].reverse().map((one) => h("li", {},
      h("time", { datetime: one.at }, exactTime(one.at)), " ", one.text)));
    $("no-reports").hidden = reports.length > 0;
    const intact = histories.every((history) => history.intact);
    this.facts.intact = histories.length > 0 && intact;
    this.facts.events = histories.reduce((sum, history) => sum + history.events.length, 0);
    fill($("intact"), [intact, histories.length], () => h("span", { class: "badge", "data-mood": histories.length === 0 ? "" : intact ? "good" : "bad" },
      histories.length === 0 ? "nothing yet" : intact ? "all chains intact" : "broken"));
    fill($("histories"), histories, () => histories.map(history));
    fill($("news"), outbox.delivered, () => [...outbox.delivered].reverse().map((one) => h("li", {},
      h("time", { datetime: one.at }, exactTime(one.at)), " ", kind(one.subject), ": ", words(one.action), " ",
      h("span", { class: "badge", "data-mood": "good" }, "delivered"))));
    $("waiting").textContent = `${outbox.waiting} waiting; ${diary.length} in the dialler’s diary.`;
    fill($("records"), records, () => records.map((record) => h("li", {},
      h("code", { class: "place" }, record.place), h("code", {}, `${record.sealed}… ${record.bytes} bytes, version ${record.version}`))));
    this.changed();
  }
}

const kind = (subject) => words(Object.keys(subject)[0]);

function history({ subject, events, head, intact, refusals }) {
  return h("article", { class: "card history" },
    h("h4", {}, h("span", { class: "kind" }, kind(subject)), " ", h("span", { class: "badge", "data-mood": intact ? "good" : "bad" }, intact ? "intact" : "broken"),
      refusals > 0 && h("span", { class: "badge", "data-mood": "bad" }, `${refusals} refused`)),
    h("ol", { class: "events" }, events.map((event) => h("li", {},
      h("time", { datetime: event.at }, exactTime(event.at)), " ", words(event.action), " ",
      h("span", { class: "by" }, event.who.startsWith("agent ") ? "agent" : words(event.who)),
      event.refused && h("span", { class: "refused" }, event.refused)))),
    h("p", { class: "head" }, "head ", h("code", {}, String(head).slice(0, 24), "…")));
}
