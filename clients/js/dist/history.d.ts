import { HistoryError } from "./errors.js";
import { type WhoRang } from "./step_up.js";
import type { UnixSeconds } from "./time.js";
import type { Format } from "./tokens.js";
type Bytes = Uint8Array<ArrayBuffer>;
/** The kinds of ceremonies by their numbers in chains. */
declare const KINDS: {
    readonly callback: 1;
    readonly challenge: 2;
    readonly credential: 3;
    readonly step_up: 4;
    readonly payment: 5;
    readonly step_up_limit: 6;
    readonly presence: 7;
    readonly held_news: 8;
    readonly anchor: 9;
    readonly prompts: 14;
    readonly feed: 10;
    readonly ticket: 11;
    readonly ticket_limit: 12;
    readonly notice_board: 15;
    readonly reachability: 16;
    readonly joint_step_up: 13;
    readonly charge: 21;
    readonly stored_card: 22;
    readonly opening_keys: 23;
    readonly due_charge: 24;
};
/** Which ceremony: its kind and id. */
export interface Subject {
    readonly kind: keyof typeof KINDS;
    readonly id: string;
}
export type Actor = "customer" | "clock" | "back_end" | "approver" | {
    readonly agent: string;
};
/** One event. */
export interface HistoryEvent {
    readonly number: number;
    readonly at: UnixSeconds;
    readonly actor: Actor;
    /** What was done or tried. */
    readonly action: string;
    readonly interaction: string | undefined;
    /** `done`, or why it was refused. */
    readonly outcome: "done" | {
        readonly refused: string;
    };
    readonly stepUp: string | undefined;
    /** What the customer said of who rang whom, where they approved. */
    readonly whoRang: WhoRang | undefined;
    /** Names the write. */
    readonly operation: string;
    /** The event as the chain covers it. */
    readonly encoded: Bytes;
}
/** The history of one ceremony, as the enterprise shows it. */
export interface CeremonyHistory {
    readonly subject: Subject;
    /** What is no longer listed: how many events, and the head after them. */
    readonly earlier: {
        readonly events: number;
        readonly head: Bytes;
    } | undefined;
    readonly events: readonly HistoryEvent[];
    readonly refusals: number;
    readonly head: Bytes;
}
/** What a receipt says. */
export interface HistoryHeadData {
    readonly subject: Subject;
    readonly events: number;
    readonly refusals: number;
    readonly head: Bytes;
    /** How often what there must be of the customer had changed. It never goes down. */
    readonly standing: number | undefined;
}
export declare const HISTORY_HEAD: Format<HistoryHeadData>;
/** Reads histories as the enterprise gives them: JSON text of a list. Throws a {@link HistoryError}, `broken`. */
export declare function readHistories(json: string): readonly CeremonyHistory[];
/** Reads one history. */
export declare function readHistory(json: string): CeremonyHistory;
/** The heads before the events listed, after one of them, and so on. Throws a {@link HistoryError}, `broken`. */
export declare function heads(of: CeremonyHistory): Promise<readonly Bytes[]>;
/**
 * Checks, without a receipt, that a history is one chain: its events are numbered, are what their bytes say, and lead to
 * its head. Throws a {@link HistoryError}, `broken`. Only a receipt tells whether it is the chain of before.
 */
export declare function checkChain(history: CeremonyHistory): Promise<void>;
/** How many events there are more than when the receipt was given. Throws a {@link HistoryError}. */
export declare function grownSince(then: HistoryHeadData, histories: readonly CeremonyHistory[]): Promise<number>;
export declare const sameSubject: (one: Subject, other: Subject) => boolean;
export declare const rewritten: () => HistoryError;
export {};
