//! The names of kinds of actions and of their fields, none of which can be spelt as money or as a new authenticator.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::table::kept_as_text;
use crate::values::secret::deserialize_text;

/// The most fields of an action (the incumbents' limit).
pub const MAX_FIELDS: usize = 20;
/// The longest name of a kind or field, in characters.
pub const MAX_NAME_CHARS: usize = 36;

/// A text is no name for a kind of action, or for a field of one. Nothing of the text is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidActionName {
    /// Other characters, or too many or too few.
    #[error(
        "a name has 1 to {MAX_NAME_CHARS} lower-case letters and digits, in words joined by `_`, and begins with a letter"
    )]
    Malformed,
    /// Money moves, or another app or fob is bound, by a transaction alone.
    #[error("an action must not be called as money or an authenticator is: ask for a transaction")]
    Reserved,
}

/// Stems of words by which money and authenticators are called, wherever they stand in a name.
const STEMS: [&str; 18] = [
    "transfer",
    "payment",
    "payee",
    "payout",
    "refund",
    "withdraw",
    "deposit",
    "remit",
    "purchase",
    "money",
    "amount",
    "currency",
    "authenticator",
    "enrol",
    "credential",
    "passkey",
    "devicekey",
    "cardnumber",
];
/// Such words that are parts of harmless ones, too: they are looked for as whole words.
const WORDS: [&str; 17] = [
    "code", "pin", "pay", "pays", "paid", "fob", "fobs", "charge", "debit", "credit", "iban",
    "totp", "hotp", "ocra", "cash", "funds", "wire",
];

fn checked(text: &str) -> Result<&str, InvalidActionName> {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let begins = text.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
    if !begins || text.len() > MAX_NAME_CHARS || !text.split('_').all(is_word) {
        return Err(InvalidActionName::Malformed);
    }
    // Also where a word is written in parts, as in `pay_ment`, or digits stand for letters, as in `payment5`.
    let joined: String = text.chars().filter(|c| *c != '_').collect();
    let holds = |stem: &&str| readings(&joined).iter().any(|read| read.contains(*stem));
    let is_reserved = |word: &str| {
        let plain = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let mut read = [word, plain].into_iter().flat_map(readings);
        read.any(|read| WORDS.contains(&read.as_str()))
    };
    if STEMS.iter().any(holds) || text.split('_').chain([joined.as_str()]).any(is_reserved) {
        return Err(InvalidActionName::Reserved);
    }
    Ok(text)
}

/// What `text` can be read as: as it stands, and with letters for the digits that look like them, of which a 1 looks like
/// two.
fn readings(text: &str) -> [String; 3] {
    let read = |one: char| {
        let letter = |c| match c {
            '0' => 'o',
            '1' => one,
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            other => other,
        };
        text.chars().map(letter).collect()
    };
    [text.to_owned(), read('l'), read('i')]
}

macro_rules! action_name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        ///
        /// 1 to [`MAX_NAME_CHARS`] lower-case letters and digits, in words joined by `_`. It cannot be spelt as money
        /// or as a new authenticator: no `transfer`, `payment_order`, `amount` or `new_authenticator`.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidActionName;

            fn from_str(text: &str) -> Result<Self, InvalidActionName> {
                checked(text).map(|text| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_text(deserializer, $what, Self::from_str)
            }
        }

        kept_as_text!($name);
    };
}

action_name! {
    /// The name of a kind of action, such as `address_change` or `video_identification`.
    ActionKind, "the kind of an action"
}
action_name! {
    /// The name of a field of an action, such as `document_digest`.
    FieldName, "the name of a field"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_spelt_as_money_or_as_a_new_authenticator() {
        for money in [
            "transfer",
            "payment",
            "new_payee",
            "pay_ment",
            "wire_transfer",
            "p4yment",
            "pay",
            "pay2",
            "money_order",
            "amount",
            "transfer5",
            "refund",
            "direct_debit",
            "a_7ransfer",
        ] {
            assert_eq!(ActionKind::from_str(money), Err(InvalidActionName::Reserved), "{money}");
            assert_eq!(FieldName::from_str(money), Err(InvalidActionName::Reserved), "{money}");
        }
        for enrolment in [
            "new_authenticator",
            "enrol",
            "enrolment",
            "enroll_app",
            "new_fob",
            "passkey",
            "cred3ntial",
        ] {
            assert_eq!(
                ActionKind::from_str(enrolment),
                Err(InvalidActionName::Reserved),
                "{enrolment}"
            );
        }
        for fine in ["video_identification", "address_change", "payroll_access", "a", "read2"] {
            assert_eq!(ActionKind::from_str(fine).map(|kind| kind.0), Ok(fine.to_owned()));
        }
        for odd in ["", "_a", "a_", "a__b", "1a", "Address", "a b", "é", &"a".repeat(37)] {
            assert_eq!(ActionKind::from_str(odd), Err(InvalidActionName::Malformed), "{odd}");
        }
    }
}
