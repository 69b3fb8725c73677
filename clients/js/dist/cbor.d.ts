/** What stands under a key of an event; anything of another kind is skipped. */
export type Item = bigint | string | Uint8Array | "skipped";
/** The entries of a map with whole numbers for keys, which is all there is. */
export declare function readMap(bytes: Uint8Array): ReadonlyMap<bigint, Item>;
