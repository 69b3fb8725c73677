//! Where U+200C and U+200D may stand in a name: the contextual rules of RFC 5892, appendices A.1 and
//! A.2, which RFC 8264 takes over.
//!
//! Nobody sees them, so anywhere else they would make two names look alike. Sinhala, Malayalam and
//! Persian cannot be written without them.

use unicode_normalization::char::canonical_combining_class;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';
/// The combining class of viramas, which take the vowel off a letter.
const VIRAMA: u8 = 9;

/// Characters that join to the one after them (*Joining_Type* D or L of Unicode 18's
/// `DerivedJoiningType.txt`): where such characters begin, and where they have ended, in turn.
pub(super) const JOINS_NEXT: [u32; 158] = [
    0x0620, 0x0621, 0x0626, 0x0627, 0x0628, 0x0629, 0x062A, 0x062F, 0x0633, 0x0640, 0x0641, 0x0648,
    0x0649, 0x064B, 0x066E, 0x0670, 0x0678, 0x0688, 0x069A, 0x06C0, 0x06C1, 0x06C3, 0x06CC, 0x06CD,
    0x06CE, 0x06CF, 0x06D0, 0x06D2, 0x06FA, 0x06FD, 0x06FF, 0x0700, 0x0712, 0x0715, 0x071A, 0x071E,
    0x071F, 0x0728, 0x0729, 0x072A, 0x072B, 0x072C, 0x072D, 0x072F, 0x074E, 0x0759, 0x075C, 0x076B,
    0x076D, 0x0771, 0x0772, 0x0773, 0x0775, 0x0778, 0x077A, 0x0780, 0x07CA, 0x07EB, 0x0841, 0x0846,
    0x0848, 0x0849, 0x084A, 0x0854, 0x0855, 0x0856, 0x0860, 0x0861, 0x0862, 0x0866, 0x0868, 0x0869,
    0x0886, 0x0887, 0x0889, 0x088E, 0x088F, 0x0890, 0x08A0, 0x08AA, 0x08AF, 0x08B1, 0x08B3, 0x08B9,
    0x08BA, 0x08C9, 0x1807, 0x1808, 0x1820, 0x1879, 0x1887, 0x18A9, 0x18AA, 0x18AB, 0xA840, 0xA873,
    0x10AC0, 0x10AC5, 0x10ACD, 0x10ACE, 0x10AD3, 0x10ADD, 0x10ADE, 0x10AE1, 0x10AEB, 0x10AEF,
    0x10B80, 0x10B81, 0x10B82, 0x10B83, 0x10B86, 0x10B89, 0x10B8A, 0x10B8C, 0x10B8D, 0x10B8E,
    0x10B90, 0x10B91, 0x10BAD, 0x10BAF, 0x10D00, 0x10D22, 0x10D23, 0x10D24, 0x10EC3, 0x10EC5,
    0x10EC6, 0x10EC8, 0x10ED9, 0x10EEF, 0x10F30, 0x10F33, 0x10F34, 0x10F45, 0x10F51, 0x10F54,
    0x10F70, 0x10F74, 0x10F76, 0x10F82, 0x10FB0, 0x10FB1, 0x10FB2, 0x10FB4, 0x10FB8, 0x10FB9,
    0x10FBB, 0x10FBD, 0x10FBE, 0x10FC0, 0x10FC1, 0x10FC2, 0x10FC4, 0x10FC5, 0x10FCA, 0x10FCC,
    0x1E900, 0x1E944,
];
/// The same for those that join to the one before them (D or R).
pub(super) const JOINS_PREVIOUS: [u32; 98] = [
    0x0620, 0x0621, 0x0622, 0x0640, 0x0641, 0x064B, 0x066E, 0x0670, 0x0671, 0x0674, 0x0675, 0x06D4,
    0x06D5, 0x06D6, 0x06EE, 0x06F0, 0x06FA, 0x06FD, 0x06FF, 0x0700, 0x0710, 0x0711, 0x0712, 0x0730,
    0x074D, 0x0780, 0x07CA, 0x07EB, 0x0840, 0x0859, 0x0860, 0x0861, 0x0862, 0x0866, 0x0867, 0x086B,
    0x0870, 0x0883, 0x0886, 0x0887, 0x0889, 0x0890, 0x08A0, 0x08AD, 0x08AE, 0x08C9, 0x1807, 0x1808,
    0x1820, 0x1879, 0x1887, 0x18A9, 0x18AA, 0x18AB, 0xA840, 0xA872, 0x10AC0, 0x10AC6, 0x10AC7,
    0x10AC8, 0x10AC9, 0x10ACB, 0x10ACE, 0x10AD7, 0x10AD8, 0x10AE2, 0x10AE4, 0x10AE5, 0x10AEB,
    0x10AF0, 0x10B80, 0x10B92, 0x10BA9, 0x10BAF, 0x10D01, 0x10D24, 0x10EC2, 0x10EC5, 0x10EC6,
    0x10EC8, 0x10F30, 0x10F45, 0x10F51, 0x10F55, 0x10F70, 0x10F82, 0x10FB0, 0x10FB1, 0x10FB2,
    0x10FB7, 0x10FB8, 0x10FC0, 0x10FC1, 0x10FC5, 0x10FC9, 0x10FCB, 0x1E900, 0x1E944,
];

