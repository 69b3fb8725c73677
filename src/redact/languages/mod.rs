//! Languages as data: the words of spoken numbers, of what is said between them, and what people call a card's other
//! data. The manual's page on languages says how to add one.

pub(super) mod compound;
mod dutch;
mod english;
pub(super) mod filter;
pub(super) mod fold;
mod french;
mod german;
pub(super) mod hasher;
mod hindi;
mod italian;
pub(super) mod lexicon;
pub(super) mod numerals;
mod others;
mod polish;
mod portuguese;
pub(super) mod skimmer;
mod spanish;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::redact::chars::{Class, class};

pub use self::dutch::DUTCH;
pub use self::english::ENGLISH;
pub use self::french::FRENCH;
pub use self::german::GERMAN;
pub use self::hindi::HINDI;
pub use self::italian::ITALIAN;
pub(super) use self::others::OTHERS;
pub use self::polish::POLISH;
pub use self::portuguese::PORTUGUESE;
pub use self::spanish::SPANISH;

/// All languages whose words are given here; those that are looked for unless a host names others.
pub const ALL: &[Language] =
    &[ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN, DUTCH, PORTUGUESE, POLISH, HINDI];

/// How a language puts tens and units together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "hosts choose one")]
pub enum Order {
    /// "Forty-two", and with a link: "cuarenta y dos".
    TensFirst,
    /// "Two and forty": "zweiundvierzig".
    UnitsFirst,
    /// "Forty-two", and scores: "sixty-ten", "four-twenty-ten".
    Scores,
}

/// The words of one language. Text is compared without case and without accents, so that "zero" is found where "zéro" is
/// given; the vowel signs of Hindi are no accents.
///
/// Words are runs of letters, at most [`MAX_WORD_BYTES`] long, with something else than a letter before and after them. So a
/// script whose words are written without spaces cannot be given: [`InvalidLanguage`] says so.
///
/// In the lists of numbers there is one word for each, with spaces between them and bars between several words for the same:
/// `"zero|nought one two"`. In the lists of fillers and the like, commas stand between entries, each of one word or
/// [a few](MAX_PHRASE_WORDS).
///
/// ```
/// use countersign::redact::{Language, Options};
///
/// const SWEDISH: Language = Language {
///     tag: "sv",
///     units: "noll ett|en två tre fyra fem sex sju åtta nio",
///     fillers: "eh, ja, och sen, streck",
///     ..Language::NONE
/// };
///
/// let options = Options::new().languages(&[SWEDISH])?;
/// let said = "fyra två fyra två, fyra två fyra två, och sen fyra två fyra två, fyra två fyra två, tack";
/// assert_eq!(options.cards(said), "* * * *, * * * *, och sen * * * *, * * * *, tack");
/// # Ok::<(), countersign::redact::InvalidLanguage>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "hosts write their own")]
pub struct Language {
    /// What it is called in BCP 47: "en".
    pub tag: &'static str,
    /// How tens and units are put together.
    pub order: Order,
    /// Whether numbers are written as one word, as in "zweiundvierzig".
    pub joined: bool,
    /// For 0 to 9: ten, or none.
    pub units: &'static str,
    /// For 10 to 19: ten, or none.
    pub teens: &'static str,
    /// For 20, 30 and so on to 90: eight, or none.
    pub tens: &'static str,
    /// For 20 to 99, where these are words of their own: eighty, or none.
    pub compounds: &'static str,
    /// For a hundred, or for 100, 200 and so on to 900: one, nine, or none.
    pub hundreds: &'static str,
    /// For a thousand: one, or none.
    pub thousand: &'static str,
    /// Words for one before a hundred or a thousand, where one has to be said: "a hundred".
    pub articles: &'static str,
    /// Words that are a zero or nothing at all, whichever makes a card number: "oh".
    pub sighs: &'static str,
    /// Words that repeat the digit after them: for twice, three times and so on to nine times.
    pub repeats: &'static str,
    /// For several zeros, ones and so on, which the number before counts: "four zeros". At most ten.
    pub plurals: &'static str,
    /// Words for "and" within a number; after a space others that stand between digits: "und dann|strich".
    pub links: &'static str,
    /// What may stand between digits without ending the number: "um, then, go on".
    pub fillers: &'static str,
    /// What may stand between digits, too, but part them where several speak and nobody spoke of cards: small words, and
    /// what people say while they look for the next digits.
    pub asides: &'static str,
    /// What announces that something before it was wrong, or is said again: "no, sorry, I mean".
    pub corrections: &'static str,
    /// What those who speak are called where that stands before a colon: "agent, caller".
    pub labels: &'static str,
    /// What people say when they speak of cards: "card, visa, long number".
    pub card_words: &'static str,
    /// Words that announce a verification code.
    pub code_words: &'static [&'static str],
    /// Words that announce an expiry.
    pub expiry_words: &'static [&'static str],
}

