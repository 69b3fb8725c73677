/** The most characters of a text for people. */
export declare const MAX_TEXT_CHARS = 256;
/** Whether it may be shown to people: in one line, with nothing in it that nobody sees. */
export declare function isShortText(text: string): boolean;
/** Whether it is an id that the enterprise may have chosen: 1 to 128 bytes, and each character can be seen. */
export declare function isHostId(text: string): boolean;
/** The 16 bytes of an id of countersign's. */
export declare const idBytes: (id: string) => Uint8Array<ArrayBuffer> | undefined;
/** Why a text is no digits. */
export type Mistyped = "not_digits" | "too_long";
/**
 * Digits as people type, paste and dictate them, of any script: white space anywhere, dashes between digits. At most
 * `longest` characters are looked at, and at most `most` digits taken.
 */
export declare function typedDigits(text: string, most: number, longest: number): {
    digits: string;
} | {
    mistyped: Mistyped;
};
