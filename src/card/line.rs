//! One line of what people type about themselves: a name, a street, a town.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use zeroize::Zeroizing;

use crate::values::secret::SecretText;
use crate::values::unicode::joiners::{are_in_place, is_joiner};
use crate::values::unicode::{digit, is_invisible, is_space};

/// From this many digits on, a card number was typed into the wrong field.
const DIGITS_OF_A_CARD: usize = 12;

/// 1 to `CHARS` visible characters without white space around them, fewer than 12 of them digits. Wiped on drop.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<const CHARS: usize>(SecretText);

impl<const CHARS: usize> Line<CHARS> {
    /// The longest in bytes: no character takes more than four.
    pub(super) const MAX_BYTES: usize = 4 * CHARS;

    /// Reads what was typed. Spaces of any kind become one U+0020 between words.
    pub(super) fn typed(text: &str) -> Option<Self> {
        // Room for the longest, so that it never grows and leaves a copy behind.
        let mut line = Zeroizing::new(String::with_capacity(Self::MAX_BYTES));
        let (mut length, mut spaced) = (0_usize, false);
        for c in text.trim().chars() {
            if is_space(c) {
                spaced = true;
                continue;
            }
            length = length.saturating_add(1).saturating_add(usize::from(spaced));
            if length > CHARS {
                return None;
            }
            if spaced {
                line.push(' ');
            }
            line.push(c);
            spaced = false;
        }
        Self::kept(&line)
    }

    /// Reads a line as it was sealed or kept, spaces included.
    pub(super) fn kept(line: &str) -> Option<Self> {
        if line.trim() != line {
            return None;
        }
        let (mut length, mut digits) = (0_usize, 0_usize);
        for c in line.chars().take(CHARS.saturating_add(1)) {
            if !shown(c) {
                return None;
            }
            length = length.saturating_add(1);
            digits = digits.saturating_add(usize::from(is_digit(c)));
        }
        let fits = (1..=CHARS).contains(&length);
        (fits && digits < DIGITS_OF_A_CARD && are_in_place(line))
            .then(|| Self(SecretText::copy_of(line)))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(super) fn copy(&self) -> Self {
        Self(SecretText::copy_of(self.expose()))
    }

    /// Whether there is nothing but digits in it.
    pub(super) fn is_number(&self) -> bool {
        self.expose().chars().all(is_digit)
    }
}

/// Whether a character is seen, or is a joiner, whose place is looked at apart. Most are ASCII, and are not looked up
/// in a table: a name is read with each use of a kept card.
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
