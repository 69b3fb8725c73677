// PASETO v4.public tokens with the claims of this format, checked in the order that the manual has.

import { base64url, exactly, fromUtf8, pae, utf8 } from "./bytes.js";
import { verifies } from "./crypto.js";
import { Fields, Malformed, type Read, refuse, text } from "./data.js";
import { TokenError } from "./errors.js";
import { readJson } from "./json.js";
import { kidOf, type Purpose, type TrustedKeys } from "./keys.js";
import { isHostId } from "./text.js";
import { checkNow, type UnixSeconds } from "./time.js";

/** The longest token, in characters. */
const MAX_TOKEN = 8192;
const MAX_FOOTER_BYTES = 256;
const HEADER = "v4.public.";
const CLAIMS: readonly string[] = ["iss", "aud", "jti", "iat", "nbf", "exp", "purpose", "data"];

/** How far the two clocks may be apart, in seconds, unless the app says otherwise. */
export const LEEWAY = 30;
/** The most that an app may say. */
export const MOST_LEEWAY = 120;

const HOUR = 3600;
const DAY = 24 * HOUR;
const TWENTY_YEARS = 20 * 366 * DAY;

/** The longest validity of each purpose, in seconds. */
export const LONGEST: Readonly<Record<Purpose, number>> = {
  challenge: HOUR,
  appointment: 32 * DAY,
  status: 30,
  step_up: 600,
  grant: 600,
  payment_request: HOUR,
  receipt: TWENTY_YEARS,
  opening_key: 2 * HOUR + 120,
  ground_rules: 31 * DAY,
  history_head: TWENTY_YEARS,
  erasure: TWENTY_YEARS,
  reachable: 60,
  call_verdict: 30,
  call_numbers: 31 * DAY,
  evidence: TWENTY_YEARS,
  notice: 31 * DAY,
  notice_list: DAY,
  last_contact: 30,
};

/** What a verified token says. */
export interface Claims<Data> {
  readonly issuer: string;
  readonly audience: string;
  /** The 16 bytes of `jti`. */
  readonly id: Uint8Array<ArrayBuffer>;
  readonly issuedAt: UnixSeconds;
  readonly notBefore: UnixSeconds;
  readonly expiresAt: UnixSeconds;
  readonly data: Data;
  /** The key that signed it. */
  readonly kid: string;
}

/** What a token is checked against. Without an audience whoever it names is taken: then compare it yourself. */
export interface Expected {
  readonly keys: TrustedKeys;
  readonly audience: string | undefined;
  readonly leeway: number;
  readonly now: UnixSeconds;
}

/** A purpose, and how its data is read. */
export interface Format<Data> {
  readonly purpose: Purpose;
  readonly read: (data: Fields) => Data;
}

/** Verifies a token. Throws a {@link TokenError}: show nothing of it. */
export async function verify<Data>(
  token: string,
  format: Format<Data>,
  { keys, audience, leeway, now }: Expected,
): Promise<Claims<Data>> {
  checkNow(now);
  const { payload, footer, kid } = parts(token);
  const key = keys.find(kid, format.purpose, now);
  if (key === undefined) throw new TokenError("unknown_key");
  const signed = base64url.decode(payload);
  if (signed === undefined || signed.length < 64) throw new TokenError("malformed");
  const [message, signature] = [signed.slice(0, -64), signed.slice(-64)];
  const covered = pae(HEADER, message, footer, `countersign:v1:${format.purpose}`);
  if (!(await verifies(key.bytes, covered, signature))) throw new TokenError("signature");

  const claims = readClaims(message, format, kid);
  if (claims.issuer !== keys.issuer) throw new TokenError("issuer");
  if (audience !== undefined && claims.audience !== audience) throw new TokenError("audience");
  if (audience === undefined && !isHostId(claims.audience)) throw new TokenError("claims");
  const { issuedAt, notBefore, expiresAt } = claims;
  const longest = LONGEST[format.purpose];
  if (expiresAt <= notBefore || expiresAt <= issuedAt || expiresAt - notBefore > longest) {
    throw new TokenError("lifetime");
  }
  if (now + leeway < notBefore || now + leeway < issuedAt) throw new TokenError("not_yet_valid");
  if (now >= expiresAt + leeway) throw new TokenError("expired");
  return claims;
}

function parts(token: string): { payload: string; footer: Uint8Array; kid: string } {
  if (utf8(token).length > MAX_TOKEN) throw new TokenError("too_long");
  if (!token.startsWith(HEADER)) throw new TokenError("malformed");
  const [payload = "", text, ...rest] = token.slice(HEADER.length).split(".");
  const footer = text === undefined || rest.length > 0 ? undefined : base64url.decode(text);
  if (footer === undefined || footer.length > MAX_FOOTER_BYTES) throw new TokenError("malformed");
  const kid = kidOf(footer);
  if (kid === undefined) throw new TokenError("malformed");
  return { payload, footer, kid };
}

function readClaims<Data>(message: Uint8Array, format: Format<Data>, kid: string): Claims<Data> {
  const written = fromUtf8(message);
  const json = written === undefined ? undefined : readJson(written);
  try {
    const claims = new Fields(json ?? null);
    if (!claims.hasOnly(CLAIMS)) refuse();
    const jti: Read<Uint8Array<ArrayBuffer>> = (value) =>
      exactly(base64url, 16, text(value)) ?? refuse();
    const read = {
      issuer: claims.text("iss"),
      audience: claims.text("aud"),
      id: claims.get("jti", jti),
      issuedAt: claims.time("iat"),
      notBefore: claims.time("nbf"),
      expiresAt: claims.time("exp"),
      purpose: claims.text("purpose"),
      data: format.read(claims.get("data", (value) => new Fields(value))),
      kid,
    };
    if (!Object.hasOwn(LONGEST, read.purpose)) refuse();
    if (read.purpose !== format.purpose) throw new TokenError("purpose");
    return read;
  } catch (error) {
    if (error instanceof TokenError) throw error;
    if (error instanceof Malformed) throw new TokenError("claims");
    throw error;
  }
}

/** What a token claims, by whomever it is signed: only whether its claims are of this form. */
export function unproven<Data>(token: string, format: Format<Data>): void {
  try {
    const { payload, kid } = parts(token);
    const signed = base64url.decode(payload);
    if (signed === undefined || signed.length < 64) refuse();
    const claims = readClaims(signed.slice(0, -64), format, kid);
    if (!isHostId(claims.issuer) || !isHostId(claims.audience)) refuse();
  } catch (error) {
    if (error instanceof TokenError) refuse();
    throw error;
  }
}
