// A transaction that the customer approves with their PIN.
import { base64url, crockford, exactly, pae } from "./bytes.js";
import { readSuite, typedQuestion } from "./codes.js";
import { sha256 } from "./crypto.js";
import { oneOf, refuse, text } from "./data.js";
import { CredentialError } from "./errors.js";
import { canonical, direction, DIRECTIONS, headlineOf, numberOf, transaction, } from "./interaction.js";
export const METHODS = ["device_key", "passkey", "ocra", "totp", "hotp", "delivered"];
export const STEP_UP = {
    purpose: "step_up",
    read: (data) => ({
        stepUp: data.id("step_up"),
        credential: data.id("credential"),
        method: data.get("method", oneOf(METHODS)),
        suite: data.optional("suite", (value) => readSuite(text(value)) ?? refuse()),
        key: data.optional("key", (value) => exactly(base64url, 32, text(value)) ?? refuse()),
        interaction: data.hostId("interaction"),
        direction: data.get("direction", direction),
        agentName: data.shown("agent_name"),
        transaction: data.get("transaction", transaction),
    }),
};
/** A genuine step-up, for the app to show: all of it, the headline first, before the PIN is asked for. */
export class VerifiedStepUp {
    #claims;
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
    /** Until when the customer may answer. */
    get until() {
        return this.#claims.expiresAt;
    }
    /** What the customer types into their fob, if an OCRA fob is to answer. Show everything else first. */
    async question() {
        const { suite } = this.#claims.data;
        return suite === undefined ? undefined : typedQuestion(suite.question, await this.statement());
    }
    /**
     * The customer approves: the response for the enterprise, which covers everything shown. A wrong PIN gives a wrong
     * response, which the enterprise refuses and counts. Throws a {@link CredentialError}.
     */
    async approve(credential, pin) {
        if (credential.id !== this.credential) {
            throw new CredentialError("other_credential", "another credential is to answer");
        }
        return credential.answer(await this.statement(), pin);
    }
    /**
     * What a passkey is to sign: the challenge for `navigator.credentials.get`. The browser shows nothing of it, so show
     * all of this first. `undefined` if another method is to answer.
     */
    async passkeyChallenge() {
        return this.method === "passkey" ? this.statement() : undefined;
    }
    /** What the customer approves: the digest that codes answer. */
    async statement() {
        const { issuer, audience, id, data } = this.#claims;
        const bytes = (own) => exactly(crockford, 16, own) ?? refuse();
        const absent = new Uint8Array();
        const shown = new Uint8Array([1, ...canonical(data.transaction)]);
        return sha256(pae("countersign statement v2", issuer, audience, bytes(data.stepUp), bytes(data.credential), 
        // The fingerprint of the credential's public key.
        data.key === undefined ? absent : new Uint8Array([1, ...data.key]), data.interaction, numberOf(DIRECTIONS, data.direction), data.agentName, shown, absent, // an action that is no transaction
        absent, // what the customer answered
        absent, // what the customer typed
        absent, // the leg of the interaction
        id));
    }
}
