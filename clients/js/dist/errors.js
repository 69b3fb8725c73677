// What can go wrong. No error repeats a secret, or what was typed.
/** Something this client refuses, with a name that never changes. */
export class CountersignError extends Error {
    kind;
    name = "CountersignError";
    constructor(kind, message) {
        super(message);
        this.kind = kind;
    }
}
/** The token is not genuine, not for this customer, or not valid now: show nothing of it. */
export class TokenError extends CountersignError {
    name = "TokenError";
    constructor(kind) {
        super(kind, "the token is not genuine, not for this customer, or not valid now");
    }
}
/** A challenge was found where it was not meant to be: a copy. */
export class FoundElsewhere extends CountersignError {
    name = "FoundElsewhere";
    constructor() {
        super("found_elsewhere", "this token was not meant for the place where it was found");
    }
}
/** What a phone shows is no number in the international form, and could not be looked up. */
export class PhoneNumberError extends CountersignError {
    name = "PhoneNumberError";
    constructor() {
        super("number", "expected a telephone number such as +442071234567: +, then 5 to 15 digits");
    }
}
/** Why a ticket cannot be dialled: ask for another. */
export class TicketError extends CountersignError {
    name = "TicketError";
}
/** Why a notice must not be shown, or a list of notices was not learnt. */
export class NoticeError extends CountersignError {
    name = "NoticeError";
}
/** A key that is no key to trust. */
export class KeyError extends CountersignError {
    name = "KeyError";
}
/** Why no answer about the status may be shown: show "not verified". */
export class NotVerified extends CountersignError {
    name = "NotVerified";
}
/** Why no card may be asked for. */
export class PaymentError extends CountersignError {
    name = "PaymentError";
}
/** Why a history is not the one that the receipt speaks of, grown. */
export class HistoryError extends CountersignError {
    name = "HistoryError";
}
/** Why a credential could not be made, read or used. */
export class CredentialError extends CountersignError {
    name = "CredentialError";
}
/** Why something is no table of the kinds of actions that are built into an app. */
export class ActionFormError extends CountersignError {
    name = "ActionFormError";
}
/** Why what was heard was compared with nothing. It was not counted. */
export class CodeCheckError extends CountersignError {
    name = "CodeCheckError";
}
/** Which field of a card is not right. */
export class CardError extends CountersignError {
    name = "CardError";
}
