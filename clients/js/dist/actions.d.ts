import { type Read } from "./data.js";
/** What can stand in a field, in the order of the numbers in hashes, from 1: a digest is the SHA-256 of a document. */
declare const FIELD_TYPES: readonly ["text", "number", "digest"];
export type FieldType = (typeof FIELD_TYPES)[number];
interface ActionField {
    readonly name: string;
    readonly type: FieldType;
    /** As a person reads it: the text, the number in decimal digits, the digest in hexadecimal ones. */
    readonly value: string;
}
/** What a token says of an action. */
export interface ActionDetails {
    readonly kind: string;
    readonly fields: readonly ActionField[];
}
export declare const action: Read<ActionDetails>;
/** The one encoding of an action, which codes stand for. No transaction is encoded so. */
export declare function canonicalAction({ kind, fields }: ActionDetails): Uint8Array<ArrayBuffer>;
/** A field that every action of a kind has. */
export interface FormField {
    /** The same at the back end and in the app. */
    readonly name: string;
    /** What the customer reads before the value, in their language: at most 36 characters. */
    readonly label: string;
    readonly type: FieldType;
}
/** How a kind of action is shown: the headline, and all fields that it has, 1 to 20, in this order. */
export interface ActionForm {
    readonly headline: string;
    readonly fields: readonly FormField[];
}
/** The kinds of actions that are built into an app, each under its name. */
export type ActionForms = Readonly<Record<string, ActionForm>>;
/** An action as it is shown: headline and labels are the app's own, values are the enterprise's. */
export interface ShownAction {
    /** What is to be done. */
    readonly headline: string;
    /** Every field, in order. */
    readonly lines: readonly {
        readonly label: string;
        readonly value: string;
    }[];
}
/** The app's own table: never taken from a message. */
export declare class ActionTable {
    #private;
    /** Throws an {@link ActionFormError}. */
    constructor(forms?: ActionForms);
    /** How to show `action`; `undefined` if it is of no kind of the table, or has not just the fields of its kind. */
    shown({ kind, fields }: ActionDetails): ShownAction | undefined;
}
export {};
