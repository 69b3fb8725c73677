/** The countries by their two capital letters. */
export declare const COUNTRIES: ReadonlySet<string>;
