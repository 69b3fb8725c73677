import { type Channel } from "./interaction.js";
import { type UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";
/** How a skill can be reached. `seconds` is the expected wait, as it was reported `ageSeconds` ago. */
export type Reach = "unknown" | "closed" | "open" | {
    readonly seconds: number;
    readonly free: boolean;
    readonly ageSeconds: number;
};
export interface ReachableSkill {
    readonly skill: string;
    readonly channel: Channel;
    readonly reach: Reach;
}
export interface ReachableData {
    readonly nonce: Uint8Array<ArrayBuffer>;
    readonly skills: readonly ReachableSkill[];
}
export declare const REACHABLE: Format<ReachableData>;
/** One question of the app: send the nonce to the enterprise, keep the rest. */
export declare class ReachQuestion {
    #private;
    readonly asked: UnixSeconds;
    /** A question asked at `asked` by this device's own clock. A nonce is given in tests alone. */
    constructor(asked: UnixSeconds, nonce?: Uint8Array);
    /** For the enterprise, in base64url. */
    get nonce(): string;
    /** What a genuine answer to this question says, while it counts. */
    accepts(claims: Claims<ReachableData>, token: string, now: UnixSeconds): Promise<ReachableShown>;
}
/** A genuine, fresh answer. What it tells ends with its seconds. */
export declare class ReachableShown {
    /** What the answer said of each skill when it was signed. Show `reach`. */
    readonly skills: readonly ReachableSkill[];
    readonly asked: UnixSeconds;
    /** Until when it counts, by this device's own clock: ask again then. */
    readonly until: UnixSeconds;
    /** What a callback that is booked from this answer says of it. */
    readonly digest: string;
    /** Made by `Device.openReachable` alone. */
    constructor(
    /** What the answer said of each skill when it was signed. Show `reach`. */
    skills: readonly ReachableSkill[], asked: UnixSeconds, 
    /** Until when it counts, by this device's own clock: ask again then. */
    until: UnixSeconds, 
    /** What a callback that is booked from this answer says of it. */
    digest: string);
    /** How a skill can be reached, by a clock that shows `now`: the age goes on growing, and in the end it is unknown. */
    reach(name: string, over: Channel, now: UnixSeconds): Reach;
}
