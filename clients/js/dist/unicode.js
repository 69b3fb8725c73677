// What the texts of this format need of Unicode: by tables of its own where a platform's differ from version to version.
import * as tables from "./unicode_tables.js";
/** A set of characters, as the bounds at which it begins and ends in turn. */
class Characters {
    #bounds;
    constructor(table) {
        let end = 0;
        this.#bounds = table.split(" ").flatMap((part) => {
            const [gap = "0", more = "0"] = part.split(".");
            const start = end + Number.parseInt(gap, 36);
            end = start + Number.parseInt(more, 36) + 1;
            return [start, end];
        });
    }
    has(c) {
        return this.#below(c) % 2 === 1;
    }
    /** The last character of the set that is not after this one. */
    lastUpTo(c) {
        const below = this.#below(c);
        if (below % 2 === 1)
            return c.codePointAt(0);
        const end = this.#bounds[below - 1];
        return end === undefined ? undefined : end - 1;
    }
    /** How many bounds are at or before a character. */
    #below(c) {
        const code = c.codePointAt(0) ?? -1;
        let [low, high] = [0, this.#bounds.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if ((this.#bounds[middle] ?? 0) <= code)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
const UNFIT = new Characters(tables.UNFIT);
const MARKS = new Characters(tables.MARKS);
const INVISIBLE = new Characters(tables.INVISIBLE);
const UNSEEN = new Characters(tables.UNSEEN);
const DASHES = new Characters(tables.DASHES);
const ZEROS = new Characters(tables.ZEROS);
const VIRAMAS = new Characters(tables.VIRAMAS);
const JOINS_NEXT = new Characters(tables.JOINS_NEXT);
const JOINS_PREVIOUS = new Characters(tables.JOINS_PREVIOUS);
const TRANSPARENT = new Characters(tables.TRANSPARENT);
/** Whether no text may hold it: controls, formats except the two joiners, unassigned, private, line ends. */
export const isUnfit = (c) => UNFIT.has(c);
/** Letters, marks and symbols that show nothing. */
export const isInvisible = (c) => INVISIBLE.has(c);
/** A space of any kind: no tab, and no end of a line. */
export const isSpace = (c) => /\p{Zs}/u.test(c);
/** White space of any kind. */
export const isWhiteSpace = (c) => /\p{White_Space}/u.test(c);
/** Whether it is no space and nothing that no text may hold. */
export const isShown = (c) => !isUnfit(c) && !isJoiner(c) && !isSpace(c);
/** Whether it shows something by itself: a mark needs a letter under it. */
export const isVisible = (c) => isShown(c) && !MARKS.has(c) && !isInvisible(c);
/** Whether nobody sees it, wherever it stands. */
export const isUnseen = (c) => UNSEEN.has(c);
/** What people and forms put between groups of digits: white space, dashes, the minus sign. */
export const isSeparator = (c) => isWhiteSpace(c) || DASHES.has(c) || c === "\u2212";
/** The value of a decimal digit of any script: each has ten in a row. */
export function digitOf(c) {
    const code = c.codePointAt(0) ?? 0;
    const zero = ZEROS.lastUpTo(c);
    return zero !== undefined && code - zero < 10 ? code - zero : undefined;
}
/** A number of any kind. */
export const isNumeric = (c) => /\p{N}/u.test(c);
/** Whether this platform knows it. */
export const isAssigned = (c) => !/\p{Cn}/u.test(c);
export const isJoiner = (c) => c === "\u200c" || c === "\u200d";
/** Whether each joiner of a text stands where its script has it (RFC 5892, A.1 and A.2). */
export function joinersInPlace(text) {
    const characters = [...text];
    return characters.every((c, at) => {
        if (!isJoiner(c) || VIRAMAS.has(characters[at - 1] ?? ""))
            return true;
        const solid = (one) => !TRANSPARENT.has(one);
        const previous = characters.slice(0, at).findLast(solid);
        const next = characters.slice(at + 1).find(solid);
        const parts = JOINS_NEXT.has(previous ?? "") && JOINS_PREVIOUS.has(next ?? "");
        return c === "\u200c" && parts;
    });
}
/** The characters of a text, without white space and what nobody sees at its ends. */
export function trimmed(text) {
    const characters = [...text];
    const hidden = (c) => isWhiteSpace(c) || isUnseen(c);
    const first = characters.findIndex((c) => !hidden(c));
    return first < 0 ? [] : characters.slice(first, characters.findLastIndex((c) => !hidden(c)) + 1);
}
/** Whether a text has more than so many characters. */
export const isLonger = (text, most) => text.length > most && [...text].length > most;
