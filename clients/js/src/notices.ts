// What customers are to know, as the app may show it, and which of it was taken back.

import { crockford } from "./bytes.js";
import { Fields, flag, id, list, Malformed, type Read, text, time, whole } from "./data.js";
import { type FoundOn, channels, handles, postedOn, type PostsFrom } from "./challenge.js";
import { NoticeError } from "./errors.js";
import type { Channel } from "./interaction.js";
import { type Json, readJson, writeJson } from "./json.js";
import { type UnixSeconds, writeTime } from "./time.js";
import type { Claims, Format } from "./tokens.js";

/** What a notice is about, each with the sentence to show above it; the name is the sentence's id for other languages. */
export const NOTICE_KINDS = {
  general: "A notice from us.",
  scam: "Beware: a scam is going round.",
  disruption: "Something does not work as usual.",
} as const;
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

// A kind of a later version is a notice all the same.
const kind: Read<NoticeKind> = (value) => {
  const name = text(value);
  return Object.hasOwn(NOTICE_KINDS, name) ? (name as NoticeKind) : "general";
};

export const NOTICE: Format<NoticeData> = {
  purpose: "notice",
  read: (data) => ({
    kind: data.get("kind", kind),
    headline: data.shown("headline"),
    text: data.shown("text"),
    number: data.get("number", whole(64)),
    channels: data.optional("channels", channels) ?? [],
    handles: data.orElse("handles", handles, []),
    forEveryone: data.orElse("for_everyone", flag, false),
    pseudonymous: data.orElse("pseudonymous", flag, false),
  }),
};

export interface NoticeListData {
  readonly number: bigint;
  readonly inForce: readonly string[];
  readonly forEveryone: boolean;
}

export const NOTICE_LIST: Format<NoticeListData> = {
  purpose: "notice_list",
  read: (data) => ({
    number: data.get("number", whole(64)),
    inForce: data.get("in_force", list(id)),
    forEveryone: data.orElse("for_everyone", flag, false),
  }),
};

/** Throws {@link FoundElsewhere} unless the notice was to be found there, from one of the handles it names. */
export const checkNoticeFoundOn = (data: NoticeData, found: FoundOn): void =>
  postedOn(data.channels, data.handles, found);

/**
 * What the lists that the app has learnt say of a notice. `not_confirmed`: no list of now speaks of it, and it may have been
 * taken back. Fetch the board and look again; offline, show it with its date and say that it could not be confirmed.
 */
export type NoticeStanding = "in_force" | "not_confirmed";

interface Known {
  readonly number: bigint;
  readonly inForce: readonly string[];
  readonly until: UnixSeconds;
}

const known: Read<Known> = (value) => {
  const fields = new Fields(value);
  return {
    number: fields.get("number", whole(64)),
    inForce: fields.get("in_force", list(id)),
    until: fields.get("until", time),
  };
};

const asJson = (one: Known | undefined): Json =>
  one === undefined
    ? null
    : new Map<string, Json>([
        ["number", one.number],
        ["in_force", one.inForce],
        ["until", writeTime(one.until)],
      ]);

/**
 * What an app has learnt of which notices are in force: of everyone's and of its customer's own. One for the whole app.
 * Write `toText()` to where the app keeps its data after each `Device.learnNotices`, and read it back: an app that begins
 * with an empty one can be shown an older list, on which a notice that was taken back still stands.
 */
export class KnownNotices {
  #everyone: Known | undefined;
  #own: Known | undefined;

  /** Reads what `toText()` gave. Throws a {@link NoticeError} if it cannot be read: do not begin anew without saying so. */
  static fromText(kept: string): KnownNotices {
    const read = new KnownNotices();
    try {
      const fields = new Fields(readJson(kept) ?? null);
      read.#everyone = fields.optional("everyone", known);
      read.#own = fields.optional("own", known);
    } catch (error) {
      if (error instanceof Malformed) throw new NoticeError("known", "what was learnt of notices cannot be read");
      throw error;
    }
    return read;
  }

  /** For the app's data. */
  toText(): string {
    return writeJson(new Map<string, Json>([["everyone", asJson(this.#everyone)], ["own", asJson(this.#own)]]));
  }

  /** Called by `Device.learnNotices` alone, with a genuine list. */
  learn({ data, expiresAt }: Claims<NoticeListData>): void {
    const before = this.#of(data.forEveryone);
    if (before !== undefined && data.number < before.number) {
      throw new NoticeError("older", "this list of notices is older than one that this app has seen");
    }
    const learnt: Known = { number: data.number, inForce: data.inForce, until: expiresAt };
    if (data.forEveryone) this.#everyone = learnt;
    else this.#own = learnt;
  }

  /** What is known of a notice. Throws a {@link NoticeError} if it was taken back. */
  standing(notice: string, data: NoticeData, now: UnixSeconds): NoticeStanding {
    const learnt = this.#of(data.forEveryone);
    // One that was issued after the list was made is not missing on it.
    if (learnt === undefined || learnt.number < data.number) return "not_confirmed";
    if (!learnt.inForce.includes(notice)) {
      throw new NoticeError("withdrawn", "the enterprise has taken this notice back");
    }
    return now < learnt.until ? "in_force" : "not_confirmed";
  }

  #of(forEveryone: boolean): Known | undefined {
    return forEveryone ? this.#everyone : this.#own;
  }
}

/** A token's id, as countersign's ids are written. */
export const noticeId = (claims: Claims<NoticeData>): string => crockford.encode(claims.id);

/**
 * What a notice is to this customer. `for_someone`: the enterprise signed it for one of its customers, and this device cannot
 * tell which. Show "signed by the enterprise, but perhaps not for you".
 */
export type NoticeCheck =
  | { readonly result: "for_you"; readonly notice: VerifiedNotice }
  | { readonly result: "for_someone"; readonly data: NoticeData };

/** A genuine notice for this customer: what is shown comes from here and from nowhere else. */
export class VerifiedNotice {
  readonly #claims: Claims<NoticeData>;

  /** Made by `Device.openNotice` and `Device.openBoardNotice` alone. */
  constructor(
    claims: Claims<NoticeData>,
    /** Whether it is known to be in force. */
    readonly standing: NoticeStanding,
  ) {
    this.#claims = claims;
  }

  get id(): string {
    return noticeId(this.#claims);
  }

  get data(): NoticeData {
    return this.#claims.data;
  }

  /** What to show above it, and its id for an app in another language. */
  get headline(): { readonly id: NoticeKind; readonly text: string } {
    const { kind: about } = this.data;
    return { id: about, text: NOTICE_KINDS[about] };
  }

  /** When it was issued. */
  get since(): UnixSeconds {
    return this.#claims.notBefore;
  }

  /** When it ends: show it no longer. */
  get until(): UnixSeconds {
    return this.#claims.expiresAt;
  }
}
