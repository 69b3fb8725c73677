/** Where the card's bills go, as typed. */
export interface AddressFields {
    /** Two capital letters of ISO 3166-1. */
    readonly country: string;
    readonly region?: string | undefined;
    readonly postcode?: string | undefined;
    readonly city?: string | undefined;
    readonly lines?: readonly string[] | undefined;
}
/** The same, as it is sealed. */
export interface Address {
    readonly country: string;
    readonly region: string;
    readonly postcode: string;
    readonly city: string;
    readonly lines: readonly string[];
}
export declare const isNumber: (line: string) => boolean;
/** A line as it is sealed: 1 to `most` visible characters, one U+0020 between words, fewer than 12 of them digits. */
export declare function readLine(typed: string, most: number): string | undefined;
export declare function readAddress(typed: AddressFields): Address;
