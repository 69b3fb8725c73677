// A transaction that the customer approves with their PIN.
import { crockford, exactly, pae } from "./bytes.js";
import { readSuite, typedQuestion } from "./codes.js";
import { sha256 } from "./crypto.js";
import { oneOf, refuse, text } from "./data.js";
import { CredentialError } from "./errors.js";
import { canonical, direction, DIRECTIONS, headlineOf, leg, numberOf, transaction, } from "./interaction.js";
export const METHODS = ["ocra", "totp", "hotp", "delivered"];
export const STEP_UP = {
    purpose: "step_up",
    read: (data) => ({
        stepUp: data.id("step_up"),
        credential: data.id("credential"),
        method: data.get("method", oneOf(METHODS)),
        suite: data.optional("suite", (value) => readSuite(text(value)) ?? refuse()),
        interaction: data.hostId("interaction"),
        direction: data.get("direction", direction),
        agentName: data.shown("agent_name"),
        transaction: data.get("transaction", transaction),
        leg: data.optional("leg", leg),
    }),
};
/** A genuine step-up, for the app to show: all of it, the headline first, before the PIN is asked for. */
export class VerifiedStepUp {
    #claims;
    #here;
    /** Made by `Device.openStepUp` alone. */
    constructor(claims) {
        this.#claims = claims;
    }
    get id() {
        return this.#claims.data.stepUp;
    }
    /** Which of the customer's credentials is to answer. */
    get credential() {
        return this.#claims.data.credential;
    }
    get method() {
        return this.#claims.data.method;
    }
    get interaction() {
        return this.#claims.data.interaction;
    }
    /** "You called us." or "We called you." */
    get headline() {
        return headlineOf(this.direction);
    }
    get direction() {
        return this.#claims.data.direction;
    }
    get agentName() {
        return this.#claims.data.agentName;
    }
    get transaction() {
        return this.#claims.data.transaction;
    }
    /** What was read of the line on which it was asked for, if somebody looked. The approval covers it. */
    get leg() {
        return this.#claims.data.leg;
    }
    /**
     * The app knows that it is on such a line: it runs the conversation itself, or has placed the call with a ticket. What
     * was asked for on one of these is approved on the same alone.
     */
    onLine(here) {
        this.#here = here;
        return this;
    }
    /** Whether the line on which it was asked for may be this one. Of a call to or from a number the app cannot tell. */
    get fitsLine() {
        const { leg } = this;
        return leg === undefined || leg === "number" || leg === "checked_number" || this.#here === leg;
    }
    /** Until when the customer may answer. */
    get until() {
        return this.#claims.expiresAt;
    }
    /** What the customer types into their fob, if an OCRA fob is to answer. Show everything else first. */
    async question() {
        const { suite } = this.#claims.data;
        return suite === undefined || !this.fitsLine ? undefined : typedQuestion(suite.question, await this.statement());
    }
    /**
     * The customer approves: the response for the enterprise, which covers everything shown. A wrong PIN gives a wrong
     * response, which the enterprise refuses and counts. Throws a {@link CredentialError}.
     */
    async approve(credential, pin) {
        if (credential.id !== this.credential) {
            throw new CredentialError("other_credential", "another credential is to answer");
        }
        if (!this.fitsLine)
            throw new CredentialError("other_line", "this was asked for on another call; hang up");
        return credential.answer(await this.statement(), pin);
    }
    /** What the customer approves: the digest that codes answer. */
    async statement() {
        const { issuer, audience, id, data } = this.#claims;
        const bytes = (own) => exactly(crockford, 16, own) ?? refuse();
        const absent = new Uint8Array();
        const shown = new Uint8Array([1, ...canonical(data.transaction)]);
        const line = data.leg === undefined ? absent : new Uint8Array([1, ...new TextEncoder().encode(data.leg)]);
        return sha256(pae("countersign statement v2", issuer, audience, bytes(data.stepUp), bytes(data.credential), absent, // the fingerprint of the credential's public key
        data.interaction, numberOf(DIRECTIONS, data.direction), data.agentName, shown, absent, // an action that is no transaction
        absent, // what the customer answered
        absent, // what the customer typed
        line, // the leg of the interaction
        id));
    }
}
