//! Digits as people type them.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The ASCII digit that `c` stands for: itself, or a full-width one (U+FF10 to U+FF19).
pub(super) fn digit(c: char) -> Option<u8> {
    let offset = match c {
        '0'..='9' => u32::from(c).checked_sub(u32::from('0')),
        '\u{FF10}'..='\u{FF19}' => u32::from(c).checked_sub(0xFF10),
        _ => return None,
    };
    u8::try_from(offset?).ok()?.checked_add(b'0')
}

/// What people and forms put between groups of digits: any white space, any dash, the minus sign.
pub(super) fn is_separator(c: char) -> bool {
    c.is_whitespace() || c == '\u{2212}' || c.general_category() == GeneralCategory::DashPunctuation
}
