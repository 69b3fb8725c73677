//! Passing over text that holds neither digits nor number words.

use unicode_normalization::UnicodeNormalization;

use crate::redact::chars::may_begin_digit;

/// Where the passing over ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Skimmed {
    /// Something that may begin a number stands here.
    At(usize),
    /// Nothing, but from here on the text may be the beginning of a word.
    UpTo(usize),
}

/// A finite automaton over bytes that passes over everything but digits and words that may begin a
/// number, whole words only. It may stop too often (the tokens decide), never too seldom.
pub(in crate::redact) struct Skimmer {
    /// The column of each byte.
    columns: [u8; 256],
    /// State and column to the next state. States are offsets of rows.
    next: Vec<u32>,
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
const ROW: u32 = 64;
const START: u32 = 0;
const WITHIN: u32 = ROW;
const ESCAPE: u32 = 2 * ROW;
/// No more rows than these are made, so that a table stays small.
const MOST: u32 = 4096 * ROW;
/// From this on: something was found.
const FOUND: u32 = u32::MAX;

/// A state as a place in the table.
fn index(state: u32) -> usize {
    usize::try_from(state).unwrap_or(usize::MAX)
}

impl Skimmer {
    /// Of words that may begin a number; those with `true` may go on with other letters.
    pub(super) fn new<'a>(words: impl Iterator<Item = (&'a str, bool)>) -> Self {
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
        let mut spellings: Vec<(Vec<u8>, bool)> = Vec::new();
        for (word, goes_on) in words {
            let mut add = |word: &str| {
                let mut letters = word.chars();
                let first: String =
                    letters.next().into_iter().flat_map(char::to_uppercase).collect();
                let title = first + letters.as_str();
                for spelling in [word.to_owned(), title, word.to_uppercase()] {
                    // ASCII letters share a column whatever their case.
                    spellings.push((spelling.to_ascii_lowercase().into_bytes(), goes_on));
                }
            };
            add(word);
            if !word.is_ascii() {
                add(&word.nfd().collect::<String>());
                add(&super::fold::fold(word).unwrap_or_default());
            }
        }
        spellings.sort_unstable();
        spellings.dedup();
        let mut skimmer = Self { columns, next: Vec::new(), depths: Vec::new() };
        let mut free = FIRST_FREE;
        for byte in spellings.iter().flat_map(|(spelling, _)| spelling) {
            if let Some(column) = skimmer.columns.get_mut(usize::from(*byte))
                && matches!(*column, LETTER | OTHER)
                && u32::from(free) < ROW
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
        for (spelling, goes_on) in &spellings {
            skimmer.add_word(spelling, *goes_on, &letters);
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

    fn set(&mut self, row: u32, column: u8, to: u32) {
        let at = index(row).saturating_add(usize::from(column));
        if let Some(next) = self.next.get_mut(at) {
            *next = to;
        }
    }

    fn get(&self, row: u32, column: u8) -> u32 {
        self.next.get(index(row).saturating_add(usize::from(column))).copied().unwrap_or(FOUND)
    }

    /// A row where letters lead out of all words, and what is no letter ends a word that is none.
    fn add_row(&mut self, letters: &[u8], depth: u8) -> Option<u32> {
        let row = u32::try_from(self.next.len()).ok().filter(|row| *row < MOST)?;
        self.next.extend((0..ROW).map(|_| START));
        self.depths.push(depth);
        for column in letters.iter().chain(&[LETTER]) {
            self.set(row, *column, WITHIN);
        }
        self.set(row, STOP, FOUND);
        self.set(row, BACKSLASH, ESCAPE);
        Some(row)
    }

    fn add_word(&mut self, spelling: &[u8], goes_on: bool, letters: &[u8]) {
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
        let ends = |next: u32| next == START || goes_on && next == WITHIN;
        let ends: Vec<u8> = (0..64).filter(|column| ends(self.get(row, *column))).collect();
        for column in ends.into_iter().chain([BACKSLASH]) {
            self.set(row, column, FOUND);
        }
    }

    /// Passes over `text` from `from` on. The byte before, if any, was no letter of a word unless
    /// `within`.
    pub(in crate::redact) fn skim(&self, text: &[u8], from: usize, within: bool) -> Skimmed {
        let mut state = if within { WITHIN } else { START };
        for (at, byte) in text.iter().enumerate().skip(from) {
            let column = self.columns.get(usize::from(*byte)).copied().unwrap_or(STOP);
            let index = index(state).saturating_add(usize::from(column));
            let next = self.next.get(index).copied().unwrap_or(FOUND);
            if next == FOUND {
                return Skimmed::At(at.saturating_sub(self.depth(state)));
            }
            state = next;
        }
        Skimmed::UpTo(text.len().saturating_sub(self.depth(state)))
    }

    fn depth(&self, state: u32) -> usize {
        self.depths.get(index(state / ROW)).copied().map_or(0, usize::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::ENGLISH;
    use crate::redact::languages::lexicon::Lexicon;

    #[test]
    fn only_whole_words_stop_the_skimmer() {
        let lexicon = Lexicon::new(&[ENGLISH]);
        let skim = |text: &str| lexicon.skimmer().skim(text.as_bytes(), 0, false);
        assert_eq!(skim("x four two"), Skimmed::At(2));
        assert_eq!(skim("and Four."), Skimmed::At(4));
        assert_eq!(skim("fourx two4"), Skimmed::At(6));
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
