import { type Suite } from "./codes.js";
import type { DeviceCredential } from "./enrolment.js";
import { type Direction, type Headline, type Transaction } from "./interaction.js";
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
    readonly interaction: string;
    readonly direction: Direction;
    readonly agentName: string;
    readonly transaction: Transaction;
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
     * all of this first. `undefined` if another method is to answer.
     */
    passkeyChallenge(): Promise<Uint8Array<ArrayBuffer> | undefined>;
    /** What the customer approves: the digest that codes answer. */
    statement(): Promise<Uint8Array<ArrayBuffer>>;
}
