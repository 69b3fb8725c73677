import { type FoundOn, type PostsFrom } from "./challenge.js";
import type { Channel } from "./interaction.js";
import { type UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";
/** What a notice is about, each with the sentence to show above it; the name is the sentence's id for other languages. */
export declare const NOTICE_KINDS: {
    readonly general: "A notice from us.";
    readonly scam: "Beware: a scam is going round.";
    readonly disruption: "Something does not work as usual.";
};
export type NoticeKind = keyof typeof NOTICE_KINDS;
export interface NoticeData {
    readonly kind: NoticeKind;
    readonly headline: string;
    readonly text: string;
    /** The board's number when the notice was put on it. */
    readonly number: bigint;
    /** Where it may be found besides the app. A copy of it anywhere else proves nothing. */
    readonly channels: readonly Channel[];
    readonly handles: readonly PostsFrom[];
    readonly forEveryone: boolean;
    readonly pseudonymous: boolean;
}
export declare const NOTICE: Format<NoticeData>;
export interface NoticeListData {
    readonly number: bigint;
    readonly inForce: readonly string[];
    readonly forEveryone: boolean;
}
export declare const NOTICE_LIST: Format<NoticeListData>;
/** Throws {@link FoundElsewhere} unless the notice was to be found there, from one of the handles it names. */
export declare const checkNoticeFoundOn: (data: NoticeData, found: FoundOn) => void;
/**
 * What the lists that the app has learnt say of a notice. `not_confirmed`: no list of now speaks of it, and it may have been
 * taken back. Fetch the board and look again; offline, show it with its date and say that it could not be confirmed.
 */
export type NoticeStanding = "in_force" | "not_confirmed";
/**
 * What an app has learnt of which notices are in force: of everyone's and of its customer's own. One for the whole app.
 * Write `toText()` to where the app keeps its data after each `Device.learnNotices`, and read it back: an app that begins
 * with an empty one can be shown an older list, on which a notice that was taken back still stands.
 */
export declare class KnownNotices {
    #private;
    /** Reads what `toText()` gave. Throws a {@link NoticeError} if it cannot be read: do not begin anew without saying so. */
    static fromText(kept: string): KnownNotices;
    /** For the app's data. */
    toText(): string;
    /** Called by `Device.learnNotices` alone, with a genuine list. */
    learn({ data, expiresAt }: Claims<NoticeListData>): void;
    /** What is known of a notice. Throws a {@link NoticeError} if it was taken back. */
    standing(notice: string, data: NoticeData, now: UnixSeconds): NoticeStanding;
}
/** A token's id, as countersign's ids are written. */
export declare const noticeId: (claims: Claims<NoticeData>) => string;
/**
 * What a notice is to this customer. `for_someone`: the enterprise signed it for one of its customers, and this device cannot
 * tell which. Show "signed by the enterprise, but perhaps not for you".
 */
export type NoticeCheck = {
    readonly result: "for_you";
    readonly notice: VerifiedNotice;
} | {
    readonly result: "for_someone";
    readonly data: NoticeData;
};
/** A genuine notice for this customer: what is shown comes from here and from nowhere else. */
export declare class VerifiedNotice {
    #private;
    /** Whether it is known to be in force. */
    readonly standing: NoticeStanding;
    /** Made by `Device.openNotice` and `Device.openBoardNotice` alone. */
    constructor(claims: Claims<NoticeData>, 
    /** Whether it is known to be in force. */
    standing: NoticeStanding);
    get id(): string;
    get data(): NoticeData;
    /** What to show above it, and its id for an app in another language. */
    get headline(): {
        readonly id: NoticeKind;
        readonly text: string;
    };
    /** When it was issued. */
    get since(): UnixSeconds;
    /** When it ends: show it no longer. */
    get until(): UnixSeconds;
}
