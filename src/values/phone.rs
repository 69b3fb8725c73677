//! Telephone numbers, in the one form that can be compared: E.164.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::codec::table::kept_as_text;
use crate::values::secret::deserialize_text;

/// The fewest digits of a number, as the CAMARA APIs take them.
const FEWEST: usize = 5;
/// The most (E.164, section 6).
const MOST: usize = 15;

/// A telephone number in the international form of E.164: `+`, then 5 to 15 digits, the first of which is not 0.
///
/// `Debug` shows its last two digits alone: a customer's number belongs into no log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PhoneNumber(Box<str>);

/// The text is no telephone number in the international form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a telephone number such as +442071234567: +, then 5 to 15 digits")]
#[non_exhaustive]
pub struct InvalidPhoneNumber;

impl PhoneNumber {
    /// The number, with its `+`.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = InvalidPhoneNumber;

    fn from_str(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let digits = text.strip_prefix('+').ok_or(InvalidPhoneNumber)?.as_bytes();
        let fits = (FEWEST..=MOST).contains(&digits.len())
            && digits.iter().all(u8::is_ascii_digit)
            && digits.first() != Some(&b'0');
        fits.then(|| Self(Box::from(text))).ok_or(InvalidPhoneNumber)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default();
        write!(f, "PhoneNumber(…{last})")
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a telephone number as text", Self::from_str)
    }
}

kept_as_text!(PhoneNumber);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form() {
        for text in ["+442071234567", "+12345", "+123456789012345"] {
            assert_eq!(
                text.parse::<PhoneNumber>().map(|number| number.0.to_string()),
                Ok(text.into())
            );
        }
        for text in [
            "",
            "+",
            "442071234567",
            "+02071234567",
            "+1234",
            "+1234567890123456",
            "+44 207",
            "+44٢٠٧١٢٣",
        ] {
            assert_eq!(text.parse::<PhoneNumber>(), Err(InvalidPhoneNumber), "{text}");
        }
        let number: PhoneNumber = "+442071234567".parse().unwrap();
        assert_eq!(format!("{number:?}"), "PhoneNumber(…67)");
    }
}
