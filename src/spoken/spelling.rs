//! The spelling alphabet.

/// The code words for A to Z (ICAO Annex 10, volume II, section 5.2.1.3).
const LETTERS: [&str; 26] = [
    "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett",
    "Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango",
    "Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
];
/// The digits as everyone says them: customers are no pilots.
const DIGITS: [&str; 10] =
    ["Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

/// The text holds something other than ASCII letters, digits, spaces and hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only letters A to Z and digits can be spelt out")]
#[non_exhaustive]
pub struct NotSpellable;

/// Spells out the letters and digits of `text`, one word each. Spaces and hyphens, which only group
/// them, are left out. It does not say whether a letter is a capital: for texts in which that does
/// not matter, such as this crate's ids.
///
/// ```
/// use countersign::spoken::spell;
///
/// assert_eq!(spell("x7-q")?, ["X-ray", "Seven", "Quebec"]);
/// assert!(spell("café").is_err());
/// # Ok::<(), countersign::spoken::NotSpellable>(())
/// ```
///
/// # Errors
///
/// [`NotSpellable`] if anything else stands in it.
pub fn spell(text: &str) -> Result<Vec<&'static str>, NotSpellable> {
    text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')).map(word).collect()
}

fn word(byte: u8) -> Result<&'static str, NotSpellable> {
    let of = |words: &[&'static str], from: u8, byte: u8| {
        words.get(usize::from(byte.checked_sub(from)?)).copied()
    };
    of(&LETTERS, b'A', byte.to_ascii_uppercase())
        .or_else(|| of(&DIGITS, b'0', byte))
        .ok_or(NotSpellable)
}
