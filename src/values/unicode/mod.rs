//! What Unicode's general categories do not say: what a digit is worth, what nobody sees, and where
//! the joiners of Indic and Arabic scripts may stand.

#[cfg(test)]
mod exported;
pub(crate) mod joiners;
pub(crate) mod numeric;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Where each script's digits begin: ten in a row, from 0 to 9 (Unicode 17, category Nd).
const ZEROS: [u32; 76] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450,
    0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50,
    0x11D50, 0x11DA0, 0x11DE0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950,
];
/// The segmented digits, apart because the table above would be one longer than it reads well.
const SEGMENTED_ZERO: u32 = 0x1FBF0;

/// The value of a decimal digit of any script.
pub(crate) fn digit(c: char) -> Option<u8> {
    let code = u32::from(c);
    if c.is_ascii() {
        return u8::try_from(code.wrapping_sub(0x30)).ok().filter(|value| *value < 10);
    }
    let zero = match ZEROS.partition_point(|zero| *zero <= code).checked_sub(1) {
        _ if code >= SEGMENTED_ZERO => SEGMENTED_ZERO,
        Some(at) => *ZEROS.get(at)?,
        None => return None,
    };
    u8::try_from(code.checked_sub(zero)?).ok().filter(|value| *value < 10)
}

/// A space of any kind (Zs): no tab, and no end of a line.
pub(crate) fn is_space(c: char) -> bool {
    // Categories are looked up by search, and most texts are ASCII.
    c == ' ' || (!c.is_ascii() && c.general_category() == GeneralCategory::SpaceSeparator)
}

/// Characters that are letters, marks or symbols by category and yet show nothing: fillers and
/// variation selectors (Unicode's *Default_Ignorable_Code_Point*, less what is a format character
/// or unassigned), the Khitan filler, and the signs that are drawn blank (the braille pattern without
/// dots, the musical null notehead, the Egyptian blanks).
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        u32::from(c),
        0x034F
            | 0x115F..=0x1160
            | 0x17B4..=0x17B5
            | 0x180B..=0x180D
            | 0x180F
            | 0x2800
            | 0x3164
            | 0xFE00..=0xFE0F
            | 0xFFA0
            | 0x13441..=0x13442
            | 0x16FE4
            | 0x1D159
            | 0xE0100..=0xE01EF
    )
}

/// Whether nobody sees it, wherever it stands: what is [invisible](is_invisible), and a format
/// character unless it is one of those that are drawn around a number (*Prepended_Concatenation_Mark*).
pub(crate) fn is_unseen(c: char) -> bool {
    let drawn = matches!(
        u32::from(c),
        0x0600..=0x0605 | 0x06DD | 0x070F | 0x0890..=0x0891 | 0x08E2 | 0x110BD | 0x110CD
    );
    is_invisible(c) || (c.general_category() == GeneralCategory::Format && !drawn)
}

#[cfg(test)]
mod tests {
    use icu_properties::props::{DefaultIgnorableCodePoint, PrependedConcatenationMark};
    use icu_properties::{CodePointSetData, props};

    use super::*;

    /// Blank by their drawing alone, which no property says.
    const BLANK: [char; 5] = ['\u{2800}', '\u{13441}', '\u{13442}', '\u{16fe4}', '\u{1d159}'];

    #[test]
    fn what_is_unseen_is_what_unicode_ignores_or_draws_blank() {
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        let drawn = CodePointSetData::new::<PrependedConcatenationMark>();
        let categories = icu_properties::CodePointMapData::<props::GeneralCategory>::new();
        for c in '\0'..=char::MAX {
            let category = categories.get(c);
            let assigned = category != props::GeneralCategory::Unassigned;
            let format = category == props::GeneralCategory::Format;
            let ignored = ignorable.contains(c) && assigned;
            let code = u32::from(c);
            assert_eq!(is_invisible(c), ignored && !format || BLANK.contains(&c), "{code:x}");
            let unseen = ignored || format && !drawn.contains(c) || BLANK.contains(&c);
            assert_eq!(is_unseen(c), unseen, "{code:x}");
        }
    }

    #[test]
    fn a_space_is_what_unicode_calls_one() {
        for c in '\0'..=char::MAX {
            let space = c.general_category() == GeneralCategory::SpaceSeparator;
            assert_eq!(is_space(c), space, "{:x}", u32::from(c));
        }
    }
}
