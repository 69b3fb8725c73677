// What can go wrong. No error repeats a secret, or what was typed.

/** Something this client refuses, with a name that never changes. */
export class CountersignError<Kind extends string = string> extends Error {
  override readonly name: string = "CountersignError";

  constructor(
    readonly kind: Kind,
    message: string,
  ) {
    super(message);
  }
}

/** What was wrong with a token: for the app's maker, never for the customer. */
export type Rejection =
  | "too_long"
  | "malformed"
  | "unknown_key"
  | "signature"
  | "claims"
  | "purpose"
  | "issuer"
  | "audience"
  | "lifetime"
  | "not_yet_valid"
  | "expired";

/** The token is not genuine, not for this customer, or not valid now: show nothing of it. */
export class TokenError extends CountersignError<Rejection> {
  override readonly name = "TokenError";

  constructor(kind: Rejection) {
    super(kind, "the token is not genuine, not for this customer, or not valid now");
  }
}

/** A challenge was found where it was not meant to be: a copy. */
export class FoundElsewhere extends CountersignError<"found_elsewhere"> {
  override readonly name = "FoundElsewhere";

  constructor() {
    super("found_elsewhere", "this token was not meant for the place where it was found");
  }
}

/** What a phone shows is no number in the international form, and could not be looked up. */
export class PhoneNumberError extends CountersignError<"number"> {
  override readonly name = "PhoneNumberError";

  constructor() {
    super("number", "expected a telephone number such as +442071234567: +, then 5 to 15 digits");
  }
}

/** Why a ticket cannot be dialled: ask for another. */
export class TicketError extends CountersignError<"malformed" | "other_number" | "used"> {
  override readonly name = "TicketError";
}

/** Why a notice must not be shown, or a list of notices was not learnt. */
export class NoticeError extends CountersignError<"withdrawn" | "older" | "known"> {
  override readonly name = "NoticeError";
}

/** A key that is no key to trust. */
export class KeyError extends CountersignError<
  "not_a_key" | "not_a_set" | "secret" | "weak" | "trusted" | "window"
> {
  override readonly name = "KeyError";
}

/** Why no answer about the status may be shown: show "not verified". */
export class NotVerified extends CountersignError<
  "not_genuine" | "other_question" | "stale" | "unknown_key" | "clock"
> {
  override readonly name = "NotVerified";
}

/** Why no card may be asked for. */
export class PaymentError extends CountersignError<
  | "no_vault_keys"
  | "opening_key_not_genuine"
  | "opening_key_for_another_enterprise"
  | "opening_key_not_yet_valid"
  | "opening_key_over"
  | "opening_key_ends_before_request"
  | "attempt"
> {
  override readonly name = "PaymentError";
}

/** Why a history is not the one that the receipt speaks of, grown. */
export class HistoryError extends CountersignError<
  | "not_genuine"
  | "unknown_key"
  | "not_yet_valid"
  | "expired"
  | "missing"
  | "broken"
  | "rewritten"
  | "put_back"
  | "too_old"
> {
  override readonly name = "HistoryError";
}

/** Why a credential could not be made, read or used. */
export class CredentialError extends CountersignError<
  | "malformed"
  | "same_pin"
  | "pin"
  | "seed"
  | "suite"
  | "other_credential"
  | "other_line"
  | "secret"
  | "random"
  | "unanswered"
  | "digits"
  | "no_digits"
  | "unknown_action"
  | "decline"
  | "challenge"
> {
  override readonly name = "CredentialError";
}

/** Why something is no table of the kinds of actions that are built into an app. */
export class ActionFormError extends CountersignError<
  "name" | "reserved" | "fields" | "field_twice" | "type" | "text"
> {
  override readonly name = "ActionFormError";
}

/** Why what was heard was compared with nothing. It was not counted. */
export class CodeCheckError extends CountersignError<
  "length" | "unknown_word" | "order" | "other_credential" | "own_word" | "attempts"
> {
  override readonly name = "CodeCheckError";
}

/** Which field of a card is not right. */
export class CardError extends CountersignError<
  | "pan_digits"
  | "pan_length"
  | "pan_check_digit"
  | "pan_unknown_scheme"
  | "expiry"
  | "code"
  | "code_length"
  | "cryptogram"
  | "cardholder"
  | "brand"
  | "stored_credential"
  | "address_country"
  | "address_region"
  | "address_postcode"
  | "address_city"
  | "address_line"
  | "ranges"
> {
  override readonly name = "CardError";
}
