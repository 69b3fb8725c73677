//! Characters that stand for a number and are no decimal digits: circled and bracketed digits, numerals of scripts that
//! write numbers otherwise, ideographs, dice.

use unicode_normalization::char::decompose_compatible;

use crate::values::unicode::digit;

/// Runs of characters that count on, and have no compatible decomposition with decimal digits (Unicode 14, property
/// *Numeric_Value*, whole numbers to 9; circled ones to 20; the faces of dice): the first, how many, and its value.
const RUNS: &[(u32, u8, u8)] = &[
    (0x0C78, 4, 0),
    (0x0C7C, 3, 1),
    (0x1369, 9, 1),
    (0x17F0, 10, 0),
    (0x19DA, 1, 1),
    (0x2160, 9, 1),
    (0x2170, 9, 1),
    (0x2185, 1, 6),
    (0x24EB, 10, 11),
    (0x24F5, 10, 1),
    (0x24FF, 1, 0),
    (0x2680, 6, 1),
    (0x2776, 10, 1),
    (0x2780, 10, 1),
    (0x278A, 10, 1),
    (0x3007, 1, 0),
    (0x3021, 9, 1),
    (0x3192, 4, 1),
    (0x3220, 9, 1),
    (0x3280, 9, 1),
    (0x3405, 1, 5),
    (0x3483, 1, 2),
    (0x382A, 1, 5),
    (0x3B4D, 1, 7),
    (0x4E00, 1, 1),
    (0x4E03, 1, 7),
    (0x4E09, 1, 3),
    (0x4E5D, 1, 9),
    (0x4E8C, 1, 2),
    (0x4E94, 1, 5),
    (0x4E96, 1, 4),
    (0x4EE8, 1, 3),
    (0x4F0D, 1, 5),
    (0x5169, 1, 2),
    (0x516B, 1, 8),
    (0x516D, 1, 6),
    (0x53C1, 1, 3),
    (0x53C2, 1, 3),
    (0x53C3, 1, 3),
    (0x53C4, 1, 3),
    (0x56DB, 1, 4),
    (0x58F1, 1, 1),
    (0x58F9, 1, 1),
    (0x5E7A, 1, 1),
    (0x5EFE, 1, 9),
    (0x5F0C, 3, 1),
    (0x5F10, 1, 2),
    (0x634C, 1, 8),
    (0x67D2, 1, 7),
    (0x6F06, 1, 7),
    (0x7396, 1, 9),
    (0x8086, 1, 4),
    (0x8CAE, 1, 2),
    (0x8CB3, 1, 2),
    (0x8D30, 1, 2),
    (0x9646, 1, 6),
    (0x9678, 1, 6),
    (0x96F6, 1, 0),
    (0xA6E6, 9, 1),
    (0xA6EF, 1, 0),
    (0xF96B, 1, 3),
    (0xF978, 1, 2),
    (0xF9B2, 1, 0),
    (0xF9D1, 1, 6),
    (0xF9D3, 1, 6),
    (0x10107, 9, 1),
    (0x10142, 1, 1),
    (0x10143, 1, 5),
    (0x10148, 1, 5),
    (0x1014F, 1, 5),
    (0x10158, 1, 1),
    (0x10159, 1, 1),
    (0x1015A, 2, 1),
    (0x1015C, 1, 2),
    (0x1015D, 1, 2),
    (0x1015E, 1, 2),
    (0x1015F, 1, 5),
    (0x10173, 1, 5),
    (0x1018A, 1, 0),
    (0x102E1, 9, 1),
    (0x10320, 1, 1),
    (0x10321, 1, 5),
    (0x103D1, 2, 1),
    (0x10858, 3, 1),
    (0x10879, 5, 1),
    (0x108A7, 4, 1),
    (0x108AB, 2, 4),
    (0x108FB, 1, 1),
    (0x108FC, 1, 5),
    (0x10916, 1, 1),
    (0x1091A, 2, 2),
    (0x109C0, 9, 1),
    (0x10A40, 4, 1),
    (0x10A7D, 1, 1),
    (0x10A9D, 1, 1),
    (0x10AEB, 1, 1),
    (0x10AEC, 1, 5),
    (0x10B58, 4, 1),
    (0x10B78, 4, 1),
    (0x10BA9, 4, 1),
    (0x10CFA, 1, 1),
    (0x10CFB, 1, 5),
    (0x10E60, 9, 1),
    (0x10F1D, 5, 1),
    (0x10F51, 1, 1),
    (0x10FC5, 4, 1),
    (0x11052, 9, 1),
    (0x111E1, 9, 1),
    (0x11C5A, 9, 1),
    (0x12400, 8, 2),
    (0x12408, 7, 3),
    (0x1240F, 6, 4),
    (0x12415, 9, 1),
    (0x1241E, 5, 1),
    (0x12423, 2, 2),
    (0x12425, 7, 3),
    (0x1242C, 3, 1),
    (0x1242F, 3, 3),
    (0x12434, 3, 1),
    (0x12437, 3, 3),
    (0x1243A, 1, 3),
    (0x1243B, 2, 3),
    (0x1243D, 1, 4),
    (0x1243E, 1, 4),
    (0x1243F, 1, 4),
    (0x12440, 2, 6),
    (0x12442, 1, 7),
    (0x12443, 2, 7),
    (0x12445, 2, 8),
    (0x12447, 1, 9),
    (0x12448, 1, 9),
    (0x12449, 1, 9),
    (0x1244A, 5, 2),
    (0x1244F, 4, 1),
    (0x12453, 2, 4),
    (0x12455, 1, 5),
    (0x12456, 2, 2),
    (0x12458, 2, 1),
    (0x12469, 6, 4),
    (0x16E80, 10, 0),
    (0x16E94, 3, 1),
    (0x1D2E0, 10, 0),
    (0x1D360, 9, 1),
    (0x1D372, 5, 1),
    (0x1D377, 1, 1),
    (0x1D378, 1, 5),
    (0x1E8C7, 9, 1),
    (0x1EC71, 9, 1),
    (0x1ECA3, 9, 1),
    (0x1ECB1, 2, 1),
    (0x1ED01, 9, 1),
    (0x1ED2F, 8, 2),
    (0x1F10B, 1, 0),
    (0x1F10C, 1, 0),
    (0x20001, 1, 7),
    (0x20064, 1, 4),
    (0x200E2, 1, 4),
    (0x20121, 1, 5),
    (0x2092A, 1, 1),
    (0x20AEA, 1, 6),
    (0x20AFD, 1, 3),
    (0x20B19, 1, 3),
    (0x22390, 1, 2),
    (0x22998, 1, 3),
    (0x23B1B, 1, 3),
    (0x2626D, 1, 4),
    (0x2F890, 1, 9),
];

