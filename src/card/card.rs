//! All that a payment needs of a card.

use core::fmt;

use crate::card::{CardVerificationCode, Cardholder, Expiry, Pan};

/// A card as its holder typed it. It lives on their device until it is sealed, and in the vault for
/// the length of one call to the acquirer.
///
/// Wiped on drop; neither `Clone`, `Display` nor `Serialize`.
#[derive(PartialEq, Eq)]
pub struct Card {
    pan: Pan,
    expiry: Expiry,
    code: CardVerificationCode,
    cardholder: Cardholder,
}

/// The verification code has not as many digits as the card's scheme prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the verification code has three digits, four on American Express")]
#[non_exhaustive]
pub struct WrongCodeLength;

impl Card {
    /// Puts a card together. Whether it has expired is for whoever knows the time:
    /// [`Expiry::is_over`].
    ///
    /// # Errors
    ///
    /// [`WrongCodeLength`] unless the code has [`Brand::code_digits`](crate::card_number::Brand::code_digits).
    pub fn new(
        pan: Pan,
        expiry: Expiry,
        code: CardVerificationCode,
        cardholder: Cardholder,
    ) -> Result<Self, WrongCodeLength> {
        if code.expose().len() == pan.brand().code_digits() {
            Ok(Self { pan, expiry, code, cardholder })
        } else {
            Err(WrongCodeLength)
        }
    }

    /// The card number.
    #[must_use]
    pub const fn pan(&self) -> &Pan {
        &self.pan
    }

    /// Until when it is valid.
    #[must_use]
    pub const fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// The verification code.
    #[must_use]
    pub const fn code(&self) -> &CardVerificationCode {
        &self.code
    }

    /// The name on it.
    #[must_use]
    pub const fn cardholder(&self) -> &Cardholder {
        &self.cardholder
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Card([REDACTED])")
    }
}