/// The longest word that is looked at, in bytes of UTF-8 without accents.
pub const MAX_WORD_BYTES: usize = 48;

/// The most words of one entry among fillers and the like.
pub const MAX_PHRASE_WORDS: usize = 5;

/// A language that would not be looked for as it was given: the word, and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLanguage {
    /// It is empty, or longer than [`MAX_WORD_BYTES`] in lower case.
    #[error("the word {0:?} has no letters or more than {MAX_WORD_BYTES} bytes")]
    Length(&'static str),
    /// It is not made of letters alone: it has a space, a digit or an apostrophe, or a letter of full width.
    #[error("the word {0:?} is not made of letters alone")]
    NotLetters(&'static str),
    /// Its script is written without spaces, so that it would not be found within a text.
    #[error("the word {0:?} is of a script that does not part words")]
    Unspaced(&'static str),
    /// The list of this name has another number of words than it must have.
    #[error("the list of {0} has another number of words than it must have")]
    Count(&'static str),
    /// An entry has no words, or more than [`MAX_PHRASE_WORDS`].
    #[error("the entry {0:?} has no words or more than {MAX_PHRASE_WORDS}")]
    Phrase(&'static str),
}

/// The words of a list, with their places.
pub(super) fn listed(words: &'static str) -> impl Iterator<Item = (u8, &'static str)> {
    (0..)
        .zip(words.split_whitespace())
        .flat_map(|(at, words)| words.split('|').map(move |word| (at, word)))
}

/// The entries of a list with commas.
pub(super) fn entries(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

impl Language {
    /// No words at all, to begin with.
    pub const NONE: Self = Self {
        tag: "und",
        order: Order::TensFirst,
        joined: false,
        units: "",
        teens: "",
        tens: "",
        compounds: "",
        hundreds: "",
        thousand: "",
        articles: "",
        sighs: "",
        repeats: "",
        plurals: "",
        links: "",
        fillers: "",
        asides: "",
        corrections: "",
        labels: "",
        card_words: "",
        code_words: &[],
        expiry_words: &[],
    };

    /// Whether each word can be found, and means something.
    pub(super) fn check(&self) -> Result<(), InvalidLanguage> {
        let lists: [(_, _, &[usize]); 11] = [
            ("units", self.units, &[0, 10]),
            ("teens", self.teens, &[0, 10]),
            ("tens", self.tens, &[0, 8]),
            ("compounds", self.compounds, &[0, 80]),
            ("hundreds", self.hundreds, &[0, 1, 9]),
            ("thousand", self.thousand, &[0, 1]),
            ("repeats", self.repeats, &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
            ("plurals", self.plurals, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
            ("articles", self.articles, &[]),
            ("sighs", self.sighs, &[]),
            ("links", self.links, &[]),
        ];
        for (name, words, counts) in lists {
            if !counts.is_empty() && !counts.contains(&words.split_whitespace().count()) {
                return Err(InvalidLanguage::Count(name));
            }
            listed(words).try_for_each(|(_, word)| check(word))?;
        }
        for list in [self.fillers, self.asides, self.corrections, self.labels, self.card_words] {
            for entry in entries(list) {
                let words = || entry.split(is_between).filter(|word| !word.is_empty());
                if !(1..=MAX_PHRASE_WORDS).contains(&words().count()) {
                    return Err(InvalidLanguage::Phrase(entry));
                }
                words().try_for_each(check)?;
            }
        }
        self.code_words.iter().chain(self.expiry_words).try_for_each(|word| check(word))
    }
}

/// What may stand between the words of one entry, and in a text between these words.
pub(super) const fn is_between(c: char) -> bool {
    matches!(c, ' ' | '\'' | '\u{2019}' | '-' | '\u{2010}' | '\u{2011}' | '\u{a0}')
}

/// Marks that belong to the letter before them: accents, and the vowel signs of India's scripts.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{200c}' | '\u{200d}')
        && (matches!(c, '\u{200c}' | '\u{200d}')
            || c.general_category_group() == GeneralCategoryGroup::Mark)
}

/// Whether a text can hold `word` as one that is found.
fn check(word: &'static str) -> Result<(), InvalidLanguage> {
    let is_part = |c: char| class(c) == Class::Letter || is_mark(c);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_languages_given_are_as_a_language_must_be() {
        for language in ALL.iter().chain(OTHERS) {
            assert_eq!(language.check(), Ok(()), "{}", language.tag);
        }
    }

    #[test]
    fn each_entry_stands_in_one_list_once() {
        for language in ALL {
            let mut seen = BTreeSet::new();
            for entry in [language.fillers, language.asides, language.corrections].map(entries) {
                for entry in entry {
                    let words: Vec<_> = entry.split(is_between).filter_map(fold::fold).collect();
                    assert!(seen.insert(words), "{}: {entry}", language.tag);
                }
            }
        }
    }
}
