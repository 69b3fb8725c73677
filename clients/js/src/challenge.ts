// A contact that the enterprise announces: why, where it may be found, and what will never be asked.

import { base64url, crockford, pae } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { Fields, flag, list, type Read, refuse, shown } from "./data.js";
import { FoundElsewhere } from "./errors.js";
import { type NeverAsked, rules } from "./ground_rules.js";
import { type Channel, channel } from "./interaction.js";
import { isLonger } from "./unicode.js";
import type { UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";

const MAX_HANDLES = 16;
const MAX_DETAILS = 20;
const MAX_LABEL_CHARS = 36;
const MAX_VALUE_CHARS = 128;

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
  readonly details: readonly { readonly label: string; readonly value: string }[];
  readonly neverAsked: readonly NeverAsked[];
  readonly pseudonymous: boolean;
}

const ascii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const sameHandle = (one: string, other: string): boolean => ascii(one) === ascii(other);

export const channels: Read<readonly Channel[]> = (value) => {
  const read = list(channel)(value);
  return read.length > 0 && new Set(read).size === read.length ? read : refuse();
};

export const handles: Read<readonly PostsFrom[]> = (value) => {
  const read = list((one): PostsFrom => {
    const fields = new Fields(one);
    return { channel: fields.get("channel", channel), handle: fields.hostId("handle") };
  })(value);
  const twice = (one: PostsFrom, at: number): boolean =>
    read.slice(0, at).some((before) => before.channel === one.channel && sameHandle(before.handle, one.handle));
  return read.length > MAX_HANDLES || read.some(twice) ? refuse() : read;
};

const details: Read<ChallengeData["details"]> = (value) => {
  const within =
    (most: number): Read<string> =>
    (one) =>
      isLonger(shown(one), most) ? refuse() : shown(one);
  const read = list((one) => {
    const fields = new Fields(one);
    return {
      label: fields.get("label", within(MAX_LABEL_CHARS)),
      value: fields.get("value", within(MAX_VALUE_CHARS)),
    };
  })(value);
  return read.length > MAX_DETAILS ? refuse() : read;
};

export const CHALLENGE: Format<ChallengeData> = {
  purpose: "challenge",
  read: (data) => ({
    purpose: data.shown("purpose"),
    channels: data.get("channels", channels),
    handles: data.orElse("handles", handles, []),
    details: data.orElse("details", details, []),
    neverAsked: data.orElse("never_asked", rules, []),
    pseudonymous: data.orElse("pseudonymous", flag, false),
  }),
};

/** Throws {@link FoundElsewhere} unless the challenge was to be found there, from one of the handles it names. */
export function checkFoundOn(data: ChallengeData, found: FoundOn): void {
  postedOn(data.channels, data.handles, found);
}

/** The same for whatever is posted on `on`, from the handles that `from` names. */
export function postedOn(on: readonly Channel[], from: readonly PostsFrom[], found: FoundOn): void {
  const named = from.filter((one) => one.channel === found.channel);
  const { handle } = found;
  const fits =
    handle === undefined ? named.length === 0 : named.some((one) => sameHandle(one.handle, handle));
  if (!on.includes(found.channel) || !fits) throw new FoundElsewhere();
}

/** The audience of a token under a pseudonym: the 16 bytes of both. */
export async function pseudonymousAudience(
  pseudonym: Uint8Array<ArrayBuffer>,
  token: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const digest = await sha256(pae("countersign audience v1", pseudonym, token));
  return crockford.encode(digest.slice(0, 16));
}

/**
 * What a challenge is to this customer. `for_someone`: the enterprise signed it for one of its customers, and this
 * device cannot tell which. Anyone can forward such a token: never show it as genuine.
 */
export type ChallengeCheck =
  | { readonly result: "for_you"; readonly challenge: VerifiedChallenge }
  | { readonly result: "for_someone"; readonly data: ChallengeData };

/** A genuine challenge for this customer. */
export class VerifiedChallenge {
  readonly #claims: Claims<ChallengeData>;

  /** Made by `Device.openChallenge` alone. */
  constructor(claims: Claims<ChallengeData>) {
    this.#claims = claims;
  }

  /** Which challenge, for answering: the token's id, as countersign's ids are written. */
  get id(): string {
    return crockford.encode(this.#claims.id);
  }

  /** The token's `jti`. */
  get tokenId(): string {
    return base64url.encode(this.#claims.id);
  }

  get data(): ChallengeData {
    return this.#claims.data;
  }

  /** Until when the customer may answer. */
  get until(): UnixSeconds {
    return this.#claims.expiresAt;
  }
}
