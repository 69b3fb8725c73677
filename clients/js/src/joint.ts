// What each of several approvers approves besides the matter itself.

import { base64url, crockford, exactly, pae } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { Fields, type Read, refuse, small, text } from "./data.js";

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

const byte: Read<number> = (value) => (small(value) < 256 ? small(value) : refuse());

const digest: Read<string> = (value) =>
  exactly(base64url, 32, text(value)) === undefined ? refuse() : text(value);

export const joint: Read<JointData> = (value) => {
  const fields = new Fields(value);
  // What is shown is what is approved: nobody changes it in between.
  return Object.freeze({
    joint: fields.id("joint"),
    principal: fields.hostId("principal"),
    principalName: fields.shown("principal_name"),
    needed: fields.get("needed", byte),
    of: fields.get("of", byte),
    approvers: fields.get("approvers", digest),
    role: fields.shown("role"),
  });
};

/** `statement`, approved as one of several. */
export function jointly(one: JointData, statement: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return sha256(
    pae(
      "countersign joint statement v1",
      statement,
      exactly(crockford, 16, one.joint) ?? refuse(),
      one.principal,
      one.principalName,
      new Uint8Array([one.needed]),
      new Uint8Array([one.of]),
      exactly(base64url, 32, one.approvers) ?? refuse(),
      one.role,
    ),
  );
}
