import { type Hash } from "./crypto.js";
type Bytes = Uint8Array<ArrayBuffer>;
/** What an OCRA question is written in, and how long it is at most. */
export interface Question {
    readonly kind: "numeric" | "hexadecimal" | "alphanumeric";
    readonly length: number;
}
/** An OCRA suite. Its text is part of what is authenticated. */
export interface Suite {
    readonly text: string;
    readonly hash: Hash;
    readonly digits: number;
    readonly question: Question;
    /** Whether it has other inputs than a question. */
    readonly others: boolean;
}
/** Reads a suite's text; `undefined` if it is none. */
export declare function readSuite(text: string): Suite | undefined;
/** What app credentials have unless they were enrolled for another; spoken codes always. */
export declare const APP_SUITE = "OCRA-1:HOTP-SHA256-8:QH64";
/** A suite that an app may have: a question of 64 hexadecimal digits, and 6 to 10 digits of response. */
export declare function appSuite(text: string): Suite;
/** The response to a question of 32 bytes, in decimal digits. */
export declare function respond(suite: Suite, key: Bytes, question: Bytes): Promise<string>;
/** A digest as somebody types it into a fob: the last digits of the number that it is, most significant first. */
export declare function typedQuestion({ kind, length }: Question, digest: Bytes): string;
/** What is asked when a credential is confirmed. */
export declare const confirmQuestion: (credential: Bytes) => Promise<Bytes>;
/** What the spoken code answers: the appointment token as it was received. */
export declare const spokenQuestion: (token: string) => Promise<Bytes>;
export {};
