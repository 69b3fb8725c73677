//! What Unicode says of characters, by other tables than the crate's.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::sync::LazyLock;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::props::{JoiningType, PrependedConcatenationMark};
use icu_properties::{CodePointMapData, CodePointSetData};

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// The zeros of all scripts; the nine digits after each follow in order.
pub(crate) fn zeros() -> impl Iterator<Item = char> {
    static ZEROS: LazyLock<Vec<char>> =
        LazyLock::new(|| all(is_decimal).into_iter().step_by(10).collect());
    assert!(ZEROS.len() >= 77 && ZEROS[0] == '0');
    ZEROS.iter().copied()
}

/// All characters that nobody sees.
pub(crate) fn unseen() -> impl Iterator<Item = char> {
    static UNSEEN: LazyLock<Vec<char>> = LazyLock::new(|| all(is_unseen));
    UNSEEN.iter().copied()
}

/// All dashes, and the minus sign.
pub(crate) fn dashes() -> impl Iterator<Item = char> {
    static DASHES: LazyLock<Vec<char>> = LazyLock::new(|| all(is_dash));
    DASHES.iter().copied()
}

/// `digits`, ASCII, as the script of `zero` writes them.
pub(crate) fn written(digits: &str, zero: char) -> String {
    let digit = |c: char| char::from_u32(u32::from(zero) + c.to_digit(10).unwrap()).unwrap();
    digits.chars().map(digit).collect()
}

pub(crate) fn is_decimal(c: char) -> bool {
    category(c) == GeneralCategory::DecimalNumber
}

pub(crate) fn is_dash(c: char) -> bool {
    category(c) == GeneralCategory::DashPunctuation || c == '\u{2212}'
}

pub(crate) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Nobody sees it: Unicode lets it be ignored, it is a format character and not one drawn around a number,
/// or it is drawn blank.
pub(crate) fn is_unseen(c: char) -> bool {
    match category(c) {
        GeneralCategory::Unassigned => false,
        GeneralCategory::Format => {
            !CodePointSetData::new::<PrependedConcatenationMark>().contains(c)
        }
        _ => {
            CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
                || matches!(c, '\u{2800}' | '\u{13441}' | '\u{13442}' | '\u{16fe4}' | '\u{1d159}')
        }
    }
}

/// All characters that are such.
pub(crate) fn all(which: fn(char) -> bool) -> Vec<char> {
    ('\0'..=char::MAX).filter(|c| which(*c)).collect()
}

/// RFC 5892, A.1 and A.2, as they are written there.
pub(crate) fn joiners_fit(text: &str) -> bool {
    let types = CodePointMapData::<JoiningType>::new();
    let chars: Vec<char> = text.chars().collect();
    chars.iter().enumerate().all(|(at, c)| {
        let (before, after) = (&chars[..at], &chars[at + 1..]);
        let virama = before.last().is_some_and(|c| {
            use icu_properties::props::CanonicalCombiningClass as Class;
            CodePointMapData::<Class>::new().get(*c) == Class::Virama
        });
        let beyond = |c: &&char| types.get(**c) != JoiningType::Transparent;
        let joins = |c: Option<&char>, other: JoiningType| {
            c.is_some_and(|c| [JoiningType::DualJoining, other].contains(&types.get(*c)))
        };
        match c {
            '\u{200d}' => virama,
            '\u{200c}' => {
                virama
                    || joins(before.iter().rev().find(beyond), JoiningType::LeftJoining)
                        && joins(after.iter().find(beyond), JoiningType::RightJoining)
            }
            _ => true,
        }
    })
}
