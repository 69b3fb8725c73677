// Sealing a card for the vault: HPKE (RFC 9180), base mode.

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";

import { base64url, concat, crockford, exactly, pae, utf8 } from "./bytes.js";
import type { Card } from "./card.js";
import { sha256 } from "./crypto.js";

type Bytes = Uint8Array<ArrayBuffer>;

const INFO = utf8("countersign sealed card v2");
const FORMAT = 2;
const P = 2n ** 255n - 19n;
/** The u coordinates of the points whose order divides 8. */
const SMALL_ORDER: readonly bigint[] = [
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  P - 1n,
];

/** A sealing key's 32 bytes from their text; `undefined` for one that nobody may seal for. */
export function readSealingKey(text: string): Bytes | undefined {
  const bytes = exactly(crockford, 32, text);
  const u = bytes?.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
  return u === undefined || u >= P || SMALL_ORDER.includes(u) ? undefined : bytes;
}

/** What seals: the key, the text of the request's token, the attempt from 1 to 255. */
export interface Sealing {
  readonly key: Bytes;
  readonly request: string;
  readonly attempt: number;
}

/** Seals a card: 1624 characters. What the ephemeral key is made of is given in tests alone. */
export async function seal(card: Card, { key, request, attempt }: Sealing, ikm?: Bytes): Promise<string> {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const number = new Uint8Array([attempt]);
  const aad = await sha256(pae("countersign sealed card v2", request, number));
  const recipientPublicKey = await suite.kem.importKey("raw", key.slice().buffer, true);
  const ekm = ikm === undefined ? {} : { ekm: await suite.kem.deriveKeyPair(ikm.slice().buffer) };
  const plaintext = card.plaintext();
  const sealed = await suite.seal({ recipientPublicKey, info: INFO.buffer, ...ekm }, plaintext.buffer, aad.buffer);
  plaintext.fill(0);
  const name = (await sha256(pae("countersign opening key v1", key))).slice(0, 16);
  const header = new Uint8Array([FORMAT, attempt]);
  return base64url.encode(concat(header, name, new Uint8Array(sealed.enc), new Uint8Array(sealed.ct)));
}
