// When the enterprise last called: asked with the customer's key, and shown.

import { base64url, crockford, equal, exactly, pae } from "./bytes.js";
import { random, sha256 } from "./crypto.js";
import { Fields, flag, id, Malformed, oneOf, type Read, refuse, shown, text, time } from "./data.js";
import { type DevicePublicKey, fingerprintOf } from "./device_key.js";
import type { DeviceCredential } from "./enrolment.js";
import { CredentialError, NotVerified } from "./errors.js";
import { type Channel, channel, type Direction, direction } from "./interaction.js";
import { readJson } from "./json.js";
import { type Method, METHODS } from "./step_up.js";
import type { UnixSeconds } from "./time.js";
import type { Claims, Format } from "./tokens.js";

type Bytes = Uint8Array<ArrayBuffer>;

const NONCE_BYTES = 16;
/** By how many seconds what was reported may be behind the answer, for "never". */
const LAG_LIMIT = 30;

const nonce: Read<Bytes> = (value) => exactly(base64url, NONCE_BYTES, text(value)) ?? refuse();

/** What the enterprise drew for the customer's key. */
export interface LastContactChallenge {
  readonly credential: string;
  readonly method: Method;
  readonly withCode: boolean;
  readonly key: Bytes | undefined;
  readonly challenge: Bytes;
}

const MEMBERS = ["credential", "method", "with_code", "key", "challenge"] as const;

/** Reads what the enterprise sent, a JSON text or what was parsed of it. Throws a {@link CredentialError}. */
export function readChallenge(given: string | object): LastContactChallenge {
  try {
    const written = typeof given === "string" ? given : text(JSON.stringify(given));
    const data = new Fields(readJson(written) ?? null);
    if (!data.hasOnly(MEMBERS)) refuse();
    return {
      credential: data.get("credential", id),
      method: data.get("method", oneOf(METHODS)),
      withCode: data.orElse("with_code", flag, false),
      key: data.optional("key", (value) => exactly(base64url, 32, text(value)) ?? refuse()),
      challenge: data.get("challenge", nonce),
    };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new CredentialError("challenge", "this is no challenge for the customer's key");
  }
}

/** What the app sends to the enterprise: whose code it is, what it drew, and the PIN's code. */
export interface LastContactAnswer {
  readonly credential: string;
  readonly query: string;
  readonly code: string;
}

/** The same, signed by a passkey: with the code beside it if {@link LastContactQuestion.asksCode} is true. */
export interface SignedLastContactAnswer {
  readonly credential: string;
  readonly query: string;
  readonly assertion: string;
}

/** One question of the app for the last contact, for the customer's key to answer. Keep it until the answer is opened. */
export class LastContactQuestion {
  readonly #challenge: LastContactChallenge;
  readonly #issuer: string;
  readonly #customer: string;
  readonly #query: Bytes;

  /** Made by `Device.lastContactQuestion` alone. A query is given in tests alone. */
  constructor(
    challenge: LastContactChallenge,
    issuer: string,
    customer: string,
    query: Uint8Array = random(NONCE_BYTES),
  ) {
    this.#challenge = challenge;
    this.#issuer = issuer;
    this.#customer = customer;
    this.#query = new Uint8Array(query);
  }

  /** Which of the customer's credentials is to answer. */
  get credential(): string {
    return this.#challenge.credential;
  }

  get method(): Method {
    return this.#challenge.method;
  }

