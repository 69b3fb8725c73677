type Bytes = Uint8Array<ArrayBuffer>;
export declare const SALT_BYTES = 16;
/** A PIN as typed, in ASCII digits: 4 to 12 of any script. Throws a {@link CredentialError}. */
export declare function readPin(typed: string): string;
/** Two keys of which each PIN opens one. */
export interface Masked {
    readonly salt: Bytes;
    readonly keys: readonly [Bytes, Bytes];
}
/** Masks a key under each PIN. Without a second PIN the other key is random bytes, which nobody can tell from one. */
export declare function mask(pin: string, key: Bytes, duress: {
    pin: string;
    key: Bytes;
} | undefined): Promise<Masked>;
/** The key that a PIN opens: a wrong one opens a wrong key. */
export declare function unmask({ salt, keys }: Masked, pin: string): Promise<Bytes>;
/** The layout in a stored credential: the salt, then both keys. */
export declare const maskedBytes: ({ salt, keys }: Masked) => Bytes;
export {};
