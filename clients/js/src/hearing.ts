// An appointment, and what the customer hears in it: the code that only a genuine agent can say.

import { base64url, concat, be64 } from "./bytes.js";
import { spokenQuestion } from "./codes.js";
import { Fields, type Read, hostId, id, refuse } from "./data.js";
import type { DeviceCredential } from "./enrolment.js";
import { CodeCheckError } from "./errors.js";
import {
  type Channel,
  channel,
  type Direction,
  direction,
  type Headline,
} from "./interaction.js";
import { readSpokenCode, sameCode } from "./spoken.js";
import { checkNow, LAST_SECOND, type UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";

/** How many wrong codes may be heard of one appointment. */
export const CODE_ATTEMPTS = 3;

/** How long an appointment is remembered after its token has expired: a device's clock may be set back. */
const REMEMBERED = 30 * 24 * 3600;
const FORMAT = 1;
const GENUINE = 255;
const ENTRY_BYTES = 16 + 8 + 1;

/** Who makes the contact. */
export type Assignee = { readonly agent: string } | { readonly team: string };

/** How the agent proves it: with the spoken code of this credential, or with the customer's own word. */
export type Proof = { readonly code: string } | "word";

/** What an appointment token says. */
export interface AppointmentData {
  readonly challenge: string;
  readonly slot: { readonly from: UnixSeconds; readonly until: UnixSeconds };
  readonly channel: Channel;
  readonly direction: Direction;
  readonly assignee: Assignee;
  readonly agentName: string;
  readonly purpose: string;
  readonly proof: Proof;
}

const slot: Read<AppointmentData["slot"]> = (value) => {
  const fields = new Fields(value);
  const [from, until] = [fields.time("from"), fields.time("until")];
  return from < until ? { from, until } : refuse();
};

const assignee: Read<Assignee> = (value) => {
  const [name, who] = new Fields(value).only();
  if (name === "agent") return { agent: hostId(who) };
  return name === "team" ? { team: hostId(who) } : refuse();
};

const proof: Read<Proof> = (value) => {
  if (value === "word") return "word";
  const [name, credential] = new Fields(value).only();
  return name === "code" ? { code: id(credential) } : refuse();
};

export const APPOINTMENT: Format<AppointmentData> = {
  purpose: "appointment",
  read: (data) => ({
    challenge: data.id("challenge"),
    slot: data.get("slot", slot),
    channel: data.get("channel", channel),
    direction: data.get("direction", direction),
    assignee: data.get("assignee", assignee),
    agentName: data.shown("agent_name"),
    purpose: data.shown("purpose"),
    proof: data.get("proof", proof),
  }),
};

/** What came of what was heard. */
export type CodeCheck =
  /** The caller knows the code. Ask the enterprise to conclude *before* anything is shown; it is found once. */
  | { readonly result: "genuine" }
  /** Not the code. The customer may ask the caller to say it again. */
  | { readonly result: "not_genuine"; readonly attemptsLeft: number }
  /** Not the code, once too often, or after the right one. Tell the customer to hang up, and report it. */
  | { readonly result: "hang_up_and_report" }
  /** No agent is given the code now: the caller is not genuine. Nothing was compared. */
  | { readonly result: "outside_slot" };

interface Entry {
  readonly appointment: string;
  readonly expiresAt: UnixSeconds;
  /** Wrong codes that may still come, or 255 once the right one was heard. */
  readonly left: number;
}

/**
 * What the app remembers of the codes that its customer has heard: one for the whole app. Write it to where the app
 * keeps its data before a result is shown. Whoever begins with an empty one gives every caller three guesses more.
 */
export class CodeAttempts {
  #entries: readonly Entry[] = [];

  /** How many wrong codes may still be heard of an appointment; none after the right one. */
  attemptsLeft(appointment: string): number {
    const left = this.#of(appointment)?.left ?? CODE_ATTEMPTS;
    return left === GENUINE ? 0 : left;
  }

  /** Whether the right code was heard. After a restart: conclude again, if that is still due. */
  wasGenuine(appointment: string): boolean {
    return this.#of(appointment)?.left === GENUINE;
  }

  /** For `VerifiedAppointment.check` alone. */
  note(appointment: string, expiresAt: UnixSeconds, left: number, now: UnixSeconds): void {
    const kept = this.#entries.filter(
      (one) => one.appointment !== appointment && now < one.expiresAt + REMEMBERED,
    );
    this.#entries = [...kept, { appointment, expiresAt, left }];
  }

  /** 1 for the format; then for each appointment its 16 bytes, the second it expires in, and what is left. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const entries = this.#entries.map(({ appointment, expiresAt, left }) => {
      const name = base64url.decode(appointment) ?? new Uint8Array(16);
      return concat(name, be64(BigInt(expiresAt)), new Uint8Array([left]));
    });
    return concat(new Uint8Array([FORMAT]), ...entries);
  }

  /** Reads what {@link toBytes} wrote. Do not begin with an empty one if this throws: check no code. */
  static fromBytes(bytes: Uint8Array): CodeAttempts {
    const read = new CodeAttempts();
    const rest = bytes.slice(1);
    let whole = bytes[0] === FORMAT && rest.length % ENTRY_BYTES === 0;
    const entries: Entry[] = [];
    for (let at = 0; at < rest.length && whole; at += ENTRY_BYTES) {
      const entry = rest.slice(at, at + ENTRY_BYTES);
      const appointment = base64url.encode(entry.slice(0, 16));
      const expiresAt = new DataView(entry.buffer).getBigUint64(16);
      const left = entry[24] ?? 0;
      whole =
        (left < CODE_ATTEMPTS || left === GENUINE) &&
        expiresAt <= BigInt(LAST_SECOND) &&
        !entries.some((one) => one.appointment === appointment);
      entries.push({ appointment, expiresAt: Number(expiresAt), left });
    }
    if (!whole) throw new CodeCheckError("attempts", "these bytes are not what is remembered of codes");
    read.#entries = entries;
    return read;
  }

  #of(appointment: string): Entry | undefined {
    return this.#entries.find((one) => one.appointment === appointment);
  }
}

