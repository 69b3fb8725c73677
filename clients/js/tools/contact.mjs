// The operations of contact: the ringing call, reachable agents, notices.

import * as countersign from "../dist/index.js";
import { fromHex } from "../dist/bytes.js";

const orNull = (value) => value ?? null;
const headline = ({ id, text }) => [id, text];

// As the enterprise writes it.
const reach = (one) =>
  typeof one === "string" ? one : { wait: { seconds: one.seconds, free: one.free, age_seconds: one.ageSeconds } };

export const CONTACT = {
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
