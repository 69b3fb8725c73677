import { type DevicePublicKey } from "./device_key.js";
import type { DeviceCredential } from "./enrolment.js";
import { type Channel, type Direction } from "./interaction.js";
import { type Method } from "./step_up.js";
import type { UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";
type Bytes = Uint8Array<ArrayBuffer>;
/** What the enterprise drew for the customer's key. */
export interface LastContactChallenge {
    readonly credential: string;
    readonly method: Method;
    readonly withCode: boolean;
    readonly key: Bytes | undefined;
    readonly challenge: Bytes;
}
/** Reads what the enterprise sent, a JSON text or what was parsed of it. Throws a {@link CredentialError}. */
export declare function readChallenge(given: string | object): LastContactChallenge;
/** What the app sends to the enterprise: whose code it is, what it drew, and the PIN's code. */
export interface LastContactAnswer {
    readonly credential: string;
    readonly query: string;
    readonly code: string;
}
/** The same, signed by a passkey: with the code beside it if {@link LastContactQuestion.asksCode} is true. */
export interface SignedLastContactAnswer {
    readonly credential: string;
    readonly query: string;
    readonly assertion: string;
}
/** One question of the app for the last contact, for the customer's key to answer. Keep it until the answer is opened. */
export declare class LastContactQuestion {
    #private;
    /** Made by `Device.lastContactQuestion` alone. A query is given in tests alone. */
    constructor(challenge: LastContactChallenge, issuer: string, customer: string, query?: Uint8Array);
    /** Which of the customer's credentials is to answer. */
    get credential(): string;
    get method(): Method;
    /** What the app drew, in base64url: the enterprise wants it beside the answer. */
    get query(): string;
    /** Whether the PIN's code ({@link answer}) is asked for: alone, or with the signature. */
    get asksCode(): boolean;
    /**
     * The customer types their PIN. A wrong one gives a wrong code, which the enterprise refuses and counts. Throws a
     * {@link CredentialError}.
     */
    answer(credential: DeviceCredential, pin: string): Promise<LastContactAnswer>;
    /**
     * What the private key whose public half this is signs; send the signature with `query`. `undefined` unless a device key
     * is to answer and it is this one. Throws a {@link KeyError}.
     */
    messageToSign(key: DevicePublicKey): Promise<Bytes | undefined>;
    /** The challenge for `navigator.credentials.get`. `undefined` unless a passkey is to answer. */
    passkeyChallenge(): Promise<Bytes | undefined>;
    /** With what the passkey gave, its `toJSON()` as text. */
    answerSigned(assertion: string): SignedLastContactAnswer;
    /** What a genuine answer to this question says. */
    accepts({ data, notBefore }: Claims<LastContactData>): LastContactShown;
}
/** A contact of the enterprise with the customer, as it was reported. */
export interface PastContact {
    readonly agentName: string | undefined;
    readonly purpose: string | undefined;
    readonly channel: Channel;
    readonly direction: Direction;
    readonly since: UnixSeconds;
    /** `undefined`: it goes on, or its end was never reported. */
    readonly ended: UnixSeconds | undefined;
}
/** A stretch of time of which all contacts are known, as far as a customer was named. */
export interface ReportedSpan {
    readonly from: UnixSeconds;
    readonly until: UnixSeconds;
}
export interface LastContactData {
    readonly nonce: Bytes;
    readonly reported: ReportedSpan | undefined;
    readonly lastCall: PastContact | undefined;
    readonly lastContact: PastContact | undefined;
}
export declare const LAST_CONTACT: Format<LastContactData>;
declare const HEADLINES: {
    readonly called: "This is when we last called you. It does not prove who is on your line now.";
    readonly never_called: "We have not called you in this time. If somebody said they were us, they were not.";
    readonly undetermined: "We cannot tell whether we called you. Hang up and call us.";
};
/** A genuine answer to this customer's own question. */
export declare class LastContactShown {
    #private;
    /** Made by `Device.openLastContact` alone. */
    constructor(data: LastContactData, at: UnixSeconds);
    /** Whether the enterprise called. "never" is of the time of {@link reported}: show that with it. */
    get called(): "yes" | "never" | "undetermined";
    /** The last time that the enterprise called. It may go on. */
    get lastCall(): PastContact | undefined;
    /** The last contact over whichever channel: one that the customer did not begin was somebody in their name. */
    get lastContact(): PastContact | undefined;
    /** In which time all contacts are known. */
    get reported(): ReportedSpan | undefined;
    /** What to show, and its id for an app in another language. */
    get headline(): {
        readonly id: keyof typeof HEADLINES;
        readonly text: string;
    };
}
export {};
