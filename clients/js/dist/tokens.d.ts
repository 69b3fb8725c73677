import { Fields } from "./data.js";
import { type Purpose, type TrustedKeys } from "./keys.js";
import { type UnixSeconds } from "./time.js";
/** How far the two clocks may be apart, in seconds, unless the app says otherwise. */
export declare const LEEWAY = 30;
/** The most that an app may say. */
export declare const MOST_LEEWAY = 120;
/** The longest validity of each purpose, in seconds. */
export declare const LONGEST: Readonly<Record<Purpose, number>>;
/** What a verified token says. */
export interface Claims<Data> {
    readonly issuer: string;
    readonly audience: string;
    /** The 16 bytes of `jti`. */
    readonly id: Uint8Array<ArrayBuffer>;
    readonly issuedAt: UnixSeconds;
    readonly notBefore: UnixSeconds;
    readonly expiresAt: UnixSeconds;
    readonly data: Data;
    /** The key that signed it. */
    readonly kid: string;
}
/** What a token is checked against. Without an audience whoever it names is taken: then compare it yourself. */
export interface Expected {
    readonly keys: TrustedKeys;
    readonly audience: string | undefined;
    readonly leeway: number;
    readonly now: UnixSeconds;
}
/** A purpose, and how its data is read. */
export interface Format<Data> {
    readonly purpose: Purpose;
    readonly read: (data: Fields) => Data;
}
/** Verifies a token. Throws a {@link TokenError}: show nothing of it. */
export declare function verify<Data>(token: string, format: Format<Data>, { keys, audience, leeway, now }: Expected): Promise<Claims<Data>>;
/** What a token claims, by whomever it is signed: only whether its claims are of this form. */
export declare function unproven<Data>(token: string, format: Format<Data>): void;
