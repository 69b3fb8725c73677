/** The UTF-8 of a text. */
export declare const utf8: (text: string) => Uint8Array<ArrayBuffer>;
/** The text that these bytes are the UTF-8 of; `undefined` for anything else. */
export declare function fromUtf8(bytes: Uint8Array): string | undefined;
export declare function concat(...pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
/** Whether two are equal, in a time that does not tell where they differ. */
export declare function equal(one: Uint8Array, other: Uint8Array): boolean;
/** Eight bytes, most significant first. */
export declare function be64(value: bigint): Uint8Array<ArrayBuffer>;
/** PASETO's pre-authentication encoding: no two lists have the same. Texts are UTF-8. */
export declare function pae(...pieces: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer>;
export declare function hex(bytes: Uint8Array): string;
export declare function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined;
/** An alphabet whose characters each stand for so many bits. */
declare class Base {
    #private;
    readonly alphabet: string;
    readonly bits: number;
    constructor(alphabet: string, bits: number);
    encode(bytes: Uint8Array): string;
    /** Without padding, and with no bit over that is not zero. */
    decode(text: string): Uint8Array<ArrayBuffer> | undefined;
}
/** RFC 4648 §5. */
export declare const base64url: Base;
/** RFC 4648 §4, without its padding. */
export declare const base64: Base;
/** Crockford's base32 in lower case: ids, keys and heads. */
export declare const crockford: Base;
/** RFC 4648 §6: seeds, and nothing else. */
export declare const base32: Base;
/** Exactly so many bytes of a text. */
export declare function exactly(base: Base, length: number, text: string): Uint8Array<ArrayBuffer> | undefined;
export {};
