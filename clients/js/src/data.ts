// Reading a token's data: what is there is of its one form, what is not known is left alone.

import { idBytes, isHostId, isShortText } from "./text.js";
import type { Json, JsonObject } from "./json.js";
import { readTime, type UnixSeconds } from "./time.js";

/** What was read is not of its form. */
export class Malformed extends Error {}

/** Gives up reading. */
export function refuse(): never {
  throw new Malformed("not of its form");
}

/** Reads a value, or gives up. */
export type Read<T> = (value: Json) => T;

/** The members of an object. */
export class Fields {
  readonly #members: JsonObject;

  constructor(value: Json) {
    this.#members = value instanceof Map ? (value as JsonObject) : refuse();
  }

  hasOnly(names: readonly string[]): boolean {
    return [...this.#members.keys()].every((name) => names.includes(name));
  }

  /** The name and value of its one member. */
  only(): readonly [string, Json] {
    const [member, ...rest] = this.#members;
    return member === undefined || rest.length > 0 ? refuse() : member;
  }

  /** A member that must be there. */
  get<T>(name: string, read: Read<T>): T {
    const value = this.#members.get(name);
    return value === undefined ? refuse() : read(value);
  }

  /** A member that may be missing. */
  orElse<T>(name: string, read: Read<T>, otherwise: T): T {
    const value = this.#members.get(name);
    return value === undefined ? otherwise : read(value);
  }

  /** A member that may be missing or `null`. */
  optional<T>(name: string, read: Read<T>): T | undefined {
    const value = this.#members.get(name);
    return value === undefined || value === null ? undefined : read(value);
  }

  text(name: string): string {
    return this.get(name, text);
  }

  /** A text for people. */
  shown(name: string): string {
    return this.get(name, shown);
  }

  /** An id that the enterprise chose. */
  hostId(name: string): string {
    return this.get(name, hostId);
  }

  /** An id of countersign's. */
  id(name: string): string {
    return this.get(name, id);
  }

  time(name: string): UnixSeconds {
    return this.get(name, time);
  }
}

export const text: Read<string> = (value) => (typeof value === "string" ? value : refuse());

/** A text of the kind that `fits` says. */
const textThat =
  (fits: (text: string) => boolean): Read<string> =>
  (value) =>
    typeof value === "string" && fits(value) ? value : refuse();

export const shown = textThat(isShortText);
export const hostId = textThat(isHostId);
export const id = textThat((value) => idBytes(value) !== undefined);
export const time: Read<UnixSeconds> = (value) => readTime(text(value)) ?? refuse();

/** A whole number from 0 to 2 to the power of `bits` less 1. */
export const whole =
  (bits: 32 | 64): Read<bigint> =>
  (value) =>
    typeof value === "bigint" && value >= 0n && value < 1n << BigInt(bits) ? value : refuse();

export const small: Read<number> = (value) => Number(whole(32)(value));

export const flag: Read<boolean> = (value) => (typeof value === "boolean" ? value : refuse());

export const list =
  <T>(item: Read<T>): Read<readonly T[]> =>
  (value) =>
    Array.isArray(value) ? value.map((one: Json) => item(one)) : refuse();

/** One of these names. */
export const oneOf =
  <T extends string>(names: readonly T[]): Read<T> =>
  (value) =>
    names.find((name) => name === value) ?? refuse();

/** A list of names, without those that this version does not know. */
export const known =
  <T extends string>(names: readonly T[]): Read<readonly T[]> =>
  (value) =>
    list(text)(value).flatMap((name) => names.filter((one) => one === name));
