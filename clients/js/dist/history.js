// Histories and their receipts: whether what happened is still all there, and unchanged.
import { crockford, equal, exactly, pae, utf8 } from "./bytes.js";
import { readMap } from "./cbor.js";
import { sha256 } from "./crypto.js";
import { Fields, hostId, id, list, Malformed, oneOf, refuse, small, text } from "./data.js";
import { HistoryError } from "./errors.js";
import { ACTIONS, REASONS } from "./event_names.js";
import { readJson } from "./json.js";
import { WHO_RANG } from "./step_up.js";
import { isHostId } from "./text.js";
/** The kinds of ceremonies by their numbers in chains. */
const KINDS = {
    callback: 1,
    challenge: 2,
    credential: 3,
    step_up: 4,
    payment: 5,
    step_up_limit: 6,
    presence: 7,
    held_news: 8,
    anchor: 9,
    prompts: 14,
    feed: 10,
    ticket: 11,
    ticket_limit: 12,
    notice_board: 15,
    reachability: 16,
    joint_step_up: 13,
    charge: 21,
    stored_card: 22,
    opening_keys: 23,
    due_charge: 24,
};
const head = (value) => exactly(crockford, 32, text(value)) ?? refuse();
const subject = (value) => {
    const [name, who] = new Fields(value).only();
    const kind = Object.hasOwn(KINDS, name) ? name : refuse();
    return { kind, id: id(who) };
};
export const HISTORY_HEAD = {
    purpose: "history_head",
    read: (data) => ({
        subject: data.get("subject", subject),
        events: data.get("events", small),
        refusals: data.get("refusals", small),
        head: data.get("head", head),
        standing: data.optional("standing", small),
    }),
};
const actor = (value) => {
    if (value === "customer" || value === "clock" || value === "back_end" || value === "approver")
        return value;
    const [name, who] = new Fields(value).only();
    return name === "agent" ? { agent: hostId(who) } : refuse();
};
const named = (names) => (value) => [...names.values()].includes(text(value)) ? text(value) : refuse();
const outcome = (value) => {
    if (value === "done")
        return value;
    const [name, reason] = new Fields(value).only();
    return name === "refused" ? { refused: named(REASONS)(reason) } : refuse();
};
const event = (value) => {
    const fields = new Fields(value);
    return {
        number: fields.get("number", small),
        at: fields.time("at"),
        actor: fields.get("actor", actor),
        action: fields.get("action", named(ACTIONS)),
        interaction: fields.optional("interaction", hostId),
        outcome: fields.get("outcome", outcome),
        stepUp: fields.optional("step_up", id),
        whoRang: fields.optional("who_rang", oneOf(WHO_RANG)),
        operation: fields.id("operation"),
        encoded: fields.get("encoded", (one) => crockford.decode(text(one)) ?? refuse()),
    };
};
const history = (value) => {
    const fields = new Fields(value);
    return {
        subject: fields.get("subject", subject),
        earlier: fields.optional("earlier", (one) => {
            const before = new Fields(one);
            return { events: before.get("events", small), head: before.get("head", head) };
        }),
        events: fields.get("events", list(event)),
        refusals: fields.get("refusals", small),
        head: fields.get("head", head),
    };
};
/** Reads histories as the enterprise gives them: JSON text of a list. Throws a {@link HistoryError}, `broken`. */
export function readHistories(json) {
    return reading(() => list(history)(readJson(json) ?? null));
}
/** Reads one history. */
export function readHistory(json) {
    return reading(() => history(readJson(json) ?? null));
}
function reading(read) {
    try {
        return read();
    }
    catch (error) {
        if (error instanceof Malformed)
            throw broken();
        throw error;
    }
}
/** An event as its bytes say. */
function decode(encoded) {
    const map = readMap(encoded);
    const number = (key, least, most) => {
        const item = map.get(key);
        return typeof item === "bigint" && item >= least && item <= most ? item : refuse();
    };
    const optional = (key, read) => {
        const item = map.get(key);
        return item === undefined ? undefined : read(item);
    };
    const name = (item) => typeof item === "string" && isHostId(item) ? item : refuse();
    const own = (item) => item instanceof Uint8Array && item.length === 16 ? crockford.encode(item) : refuse();
    const who = number(2n, 1n, 5n);
    const agent = optional(7n, name);
    if ((agent === undefined) === (who === 3n))
        refuse();
    const actors = ["customer", "clock", { agent: agent ?? "" }, "back_end", "approver"];
    const refused = Number(number(5n, 0n, 255n));
    return {
        number: Number(number(0n, 0n, 0xffffffffn)),
        at: Number(number(1n, 0n, 0xffffffffffffn)),
        actor: actors[Number(who) - 1] ?? refuse(),
        action: ACTIONS.get(Number(number(3n, 0n, 255n))) ?? refuse(),
        interaction: optional(4n, name),
        outcome: refused === 0 ? "done" : { refused: REASONS.get(refused) ?? refuse() },
        stepUp: optional(8n, own),
        whoRang: optional(10n, (item) => WHO_RANG[typeof item === "bigint" ? Number(item) - 1 : -1] ?? refuse()),
        operation: own(map.get(6n)),
        encoded,
    };
}
/** Whether what is shown of an event is what its bytes say. */
function isAsShown(shown) {
    const spelled = (one) => JSON.stringify([one.number, one.at, one.actor, one.action, one.interaction, one.outcome, one.stepUp, one.whoRang, one.operation]);
    try {
        return spelled(decode(shown.encoded)) === spelled(shown);
    }
    catch (error) {
        if (error instanceof Malformed)
            return false;
        throw error;
    }
}
/** The chain's head before the first event: the kind and the id, so that no event passes for another ceremony's. */
function start({ kind, id: name }) {
    const first = new Uint8Array(32);
    first.set(utf8("countersign v1."));
    first[15] = KINDS[kind];
    first.set(exactly(crockford, 16, name) ?? refuse(), 16);
    return first;
}
/** The heads before the events listed, after one of them, and so on. Throws a {@link HistoryError}, `broken`. */
export async function heads(of) {
    let last = of.earlier?.head ?? start(of.subject);
    let number = of.earlier?.events ?? 0;
    const all = [last];
    for (const one of of.events) {
        if (one.number !== number || number >= 0xffff_ffff || !isAsShown(one))
            throw broken();
        last = await sha256(pae("countersign history link v1", last, one.encoded));
        number += 1;
        all.push(last);
    }
    if (!equal(last, of.head))
        throw broken();
    return all;
}
/**
 * Checks, without a receipt, that a history is one chain: its events are numbered, are what their bytes say, and lead to
 * its head. Throws a {@link HistoryError}, `broken`. Only a receipt tells whether it is the chain of before.
 */
export async function checkChain(history) {
    await heads(history);
}
/** How many events there are more than when the receipt was given. Throws a {@link HistoryError}. */
export async function grownSince(then, histories) {
    const now = histories.find((one) => sameSubject(one.subject, then.subject));
    if (now === undefined)
        throw new HistoryError("missing", "the history of this receipt is missing");
    const all = await heads(now);
    const unlisted = now.earlier?.events ?? 0;
    if (then.events < unlisted) {
        throw new HistoryError("too_old", "this receipt is older than the events that are still listed");
    }
    const kept = all[then.events - unlisted];
    if (kept === undefined || !equal(kept, then.head) || now.refusals < then.refusals)
        throw rewritten();
    return unlisted + now.events.length - then.events;
}
export const sameSubject = (one, other) => one.kind === other.kind && one.id === other.id;
const broken = () => new HistoryError("broken", "the history shown is not whole");
export const rewritten = () => new HistoryError("rewritten", "the history was shortened or changed since this receipt was given");
