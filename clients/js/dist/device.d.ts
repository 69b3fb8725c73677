import { type ActionForms } from "./actions.js";
import { type CallVerdict, KnownNumbers, type VerdictQuestion } from "./calls.js";
import { type ChallengeCheck, type FoundOn } from "./challenge.js";
import { GroundRules } from "./ground_rules.js";
import { VerifiedAppointment } from "./hearing.js";
import { type CeremonyHistory } from "./history.js";
import type { TrustedKeys } from "./keys.js";
import { LastContactQuestion, type LastContactShown } from "./last_contact.js";
import { type KnownNotices, type NoticeCheck } from "./notices.js";
import { VerifiedPayment } from "./payment.js";
import { type ReachableShown, type ReachQuestion } from "./reachable.js";
import { type ErasureData, type ReceiptData } from "./receipts.js";
import { type StatusQuestion, type StatusShown } from "./status.js";
import { UnansweredStepUp } from "./step_up.js";
/** What a {@link Device} knows. */
export interface DeviceOptions {
    /** The enterprise's public keys. */
    readonly keys: TrustedKeys;
    /** Whose app it is. */
    readonly customer: string;
    /** The vault's public keys, trusted for `opening_key` and `receipt`. Built in, never fetched from the enterprise. */
    readonly vaultKeys?: TrustedKeys | undefined;
    /** The customer's pseudonym, from an authenticated session: tokens in text messages and e-mails name it. */
    readonly pseudonym?: string | undefined;
    /** How far this clock and the enterprise's may be apart, in seconds: 30 unless given, at most 120. */
    readonly leeway?: number | undefined;
    /** The kinds of actions that are built into the app, in the customer's language. Nothing else of an action is shown. */
    readonly actions?: ActionForms | undefined;
}
/**
 * Verifies what the enterprise signed for one customer. Each `open…` gives what is to be shown, and throws if nothing
 * may be. `now` is in Unix seconds, of this device's clock.
 */
export declare class Device {
    #private;
    /** Throws an {@link ActionFormError} for a table of actions that is none. */
    constructor({ keys, customer, vaultKeys, pseudonym, leeway, actions }: DeviceOptions);
    /** Opens a challenge that was found on a channel: in a chat, a text message, an e-mail. */
    openChallenge(token: string, found: FoundOn, now?: number): Promise<ChallengeCheck>;
    /**
     * Opens a challenge that the enterprise handed to this app in its authenticated session. Never open a token with this
     * that came from anywhere else, or a copy of it is shown as genuine.
     */
    openPendingChallenge(token: string, now?: number): Promise<ChallengeCheck>;
    /** Opens an appointment. */
    openAppointment(token: string, now?: number): Promise<VerifiedAppointment>;
    /** Opens a step-up. First the customer says who rang whom, if that is asked; then all of it is shown. */
    openStepUp(token: string, now?: number): Promise<UnansweredStepUp>;
    /** Opens a payment request, and checks whose key it names. Throws a {@link TokenError} or {@link PaymentError}. */
    openPayment(token: string, now?: number): Promise<VerifiedPayment>;
    /** Opens the vault's receipt of a payment. */
    openReceipt(token: string, now?: number): Promise<ReceiptData>;
    /** Opens the enterprise's answer to a question. Throws {@link NotVerified}: show "not verified". */
    openStatus(token: string, question: StatusQuestion, now?: number): Promise<StatusShown>;
    /**
     * A question for the last contact, from what the enterprise drew for the customer's key: a JSON text, or what was parsed of
     * it. A query is given in tests alone. Throws a {@link CredentialError}.
     */
    lastContactQuestion(challenge: string | object, query?: Uint8Array): LastContactQuestion;
    /** Opens the enterprise's answer to a question for the last contact. Throws {@link NotVerified}: show "not verified". */
    openLastContact(token: string, question: LastContactQuestion, now?: number): Promise<LastContactShown>;
    /** Opens the enterprise's answer about reachable agents. Throws {@link NotVerified}: show "unknown", and no number. */
    openReachable(token: string, question: ReachQuestion, now?: number): Promise<ReachableShown>;
    /** Opens the enterprise's verdict on the call of a question. Throws {@link NotVerified}: answer "undetermined". */
    openVerdict(token: string, question: VerdictQuestion, now?: number): Promise<CallVerdict>;
    /**
     * Opens the enterprise's list of numbers. It is the same for every customer, so it may be fetched from anywhere, and is
     * kept until it is over. Throws a {@link TokenError}: go on with the last one.
     */
    openNumbers(token: string, now?: number): Promise<KnownNumbers>;
    /**
     * Learns from a genuine list which notices are in force: everyone's, or this customer's. Throws a {@link TokenError} or
     * {@link NoticeError}: nothing was learnt.
     */
    learnNotices(known: KnownNotices, list: string, now?: number): Promise<void>;
    /** Opens a notice that was found on a channel: in a text message, an e-mail, a post, a chat. */
    openNotice(token: string, found: FoundOn, known: KnownNotices, now?: number): Promise<NoticeCheck>;
    /**
     * Opens a notice of a board that the enterprise handed to this app in its authenticated session. Never open a token with
     * this that came from anywhere else, or a copy of it is shown as genuine.
     */
    openBoardNotice(token: string, known: KnownNotices, now?: number): Promise<NoticeCheck>;
    /** Opens the enterprise's ground rules, which are the same for everyone. */
    openGroundRules(token: string, now?: number): Promise<GroundRules>;
    /** Opens an erasure receipt. */
    openErasure(token: string, now?: number): Promise<ErasureData>;
    /**
     * Checks that since `receipt` was given the history it speaks of only grew, and returns by how many events.
     * `histories` are all that the enterprise shows now. Throws a {@link HistoryError}.
     */
    checkHistory(receipt: string, histories: readonly CeremonyHistory[], now?: number): Promise<number>;
    /** Checks that the app may keep the receipt `next` in place of `old`. Otherwise keep `old`: it is the evidence. */
    renewReceipt(old: string, next: string, histories: readonly CeremonyHistory[], now?: number): Promise<number>;
    /** How often what there must be of this customer had changed when the receipt was given. Keep the highest. */
    standingOf(receipt: string, now?: number): Promise<number | undefined>;
}
