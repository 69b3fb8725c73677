//! Digits as people type, paste and dictate them: the one reader for codes, PINs and card fields.
//!
//! | taken | refused |
//! | --- | --- |
//! | decimal digits of any script, of several too: a keypad may mix them, and only their value counts | letters, other numbers (`²`, `Ⅳ`, `一`), signs |
//! | white space of any kind, anywhere | |
//! | dashes and hyphens between digits | the same before the first digit or after the last: a minus, or something was cut off |
//! | characters that nobody sees at the ends, as copying leaves them there | the same between digits |
//!
//! What comes out is ASCII. No error repeats what was typed.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use zeroize::Zeroizing;

use crate::values::unicode::{digit, is_unseen};

/// At most `MAX` digits that were typed, as ASCII; wiped on drop.
pub(crate) struct TypedDigits<const MAX: usize> {
    room: Zeroizing<[u8; MAX]>,
    length: usize,
}

/// Why a text is not so many digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistyped {
    /// Something else stands in it.
    NotDigits,
    /// More digits than there may be, or too much around them.
    TooLong,
}

impl<const MAX: usize> TypedDigits<MAX> {
    /// Reads a text of at most `longest` characters. There may be no digit in it at all.
    pub(crate) fn read(text: &str, longest: usize) -> Result<Self, Mistyped> {
        if is_longer(text, longest) {
            return Err(Mistyped::TooLong);
        }
        let text = trimmed(text);
        let mut digits = Self { room: Zeroizing::new([0; MAX]), length: 0 };
        for c in text.chars() {
            if let Some(value) = digit(c) {
                *digits.room.get_mut(digits.length).ok_or(Mistyped::TooLong)? =
                    b'0'.saturating_add(value);
                digits.length = digits.length.saturating_add(1);
            } else if !is_separator(c) {
                return Err(Mistyped::NotDigits);
            }
        }
        // Trimmed, so what is no digit at an end is a dash.
        let ends_in = |c: Option<char>| c.is_some_and(|c| digit(c).is_none());
        let mut chars = text.chars();
        if digits.length > 0 && (ends_in(chars.next()) || ends_in(chars.next_back())) {
            return Err(Mistyped::NotDigits);
        }
        Ok(digits)
    }

    /// The digits, ASCII.
    pub(crate) fn as_str(&self) -> &str {
        // Written digit by digit above, so the fallback is never taken.
        core::str::from_utf8(self.room.get(..self.length).unwrap_or_default()).unwrap_or_default()
    }
}

/// Whether a text has more than `longest` characters; no more of it is looked at.
pub(crate) fn is_longer(text: &str, longest: usize) -> bool {
    text.len() > longest && text.chars().nth(longest).is_some()
}

/// Without white space and characters that nobody sees at the ends.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_unseen(c))
}

/// What people and forms put between groups of digits: any white space, any dash, the minus sign.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_whitespace() || c == '\u{2212}' || c.general_category() == GeneralCategory::DashPunctuation
}
