//! The card verification code.

use core::str::FromStr;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::typed;
use crate::secret::{SecretText, deserialize_text};

const MAX_DIGITS: usize = 4;

/// The three or four digits printed on the card (CVV2, CVC2, CID). Never stored, not even encrypted,
/// once the payment has been authorised or declined (PCI DSS 4.0.1, 3.3.1).
///
/// Parsed from ASCII or full-width digits, with white space around them. How many there must be
/// depends on the scheme: [`Card::new`](super::Card::new) checks it.
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
        let mut digits = Zeroizing::new([0; MAX_DIGITS]);
        let mut length = 0_usize;
        for c in text.trim().chars() {
            let digit = typed::digit(c).ok_or(InvalidCardVerificationCode)?;
            *digits.get_mut(length).ok_or(InvalidCardVerificationCode)? = digit;
            length = length.saturating_add(1);
        }
        match digits.get(..length).map(core::str::from_utf8) {
            Some(Ok(digits)) if length >= 3 => Ok(Self(SecretText::copy_of(digits))),
            _ => Err(InvalidCardVerificationCode),
        }
    }
}

impl<'de> Deserialize<'de> for CardVerificationCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a card verification code as text", Self::from_str)
    }
}
