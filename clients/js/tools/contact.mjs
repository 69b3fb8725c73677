// The operations of contact: the ringing call, reachable agents, notices, the last contact.

import * as countersign from "../dist/index.js";
import { fromHex, hex } from "../dist/bytes.js";

const orNull = (value) => value ?? null;
const headline = ({ id, text }) => [id, text];

const past = (one) => one && {
  agent_name: orNull(one.agentName),
  purpose: orNull(one.purpose),
  channel: one.channel,
  direction: one.direction,
  since: one.since,
  ended: orNull(one.ended),
};

// As the enterprise writes it.
const reach = (one) =>
  typeof one === "string" ? one : { wait: { seconds: one.seconds, free: one.free, age_seconds: one.ageSeconds } };

export const CONTACT = {
  async ask_last_contact(device, input) {
    const question = device.lastContactQuestion(input.challenge, fromHex(input.nonce));
    const signed = input.key === undefined ? undefined : await question.messageToSign(input.key);
    const challenge = await question.passkeyChallenge();
    const credential =
      input.pin === undefined ? undefined : await countersign.DeviceCredential.fromBytes(fromHex(input.credential));
    return {
      query: question.query,
      asks_code: question.asksCode,
      message_to_sign: signed === undefined ? null : hex(signed),
      passkey_challenge: challenge === undefined ? null : hex(challenge),
      code: credential === undefined ? null : (await question.answer(credential, input.pin)).code,
    };
  },

  async open_last_contact(device, input, now) {
    const question = device.lastContactQuestion(input.challenge, fromHex(input.nonce));
    const shown = await device.openLastContact(input.token, question, now);
    return {
      called: shown.called,
      headline: headline(shown.headline),
      reported: orNull(shown.reported && [shown.reported.from, shown.reported.until]),
      last_call: orNull(past(shown.lastCall)),
      last_contact: orNull(past(shown.lastContact)),
    };
  },

  async look_up_number(device, input, now) {
    const numbers = await device.openNumbers(input.token, input.opened_at ?? now);
    return { until: numbers.until, look_up: numbers.lookUp(input.number, now) };
  },

  async ringing_call(_, input, now) {
    const question = new countersign.VerdictQuestion(input.number, now, fromHex(input.nonce));
    return question.ringing(input.credential, input.seconds, input.beside_another);
  },

  async open_verdict(device, input, now) {
    const question = new countersign.VerdictQuestion(input.number, input.asked, fromHex(input.nonce));
    return device.openVerdict(input.token, question, now);
  },

  async open_reachable(device, input, now) {
    const question = new countersign.ReachQuestion(input.asked, fromHex(input.nonce));
    const shown = await device.openReachable(input.token, question, now);
    const at = input.shown_at ?? now;
    return {
      until: shown.until,
      digest: shown.digest,
      skills: shown.skills.map((one) => ({ ...one, reach: reach(one.reach) })),
      reach: input.look_for.map(({ skill, channel }) => reach(shown.reach(skill, channel, at))),
    };
  },

  async learn_notices(device, input, now) {
    const known = countersign.KnownNotices.fromText(input.known);
    await device.learnNotices(known, input.list, now);
    return { known: known.toText() };
  },

  async open_notice(device, input, now) {
    const known = countersign.KnownNotices.fromText(input.known);
    const [channel, handle] = (input.found_on ?? "").split(/:(.*)/s);
    const opened = await (input.found_on === undefined
      ? device.openBoardNotice(input.token, known, now)
      : device.openNotice(input.token, { channel, handle }, known, now));
    const one = opened.notice;
    const data = one?.data ?? opened.data;
    return {
      result: opened.result,
      id: orNull(one?.id),
      headline: one === undefined ? null : headline(one.headline),
      standing: orNull(one?.standing),
      since: orNull(one?.since),
      until: orNull(one?.until),
      kind: data.kind,
      about: data.headline,
      text: data.text,
      number: data.number.toString(),
      for_everyone: data.forEveryone,
      pseudonymous: data.pseudonymous,
    };
  },
};
