// A transaction that the customer approves with their PIN.

import { action, type ActionDetails, type ActionTable, canonicalAction, type ShownAction } from "./actions.js";
import { base64url, crockford, equal, exactly, pae, utf8 } from "./bytes.js";
import { readSuite, type Suite, typedQuestion } from "./codes.js";
import { sha256 } from "./crypto.js";
import { type Fields, flag, oneOf, refuse, text } from "./data.js";
import { type DevicePublicKey, fingerprintOf } from "./device_key.js";
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
import { joint, type JointData, jointly } from "./joint.js";
import { typedDigits } from "./text.js";
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
  /** Whether the signature counts only with the PIN's code. */
  readonly withCode: boolean;
  /** Whether the customer types six digits that the agent says. */
  readonly numberMatch: boolean;
  /** Whether the customer is asked who rang whom, before anything else is shown. */
  readonly asksWhoRang: boolean;
  readonly interaction: string;
  readonly direction: Direction;
  readonly agentName: string;
  /** What is to be approved: this, or the action. */
  readonly transaction: Transaction | undefined;
  readonly action: ActionDetails | undefined;
  /** As which of several approvers, if several are asked. */
  readonly joint: JointData | undefined;
  readonly leg: Leg | undefined;
}

export const STEP_UP: Format<StepUpData> = {
  purpose: "step_up",
  read: (data: Fields) => {
    const asked = { transaction: data.optional("transaction", transaction), action: data.optional("action", action) };
    if ((asked.transaction === undefined) === (asked.action === undefined)) refuse();
    return {
      stepUp: data.id("step_up"),
      credential: data.id("credential"),
      method: data.get("method", oneOf(METHODS)),
      suite: data.optional("suite", (value) => readSuite(text(value)) ?? refuse()),
      key: data.optional("key", (value) => exactly(base64url, 32, text(value)) ?? refuse()),
      withCode: data.orElse("with_code", flag, false),
      numberMatch: data.orElse("number_match", flag, false),
      asksWhoRang: data.orElse("who_rang", flag, false),
      interaction: data.hostId("interaction"),
      direction: data.get("direction", direction),
      agentName: data.shown("agent_name"),
      ...asked,
      joint: data.optional("joint", joint),
      leg: data.optional("leg", leg),
    };
  },
};

/** What a customer says of who rang whom: "I rang you", "You rang me", "I don't know". In hashes 1 to 3. */
export const WHO_RANG = ["customer", "enterprise", "unknown"] as const;
export type WhoRang = (typeof WHO_RANG)[number];

/** Why a customer declines. */
export const DECLINE_REASONS = ["not_me", "wrong_details", "told_to", "changed_mind"] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];
/** The same; `who_rang_differs` is the app's own. */
export type StepUpDecline = DeclineReason | "who_rang_differs";

/** A decline, for the enterprise. */
export interface DeclinedStepUp {
  readonly id: string;
  readonly reason: DeclineReason;
}

function declined(id: string, reason: DeclineReason): DeclinedStepUp {
  if (!DECLINE_REASONS.includes(reason)) throw new CredentialError("decline", "this is no reason to decline");
  return { id, reason };
}

/** The headline if the conversation is another customer's. */
const ANOTHER_ASKS: Headline = { id: "another_asks", text: "Another customer asks for your approval." };
/** How often the customer is asked. */
const TIMES = 2;
/** How many digits the agent says. */
const DIGITS = 6;
const LONGEST_TYPED = 32;

/** What the app does after an answer: show it, ask once more in the same words, or decline for this reason. */
export type WhoRangCheck =
  | { readonly result: "show"; readonly stepUp: VerifiedStepUp }
  | { readonly result: "ask_again" }
  | { readonly result: "decline"; readonly id: string; readonly reason: StepUpDecline };

/** A genuine step-up of which nothing can be read before the customer has said who rang whom, if that is asked. */
export class UnansweredStepUp {
  readonly #claims: Claims<StepUpData>;
  readonly #action: ShownAction | undefined;
  #mismatches = 0;

  /** Made by `Device.openStepUp` alone. */
  constructor(claims: Claims<StepUpData>, actions: ActionTable) {
    const { action } = claims.data;
    this.#claims = claims;
    this.#action = action === undefined ? undefined : actions.shown(action);
  }

  get id(): string {
    return this.#claims.data.stepUp;
  }

  /** Until when the customer may answer. */
  get until(): UnixSeconds {
    return this.#claims.expiresAt;
  }

  /** Ask neutrally, on a screen that shows nothing else, none of the three answers preset. */
  get asksWhoRang(): boolean {
    return this.#claims.data.asksWhoRang;
  }

  /** What is to be shown, if nothing is asked before. Throws a {@link CredentialError}. */
  withoutAnswer(): VerifiedStepUp {
    if (this.asksWhoRang) throw new CredentialError("unanswered", "the customer says first who rang whom");
    return this.#shown(undefined);
  }

