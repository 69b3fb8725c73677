/** Whether no text may hold it: controls, formats except the two joiners, unassigned, private, line ends. */
export declare const isUnfit: (c: string) => boolean;
/** Letters, marks and symbols that show nothing. */
export declare const isInvisible: (c: string) => boolean;
/** A space of any kind: no tab, and no end of a line. */
export declare const isSpace: (c: string) => boolean;
/** White space of any kind. */
export declare const isWhiteSpace: (c: string) => boolean;
/** Whether it is no space and nothing that no text may hold. */
export declare const isShown: (c: string) => boolean;
/** Whether it shows something by itself: a mark needs a letter under it. */
export declare const isVisible: (c: string) => boolean;
/** Whether nobody sees it, wherever it stands. */
export declare const isUnseen: (c: string) => boolean;
/** What people and forms put between groups of digits: white space, dashes, the minus sign. */
export declare const isSeparator: (c: string) => boolean;
/** The value of a decimal digit of any script: each has ten in a row. */
export declare function digitOf(c: string): number | undefined;
/** A number of any kind. */
export declare const isNumeric: (c: string) => boolean;
/** Whether this platform knows it. */
export declare const isAssigned: (c: string) => boolean;
export declare const isJoiner: (c: string) => boolean;
/** Whether each joiner of a text stands where its script has it (RFC 5892, A.1 and A.2). */
export declare function joinersInPlace(text: string): boolean;
/** The characters of a text, without white space and what nobody sees at its ends. */
export declare function trimmed(text: string): string[];
/** Whether a text has more than so many characters. */
export declare const isLonger: (text: string, most: number) => boolean;
