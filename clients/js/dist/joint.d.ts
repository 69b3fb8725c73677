import { type Read } from "./data.js";
/** In whose name it is asked, how many must approve, and in which role this customer answers: show all of it. */
export interface JointData {
    /** Which joint step-up. */
    readonly joint: string;
    readonly principal: string;
    /** By which name the approver knows them. */
    readonly principalName: string;
    /** How many must approve, */
    readonly needed: number;
    /** of how many who are asked. */
    readonly of: number;
    /** Who they are, with their roles: a digest in base64url. */
    readonly approvers: string;
    /** In which role this approver answers. */
    readonly role: string;
}
export declare const joint: Read<JointData>;
/** `statement`, approved as one of several. */
export declare function jointly(one: JointData, statement: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
