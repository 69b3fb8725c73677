//! The name on the card.

use core::str::FromStr;

use serde::{Deserialize, Deserializer};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use zeroize::Zeroizing;

use crate::codec::table::kept_as;
use crate::values::secret::{SecretText, deserialize_text};
use crate::values::unicode::joiners::{are_in_place, is_joiner};
use crate::values::unicode::{digit, is_invisible, is_space};

/// The longest name, in characters (as EMV 3-D Secure limits it).
pub const MAX_CARDHOLDER_CHARS: usize = 45;
/// The longest in bytes: no character takes more than four.
pub(super) const MAX_BYTES: usize = 4 * MAX_CARDHOLDER_CHARS;
/// From this many digits on, a card number was typed into the wrong field.
const DIGITS_OF_A_CARD: usize = 12;

/// The name on the card, as typed: 1 to [`MAX_CARDHOLDER_CHARS`] visible characters, without the
/// white space around them, fewer than 12 of them digits and not all, so that a card number or a
/// verification code typed into the wrong field is noticed. Spaces of any kind become one U+0020
/// between words. U+200C and U+200D stand where their script has them (RFC 5892, A.1 and A.2).
///
/// Wiped on drop; compared in constant time; neither `Clone`, `Display` nor `Serialize`.
#[derive(Debug, PartialEq, Eq)]
pub struct Cardholder(SecretText);

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
        Self(SecretText::copy_of(self.expose()))
    }
}

kept_as! { Cardholder: |name| name.expose(), |name: &str| Self::kept(name) }

impl FromStr for Cardholder {
    type Err = InvalidCardholder;

    fn from_str(text: &str) -> Result<Self, InvalidCardholder> {
        // Room for the longest, so that it never grows and leaves a copy behind.
        let mut name = Zeroizing::new(String::with_capacity(MAX_BYTES));
        let (mut length, mut spaced) = (0_usize, false);
        for c in text.trim().chars() {
            if is_space(c) {
                spaced = true;
                continue;
            }
            length = length.saturating_add(1).saturating_add(usize::from(spaced));
            if length > MAX_CARDHOLDER_CHARS {
                return Err(InvalidCardholder);
            }
            if spaced {
                name.push(' ');
            }
            name.push(c);
            spaced = false;
        }
        Self::kept(&name)
    }
}

impl Cardholder {
    /// Reads a name as it was sealed or kept, spaces included.
    pub(super) fn kept(name: &str) -> Result<Self, InvalidCardholder> {
        if name.trim() != name {
            return Err(InvalidCardholder);
        }
        let (mut length, mut digits, mut others) = (0_usize, 0_usize, 0_usize);
        for c in name.chars().take(MAX_CARDHOLDER_CHARS + 1) {
            if !shown(c) {
                return Err(InvalidCardholder);
            }
            length = length.saturating_add(1);
            digits = digits.saturating_add(usize::from(is_digit(c)));
            others = others.saturating_add(usize::from(!is_digit(c)));
        }
        let fits = (1..=MAX_CARDHOLDER_CHARS).contains(&length);
        if fits && digits < DIGITS_OF_A_CARD && others > 0 && are_in_place(name) {
            Ok(Self(SecretText::copy_of(name)))
        } else {
            Err(InvalidCardholder)
        }
    }
}

/// Whether a character of a name is seen, or is a joiner, whose place is looked at apart. Most are ASCII, and are not looked up in a table: a name is
/// read with each use of a kept card.
fn shown(c: char) -> bool {
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    let group = c.general_category_group();
    is_joiner(c)
        || (!matches!(group, GeneralCategoryGroup::Separator | GeneralCategoryGroup::Other)
            && !is_invisible(c))
}

fn is_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { c.is_numeric() || digit(c).is_some() }
}

impl<'de> Deserialize<'de> for Cardholder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a name as text", Self::from_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short way for ASCII says what the tables say.
    #[test]
    fn ascii_is_judged_as_the_tables_would() {
        for c in (0..128_u8).map(char::from) {
            let group = c.general_category_group();
            let other =
                matches!(group, GeneralCategoryGroup::Separator | GeneralCategoryGroup::Other);
            assert_eq!(shown(c), c == ' ' || !other && !is_invisible(c), "{c:?}");
            assert_eq!(is_digit(c), c.is_numeric() || digit(c).is_some(), "{c:?}");
        }
    }
}
