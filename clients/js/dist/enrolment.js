// The customer's half of a credential: keys under a PIN that the device cannot check itself.
import { base32, concat, crockford, equal, exactly, utf8 } from "./bytes.js";
import { APP_SUITE, appSuite, confirmQuestion, respond } from "./codes.js";
import { hkdf, sha256 } from "./crypto.js";
import { CredentialError } from "./errors.js";
import { mask, maskedBytes, SALT_BYTES, unmask } from "./pins.js";
const SALT = "countersign credential v1";
const MAGIC = utf8("countersign-device-1\n");
const HASHES = ["SHA-1", "SHA-256", "SHA-512"];
const KEY_BYTES = 32;
const CHECK_BYTES = 16;
const malformed = () => new CredentialError("malformed", "these bytes are not a whole device credential");
/** What the app keeps of its credential. Nothing in it tells whether a PIN is right, or whether there are two. */
export class DeviceCredential {
    #parts;
    constructor(parts) {
        this.#parts = parts;
    }
    /** Takes over a newly enrolled credential. Throws a {@link CredentialError}. */
    static async enrol(enrolment) {
        const id = exactly(crockford, 16, enrolment.credential);
        if (id === undefined)
            throw malformed();
        const suite = appSuite(enrolment.suite ?? APP_SUITE);
        const seed = readSeed(enrolment.seed);
        const subkey = (use) => hkdf(seed, SALT, `countersign ${use} v1`);
        const duress = enrolment.duress === undefined
            ? undefined
            : { pin: enrolment.duress, key: await subkey("duress") };
        return new DeviceCredential({
            id,
            suite,
            masked: await mask(enrolment.pin, await subkey("step-up"), duress),
            spoken: await subkey("spoken code"),
            words: await subkey("derived words"),
        });
    }
    get id() {
        return crockford.encode(this.#parts.id);
    }
    /** The first code, for the enterprise to confirm the credential with. A wrong PIN gives a wrong code. */
    async confirm(pin) {
        return this.answer(await confirmQuestion(this.#parts.id), pin);
    }
    /** The response to a question under a PIN. For this client's own use: approve what was shown, and nothing else. */
    async answer(question, pin) {
        const { suite, masked } = this.#parts;
        return respond(suite, await unmask(masked, pin), question);
    }
    /** The eight digits that a genuine agent says for a question. No PIN, and no network. */
    async spokenCode(question) {
        return respond(appSuite(APP_SUITE), this.#parts.spoken, question);
    }
    /** The key of the words that a genuine agent says. */
    wordsKey() {
        return this.#parts.words.slice();
    }
    /** For the platform's key store: nobody else may read it. The same bytes as the crate's `DeviceCredential` writes. */
    async toBytes() {
        const { id, suite, masked, spoken, words } = this.#parts;
        const numbers = new Uint8Array([HASHES.indexOf(suite.hash) + 1, suite.digits]);
        const content = concat(MAGIC, id, numbers, maskedBytes(masked), spoken, words);
        return concat(content, (await sha256(content)).slice(0, CHECK_BYTES));
    }
    /** Reads what {@link toBytes} wrote. */
    static async fromBytes(bytes) {
        const content = new Uint8Array(bytes.slice(0, -CHECK_BYTES));
        const check = (await sha256(content)).slice(0, CHECK_BYTES);
        const fits = content.length === MAGIC.length + 16 + 2 + SALT_BYTES + 4 * KEY_BYTES;
        const whole = fits && equal(check, bytes.slice(-CHECK_BYTES)) && equal(content.slice(0, MAGIC.length), MAGIC);
        if (!whole)
            throw malformed();
        let at = MAGIC.length;
        const take = (length) => content.slice(at, (at += length));
        const id = take(16);
        const [hash = 0, digits] = take(2);
        const suite = appSuite(`OCRA-1:HOTP-SHA${HASHES[hash - 1]?.slice(4)}-${digits}:QH64`);
        const masked = { salt: take(SALT_BYTES), keys: [take(KEY_BYTES), take(KEY_BYTES)] };
        return new DeviceCredential({ id, suite, masked, spoken: take(KEY_BYTES), words: take(KEY_BYTES) });
    }
    /** Nothing of it is printed. */
    toJSON() {
        return "[REDACTED]";
    }
}
/** Base32 of RFC 4648 in either case, unpadded or padded to eight characters: 16 to 128 bytes. */
function readSeed(text) {
    const bare = text.replace(/=+$/, "");
    const padded = text.length === bare.length || text.length === Math.ceil(bare.length / 8) * 8;
    const ascii = padded && /^[A-Za-z2-7]*$/.test(bare);
    const bytes = ascii ? base32.decode(bare.toUpperCase()) : undefined;
    if (bytes === undefined || bytes.length < 16 || bytes.length > 128) {
        throw new CredentialError("seed", "the seed is not base32 as RFC 4648 writes it");
    }
    return bytes;
}
