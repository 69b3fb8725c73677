export declare const TWO_SYLLABLES: readonly string[];
export declare const THREE_SYLLABLES: readonly string[];
