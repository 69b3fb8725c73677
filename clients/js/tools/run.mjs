// One operation of the customer's half, from JSON to JSON, as the vectors have it.

import * as countersign from "../dist/index.js";
import { fromHex, hex } from "../dist/bytes.js";
import { codeGroups, codeWords } from "../dist/spoken.js";
import { exponentOf } from "../dist/money.js";
import { readSealingKey, seal } from "../dist/seal.js";
import { isHostId, isShortText } from "../dist/text.js";
import { CONTACT } from "./contact.mjs";

const NAMED = countersign.CountersignError;

async function trusted({ issuer, keys }) {
  const trusted = new countersign.TrustedKeys(issuer);
  for (const { key, purpose, from, until } of keys) {
    const times = { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
    trusted.trust(await countersign.PublicKey.parse(key), purpose, times);
  }
  return trusted;
}

export async function deviceOf(given) {
  return new countersign.Device({
    keys: await trusted(given),
    customer: given.customer,
    vaultKeys: given.vault === undefined ? undefined : await trusted(given.vault),
    pseudonym: given.pseudonym ?? undefined,
    ...(given.leeway === undefined ? {} : { leeway: given.leeway }),
    actions: given.actions,
  });
}

const shown = (one) => ({
  kind: one.kind,
  amount: one.amount.toString(),
  currency: one.currency,
  payee: one.payee,
  reference: one.reference,
  text: countersign.transactionText(one),
});
const headline = ({ id, text }) => [id, text];
const orNull = (value) => value ?? null;
const written = countersign.writeTime;

const credentialOf = (input) => countersign.DeviceCredential.fromBytes(fromHex(input.credential));
const attemptsOf = (input) => countersign.CodeAttempts.fromBytes(fromHex(input.attempts));

/** A step-up after the customer has said who rang whom, and typed digits; or what the app declines. */
async function answered(device, input, now) {
  const opened = await device.openStepUp(input.token, now);
  let one;
  for (const who of input.who_rang ?? []) {
    if (!countersign.WHO_RANG.includes(who)) throw new countersign.CredentialError("who_rang", "no such answer");
    const check = opened.answer(who);
    if (check.result === "decline") return { declined: { id: check.id, decline: check.reason } };
    one = check.stepUp;
    if (one !== undefined) break;
  }
  one ??= opened.withoutAnswer();
  return { one: input.digits === undefined ? one : one.withDigits(input.digits) };
}

const OPERATIONS = {
  ...CONTACT,

  async public_key(_, input) {
    const { PublicKey } = countersign;
    const key = await (input.jwk === undefined ? PublicKey.parse(input.paserk) : PublicKey.fromJwk(input.jwk));
    return { kid: key.kid, paserk: key.toString() };
  },

  async key_set(_, { issuer, set }, now) {
    const keys = await countersign.readKeySet(issuer, set);
    return keys.trustedAt(now).map(({ key, purpose }) => [key.kid, purpose]).sort();
  },

  async open_challenge(device, input, now) {
    const [channel, handle] = (input.found_on ?? "").split(/:(.*)/s);
    const opened = await (input.found_on === undefined
      ? device.openPendingChallenge(input.token, now)
      : device.openChallenge(input.token, { channel, handle }, now));
    const one = opened.challenge;
    const data = one?.data ?? opened.data;
    return {
      result: opened.result,
      id: orNull(one?.id),
      until: orNull(one?.until),
      purpose: data.purpose,
      channels: data.channels,
      handles: data.handles,
      details: data.details,
      never_asked: data.neverAsked,
      pseudonymous: data.pseudonymous,
    };
  },

  async open_appointment(device, input, now) {
    const one = await device.openAppointment(input.token, now);
    return {
      id: one.id,
      challenge: one.challenge,
      headline: headline(one.headline),
      slot: [one.data.slot.from, one.data.slot.until],
      channel: one.data.channel,
      direction: one.data.direction,
      assignee: one.data.assignee,
      agent_name: one.data.agentName,
      purpose: one.data.purpose,
      proof: one.data.proof,
    };
  },

  async check_code(device, input, now) {
    const one = await device.openAppointment(input.token, input.opened_at ?? now);
    const attempts = attemptsOf(input);
    const check = await one.check(await credentialOf(input), input.heard, attempts, now);
    return {
      result: check.result,
      attempts_left: orNull(check.attemptsLeft),
      attempts: hex(attempts.toBytes()),
    };
  },

  async read_attempts(_, input) {
    const attempts = attemptsOf(input);
    return { left: attempts.attemptsLeft(input.appointment), was_genuine: attempts.wasGenuine(input.appointment) };
  },

  async open_step_up(device, input, now) {
    const { one, declined } = await answered(device, input, now);
    if (declined !== undefined) return declined;
    const out = {
      id: one.id,
      credential: one.credential,
      headline: headline(one.headline),
      direction: one.direction,
      agent_name: one.agentName,
      transaction: shown(one.transaction),
      until: one.until,
      question: orNull(await one.question()),
    };
    return input.pin === undefined ? out : { ...out, code: await one.approve(await credentialOf(input), input.pin) };
  },

  async approve_action(device, input, now) {
    const { one, declined } = await answered(device, input, now);
    if (declined !== undefined) return declined;
    if (input.on_line !== undefined) one.onLine(input.on_line);
    const signed = input.key === undefined ? undefined : await one.messageToSign(input.key);
    const challenge = await one.passkeyChallenge();
    const { action, joint, transaction } = one;
    return {
      id: one.id,
      credential: one.credential,
      headline: headline(one.headline),
      direction: one.direction,
      agent_name: one.agentName,
      transaction: transaction === undefined ? null : shown(transaction),
      known: one.isKnown,
      action:
        action === undefined
          ? null
          : { headline: action.headline, lines: action.lines.map(({ label, value }) => [label, value]) },
      joint:
        joint === undefined
          ? null
          : {
              joint: joint.joint,
              principal: joint.principal,
              principal_name: joint.principalName,
              needed: joint.needed,
              of: joint.of,
              approvers: joint.approvers,
              role: joint.role,
            },
      leg: orNull(one.leg),
      fits_line: one.fitsLine,
      until: one.until,
      question: orNull(await one.question()),
      asks_code: one.asksCode,
      message_to_sign: signed === undefined ? null : hex(signed),
      passkey_challenge: challenge === undefined ? null : hex(challenge),
      code: input.pin === undefined ? null : await one.approve(await credentialOf(input), input.pin),
    };
  },

  approve_jointly(device, input, now) {
    return OPERATIONS.approve_action(device, input, now);
  },

  answer_step_up(device, input, now) {
    return OPERATIONS.open_step_up(device, input, now);
  },

  async sign_step_up(device, input, now) {
    const opened = await device.openStepUp(input.token, now);
    let one = opened.withoutAnswer();
    if (input.digits !== undefined) one = one.withDigits(input.digits);
    const signed = input.key === undefined ? undefined : await one.messageToSign(input.key);
    const challenge = await one.passkeyChallenge();
    return {
      asks_code: one.asksCode,
      message_to_sign: signed === undefined ? null : hex(signed),
      passkey_challenge: challenge === undefined ? null : hex(challenge),
      code: input.pin === undefined ? null : await one.approve(await credentialOf(input), input.pin),
    };
  },

  async open_status(device, input, now) {
    const question = new countersign.StatusQuestion(input.asked, fromHex(input.nonce));
    const answer = await device.openStatus(input.token, question, now);
    const talking = answer.status.talkingToYou;
    const status = talking === undefined ? answer.status : { talking_to_you: { ...talking, since: written(talking.since) } };
    return { headline: headline(answer.headline), status };
  },

  async open_ground_rules(device, input, now) {
    const rules = await device.openGroundRules(input.token, now);
    const allowed = (act) => countersign.CHANNELS.filter((channel) => rules.allows(act, channel));
    return {
      never_asked: rules.neverAsked,
      sentences: rules.neverAsked.map((rule) => countersign.NEVER_ASKED[rule]),
      ...Object.fromEntries(countersign.ACTS.map((act) => [act, allowed(act)])),
      until: rules.until,
    };
  },

  async open_payment(device, input, now) {
    const one = await device.openPayment(input.token, now);
    return {
      id: one.id,
      headline: headline(one.headline),
      agent_name: one.agentName,
      merchant: one.data.merchant,
      transaction: shown(one.transaction),
      until: one.until,
      keeps_card_until: orNull(one.keepsCardUntil),
      authenticate_until: orNull(one.authenticateUntil),
    };
  },

  async open_receipt(_, input, now) {
    const vaultKeys = await trusted(input.vault);
    const device = new countersign.Device({ keys: vaultKeys, vaultKeys, customer: input.customer });
    const data = await device.openReceipt(input.token, now);
    const { authorised, softDeclined } = data.outcome;
    const outcome =
      authorised !== undefined
        ? {
            authorised: {
              authorisation_code: authorised.authorisationCode,
              transaction_id: authorised.transactionId,
              amount: authorised.amount.toString(),
            },
          }
        : softDeclined !== undefined
          ? { soft_declined: softDeclined }
          : data.outcome;
    const { captured, voided, refunded, chargedBack, inDoubt } = data.totals;
    const totals = { captured, voided, refunded, charged_back: chargedBack, in_doubt: inDoubt };
    return {
      payment: data.payment,
      request: data.request,
      requested_at: data.requestedAt,
      merchant: data.merchant,
      transaction: shown(data.transaction),
      brand: data.brand,
      last_four: data.lastFour,
      outcome,
      totals: Object.fromEntries(Object.entries(totals).map(([name, sum]) => [name, sum.toString()])),
      count: data.count.toString(),
    };
  },

  async open_erasure(device, input, now) {
    return device.openErasure(input.token, now);
  },

  async check_history(device, input, now) {
    const grown = await device.checkHistory(input.receipt, countersign.readHistories(input.histories), now);
    return { grown, standing: orNull(await device.standingOf(input.receipt, now)) };
  },

  async renew_receipt(device, input, now) {
    const histories = countersign.readHistories(input.histories);
    return { grown: await device.renewReceipt(input.old, input.new, histories, now) };
  },

  async confirm(_, input) {
    countersign.readPin(input.pin);
    const credential = await credentialOf(input);
    return { credential: credential.id, code: await credential.confirm(input.pin) };
  },

  async read_spoken_code(_, input) {
    const digits = countersign.readSpokenCode(input.heard);
    return { digits: codeGroups(digits), words: codeWords(digits) };
  },

  async readback_words(_, input) {
    return countersign.readbackWords(await credentialOf(input), input.callback, input.channel, input.secret);
  },

  async amount_text(_, { amount, currency }) {
    if (!countersign.isCurrency(currency)) return { error: "currency" };
    return { text: countersign.amountText(BigInt(amount), currency), exponent: orNull(exponentOf(currency)) };
  },

  async short_text(_, { text }) {
    return isShortText(text);
  },

  async host_id(_, { text }) {
    return isHostId(text);
  },

  async seal_card(_, { card, key, request, attempt, drawn }) {
    const read = cardOf(card);
    const bytes = readSealingKey(key);
    if (bytes === undefined) return { error: "key" };
    const sealed = await seal(read, { key: bytes, request, attempt }, fromHex(drawn));
    return { brands: read.brands, last_four: read.lastFour, sealed };
  },
};

export function cardOf(card) {
  const some = (value) => value ?? undefined;
  const { cryptogram } = card;
  return countersign.Card.of({
    ...card,
    code: some(card.code),
    cryptogram: cryptogram && { ...cryptogram, eci: some(cryptogram.eci) },
    storedCredential: some(card.stored_credential),
    billingAddress: some(card.billing_address),
  });
}

/** What an operation gives, or `{ error }` with the name of what it refuses. */
export async function run(op, device, input, now) {
  try {
    const operation = OPERATIONS[op];
    if (operation === undefined) throw new Error(`no such operation: ${op}`);
    return await operation(device && (await deviceOf(device)), input, now);
  } catch (error) {
    if (error instanceof NAMED) return { error: error.kind };
    throw error;
  }
}
