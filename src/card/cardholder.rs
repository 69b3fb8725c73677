//! The name on the card.

use core::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::card::line::Line;
use crate::codec::table::kept_as;
use crate::values::secret::deserialize_text;

/// The longest name, in characters (as EMV 3-D Secure limits it).
pub const MAX_CARDHOLDER_CHARS: usize = 45;
pub(super) const MAX_BYTES: usize = Line::<MAX_CARDHOLDER_CHARS>::MAX_BYTES;

/// The name on the card, as typed: 1 to [`MAX_CARDHOLDER_CHARS`] visible characters, without the
/// white space around them, fewer than 12 of them digits and not all, so that a card number or a
/// verification code typed into the wrong field is noticed. Spaces of any kind become one U+0020
/// between words. U+200C and U+200D stand where their script has them (RFC 5892, A.1 and A.2).
///
/// Wiped on drop; compared in constant time; neither `Clone`, `Display` nor `Serialize`.
#[derive(Debug, PartialEq, Eq)]
pub struct Cardholder(Line<MAX_CARDHOLDER_CHARS>);

/// The text is not a name. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {MAX_CARDHOLDER_CHARS} visible characters, no card number and no code")]
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
        Self(self.0.copy())
    }

    /// Reads a name as it was sealed or kept, spaces included.
    pub(super) fn kept(name: &str) -> Result<Self, InvalidCardholder> {
        Self::of(Line::kept(name))
    }

    fn of(line: Option<Line<MAX_CARDHOLDER_CHARS>>) -> Result<Self, InvalidCardholder> {
        line.filter(|line| !line.is_number()).map(Self).ok_or(InvalidCardholder)
    }
}

kept_as! { Cardholder: |name| name.expose(), |name: &str| Self::kept(name) }

impl FromStr for Cardholder {
    type Err = InvalidCardholder;

    fn from_str(text: &str) -> Result<Self, InvalidCardholder> {
        Self::of(Line::typed(text))
    }
}

impl<'de> Deserialize<'de> for Cardholder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a name as text", Self::from_str)
    }
}
