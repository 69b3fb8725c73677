//! What a character is within a number: a digit of any script, a separator, a letter, or its end.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::values::unicode::{digit, is_invisible};

/// Kinds of separators, as bits. Nothing but invisible characters is no kind at all.
pub(super) const NEWLINE: u8 = 1;
pub(super) const SPACE: u8 = 1 << 1;
pub(super) const DASH: u8 = 1 << 2;
pub(super) const DOT: u8 = 1 << 3;
pub(super) const SLASH: u8 = 1 << 4;
pub(super) const UNDERSCORE: u8 = 1 << 5;
pub(super) const COMMA: u8 = 1 << 6;
pub(super) const FILLER: u8 = 1 << 7;

/// What a character is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A digit, 0 to 9.
    Digit(u8),
    /// It may stand within a number.
    Separator(u8),
    Letter,
    /// It ends a number.
    Other,
}

pub(super) fn class(c: char) -> Class {
    match c {
        '0'..='9' => Class::Digit(digit(c).unwrap_or(0)),
        'a'..='z' | 'A'..='Z' => Class::Letter,
        ' ' | '\t' => Class::Separator(SPACE),
        '\n' | '\r' | '\x0b' | '\x0c' => Class::Separator(NEWLINE),
        '-' | '~' => Class::Separator(DASH),
        '.' => Class::Separator(DOT),
        '/' | '\\' => Class::Separator(SLASH),
        '_' => Class::Separator(UNDERSCORE),
        // Fields of one line of a table.
        ',' | '|' | ';' => Class::Separator(COMMA),
        // Thousands in Switzerland.
        '\'' => Class::Separator(DOT),
        c if c.is_ascii() => Class::Other,
        c => beyond_ascii(c),
    }
}

fn beyond_ascii(c: char) -> Class {
    if let Some(value) = digit(c) {
        return Class::Digit(value);
    }
    match c {
        '\u{85}' => return Class::Separator(NEWLINE),
        '\u{2212}' | '\u{223c}' | '\u{ff5e}' | '\u{2043}' | '\u{207b}' | '\u{2d7}' => {
            return Class::Separator(DASH);
        }
        // Points and bullets in the middle, and apostrophes.
        '\u{b7}' | '\u{b4}' | '\u{2018}' | '\u{2019}' | '\u{2022}' | '\u{2026}' | '\u{25cf}'
        | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{30fb}' | '\u{ff0e}' | '\u{3002}' => {
            return Class::Separator(DOT);
        }
        '\u{2044}' | '\u{2215}' | '\u{ff0f}' => return Class::Separator(SLASH),
        '\u{ff3f}' => return Class::Separator(UNDERSCORE),
        '\u{60c}' | '\u{61b}' | '\u{3001}' | '\u{ff0c}' | '\u{ff1b}' => {
            return Class::Separator(COMMA);
        }
        _ => {}
    }
    if is_invisible(c) {
        return Class::Separator(0);
    }
    match c.general_category() {
        GeneralCategory::SpaceSeparator => Class::Separator(SPACE),
        GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {
            Class::Separator(NEWLINE)
        }
        GeneralCategory::DashPunctuation => Class::Separator(DASH),
        // A keycap around a digit, a joiner, a direction mark: the number goes on.
        GeneralCategory::Format
        | GeneralCategory::EnclosingMark
        | GeneralCategory::NonspacingMark => Class::Separator(0),
        _ if c.general_category_group() == GeneralCategoryGroup::Letter => Class::Letter,
        _ => Class::Other,
    }
}

/// Whether a byte that is not ASCII may begin a digit in UTF-8. Most text has none of these: Latin,
/// Greek, Cyrillic, Hebrew, Chinese, Japanese and Korean letters and typographic quotes begin
/// otherwise.
pub(super) const fn may_begin_digit(byte: u8) -> bool {
    matches!(byte, 0xD9 | 0xDB | 0xDF | 0xE0 | 0xE1 | 0xEA | 0xEF | 0xF0)
}

/// What stands at `at` in bytes that need not be UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoded {
    /// A character, and how many bytes it takes.
    Char(char, usize),
    /// The beginning of a character, at the end of the bytes.
    Partial,
    /// A byte that begins none, or nothing at all.
    Invalid,
}

#[inline]
pub(super) fn decode(bytes: &[u8], at: usize) -> Decoded {
    let rest = bytes.get(at..).unwrap_or_default();
    let Some(first) = rest.first() else { return Decoded::Invalid };
    // Most text is ASCII.
    if first.is_ascii() {
        return Decoded::Char(char::from(*first), 1);
    }
    decode_beyond_ascii(rest, *first)
}

fn decode_beyond_ascii(rest: &[u8], first: u8) -> Decoded {
    let length = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return Decoded::Invalid,
    };
    let bytes = rest.get(..length).unwrap_or(rest);
    match core::str::from_utf8(bytes) {
        Ok(text) => text.chars().next().map_or(Decoded::Invalid, |c| Decoded::Char(c, length)),
        Err(error) if error.error_len().is_none() && error.valid_up_to() == 0 => Decoded::Partial,
        Err(_) => Decoded::Invalid,
    }
}

/// The character that ends just before `at`, if there is one.
pub(super) fn before(bytes: &[u8], at: usize) -> Option<char> {
    if let Some(byte) = bytes.get(at.checked_sub(1)?).filter(|byte| byte.is_ascii()) {
        return Some(char::from(*byte));
    }
    (1..=4).find_map(|back| {
        let from = at.checked_sub(back)?;
        match decode(bytes.get(..at)?, from) {
            Decoded::Char(c, length) if length == back => Some(c),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decimal_digit_of_unicode_has_its_value_and_a_known_first_byte() {
        let mut count = 0;
        for c in '\0'..=char::MAX {
            let is_digit = c.general_category() == GeneralCategory::DecimalNumber;
            assert_eq!(digit(c).is_some(), is_digit, "{:x}", u32::from(c));
            if is_digit {
                let value = usize::from(digit(c).unwrap());
                assert_eq!(value, count % 10, "{:x}", u32::from(c));
                count += 1;
                let mut utf8 = [0; 4];
                c.encode_utf8(&mut utf8);
                assert!(c.is_ascii() || may_begin_digit(utf8[0]), "{:x}", u32::from(c));
            }
        }
        assert_eq!(count, 770);
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_told_from_beginnings() {
        assert_eq!(decode("４".as_bytes(), 0), Decoded::Char('４', 3));
        assert_eq!(decode(b"\xef\xbc", 0), Decoded::Partial);
        assert_eq!(decode(b"\xef(", 0), Decoded::Invalid);
        assert_eq!(decode(b"\xff", 0), Decoded::Invalid);
        assert_eq!(decode(b"", 0), Decoded::Invalid);
        assert_eq!(before("a４".as_bytes(), 4), Some('４'));
        assert_eq!(before("a４".as_bytes(), 1), Some('a'));
        assert_eq!(before("a４".as_bytes(), 0), None);
        assert_eq!(before(b"\xbc", 1), None);
    }
}
