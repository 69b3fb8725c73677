// A call rings with a number that may be the enterprise's: what the app answers the phone's system.

import { base64url, equal, exactly } from "./bytes.js";
import { random } from "./crypto.js";
import { list, oneOf, type Read, refuse, text } from "./data.js";
import { NotVerified, PhoneNumberError } from "./errors.js";
import { stale } from "./status.js";
import { idBytes } from "./text.js";
import { checkNow, type UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";

const NONCE_BYTES = 16;

/**
 * For how many seconds the app waits for a verdict, in all, before it answers "undetermined": the phone rings meanwhile. A call
 * that is none of the enterprise's is told after three to five.
 */
export const VERDICT_BUDGET = 5;

/** How many seconds after an "undetermined" the app asks again, with the same question. */
export const VERDICT_ASK_EVERY = 1;

/**
 * Whether the call that rings is the enterprise's. It is no proof, and takes no spoken code's place. The four are those of
 * Android's bank call verification service, where "not legitimate" hangs up.
 */
export const CALL_VERDICTS = ["legitimate", "not_legitimate", "undetermined", "unknown"] as const;
export type CallVerdict = (typeof CALL_VERDICTS)[number];

/** Whether it is a number in the international form of E.164: `+`, then 5 to 15 digits, the first of which is not 0. */
export const isPhoneNumber = (number: string): boolean => /^\+[1-9][0-9]{4,14}$/.test(number);

/** A number that a caller gives. One in another form is brought into this one before it is looked up, or not at all. */
function checkNumber(number: string): string {
  if (typeof number !== "string" || !isPhoneNumber(number)) throw new PhoneNumberError();
  return number;
}

const number: Read<string> = (value) => (isPhoneNumber(text(value)) ? text(value) : refuse());

export interface CallNumbersData {
  /** The numbers that a call of the enterprise's may show. */
  readonly calls: readonly string[];
  /** The numbers that only take calls. */
  readonly neverCalls: readonly string[];
}

export const CALL_NUMBERS: Format<CallNumbersData> = {
  purpose: "call_numbers",
  read: (data) => ({
    calls: data.get("calls", list(number)),
    neverCalls: data.get("never_calls", list(number)),
  }),
};

/** The enterprise's numbers. They are looked up here, on the device: nobody learns which others call. */
export class KnownNumbers {
  readonly #calls: ReadonlySet<string>;
  readonly #neverCalls: ReadonlySet<string>;

  /** Made by `Device.openNumbers` alone. */
  constructor(
    data: CallNumbersData,
    /** Until when the list holds. Fetch the next one before. */
    readonly until: UnixSeconds,
  ) {
    this.#calls = new Set(data.calls);
    this.#neverCalls = new Set(data.neverCalls);
  }

  /**
   * What to do about a call that shows this number: `"ask"` by a {@link VerdictQuestion}, or answer this without asking.
   * Throws a {@link PhoneNumberError} if it is no number in the international form: answer "undetermined".
   */
  lookUp(shown: string, now: UnixSeconds): "ask" | CallVerdict {
    checkNow(now);
    checkNumber(shown);
    if (this.#calls.has(shown)) return "ask";
    if (!this.#neverCalls.has(shown)) return "unknown";
    // A number may have begun to call since.
    return now < this.until ? "not_legitimate" : "undetermined";
  }
}

export interface CallVerdictData {
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly number: string;
  readonly verdict: CallVerdict;
}

export const CALL_VERDICT: Format<CallVerdictData> = {
  purpose: "call_verdict",
  read: (data) => ({
    nonce: data.get("nonce", (value) => exactly(base64url, NONCE_BYTES, text(value)) ?? refuse()),
    number: data.get("number", number),
    verdict: data.get("verdict", oneOf(CALL_VERDICTS)),
  }),
};

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
export class VerdictQuestion {
  readonly #query: Uint8Array<ArrayBuffer>;

  /** About a call that shows `number`, asked at `asked` by this device's own clock. A nonce is given in tests alone. */
  constructor(
    readonly number: string,
    readonly asked: UnixSeconds,
    query: Uint8Array = random(NONCE_BYTES),
  ) {
    checkNow(asked);
    checkNumber(number);
    this.#query = new Uint8Array(query);
  }

  /**
   * For the enterprise. `credential` is this app's. `seconds` is how long the call has rung, by a clock that is never set
   * (`performance.now()`); `besideAnother`, whether another call rings or waits on the phone at the same time.
   */
  ringing(credential: string, seconds: number, besideAnother = false): RingingCall {
    if (idBytes(credential) === undefined || !Number.isFinite(seconds) || seconds < 0) {
      throw new RangeError("the credential's id or the time is none");
    }
    return {
      query: base64url.encode(this.#query),
      number: this.number,
      device: credential,
      ringing_for: Math.floor(seconds),
      beside_another: besideAnother,
    };
  }

  /** What a genuine answer to this question says, while it counts. */
  accepts(claims: Claims<CallVerdictData>, now: UnixSeconds): CallVerdict {
    const { nonce, number: about, verdict } = claims.data;
    if (!equal(nonce, this.#query) || about !== this.number) {
      throw new NotVerified("other_question", "not verified: this is the answer to another question");
    }
    // A clock that was set back tells nothing about the age.
    const validFor = claims.expiresAt - claims.notBefore;
    if (now < this.asked || this.asked + validFor <= now) throw stale();
    return verdict;
  }
}