/** A genuine appointment, for the app to show, and to check the caller's code with. */
export class VerifiedAppointment {
  readonly #claims: Claims<AppointmentData>;
  readonly #token: string;
  readonly #leeway: number;

  /** Made by `Device.openAppointment` alone. */
  constructor(claims: Claims<AppointmentData>, token: string, leeway: number) {
    this.#claims = claims;
    this.#token = token;
    this.#leeway = leeway;
  }

  /** Which appointment, for concluding: its token's `jti` in base64url. */
  get id(): string {
    return base64url.encode(this.#claims.id);
  }

  /** Of which challenge. */
  get challenge(): string {
    return this.data.challenge;
  }

  /** "We call you." or "You call us." A caller who says that it is the other way round is not genuine. */
  get headline(): Headline {
    return this.data.direction === "inbound"
      ? { id: "you_call_us", text: "You call us." }
      : { id: "we_call_you", text: "We call you." };
  }

  get data(): AppointmentData {
    return this.#claims.data;
  }

  /** Until when the token is valid. */
  get until(): UnixSeconds {
    return this.#claims.expiresAt;
  }

  /**
   * Compares what the caller said, as the customer heard and typed it: digits or words. No network, no PIN. Keep
   * `attempts` before anything is told or shown. Throws a {@link CodeCheckError} if nothing was compared or counted.
   */
  async check(
    credential: DeviceCredential,
    heard: string,
    attempts: CodeAttempts,
    now: UnixSeconds,
  ): Promise<CodeCheck> {
    checkNow(now);
    const { proof: how, slot: when } = this.data;
    if (how === "word") throw new CodeCheckError("own_word", "the caller is to say the customer's own word");
    if (how.code !== credential.id) {
      throw new CodeCheckError("other_credential", "the code is another device's to check");
    }
    const said = readSpokenCode(heard);
    const code = await credential.spokenCode(await spokenQuestion(this.#token));
    if (now + this.#leeway < when.from || when.until + this.#leeway <= now) {
      return { result: "outside_slot" };
    }
    const left = attempts.attemptsLeft(this.id) - 1;
    if (left < 0) return { result: "hang_up_and_report" };
    const genuine = sameCode(said, code);
    attempts.note(this.id, this.#claims.expiresAt, genuine ? GENUINE : left, now);
    if (genuine) return { result: "genuine" };
    return left === 0 ? { result: "hang_up_and_report" } : { result: "not_genuine", attemptsLeft: left };
  }
}
