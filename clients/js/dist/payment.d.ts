import type { Card } from "./card.js";
import { type Direction, type Headline, type Transaction } from "./interaction.js";
import type { TrustedKeys } from "./keys.js";
import type { UnixSeconds } from "./time.js";
import { type Claims, type Expected, type Format } from "./tokens.js";
type Bytes = Uint8Array<ArrayBuffer>;
/** What a vault says of its opening key. */
export interface OpeningKeyData {
    readonly sealingKey: Bytes;
}
export declare const OPENING_KEY: Format<OpeningKeyData>;
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
export declare const PAYMENT_REQUEST: Format<PaymentRequestData>;
/** The key that a genuine request names, if a card may be sealed for it. Throws a {@link PaymentError}. */
export declare function openingKey(request: Claims<PaymentRequestData>, vault: TrustedKeys, { keys, leeway, now }: Expected): Promise<Bytes>;
/** A genuine payment request, for the app to show: all of it, the headline first, before the card is asked for. */
export declare class VerifiedPayment {
    #private;
    /** Made by `Device.openPayment` alone. */
    constructor(claims: Claims<PaymentRequestData>, token: string, key: Bytes);
    get id(): string;
    /** "You called us." or "We called you." */
    get headline(): Headline;
    get agentName(): string;
    get transaction(): Transaction;
    get data(): PaymentRequestData;
    /** Until when the customer may pay. */
    get until(): UnixSeconds;
    /** Until when the card will be kept for further payments to the same merchant, if it will. */
    get keepsCardUntil(): UnixSeconds | undefined;
    /** Until when the customer may authenticate to the card's issuer; `undefined`: they will not be asked to. */
    get authenticateUntil(): UnixSeconds | undefined;
    /**
     * Seals the card for the vault and this request alone. Send the result to the vault with the token, and the very
     * same one again if the answer is lost. After a decline that may be tried again the customer types the code once
     * more, and `attempt` is the number that the vault waits for.
     */
    seal(card: Card, attempt?: number): Promise<string>;
}
export {};
