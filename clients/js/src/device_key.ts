// The private key that a phone or browser keeps for approving. Its public half is named by a fingerprint.

import { base64url, exactly, utf8 } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { KeyError } from "./errors.js";

/** The public half as WebCrypto exports it: P-256 or Ed25519. */
export interface DevicePublicKey {
  readonly kty?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly d?: string;
}

/** The thumbprint of RFC 7638. Throws a {@link KeyError}. */
export async function fingerprintOf(key: DevicePublicKey): Promise<Uint8Array<ArrayBuffer>> {
  if (key.d !== undefined) throw new KeyError("secret", "this is a secret key where a public key belongs");
  const number = (text: string | undefined): string => {
    if (typeof text !== "string" || exactly(base64url, 32, text) === undefined) throw notAKey();
    return text;
  };
  const { kty, crv } = key;
  if (kty === "OKP" && crv === "Ed25519") {
    return sha256(utf8(`{"crv":"Ed25519","kty":"OKP","x":"${number(key.x)}"}`));
  }
  if (kty !== "EC" || crv !== "P-256") throw notAKey();
  return sha256(utf8(`{"crv":"P-256","kty":"EC","x":"${number(key.x)}","y":"${number(key.y)}"}`));
}

const notAKey = (): KeyError => new KeyError("not_a_key", "this is no public key of P-256 or Ed25519");
