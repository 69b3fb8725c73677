//! The card verification code.

use core::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::values::secret::{SecretText, deserialize_text};
use crate::values::typed::TypedDigits;

const MIN_DIGITS: usize = 3;
const MAX_DIGITS: usize = 4;
/// The longest text that is read, in characters.
const MAX_TYPED: usize = 16;

/// The three or four digits printed on the card (CVV2, CVC2, CID). Never stored, not even encrypted,
/// once the payment has been authorised or declined (PCI DSS 4.0.1, 3.3.1).
///
/// Parsed from digits of any script, with white space anywhere and dashes within. How many there must be
/// depends on the scheme: [`Card::new`](crate::card::Card::new) checks it.
///
/// Wiped on drop; compared in constant time; neither `Clone`, `Display` nor `Serialize`.
#[derive(Debug, PartialEq, Eq)]
pub struct CardVerificationCode(SecretText);

/// The text is not a verification code. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a card verification code has three or four digits and nothing else")]
#[non_exhaustive]
pub struct InvalidCardVerificationCode;

impl CardVerificationCode {
    /// The digits, ASCII: for the acquirer's call and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl FromStr for CardVerificationCode {
    type Err = InvalidCardVerificationCode;

    fn from_str(text: &str) -> Result<Self, InvalidCardVerificationCode> {
        let digits = TypedDigits::<MAX_DIGITS>::read(text, MAX_TYPED)
            .map_err(|_| InvalidCardVerificationCode)?;
        if digits.as_str().len() < MIN_DIGITS {
            return Err(InvalidCardVerificationCode);
        }
        Ok(Self(SecretText::copy_of(digits.as_str())))
    }
}

impl<'de> Deserialize<'de> for CardVerificationCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a card verification code as text", Self::from_str)
    }
}
