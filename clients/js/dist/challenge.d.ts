import { type Read } from "./data.js";
import { type NeverAsked } from "./ground_rules.js";
import { type Channel } from "./interaction.js";
import type { UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";
/** From where the enterprise posts on a channel. */
export interface PostsFrom {
    readonly channel: Channel;
    readonly handle: string;
}
/** Where a token was found, and from which handle it came, if the channel shows one. */
export interface FoundOn {
    readonly channel: Channel;
    readonly handle?: string | undefined;
}
/** What a challenge token says. */
export interface ChallengeData {
    readonly purpose: string;
    readonly channels: readonly Channel[];
    readonly handles: readonly PostsFrom[];
    readonly details: readonly {
        readonly label: string;
        readonly value: string;
    }[];
    readonly neverAsked: readonly NeverAsked[];
    readonly pseudonymous: boolean;
}
export declare const channels: Read<readonly Channel[]>;
export declare const handles: Read<readonly PostsFrom[]>;
export declare const CHALLENGE: Format<ChallengeData>;
/** Throws {@link FoundElsewhere} unless the challenge was to be found there, from one of the handles it names. */
export declare function checkFoundOn(data: ChallengeData, found: FoundOn): void;
/** The same for whatever is posted on `on`, from the handles that `from` names. */
export declare function postedOn(on: readonly Channel[], from: readonly PostsFrom[], found: FoundOn): void;
/** The audience of a token under a pseudonym: the 16 bytes of both. */
export declare function pseudonymousAudience(pseudonym: Uint8Array<ArrayBuffer>, token: Uint8Array<ArrayBuffer>): Promise<string>;
/**
 * What a challenge is to this customer. `for_someone`: the enterprise signed it for one of its customers, and this
 * device cannot tell which. Anyone can forward such a token: never show it as genuine.
 */
export type ChallengeCheck = {
    readonly result: "for_you";
    readonly challenge: VerifiedChallenge;
} | {
    readonly result: "for_someone";
    readonly data: ChallengeData;
};
/** A genuine challenge for this customer. */
export declare class VerifiedChallenge {
    #private;
    /** Made by `Device.openChallenge` alone. */
    constructor(claims: Claims<ChallengeData>);
    /** Which challenge, for answering: the token's id, as countersign's ids are written. */
    get id(): string;
    /** The token's `jti`. */
    get tokenId(): string;
    get data(): ChallengeData;
    /** Until when the customer may answer. */
    get until(): UnixSeconds;
}
