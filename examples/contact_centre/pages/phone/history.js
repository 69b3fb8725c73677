// The app as a witness: it keeps a receipt of each history, and sees whether that history only grew.

import { CountersignError, checkChain, readHistories } from "/countersign.js";
import { $, exactTime, fill, h, say, words } from "/dom.js";

// Why a receipt says nothing either way: it is over, or about events that are no longer listed.
const SAYS_NOTHING = new Set(["expired", "not_yet_valid", "unknown_key", "too_old"]);
// No list goes on for ever.
const MOST_PAGES = 100;

// All histories, as text and as read; `undefined` if they were refused.
async function fetched(phone) {
  const items = [];
  let next = "";
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await phone.session.get(`/history${next && `/${next}`}`);
    if (!answer.ok) {
      phone.refused(answer);
      return undefined;
    }
    items.push(...answer.body.items);
    if (answer.body.unreadable > 0) throw new Error("some of it cannot be read");
    next = answer.body.next;
    if (!next) return { items, histories: readHistories(JSON.stringify(items)) };
  }
  throw new Error("it has no end");
}

const kindOf = (error) => (error instanceof CountersignError ? error.kind : "unreadable");

// One receipt of each history that there is, as it stands now; `refused` counts those for which none was given.
async function receiptsOf(phone, items) {
  const receipts = new Map();
  let refused = 0;
  for (const { subject } of items) {
    const given = await phone.session.post("/history/receipt", { subject });
    if (given.ok) receipts.set(JSON.stringify(subject), given.body.token);
    else refused += 1;
  }
  return { receipts, refused };
}

// What the checks found: `broken` is why something is not as it was, and `unsure` why something could not be checked.
export async function found(phone, { histories }, { receipts, refused }) {
  const { device, kept } = phone;
  const result = { grown: 0, whole: [], broken: [], unsure: refused > 0 ? ["refused"] : [] };
  const tried = async (check) => {
    try { return await check(); } catch (error) {
      const kind = kindOf(error);
      (SAYS_NOTHING.has(kind) ? result.unsure : result.broken).push(kind);
      return undefined;
    }
  };
  // Of each history first whether it is one chain at all, with a receipt or without.
  for (const history of histories) {
    if (await tried(async () => { await checkChain(history); return true; })) result.whole.push(history);
  }
  for (const [subject, old] of kept.receipts) {
    const grown = await tried(() => device.checkHistory(old, histories));
    result.grown += grown ?? 0;
    const next = receipts.get(subject);
    if (grown !== undefined && next) {
      const renewed = await tried(() => device.renewReceipt(old, next, histories));
      if (renewed === undefined) receipts.delete(subject);
    } else if (result.broken.length > 0) {
      // The old one is the evidence.
      receipts.delete(subject);
    }
  }
  for (const [subject, next] of receipts) {
    const standing = await tried(async () => {
      await device.checkHistory(next, histories);
      return (await device.standingOf(next)) ?? 0;
    });
    if (standing === undefined) continue;
    // What the bank knows of her never goes back, whichever history the receipt is of.
    if (standing < kept.standing) result.broken.push("put_back");
    else kept.keepReceipt(subject, next, standing);
  }
  return result;
}

function list(histories) {
  const events = histories.flatMap(({ subject, events: all }) => all.map((event) => ({ ...event, encoded: undefined, of: subject.kind })));
  events.sort((one, other) => other.at - one.at || other.number - one.number);
  fill($("phone-events"), events, () => events.map((event) => h("li", {},
    h("time", { datetime: new Date(event.at * 1000).toISOString() }, exactTime(event.at * 1000)), " ", words(event.of), ": ", words(event.action), " ",
    h("span", { class: "by" }, typeof event.actor === "string" ? words(event.actor) : "agent"),
    event.outcome !== "done" && h("span", { class: "badge", "data-mood": "bad" }, "refused"))));
}

const REASONS = {
  broken: "a history is not whole", missing: "a history is missing", rewritten: "a history was shortened or changed",
  put_back: "the bank was put back to an older state", not_genuine: "a receipt is not genuine",
  refused: "the bank gave no receipt of some", expired: "a receipt has expired", not_yet_valid: "this phone’s clock is wrong",
  unknown_key: "a receipt is signed by an unknown key", too_old: "a receipt is older than what is still listed",
};
const told = (kinds) => [...new Set(kinds)].map((kind) => REASONS[kind] ?? "it cannot be read").join("; ");

export async function checkHistory(phone) {
  const [node, show] = [$("history-checked"), (fact, text, mood) => { phone.facts.history = fact; say(node, text, mood); }];
  try {
    // The receipts come before what they are compared with: what happens in between makes it longer, and no receipt wrong.
    const before = await fetched(phone);
    if (!before) return undefined;
    const given = await receiptsOf(phone, before.items);
    const now = await fetched(phone);
    if (!now) return undefined;
    const { grown, whole, broken, unsure } = await found(phone, now, given);
    list(whole);
    if (broken.length > 0) show("broken", `Not as it was: ${told(broken)}.`, "bad");
    else if (unsure.length > 0) show("unsure", `Each history is whole, but not all could be compared with before: ${told(unsure)}.`, "");
    else show("intact", `Unchanged, and ${grown} ${grown === 1 ? "event" : "events"} longer than when it was last looked at.`, "good");
  } catch (error) {
    const why = error instanceof CountersignError ? told([error.kind]) : "it cannot be read";
    show("broken", `Not as it was: ${why}.`, "bad");
  }
  return phone.changed();
}