  /** What the app drew, in base64url: the enterprise wants it beside the answer. */
  get query(): string {
    return base64url.encode(this.#query);
  }

  /** Whether the PIN's code ({@link answer}) is asked for: alone, or with the signature. */
  get asksCode(): boolean {
    const { method, withCode } = this.#challenge;
    return (method !== "device_key" && method !== "passkey") || withCode;
  }

  /**
   * The customer types their PIN. A wrong one gives a wrong code, which the enterprise refuses and counts. Throws a
   * {@link CredentialError}.
   */
  async answer(credential: DeviceCredential, pin: string): Promise<LastContactAnswer> {
    if (credential.id !== this.credential) {
      throw new CredentialError("other_credential", "another credential is to answer");
    }
    const code = await credential.answer(await this.#statement(), pin);
    return { credential: this.credential, query: this.query, code };
  }

  /**
   * What the private key whose public half this is signs; send the signature with `query`. `undefined` unless a device key
   * is to answer and it is this one. Throws a {@link KeyError}.
   */
  async messageToSign(key: DevicePublicKey): Promise<Bytes | undefined> {
    const { method, key: asked } = this.#challenge;
    const own = await fingerprintOf(key);
    const ours = method === "device_key" && asked !== undefined && equal(asked, own);
    return ours ? pae("countersign device approval v1", await this.#statement()) : undefined;
  }

  /** The challenge for `navigator.credentials.get`. `undefined` unless a passkey is to answer. */
  async passkeyChallenge(): Promise<Bytes | undefined> {
    return this.method === "passkey" ? this.#statement() : undefined;
  }

  /** With what the passkey gave, its `toJSON()` as text. */
  answerSigned(assertion: string): SignedLastContactAnswer {
    return { credential: this.credential, query: this.query, assertion };
  }

  /** What a genuine answer to this question says. */
  accepts({ data, notBefore }: Claims<LastContactData>): LastContactShown {
    if (!equal(data.nonce, this.#query)) {
      throw new NotVerified("other_question", "not verified: this is the answer to another question");
    }
    return new LastContactShown(data, notBefore);
  }

  /** What is answered. Its label is no approval's, so that neither is ever taken for the other. */
  async #statement(): Promise<Bytes> {
    const { credential, key, challenge } = this.#challenge;
    return sha256(
      pae(
        "countersign last contact v1",
        this.#issuer,
        this.#customer,
        exactly(crockford, 16, credential) ?? refuse(),
        key === undefined ? new Uint8Array() : new Uint8Array([1, ...key]),
        challenge,
        this.#query,
      ),
    );
  }
}

/** A contact of the enterprise with the customer, as it was reported. */
export interface PastContact {
  readonly agentName: string | undefined;
  readonly purpose: string | undefined;
  readonly channel: Channel;
  readonly direction: Direction;
  readonly since: UnixSeconds;
  /** `undefined`: it goes on, or its end was never reported. */
  readonly ended: UnixSeconds | undefined;
}

/** A stretch of time of which all contacts are known, as far as a customer was named. */
export interface ReportedSpan {
  readonly from: UnixSeconds;
  readonly until: UnixSeconds;
}

export interface LastContactData {
  readonly nonce: Bytes;
  readonly reported: ReportedSpan | undefined;
  readonly lastCall: PastContact | undefined;
  readonly lastContact: PastContact | undefined;
}

const span: Read<ReportedSpan> = (value) => {
  const fields = new Fields(value);
  return { from: fields.time("from"), until: fields.time("until") };
};

const contact: Read<PastContact> = (value) => {
  const fields = new Fields(value);
  return {
    agentName: fields.optional("agent_name", shown),
    purpose: fields.optional("purpose", shown),
    channel: fields.get("channel", channel),
    direction: fields.get("direction", direction),
    since: fields.time("since"),
    ended: fields.optional("ended", time),
  };
};

export const LAST_CONTACT: Format<LastContactData> = {
  purpose: "last_contact",
  read: (data) => ({
    nonce: data.get("nonce", nonce),
    reported: data.optional("reported", span),
    lastCall: data.optional("last_call", contact),
    lastContact: data.optional("last_contact", contact),
  }),
};

const HEADLINES = {
  called: "This is when we last called you. It does not prove who is on your line now.",
  never_called: "We have not called you in this time. If somebody said they were us, they were not.",
  undetermined: "We cannot tell whether we called you. Hang up and call us.",
} as const;

/** A genuine answer to this customer's own question. */
export class LastContactShown {
  readonly #data: LastContactData;
  readonly #at: UnixSeconds;

  /** Made by `Device.openLastContact` alone. */
  constructor(data: LastContactData, at: UnixSeconds) {
    this.#data = data;
    this.#at = at;
  }

  /** Whether the enterprise called. "never" is of the time of {@link reported}: show that with it. */
  get called(): "yes" | "never" | "undetermined" {
    const { lastCall, reported } = this.#data;
    if (lastCall !== undefined) return "yes";
    return reported !== undefined && this.#at - reported.until <= LAG_LIMIT ? "never" : "undetermined";
  }

  /** The last time that the enterprise called. It may go on. */
  get lastCall(): PastContact | undefined {
    return this.#data.lastCall;
  }

  /** The last contact over whichever channel: one that the customer did not begin was somebody in their name. */
  get lastContact(): PastContact | undefined {
    return this.#data.lastContact;
  }

  /** In which time all contacts are known. */
  get reported(): ReportedSpan | undefined {
    return this.#data.reported;
  }

  /** What to show, and its id for an app in another language. */
  get headline(): { readonly id: keyof typeof HEADLINES; readonly text: string } {
    const id = ({ yes: "called", never: "never_called", undetermined: "undetermined" } as const)[this.called];
    return { id, text: HEADLINES[id] };
  }
}
