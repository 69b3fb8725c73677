import type { Card } from "./card.js";
type Bytes = Uint8Array<ArrayBuffer>;
/** A sealing key's 32 bytes from their text; `undefined` for one that nobody may seal for. */
export declare function readSealingKey(text: string): Bytes | undefined;
/** What seals: the key, the text of the request's token, the attempt from 1 to 255. */
export interface Sealing {
    readonly key: Bytes;
    readonly request: string;
    readonly attempt: number;
}
/** Seals a card: 1624 characters. What the ephemeral key is made of is given in tests alone. */
export declare function seal(card: Card, { key, request, attempt }: Sealing, ikm?: Bytes): Promise<string>;
export {};
