import { type UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";
/**
 * For how many seconds the app waits for a verdict, in all, before it answers "undetermined": the phone rings meanwhile. A call
 * that is none of the enterprise's is told after three to five.
 */
export declare const VERDICT_BUDGET = 5;
/** How many seconds after an "undetermined" the app asks again, with the same question. */
export declare const VERDICT_ASK_EVERY = 1;
/**
 * Whether the call that rings is the enterprise's. It is no proof, and takes no spoken code's place. The four are those of
 * Android's bank call verification service, where "not legitimate" hangs up.
 */
export declare const CALL_VERDICTS: readonly ["legitimate", "not_legitimate", "undetermined", "unknown"];
export type CallVerdict = (typeof CALL_VERDICTS)[number];
/** Whether it is a number in the international form of E.164: `+`, then 5 to 15 digits, the first of which is not 0. */
export declare const isPhoneNumber: (number: string) => boolean;
export interface CallNumbersData {
    /** The numbers that a call of the enterprise's may show. */
    readonly calls: readonly string[];
    /** The numbers that only take calls. */
    readonly neverCalls: readonly string[];
}
export declare const CALL_NUMBERS: Format<CallNumbersData>;
/** The enterprise's numbers. They are looked up here, on the device: nobody learns which others call. */
export declare class KnownNumbers {
    #private;
    /** Until when the list holds. Fetch the next one before. */
    readonly until: UnixSeconds;
    /** Made by `Device.openNumbers` alone. */
    constructor(data: CallNumbersData, 
    /** Until when the list holds. Fetch the next one before. */
    until: UnixSeconds);
    /**
     * What to do about a call that shows this number: `"ask"` by a {@link VerdictQuestion}, or answer this without asking.
     * Throws a {@link PhoneNumberError} if it is no number in the international form: answer "undetermined".
     */
    lookUp(shown: string, now: UnixSeconds): "ask" | CallVerdict;
}
export interface CallVerdictData {
    readonly nonce: Uint8Array<ArrayBuffer>;
    readonly number: string;
    readonly verdict: CallVerdict;
}
export declare const CALL_VERDICT: Format<CallVerdictData>;
/** What the enterprise is asked. */
export interface RingingCall {
    readonly query: string;
    readonly number: string;
    readonly device: string;
    readonly ringing_for: number;
    readonly beside_another: boolean;
}
/**
 * One question about a ringing call. Send `ringing` to the enterprise, and the same one again if the answer was lost: for
 * each call that it announced, the enterprise says "legitimate" to one question.
 */
export declare class VerdictQuestion {
    #private;
    readonly number: string;
    readonly asked: UnixSeconds;
    /** About a call that shows `number`, asked at `asked` by this device's own clock. A nonce is given in tests alone. */
    constructor(number: string, asked: UnixSeconds, query?: Uint8Array);
    /**
     * For the enterprise. `credential` is this app's. `seconds` is how long the call has rung, by a clock that is never set
     * (`performance.now()`); `besideAnother`, whether another call rings or waits on the phone at the same time.
     */
    ringing(credential: string, seconds: number, besideAnother?: boolean): RingingCall;
    /** What a genuine answer to this question says, while it counts. */
    accepts(claims: Claims<CallVerdictData>, now: UnixSeconds): CallVerdict;
}
