// A payment that the customer is asked for, whose key the card is sealed for, and how payments ended.

import type { Card } from "./card.js";
import { type Fields, type Read, refuse, text, time } from "./data.js";
import { PaymentError, TokenError } from "./errors.js";
import {
  type Direction,
  direction,
  type Headline,
  headlineOf,
  type Transaction,
  transaction,
} from "./interaction.js";
import type { TrustedKeys } from "./keys.js";
import { readSealingKey, seal } from "./seal.js";
import type { UnixSeconds } from "./time.js";
import { type Claims, type Expected, type Format, unproven, verify } from "./tokens.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a vault says of its opening key. */
export interface OpeningKeyData {
  readonly sealingKey: Bytes;
}

export const OPENING_KEY: Format<OpeningKeyData> = {
  purpose: "opening_key",
  read: (data: Fields) => ({
    sealingKey: data.get("sealing_key", (value) => readSealingKey(text(value)) ?? refuse()),
  }),
};

/** What a payment request says. */
export interface PaymentRequestData {
  readonly payment: string;
  readonly interaction: string;
  readonly direction: Direction;
  readonly agentName: string;
  readonly merchant: string;
  readonly transaction: Transaction;
  /** The vault's signed key, a token. */
  readonly openingKey: string;
  readonly authenticateUntil: UnixSeconds | undefined;
  readonly keepCardUntil: UnixSeconds | undefined;
}

/** A token whose claims are an opening key's, by whomever it is signed. */
const signedKey: Read<string> = (value) => {
  unproven(text(value), OPENING_KEY);
  return text(value);
};

export const PAYMENT_REQUEST: Format<PaymentRequestData> = {
  purpose: "payment_request",
  read: (data) => ({
    payment: data.id("payment"),
    interaction: data.hostId("interaction"),
    direction: data.get("direction", direction),
    agentName: data.shown("agent_name"),
    merchant: data.hostId("merchant"),
    transaction: data.get("transaction", transaction),
    openingKey: data.get("opening_key", signedKey),
    authenticateUntil: data.optional("authenticate_until", time),
    keepCardUntil: data.optional("keep_card_until", time),
  }),
};

/** The key that a genuine request names, if a card may be sealed for it. Throws a {@link PaymentError}. */
export async function openingKey(
  request: Claims<PaymentRequestData>,
  vault: TrustedKeys,
  { keys, leeway, now }: Expected,
): Promise<Bytes> {
  const expected = { keys: vault, audience: request.issuer, leeway, now };
  const given = await verify(request.data.openingKey, OPENING_KEY, expected).catch(problem);
  // An app into which one key was built for both would seal for whatever its back end signs.
  if (keys.names(given.kid, "payment_request")) throw notGenuine();
  const needed = Math.max(request.data.authenticateUntil ?? 0, request.expiresAt);
  if (needed > given.expiresAt) {
    throw new PaymentError("opening_key_ends_before_request", "the request ends after its opening key");
  }
  return given.data.sealingKey;
}

function problem(error: unknown): never {
  if (!(error instanceof TokenError)) throw error;
  switch (error.kind) {
    case "audience":
      throw new PaymentError("opening_key_for_another_enterprise", "the key was given to another enterprise");
    case "not_yet_valid":
      throw new PaymentError("opening_key_not_yet_valid", "the opening key is from the future");
    case "expired":
      throw new PaymentError("opening_key_over", "the opening key's time is over");
    default:
      throw notGenuine();
  }
}

const notGenuine = (): PaymentError =>
  new PaymentError("opening_key_not_genuine", "no vault that this app trusts has signed the opening key");

/** A genuine payment request, for the app to show: all of it, the headline first, before the card is asked for. */
export class VerifiedPayment {
  readonly #claims: Claims<PaymentRequestData>;
  readonly #token: string;
  readonly #key: Bytes;

  /** Made by `Device.openPayment` alone. */
  constructor(claims: Claims<PaymentRequestData>, token: string, key: Bytes) {
    this.#claims = claims;
    this.#token = token;
    this.#key = key;
  }

  get id(): string {
    return this.data.payment;
  }

  /** "You called us." or "We called you." */
  get headline(): Headline {
    return headlineOf(this.data.direction);
  }

  get agentName(): string {
    return this.data.agentName;
  }

  get transaction(): Transaction {
    return this.data.transaction;
  }

  get data(): PaymentRequestData {
    return this.#claims.data;
  }

  /** Until when the customer may pay. */
  get until(): UnixSeconds {
    return this.#claims.expiresAt;
  }

  /** Until when the card will be kept for further payments to the same merchant, if it will. */
  get keepsCardUntil(): UnixSeconds | undefined {
    return this.data.keepCardUntil;
  }

  /** Until when the customer may authenticate to the card's issuer; `undefined`: they will not be asked to. */
  get authenticateUntil(): UnixSeconds | undefined {
    return this.data.authenticateUntil;
  }

  /**
   * Seals the card for the vault and this request alone. Send the result to the vault with the token, and the very
   * same one again if the answer is lost. After a decline that may be tried again the customer types the code once
   * more, and `attempt` is the number that the vault waits for.
   */
  async seal(card: Card, attempt = 1): Promise<string> {
    if (!Number.isInteger(attempt) || attempt < 1 || attempt > 255) {
      throw new PaymentError("attempt", "attempts are numbered from 1 to 255");
    }
    return seal(card, { key: this.#key, request: this.#token, attempt });
  }
}
