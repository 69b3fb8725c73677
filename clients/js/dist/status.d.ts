import { NotVerified } from "./errors.js";
import { type Channel, type Direction } from "./interaction.js";
import { type UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";
/** None of these proves that whoever is on the customer's line is the enterprise. */
export type Status = "not_us" | "scheduled" | "calling" | "undetermined" | {
    readonly talkingToYou: {
        readonly channel: Channel;
        readonly direction: Direction;
        readonly since: UnixSeconds;
    };
};
/** The conversation that an answer is about: who is on it for the enterprise, why, since when. */
export interface OnTheLine {
    readonly agentName: string | undefined;
    readonly purpose: string | undefined;
    readonly channel: Channel;
    readonly direction: Direction;
    readonly since: UnixSeconds;
}
export interface StatusData {
    readonly nonce: Uint8Array<ArrayBuffer>;
    readonly status: Status;
    readonly call: OnTheLine | undefined;
}
export declare const STATUS: Format<StatusData>;
/** One question of the app: send the nonce to the enterprise, keep the rest. */
export declare class StatusQuestion {
    #private;
    readonly asked: UnixSeconds;
    /** A question asked at `asked` by this device's own clock. A nonce is given in tests alone. */
    constructor(asked: UnixSeconds, nonce?: Uint8Array);
    /** For the enterprise, in base64url. */
    get nonce(): string;
    /** What a genuine answer to this question says, while it counts. */
    accepts(claims: Claims<StatusData>, now: UnixSeconds): StatusShown;
}
export declare const stale: () => NotVerified;
declare const HEADLINES: {
    readonly not_us: "We are not talking to you. If somebody says they are us, hang up.";
    readonly scheduled: "We are not talking to you now. We have an appointment with you. If somebody says they are us, hang up.";
    readonly calling: "We are trying to reach you. This does not prove who is on your line: ask for the code.";
    readonly someone_is_talking_as_you: "Someone is talking to us as you. If you did not contact us yourself, hang up.";
    readonly undetermined: "We cannot tell whether we are talking to you. Ask for the code, or hang up and call us.";
    readonly talking_to_you: "We contacted you, and you recognised us. If this is another call, hang up.";
};
/** What is shown if there is no answer to show. */
export declare const NOT_VERIFIED = "Not verified. Hang up, and call the number on your card.";
/** A genuine, fresh answer. */
export declare class StatusShown {
    #private;
    readonly status: Status;
    /** Show it with the headline, never without: that there is such a call does not prove that it is the customer's. */
    readonly call: OnTheLine | undefined;
    /** Made by `Device.openStatus` alone. */
    constructor(status: Status, 
    /** Show it with the headline, never without: that there is such a call does not prove that it is the customer's. */
    call?: OnTheLine | undefined);
    /** What to show, and its id for an app in another language. */
    get headline(): {
        readonly id: keyof typeof HEADLINES;
        readonly text: string;
    };
}
export {};
