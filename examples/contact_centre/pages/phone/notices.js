// What customers are to know: notices on the bank's board, and one that was found in a text message.

import { CountersignError } from "/countersign.js";
import { $, button, fill, h, time } from "/dom.js";

// What was found out of each message, by its number.
const checked = new Map();
// What is on the boards, and of which change of them.
let board = [];
let learnt;

export async function showNotices(phone) {
  if (phone.story !== "calls") return;
  const { messages, board: number } = phone.state;
  const found = messages.filter((message) => message.notice);
  if (learnt !== `${number} ${phone.kept.pseudonym !== undefined}`) {
    await learn(phone);
    learnt = `${number} ${phone.kept.pseudonym !== undefined}`;
    // What was genuine may have been taken back since.
    for (const message of found) if (checked.has(message.number)) await check(phone, message);
  }
  const results = found.map((message) => checked.get(message.number));
  const is = (name) => results.filter((one) => one?.is === name).length;
  phone.facts.notices = found.length;
  phone.facts.noticed = { genuine: is("genuine"), copied: is("copied"), withdrawn: is("withdrawn") };
  fill($("notice-messages"), [found, results], () => found.map((message) => card(phone, message)).reverse());
  fill($("notices"), board, () => board.map((one) => h("article", { class: "card" },
    h("h4", {}, one.above), h("p", {}, h("strong", {}, one.headline)), h("p", {}, one.text),
    h("p", { class: "hint" }, `On the bank’s board since ${time(one.since * 1000)}${one.confirmed ? "" : ", not confirmed"}`))));
  $("no-notices").hidden = board.length > 0;
}

// Both boards: everyone's may come from anywhere, the own one comes in this session.
async function learn(phone) {
  const { ok, body } = await phone.session.get("/notices");
  if (!ok) return;
  const { known } = phone.kept;
  const shown = [];
  for (const { list, notices } of [body.everyone, body.own]) {
    // A list that is older than one before brings nothing back.
    try { await phone.device.learnNotices(known, list); } catch { continue; }
    for (const token of notices) {
      try {
        const { notice } = await phone.device.openBoardNotice(token, known);
        if (notice) shown.push(seen(notice));
      } catch { /* it is not for this customer, or was taken back */ }
    }
  }
  phone.kept.keepNotices();
  board = shown;
}

const seen = (notice) => ({
  above: notice.headline.text, headline: notice.data.headline, text: notice.data.text,
  since: notice.since, confirmed: notice.standing === "in_force",
});

function card(phone, message) {
  const result = checked.get(message.number);
  return h("article", { class: "card message" },
    h("p", { class: "from" }, `Text message from ${message.handle}, ${time(message.at)}`),
    h("p", {}, message.text),
    !result && button("Is this from my bank?", async () => { await check(phone, message); await phone.refresh(); }, { act: `notice-${message.number}`, class: "primary" }),
    result?.why && h("p", { class: "answer", "data-mood": "bad" }, result.why),
    // All of it comes from the verified token, and nothing from the message around it.
    result?.notice && h("div", { class: "answer", "data-mood": "good" },
      h("p", {}, result.notice.above), h("p", {}, result.notice.headline), h("p", {}, result.notice.text),
      !result.notice.confirmed && h("p", {}, `Of ${time(result.notice.since * 1000)}, not confirmed.`)));
}

async function check(phone, message) {
  checked.set(message.number, await checkedNow(phone, message));
}

async function checkedNow(phone, message) {
  try {
    const found = { channel: message.channel, handle: message.handle };
    const opened = await phone.device.openNotice(message.token, found, phone.kept.known);
    if (opened.notice) return { is: "genuine", notice: seen(opened.notice) };
    return { is: "other", why: "Signed by the bank, but perhaps not for you." };
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    if (error.name === "FoundElsewhere") {
      return { is: "copied", why: `A copy: the bank does not post from “${message.handle}”. This did not come from us.` };
    }
    if (error.kind === "withdrawn") return { is: "withdrawn", why: "The bank has taken this back." };
    return { is: "forged", why: "Not genuine. Delete it." };
  }
}
