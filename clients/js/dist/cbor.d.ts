/** No text is this, whatever an event has for a name. */
export declare const SKIPPED: unique symbol;
/** What stands under a key of an event; anything of another kind is skipped. */
export type Item = bigint | string | Uint8Array | typeof SKIPPED;
/** The entries of a map with whole numbers for keys, which is all there is. */
export declare function readMap(bytes: Uint8Array): ReadonlyMap<bigint, Item>;
