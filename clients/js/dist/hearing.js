// An appointment, and what the customer hears in it: the code that only a genuine agent can say.
import { base64url, concat, be64 } from "./bytes.js";
import { spokenQuestion } from "./codes.js";
import { Fields, hostId, id, refuse } from "./data.js";
import { CodeCheckError } from "./errors.js";
import { channel, direction, } from "./interaction.js";
import { readSpokenCode, sameCode } from "./spoken.js";
import { checkNow, LAST_SECOND } from "./time.js";
/** How many wrong codes may be heard of one appointment. */
export const CODE_ATTEMPTS = 3;
/** How long an appointment is remembered after its token has expired: a device's clock may be set back. */
const REMEMBERED = 30 * 24 * 3600;
const FORMAT = 1;
const GENUINE = 255;
const ENTRY_BYTES = 16 + 8 + 1;
const slot = (value) => {
    const fields = new Fields(value);
    const [from, until] = [fields.time("from"), fields.time("until")];
    return from < until ? { from, until } : refuse();
};
const assignee = (value) => {
    const [name, who] = new Fields(value).only();
    if (name === "agent")
        return { agent: hostId(who) };
    return name === "team" ? { team: hostId(who) } : refuse();
};
const proof = (value) => {
    if (value === "word")
        return "word";
    const [name, credential] = new Fields(value).only();
    return name === "code" ? { code: id(credential) } : refuse();
};
export const APPOINTMENT = {
    purpose: "appointment",
    read: (data) => ({
        challenge: data.id("challenge"),
        slot: data.get("slot", slot),
        channel: data.get("channel", channel),
        direction: data.get("direction", direction),
        assignee: data.get("assignee", assignee),
        agentName: data.shown("agent_name"),
        purpose: data.shown("purpose"),
        proof: data.get("proof", proof),
    }),
};
/**
 * What the app remembers of the codes that its customer has heard: one for the whole app. Write it to where the app
 * keeps its data before a result is shown. Whoever begins with an empty one gives every caller three guesses more.
 */
export class CodeAttempts {
    #entries = [];
    /** How many wrong codes may still be heard of an appointment; none after the right one. */
    attemptsLeft(appointment) {
        const left = this.#of(appointment)?.left ?? CODE_ATTEMPTS;
        return left === GENUINE ? 0 : left;
    }
    /** Whether the right code was heard. After a restart: conclude again, if that is still due. */
    wasGenuine(appointment) {
        return this.#of(appointment)?.left === GENUINE;
    }
    /** For `VerifiedAppointment.check` alone. */
    note(appointment, expiresAt, left, now) {
        const kept = this.#entries.filter((one) => one.appointment !== appointment && now < one.expiresAt + REMEMBERED);
        this.#entries = [...kept, { appointment, expiresAt, left }];
    }
    /** 1 for the format; then for each appointment its 16 bytes, the second it expires in, and what is left. */
    toBytes() {
        const entries = this.#entries.map(({ appointment, expiresAt, left }) => {
            const name = base64url.decode(appointment) ?? new Uint8Array(16);
            return concat(name, be64(BigInt(expiresAt)), new Uint8Array([left]));
        });
        return concat(new Uint8Array([FORMAT]), ...entries);
    }
    /** Reads what {@link toBytes} wrote. Do not begin with an empty one if this throws: check no code. */
    static fromBytes(bytes) {
        const read = new CodeAttempts();
        const rest = bytes.slice(1);
        let whole = bytes[0] === FORMAT && rest.length % ENTRY_BYTES === 0;
        const entries = [];
        for (let at = 0; at < rest.length && whole; at += ENTRY_BYTES) {
            const entry = rest.slice(at, at + ENTRY_BYTES);
            const appointment = base64url.encode(entry.slice(0, 16));
            const expiresAt = new DataView(entry.buffer).getBigUint64(16);
            const left = entry[24] ?? 0;
            whole =
                (left < CODE_ATTEMPTS || left === GENUINE) &&
                    expiresAt <= BigInt(LAST_SECOND) &&
                    !entries.some((one) => one.appointment === appointment);
            entries.push({ appointment, expiresAt: Number(expiresAt), left });
        }
        if (!whole)
            throw new CodeCheckError("attempts", "these bytes are not what is remembered of codes");
        read.#entries = entries;
        return read;
    }
    #of(appointment) {
        return this.#entries.find((one) => one.appointment === appointment);
    }
}
/** A genuine appointment, for the app to show, and to check the caller's code with. */
export class VerifiedAppointment {
    #claims;
    #token;
    #leeway;
    /** Made by `Device.openAppointment` alone. */
    constructor(claims, token, leeway) {
        this.#claims = claims;
        this.#token = token;
        this.#leeway = leeway;
    }
    /** Which appointment, for concluding: its token's `jti` in base64url. */
    get id() {
        return base64url.encode(this.#claims.id);
    }
    /** Of which challenge. */
    get challenge() {
        return this.data.challenge;
    }
    /** "We call you." or "You call us." A caller who says that it is the other way round is not genuine. */
    get headline() {
        return this.data.direction === "inbound"
            ? { id: "you_call_us", text: "You call us." }
            : { id: "we_call_you", text: "We call you." };
    }
    get data() {
        return this.#claims.data;
    }
    /** Until when the token is valid. */
    get until() {
        return this.#claims.expiresAt;
    }
    /**
     * Compares what the caller said, as the customer heard and typed it: digits or words. No network, no PIN. Keep
     * `attempts` before anything is told or shown. Throws a {@link CodeCheckError} if nothing was compared or counted.
     */
    async check(credential, heard, attempts, now) {
        checkNow(now);
        const { proof: how, slot: when } = this.data;
        if (how === "word")
            throw new CodeCheckError("own_word", "the caller is to say the customer's own word");
        if (how.code !== credential.id) {
            throw new CodeCheckError("other_credential", "the code is another device's to check");
        }
        const said = readSpokenCode(heard);
        const code = await credential.spokenCode(await spokenQuestion(this.#token));
        if (now + this.#leeway < when.from || when.until + this.#leeway <= now) {
            return { result: "outside_slot" };
        }
        const left = attempts.attemptsLeft(this.id) - 1;
        if (left < 0)
            return { result: "hang_up_and_report" };
        const genuine = sameCode(said, code);
        attempts.note(this.id, this.#claims.expiresAt, genuine ? GENUINE : left, now);
        if (genuine)
            return { result: "genuine" };
        return left === 0 ? { result: "hang_up_and_report" } : { result: "not_genuine", attemptsLeft: left };
    }
}
