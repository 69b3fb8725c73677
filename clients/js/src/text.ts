// Texts and ids, and digits as people type them.

import { crockford, exactly, utf8 } from "./bytes.js";
import {
  digitOf,
  isInvisible,
  isLonger,
  isSeparator,
  isSpace,
  isUnfit,
  isVisible,
  isWhiteSpace,
  joinersInPlace,
  trimmed,
} from "./unicode.js";

/** The most characters of a text for people. */
export const MAX_TEXT_CHARS = 256;
/** The most bytes of an id that the enterprise chose. */
const MAX_ID_BYTES = 128;

/** Whether it may be shown to people: in one line, with nothing in it that nobody sees. */
export function isShortText(text: string): boolean {
  if (text === "" || isLonger(text, MAX_TEXT_CHARS)) return false;
  const characters = [...text];
  return (
    !characters.some((c) => isUnfit(c) || isInvisible(c)) &&
    characters.some(isVisible) &&
    !characters.some((c, at) => isSpace(c) && isSpace(characters[at + 1] ?? "x")) &&
    joinersInPlace(text)
  );
}

/** Whether it is an id that the enterprise may have chosen: 1 to 128 bytes, and each character can be seen. */
export function isHostId(text: string): boolean {
  const length = utf8(text).length;
  if (length === 0 || length > MAX_ID_BYTES) return false;
  return [...text].every(
    (c) => !isWhiteSpace(c) && !isInvisible(c) && !isUnfit(c) && c !== "\u200c" && c !== "\u200d",
  );
}

/** The 16 bytes of an id of countersign's. */
export const idBytes = (id: string): Uint8Array<ArrayBuffer> | undefined => exactly(crockford, 16, id);

/** Why a text is no digits. */
export type Mistyped = "not_digits" | "too_long";

/**
 * Digits as people type, paste and dictate them, of any script: white space anywhere, dashes between digits. At most
 * `longest` characters are looked at, and at most `most` digits taken.
 */
export function typedDigits(
  text: string,
  most: number,
  longest: number,
): { digits: string } | { mistyped: Mistyped } {
  if (isLonger(text, longest)) return { mistyped: "too_long" };
  const characters = trimmed(text);
  let digits = "";
  for (const c of characters) {
    const value = digitOf(c);
    if (value !== undefined) {
      if (digits.length === most) return { mistyped: "too_long" };
      digits += String(value);
    } else if (!isSeparator(c)) {
      return { mistyped: "not_digits" };
    }
  }
  const ends = [characters[0], characters[characters.length - 1]];
  if (digits !== "" && ends.some((c) => c !== undefined && digitOf(c) === undefined)) {
    return { mistyped: "not_digits" };
  }
  return { digits };
}
