//! Languages made ready for looking words up, and for passing over text that has none of them.

use core::fmt;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::redact::chars::may_begin_digit;
use crate::redact::{ENGLISH, Language, MAX_WORD_BYTES};

/// What a word means within a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It stands for these digits.
    Digits(&'static str),
    /// Tens, by their first digit.
    Tens(u8),
    /// The next digit counts so often.
    Repeat(u8),
    /// It may stand within a number.
    Filler,
}

/// What is announced by a word before a group of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announced {
    Code,
    Expiry,
}

/// The words of some languages.
pub(super) struct Lexicon {
    words: BTreeMap<String, Meaning>,
    announced: BTreeMap<String, Announced>,
    skimmer: Skimmer,
}

static DEFAULT: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Arc::new(Lexicon::new(&[ENGLISH])));

impl fmt::Debug for Lexicon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lexicon").field("words", &self.words.len()).finish_non_exhaustive()
    }
}

impl Lexicon {
    pub(super) fn english() -> Arc<Self> {
        Arc::clone(&DEFAULT)
    }

    /// Of languages that were checked. Where two have one word, the first counts.
    pub(super) fn new(languages: &[Language]) -> Self {
        let mut words = BTreeMap::new();
        let mut announced = BTreeMap::new();
        let mut add = |word: &str, meaning| {
            words.entry(word.to_lowercase()).or_insert(meaning);
        };
        for language in languages {
            for (word, digits) in language.digits {
                add(word, Meaning::Digits(digits));
            }
            for (word, first) in language.tens {
                if let Ok(first) = u8::try_from(*first) {
                    add(word, Meaning::Tens(first));
                }
            }
            for (word, times) in language.repeats {
                add(word, Meaning::Repeat(*times));
            }
        }
        for language in languages {
            for word in language.fillers {
                words.entry(word.to_lowercase()).or_insert(Meaning::Filler);
            }
            for word in language.code_words {
                announced.entry(word.to_lowercase()).or_insert(Announced::Code);
            }
            for word in language.expiry_words {
                announced.entry(word.to_lowercase()).or_insert(Announced::Expiry);
            }
        }
        let beginning = words.iter().filter(|(_, meaning)| **meaning != Meaning::Filler);
        let skimmer = Skimmer::new(beginning.map(|(word, _)| word.as_str()));
        Self { words, announced, skimmer }
    }

    pub(super) fn meaning(&self, word: &str) -> Option<Meaning> {
        lower(word, |word| self.words.get(word).copied())
    }

    pub(super) fn announces(&self, word: &str) -> Option<Announced> {
        lower(word, |word| self.announced.get(word).copied())
    }

    pub(super) const fn skimmer(&self) -> &Skimmer {
        &self.skimmer
    }
}

/// Calls `look_up` with `word` in lower case.
fn lower<T>(word: &str, look_up: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    // Not on the heap: it may be a digit.
    let mut folded = [0; MAX_WORD_BYTES];
    if word.is_ascii() {
        let folded = folded.get_mut(..word.len())?;
        folded.copy_from_slice(word.as_bytes());
        folded.make_ascii_lowercase();
        return look_up(core::str::from_utf8(folded).ok()?);
    }
    let mut length = 0_usize;
    for c in word.chars().flat_map(char::to_lowercase).map(narrow) {
        let end = length.saturating_add(c.len_utf8());
        c.encode_utf8(folded.get_mut(length..end)?);
        length = end;
    }
    look_up(core::str::from_utf8(folded.get(..length)?).ok()?)
}

/// A full-width letter as it stands in ASCII.
fn narrow(c: char) -> char {
    match u32::from(c).checked_sub(0xFF41) {
        Some(at @ 0..26) => char::from_u32(at.saturating_add(0x61)).unwrap_or(c),
        _ => c,
    }
}

/// Where the passing over ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skimmed {
    /// Something that may begin a number stands here.
    At(usize),
    /// Nothing, but from here on the text may be the beginning of a word.
    UpTo(usize),
}

/// A finite automaton over bytes that passes over everything but digits and words that may begin a
/// number, whole words only. It may stop too often (the tokens decide), never too seldom.
pub(super) struct Skimmer {
    /// The column of each byte.
    columns: [u8; 256],
    /// State and column to the next state. States are offsets of rows.
    next: Vec<u16>,
    /// For each row, how many bytes of a word were read.
    depths: Vec<u8>,
}

/// The columns that every table has.
const OTHER: u8 = 0;
const LETTER: u8 = 1;
const STOP: u8 = 2;
const BACKSLASH: u8 = 3;
const FIRST_FREE: u8 = 4;
/// The rows that every table has.
const ROW: u16 = 64;
const START: u16 = 0;
const WITHIN: u16 = ROW;
const ESCAPE: u16 = 2 * ROW;
/// From this on: something was found.
const FOUND: u16 = u16::MAX;

