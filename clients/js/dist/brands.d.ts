import { type Brand, type BrandRange } from "./brand_ranges.js";
/** The published ranges, and perhaps a host's own, which come first of those given with as many digits. */
export declare class BrandTable {
    #private;
    constructor(own?: readonly BrandRange[]);
    /** The schemes of a number, the one first that is paid over unless the customer chooses. */
    brandsOf(digits: string): readonly Brand[];
}
/** The ranges that are published, and no others. */
export declare const PUBLISHED_BRANDS: BrandTable;
/** Whether digits, the check digit last, satisfy Luhn's formula (ISO/IEC 7812-1). */
export declare function luhn(digits: string): boolean;
/** Whether every card of the scheme has a verification code. */
export declare const needsCode: (brand: Brand) => boolean;
/** Whether a verification code of the scheme has so many digits. */
export declare const hasCodeOf: (brand: Brand, digits: number) => boolean;
