// What the texts of this format need of Unicode.

/** Whether no text may hold it: controls, formats except the two joiners, unassigned, private, line ends. */
export const isUnfit = (c: string): boolean => !isJoiner(c) && /[\p{C}\p{Zl}\p{Zp}]/u.test(c);

/** Letters, marks and symbols that show nothing. */
export const isInvisible = (c: string): boolean =>
  /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\u{13441}\u{13442}\u{16fe4}\u{1d159}\u{e0100}-\u{e01ef}]/u.test(
    c,
  );

/** Whether it shows something by itself: a mark needs a letter under it. */
export const isVisible = (c: string): boolean => !/[\p{M}\p{Z}\p{C}]/u.test(c) && !isInvisible(c);

/** A space of any kind: no tab, and no end of a line. */
export const isSpace = (c: string): boolean => /\p{Zs}/u.test(c);

/** White space of any kind. */
export const isWhiteSpace = (c: string): boolean => /\p{White_Space}/u.test(c);

/** Format characters that are drawn around a number. */
const DRAWN = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;

/** Whether nobody sees it, wherever it stands. */
export const isUnseen = (c: string): boolean =>
  isInvisible(c) || (/\p{Cf}/u.test(c) && !DRAWN.test(c));

/** What people and forms put between groups of digits. */
export const isSeparator = (c: string): boolean => /[\p{White_Space}\p{Pd}\u2212]/u.test(c);

/** The value of a decimal digit of any script: each has ten in a row. */
export function digitOf(c: string): number | undefined {
  if (!/\p{Nd}/u.test(c)) return undefined;
  let zero = c.codePointAt(0) ?? 0;
  if (zero >= 0x1d7ce && zero <= 0x1d7ff) return (zero - 0x1d7ce) % 10;
  const last = zero;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (last - zero) % 10;
}

export const isJoiner = (c: string): boolean => c === "\u200c" || c === "\u200d";

/** Whether each joiner of a text stands where its script has it. */
export function joinersInPlace(text: string): boolean {
  const characters = [...text];
  return characters.every((c, at) => {
    if (!isJoiner(c)) return true;
    return /[\p{L}\p{M}]/u.test(characters[at - 1] ?? "");
  });
}

/** The characters of a text, without white space and what nobody sees at its ends. */
export function trimmed(text: string): string[] {
  const characters = [...text];
  const hidden = (c: string): boolean => isWhiteSpace(c) || isUnseen(c);
  const first = characters.findIndex((c) => !hidden(c));
  return first < 0 ? [] : characters.slice(first, characters.findLastIndex((c) => !hidden(c)) + 1);
}

/** Whether a text has more than so many characters. */
export const isLonger = (text: string, most: number): boolean =>
  text.length > most && [...text].length > most;

/** Whether it is no space and no control, format, private or unassigned character. */
export const isShown = (c: string): boolean => !/[\p{Z}\p{C}]/u.test(c);

/** A number of any kind. */
export const isNumeric = (c: string): boolean => /\p{N}/u.test(c);

/** Whether this platform knows it. */
export const isAssigned = (c: string): boolean => !/\p{Cn}/u.test(c);
