//! Languages as data: the words of spoken numbers, and what people call a card's other data.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::redact::chars::{Class, class};

/// The words of one language. Everything is lower case; text is compared without case.
///
/// Words are runs of letters, at most [`MAX_WORD_BYTES`] long, with something else than a letter before
/// and after them. So a script whose words are written without spaces, or whose letters carry marks
/// that are characters of their own (the vowel signs of Hindi), cannot be given:
/// [`InvalidLanguage`] says so. Give every spelling of a word its own entry, and letters with accents
/// as one character each ("zéro" with `é`, Unicode's form NFC).
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
    /// `("forty", '4')` is 40, and 42 in "forty-two". From 1 to 9.
    pub tens: &'static [(&'static str, char)],
    /// Words that repeat the digit after them, and how often it counts then: `("double", 2)`. Two to
    /// nine.
    pub repeats: &'static [(&'static str, u8)],
    /// Words that may stand between digits without ending the number: "um", "then", "dash".
    pub fillers: &'static [&'static str],
    /// Words that announce a verification code. These may have marks.
    pub code_words: &'static [&'static str],
    /// Words that announce an expiry. These may have marks.
    pub expiry_words: &'static [&'static str],
}

/// The longest word that is looked at, in bytes of UTF-8.
pub const MAX_WORD_BYTES: usize = 24;

/// A language that would not be looked for as it was given: the word, and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLanguage {
    /// It is empty, or longer than [`MAX_WORD_BYTES`] in lower case.
    #[error("the word {0:?} has no letters or more than {MAX_WORD_BYTES} bytes")]
    Length(&'static str),
    /// It is not made of letters alone: it has a space, a digit or an apostrophe, a letter of full
    /// width, or a mark that is a character of its own.
    #[error("the word {0:?} is not made of letters alone")]
    NotLetters(&'static str),
    /// Its script is written without spaces, so that it would not be found within a text.
    #[error("the word {0:?} is of a script that does not part words")]
    Unspaced(&'static str),
    /// It stands for no digits, for more than three, or for something else.
    #[error("the word {0:?} does not stand for one to three digits")]
    Digits(&'static str),
    /// It is for tens, but its first digit is not from 1 to 9.
    #[error("the word {0:?} is for no tens from 10 to 90")]
    Tens(&'static str),
    /// It repeats a digit less than twice or more than nine times.
    #[error("the word {0:?} does not repeat a digit two to nine times")]
    Repeats(&'static str),
}

impl Language {
    /// Whether each word can be found, and means something.
    pub(super) fn check(&self) -> Result<(), InvalidLanguage> {
        for (word, digits) in self.digits {
            let fits = (1..=3).contains(&digits.len());
            if !fits || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
                return Err(InvalidLanguage::Digits(word));
            }
        }
        if let Some((word, _)) = self.tens.iter().find(|(_, first)| !matches!(first, '1'..='9')) {
            return Err(InvalidLanguage::Tens(word));
        }
        if let Some((word, _)) = self.repeats.iter().find(|(_, times)| !matches!(times, 2..=9)) {
            return Err(InvalidLanguage::Repeats(word));
        }
        let digits = self.digits.iter().map(|(word, _)| word);
        let tens = self.tens.iter().map(|(word, _)| word);
        let repeats = self.repeats.iter().map(|(word, _)| word);
        let is_letter = |c| class(c) == Class::Letter;
        for word in digits.chain(tens).chain(repeats).chain(self.fillers) {
            check(word, is_letter)?;
        }
        // What announces is looked for byte by byte, where a mark is as good as a letter.
        let is_part =
            |c: char| is_letter(c) || c.general_category_group() == GeneralCategoryGroup::Mark;
        self.code_words.iter().chain(self.expiry_words).try_for_each(|word| check(word, is_part))
    }
}

/// Whether a text can hold `word` as one that is found.
fn check(word: &'static str, is_part: impl Fn(char) -> bool) -> Result<(), InvalidLanguage> {
    let lower = word.to_lowercase();
    // Those of full width are read as those of ASCII.
    let is_wide = |c| matches!(c, '\u{ff41}'..='\u{ff5a}');
    if !(1..=MAX_WORD_BYTES).contains(&lower.len()) {
        return Err(InvalidLanguage::Length(word));
    }
    // The script first: it is the reason for some of the marks.
    if lower.chars().any(is_unspaced) {
        return Err(InvalidLanguage::Unspaced(word));
    }
    if lower.chars().all(|c| is_part(c) && !is_wide(c)) {
        Ok(())
    } else {
        Err(InvalidLanguage::NotLetters(word))
    }
}

/// Whether `c` is of a script that is written without spaces between words, by the blocks of Unicode
/// 17: those of South-East Asia, Tibetan, Chinese, Japanese and Yi.
const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0fff}' // Thai, Lao, Tibetan
        | '\u{1000}'..='\u{109f}' // Burmese
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{1950}'..='\u{19ff}' // Tai Le, New Tai Lue, Khmer symbols
        | '\u{1a20}'..='\u{1aaf}' // Tai Tham
        | '\u{1b00}'..='\u{1b7f}' // Balinese
        | '\u{3005}'..='\u{3007}' // Repeated, closed and zero in Chinese
        | '\u{3040}'..='\u{312f}' // Hiragana, Katakana, Bopomofo
        | '\u{31a0}'..='\u{31bf}' // Bopomofo
        | '\u{31f0}'..='\u{31ff}' // Katakana
        | '\u{3400}'..='\u{4dbf}' // Chinese
        | '\u{4e00}'..='\u{a4cf}' // Chinese, Yi
        | '\u{a980}'..='\u{a9ff}' // Javanese, Burmese
        | '\u{aa00}'..='\u{aadf}' // Cham, Burmese, Tai Viet
        | '\u{f900}'..='\u{faff}' // Chinese
        | '\u{ff66}'..='\u{ff9f}' // Katakana of half width
        | '\u{1aff0}'..='\u{1b16f}' // Kana
        | '\u{20000}'..='\u{3ffff}' // Chinese
    )
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
    fn english_is_as_a_language_must_be() {
        assert_eq!(ENGLISH.check(), Ok(()));
    }
}
