//! Digits of any script, told by their category and their place in their row alone, for the crate's
//! table to be compared with.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

fn is_digit(c: char) -> bool {
    c.general_category() == GeneralCategory::DecimalNumber
}

/// `text` with ASCII digits in place of all others, without white space, dashes and what shows nothing.
/// Whatever else there is stays.
pub fn plain(text: &str) -> String {
    let ascii = |c: char| {
        let row = |back: &u32| char::from_u32(u32::from(c) - back).is_some_and(is_digit);
        match u32::try_from((0..).take_while(row).count()) {
            Ok(place @ 1..) => char::from_digit((place - 1) % 10, 10).unwrap(),
            _ => c,
        }
    };
    text.chars().filter(|c| !shows_nothing(*c)).map(ascii).collect()
}

fn shows_nothing(c: char) -> bool {
    let blank = matches!(
        u32::from(c),
        0x115F..=0x1160 | 0x2800 | 0x3164 | 0xFFA0 | 0x13441..=0x13442 | 0x1D159
    );
    let category = c.general_category();
    let dash = category == GeneralCategory::DashPunctuation || c == '\u{2212}';
    let format = category == GeneralCategory::Format;
    let mark = category == GeneralCategory::NonspacingMark;
    c.is_whitespace() || dash || format || mark || blank
}
