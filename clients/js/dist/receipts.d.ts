import { type Brand } from "./brand_ranges.js";
import { type Transaction } from "./interaction.js";
import type { UnixSeconds } from "./time.js";
import type { Format } from "./tokens.js";
export declare const DECLINE_REASONS: readonly ["insufficient_funds", "limit_exceeded", "expired_card", "wrong_details", "not_permitted", "authentication_needed", "try_later", "not_charged", "other", "partly_approved", "not_authenticated"];
export type DeclineReason = (typeof DECLINE_REASONS)[number];
/** How a payment ended, or where it stands. */
export type ChargeOutcome = {
    readonly authorised: {
        readonly authorisationCode: string;
        readonly transactionId: string;
        readonly amount: bigint;
    };
} | {
    readonly declined: DeclineReason;
}
/** The customer may try once more under the same request, with a card sealed anew. */
 | {
    readonly softDeclined: DeclineReason;
}
/** The customer is to authenticate to the card's issuer. */
 | "authenticating"
/** It is not known yet: another receipt will follow. */
 | "unresolved";
/** What became of the money since, in minor units. */
export interface Totals {
    readonly captured: bigint;
    readonly voided: bigint;
    readonly refunded: bigint;
    readonly chargedBack: bigint;
    readonly inDoubt: bigint;
}
/** What a receipt says. Of two receipts of a payment the one with the higher count is the newer one. */
export interface ReceiptData {
    readonly payment: string;
    /** The `jti` of the payment request, in base64url. */
    readonly request: string;
    readonly requestedAt: UnixSeconds;
    readonly merchant: string;
    readonly transaction: Transaction;
    readonly brand: Brand;
    readonly lastFour: string;
    readonly outcome: ChargeOutcome;
    readonly totals: Totals;
    readonly count: bigint;
}
export declare const RECEIPT: Format<ReceiptData>;
/** That the customer's records were deleted. */
export interface ErasureData {
    /** Since when nothing was begun in the customer's name. */
    readonly since: UnixSeconds;
    readonly records: number;
}
export declare const ERASURE: Format<ErasureData>;