/// The value of a character that stands for 0 to 20 by itself.
fn value(c: char) -> Option<u8> {
    let code = u32::from(c);
    let at = RUNS.partition_point(|(first, ..)| *first <= code).checked_sub(1)?;
    let (first, count, value) = *RUNS.get(at)?;
    let on = u8::try_from(code.checked_sub(first)?).ok().filter(|on| *on < count)?;
    value.checked_add(on)
}

/// Calls `each` with what `c` comes to for whoever reads it: its digits, or else the characters of its compatible
/// decomposition (Unicode's form NFKD), each as a digit if it is one.
pub(crate) fn read(c: char, mut each: impl FnMut(Read)) {
    if c.is_ascii() && !c.is_ascii_digit() {
        return each(Read::Other(c));
    }
    match digit(c).or_else(|| value(c)) {
        Some(value @ 0..=9) => return each(Read::Digit(value)),
        Some(value) => {
            each(Read::Digit(value / 10));
            return each(Read::Digit(value % 10));
        }
        None => {}
    }
    decompose_compatible(c, |part| match digit(part).or_else(|| value(part)) {
        Some(value @ 0..=9) => each(Read::Digit(value)),
        _ => each(Read::Other(part)),
    });
}

/// A part of what a character comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Digit(u8),
    Other(char),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> String {
        let mut digits = String::new();
        for c in text.chars() {
            read(c, |part| {
                if let Read::Digit(value) = part {
                    digits.push(char::from(b'0' + value));
                }
            });
        }
        digits
    }

    #[test]
    fn runs_are_in_order_and_do_not_overlap() {
        for pair in RUNS.windows(2) {
            assert!(pair[0].0 + u32::from(pair[0].1) <= pair[1].0, "{:x}", pair[1].0);
        }
        assert!(RUNS.iter().all(|(_, count, value)| *count > 0 && value + count <= 21));
    }

    #[test]
    fn whatever_looks_like_a_digit_is_one() {
        for (text, value) in [
            ("④⑤③⑨", "4539"),
            ("❹❺❸❾", "4539"),
            ("➃➄➂➈", "4539"),
            ("➍➎➌➒", "4539"),
            ("⓸⓹⓷⓽⓿", "45390"),
            ("⑷⑸⑶⑼", "4539"),
            ("⒋⒌⒊⒐", "4539"),
            ("⁴⁵³⁹", "4539"),
            ("₄₅₃₉", "4539"),
            ("🄅🄆🄄🄊", "4539"),
            ("𝟒𝟝𝟯𝟿", "4539"),
            ("4️⃣5️⃣3️⃣9️⃣", "4539"),
            ("四五三九", "4539"),
            ("㊃㊄㊂㊈", "4539"),
            ("㈣㈤㈢㈨", "4539"),
            ("ⅣⅤⅢⅨ", "4539"),
            ("፬፭፫፱", "4539"),
            ("⚃⚄⚂", "453"),
            ("⑯❿⓫㉑", "16101121"),
            ("abc½IV", "12"),
        ] {
            assert_eq!(digits(text), value, "{text}");
        }
    }

    /// Those that were added to Unicode since the table was made are no more than a few, of scripts that few can write.
    #[test]
    fn every_decomposition_with_digits_is_read() {
        for c in '\0'..=char::MAX {
            let mut plain = String::new();
            decompose_compatible(c, |part| {
                if let Some(value) = digit(part) {
                    plain.push(char::from(b'0' + value));
                }
            });
            if !plain.is_empty() {
                assert_eq!(digits(&c.to_string()), plain, "{c:?}");
            }
        }
    }
}
