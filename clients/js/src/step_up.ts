// A transaction that the customer approves with their PIN.

import { crockford, exactly, pae } from "./bytes.js";
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
  type Leg,
  leg,
  numberOf,
  type Transaction,
  transaction,
} from "./interaction.js";
import type { Claims, Format } from "./tokens.js";
import type { UnixSeconds } from "./time.js";

export const METHODS = ["ocra", "totp", "hotp", "delivered"] as const;
export type Method = (typeof METHODS)[number];

/** What a step-up token says. */
export interface StepUpData {
  readonly stepUp: string;
  readonly credential: string;
  readonly method: Method;
  readonly suite: Suite | undefined;
  readonly interaction: string;
  readonly direction: Direction;
  readonly agentName: string;
  readonly transaction: Transaction;
  readonly leg: Leg | undefined;
}

export const STEP_UP: Format<StepUpData> = {
  purpose: "step_up",
  read: (data: Fields) => ({
    stepUp: data.id("step_up"),
    credential: data.id("credential"),
    method: data.get("method", oneOf(METHODS)),
    suite: data.optional("suite", (value) => readSuite(text(value)) ?? refuse()),
    interaction: data.hostId("interaction"),
    direction: data.get("direction", direction),
    agentName: data.shown("agent_name"),
    transaction: data.get("transaction", transaction),
    leg: data.optional("leg", leg),
  }),
};

/** A genuine step-up, for the app to show: all of it, the headline first, before the PIN is asked for. */
export class VerifiedStepUp {
  readonly #claims: Claims<StepUpData>;
  #here: Leg | undefined;

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

  /** What was read of the line on which it was asked for, if somebody looked. The approval covers it. */
  get leg(): Leg | undefined {
    return this.#claims.data.leg;
  }

  /**
   * The app knows that it is on such a line: it runs the conversation itself, or has placed the call with a ticket. What
   * was asked for on one of these is approved on the same alone.
   */
  onLine(here: Leg): this {
    this.#here = here;
    return this;
  }

  /** Whether the line on which it was asked for may be this one. Of a call to or from a number the app cannot tell. */
  get fitsLine(): boolean {
    const { leg } = this;
    return leg === undefined || leg === "number" || leg === "checked_number" || this.#here === leg;
  }

  /** Until when the customer may answer. */
  get until(): UnixSeconds {
    return this.#claims.expiresAt;
  }

  /** What the customer types into their fob, if an OCRA fob is to answer. Show everything else first. */
  async question(): Promise<string | undefined> {
    const { suite } = this.#claims.data;
    return suite === undefined || !this.fitsLine ? undefined : typedQuestion(suite.question, await this.statement());
  }

  /**
   * The customer approves: the response for the enterprise, which covers everything shown. A wrong PIN gives a wrong
   * response, which the enterprise refuses and counts. Throws a {@link CredentialError}.
   */
  async approve(credential: DeviceCredential, pin: string): Promise<string> {
    if (credential.id !== this.credential) {
      throw new CredentialError("other_credential", "another credential is to answer");
    }
    if (!this.fitsLine) throw new CredentialError("other_line", "this was asked for on another call; hang up");
    return credential.answer(await this.statement(), pin);
  }

  /** What the customer approves: the digest that codes answer. */
  async statement(): Promise<Uint8Array<ArrayBuffer>> {
    const { issuer, audience, id, data } = this.#claims;
    const bytes = (own: string): Uint8Array<ArrayBuffer> => exactly(crockford, 16, own) ?? refuse();
    const absent = new Uint8Array();
    const shown = new Uint8Array([1, ...canonical(data.transaction)]);
    const line = data.leg === undefined ? absent : new Uint8Array([1, ...new TextEncoder().encode(data.leg)]);
    return sha256(
      pae(
        "countersign statement v2",
        issuer,
        audience,
        bytes(data.stepUp),
        bytes(data.credential),
        absent, // the fingerprint of the credential's public key
        data.interaction,
        numberOf(DIRECTIONS, data.direction),
        data.agentName,
        shown,
        absent, // an action that is no transaction
        absent, // what the customer answered
        absent, // what the customer typed
        line, // the leg of the interaction
        id,
      ),
    );
  }
}
