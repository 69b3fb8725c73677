// CBOR (RFC 8949) as a history's events are written: numbers, texts, bytes and maps of a known length.
import { fromUtf8 } from "./bytes.js";
import { refuse } from "./data.js";
/** No text is this, whatever an event has for a name. */
export const SKIPPED = Symbol("skipped");
const MAX_DEPTH = 16;
/** The entries of a map with whole numbers for keys, which is all there is. */
export function readMap(bytes) {
    const reader = new Reader(bytes);
    const { major, value: entries } = reader.head();
    if (major !== 5)
        refuse();
    const map = new Map();
    for (let entry = 0n; entry < entries; entry += 1n) {
        const key = reader.head();
        if (key.major !== 0 || map.has(key.value))
            refuse();
        map.set(key.value, reader.item(MAX_DEPTH));
    }
    return reader.atEnd() ? map : refuse();
}
class Reader {
    bytes;
    #at = 0;
    constructor(bytes) {
        this.bytes = bytes;
    }
    atEnd() {
        return this.#at === this.bytes.length;
    }
    head() {
        const [first = 0] = this.#take(1n);
        const [major, short] = [first >> 5, first & 0x1f];
        if (short < 24)
            return { major, value: BigInt(short) };
        if (short > 27)
            refuse();
        const bytes = this.#take(1n << BigInt(short - 24));
        return { major, value: bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n) };
    }
    item(depth) {
        if (depth === 0)
            refuse();
        const { major, value } = this.head();
        switch (major) {
            case 0:
                return value;
            case 2:
                return this.#take(value);
            case 3:
                return fromUtf8(this.#take(value)) ?? refuse();
            case 4:
                return this.#skip(value, depth);
            case 5:
                return this.#skip(2n * value, depth);
            case 6:
                return this.#skip(1n, depth);
            default:
                return SKIPPED;
        }
    }
    #skip(items, depth) {
        for (let item = 0n; item < items; item += 1n)
            this.item(depth - 1);
        return SKIPPED;
    }
    #take(length) {
        const end = BigInt(this.#at) + length;
        if (end > BigInt(this.bytes.length))
            refuse();
        return this.bytes.subarray(this.#at, (this.#at = Number(end)));
    }
}
