// Whether agents can be reached, and how long it takes: the enterprise's signed answer to one question.
import { base64url, crockford, equal, exactly, pae, utf8 } from "./bytes.js";
import { random, sha256 } from "./crypto.js";
import { Fields, flag, list, refuse, small, text } from "./data.js";
import { NotVerified } from "./errors.js";
import { channel } from "./interaction.js";
import { stale } from "./status.js";
import { checkNow } from "./time.js";
const NONCE_BYTES = 16;
const reach = (value) => {
    if (value === "unknown" || value === "closed" || value === "open")
        return value;
    const [name, held] = new Fields(value).only();
    if (name !== "wait")
        return refuse();
    const fields = new Fields(held);
    return {
        seconds: fields.get("seconds", small),
        free: fields.get("free", flag),
        ageSeconds: fields.get("age_seconds", small),
    };
};
const skill = (value) => {
    const fields = new Fields(value);
    return {
        skill: fields.hostId("skill"),
        channel: fields.get("channel", channel),
        reach: fields.get("reach", reach),
    };
};
export const REACHABLE = {
    purpose: "reachable",
    read: (data) => ({
        nonce: data.get("nonce", (value) => exactly(base64url, NONCE_BYTES, text(value)) ?? refuse()),
        skills: data.get("skills", list(skill)),
    }),
};
/** One question of the app: send the nonce to the enterprise, keep the rest. */
export class ReachQuestion {
    asked;
    #nonce;
    /** A question asked at `asked` by this device's own clock. A nonce is given in tests alone. */
    constructor(asked, nonce = random(NONCE_BYTES)) {
        this.asked = asked;
        checkNow(asked);
        this.#nonce = new Uint8Array(nonce);
    }
    /** For the enterprise, in base64url. */
    get nonce() {
        return base64url.encode(this.#nonce);
    }
    /** What a genuine answer to this question says, while it counts. */
    async accepts(claims, token, now) {
        if (!equal(claims.data.nonce, this.#nonce)) {
            throw new NotVerified("other_question", "not verified: this is the answer to another question");
        }
        // A clock that was set back tells nothing about the age.
        const until = this.asked + claims.expiresAt - claims.notBefore;
        if (now < this.asked || until <= now)
            throw stale();
        const digest = await sha256(pae("countersign reachable answer v1", utf8(token)));
        return new ReachableShown(claims.data.skills, this.asked, until, crockford.encode(digest.slice(0, 16)));
    }
}
/** A genuine, fresh answer. What it tells ends with its seconds. */
export class ReachableShown {
    skills;
    asked;
    until;
    digest;
    /** Made by `Device.openReachable` alone. */
    constructor(
    /** What the answer said of each skill when it was signed. Show `reach`. */
    skills, asked, 
    /** Until when it counts, by this device's own clock: ask again then. */
    until, 
    /** What a callback that is booked from this answer says of it. */
    digest) {
        this.skills = skills;
        this.asked = asked;
        this.until = until;
        this.digest = digest;
    }
    /** How a skill can be reached, by a clock that shows `now`: the age goes on growing, and in the end it is unknown. */
    reach(name, over, now) {
        const found = this.skills.find((one) => one.skill === name && one.channel === over);
        if (found === undefined || now < this.asked || this.until <= now)
            return "unknown";
        if (typeof found.reach === "string")
            return found.reach;
        const ageSeconds = Math.min(found.reach.ageSeconds + (now - this.asked), 2 ** 32 - 1);
        return { ...found.reach, ageSeconds };
    }
}
