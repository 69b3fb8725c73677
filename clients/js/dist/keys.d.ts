import { type UnixSeconds } from "./time.js";
/** What a token is for. */
export declare const PURPOSES: readonly ["challenge", "appointment", "step_up", "grant", "payment_request", "receipt", "opening_key", "status", "ground_rules", "history_head", "erasure", "reachable", "call_verdict", "call_numbers", "evidence", "notice", "notice_list", "last_contact"];
export type Purpose = (typeof PURPOSES)[number];
/** An Ed25519 key that verifies. Its text is PASERK: `k4.public.…`. */
export declare class PublicKey {
    #private;
    /** The key id of RFC 7638: SHA-256 over the key as a JWK, in base64url. */
    readonly kid: string;
    private constructor();
    /** A copy: what is trusted cannot be changed. */
    get bytes(): Uint8Array<ArrayBuffer>;
    /** Reads `k4.public.…`. */
    static parse(paserk: string): Promise<PublicKey>;
    /** Reads a JWK (RFC 8037), as a text or an object. */
    static fromJwk(jwk: string | object): Promise<PublicKey>;
    static fromBytes(bytes: Uint8Array | undefined): Promise<PublicKey>;
    toString(): string;
}
/** The keys of one issuer, each for its purposes and times. */
export declare class TrustedKeys {
    #private;
    readonly issuer: string;
    constructor(issuer: string);
    /** Trusts `key` for `purpose`, from `from` (included) until `until` (excluded) where given. */
    trust(key: PublicKey, purpose: Purpose, times?: {
        from?: UnixSeconds;
        until?: UnixSeconds;
    }): this;
    /** Ends the trust in a key for a purpose, if it does not end earlier. Whether there is such a key. */
    retire(kid: string, purpose: Purpose, until: UnixSeconds): boolean;
    /** Ends the trust in a key for all purposes, at once. */
    distrust(kid: string): void;
    /** The keys, each with a purpose for which it is trusted now. */
    trustedAt(now: UnixSeconds): readonly {
        readonly key: PublicKey;
        readonly purpose: Purpose;
    }[];
    /** The key of this id, if it is trusted for the purpose now. */
    find(kid: string, purpose: Purpose, now: UnixSeconds): PublicKey | undefined;
    /** Whether the key is trusted for the purpose at any time. */
    names(kid: string, purpose: Purpose): boolean;
}
/** The key id that a token's footer names; `undefined` if it is none. */
export declare function kidOf(footer: Uint8Array): string | undefined;
