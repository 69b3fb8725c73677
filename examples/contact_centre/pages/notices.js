// Whoever looks after notices posts one, and takes it back.

import { $, button, fill, h, onSubmit, request, say, windowFrom } from "/dom.js";

const WEEK = 7 * 24 * 3600;

export function wireNotices(behind) {
  // The same again after an answer was lost is the same notice, and so is its end.
  let asked;
  onSubmit($("post-notice"), async () => {
    const [headline, text] = [$("notice-headline").value, $("notice-text").value];
    if (asked?.headline !== headline || asked.text !== text) asked = { request: request(), until: windowFrom(0, WEEK).until, headline, text };
    const answer = await behind.session.post("/notices", asked);
    if (answer.ok) asked = undefined;
    say($("notice-posted"), answer.ok ? "Signed, on Alice’s board, and sent as a text message from BANK." : answer.body.says ?? "That did not work. Look at what you typed.", answer.ok ? "good" : "bad");
  });
}

export function showNotices(behind, notices) {
  behind.facts.posted = notices.filter((one) => !one.withdrawn).length;
  fill($("posted"), notices, () => notices.map((one) => h("li", {},
    `${one.headline} `,
    one.withdrawn ? h("span", { class: "badge", "data-mood": "bad" }, "taken back")
      : button("Take it back", async () => {
        const answer = await behind.session.post(`/notices/${one.id}/withdraw`);
        say($("notice-posted"), answer.ok ? "Taken back. A later list says so to every app." : "That did not work. Try again.", answer.ok ? "good" : "bad");
      }, { act: `withdraw-${one.id}` }))));
}
