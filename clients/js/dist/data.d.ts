import type { Json } from "./json.js";
import { type UnixSeconds } from "./time.js";
/** What was read is not of its form. */
export declare class Malformed extends Error {
}
/** Gives up reading. */
export declare function refuse(): never;
/** Reads a value, or gives up. */
export type Read<T> = (value: Json) => T;
/** The members of an object. */
export declare class Fields {
    #private;
    constructor(value: Json);
    hasOnly(names: readonly string[]): boolean;
    /** The name and value of its one member. */
    only(): readonly [string, Json];
    /** A member that must be there. */
    get<T>(name: string, read: Read<T>): T;
    /** A member that may be missing. */
    orElse<T>(name: string, read: Read<T>, otherwise: T): T;
    /** A member that may be missing or `null`. */
    optional<T>(name: string, read: Read<T>): T | undefined;
    text(name: string): string;
    /** A text for people. */
    shown(name: string): string;
    /** An id that the enterprise chose. */
    hostId(name: string): string;
    /** An id of countersign's. */
    id(name: string): string;
    time(name: string): UnixSeconds;
}
export declare const text: Read<string>;
export declare const shown: Read<string>;
export declare const hostId: Read<string>;
export declare const id: Read<string>;
export declare const time: Read<UnixSeconds>;
/** A whole number from 0 to 2 to the power of `bits` less 1. */
export declare const whole: (bits: 32 | 64) => Read<bigint>;
export declare const small: Read<number>;
export declare const flag: Read<boolean>;
export declare const list: <T>(item: Read<T>) => Read<readonly T[]>;
/** One of these names. */
export declare const oneOf: <T extends string>(names: readonly T[]) => Read<T>;
/** A list of names, without those that this version does not know. */
export declare const known: <T extends string>(names: readonly T[]) => Read<readonly T[]>;
