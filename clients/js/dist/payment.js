// A payment that the customer is asked for, whose key the card is sealed for, and how payments ended.
import { refuse, text, time } from "./data.js";
import { PaymentError, TokenError } from "./errors.js";
import { direction, headlineOf, transaction, } from "./interaction.js";
import { readSealingKey, seal } from "./seal.js";
import { unproven, verify } from "./tokens.js";
export const OPENING_KEY = {
    purpose: "opening_key",
    read: (data) => ({
        sealingKey: data.get("sealing_key", (value) => readSealingKey(text(value)) ?? refuse()),
    }),
};
/** A token whose claims are an opening key's, by whomever it is signed. */
const signedKey = (value) => {
    unproven(text(value), OPENING_KEY);
    return text(value);
};
export const PAYMENT_REQUEST = {
    purpose: "payment_request",
    read: (data) => ({
        payment: data.id("payment"),
        interaction: data.hostId("interaction"),
        direction: data.get("direction", direction),
        agentName: data.shown("agent_name"),
        merchant: data.hostId("merchant"),
        transaction: data.get("transaction", transaction),
        openingKey: data.get("opening_key", signedKey),
        authenticateUntil: data.optional("authenticate_until", time),
        keepCardUntil: data.optional("keep_card_until", time),
    }),
};
/** The key that a genuine request names, if a card may be sealed for it. Throws a {@link PaymentError}. */
export async function openingKey(request, vault, { keys, leeway, now }) {
    const expected = { keys: vault, audience: request.issuer, leeway, now };
    const given = await verify(request.data.openingKey, OPENING_KEY, expected).catch(problem);
    // An app into which one key was built for both would seal for whatever its back end signs.
    if (keys.names(given.kid, "payment_request"))
        throw notGenuine();
    const needed = Math.max(request.data.authenticateUntil ?? 0, request.expiresAt);
    if (needed > given.expiresAt) {
        throw new PaymentError("opening_key_ends_before_request", "the request ends after its opening key");
    }
    return given.data.sealingKey;
}
function problem(error) {
    if (!(error instanceof TokenError))
        throw error;
    switch (error.kind) {
        case "audience":
            throw new PaymentError("opening_key_for_another_enterprise", "the key was given to another enterprise");
        case "not_yet_valid":
            throw new PaymentError("opening_key_not_yet_valid", "the opening key is from the future");
        case "expired":
            throw new PaymentError("opening_key_over", "the opening key's time is over");
        default:
            throw notGenuine();
    }
}
const notGenuine = () => new PaymentError("opening_key_not_genuine", "no vault that this app trusts has signed the opening key");
/** A genuine payment request, for the app to show: all of it, the headline first, before the card is asked for. */
export class VerifiedPayment {
    #claims;
    #token;
    #key;
    /** Made by `Device.openPayment` alone. */
    constructor(claims, token, key) {
        this.#claims = claims;
        this.#token = token;
        this.#key = key;
    }
    get id() {
        return this.data.payment;
    }
    /** "You called us." or "We called you." */
    get headline() {
        return headlineOf(this.data.direction);
    }
    get agentName() {
        return this.data.agentName;
    }
    get transaction() {
        return this.data.transaction;
    }
    get data() {
        return this.#claims.data;
    }
    /** Until when the customer may pay. */
    get until() {
        return this.#claims.expiresAt;
    }
    /** Until when the card will be kept for further payments to the same merchant, if it will. */
    get keepsCardUntil() {
        return this.data.keepCardUntil;
    }
    /** Until when the customer may authenticate to the card's issuer; `undefined`: they will not be asked to. */
    get authenticateUntil() {
        return this.data.authenticateUntil;
    }
    /**
     * Seals the card for the vault and this request alone. Send the result to the vault with the token, and the very
     * same one again if the answer is lost. After a decline that may be tried again the customer types the code once
     * more, and `attempt` is the number that the vault waits for.
     */
    async seal(card, attempt = 1) {
        if (!Number.isInteger(attempt) || attempt < 1 || attempt > 255) {
            throw new PaymentError("attempt", "attempts are numbered from 1 to 255");
        }
        return seal(card, { key: this.#key, request: this.#token, attempt });
    }
}
