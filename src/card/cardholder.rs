//! The name on the card.

use core::str::FromStr;

use serde::{Deserialize, Deserializer};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::typed;
use crate::secret::{SecretText, deserialize_text};
use crate::unicode::is_invisible;

/// The longest name, in characters (as EMV 3-D Secure limits it).
pub const MAX_CARDHOLDER_CHARS: usize = 45;
/// The longest in bytes: no character takes more than four.
pub(super) const MAX_BYTES: usize = 4 * MAX_CARDHOLDER_CHARS;
/// From this many digits on, a card number was typed into the wrong field.
const DIGITS_OF_A_CARD: usize = 12;

/// The name on the card, as typed: 1 to [`MAX_CARDHOLDER_CHARS`] visible characters, without the
/// white space around them, and fewer than 12 digits, so that a card number typed into the wrong field
/// is noticed.
///
/// Wiped on drop; compared in constant time; neither `Clone`, `Display` nor `Serialize`.
#[derive(Debug, PartialEq, Eq)]
pub struct Cardholder(SecretText);

/// The text is not a name. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {MAX_CARDHOLDER_CHARS} visible characters and no card number")]
#[non_exhaustive]
pub struct InvalidCardholder;

impl Cardholder {
    /// The name: for the acquirer's call and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Another copy, for the record that keeps it.
    pub(super) fn copy(&self) -> Self {
        Self(SecretText::copy_of(self.expose()))
    }
}

impl FromStr for Cardholder {
    type Err = InvalidCardholder;

    fn from_str(text: &str) -> Result<Self, InvalidCardholder> {
        let name = text.trim();
        let (mut length, mut digits) = (0_usize, 0_usize);
        for c in name.chars().take(MAX_CARDHOLDER_CHARS + 1) {
            let group = c.general_category_group();
            let shown = c == ' '
                || !matches!(group, GeneralCategoryGroup::Separator | GeneralCategoryGroup::Other)
                    && !is_invisible(c);
            if !shown {
                return Err(InvalidCardholder);
            }
            length += 1;
            digits += usize::from(c.is_numeric() || typed::digit(c).is_some());
        }
        if (1..=MAX_CARDHOLDER_CHARS).contains(&length) && digits < DIGITS_OF_A_CARD {
            Ok(Self(SecretText::copy_of(name)))
        } else {
            Err(InvalidCardholder)
        }
    }
}

impl<'de> Deserialize<'de> for Cardholder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a name as text", Self::from_str)
    }
}
