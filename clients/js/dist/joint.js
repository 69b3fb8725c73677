// What each of several approvers approves besides the matter itself.
import { base64url, crockford, exactly, pae } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { Fields, refuse, small, text } from "./data.js";
const byte = (value) => (small(value) < 256 ? small(value) : refuse());
const digest = (value) => exactly(base64url, 32, text(value)) === undefined ? refuse() : text(value);
export const joint = (value) => {
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
export function jointly(one, statement) {
    return sha256(pae("countersign joint statement v1", statement, exactly(crockford, 16, one.joint) ?? refuse(), one.principal, one.principalName, new Uint8Array([one.needed]), new Uint8Array([one.of]), exactly(base64url, 32, one.approvers) ?? refuse(), one.role));
}
