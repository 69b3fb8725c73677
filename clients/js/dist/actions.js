// Actions without money: what a token says of one, and the app's own table by which it is shown.
import { be64, fromHex, pae, utf8 } from "./bytes.js";
import { Fields, list, oneOf, refuse, shown, text, whole } from "./data.js";
import { misnamed } from "./action_names.js";
import { ActionFormError } from "./errors.js";
import { isShortText } from "./text.js";
import { isLonger } from "./unicode.js";
const MAX_FIELDS = 20;
const MAX_VALUE_CHARS = 128;
const MAX_LABEL_CHARS = 36;
/** What can stand in a field, in the order of the numbers in hashes, from 1: a digest is the SHA-256 of a document. */
const FIELD_TYPES = ["text", "number", "digest"];
const named = (value) => (misnamed(text(value)) === undefined ? text(value) : refuse());
const VALUES = {
    text: (value) => (isLonger(shown(value), MAX_VALUE_CHARS) ? refuse() : shown(value)),
    number: (value) => {
        const number = whole(64)(value);
        return number <= BigInt(Number.MAX_SAFE_INTEGER) ? number.toString() : refuse();
    },
    digest: (value) => (/^[0-9a-f]{64}$/.test(text(value)) ? text(value) : refuse()),
};
const field = (value) => {
    const fields = new Fields(value);
    if (!fields.hasOnly(["name", "value"]))
        refuse();
    const [name, held] = fields.get("value", (one) => new Fields(one).only());
    const type = oneOf(FIELD_TYPES)(name);
    return { name: fields.get("name", named), type, value: VALUES[type](held) };
};
export const action = (value) => {
    const members = new Fields(value);
    if (!members.hasOnly(["kind", "fields"]))
        refuse();
    const [kind, fields] = [members.get("kind", named), members.get("fields", list(field))];
    const names = new Set(fields.map((one) => one.name));
    return fields.length > MAX_FIELDS || names.size < fields.length ? refuse() : { kind, fields };
};
const BYTES = {
    text: utf8,
    number: (value) => be64(BigInt(value)),
    digest: (value) => fromHex(value) ?? refuse(),
};
/** The one encoding of an action, which codes stand for. No transaction is encoded so. */
export function canonicalAction({ kind, fields }) {
    const pieces = fields.flatMap(({ name, type, value }) => [
        name,
        new Uint8Array([FIELD_TYPES.indexOf(type) + 1]),
        BYTES[type](value),
    ]);
    return pae("countersign action v1", kind, ...pieces);
}
/** The app's own table: never taken from a message. */
export class ActionTable {
    #forms;
    /** Throws an {@link ActionFormError}. */
    constructor(forms = {}) {
        this.#forms = new Map(Object.entries(forms).map(([kind, form]) => [checkedName(kind), checkedForm(form)]));
    }
    /** How to show `action`; `undefined` if it is of no kind of the table, or has not just the fields of its kind. */
    shown({ kind, fields }) {
        const form = this.#forms.get(kind);
        if (form === undefined || form.fields.length !== fields.length)
            return undefined;
        const lines = form.fields.flatMap(({ name, label, type }, at) => {
            const given = fields[at];
            return given?.name === name && given.type === type ? [Object.freeze({ label, value: given.value })] : [];
        });
        // What is shown is what is approved: nobody changes it in between.
        return lines.length < fields.length
            ? undefined
            : Object.freeze({ headline: form.headline, lines: Object.freeze(lines) });
    }
}
function checkedName(name) {
    const wrong = misnamed(name);
    if (wrong === "reserved") {
        throw new ActionFormError("reserved", "an action must not be called as money or an authenticator is");
    }
    if (wrong === "malformed")
        throw new ActionFormError("name", "this is no name of a kind of action or of a field");
    return name;
}
/** A copy, which nobody changes. */
function checkedForm({ headline, fields }) {
    if (fields.length === 0 || fields.length > MAX_FIELDS) {
        throw new ActionFormError("fields", "a kind of action has 1 to 20 fields");
    }
    const copied = fields.map(({ name, label, type }) => {
        if (!FIELD_TYPES.includes(type))
            throw new ActionFormError("type", "a field holds a text, a number or a digest");
        return { name: checkedName(name), label: checkedText(label, MAX_LABEL_CHARS), type };
    });
    const differ = (of) => new Set(of).size === of.length;
    if (!differ(copied.map(({ name }) => name)) || !differ(copied.map(({ label }) => label))) {
        throw new ActionFormError("field_twice", "no two fields of a kind of action have one name or one label");
    }
    return { headline: checkedText(headline), fields: copied };
}
function checkedText(one, most) {
    if (typeof one !== "string" || !isShortText(one) || (most !== undefined && isLonger(one, most))) {
        throw new ActionFormError("text", "a headline or label is no text for people, or too long");
    }
    return one;
}
