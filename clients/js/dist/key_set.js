// Trusted keys as a JWK set (RFC 7517): what an enterprise publishes and an app fetches.
import { utf8 } from "./bytes.js";
import { KeyError } from "./errors.js";
import { readJson } from "./json.js";
import { PublicKey, PURPOSES, TrustedKeys } from "./keys.js";
import { LAST_SECOND } from "./time.js";
const MAX_SET_BYTES = 64 * 1024;
const notASet = () => new KeyError("not_a_set", "this is no set of keys");
const isObject = (value) => value instanceof Map;
/**
 * Reads a set that was fetched from `issuer` over a connection that proves whose it is. Keys of other kinds and purposes
 * of later versions are left out; a key without purposes is trusted for nothing. Throws a {@link KeyError}.
 */
export async function readKeySet(issuer, json) {
    const set = utf8(json).length <= MAX_SET_BYTES ? readJson(json) : undefined;
    const keys = set !== undefined && isObject(set) ? set.get("keys") : undefined;
    if (!Array.isArray(keys))
        throw notASet();
    const trusted = new TrustedKeys(issuer);
    for (const jwk of keys) {
        if (!isObject(jwk) || jwk.get("crv") !== "Ed25519")
            continue;
        if (jwk.has("d"))
            throw new KeyError("secret", "this is a secret key where a public key belongs");
        const named = jwk.get("purposes");
        const purposes = PURPOSES.filter((one) => Array.isArray(named) && named.includes(one));
        // Another protocol's, in which the rest may be as it likes.
        if (purposes.length === 0)
            continue;
        const twice = named.some((one, at, all) => purposes.includes(one) && all.indexOf(one) < at);
        if (twice)
            throw notASet();
        const key = await PublicKey.fromJwk(jwk);
        const [from, until] = [timeOf(jwk.get("nbf")), timeOf(jwk.get("exp"))];
        const times = { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
        try {
            for (const purpose of purposes)
                trusted.trust(key, purpose, times);
        }
        catch (error) {
            throw error instanceof KeyError ? notASet() : error;
        }
    }
    return trusted;
}
function timeOf(value) {
    if (value === undefined)
        return undefined;
    if (typeof value !== "bigint" || value < 0n || value >= 1n << 64n)
        throw notASet();
    return value > BigInt(LAST_SECOND) ? LAST_SECOND : Number(value);
}
