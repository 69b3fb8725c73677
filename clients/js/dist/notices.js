// What customers are to know, as the app may show it, and which of it was taken back.
import { crockford } from "./bytes.js";
import { Fields, flag, id, list, Malformed, text, time, whole } from "./data.js";
import { channels, handles, postedOn } from "./challenge.js";
import { NoticeError } from "./errors.js";
import { readJson, writeJson } from "./json.js";
import { writeTime } from "./time.js";
/** What a notice is about, each with the sentence to show above it; the name is the sentence's id for other languages. */
export const NOTICE_KINDS = {
    general: "A notice from us.",
    scam: "Beware: a scam is going round.",
    disruption: "Something does not work as usual.",
};
// A kind of a later version is a notice all the same.
const kind = (value) => {
    const name = text(value);
    return Object.hasOwn(NOTICE_KINDS, name) ? name : "general";
};
export const NOTICE = {
    purpose: "notice",
    read: (data) => ({
        kind: data.get("kind", kind),
        headline: data.shown("headline"),
        text: data.shown("text"),
        number: data.get("number", whole(64)),
        channels: data.optional("channels", channels) ?? [],
        handles: data.orElse("handles", handles, []),
        forEveryone: data.orElse("for_everyone", flag, false),
        pseudonymous: data.orElse("pseudonymous", flag, false),
    }),
};
export const NOTICE_LIST = {
    purpose: "notice_list",
    read: (data) => ({
        number: data.get("number", whole(64)),
        inForce: data.get("in_force", list(id)),
        forEveryone: data.orElse("for_everyone", flag, false),
    }),
};
/** Throws {@link FoundElsewhere} unless the notice was to be found there, from one of the handles it names. */
export const checkNoticeFoundOn = (data, found) => postedOn(data.channels, data.handles, found);
const known = (value) => {
    const fields = new Fields(value);
    return {
        number: fields.get("number", whole(64)),
        inForce: fields.get("in_force", list(id)),
        until: fields.get("until", time),
    };
};
const asJson = (one) => one === undefined
    ? null
    : new Map([
        ["number", one.number],
        ["in_force", one.inForce],
        ["until", writeTime(one.until)],
    ]);
/**
 * What an app has learnt of which notices are in force: of everyone's and of its customer's own. One for the whole app.
 * Write `toText()` to where the app keeps its data after each `Device.learnNotices`, and read it back: an app that begins
 * with an empty one can be shown an older list, on which a notice that was taken back still stands.
 */
export class KnownNotices {
    #everyone;
    #own;
    /** Reads what `toText()` gave. Throws a {@link NoticeError} if it cannot be read: do not begin anew without saying so. */
    static fromText(kept) {
        const read = new KnownNotices();
        try {
            const fields = new Fields(readJson(kept) ?? null);
            read.#everyone = fields.optional("everyone", known);
            read.#own = fields.optional("own", known);
        }
        catch (error) {
            if (error instanceof Malformed)
                throw new NoticeError("known", "what was learnt of notices cannot be read");
            throw error;
        }
        return read;
    }
    /** For the app's data. */
    toText() {
        return writeJson(new Map([["everyone", asJson(this.#everyone)], ["own", asJson(this.#own)]]));
    }
    /** Called by `Device.learnNotices` alone, with a genuine list. */
    learn({ data, expiresAt }) {
        const before = this.#of(data.forEveryone);
        if (before !== undefined && data.number < before.number) {
            throw new NoticeError("older", "this list of notices is older than one that this app has seen");
        }
        const learnt = { number: data.number, inForce: data.inForce, until: expiresAt };
        if (data.forEveryone)
            this.#everyone = learnt;
        else
            this.#own = learnt;
    }
    /** What is known of a notice. Throws a {@link NoticeError} if it was taken back. */
    standing(notice, data, now) {
        const learnt = this.#of(data.forEveryone);
        // One that was issued after the list was made is not missing on it.
        if (learnt === undefined || learnt.number < data.number)
            return "not_confirmed";
        if (!learnt.inForce.includes(notice)) {
            throw new NoticeError("withdrawn", "the enterprise has taken this notice back");
        }
        return now < learnt.until ? "in_force" : "not_confirmed";
    }
    #of(forEveryone) {
        return forEveryone ? this.#everyone : this.#own;
    }
}
/** A token's id, as countersign's ids are written. */
export const noticeId = (claims) => crockford.encode(claims.id);
/** A genuine notice for this customer: what is shown comes from here and from nowhere else. */
export class VerifiedNotice {
    standing;
    #claims;
    /** Made by `Device.openNotice` and `Device.openBoardNotice` alone. */
    constructor(claims, 
    /** Whether it is known to be in force. */
    standing) {
        this.standing = standing;
        this.#claims = claims;
    }
    get id() {
        return noticeId(this.#claims);
    }
    get data() {
        return this.#claims.data;
    }
    /** What to show above it, and its id for an app in another language. */
    get headline() {
        const { kind: about } = this.data;
        return { id: about, text: NOTICE_KINDS[about] };
    }
    /** When it was issued. */
    get since() {
        return this.#claims.notBefore;
    }
    /** When it ends: show it no longer. */
    get until() {
        return this.#claims.expiresAt;
    }
}
