// A page without a browser: elements by their ids, and tokens of a bank that signs what a test says.

import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { register } from "node:module";

register("./hooks.mjs", import.meta.url);
export const countersign = await import("/countersign.js");

const elements = new Map();

class Element {
  value = "";
  textContent = "";
  dataset = {};
  hidden = false;
  children = [];
  #attributes = new Map();
  #listeners = new Map();

  addEventListener(name, act) { this.#listeners.set(name, act); }
  // What a person does: runs the listener, and waits for nothing.
  does(name) { this.#listeners.get(name)({ currentTarget: this, submitter: this, preventDefault() {} }); }
  getAttribute(name) { return this.#attributes.get(name) ?? null; }
  setAttribute(name, value) { this.#attributes.set(name, value); }
  removeAttribute(name) { this.#attributes.delete(name); }
  append(...nodes) { this.children.push(...nodes); }
  replaceChildren(...nodes) { this.children = nodes; }
  contains() { return false; }
  get text() { return [this.textContent, ...this.children.map((one) => one.text ?? String(one))].join(""); }
}

export const $ = (id) => {
  if (!elements.has(id)) elements.set(id, new Element());
  return elements.get(id);
};

globalThis.document = { getElementById: $, createElement: () => new Element(), activeElement: null };

async function keyOf(issuer) {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  return { issuer, privateKey, publicKey: await countersign.PublicKey.fromJwk({ kty: "OKP", crv: "Ed25519", x }) };
}

export const bank = await keyOf("bank.example");
export const vault = await keyOf("vault.bank.example");
const le64 = (number) => { const bytes = Buffer.alloc(8); bytes.writeBigUInt64LE(BigInt(number)); return bytes; };
const pae = (...pieces) => Buffer.concat([le64(pieces.length), ...pieces.flatMap((piece) => [le64(piece.length), piece])]);

// A token of the bank for Alice, unless it says otherwise. `seconds` from now on, or before now.
export function token(purpose, data, { seconds = 300, ago = 0, aud = "alice", by = bank } = {}) {
  const now = countersign.currentSeconds() - ago;
  const claims = {
    iss: by.issuer, aud, jti: "YGFiY2RlZmdoaWprbG1ubw", iat: countersign.writeTime(now),
    nbf: countersign.writeTime(now), exp: countersign.writeTime(now + seconds), purpose, data,
  };
  const [message, footer] = [claims, { kid: by.publicKey.kid }].map((one) => Buffer.from(JSON.stringify(one)));
  const covered = pae(Buffer.from("v4.public."), message, footer, Buffer.from(`countersign:v1:${purpose}`));
  const signed = Buffer.concat([message, sign(null, covered, by.privateKey)]);
  return `v4.public.${signed.toString("base64url")}.${footer.toString("base64url")}`;
}

export function device(...purposes) {
  const keys = new countersign.TrustedKeys(bank.issuer);
  for (const purpose of purposes) keys.trust(bank.publicKey, purpose);
  return new countersign.Device({ keys, customer: "alice" });
}

export const SEED = "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ";
export const CREDENTIAL = "m2gt58x4mpkafa59nantsbdenw";

export async function until(found) {
  for (let turn = 0; turn < 500; turn += 1) {
    const it = found();
    if (it) return it;
    await new Promise((wake) => setTimeout(wake, 10));
  }
  throw new Error(`never: ${found}`);
}
