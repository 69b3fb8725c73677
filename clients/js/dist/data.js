// Reading a token's data: what is there is of its one form, what is not known is left alone.
import { idBytes, isHostId, isShortText } from "./text.js";
import { readTime } from "./time.js";
/** What was read is not of its form. */
export class Malformed extends Error {
}
/** Gives up reading. */
export function refuse() {
    throw new Malformed("not of its form");
}
/** The members of an object. */
export class Fields {
    #members;
    constructor(value) {
        this.#members = value instanceof Map ? value : refuse();
    }
    hasOnly(names) {
        return [...this.#members.keys()].every((name) => names.includes(name));
    }
    /** The name and value of its one member. */
    only() {
        const [member, ...rest] = this.#members;
        return member === undefined || rest.length > 0 ? refuse() : member;
    }
    /** A member that must be there. */
    get(name, read) {
        const value = this.#members.get(name);
        return value === undefined ? refuse() : read(value);
    }
    /** A member that may be missing. */
    orElse(name, read, otherwise) {
        const value = this.#members.get(name);
        return value === undefined ? otherwise : read(value);
    }
    /** A member that may be missing or `null`. */
    optional(name, read) {
        const value = this.#members.get(name);
        return value === undefined || value === null ? undefined : read(value);
    }
    text(name) {
        return this.get(name, text);
    }
    /** A text for people. */
    shown(name) {
        return this.get(name, shown);
    }
    /** An id that the enterprise chose. */
    hostId(name) {
        return this.get(name, hostId);
    }
    /** An id of countersign's. */
    id(name) {
        return this.get(name, id);
    }
    time(name) {
        return this.get(name, time);
    }
}
export const text = (value) => (typeof value === "string" ? value : refuse());
/** A text of the kind that `fits` says. */
const textThat = (fits) => (value) => typeof value === "string" && fits(value) ? value : refuse();
export const shown = textThat(isShortText);
export const hostId = textThat(isHostId);
export const id = textThat((value) => idBytes(value) !== undefined);
export const time = (value) => readTime(text(value)) ?? refuse();
/** A whole number from 0 to 2 to the power of `bits` less 1. */
export const whole = (bits) => (value) => typeof value === "bigint" && value >= 0n && value < 1n << BigInt(bits) ? value : refuse();
export const small = (value) => Number(whole(32)(value));
export const flag = (value) => (typeof value === "boolean" ? value : refuse());
export const list = (item) => (value) => Array.isArray(value) ? value.map((one) => item(one)) : refuse();
/** One of these names. */
export const oneOf = (names) => (value) => names.find((name) => name === value) ?? refuse();
/** A list of names, without those that this version does not know. */
export const known = (names) => (value) => list(text)(value).flatMap((name) => names.filter((one) => one === name));
