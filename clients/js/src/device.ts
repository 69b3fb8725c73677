// The customer's half of countersign, for an app.

import { type ActionForms, ActionTable } from "./actions.js";
import { crockford, exactly } from "./bytes.js";
import { CALL_NUMBERS, CALL_VERDICT, type CallVerdict, KnownNumbers, type VerdictQuestion } from "./calls.js";
import {
  CHALLENGE,
  type ChallengeCheck,
  checkFoundOn,
  type FoundOn,
  pseudonymousAudience,
  VerifiedChallenge,
} from "./challenge.js";
import { HistoryError, NotVerified, PaymentError, TokenError } from "./errors.js";
import { GROUND_RULES, GroundRules } from "./ground_rules.js";
import { APPOINTMENT, VerifiedAppointment } from "./hearing.js";
import {
  type CeremonyHistory,
  grownSince,
  HISTORY_HEAD,
  type HistoryHeadData,
  rewritten,
  sameSubject,
} from "./history.js";
import type { TrustedKeys } from "./keys.js";
import { LAST_CONTACT, LastContactQuestion, type LastContactShown, readChallenge } from "./last_contact.js";
import {
  checkNoticeFoundOn,
  type KnownNotices,
  NOTICE,
  NOTICE_LIST,
  type NoticeCheck,
  type NoticeData,
  noticeId,
  VerifiedNotice,
} from "./notices.js";
import { openingKey, PAYMENT_REQUEST, VerifiedPayment } from "./payment.js";
import { REACHABLE, type ReachableShown, type ReachQuestion } from "./reachable.js";
import { ERASURE, type ErasureData, RECEIPT, type ReceiptData } from "./receipts.js";
import { stale, STATUS, type StatusQuestion, type StatusShown } from "./status.js";
import { STEP_UP, UnansweredStepUp } from "./step_up.js";
import { isHostId } from "./text.js";
import { currentSeconds, type UnixSeconds } from "./time.js";
import { type Claims, type Expected, type Format, LEEWAY, MOST_LEEWAY, verify } from "./tokens.js";

/** What a {@link Device} knows. */
export interface DeviceOptions {
  /** The enterprise's public keys. */
  readonly keys: TrustedKeys;
  /** Whose app it is. */
  readonly customer: string;
  /** The vault's public keys, trusted for `opening_key` and `receipt`. Built in, never fetched from the enterprise. */
  readonly vaultKeys?: TrustedKeys | undefined;
  /** The customer's pseudonym, from an authenticated session: tokens in text messages and e-mails name it. */
  readonly pseudonym?: string | undefined;
  /** How far this clock and the enterprise's may be apart, in seconds: 30 unless given, at most 120. */
  readonly leeway?: number | undefined;
  /** The kinds of actions that are built into the app, in the customer's language. Nothing else of an action is shown. */
  readonly actions?: ActionForms | undefined;
}

/**
 * Verifies what the enterprise signed for one customer. Each `open…` gives what is to be shown, and throws if nothing
 * may be. `now` is in Unix seconds, of this device's clock.
 */
export class Device {
  readonly #keys: TrustedKeys;
  readonly #vaultKeys: TrustedKeys | undefined;
  readonly #customer: string;
  readonly #pseudonym: Uint8Array<ArrayBuffer> | undefined;
  readonly #leeway: number;
  readonly #actions: ActionTable;

  /** Throws an {@link ActionFormError} for a table of actions that is none. */
  constructor({ keys, customer, vaultKeys, pseudonym, leeway = LEEWAY, actions }: DeviceOptions) {
    const bytes = pseudonym === undefined ? undefined : exactly(crockford, 16, pseudonym);
    const fits = Number.isInteger(leeway) && leeway >= 0 && leeway <= MOST_LEEWAY;
    if (!isHostId(customer) || !fits || (pseudonym !== undefined && bytes === undefined)) {
      throw new RangeError("the customer's id, the pseudonym or the leeway is none");
    }
    this.#keys = keys;
    this.#vaultKeys = vaultKeys;
    this.#customer = customer;
    this.#pseudonym = bytes;
    this.#leeway = leeway;
    this.#actions = new ActionTable(actions);
  }

  /** Opens a challenge that was found on a channel: in a chat, a text message, an e-mail. */
  async openChallenge(token: string, found: FoundOn, now = currentSeconds()): Promise<ChallengeCheck> {
    const claims = await this.#verify(token, CHALLENGE, now, undefined);
    checkFoundOn(claims.data, found);
    return this.#addressed(claims);
  }

  /**
   * Opens a challenge that the enterprise handed to this app in its authenticated session. Never open a token with this
   * that came from anywhere else, or a copy of it is shown as genuine.
   */
  async openPendingChallenge(token: string, now = currentSeconds()): Promise<ChallengeCheck> {
    return this.#addressed(await this.#verify(token, CHALLENGE, now, undefined));
  }

