// What the enterprise never asks for, and on which channels it does what.
import { Fields, known } from "./data.js";
import { CHANNELS } from "./interaction.js";
/** What a genuine agent never asks for, each with its sentence; the name is the sentence's id for other languages. */
export const NEVER_ASKED = {
    pin: "We never ask for a PIN outside the app.",
    password: "We never ask for a password.",
    one_time_code: "We never ask you to tell us a code. Codes go into the app.",
    callback_secret: "We tell you your secret. We never ask you for it.",
    card_number: "We never ask for a card number outside the app.",
    card_verification_code: "We never ask for the code on the back of a card outside the app.",
    safe_account: "We never ask you to move money to a safe account.",
    remote_access: "We never ask you to let us see or control your device.",
    hand_over: "We never ask for cash, cards, devices or gift cards.",
    secrecy: "We never ask you to keep a call or a payment secret.",
};
/** All of them, in their order. Without a statement an app shows these. */
export const RULES = Object.keys(NEVER_ASKED);
/** Reads names of rules, without those of later versions. */
export const rules = known(RULES);
/** Something that the enterprise does on some channels. */
export const ACTS = ["reveal", "challenge", "step_up", "payment"];
const channels = (value) => {
    const fields = new Fields(value);
    const of = (act) => fields.orElse(act, known(CHANNELS), []);
    return { reveal: of("reveal"), challenge: of("challenge"), step_up: of("step_up"), payment: of("payment") };
};
export const GROUND_RULES = {
    purpose: "ground_rules",
    read: (data) => ({
        neverAsked: data.get("never_asked", rules),
        channels: data.get("channels", channels),
    }),
};
/** The enterprise's signed statement. */
export class GroundRules {
    #claims;
    /** Made by `Device.openGroundRules` alone. */
    constructor(claims) {
        this.#claims = claims;
    }
    get neverAsked() {
        return this.#claims.data.neverAsked;
    }
    /** Which rules somebody breaks who asks for these. One is enough: nobody genuine asks for any. */
    brokenBy(asked) {
        return this.neverAsked.filter((rule) => asked.includes(rule));
    }
    /** Whether the enterprise does this there. Whoever does it elsewhere is somebody else. */
    allows(act, on) {
        return this.#claims.data.channels[act].includes(on);
    }
    /** Until when it holds. Fetch the next one before. */
    get until() {
        return this.#claims.expiresAt;
    }
}
