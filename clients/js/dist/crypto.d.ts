type Bytes = Uint8Array<ArrayBuffer>;
export declare function sha256(bytes: Bytes): Promise<Bytes>;
export type Hash = "SHA-1" | "SHA-256" | "SHA-512";
export declare function hmac(hash: Hash, key: Bytes, message: Bytes): Promise<Bytes>;
/** HKDF-SHA256, 32 bytes of output. */
export declare function hkdf(secret: Bytes, salt: string, info: string): Promise<Bytes>;
export declare function random(length: number): Bytes;
/** Whether nobody may have this key: of small order, or not written in its one form. */
export declare function isWeak(point: Bytes): boolean;
/** Whether it is the Ed25519 signature (RFC 8032) of the message. */
export declare function verifies(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean>;
export {};
