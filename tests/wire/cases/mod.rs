//! The cases of each operation, and how each is to end.

mod approvals;
mod cards;
mod challenges;
mod codes;
mod contact;
mod envelope;
mod hearings;
mod histories;
mod keys;
mod last_contacts;
mod later;
mod payments;
mod step_ups;
mod texts;
mod told;

use serde_json::Value;

/// One case.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) input: Value,
    pub(crate) now: u64,
    pub(crate) expected: Expected,
}

/// How it ends, as its author says.
pub(crate) enum Expected {
    Taken,
    Gives(Value),
    Refused(&'static str),
}

pub(crate) fn taken(name: impl Into<String>, input: Value, now: u64) -> Case {
    Case { name: name.into(), input, now, expected: Expected::Taken }
}

pub(crate) fn gives(name: impl Into<String>, input: Value, now: u64, value: Value) -> Case {
    Case { name: name.into(), input, now, expected: Expected::Gives(value) }
}

pub(crate) fn refused(
    name: impl Into<String>,
    input: Value,
    now: u64,
    error: &'static str,
) -> Case {
    Case { name: name.into(), input, now, expected: Expected::Refused(error) }
}

pub(crate) use self::later::{FILES as LATER_FILES, LABEL as LATER_LABEL};

type File = (&'static str, &'static str, fn() -> Vec<Case>);

/// Each operation, what it does, and its cases.
pub(crate) const FILES: [File; 33] = [
    ("public_key", "Reads a public key in PASERK or as a JWK.", keys::public_keys),
    ("key_set", "Reads a JWK set; gives key ids and purposes that are trusted now.", keys::sets),
    (
        "open_challenge",
        "Opens a challenge. `found_on` is missing if it came in the app's own session.",
        challenges::cases,
    ),
    ("open_appointment", "Opens an appointment.", hearings::opened),
    (
        "check_code",
        "Opens an appointment (at `opened_at`, if given) and checks what was heard.",
        hearings::checked,
    ),
    ("read_attempts", "Reads what is remembered of codes.", hearings::remembered),
    (
        "answer_step_up",
        "Opens a step-up that asks who rang whom, or for digits, and approves it.",
        step_ups::answered,
    ),
    (
        "sign_step_up",
        "Opens a step-up that a device key or a passkey signs; gives what each signs, for a public `key`.",
        step_ups::signed,
    ),
    ("open_step_up", "Opens a step-up and, with `pin`, approves it.", step_ups::cases),
    ("open_status", "Opens the answer to a question that was asked at `asked`.", told::statuses),
    ("open_ground_rules", "Opens the ground rules.", told::ground_rules),
    ("open_payment", "Opens a payment request and checks its opening key.", payments::requests),
    ("open_receipt", "Opens the vault's receipt of a payment.", payments::receipts),
    ("open_erasure", "Opens an erasure receipt.", told::erasures),
    ("check_history", "Checks histories against a receipt.", histories::checked),
    (
        "renew_receipt",
        "Checks whether a newer receipt may take an older one's place.",
        histories::renewed,
    ),
    (
        "confirm",
        "Reads a stored credential and a PIN as typed; gives the first code.",
        codes::confirmed,
    ),
    ("read_spoken_code", "Reads a code as it was heard.", codes::heard),
    ("readback_words", "The words of a callback.", codes::words),
    ("amount_text", "An amount as a person reads it, and the currency's exponent.", texts::amounts),
    ("short_text", "Whether a text may be shown to people.", texts::short),
    ("host_id", "Whether a text is an id that the enterprise may choose.", texts::ids),
    (
        "seal_card",
        "Seals a card as typed, for a key whose ephemeral half is made of `drawn`.",
        cards::cases,
    ),
    (
        "look_up_number",
        "Opens the list of numbers (at `opened_at`, if given) and looks up the number of a call.",
        contact::numbers,
    ),
    (
        "ringing_call",
        "What the enterprise is asked about a call that has rung for `seconds`.",
        contact::ringing,
    ),
    ("open_verdict", "Opens the verdict on a call, asked for at `asked`.", contact::verdicts),
    (
        "open_reachable",
        "Opens the answer to a question of `asked`; gives how the skills of `look_for` are reached at `shown_at`.",
        contact::reachable,
    ),
    (
        "learn_notices",
        "Learns a list of notices: `known` is what was learnt before, JSON in a text.",
        contact::lists,
    ),
    (
        "open_notice",
        "Opens a notice. `found_on` is missing if it came on a board in the app's own session.",
        contact::notices,
    ),
    (
        "approve_action",
        "Opens a step-up of an action, shows it by the table `actions` of the device, and approves it.",
        approvals::actions,
    ),
    ("approve_jointly", "Opens a step-up of several approvers, and approves it.", approvals::joint),
    (
        "ask_last_contact",
        "What the customer's key answers to `challenge`, JSON in a text, before past contacts are told.",
        last_contacts::asked,
    ),
    (
        "open_last_contact",
        "Opens the answer to a question for the last contact.",
        last_contacts::opened,
    ),
];
