// Who talks to whom, over what, and about which transaction.

import { be64, pae } from "./bytes.js";
import { Fields, oneOf, type Read, refuse, text, whole } from "./data.js";
import { amountText, isCurrency } from "./money.js";

/** The channels, in the order of their numbers in hashes, from 1. */
export const CHANNELS = ["voice", "video", "chat", "sms", "email", "social"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Who contacted whom, from the enterprise's side; in hashes 1 and 2. */
export const DIRECTIONS = ["inbound", "outbound"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What is known of the line between customer and enterprise, weakest first. */
export const LEGS = ["number", "checked_number", "dialled_ticket", "header_ticket", "in_app"] as const;
export type Leg = (typeof LEGS)[number];

/** What is to be done, in the order of the numbers in hashes, from 1. */
export const KINDS = ["transfer", "payment", "new_payee", "change", "new_authenticator"] as const;
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

export const channel: Read<Channel> = oneOf(CHANNELS);
export const direction: Read<Direction> = oneOf(DIRECTIONS);
export const leg: Read<Leg> = oneOf(LEGS);

const currency: Read<string> = (value) => (isCurrency(text(value)) ? text(value) : refuse());

export const transaction: Read<Transaction> = (value) => {
  const fields = new Fields(value);
  // What is shown is what is approved: nobody changes it in between.
  return Object.freeze({
    kind: fields.get("kind", oneOf(KINDS)),
    amount: fields.get("amount", whole(64)),
    currency: fields.get("currency", currency),
    payee: fields.shown("payee"),
    reference: fields.shown("reference"),
  });
};

/** The number of a name in hashes. */
export const numberOf = <T>(names: readonly T[], name: T): Uint8Array<ArrayBuffer> =>
  new Uint8Array([names.indexOf(name) + 1]);

/** The one encoding of a transaction, which codes stand for. */
export function canonical(one: Transaction): Uint8Array<ArrayBuffer> {
  return pae(
    "countersign transaction v1",
    numberOf(KINDS, one.kind),
    be64(one.amount),
    one.currency,
    one.payee,
    one.reference,
  );
}

const SAID: Readonly<Record<TransactionKind, string>> = {
  transfer: "Transfer of ",
  payment: "Payment of ",
  new_payee: "New payee",
  change: "Change of details",
  new_authenticator: "New app or fob",
};

/** As a person reads it: kind, currency and amount if there is one, payee, reference. */
export function transactionText(one: Transaction): string {
  const amount = amountText(one.amount, one.currency);
  const tail = `${one.payee} (${one.reference})`;
  if (one.kind === "transfer" || one.kind === "payment") return `${SAID[one.kind]}${amount} to ${tail}`;
  return one.amount === 0n ? `${SAID[one.kind]}: ${tail}` : `${SAID[one.kind]}, ${amount}: ${tail}`;
}

/** Who contacted whom, in one sentence, and the id of that sentence for an app in another language. */
export interface Headline {
  readonly id: string;
  readonly text: string;
}

/** The first thing that an app shows of a step-up or a payment. */
export const headlineOf = (way: Direction): Headline =>
  way === "inbound"
    ? { id: "you_called_us", text: "You called us." }
    : { id: "we_called_you", text: "We called you." };
