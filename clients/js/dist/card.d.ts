import { type Brand } from "./brand_ranges.js";
import { type BrandTable } from "./brands.js";
import { type AddressFields } from "./card_lines.js";
/** Whose a cryptogram is, in the order of the numbers in a sealed card, from 1. */
export declare const WALLETS: readonly ["apple_pay", "google_pay", "samsung_pay", "click_to_pay", "network_token", "other"];
export type Wallet = (typeof WALLETS)[number];
/** What the customer agrees that the card is kept for, in the order of the numbers, from 1. */
export declare const STORED_CREDENTIALS: readonly ["customer_initiated", "recurring", "instalment", "unscheduled"];
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
/** All that a payment needs of a card. Nothing of it is printed. */
export declare class Card {
    #private;
    private constructor();
    /** Reads what the customer typed. Throws a {@link CardError}, which repeats nothing of it. */
    static of(fields: CardFields, table?: BrandTable): Card;
    /** The schemes, the one first that is paid over. */
    get brands(): readonly Brand[];
    get lastFour(): string;
    /** The 1152 bytes that are sealed, and nothing else. For `seal.ts`. */
    plaintext(): Uint8Array<ArrayBuffer>;
    toJSON(): string;
}
/** Reads `4/27`, `04 / 2027`, `0427`, `427`, `2027-04` and the like. */
export declare function readExpiry(typed: string): Expiry;
/** The first second in which a card is valid nowhere any more: noon of the first of the next month, UTC. */
export declare const expiryEnd: ({ month, year }: Expiry) => number;
