type Bytes = Uint8Array<ArrayBuffer>;
/** What an enrolment takes. */
export interface Enrolment {
    /** The credential's id. */
    readonly credential: string;
    /** The seed in base32 (RFC 4648), as the enterprise provisioned it. It is not kept. */
    readonly seed: string;
    readonly pin: string;
    /** A second PIN, for use under coercion. */
    readonly duress?: string | undefined;
    /** The suite, if the credential was enrolled for another than {@link APP_SUITE}. */
    readonly suite?: string | undefined;
}
/** What the app keeps of its credential. Nothing in it tells whether a PIN is right, or whether there are two. */
export declare class DeviceCredential {
    #private;
    private constructor();
    /** Takes over a newly enrolled credential. Throws a {@link CredentialError}. */
    static enrol(enrolment: Enrolment): Promise<DeviceCredential>;
    get id(): string;
    /** The first code, for the enterprise to confirm the credential with. A wrong PIN gives a wrong code. */
    confirm(pin: string): Promise<string>;
    /** The response to a question under a PIN. For this client's own use: approve what was shown, and nothing else. */
    answer(question: Bytes, pin: string): Promise<string>;
    /** The eight digits that a genuine agent says for a question. No PIN, and no network. */
    spokenCode(question: Bytes): Promise<string>;
    /** The key of the words that a genuine agent says. */
    wordsKey(): Bytes;
    /** For the platform's key store: nobody else may read it. The same bytes as the crate's `DeviceCredential` writes. */
    toBytes(): Promise<Bytes>;
    /** Reads what {@link toBytes} wrote. */
    static fromBytes(bytes: Uint8Array): Promise<DeviceCredential>;
    /** Nothing of it is printed. */
    toJSON(): string;
}
export {};
