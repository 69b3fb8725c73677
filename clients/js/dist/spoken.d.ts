/** The words of four bytes, to be said. */
export declare function wordsOf(bytes: Uint8Array): string;
/** The words that stand for eight digits: two digits to a word. */
export declare function codeWords(digits: string): string;
/** The digits in two groups, to be said. */
export declare const codeGroups: (digits: string) => string;
/** The eight digits of a code as somebody heard and typed it. Throws a {@link CodeCheckError} if it is none. */
export declare function readSpokenCode(heard: string): string;
/** The bytes of four words as somebody heard them. */
export declare function readWords(heard: string): number[];
/** Whether two codes of eight digits are the same, in a time that does not tell where they differ. */
export declare const sameCode: (one: string, other: string) => boolean;
