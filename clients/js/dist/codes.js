// Codes: OCRA (RFC 6287) with a question and nothing else, and the questions that are asked.
import { concat, hex, pae, utf8 } from "./bytes.js";
import { hmac, sha256 } from "./crypto.js";
import { CredentialError } from "./errors.js";
const SUITE = /^OCRA-1:HOTP-SHA(1|256|512)-(0|[4-9]|10):(C-)?Q([ANH])(\d\d)(-PSHA(?:1|256|512))?(-S(?!000)(?:[0-4]\d\d|50\d|51[0-2]))?(-T(?:[1-9]|[1-5]\d)[SM]|-T(?:[1-9]|[1-3]\d|4[0-8])H)?$/;
const KINDS = { A: "alphanumeric", N: "numeric", H: "hexadecimal" };
/** Reads a suite's text; `undefined` if it is none. */
export function readSuite(text) {
    const found = SUITE.exec(text);
    if (found === null)
        return undefined;
    const [, hash, digits, counter, kind, length, pin, session, step] = found;
    const question = { kind: KINDS[kind], length: Number(length) };
    if (question.length < 4 || question.length > 64)
        return undefined;
    const others = [counter, pin, session, step].some((part) => part !== undefined);
    return { text, hash: `SHA-${hash}`, digits: Number(digits), question, others };
}
/** What app credentials have unless they were enrolled for another; spoken codes always. */
export const APP_SUITE = "OCRA-1:HOTP-SHA256-8:QH64";
/** A suite that an app may have: a question of 64 hexadecimal digits, and 6 to 10 digits of response. */
export function appSuite(text) {
    const suite = readSuite(text);
    const { kind, length } = suite?.question ?? {};
    const whole = kind === "hexadecimal" && length === 64 && suite?.others === false;
    if (suite === undefined || !whole || suite.digits < 6) {
        throw new CredentialError("suite", "an app needs a suite such as OCRA-1:HOTP-SHA256-8:QH64");
    }
    return suite;
}
/** The response to a question of 32 bytes, in decimal digits. */
export async function respond(suite, key, question) {
    const message = concat(utf8(suite.text), new Uint8Array(1), question, new Uint8Array(96));
    const mac = await hmac(suite.hash, key, message);
    const offset = (mac.at(-1) ?? 0) & 0x0f;
    const number = new DataView(mac.buffer).getUint32(offset) & 0x7fffffff;
    return (BigInt(number) % 10n ** BigInt(suite.digits)).toString().padStart(suite.digits, "0");
}
const ALPHABETS = {
    numeric: "0123456789",
    hexadecimal: "0123456789ABCDEF",
    // Crockford's: none that reads like another.
    alphanumeric: "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
};
/** A digest as somebody types it into a fob: the last digits of the number that it is, most significant first. */
export function typedQuestion({ kind, length }, digest) {
    const alphabet = ALPHABETS[kind];
    const base = BigInt(alphabet.length);
    let rest = BigInt(`0x${hex(digest)}`);
    let out = "";
    for (let at = 0; at < length; at += 1) {
        out = (alphabet[Number(rest % base)] ?? "") + out;
        rest /= base;
    }
    return out;
}
/** What is asked when a credential is confirmed. */
export const confirmQuestion = (credential) => sha256(pae("countersign confirm v1", credential));
/** What the spoken code answers: the appointment token as it was received. */
export const spokenQuestion = (token) => sha256(pae("countersign spoken code v1", token));