impl Skimmer {
    fn new<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut columns = [OTHER; 256];
        for (byte, column) in (0_u8..=255).zip(&mut columns) {
            *column = match byte {
                b'0'..=b'9' => STOP,
                b'\\' => BACKSLASH,
                byte if byte.is_ascii_alphabetic() => LETTER,
                byte if may_begin_digit(byte) => STOP,
                _ => OTHER,
            };
        }
        // The byte sequences of each word: with its first letter and with all of them as a capital.
        let mut spellings: Vec<Vec<u8>> = Vec::new();
        for word in words {
            let mut letters = word.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            let title = first + letters.as_str();
            for spelling in [word.to_owned(), title, word.to_uppercase()] {
                // ASCII letters share a column whatever their case.
                spellings.push(spelling.to_ascii_lowercase().into_bytes());
            }
        }
        let mut skimmer = Self { columns, next: Vec::new(), depths: Vec::new() };
        let mut free = FIRST_FREE;
        for byte in spellings.iter().flatten() {
            if let Some(column) = skimmer.columns.get_mut(usize::from(*byte))
                && matches!(*column, LETTER | OTHER)
                && u16::from(free) < ROW
            {
                *column = free;
                free = free.saturating_add(1);
            }
        }
        for byte in b'a'..=b'z' {
            let column = skimmer.column(byte);
            if let Some(upper) = skimmer.columns.get_mut(usize::from(byte.to_ascii_uppercase())) {
                *upper = column;
            }
        }
        let letters: Vec<u8> = (b'a'..=b'z').map(|byte| skimmer.column(byte)).collect();
        // A backslash may belong to what is found after it.
        for depth in [0, 0, 1] {
            skimmer.add_row(&letters, depth);
        }
        for spelling in &spellings {
            skimmer.add_word(spelling, &letters);
        }
        // The n of \n may be escaped, with a word after it, or begin one: the tokens decide.
        for column in letters.iter().copied() {
            if skimmer.get(START, column) != WITHIN {
                skimmer.set(ESCAPE, column, FOUND);
            }
        }
        for escaped in [b'n', b'r', b't'] {
            skimmer.set(ESCAPE, skimmer.column(escaped), FOUND);
        }
        skimmer
    }

    fn column(&self, byte: u8) -> u8 {
        self.columns.get(usize::from(byte)).copied().unwrap_or(STOP)
    }

    fn set(&mut self, row: u16, column: u8, to: u16) {
        let at = usize::from(row).saturating_add(usize::from(column));
        if let Some(next) = self.next.get_mut(at) {
            *next = to;
        }
    }

    fn get(&self, row: u16, column: u8) -> u16 {
        self.next
            .get(usize::from(row).saturating_add(usize::from(column)))
            .copied()
            .unwrap_or(FOUND)
    }

    /// A row where letters lead out of all words, and what is no letter ends a word that is none.
    fn add_row(&mut self, letters: &[u8], depth: u8) -> Option<u16> {
        let row = u16::try_from(self.next.len()).ok().filter(|row| *row < FOUND - 2 * ROW)?;
        self.next.extend((0..ROW).map(|_| START));
        self.depths.push(depth);
        for column in letters.iter().chain(&[LETTER]) {
            self.set(row, *column, WITHIN);
        }
        self.set(row, STOP, FOUND);
        self.set(row, BACKSLASH, ESCAPE);
        Some(row)
    }

    fn add_word(&mut self, spelling: &[u8], letters: &[u8]) {
        let mut row = START;
        for (depth, byte) in (1_u8..).zip(spelling) {
            let column = self.column(*byte);
            if column < FIRST_FREE {
                // A byte that stops anyway, or one for which there was no column: stop early.
                self.set(row, column, FOUND);
                return;
            }
            let next = self.get(row, column);
            if next == FOUND {
                return;
            }
            row = if next == START || next == WITHIN {
                let Some(added) = self.add_row(letters, depth) else {
                    self.set(row, column, FOUND);
                    return;
                };
                self.set(row, column, added);
                added
            } else {
                next
            };
        }
        // What ends the word: everything that is no letter and goes on with no other word.
        let ends: Vec<u8> = (0..64).filter(|column| self.get(row, *column) == START).collect();
        for column in ends.into_iter().chain([BACKSLASH]) {
            self.set(row, column, FOUND);
        }
    }

    /// Passes over `text` from `from` on. The byte before, if any, was no letter of a word unless
    /// `within`.
    pub(super) fn skim(&self, text: &[u8], from: usize, within: bool) -> Skimmed {
        let mut state = if within { WITHIN } else { START };
        for (at, byte) in text.iter().enumerate().skip(from) {
            let column = self.columns.get(usize::from(*byte)).copied().unwrap_or(STOP);
            let index = usize::from(state).saturating_add(usize::from(column));
            let next = self.next.get(index).copied().unwrap_or(FOUND);
            if next == FOUND {
                return Skimmed::At(at.saturating_sub(self.depth(state)));
            }
            state = next;
        }
        Skimmed::UpTo(text.len().saturating_sub(self.depth(state)))
    }

    fn depth(&self, state: u16) -> usize {
        self.depths.get(usize::from(state / ROW)).copied().map_or(0, usize::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_stop_the_skimmer() {
        let lexicon = Lexicon::english();
        let skim = |text: &str| lexicon.skimmer().skim(text.as_bytes(), 0, false);
        assert_eq!(skim("x four two"), Skimmed::At(2));
        assert_eq!(skim("and Four."), Skimmed::At(4));
        assert_eq!(skim("fours two4"), Skimmed::At(6));
        assert_eq!(skim("foursome atwo teno "), Skimmed::UpTo(19));
        assert_eq!(skim("a \\ntwo "), Skimmed::At(2));
        assert_eq!(skim("a \\Nine "), Skimmed::At(2));
        assert_eq!(skim("a \\four "), Skimmed::At(2));
        assert_eq!(skim("a \\pour \\"), Skimmed::UpTo(8));
        assert_eq!(skim("a fo"), Skimmed::UpTo(2));
        assert_eq!(skim("a fox"), Skimmed::UpTo(5));
        assert_eq!(skim("a four"), Skimmed::UpTo(2));
        assert_eq!(skim("o"), Skimmed::UpTo(0));
        assert_eq!(skim("oh-"), Skimmed::At(0));
        assert_eq!(skim("“two”"), Skimmed::At(3));
        assert_eq!(skim("日本７"), Skimmed::At(6));
        assert_eq!(lexicon.skimmer().skim(b"four ten ", 0, true), Skimmed::At(5));
    }
}
