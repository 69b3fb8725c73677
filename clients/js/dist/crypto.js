// Everything that computes with keys, by WebCrypto. Argon2 is in `pins.ts`, HPKE in `seal.ts`.
import { concat, utf8 } from "./bytes.js";
export async function sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
export async function hmac(hash, key, message) {
    const algorithm = { name: "HMAC", hash };
    const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}
/** HKDF-SHA256, 32 bytes of output. */
export async function hkdf(secret, salt, info) {
    const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
    const parameters = { name: "HKDF", hash: "SHA-256", salt: utf8(salt), info: utf8(info) };
    return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
}
export function random(length) {
    return crypto.getRandomValues(new Uint8Array(length));
}
const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
function littleEndian(bytes) {
    return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}
/** The y coordinate that 32 bytes write, without the sign of x. */
const yOf = (point) => littleEndian(point) & ((1n << 255n) - 1n);
/** The y of the two points of order 8, up to the sign. */
const ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const SMALL_ORDER = [0n, 1n, P - 1n, P, P + 1n, ORDER_8, P - ORDER_8];
/** Whether nobody may have this key: of small order, or not written in its one form. */
export function isWeak(point) {
    return SMALL_ORDER.includes(yOf(point)) || yOf(point) >= P;
}
/** Whether it is the Ed25519 signature (RFC 8032) of the message. */
export async function verifies(key, message, signature) {
    const [nonce, scalar] = [signature.slice(0, 32), signature.slice(32)];
    if (SMALL_ORDER.includes(yOf(nonce)) || littleEndian(scalar) >= ORDER)
        return false;
    try {
        const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
        return await crypto.subtle.verify("Ed25519", imported, concat(nonce, scalar), message);
    }
    catch {
        return false;
    }
}
