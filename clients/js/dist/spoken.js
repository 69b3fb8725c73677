// Codes and words that people say: eight digits, or the four words that stand for them.
import { equal, utf8 } from "./bytes.js";
import { CodeCheckError } from "./errors.js";
import { typedDigits } from "./text.js";
import { isSeparator, trimmed } from "./unicode.js";
import { THREE_SYLLABLES, TWO_SYLLABLES } from "./words.js";
const WORDS = 4;
const MAX_HEARD_BYTES = 128;
const listAt = (place) => place % 2 === 0 ? TWO_SYLLABLES : THREE_SYLLABLES;
/** The words of four bytes, to be said. */
export function wordsOf(bytes) {
    return Array.from(bytes, (byte, place) => listAt(place)[byte] ?? "").join(" ");
}
/** The words that stand for eight digits: two digits to a word. */
export function codeWords(digits) {
    return wordsOf(bytesOf(digits));
}
/** The digits in two groups, to be said. */
export const codeGroups = (digits) => `${digits.slice(0, 4)} ${digits.slice(4)}`;
const bytesOf = (digits) => Uint8Array.from({ length: WORDS }, (_, at) => Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16));
/** The eight digits of a code as somebody heard and typed it. Throws a {@link CodeCheckError} if it is none. */
export function readSpokenCode(heard) {
    if (utf8(heard).length > MAX_HEARD_BYTES)
        throw length();
    const read = typedDigits(heard, 2 * WORDS, MAX_HEARD_BYTES);
    if ("digits" in read) {
        if (read.digits.length !== 2 * WORDS)
            throw length();
        return read.digits;
    }
    if (read.mistyped === "too_long")
        throw length();
    return readWords(heard)
        .map((byte) => {
        const digits = byte.toString(16).padStart(2, "0");
        // The other words of the lists stand for no digits.
        if (!/^[0-9]{2}$/.test(digits))
            throw unknown();
        return digits;
    })
        .join("");
}
/** The bytes of four words as somebody heard them. */
export function readWords(heard) {
    if (utf8(heard).length > MAX_HEARD_BYTES)
        throw length();
    const pieces = [""];
    for (const c of trimmed(heard)) {
        if (isSeparator(c))
            pieces.push("");
        else
            pieces.push((pieces.pop() ?? "") + c);
    }
    const bytes = [];
    for (const word of pieces.filter((piece) => piece !== "")) {
        const byte = find(listAt(bytes.length), word);
        if (byte < 0)
            throw find(listAt(bytes.length + 1), word) < 0 ? unknown() : order();
        if (bytes.length === WORDS)
            throw length();
        bytes.push(byte);
    }
    if (bytes.length !== WORDS)
        throw length();
    return bytes;
}
/** Whether two codes of eight digits are the same, in a time that does not tell where they differ. */
export const sameCode = (one, other) => equal(utf8(one), utf8(other));
// ASCII letters of either case are alike, and no others: `toLowerCase` would fold the Kelvin sign too.
const folded = (word) => word.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const find = (list, word) => {
    const wanted = folded(word);
    return list.findIndex((one) => folded(one) === wanted);
};
const length = () => new CodeCheckError("length", "expected eight digits or four words");
const unknown = () => new CodeCheckError("unknown_word", "one of the words is not on the list");
const order = () => new CodeCheckError("order", "the words are out of order: one was swapped, doubled or left out");
