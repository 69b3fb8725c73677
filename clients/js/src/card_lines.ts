// What people type about themselves beside a card: a name, a street, a postcode.

import { COUNTRIES } from "./countries.js";
import { CardError } from "./errors.js";
import {
  digitOf,
  isInvisible,
  isJoiner,
  isLonger,
  isNumeric,
  isSeparator,
  isShown,
  isSpace,
  isWhiteSpace,
  joinersInPlace,
  trimmed,
} from "./unicode.js";

/** From this many digits on, a card number was typed into the wrong field. */
const DIGITS_OF_A_CARD = 12;
const MAX_ADDRESS_CHARS = 50;
const MAX_LINES = 3;
const MAX_TYPED = 32;

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

const isDigit = (c: string): boolean => isNumeric(c) || digitOf(c) !== undefined;
export const isNumber = (line: string): boolean => [...line].every(isDigit);

/** A line as it is sealed: 1 to `most` visible characters, one U+0020 between words, fewer than 12 of them digits. */
export function readLine(typed: string, most: number): string | undefined {
  const characters = [...typed];
  const inside = (c: string): boolean => !isWhiteSpace(c);
  const words = characters
    .slice(Math.max(characters.findIndex(inside), 0), characters.findLastIndex(inside) + 1)
    .map((c) => (isSpace(c) ? " " : c));
  const line = [...words.join("").replace(/ +/g, " ")];
  const shown = line.every((c) => c === " " || isJoiner(c) || (isShown(c) && !isInvisible(c)));
  const fits = line.length >= 1 && line.length <= most && shown;
  const text = line.join("");
  return fits && line.filter(isDigit).length < DIGITS_OF_A_CARD && joinersInPlace(text) ? text : undefined;
}

/** Capital letters and digits, with single spaces or hyphens between them; at most so many. */
function readCode(typed: string, most: number): string | undefined {
  if (isLonger(typed, MAX_TYPED)) return undefined;
  let [code, separator] = ["", ""];
  for (const c of trimmed(typed)) {
    const digit = digitOf(c);
    if (digit === undefined && !/^[A-Za-z]$/.test(c)) {
      if (!isSeparator(c) || code === "") return undefined;
      // `12345 - 678` is one separation, by the hyphen.
      if (separator !== "-") separator = isWhiteSpace(c) ? separator || " " : "-";
      continue;
    }
    code += separator + (digit === undefined ? c.toUpperCase() : String(digit));
    separator = "";
  }
  return code === "" || separator !== "" || code.length > most ? undefined : code;
}

export function readAddress(typed: AddressFields): Address {
  const { country, lines = [] } = typed;
  if (!COUNTRIES.has(country)) throw new CardError("address_country", "expected a country of ISO 3166-1");
  const region = typed.region === undefined ? "" : readCode(typed.region, 3);
  if (region === undefined || /[ -]/.test(region)) {
    throw new CardError("address_region", "a region is 1 to 3 letters and digits (ISO 3166-2)");
  }
  const postcode = typed.postcode === undefined ? "" : readCode(typed.postcode, 12);
  if (postcode === undefined || postcode.replace(/[^0-9]/g, "").length >= DIGITS_OF_A_CARD) {
    throw new CardError("address_postcode", "a postcode has 1 to 12 letters and digits");
  }
  const city = typed.city === undefined ? "" : readLine(typed.city, MAX_ADDRESS_CHARS);
  if (city === undefined) throw new CardError("address_city", "a town has 1 to 50 visible characters");
  const read = lines.map((line) => readLine(line, MAX_ADDRESS_CHARS));
  if (read.length > MAX_LINES || read.includes(undefined)) {
    throw new CardError("address_line", "an address has up to 3 lines of 1 to 50 visible characters");
  }
  return { country, region, postcode, city, lines: read.filter((line) => line !== undefined) };
}
