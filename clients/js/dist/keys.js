// Public keys, and which of them is trusted for what, and when.
import { base64url, equal, exactly, fromUtf8, utf8 } from "./bytes.js";
import { isWeak, sha256 } from "./crypto.js";
import { KeyError } from "./errors.js";
import { readJson, writeJson } from "./json.js";
import { isHostId } from "./text.js";
import { checkNow } from "./time.js";
/** What a token is for. */
export const PURPOSES = [
    "challenge",
    "appointment",
    "step_up",
    "grant",
    "payment_request",
    "receipt",
    "opening_key",
    "status",
    "ground_rules",
    "history_head",
    "erasure",
    "reachable",
    "call_verdict",
    "call_numbers",
    "evidence",
    "notice",
    "notice_list",
    "last_contact",
];
const MAX_JWK_BYTES = 4096;
/** An Ed25519 key that verifies. Its text is PASERK: `k4.public.…`. */
export class PublicKey {
    kid;
    #bytes;
    constructor(bytes, 
    /** The key id of RFC 7638: SHA-256 over the key as a JWK, in base64url. */
    kid) {
        this.kid = kid;
        this.#bytes = bytes;
    }
    /** A copy: what is trusted cannot be changed. */
    get bytes() {
        return this.#bytes.slice();
    }
    /** Reads `k4.public.…`. */
    static async parse(paserk) {
        if (typeof paserk !== "string")
            throw notAKey();
        if (paserk.startsWith("k4.secret."))
            throw secretGiven();
        const body = paserk.startsWith("k4.public.") ? paserk.slice(10) : undefined;
        return PublicKey.fromBytes(body === undefined ? undefined : exactly(base64url, 32, body));
    }
    /** Reads a JWK (RFC 8037), as a text or an object. */
    static async fromJwk(jwk) {
        const read = readJwk(jwk);
        if (read.has("d"))
            throw secretGiven();
        const used = read.get("use") ?? "sig";
        if (read.get("kty") !== "OKP" || read.get("crv") !== "Ed25519" || used !== "sig")
            throw notAKey();
        const x = read.get("x");
        return PublicKey.fromBytes(typeof x === "string" ? exactly(base64url, 32, x) : undefined);
    }
    static async fromBytes(bytes) {
        if (bytes?.length !== 32)
            throw notAKey();
        const copy = new Uint8Array(bytes);
        if (isWeak(copy))
            throw new KeyError("weak", "anybody can sign under this key");
        const jwk = `{"crv":"Ed25519","kty":"OKP","x":"${base64url.encode(copy)}"}`;
        return new PublicKey(copy, base64url.encode(await sha256(utf8(jwk))));
    }
    toString() {
        return `k4.public.${base64url.encode(this.bytes)}`;
    }
}
function readJwk(jwk) {
    const text = typeof jwk === "string" ? jwk : jwk instanceof Map ? writeJson(jwk) : JSON.stringify(jwk);
    const fits = typeof text === "string" && utf8(text).length <= MAX_JWK_BYTES;
    const read = fits ? readJson(text) : undefined;
    return read instanceof Map ? read : notAJwk();
}
const notAJwk = () => {
    throw notAKey();
};
const notAKey = () => new KeyError("not_a_key", "this is not an Ed25519 public key");
const secretGiven = () => new KeyError("secret", "this is a secret key: whoever gave it to an app must replace it");
/** The keys of one issuer, each for its purposes and times. */
export class TrustedKeys {
    issuer;
    #trusted = [];
    constructor(issuer) {
        this.issuer = issuer;
        if (!isHostId(issuer))
            throw new KeyError("not_a_key", "this is no issuer's name");
    }
    /** Trusts `key` for `purpose`, from `from` (included) until `until` (excluded) where given. */
    trust(key, purpose, times = {}) {
        const { from, until } = times;
        for (const time of [from, until])
            if (time !== undefined)
                checkNow(time);
        if (from !== undefined && until !== undefined && from >= until) {
            throw new KeyError("window", "the time for which a key is trusted must end after it starts");
        }
        if (this.#trusted.some((one) => one.purpose === purpose && equal(one.key.bytes, key.bytes))) {
            throw new KeyError("trusted", "this key is trusted for this purpose already");
        }
        this.#trusted.push({ key, purpose, from, until });
        return this;
    }
    /** Ends the trust in a key for a purpose, if it does not end earlier. Whether there is such a key. */
    retire(kid, purpose, until) {
        checkNow(until);
        const found = this.#trusted.find((one) => one.key.kid === kid && one.purpose === purpose);
        if (found === undefined)
            return false;
        found.until = Math.min(found.until ?? until, until);
        return true;
    }
    /** Ends the trust in a key for all purposes, at once. */
    distrust(kid) {
        const kept = this.#trusted.filter((one) => one.key.kid !== kid);
        this.#trusted.splice(0, this.#trusted.length, ...kept);
    }
    /** The keys, each with a purpose for which it is trusted now. */
    trustedAt(now) {
        return this.#trusted.filter(({ from, until }) => (from === undefined || from <= now) && (until === undefined || now < until));
    }
    /** The key of this id, if it is trusted for the purpose now. */
    find(kid, purpose, now) {
        return this.trustedAt(now).find((one) => one.key.kid === kid && one.purpose === purpose)?.key;
    }
    /** Whether the key is trusted for the purpose at any time. */
    names(kid, purpose) {
        return this.#trusted.some((one) => one.key.kid === kid && one.purpose === purpose);
    }
}
/** The key id that a token's footer names; `undefined` if it is none. */
export function kidOf(footer) {
    const text = fromUtf8(footer);
    const read = text === undefined ? undefined : readJson(text);
    if (!(read instanceof Map) || read.size !== 1)
        return undefined;
    const kid = read.get("kid");
    // In its one spelling: without escapes.
    const plain = typeof kid === "string" && text?.includes(`"${kid}"`) === true;
    return plain && exactly(base64url, 32, kid) !== undefined ? kid : undefined;
}
