// A card as the customer types it, and the bytes of it that are sealed.

import { base64, utf8 } from "./bytes.js";
import { type Brand, BRANDS } from "./brand_ranges.js";
import { type BrandTable, hasCodeOf, luhn, needsCode, PUBLISHED_BRANDS } from "./brands.js";
import { type Address, type AddressFields, isNumber, readAddress, readLine } from "./card_lines.js";
import { CardError } from "./errors.js";
import { typedDigits } from "./text.js";
import { digitOf, isLonger, isSeparator, trimmed } from "./unicode.js";

/** Whose a cryptogram is, in the order of the numbers in a sealed card, from 1. */
export const WALLETS = [
  "apple_pay",
  "google_pay",
  "samsung_pay",
  "click_to_pay",
  "network_token",
  "other",
] as const;
export type Wallet = (typeof WALLETS)[number];

/** What the customer agrees that the card is kept for, in the order of the numbers, from 1. */
export const STORED_CREDENTIALS = ["customer_initiated", "recurring", "instalment", "unscheduled"] as const;
export type StoredCredential = (typeof STORED_CREDENTIALS)[number];

/** What a wallet or a network token gives in place of a verification code. */
export interface CryptogramFields {
  /** 12 to 42 bytes in base64 with padding. */
  readonly value: string;
  /** The electronic commerce indicator, if there was one. */
  readonly eci?: string | undefined;
  readonly wallet: Wallet;
}

/** A card as typed. */
export interface CardFields {
  readonly pan: string;
  readonly expiry: string;
  readonly code?: string | undefined;
  readonly cryptogram?: CryptogramFields | undefined;
  readonly cardholder: string;
  /** The scheme that the customer chose of a co-badged card. */
  readonly brand?: Brand | undefined;
  readonly storedCredential?: StoredCredential | undefined;
  readonly billingAddress?: AddressFields | undefined;
}

/** A month in which a card ends. */
export interface Expiry {
  readonly month: number;
  readonly year: number;
}

interface Parts {
  readonly pan: string;
  readonly brands: readonly Brand[];
  readonly expiry: Expiry;
  readonly verification: { readonly kind: number; readonly text: string; readonly eci: string; readonly wallet: number };
  readonly cardholder: string;
  readonly chosen: number;
  readonly stored: number;
  readonly address: Address | undefined;
}

const PLAINTEXT_BYTES = 1152;
const MAX_CARDHOLDER_CHARS = 45;

/** All that a payment needs of a card. Nothing of it is printed. */
export class Card {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Reads what the customer typed. Throws a {@link CardError}, which repeats nothing of it. */
  static of(fields: CardFields, table: BrandTable = PUBLISHED_BRANDS): Card {
    const pan = readPan(fields.pan);
    const brands = table.brandsOf(pan);
    const [brand] = brands;
    if (brand === undefined) throw new CardError("pan_unknown_scheme", "no known scheme issues such a number");
    const cardholder = readLine(fields.cardholder, MAX_CARDHOLDER_CHARS);
    if (cardholder === undefined || isNumber(cardholder)) {
      throw new CardError("cardholder", "a name has 1 to 45 visible characters, no card number and no code");
    }
    const { storedCredential, billingAddress } = fields;
    return new Card({
      pan,
      brands,
      expiry: readExpiry(fields.expiry),
      verification: verificationOf(fields, brand),
      cardholder,
      chosen: chosen(fields.brand, brands),
      stored: storedCredential === undefined ? 0 : stored(storedCredential),
      address: billingAddress === undefined ? undefined : readAddress(billingAddress),
    });
  }

  /** The schemes, the one first that is paid over. */
  get brands(): readonly Brand[] {
    return this.#parts.brands;
  }

  get lastFour(): string {
    return this.#parts.pan.slice(-4);
  }

  /** The 1152 bytes that are sealed, and nothing else. For `seal.ts`. */
  plaintext(): Uint8Array<ArrayBuffer> {
    const { pan, expiry, verification, cardholder, chosen: brand, stored: agreed, address } = this.#parts;
    const out = new Uint8Array(PLAINTEXT_BYTES);
    let at = 0;
    const put = (...bytes: number[]): void => {
      out.set(bytes, at);
      at += bytes.length;
    };
    const field = (length: number, text = ""): void => {
      const bytes = utf8(text);
      put(bytes.length);
      out.set(bytes, at);
      at += length;
    };
    field(19, pan);
    put(expiry.month, expiry.year >> 8, expiry.year & 0xff);
    put(verification.kind);
    field(56, verification.text);
    put(...(verification.eci === "" ? [0, 0] : utf8(verification.eci)), verification.wallet);
    field(180, cardholder);
    put(brand, agreed);
    put(...(address === undefined ? [0, 0] : utf8(address.country)));
    field(3, address?.region);
    field(12, address?.postcode);
    field(200, address?.city);
    for (let line = 0; line < 3; line += 1) field(200, address?.lines[line]);
    return out;
  }

