// "Is that really you?": the enterprise's signed answer to one question.

import { base64url, equal, exactly } from "./bytes.js";
import { random } from "./crypto.js";
import { Fields, type Read, refuse, shown, text } from "./data.js";
import { NotVerified } from "./errors.js";
import { type Channel, channel, type Direction, direction } from "./interaction.js";
import { checkNow, type UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";

const NONCE_BYTES = 16;

/** None of these proves that whoever is on the customer's line is the enterprise. */
export type Status =
  | "not_us"
  | "scheduled"
  | "calling"
  | "undetermined"
  | {
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

const status: Read<Status> = (value) => {
  if (value === "not_us" || value === "scheduled" || value === "calling" || value === "undetermined") return value;
  const [name, held] = new Fields(value).only();
  if (name !== "talking_to_you") return refuse();
  const fields = new Fields(held);
  return {
    talkingToYou: {
      channel: fields.get("channel", channel),
      direction: fields.get("direction", direction),
      since: fields.time("since"),
    },
  };
};

const call: Read<OnTheLine> = (value) => {
  const fields = new Fields(value);
  return {
    agentName: fields.optional("agent_name", shown),
    purpose: fields.optional("purpose", shown),
    channel: fields.get("channel", channel),
    direction: fields.get("direction", direction),
    since: fields.time("since"),
  };
};

export const STATUS: Format<StatusData> = {
  purpose: "status",
  read: (data) => ({
    nonce: data.get("nonce", (value) => exactly(base64url, NONCE_BYTES, text(value)) ?? refuse()),
    status: data.get("status", status),
    call: data.optional("call", call),
  }),
};

/** One question of the app: send the nonce to the enterprise, keep the rest. */
export class StatusQuestion {
  readonly #nonce: Uint8Array<ArrayBuffer>;

  /** A question asked at `asked` by this device's own clock. A nonce is given in tests alone. */
  constructor(
    readonly asked: UnixSeconds,
    nonce: Uint8Array = random(NONCE_BYTES),
  ) {
    checkNow(asked);
    this.#nonce = new Uint8Array(nonce);
  }

  /** For the enterprise, in base64url. */
  get nonce(): string {
    return base64url.encode(this.#nonce);
  }

  /** What a genuine answer to this question says, while it counts. */
  accepts(claims: Claims<StatusData>, now: UnixSeconds): StatusShown {
    if (!equal(claims.data.nonce, this.#nonce)) {
      throw new NotVerified("other_question", "not verified: this is the answer to another question");
    }
    // A clock that was set back tells nothing about the age.
    const validFor = claims.expiresAt - claims.notBefore;
    if (now < this.asked || this.asked + validFor <= now) throw stale();
    return new StatusShown(claims.data.status, claims.data.call);
  }
}

export const stale = (): NotVerified =>
  new NotVerified("stale", "not verified: the answer is too old; ask again");

const HEADLINES = {
  not_us: "We are not talking to you. If somebody says they are us, hang up.",
  scheduled:
    "We are not talking to you now. We have an appointment with you. If somebody says they are us, hang up.",
  calling: "We are trying to reach you. This does not prove who is on your line: ask for the code.",
  someone_is_talking_as_you:
    "Someone is talking to us as you. If you did not contact us yourself, hang up.",
  undetermined: "We cannot tell whether we are talking to you. Ask for the code, or hang up and call us.",
  talking_to_you: "We contacted you, and you recognised us. If this is another call, hang up.",
} as const;

/** What is shown if there is no answer to show. */
export const NOT_VERIFIED = "Not verified. Hang up, and call the number on your card.";

/** A genuine, fresh answer. */
export class StatusShown {
  /** Made by `Device.openStatus` alone. */
  constructor(
    readonly status: Status,
    /** Show it with the headline, never without: that there is such a call does not prove that it is the customer's. */
    readonly call: OnTheLine | undefined = undefined,
  ) {}

  /** What to show, and its id for an app in another language. */
  get headline(): { readonly id: keyof typeof HEADLINES; readonly text: string } {
    const id = this.#headlineId();
    return { id, text: HEADLINES[id] };
  }

  #headlineId(): keyof typeof HEADLINES {
    if (typeof this.status === "string") return this.status;
    return this.status.talkingToYou.direction === "inbound" ? "someone_is_talking_as_you" : "talking_to_you";
  }
}
