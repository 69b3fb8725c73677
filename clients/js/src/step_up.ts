// A transaction that the customer approves with their PIN.

import { base64url, crockford, exactly, pae } from "./bytes.js";
import { readSuite, type Suite, typedQuestion } from "./codes.js";
import { sha256 } from "./crypto.js";
import { type Fields, oneOf, refuse, text } from "./data.js";
import type { DeviceCredential } from "./enrolment.js";
import { CredentialError } from "./errors.js";
import {
  canonical,
  type Direction,
  direction,
  DIRECTIONS,
  type Headline,
  headlineOf,
  numberOf,
  type Transaction,
  transaction,
} from "./interaction.js";
import type { Claims, Format } from "./tokens.js";
import type { UnixSeconds } from "./time.js";

export const METHODS = ["device_key", "passkey", "ocra", "totp", "hotp", "delivered"] as const;
export type Method = (typeof METHODS)[number];

/** What a step-up token says. */
export interface StepUpData {
  readonly stepUp: string;
  readonly credential: string;
  readonly method: Method;
  readonly suite: Suite | undefined;
  /** The thumbprint of the public key under which the answer is to be signed, if the method signs. */
  readonly key: Uint8Array<ArrayBuffer> | undefined;
  readonly interaction: string;
  readonly direction: Direction;
  readonly agentName: string;
  readonly transaction: Transaction;
}

export const STEP_UP: Format<StepUpData> = {
  purpose: "step_up",
  read: (data: Fields) => ({
    stepUp: data.id("step_up"),
    credential: data.id("credential"),
    method: data.get("method", oneOf(METHODS)),
    suite: data.optional("suite", (value) => readSuite(text(value)) ?? refuse()),
    key: data.optional("key", (value) => exactly(base64url, 32, text(value)) ?? refuse()),
    interaction: data.hostId("interaction"),
    direction: data.get("direction", direction),
    agentName: data.shown("agent_name"),
    transaction: data.get("transaction", transaction),
  }),
};

/** A genuine step-up, for the app to show: all of it, the headline first, before the PIN is asked for. */
export class VerifiedStepUp {
  readonly #claims: Claims<StepUpData>;

  /** Made by `Device.openStepUp` alone. */
  constructor(claims: Claims<StepUpData>) {
    this.#claims = claims;
  }

  get id(): string {
    return this.#claims.data.stepUp;
  }

  /** Which of the customer's credentials is to answer. */
  get credential(): string {
    return this.#claims.data.credential;
  }

  get method(): Method {
    return this.#claims.data.method;
  }

  get interaction(): string {
    return this.#claims.data.interaction;
  }

  /** "You called us." or "We called you." */
  get headline(): Headline {
    return headlineOf(this.direction);
  }

  get direction(): Direction {
    return this.#claims.data.direction;
  }

  get agentName(): string {
    return this.#claims.data.agentName;
  }

  get transaction(): Transaction {
    return this.#claims.data.transaction;
  }

  /** Until when the customer may answer. */
  get until(): UnixSeconds {
    return this.#claims.expiresAt;
  }

  /** What the customer types into their fob, if an OCRA fob is to answer. Show everything else first. */
  async question(): Promise<string | undefined> {
    const { suite } = this.#claims.data;
    return suite === undefined ? undefined : typedQuestion(suite.question, await this.statement());
  }

  /**
   * The customer approves: the response for the enterprise, which covers everything shown. A wrong PIN gives a wrong
   * response, which the enterprise refuses and counts. Throws a {@link CredentialError}.
   */
  async approve(credential: DeviceCredential, pin: string): Promise<string> {
    if (credential.id !== this.credential) {
      throw new CredentialError("other_credential", "another credential is to answer");
    }
    return credential.answer(await this.statement(), pin);
  }

  /**
   * What a passkey is to sign: the challenge for `navigator.credentials.get`. The browser shows nothing of it, so show
   * all of this first. `undefined` if another method is to answer.
   */
  async passkeyChallenge(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.method === "passkey" ? this.statement() : undefined;
  }

  /** What the customer approves: the digest that codes answer. */
  async statement(): Promise<Uint8Array<ArrayBuffer>> {
    const { issuer, audience, id, data } = this.#claims;
    const bytes = (own: string): Uint8Array<ArrayBuffer> => exactly(crockford, 16, own) ?? refuse();
    const absent = new Uint8Array();
    const shown = new Uint8Array([1, ...canonical(data.transaction)]);
    return sha256(
      pae(
        "countersign statement v2",
        issuer,
        audience,
        bytes(data.stepUp),
        bytes(data.credential),
        // The fingerprint of the credential's public key.
        data.key === undefined ? absent : new Uint8Array([1, ...data.key]),
        data.interaction,
        numberOf(DIRECTIONS, data.direction),
        data.agentName,
        shown,
        absent, // an action that is no transaction
        absent, // what the customer answered
        absent, // what the customer typed
        absent, // the leg of the interaction
        id,
      ),
    );
  }
}
