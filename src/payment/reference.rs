//! What an acquirer calls a payment, made fit to be shown.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use crate::codec::table::kept_as_text;
use crate::redact;
use crate::values::agent_safe::agent_safe;
use crate::values::card_number::{Brand, LastFour, could_hold};
use crate::values::secret::deserialize_text;

/// The longest reference, in characters.
const MAX_CHARS: usize = 64;
/// How much of an acquirer's text is looked at; a number may begin before and end after the 64th.
const LOOKED_AT: usize = 1024;
/// What an acquirer's text is read after: a number, and a word that parts it from what follows.
const BESIDE: &str = "4242424242424242 reference ";
/// The shortest and the longest card number.
const CARD: core::ops::RangeInclusive<usize> = 12..=19;

/// An acquirer's word for a payment: an authorisation code, a transaction id.
///
/// At most 64 printable ASCII characters, possibly none. The acquirer's text is made to fit rather than
/// refused, so that no charge is lost for it: anything else becomes `?`, what is longer is cut, and
/// digits that form a card number, with or without separators, become `*`. (A transaction id of 13 or
/// more digits alone passes for a card number now and then. With the payment's idempotency key the
/// acquirer finds the payment all the same.)
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Reference(String);

/// The text is not one that this crate wrote as an acquirer's reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an acquirer's reference")]
#[non_exhaustive]
pub struct InvalidReference;

impl Reference {
    /// What may be shown of `text`, an acquirer's answer about a card that ends in `last_four`.
    pub(crate) fn of(text: &str, last_four: LastFour) -> Self {
        // Never grown, and wiped: until it is masked, a card number may stand in it.
        let mut fit = Zeroizing::new(Vec::with_capacity(LOOKED_AT));
        fit.extend(text.chars().take(LOOKED_AT).map(shown));
        mask(&mut fit, Some(last_four));
        // What reads no differently for knowing the card: numbers in words, codes and expiries beside one. Beside a
        // number, a code that is named as such is one.
        let mut beside =
            Zeroizing::new(String::with_capacity(BESIDE.len().saturating_add(fit.len())));
        beside.push_str(BESIDE);
        beside.push_str(core::str::from_utf8(&fit).unwrap_or_default());
        let text = Zeroizing::new(redact::cards(&beside).into_owned());
        let text = text.bytes().skip(BESIDE.len());
        let mut fit = Zeroizing::new(text.take(MAX_CHARS).collect::<Vec<_>>());
        // What is left of a longer run may look like a card number only now.
        mask(&mut fit, Some(last_four));
        Self(core::str::from_utf8(&fit).unwrap_or_default().trim().to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

kept_as_text!(Reference);

fn shown(c: char) -> u8 {
    match u8::try_from(c) {
        Ok(byte) if byte.is_ascii_graphic() || byte == b' ' => byte,
        _ => b'?',
    }
}

/// Masks every run of digits that is or holds a card number; returns whether there was one.
///
/// [`redact`] weighs what else a run might be, and does not know the card. This does, weighs nothing, and
/// never changes its mind: what was written once must be read for ever.
///
/// A run goes on over separators. The whole of it is masked if it is some scheme's number, or if any
/// part of it could be that of the card that ends in `last_four`.
fn mask(text: &mut [u8], last_four: Option<LastFour>) -> bool {
    let mut found = false;
    for run in text.split_mut(u8::is_ascii_alphabetic) {
        let mut digits = Zeroizing::new(Vec::with_capacity(run.len()));
        digits.extend(run.iter().copied().filter(u8::is_ascii_digit));
        let whole = CARD.contains(&digits.len()) && Brand::of_number(&digits).is_some();
        let of_card = last_four.is_some_and(|last_four| could_hold(&digits, last_four));
        if whole || of_card {
            found = true;
            run.iter_mut().filter(|byte| byte.is_ascii_digit()).for_each(|digit| *digit = b'*');
        }
    }
    found
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let mut bytes = text.as_bytes().to_vec();
        let fits = bytes.len() <= MAX_CHARS
            && text.trim() == text
            && text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
        if fits && !mask(&mut bytes, None) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidReference)
        }
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "an acquirer's reference", Self::from_str)
    }
}

agent_safe!(Reference);

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> String {
        Reference::of(text, "4242".parse().unwrap()).0
    }

    #[test]
    fn a_card_number_never_shows() {
        for (text, shown) in [
            ("A1B2C3", "A1B2C3"),
            ("4242424242424242", "****************"),
            ("tx-4242 4242-4242.4242", "tx-**** ****-****.****"),
            // Within a longer run, and across what is cut.
            ("20261126424242424242424299", "**************************"),
            (
                &format!("{}4242424242424242", "x".repeat(50)),
                &format!("{}{}", "x".repeat(50), "*".repeat(14)),
            ),
            // Another card's, alone.
            ("5555555555554444", "****************"),
            ("id5555555555554444id", "id****************id"),
            // No scheme's, and yet it could be this card's: a host has ranges of its own.
            ("9000000000014242", "****************"),
            ("202611269000000000014242", "************************"),
            // No card's: the check digit is wrong, or another card's would be in a longer run.
            ("7100001000004242", "7100001000004242"),
            ("4000056655665557", "4000056655665557"),
            ("20261126000000000017", "20261126000000000017"),
            ("４２４２424242424242", "????************"),
            // The beginning of a longer number that, alone, is one of Diners Club's.
            (
                &format!("{}36000000000008{}", "x".repeat(50), "1".repeat(16)),
                &format!("{}{}", "x".repeat(50), "*".repeat(14)),
            ),
            // Verification codes, if they are named as such, and nothing else of so few digits.
            ("cvv 737 ok", "cvv *** ok"),
            ("CVC2: 1234", "CVC2: ****"),
            (r#"{"cvc":"737"}"#, r#"{"cvc":"***"}"#),
            ("security code 737", "security code ***"),
            ("cv2 737", "cv2 ***"),
            ("seccode=737", "seccode=***"),
            // So many digits that some could be the number, the spaces among them.
            ("4242%204242%204242%204242", "****%******%******%******"),
            ("5555%205555%205555%204444", "****%20****%20****%20****"),
            ("4242+4242+4242+4242", "****+****+****+****"),
            ("card 501800000009", "card ************"),
            ("737", "737"),
            ("AUTH-737-4242", "AUTH-737-4242"),
            ("12/27 0001", "**/** 0001"),
            ("1227", "1227"),
            ("txn 123 1227 737", "txn 123 1227 737"),
            ("  trimmed\n", "trimmed?"),
            ("", ""),
        ] {
            assert_eq!(reference(text), shown, "{text}");
            assert_eq!(shown.parse::<Reference>().map(|read| read.0), Ok(shown.to_owned()));
        }
        let spoken =
            reference("four two four two four two four two four two four two four two four two");
        assert!(!spoken.contains("four two"), "{spoken}");
        for text in ["4242424242424242", "a\nb", " a", &"x".repeat(65), "é"] {
            assert_eq!(text.parse::<Reference>(), Err(InvalidReference), "{text}");
        }
    }

    proptest::proptest! {
        /// Or a charge could not be read back from its record.
        #[test]
        fn whatever_the_acquirer_says_is_read_again(
            text in "[ -~é４]{0,20}[0-9]{0,40}[ -]{0,1}[0-9]{0,60}[ -~]{0,60}",
        ) {
            let shown = reference(&text);
            proptest::prop_assert_eq!(shown.parse::<Reference>().map(|read| read.0), Ok(shown));
        }
    }
}
