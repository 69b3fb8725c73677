import { type Read } from "./data.js";
/** The channels, in the order of their numbers in hashes, from 1. */
export declare const CHANNELS: readonly ["voice", "video", "chat", "sms", "email", "social"];
export type Channel = (typeof CHANNELS)[number];
/** Who contacted whom, from the enterprise's side; in hashes 1 and 2. */
export declare const DIRECTIONS: readonly ["inbound", "outbound"];
export type Direction = (typeof DIRECTIONS)[number];
/** What is known of the line between customer and enterprise, weakest first. */
export declare const LEGS: readonly ["number", "checked_number", "dialled_ticket", "header_ticket", "in_app"];
export type Leg = (typeof LEGS)[number];
/** What is to be done, in the order of the numbers in hashes, from 1. */
export declare const KINDS: readonly ["transfer", "payment", "new_payee", "change", "new_authenticator"];
export type TransactionKind = (typeof KINDS)[number];
/** What is to be approved or paid. */
export interface Transaction {
    readonly kind: TransactionKind;
    /** In minor units, exactly. */
    readonly amount: bigint;
    readonly currency: string;
    readonly payee: string;
    readonly reference: string;
}
export declare const channel: Read<Channel>;
export declare const direction: Read<Direction>;
export declare const leg: Read<Leg>;
export declare const transaction: Read<Transaction>;
/** The number of a name in hashes. */
export declare const numberOf: <T>(names: readonly T[], name: T) => Uint8Array<ArrayBuffer>;
/** The one encoding of a transaction, which codes stand for. */
export declare function canonical(one: Transaction): Uint8Array<ArrayBuffer>;
/** As a person reads it: kind, currency and amount if there is one, payee, reference. */
export declare function transactionText(one: Transaction): string;
/** Who contacted whom, in one sentence, and the id of that sentence for an app in another language. */
export interface Headline {
    readonly id: string;
    readonly text: string;
}
/** The first thing that an app shows of a step-up or a payment. */
export declare const headlineOf: (way: Direction) => Headline;
