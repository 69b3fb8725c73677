import { type ActionDetails, type ActionTable, type ShownAction } from "./actions.js";
import { type Suite } from "./codes.js";
import { type DevicePublicKey } from "./device_key.js";
import type { DeviceCredential } from "./enrolment.js";
import { type Direction, type Headline, type Leg, type Transaction } from "./interaction.js";
import { type JointData } from "./joint.js";
import type { Claims, Format } from "./tokens.js";
import type { UnixSeconds } from "./time.js";
export declare const METHODS: readonly ["device_key", "passkey", "ocra", "totp", "hotp", "delivered"];
export type Method = (typeof METHODS)[number];
/** What a step-up token says. */
export interface StepUpData {
    readonly stepUp: string;
    readonly credential: string;
    readonly method: Method;
    readonly suite: Suite | undefined;
    /** The thumbprint of the public key under which the answer is to be signed, if the method signs. */
    readonly key: Uint8Array<ArrayBuffer> | undefined;
    /** Whether the signature counts only with the PIN's code. */
    readonly withCode: boolean;
    /** Whether the customer types six digits that the agent says. */
    readonly numberMatch: boolean;
    /** Whether the customer is asked who rang whom, before anything else is shown. */
    readonly asksWhoRang: boolean;
    readonly interaction: string;
    readonly direction: Direction;
    readonly agentName: string;
    /** What is to be approved: this, or the action. */
    readonly transaction: Transaction | undefined;
    readonly action: ActionDetails | undefined;
    /** As which of several approvers, if several are asked. */
    readonly joint: JointData | undefined;
    readonly leg: Leg | undefined;
}
export declare const STEP_UP: Format<StepUpData>;
/** What a customer says of who rang whom: "I rang you", "You rang me", "I don't know". In hashes 1 to 3. */
export declare const WHO_RANG: readonly ["customer", "enterprise", "unknown"];
export type WhoRang = (typeof WHO_RANG)[number];
/** Why a customer declines. */
export declare const DECLINE_REASONS: readonly ["not_me", "wrong_details", "told_to", "changed_mind"];
export type DeclineReason = (typeof DECLINE_REASONS)[number];
/** The same; `who_rang_differs` is the app's own. */
export type StepUpDecline = DeclineReason | "who_rang_differs";
/** A decline, for the enterprise. */
export interface DeclinedStepUp {
    readonly id: string;
    readonly reason: DeclineReason;
}
/** What the app does after an answer: show it, ask once more in the same words, or decline for this reason. */
export type WhoRangCheck = {
    readonly result: "show";
    readonly stepUp: VerifiedStepUp;
} | {
    readonly result: "ask_again";
} | {
    readonly result: "decline";
    readonly id: string;
    readonly reason: StepUpDecline;
};
/** A genuine step-up of which nothing can be read before the customer has said who rang whom, if that is asked. */
export declare class UnansweredStepUp {
    #private;
    /** Made by `Device.openStepUp` alone. */
    constructor(claims: Claims<StepUpData>, actions: ActionTable);
    get id(): string;
    /** Until when the customer may answer. */
    get until(): UnixSeconds;
    /** Ask neutrally, on a screen that shows nothing else, none of the three answers preset. */
    get asksWhoRang(): boolean;
    /** What is to be shown, if nothing is asked before. Throws a {@link CredentialError}. */
    withoutAnswer(): VerifiedStepUp;
    /** The customer has said who rang whom. An answer to what is not asked is nothing. */
    answer(who: WhoRang): WhoRangCheck;
    /** The customer declines, before anything is shown. Throws a {@link CredentialError} for a reason that is none. */
    decline(reason: DeclineReason): DeclinedStepUp;
}
/** What the app sends to the enterprise. */
export interface StepUpAnswer {
    readonly code: string;
    readonly digits: string | undefined;
    readonly whoRang: WhoRang | undefined;
}
/** The same, signed by a passkey. */
export interface SignedStepUpAnswer {
    readonly assertion: string;
    readonly digits: string | undefined;
    readonly whoRang: WhoRang | undefined;
}
/** A genuine step-up, for the app to show: all of it, the headline first, before digits and the PIN are asked for. */
export declare class VerifiedStepUp {
    #private;
    /** Made by `UnansweredStepUp` alone. */
    constructor(claims: Claims<StepUpData>, action: ShownAction | undefined, whoRang: WhoRang | undefined, digits?: string);
    /** Whether the customer types six digits that the agent says, before anything is approved. */
    get asksDigits(): boolean;
    /** With what the customer has typed: six digits of any script. Throws a {@link CredentialError}. */
    withDigits(typed: string): VerifiedStepUp;
    get id(): string;
    /** Which of the customer's credentials is to answer. */
    get credential(): string;
    get method(): Method;
    get interaction(): string;
    /** "You called us." or "We called you."; or "Another customer asks for your approval." ({@link joint}). */
    get headline(): Headline;
    get direction(): Direction;
    get agentName(): string;
    /** What is to be approved; `undefined` if it is an action. */
    get transaction(): Transaction | undefined;
    /**
     * The action that is to be approved, with headline and labels of the app's own table. `undefined` if it is a
     * transaction, or an action that the table does not have: then {@link isKnown} is false.
     */
    get action(): ShownAction | undefined;
    /**
     * Whether the app can show what is to be approved. If not, say that the app is too old for it, and offer to decline:
     * nothing here approves it.
     */
    get isKnown(): boolean;
    /** In whose name it is asked, how many must approve, and in which role, if several are asked. Show all of it. */
    get joint(): JointData | undefined;
    /** The customer declines: what the enterprise wants. Throws a {@link CredentialError} for a reason that is none. */
    decline(reason: DeclineReason): DeclinedStepUp;
    /** What was read of the line on which it was asked for, if somebody looked. The approval covers it. */
    get leg(): Leg | undefined;
    /**
     * The app knows that it is on such a line: it runs the conversation itself, or has placed the call with a ticket. What
     * was asked for on one of these is approved on the same alone; and in a conversation that the app runs itself, nothing
     * that was asked for on another line.
     */
    onLine(here: Leg): this;
    /**
     * Whether the line on which it was asked for may be this one. Of a call to or from a number the app cannot tell, unless
     * it runs the conversation itself: then it is none.
     */
    get fitsLine(): boolean;
    /** Until when the customer may answer. */
    get until(): UnixSeconds;
    /** What the customer types into their fob, if an OCRA fob is to answer. Show everything else first. */
    question(): Promise<string | undefined>;
    /**
     * The customer approves: the response for the enterprise, which covers everything shown. A wrong PIN gives a wrong
     * response, which the enterprise refuses and counts. Throws a {@link CredentialError}.
     */
    approve(credential: DeviceCredential, pin: string): Promise<string>;
    /**
     * What a passkey is to sign: the challenge for `navigator.credentials.get`. The browser shows nothing of it, so show
     * all of this first. `undefined` if another method is to answer, for what the app does not know, on another line, and
     * before the digits that are asked for.
     */
    passkeyChallenge(): Promise<Uint8Array<ArrayBuffer> | undefined>;
    /** With what the passkey gave, its `toJSON()` as text: what the enterprise wants beside it. */
    answerSigned(assertion: string): SignedStepUpAnswer;
    /** The customer approves: the code with what they answered and typed, which the enterprise wants beside it. */
    answer(credential: DeviceCredential, pin: string): Promise<StepUpAnswer>;
    /** Whether the PIN's code ({@link answer}) is asked for: alone, or with the signature. */
    get asksCode(): boolean;
    /**
     * What the private key whose public half this is signs, to approve everything shown. `undefined` unless a device key is
     * to answer and it is this one; for what the app does not know, on another line, and before the digits that are asked
     * for. Throws a {@link KeyError}.
     */
    messageToSign(key: DevicePublicKey): Promise<Uint8Array<ArrayBuffer> | undefined>;
}
