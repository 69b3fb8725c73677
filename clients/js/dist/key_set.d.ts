import { TrustedKeys } from "./keys.js";
/**
 * Reads a set that was fetched from `issuer` over a connection that proves whose it is. Keys of other kinds and purposes
 * of later versions are left out; a key without purposes is trusted for nothing. Throws a {@link KeyError}.
 */
export declare function readKeySet(issuer: string, json: string): Promise<TrustedKeys>;