  /** Opens an appointment. */
  async openAppointment(token: string, now = currentSeconds()): Promise<VerifiedAppointment> {
    return new VerifiedAppointment(await this.#verify(token, APPOINTMENT, now), token, this.#leeway);
  }

  /** Opens a step-up. First the customer says who rang whom, if that is asked; then all of it is shown. */
  async openStepUp(token: string, now = currentSeconds()): Promise<UnansweredStepUp> {
    return new UnansweredStepUp(await this.#verify(token, STEP_UP, now), this.#actions);
  }

  /** Opens a payment request, and checks whose key it names. Throws a {@link TokenError} or {@link PaymentError}. */
  async openPayment(token: string, now = currentSeconds()): Promise<VerifiedPayment> {
    const vault = this.#vaultKeys;
    if (vault === undefined) throw new PaymentError("no_vault_keys", "this app has no vault's keys built in");
    const claims = await this.#verify(token, PAYMENT_REQUEST, now);
    return new VerifiedPayment(claims, token, await openingKey(claims, vault, this.#expected(now)));
  }

  /** Opens the vault's receipt of a payment. */
  async openReceipt(token: string, now = currentSeconds()): Promise<ReceiptData> {
    const keys = this.#vaultKeys;
    if (keys === undefined) throw new PaymentError("no_vault_keys", "this app has no vault's keys built in");
    const { data } = await verify(token, RECEIPT, { ...this.#expected(now), keys });
    return data;
  }

  /** Opens the enterprise's answer to a question. Throws {@link NotVerified}: show "not verified". */
  async openStatus(token: string, question: StatusQuestion, now = currentSeconds()): Promise<StatusShown> {
    return question.accepts(await this.#answer(token, STATUS, now), now);
  }

  /**
   * A question for the last contact, from what the enterprise drew for the customer's key: a JSON text, or what was parsed of
   * it. A query is given in tests alone. Throws a {@link CredentialError}.
   */
  lastContactQuestion(challenge: string | object, query?: Uint8Array): LastContactQuestion {
    return new LastContactQuestion(readChallenge(challenge), this.#keys.issuer, this.#customer, query);
  }

  /** Opens the enterprise's answer to a question for the last contact. Throws {@link NotVerified}: show "not verified". */
  async openLastContact(
    token: string,
    question: LastContactQuestion,
    now = currentSeconds(),
  ): Promise<LastContactShown> {
    return question.accepts(await this.#answer(token, LAST_CONTACT, now));
  }

  /** Opens the enterprise's answer about reachable agents. Throws {@link NotVerified}: show "unknown", and no number. */
  async openReachable(token: string, question: ReachQuestion, now = currentSeconds()): Promise<ReachableShown> {
    return question.accepts(await this.#answer(token, REACHABLE, now), token, now);
  }

  /** Opens the enterprise's verdict on the call of a question. Throws {@link NotVerified}: answer "undetermined". */
  async openVerdict(token: string, question: VerdictQuestion, now = currentSeconds()): Promise<CallVerdict> {
    return question.accepts(await this.#answer(token, CALL_VERDICT, now), now);
  }

  /**
   * Opens the enterprise's list of numbers. It is the same for every customer, so it may be fetched from anywhere, and is
   * kept until it is over. Throws a {@link TokenError}: go on with the last one.
   */
  async openNumbers(token: string, now = currentSeconds()): Promise<KnownNumbers> {
    const { data, expiresAt } = await this.#verify(token, CALL_NUMBERS, now, "everyone");
    return new KnownNumbers(data, expiresAt);
  }

  /**
   * Learns from a genuine list which notices are in force: everyone's, or this customer's. Throws a {@link TokenError} or
   * {@link NoticeError}: nothing was learnt.
   */
  async learnNotices(known: KnownNotices, list: string, now = currentSeconds()): Promise<void> {
    const claims = await this.#verify(list, NOTICE_LIST, now, undefined);
    if (claims.audience !== this.#audienceOf(claims.data.forEveryone)) throw new TokenError("audience");
    known.learn(claims);
  }

  /** Opens a notice that was found on a channel: in a text message, an e-mail, a post, a chat. */
  async openNotice(
    token: string,
    found: FoundOn,
    known: KnownNotices,
    now = currentSeconds(),
  ): Promise<NoticeCheck> {
    const claims = await this.#verify(token, NOTICE, now, undefined);
    checkNoticeFoundOn(claims.data, found);
    return this.#addressedNotice(claims, known, now);
  }

  /**
   * Opens a notice of a board that the enterprise handed to this app in its authenticated session. Never open a token with
   * this that came from anywhere else, or a copy of it is shown as genuine.
   */
  async openBoardNotice(token: string, known: KnownNotices, now = currentSeconds()): Promise<NoticeCheck> {
    return this.#addressedNotice(await this.#verify(token, NOTICE, now, undefined), known, now);
  }

  async #addressedNotice(claims: Claims<NoticeData>, known: KnownNotices, now: UnixSeconds): Promise<NoticeCheck> {
    const { data } = claims;
    const pseudonym = this.#pseudonym;
    if (data.pseudonymous && pseudonym === undefined) return { result: "for_someone", data };
    const expected =
      data.pseudonymous && pseudonym !== undefined
        ? await pseudonymousAudience(pseudonym, claims.id)
        : this.#audienceOf(data.forEveryone);
    if (claims.audience !== expected) throw new TokenError("audience");
    const standing = known.standing(noticeId(claims), data, now);
    return { result: "for_you", notice: new VerifiedNotice(claims, standing) };
  }

  #audienceOf(forEveryone: boolean): string {
    return forEveryone ? "everyone" : this.#customer;
  }

  async #answer<T>(token: string, format: Format<T>, now: UnixSeconds): Promise<Claims<T>> {
    return this.#verify(token, format, now).catch((error: unknown) => {
      if (!(error instanceof TokenError)) throw error;
      switch (error.kind) {
        case "expired":
          throw stale();
        case "not_yet_valid":
          throw new NotVerified("clock", "not verified: this device's clock is wrong");
        case "unknown_key":
          throw new NotVerified("unknown_key", "not verified: the answer is signed by an unknown key");
        default:
          throw new NotVerified("not_genuine", "not verified: this is no answer to this customer");
      }
    });
  }

  /** Opens the enterprise's ground rules, which are the same for everyone. */
  async openGroundRules(token: string, now = currentSeconds()): Promise<GroundRules> {
    return new GroundRules(await this.#verify(token, GROUND_RULES, now, "everyone"));
  }

  /** Opens an erasure receipt. */
  async openErasure(token: string, now = currentSeconds()): Promise<ErasureData> {
    return (await this.#verify(token, ERASURE, now)).data;
  }

  /**
   * Checks that since `receipt` was given the history it speaks of only grew, and returns by how many events.
   * `histories` are all that the enterprise shows now. Throws a {@link HistoryError}.
   */
  async checkHistory(
    receipt: string,
    histories: readonly CeremonyHistory[],
    now = currentSeconds(),
  ): Promise<number> {
    return grownSince(await this.#headOf(receipt, now), histories);
  }

  /** Checks that the app may keep the receipt `next` in place of `old`. Otherwise keep `old`: it is the evidence. */
  async renewReceipt(
    old: string,
    next: string,
    histories: readonly CeremonyHistory[],
    now = currentSeconds(),
  ): Promise<number> {
    const [before, after] = [await this.#headOf(old, now), await this.#headOf(next, now)];
    if (!sameSubject(before.subject, after.subject)) {
      throw new HistoryError("missing", "the two receipts speak of different histories");
    }
    if (after.events < before.events) throw rewritten();
    if (after.standing !== undefined && before.standing !== undefined && after.standing < before.standing) {
      throw new HistoryError("put_back", "what the enterprise knows was put back to an older state");
    }
    const grown = await grownSince(before, histories);
    await grownSince(after, histories);
    return grown;
  }

  /** How often what there must be of this customer had changed when the receipt was given. Keep the highest. */
  async standingOf(receipt: string, now = currentSeconds()): Promise<number | undefined> {
    return (await this.#headOf(receipt, now)).standing;
  }

  async #headOf(receipt: string, now: UnixSeconds): Promise<HistoryHeadData> {
    try {
      return (await this.#verify(receipt, HISTORY_HEAD, now)).data;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      const { kind } = error;
      const told = kind === "expired" || kind === "not_yet_valid" || kind === "unknown_key";
      throw new HistoryError(told ? kind : "not_genuine", "this receipt is not genuine, or not valid now");
    }
  }

  async #addressed(claims: Claims<typeof CHALLENGE extends Format<infer D> ? D : never>): Promise<ChallengeCheck> {
    const pseudonym = this.#pseudonym;
    if (claims.data.pseudonymous && pseudonym === undefined) {
      return { result: "for_someone", data: claims.data };
    }
    const expected =
      claims.data.pseudonymous && pseudonym !== undefined
        ? await pseudonymousAudience(pseudonym, claims.id)
        : this.#customer;
    if (claims.audience !== expected) throw new TokenError("audience");
    return { result: "for_you", challenge: new VerifiedChallenge(claims) };
  }

  #expected(now: UnixSeconds, audience: string | undefined = this.#customer): Expected {
    return { keys: this.#keys, audience, leeway: this.#leeway, now };
  }

  #verify<Data>(
    token: string,
    format: Format<Data>,
    now: UnixSeconds,
    ...audience: [] | [string | undefined]
  ): Promise<Claims<Data>> {
    const expected = audience.length === 0 ? this.#customer : audience[0];
    return verify(token, format, { keys: this.#keys, audience: expected, leeway: this.#leeway, now });
  }
}
