// Bytes and their texts. Each text form has one spelling: a reader refuses any other.

const encoder = new TextEncoder();

/** The UTF-8 of a text. */
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** The text that these bytes are the UTF-8 of; `undefined` for anything else. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function concat(...pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** Whether two are equal, in a time that does not tell where they differ. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  let differ = one.length ^ other.length;
  for (let at = 0; at < one.length; at += 1) differ |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return differ === 0;
}

/** Eight bytes, most significant first. */
export function be64(value: bigint): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value);
  return out;
}

function le64(value: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value), true);
  return out;
}

/** PASETO's pre-authentication encoding: no two lists have the same. Texts are UTF-8. */
export function pae(...pieces: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  const bytes = pieces.map((piece) => (typeof piece === "string" ? utf8(piece) : piece));
  return concat(le64(bytes.length), ...bytes.flatMap((piece) => [le64(piece.length), piece]));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  const out = new Uint8Array(text.length / 2);
  for (let at = 0; at < out.length; at += 1) {
    out[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  }
  return out;
}

/** An alphabet whose characters each stand for so many bits. */
class Base {
  readonly #values: ReadonlyMap<string, number>;

  constructor(
    readonly alphabet: string,
    readonly bits: number,
  ) {
    this.#values = new Map([...alphabet].map((character, value) => [character, value]));
  }

  encode(bytes: Uint8Array): string {
    let [out, rest, held] = ["", 0, 0];
    for (const byte of bytes) {
      rest = (rest << 8) | byte;
      held += 8;
      while (held >= this.bits) {
        held -= this.bits;
        out += this.alphabet[rest >> held];
        rest &= (1 << held) - 1;
      }
    }
    return held === 0 ? out : out + this.alphabet[rest << (this.bits - held)];
  }

  /** Without padding, and with no bit over that is not zero. */
  decode(text: string): Uint8Array<ArrayBuffer> | undefined {
    const out = new Uint8Array(Math.floor((text.length * this.bits) / 8));
    let [at, rest, held] = [0, 0, 0];
    for (const character of text) {
      const value = this.#values.get(character);
      if (value === undefined) return undefined;
      rest = (rest << this.bits) | value;
      held += this.bits;
      if (held >= 8) {
        held -= 8;
        out[at] = rest >> held;
        at += 1;
        rest &= (1 << held) - 1;
      }
    }
    return held < this.bits && rest === 0 ? out : undefined;
  }
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** RFC 4648 §5. */
export const base64url = new Base(`${ALPHANUMERIC}-_`, 6);
/** RFC 4648 §4, without its padding. */
export const base64 = new Base(`${ALPHANUMERIC}+/`, 6);
/** Crockford's base32 in lower case: ids, keys and heads. */
export const crockford = new Base("0123456789abcdefghjkmnpqrstvwxyz", 5);
/** RFC 4648 §6: seeds, and nothing else. */
export const base32 = new Base("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5);

/** Exactly so many bytes of a text. */
export function exactly(base: Base, length: number, text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = base.decode(text);
  return bytes?.length === length ? bytes : undefined;
}
