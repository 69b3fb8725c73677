// What a card number says of itself: its schemes, and the check digit.
import { BRANDS, PUBLISHED_RANGES } from "./brand_ranges.js";
import { CardError } from "./errors.js";
const MOST_DIGITS = 8;
const SHORTEST = 12;
const LONGEST = 19;
/** The schemes of which no card needs to have a verification code. */
const WITHOUT_CODE = ["maestro", "uatp", "girocard", "interac", "private_label"];
/** The published ranges, and perhaps a host's own, which come first of those given with as many digits. */
export class BrandTable {
    #ranges;
    constructor(own = []) {
        if (!own.every(fits) || own.some((one, at) => own.slice(0, at).some((other) => overlap(one, other)))) {
            throw new CardError("ranges", "a range has one to eight digits, known lengths and up to three schemes");
        }
        this.#ranges = [...own, ...PUBLISHED_RANGES];
    }
    /** The schemes of a number, the one first that is paid over unless the customer chooses. */
    brandsOf(digits) {
        for (let length = MOST_DIGITS; length > 0; length -= 1) {
            const first = digits.slice(0, length);
            const found = this.#ranges.find((one) => one.from.length === length &&
                one.from <= first &&
                first <= one.to &&
                one.lengths.includes(digits.length));
            if (found !== undefined)
                return found.brands;
        }
        return [];
    }
}
function fits({ from, to, lengths, brands }) {
    return (/^[0-9]{1,8}$/.test(from) &&
        /^[0-9]{1,8}$/.test(to) &&
        from.length === to.length &&
        from <= to &&
        lengths.length > 0 &&
        lengths.every((length) => length >= SHORTEST && length <= LONGEST) &&
        brands.length >= 1 &&
        brands.length <= 3 &&
        new Set(brands).size === brands.length &&
        brands.every((brand) => BRANDS.includes(brand)));
}
const overlap = (one, other) => one.from.length === other.from.length && one.from <= other.to && other.from <= one.to;
/** The ranges that are published, and no others. */
export const PUBLISHED_BRANDS = new BrandTable();
/** Whether digits, the check digit last, satisfy Luhn's formula (ISO/IEC 7812-1). */
export function luhn(digits) {
    const sum = [...digits].reverse().reduce((total, digit, place) => {
        const value = Number(digit) * (place % 2 === 0 ? 1 : 2);
        return total + (value > 9 ? value - 9 : value);
    }, 0);
    return digits !== "" && sum % 10 === 0;
}
/** Whether every card of the scheme has a verification code. */
export const needsCode = (brand) => !WITHOUT_CODE.includes(brand);
/** Whether a verification code of the scheme has so many digits. */
export const hasCodeOf = (brand, digits) => digits === (brand === "american_express" ? 4 : 3) || (brand === "private_label" && digits === 4);
