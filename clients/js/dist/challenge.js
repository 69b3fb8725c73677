// A contact that the enterprise announces: why, where it may be found, and what will never be asked.
import { base64url, crockford, pae } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { Fields, flag, list, refuse, shown } from "./data.js";
import { FoundElsewhere } from "./errors.js";
import { rules } from "./ground_rules.js";
import { channel } from "./interaction.js";
import { isLonger } from "./unicode.js";
const MAX_HANDLES = 16;
const MAX_DETAILS = 20;
const MAX_LABEL_CHARS = 36;
const MAX_VALUE_CHARS = 128;
const ascii = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const sameHandle = (one, other) => ascii(one) === ascii(other);
export const channels = (value) => {
    const read = list(channel)(value);
    return read.length > 0 && new Set(read).size === read.length ? read : refuse();
};
export const handles = (value) => {
    const read = list((one) => {
        const fields = new Fields(one);
        return { channel: fields.get("channel", channel), handle: fields.hostId("handle") };
    })(value);
    const twice = (one, at) => read.slice(0, at).some((before) => before.channel === one.channel && sameHandle(before.handle, one.handle));
    return read.length > MAX_HANDLES || read.some(twice) ? refuse() : read;
};
const details = (value) => {
    const within = (most) => (one) => isLonger(shown(one), most) ? refuse() : shown(one);
    const read = list((one) => {
        const fields = new Fields(one);
        return {
            label: fields.get("label", within(MAX_LABEL_CHARS)),
            value: fields.get("value", within(MAX_VALUE_CHARS)),
        };
    })(value);
    return read.length > MAX_DETAILS ? refuse() : read;
};
export const CHALLENGE = {
    purpose: "challenge",
    read: (data) => ({
        purpose: data.shown("purpose"),
        channels: data.get("channels", channels),
        handles: data.orElse("handles", handles, []),
        details: data.orElse("details", details, []),
        neverAsked: data.orElse("never_asked", rules, []),
        pseudonymous: data.orElse("pseudonymous", flag, false),
    }),
};
/** Throws {@link FoundElsewhere} unless the challenge was to be found there, from one of the handles it names. */
export function checkFoundOn(data, found) {
    postedOn(data.channels, data.handles, found);
}
/** The same for whatever is posted on `on`, from the handles that `from` names. */
export function postedOn(on, from, found) {
    const named = from.filter((one) => one.channel === found.channel);
    const { handle } = found;
    const fits = handle === undefined ? named.length === 0 : named.some((one) => sameHandle(one.handle, handle));
    if (!on.includes(found.channel) || !fits)
        throw new FoundElsewhere();
}
/** The audience of a token under a pseudonym: the 16 bytes of both. */
export async function pseudonymousAudience(pseudonym, token) {
    const digest = await sha256(pae("countersign audience v1", pseudonym, token));
    return crockford.encode(digest.slice(0, 16));
}
/** A genuine challenge for this customer. */
export class VerifiedChallenge {
    #claims;
    /** Made by `Device.openChallenge` alone. */
    constructor(claims) {
        this.#claims = claims;
    }
    /** Which challenge, for answering: the token's id, as countersign's ids are written. */
    get id() {
        return crockford.encode(this.#claims.id);
    }
    /** The token's `jti`. */
    get tokenId() {
        return base64url.encode(this.#claims.id);
    }
    get data() {
        return this.#claims.data;
    }
    /** Until when the customer may answer. */
    get until() {
        return this.#claims.expiresAt;
    }
}