  /** The customer has said who rang whom. An answer to what is not asked is nothing. */
  answer(who: WhoRang): WhoRangCheck {
    if (!this.asksWhoRang) return { result: "show", stepUp: this.#shown(undefined) };
    const fits = who === "unknown" || (who === "customer") === (this.#claims.data.direction === "inbound");
    if (fits && this.#mismatches < TIMES) return { result: "show", stepUp: this.#shown(who) };
    this.#mismatches += 1;
    if (this.#mismatches < TIMES) return { result: "ask_again" };
    return { result: "decline", id: this.id, reason: "who_rang_differs" };
  }

  /** The customer declines, before anything is shown. Throws a {@link CredentialError} for a reason that is none. */
  decline(reason: DeclineReason): DeclinedStepUp {
    return declined(this.id, reason);
  }

  #shown(who: WhoRang | undefined): VerifiedStepUp {
    return new VerifiedStepUp(this.#claims, this.#action, who);
  }
}

/** What the app sends to the enterprise. */
export interface StepUpAnswer {
  readonly code: string;
  readonly digits: string | undefined;
  readonly whoRang: WhoRang | undefined;
}

/** The same, signed by a passkey. */
export interface SignedStepUpAnswer {
  readonly assertion: string;
  readonly digits: string | undefined;
  readonly whoRang: WhoRang | undefined;
}

/** A genuine step-up, for the app to show: all of it, the headline first, before digits and the PIN are asked for. */
export class VerifiedStepUp {
  readonly #claims: Claims<StepUpData>;
  readonly #action: ShownAction | undefined;
  readonly #whoRang: WhoRang | undefined;
  readonly #digits: string | undefined;
  #here: Leg | undefined;

  /** Made by `UnansweredStepUp` alone. */
  constructor(
    claims: Claims<StepUpData>,
    action: ShownAction | undefined,
    whoRang: WhoRang | undefined,
    digits?: string,
  ) {
    this.#claims = claims;
    this.#action = action;
    this.#whoRang = whoRang;
    this.#digits = digits;
  }

  /** Whether the customer types six digits that the agent says, before anything is approved. */
  get asksDigits(): boolean {
    return this.#claims.data.numberMatch;
  }

  /** With what the customer has typed: six digits of any script. Throws a {@link CredentialError}. */
  withDigits(typed: string): VerifiedStepUp {
    const read = typedDigits(typed, DIGITS, LONGEST_TYPED);
    if (!("digits" in read) || read.digits.length !== DIGITS) {
      throw new CredentialError("digits", "these are not six digits");
    }
    const digits = this.asksDigits ? read.digits : undefined;
    const stepUp = new VerifiedStepUp(this.#claims, this.#action, this.#whoRang, digits);
    return this.#here === undefined ? stepUp : stepUp.onLine(this.#here);
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

  /** "You called us." or "We called you."; or "Another customer asks for your approval." ({@link joint}). */
  get headline(): Headline {
    const { joint } = this;
    return joint === undefined || joint.principal === this.#claims.audience ? headlineOf(this.direction) : ANOTHER_ASKS;
  }

  get direction(): Direction {
    return this.#claims.data.direction;
  }

  get agentName(): string {
    return this.#claims.data.agentName;
  }

  /** What is to be approved; `undefined` if it is an action. */
  get transaction(): Transaction | undefined {
    return this.#claims.data.transaction;
  }

  /**
   * The action that is to be approved, with headline and labels of the app's own table. `undefined` if it is a
   * transaction, or an action that the table does not have: then {@link isKnown} is false.
   */
  get action(): ShownAction | undefined {
    return this.#action;
  }

  /**
   * Whether the app can show what is to be approved. If not, say that the app is too old for it, and offer to decline:
   * nothing here approves it.
   */
  get isKnown(): boolean {
    return this.transaction !== undefined || this.#action !== undefined;
  }

  /** In whose name it is asked, how many must approve, and in which role, if several are asked. Show all of it. */
  get joint(): JointData | undefined {
    return this.#claims.data.joint;
  }

  /** The customer declines: what the enterprise wants. Throws a {@link CredentialError} for a reason that is none. */
  decline(reason: DeclineReason): DeclinedStepUp {
    return declined(this.id, reason);
  }

  /** What was read of the line on which it was asked for, if somebody looked. The approval covers it. */
  get leg(): Leg | undefined {
    return this.#claims.data.leg;
  }

  /**
   * The app knows that it is on such a line: it runs the conversation itself, or has placed the call with a ticket. What
   * was asked for on one of these is approved on the same alone; and in a conversation that the app runs itself, nothing
   * that was asked for on another line.
   */
  onLine(here: Leg): this {
    this.#here = here;
    return this;
  }

  /**
   * Whether the line on which it was asked for may be this one. Of a call to or from a number the app cannot tell, unless
   * it runs the conversation itself: then it is none.
   */
  get fitsLine(): boolean {
    const { leg } = this;
    const ofNumber = leg === "number" || leg === "checked_number";
    return leg === undefined || this.#here === leg || (ofNumber && this.#here !== "in_app");
  }

  /** Until when the customer may answer. */
  get until(): UnixSeconds {
    return this.#claims.expiresAt;
  }

  /** What the customer types into their fob, if an OCRA fob is to answer. Show everything else first. */
  async question(): Promise<string | undefined> {
    const { suite } = this.#claims.data;
    if (!this.#mayAnswer) return undefined;
    return suite === undefined ? undefined : typedQuestion(suite.question, await this.#statement());
  }

  /**
   * The customer approves: the response for the enterprise, which covers everything shown. A wrong PIN gives a wrong
   * response, which the enterprise refuses and counts. Throws a {@link CredentialError}.
   */
  async approve(credential: DeviceCredential, pin: string): Promise<string> {
    if (credential.id !== this.credential) {
      throw new CredentialError("other_credential", "another credential is to answer");
    }
    if (!this.isKnown) throw new CredentialError("unknown_action", "the app does not know what this is for");
    if (!this.fitsLine) throw new CredentialError("other_line", "this was asked for on another call; hang up");
    if (this.#lacksDigits) throw new CredentialError("no_digits", "the digits that the agent says come first");
    return credential.answer(await this.#statement(), pin);
  }

  /**
   * What a passkey is to sign: the challenge for `navigator.credentials.get`. The browser shows nothing of it, so show
   * all of this first. `undefined` if another method is to answer, for what the app does not know, on another line, and
   * before the digits that are asked for.
   */
  async passkeyChallenge(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.method === "passkey" && this.#mayAnswer ? this.#statement() : undefined;
  }

  /** With what the passkey gave, its `toJSON()` as text: what the enterprise wants beside it. */
  answerSigned(assertion: string): SignedStepUpAnswer {
    return { assertion, digits: this.#digits, whoRang: this.#whoRang };
  }

  /** The customer approves: the code with what they answered and typed, which the enterprise wants beside it. */
  async answer(credential: DeviceCredential, pin: string): Promise<StepUpAnswer> {
    return { code: await this.approve(credential, pin), digits: this.#digits, whoRang: this.#whoRang };
  }

  /** Whether the PIN's code ({@link answer}) is asked for: alone, or with the signature. */
  get asksCode(): boolean {
    const { method, withCode } = this.#claims.data;
    return (method !== "device_key" && method !== "passkey") || withCode;
  }

  /**
   * What the private key whose public half this is signs, to approve everything shown. `undefined` unless a device key is
   * to answer and it is this one; for what the app does not know, on another line, and before the digits that are asked
   * for. Throws a {@link KeyError}.
   */
  async messageToSign(key: DevicePublicKey): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { method, key: asked } = this.#claims.data;
    const own = await fingerprintOf(key);
    const ours = method === "device_key" && asked !== undefined && equal(asked, own);
    return ours && this.#mayAnswer ? pae("countersign device approval v1", await this.#statement()) : undefined;
  }

  get #lacksDigits(): boolean {
    return this.asksDigits && this.#digits === undefined;
  }

  /** Whether the app knows what it is for, it was asked for on this line, and digits are there if they are asked for. */
  get #mayAnswer(): boolean {
    return this.isKnown && this.fitsLine && !this.#lacksDigits;
  }

  /** What the customer approves: the digest that codes answer. */
  async #statement(): Promise<Uint8Array<ArrayBuffer>> {
    const { issuer, audience, id, data } = this.#claims;
    const bytes = (own: string): Uint8Array<ArrayBuffer> => exactly(crockford, 16, own) ?? refuse();
    const absent = new Uint8Array();
    const answered = this.#whoRang === undefined ? absent : new Uint8Array([1, WHO_RANG.indexOf(this.#whoRang) + 1]);
    const typed = this.#digits === undefined ? absent : new Uint8Array([1, ...utf8(this.#digits)]);
    const money = data.transaction === undefined ? absent : new Uint8Array([1, ...canonical(data.transaction)]);
    const other = data.action === undefined ? absent : new Uint8Array([1, ...canonicalAction(data.action)]);
    const line = data.leg === undefined ? absent : new Uint8Array([1, ...new TextEncoder().encode(data.leg)]);
    const statement = await sha256(
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
        money,
        other, // an action that is no transaction
        answered,
        typed,
        line, // the leg of the interaction
        id,
      ),
    );
    return data.joint === undefined ? statement : jointly(data.joint, statement);
  }
}
