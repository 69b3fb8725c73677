//! Languages as data: the words of spoken numbers, and what people call a card's other data.

use super::chars::{Class, class};

/// The words of one language. Everything is lower case; text is compared without case.
///
/// Words are runs of letters, at most [`MAX_WORD_BYTES`] long; give every spelling of a word its own entry.
/// Scripts whose words hold marks that are no letters, such as Devanagari's vowel signs, and those that are
/// written without spaces are not read: [`Options::languages`](crate::redact::Options::languages) refuses such
/// words rather than never finding them.
///
/// ```
/// use countersign::redact::{Language, Options};
///
/// const FRENCH: Language = Language {
///     digits: &[
///         ("zéro", "0"), ("un", "1"), ("deux", "2"), ("trois", "3"), ("quatre", "4"),
///         ("cinq", "5"), ("six", "6"), ("sept", "7"), ("huit", "8"), ("neuf", "9"),
///     ],
///     tens: &[],
///     repeats: &[("double", 2), ("triple", 3)],
///     fillers: &["euh", "et", "puis", "tiret"],
///     code_words: &["cvv", "cvc", "cryptogramme"],
///     expiry_words: &["expire", "expiration", "validité"],
/// };
///
/// let options = Options::new().languages(&[FRENCH])?;
/// let said = "quatre deux quatre deux, quatre deux quatre deux, \
///             quatre deux quatre deux, quatre deux quatre deux, merci";
/// assert_eq!(options.cards(said), "* * * *, * * * *, * * * *, * * * *, merci");
/// # Ok::<(), countersign::redact::InvalidLanguage>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "hosts write their own")]
pub struct Language {
    /// Words and the digits they stand for: `("four", "4")`, `("twelve", "12")`. One to three ASCII
    /// digits.
    pub digits: &'static [(&'static str, &'static str)],
    /// Words for tens, which a digit from 1 to 9 may complete, and their first digit:
    /// `("forty", '4')` is 40, and 42 in "forty-two".
    pub tens: &'static [(&'static str, char)],
    /// Words that repeat the digit after them, and how often it counts then: `("double", 2)`. Two to
    /// nine.
    pub repeats: &'static [(&'static str, u8)],
    /// Words that may stand between digits without ending the number: "um", "then", "dash".
    pub fillers: &'static [&'static str],
    /// Words that announce a verification code.
    pub code_words: &'static [&'static str],
    /// Words that announce an expiry.
    pub expiry_words: &'static [&'static str],
}

/// The longest word that is looked at, in bytes of UTF-8.
pub const MAX_WORD_BYTES: usize = 24;

/// An entry of a [`Language`] that could never be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLanguage {
    /// It is no run of 1 to [`MAX_WORD_BYTES`] bytes of letters.
    #[error("{0:?} is no word of 1 to {MAX_WORD_BYTES} bytes of letters alone")]
    Word(&'static str),
    /// What the word stands for is not what its list takes.
    #[error("{0:?} stands for no one to three digits, no tens, or no count from two to nine")]
    Value(&'static str),
}

impl Language {
    /// Whether every entry can be found.
    pub(super) fn check(&self) -> Result<(), InvalidLanguage> {
        let is_word = |word: &str| {
            let lower = word.to_lowercase();
            !word.is_empty()
                && word.len().max(lower.len()) <= MAX_WORD_BYTES
                && word.chars().chain(lower.chars()).all(|c| class(c) == Class::Letter)
        };
        let is_number = |digits: &str| {
            (1..=3).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
        };
        let digits = self.digits.iter().map(|(word, digits)| (word, is_number(digits)));
        let tens = self.tens.iter().map(|(word, first)| (word, matches!(first, '1'..='9')));
        let repeats = self.repeats.iter().map(|(word, times)| (word, matches!(times, 2..=9)));
        let others = [self.fillers, self.code_words, self.expiry_words].into_iter().flatten();
        let others = others.map(|word| (word, true));
        for (word, value) in digits.chain(tens).chain(repeats).chain(others) {
            if !is_word(word) {
                return Err(InvalidLanguage::Word(word));
            }
            if !value {
                return Err(InvalidLanguage::Value(word));
            }
        }
        Ok(())
    }
}

/// English as it is said on the telephone in Britain, Ireland, North America, India and Australia.
pub const ENGLISH: Language = Language {
    digits: &[
        ("zero", "0"),
        ("oh", "0"),
        ("o", "0"),
        ("nought", "0"),
        ("naught", "0"),
        ("nil", "0"),
        ("one", "1"),
        ("two", "2"),
        ("three", "3"),
        ("four", "4"),
        ("five", "5"),
        ("six", "6"),
        ("seven", "7"),
        ("eight", "8"),
        ("nine", "9"),
        ("niner", "9"),
        ("ten", "10"),
        ("eleven", "11"),
        ("twelve", "12"),
        ("thirteen", "13"),
        ("fourteen", "14"),
        ("fifteen", "15"),
        ("sixteen", "16"),
        ("seventeen", "17"),
        ("eighteen", "18"),
        ("nineteen", "19"),
        ("hundred", "00"),
        ("thousand", "000"),
    ],
    tens: &[
        ("twenty", '2'),
        ("thirty", '3'),
        ("forty", '4'),
        ("fourty", '4'),
        ("fifty", '5'),
        ("sixty", '6'),
        ("seventy", '7'),
        ("eighty", '8'),
        ("ninety", '9'),
    ],
    repeats: &[("double", 2), ("triple", 3), ("treble", 3), ("quadruple", 4), ("quad", 4)],
    fillers: &[
        "um",
        "umm",
        "uh",
        "uhm",
        "er",
        "erm",
        "ah",
        "hmm",
        "mm",
        "ok",
        "okay",
        "right",
        "yes",
        "yeah",
        "and",
        "then",
        "next",
        "dash",
        "hyphen",
        "minus",
        "space",
        "slash",
        "stroke",
        "dot",
        "point",
        "comma",
        "underscore",
    ],
    code_words: &[
        "cvv",
        "cvc",
        "cvn",
        "csc",
        "cid",
        "cav",
        "code",
        "security",
        "cvd",
        "verification",
        "signature",
        "back",
    ],
    expiry_words: &[
        "exp",
        "expiry",
        "expires",
        "expire",
        "expiring",
        "expiration",
        "expired",
        "valid",
        "thru",
        "through",
        "yy",
        "until",
        "ends",
        "ending",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_can_be_found() {
        assert_eq!(ENGLISH.check(), Ok(()));
    }
}
