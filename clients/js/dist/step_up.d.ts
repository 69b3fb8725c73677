import { type Suite } from "./codes.js";
import type { DeviceCredential } from "./enrolment.js";
import { type Direction, type Headline, type Leg, type Transaction } from "./interaction.js";
import type { Claims, Format } from "./tokens.js";
import type { UnixSeconds } from "./time.js";
export declare const METHODS: readonly ["ocra", "totp", "hotp", "delivered"];
export type Method = (typeof METHODS)[number];
/** What a step-up token says. */
export interface StepUpData {
    readonly stepUp: string;
    readonly credential: string;
    readonly method: Method;
    readonly suite: Suite | undefined;
    readonly interaction: string;
    readonly direction: Direction;
    readonly agentName: string;
    readonly transaction: Transaction;
    readonly leg: Leg | undefined;
}
export declare const STEP_UP: Format<StepUpData>;
/** A genuine step-up, for the app to show: all of it, the headline first, before the PIN is asked for. */
export declare class VerifiedStepUp {
    #private;
    /** Made by `Device.openStepUp` alone. */
    constructor(claims: Claims<StepUpData>);
    get id(): string;
    /** Which of the customer's credentials is to answer. */
    get credential(): string;
    get method(): Method;
    get interaction(): string;
    /** "You called us." or "We called you." */
    get headline(): Headline;
    get direction(): Direction;
    get agentName(): string;
    get transaction(): Transaction;
    /** What was read of the line on which it was asked for, if somebody looked. The approval covers it. */
    get leg(): Leg | undefined;
    /**
     * The app knows that it is on such a line: it runs the conversation itself, or has placed the call with a ticket. What
     * was asked for on one of these is approved on the same alone.
     */
    onLine(here: Leg): this;
    /** Whether the line on which it was asked for may be this one. Of a call to or from a number the app cannot tell. */
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
    /** What the customer approves: the digest that codes answer. */
    statement(): Promise<Uint8Array<ArrayBuffer>>;
}