  toJSON(): string {
    return "[REDACTED]";
  }
}

/** A card number's ASCII digits, as typed. */
function readPan(typed: string): string {
  const read = typedDigits(typed, 19, 64);
  if (!("digits" in read)) {
    throw read.mistyped === "too_long"
      ? new CardError("pan_length", "a card number has 12 to 19 digits")
      : new CardError("pan_digits", "a card number has only digits, spaces and dashes");
  }
  if (read.digits.length < 12) throw new CardError("pan_length", "a card number has 12 to 19 digits");
  if (!luhn(read.digits)) throw new CardError("pan_check_digit", "the card number is mistyped");
  return read.digits;
}

/** Reads `4/27`, `04 / 2027`, `0427`, `427`, `2027-04` and the like. */
export function readExpiry(typed: string): Expiry {
  const wrong = (): CardError => new CardError("expiry", "expected month and year, such as 04/27");
  if (isLonger(typed, 32)) throw wrong();
  let text = "";
  for (const c of trimmed(typed)) {
    const digit = digitOf(c);
    if (digit !== undefined) text += String(digit);
    else if (/[/.\uff0f]/.test(c) || isSeparator(c)) text += text.endsWith("/") ? "" : "/";
    else throw wrong();
  }
  const found =
    /^(?<m>\d{1,2})\/(?<y>\d{2}|\d{4})$/.exec(text) ??
    /^(?<y>\d{4})\/(?<m>\d{1,2})$/.exec(text) ??
    /^(?<m>\d{1,2})(?<y>\d{2})$/.exec(text) ??
    /^(?<m>\d{2})(?<y>\d{4})$/.exec(text);
  const [month, year] = [Number(found?.groups?.["m"]), Number(found?.groups?.["y"])];
  const whole = year < 100 ? year + 2000 : year;
  if (!(month >= 1 && month <= 12 && whole >= 2000 && whole <= 2099)) throw wrong();
  return { month, year: whole };
}

/** The first second in which a card is valid nowhere any more: noon of the first of the next month, UTC. */
export const expiryEnd = ({ month, year }: Expiry): number => Date.UTC(year, month, 1, 12) / 1000;

function verificationOf({ code, cryptogram }: CardFields, brand: Brand): Parts["verification"] {
  if (cryptogram !== undefined) {
    const text = trimmed(cryptogram.value).join("");
    const eci = cryptogram.eci === undefined ? "" : readEci(cryptogram.eci);
    const wallet = WALLETS.indexOf(cryptogram.wallet) + 1;
    const bare = text.replace(/={1,2}$/, "");
    const bytes = text.length % 4 === 0 ? base64.decode(bare)?.length : undefined;
    if (code !== undefined || wallet === 0 || bytes === undefined || bytes < 12 || bytes > 42) {
      throw new CardError("cryptogram", "a cryptogram is 12 to 42 bytes in base64, with padding");
    }
    return { kind: 2, text, eci, wallet };
  }
  const read = code === undefined ? { digits: "" } : typedDigits(code, 4, 16);
  if (!("digits" in read) || (code !== undefined && read.digits.length < 3)) {
    throw new CardError("code", "a card verification code has three or four digits and nothing else");
  }
  const { digits } = read;
  if (code === undefined ? needsCode(brand) : !hasCodeOf(brand, digits.length)) {
    throw new CardError("code_length", "the code has three digits, four on American Express");
  }
  return { kind: code === undefined ? 0 : 1, text: digits, eci: "", wallet: 0 };
}

function readEci(typed: string): string {
  const read = typedDigits(typed, 2, 8);
  if (!("digits" in read) || read.digits === "") {
    throw new CardError("cryptogram", "an electronic commerce indicator has two digits");
  }
  return read.digits.padStart(2, "0");
}

function chosen(brand: Brand | undefined, brands: readonly Brand[]): number {
  if (brand === undefined) return 0;
  if (!brands.includes(brand)) throw new CardError("brand", "the card is not one of the chosen scheme's");
  return BRANDS.indexOf(brand) + 1;
}

function stored(agreed: StoredCredential): number {
  const number = STORED_CREDENTIALS.indexOf(agreed) + 1;
  if (number === 0) throw new CardError("stored_credential", "a card is kept for one of four things");
  return number;
}
