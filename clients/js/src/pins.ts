// PINs, and the keys that they mask. Nothing here tells whether a PIN is right: whoever copies the device must not be
// able to try all PINs.

import { argon2id } from "hash-wasm";

import { concat, utf8 } from "./bytes.js";
import { random } from "./crypto.js";
import { CredentialError } from "./errors.js";
import { typedDigits } from "./text.js";

type Bytes = Uint8Array<ArrayBuffer>;

const LEAST_DIGITS = 4;
const MOST_DIGITS = 12;
const LONGEST_TYPED = 32;

export const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Of the derived bytes, the lowest bit of the last chooses between the two keys. */
const DERIVED_BYTES = KEY_BYTES + 1;
/** Salts tried until the two PINs choose different keys; each does with probability one half. */
const MOST_SALTS = 64;

/** Argon2id: 19 MiB, two passes, one lane. */
const ARGON2 = { memorySize: 19 * 1024, iterations: 2, parallelism: 1, hashLength: DERIVED_BYTES };

/** A PIN as typed, in ASCII digits: 4 to 12 of any script. Throws a {@link CredentialError}. */
export function readPin(typed: string): string {
  const read = typedDigits(typeof typed === "string" ? typed : "", MOST_DIGITS, LONGEST_TYPED);
  if (!("digits" in read) || read.digits.length < LEAST_DIGITS) {
    throw new CredentialError("pin", "a PIN has 4 to 12 digits and nothing else");
  }
  return read.digits;
}

/** What a PIN becomes: a mask, and whether it is for the second key. */
interface Derived {
  readonly mask: Bytes;
  readonly second: boolean;
}

async function derive(pin: string, salt: Bytes): Promise<Derived> {
  const made = await argon2id({ ...ARGON2, password: utf8(pin), salt, outputType: "binary" });
  const out = new Uint8Array(made);
  return { mask: out.slice(0, KEY_BYTES), second: ((out[KEY_BYTES] ?? 0) & 1) === 1 };
}

const xor = (one: Bytes, other: Bytes): Bytes => one.map((byte, at) => byte ^ (other[at] ?? 0));

/** Two keys of which each PIN opens one. */
export interface Masked {
  readonly salt: Bytes;
  readonly keys: readonly [Bytes, Bytes];
}

/** Masks a key under each PIN. Without a second PIN the other key is random bytes, which nobody can tell from one. */
export async function mask(
  pin: string,
  key: Bytes,
  duress: { pin: string; key: Bytes } | undefined,
): Promise<Masked> {
  const [first, second] = [readPin(pin), duress === undefined ? undefined : readPin(duress.pin)];
  if (first === second) throw new CredentialError("same_pin", "the PIN for coercion must differ from the PIN");
  for (let tried = 0; tried < MOST_SALTS; tried += 1) {
    const salt = random(SALT_BYTES);
    const own = await derive(first, salt);
    let other = random(KEY_BYTES);
    if (duress !== undefined && second !== undefined) {
      const derived = await derive(second, salt);
      if (derived.second === own.second) continue;
      other = xor(duress.key, derived.mask);
    }
    const masked = xor(key, own.mask);
    return { salt, keys: own.second ? [other, masked] : [masked, other] };
  }
  throw new CredentialError("random", "the source of randomness failed");
}

/** The key that a PIN opens: a wrong one opens a wrong key. */
export async function unmask({ salt, keys }: Masked, pin: string): Promise<Bytes> {
  const derived = await derive(readPin(pin), salt);
  return xor(keys[derived.second ? 1 : 0], derived.mask);
}

/** The layout in a stored credential: the salt, then both keys. */
export const maskedBytes = ({ salt, keys }: Masked): Bytes => concat(salt, ...keys);
