/** The public half as WebCrypto exports it: P-256 or Ed25519. */
export interface DevicePublicKey {
    readonly kty?: string;
    readonly crv?: string;
    readonly x?: string;
    readonly y?: string;
    readonly d?: string;
}
/** The thumbprint of RFC 7638. Throws a {@link KeyError}. */
export declare function fingerprintOf(key: DevicePublicKey): Promise<Uint8Array<ArrayBuffer>>;
