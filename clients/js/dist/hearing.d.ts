import type { DeviceCredential } from "./enrolment.js";
import { type Channel, type Direction, type Headline } from "./interaction.js";
import { type UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";
/** How many wrong codes may be heard of one appointment. */
export declare const CODE_ATTEMPTS = 3;
/** Who makes the contact. */
export type Assignee = {
    readonly agent: string;
} | {
    readonly team: string;
};
/** How the agent proves it: with the spoken code of this credential, or with the customer's own word. */
export type Proof = {
    readonly code: string;
} | "word";
/** What an appointment token says. */
export interface AppointmentData {
    readonly challenge: string;
    readonly slot: {
        readonly from: UnixSeconds;
        readonly until: UnixSeconds;
    };
    readonly channel: Channel;
    readonly direction: Direction;
    readonly assignee: Assignee;
    readonly agentName: string;
    readonly purpose: string;
    readonly proof: Proof;
}
export declare const APPOINTMENT: Format<AppointmentData>;
/** What came of what was heard. */
export type CodeCheck = 
/** The caller knows the code. Ask the enterprise to conclude *before* anything is shown; it is found once. */
{
    readonly result: "genuine";
}
/** Not the code. The customer may ask the caller to say it again. */
 | {
    readonly result: "not_genuine";
    readonly attemptsLeft: number;
}
/** Not the code, once too often, or after the right one. Tell the customer to hang up, and report it. */
 | {
    readonly result: "hang_up_and_report";
}
/** No agent is given the code now: the caller is not genuine. Nothing was compared. */
 | {
    readonly result: "outside_slot";
};
/**
 * What the app remembers of the codes that its customer has heard: one for the whole app. Write it to where the app
 * keeps its data before a result is shown. Whoever begins with an empty one gives every caller three guesses more.
 */
export declare class CodeAttempts {
    #private;
    /** How many wrong codes may still be heard of an appointment; none after the right one. */
    attemptsLeft(appointment: string): number;
    /** Whether the right code was heard. After a restart: conclude again, if that is still due. */
    wasGenuine(appointment: string): boolean;
    /** For `VerifiedAppointment.check` alone. */
    note(appointment: string, expiresAt: UnixSeconds, left: number, now: UnixSeconds): void;
    /** 1 for the format; then for each appointment its 16 bytes, the second it expires in, and what is left. */
    toBytes(): Uint8Array<ArrayBuffer>;
    /** Reads what {@link toBytes} wrote. Do not begin with an empty one if this throws: check no code. */
    static fromBytes(bytes: Uint8Array): CodeAttempts;
}
/** A genuine appointment, for the app to show, and to check the caller's code with. */
export declare class VerifiedAppointment {
    #private;
    /** Made by `Device.openAppointment` alone. */
    constructor(claims: Claims<AppointmentData>, token: string, leeway: number);
    /** Which appointment, for concluding: its token's `jti` in base64url. */
    get id(): string;
    /** Of which challenge. */
    get challenge(): string;
    /** "We call you." or "You call us." A caller who says that it is the other way round is not genuine. */
    get headline(): Headline;
    get data(): AppointmentData;
    /** Until when the token is valid. */
    get until(): UnixSeconds;
    /**
     * Compares what the caller said, as the customer heard and typed it: digits or words. No network, no PIN. Keep
     * `attempts` before anything is told or shown. Throws a {@link CodeCheckError} if nothing was compared or counted.
     */
    check(credential: DeviceCredential, heard: string, attempts: CodeAttempts, now: UnixSeconds): Promise<CodeCheck>;
}