/// Whether it is one of the two.
pub(crate) const fn is_joiner(c: char) -> bool {
    matches!(c, NON_JOINER | JOINER)
}

/// Whether each of the two in `text` stands where its script has it: either after a virama, the
/// non-joiner also between two letters that would join.
pub(crate) fn are_in_place(text: &str) -> bool {
    text.match_indices(is_joiner).all(|(at, joiner)| {
        let (before, rest) = text.split_at_checked(at).unwrap_or_default();
        let after = rest.strip_prefix(joiner).unwrap_or_default();
        follows_virama(before) || (joiner.starts_with(NON_JOINER) && parts_letters(before, after))
    })
}

pub(super) fn follows_virama(before: &str) -> bool {
    before.chars().next_back().is_some_and(|c| canonical_combining_class(c) == VIRAMA)
}

fn parts_letters(before: &str, after: &str) -> bool {
    let previous = before.chars().rev().find(|c| !is_transparent(*c));
    let next = after.chars().find(|c| !is_transparent(*c));
    previous.is_some_and(|c| is_in(&JOINS_NEXT, c))
        && next.is_some_and(|c| is_in(&JOINS_PREVIOUS, c))
}

/// Marks, through which letters join (*Joining_Type* T). Format characters are too, but no name holds
/// any.
pub(super) fn is_transparent(c: char) -> bool {
    let category = c.general_category();
    matches!(category, GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
        // The one letter: Adlam's nasalization mark.
        || c == '\u{1e94b}'
}

pub(super) fn is_in(bounds: &[u32], c: char) -> bool {
    bounds.partition_point(|bound| *bound <= u32::from(c)) % 2 == 1
}

#[cfg(test)]
mod tests {
    use icu_properties::CodePointMapData;
    use icu_properties::props::{self, CanonicalCombiningClass, JoiningType};

    use super::*;

    #[test]
    fn letters_join_as_unicode_says() {
        let types = CodePointMapData::<JoiningType>::new();
        let classes = CodePointMapData::<CanonicalCombiningClass>::new();
        let categories = CodePointMapData::<props::GeneralCategory>::new();
        for c in '\0'..=char::MAX {
            let (kind, code) = (types.get(c), u32::from(c));
            let both = kind == JoiningType::DualJoining;
            assert_eq!(is_in(&JOINS_NEXT, c), both || kind == JoiningType::LeftJoining, "{code:x}");
            let previous = both || kind == JoiningType::RightJoining;
            assert_eq!(is_in(&JOINS_PREVIOUS, c), previous, "{code:x}");
            if categories.get(c) != props::GeneralCategory::Format {
                assert_eq!(is_transparent(c), kind == JoiningType::Transparent, "{code:x}");
            }
            let virama = classes.get(c) == CanonicalCombiningClass::Virama;
            assert_eq!(follows_virama(c.encode_utf8(&mut [0; 4])), virama, "{code:x}");
        }
    }
}
