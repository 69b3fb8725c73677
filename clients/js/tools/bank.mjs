// An enterprise for tests: it signs whatever it is asked to.

import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";

import { pae } from "../dist/bytes.js";
import * as countersign from "../dist/index.js";

export const NOW = 1_769_868_000;
export const CREDENTIAL = "m2gt58x4mpkafa59nantsbdenw";
export const STEP_UP = {
  step_up: "t38x5mymtqbdfp6svbdxsqeyvw", credential: CREDENTIAL, method: "ocra", interaction: "call-1",
  direction: "inbound", agent_name: "Bob",
  transaction: { kind: "transfer", amount: 500000, currency: "GBP", payee: "Jones Roofing", reference: "Invoice 7" },
};

const { privateKey } = generateKeyPairSync("ed25519");
export const { x } = createPublicKey(privateKey).export({ format: "jwk" });
export const key = await countersign.PublicKey.fromJwk({ kty: "OKP", crv: "Ed25519", x });

/** A token for Alice; `data` may be JSON of any kind, in a text. */
export function token(purpose, data, { seconds = 30, footer = JSON.stringify({ kid: key.kid }), customer = "alice" } = {}) {
  const times = { iat: NOW, nbf: NOW, exp: NOW + seconds };
  const written = Object.fromEntries(Object.entries(times).map(([name, at]) => [name, countersign.writeTime(at)]));
  const head = { iss: "bank.example", aud: customer, jti: "YGFiY2RlZmdoaWprbG1ubw", ...written, purpose };
  const text = JSON.stringify({ ...head, data: {} }).replace(/\{\}\}$/, () => `${typeof data === "string" ? data : JSON.stringify(data)}}`);
  const [message, foot] = [Buffer.from(text), Buffer.from(footer)];
  const signed = sign(null, pae("v4.public.", message, foot, `countersign:v1:${purpose}`), privateKey);
  return `v4.public.${Buffer.concat([message, signed]).toString("base64url")}.${foot.toString("base64url")}`;
}

/** Alice's app. */
export function device(actions, purposes = ["step_up", "status", "appointment", "last_contact"]) {
  const keys = new countersign.TrustedKeys("bank.example");
  for (const purpose of purposes) keys.trust(key, purpose);
  return new countersign.Device({ keys, customer: "alice", actions });
}

export const enrolled = (credential = CREDENTIAL) =>
  countersign.DeviceCredential.enrol({ credential, seed: "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ", pin: "2468" });
