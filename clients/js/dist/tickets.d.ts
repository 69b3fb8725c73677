/**
 * What the app dials: the enterprise's number, and behind it digits that are **never shown**, since an impostor's answering
 * machine asks for what is shown. So nothing here gives the digits as a text to show.
 */
export declare class DialTicket {
    #private;
    /** The number that is called: show this. */
    readonly number: string;
    private constructor();
    /**
     * Reads what the enterprise gave this app's session, if it is for this `number` of the enterprise's: one that the app has
     * built in, or from its signed list. Throws a {@link TicketError}.
     */
    static read(dialString: string, number: string): DialTicket;
    /** Hands it to the phone's dialler, once. What a page has is `tel:` with the same text. */
    dial<T>(dialler: (dialString: string) => T): T;
    toJSON(): string;
}
/** The value of a `User-to-User` header (RFC 7433) of a call that the app itself makes, over the enterprise's own trunk. */
export declare class HeaderTicket {
    #private;
    private constructor();
    /** Reads what the enterprise gave this app's session. Throws a {@link TicketError}. */
    static read(value: string): HeaderTicket;
    /** Hands it to whatever makes the call, once. */
    place<T>(caller: (userToUser: string) => T): T;
    toJSON(): string;
}
