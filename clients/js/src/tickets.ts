// "Call us": a ticket that says whose app asked to call. It identifies nobody and approves nothing.

import { TicketError } from "./errors.js";

// The number, a pause of the dialler's, the digits, and `#`.
const DIALLED = /^(\+[1-9][0-9]{4,14}),,[0-9]{16}#$/;
const HEADER = /^[0-9a-f]{32};encoding=hex$/;

/** Holds a text that is handed out once, and never printed. */
class OneUse {
  #text: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  use(): string {
    const text = this.#text;
    if (text === undefined) throw new TicketError("used", "this ticket was used: ask for another");
    this.#text = undefined;
    return text;
  }
}

/**
 * What the app dials: the enterprise's number, and behind it digits that are **never shown**, since an impostor's answering
 * machine asks for what is shown. So nothing here gives the digits as a text to show.
 */
export class DialTicket {
  readonly #dialled: OneUse;

  private constructor(
    /** The number that is called: show this. */
    readonly number: string,
    dialled: string,
  ) {
    this.#dialled = new OneUse(dialled);
  }

  /**
   * Reads what the enterprise gave this app's session, if it is for this `number` of the enterprise's: one that the app has
   * built in, or from its signed list. Throws a {@link TicketError}.
   */
  static read(dialString: string, number: string): DialTicket {
    const found = typeof dialString === "string" ? DIALLED.exec(dialString) : null;
    if (found?.[1] === undefined) throw new TicketError("malformed", "this is no ticket to dial");
    // Whoever answers hears the digits.
    if (found[1] !== number) throw new TicketError("other_number", "this ticket is for another number");
    return new DialTicket(found[1], dialString);
  }

  /** Hands it to the phone's dialler, once. What a page has is `tel:` with the same text. */
  dial<T>(dialler: (dialString: string) => T): T {
    return dialler(this.#dialled.use());
  }

  toJSON(): string {
    return "[REDACTED]";
  }
}

/** The value of a `User-to-User` header (RFC 7433) of a call that the app itself makes, over the enterprise's own trunk. */
export class HeaderTicket {
  readonly #value: OneUse;

  private constructor(value: string) {
    this.#value = new OneUse(value);
  }

  /** Reads what the enterprise gave this app's session. Throws a {@link TicketError}. */
  static read(value: string): HeaderTicket {
    if (typeof value !== "string" || !HEADER.test(value)) {
      throw new TicketError("malformed", "this is no ticket for a header");
    }
    return new HeaderTicket(value);
  }

  /** Hands it to whatever makes the call, once. */
  place<T>(caller: (userToUser: string) => T): T {
    return caller(this.#value.use());
  }

  toJSON(): string {
    return "[REDACTED]";
  }
}
