//! A text as a plain one: digits in ASCII, folded words, and a space for everything between them.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use zeroize::Zeroizing;

use crate::redact::escape::{Escape, escape};
use crate::redact::has_card_data;
use crate::redact::languages::numerals::{Atom, atoms, fold, languages, languages_of, spoken};
use crate::redact::reach::SHORTEST;
use crate::values::unicode::numeric::{Read, read};

/// How a text is read.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// Escapes as what they stand for.
    escapes: bool,
    /// Symbols with letters in them as letters, and not as something between digits.
    symbols: bool,
}

/// What a text is read as: as it stands, and otherwise too if there is anything that can be read so.
pub(super) fn readings(text: &str) -> impl Iterator<Item = Plain> {
    let may_escape = text.contains(['%', '&', '\\', '\u{1b}']);
    let has_symbols = !text.is_ascii() && text.chars().any(is_symbol);
    let both = |may: bool| [false, true].into_iter().filter(move |one| may || !one);
    both(may_escape).flat_map(move |escapes| {
        both(has_symbols).map(move |symbols| Plain::of(text, Reading { escapes, symbols }))
    })
}

/// Something that is no letter by itself, though it may be made of letters.
fn is_symbol(c: char) -> bool {
    !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Symbol
}

/// What a text is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Digits,
    Word,
    /// Anything else, however much of it.
    Gap,
}

/// A text with digits in ASCII, folded words, and a space for everything between them. Wiped on drop.
pub(super) struct Plain {
    text: Zeroizing<String>,
    /// What each piece is, and where it ends.
    pieces: Vec<(Kind, usize)>,
    digits: usize,
}

impl Plain {
    fn of(text: &str, how: Reading) -> Self {
        // No character comes to more than so many bytes often; a text that grows is wiped at its end all the same.
        let room = text.len().saturating_mul(3).saturating_add(16);
        let mut plain = Self {
            text: Zeroizing::new(String::with_capacity(room)),
            pieces: Vec::new(),
            digits: 0,
        };
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if how.escapes
                && let Escape::Char(escaped, length) = escape(rest.as_bytes())
            {
                plain.read(escaped, how);
                rest = rest.get(length..).unwrap_or_default();
                continue;
            }
            let after = rest.get(c.len_utf8()..).unwrap_or_default();
            if c == '+' && plain.may_begin_a_telephone_number(after) {
                // The engine leaves telephone numbers alone.
                plain.push(Kind::Gap, ' ');
                plain.text.push('+');
                plain.extend_last();
            } else {
                plain.read(c, how);
            }
            rest = after;
        }
        plain
    }

    /// Whether a plus sign here stands before a number, and not between two parts of one.
    fn may_begin_a_telephone_number(&self, after: &str) -> bool {
        let before = self.pieces.iter().rev().find(|(kind, _)| *kind != Kind::Gap);
        before.is_none_or(|(kind, _)| *kind == Kind::Word)
            && after.starts_with(|c: char| c.is_ascii_digit())
    }

    fn read(&mut self, c: char, how: Reading) {
        let mut letters = false;
        if is_symbol(c) && !how.symbols {
            read(c, |part| letters |= matches!(part, Read::Other(part) if part.is_alphabetic()));
        }
        if letters {
            return self.push(Kind::Gap, ' ');
        }
        read(c, |part| match part {
            Read::Digit(value) => {
                self.digits = self.digits.saturating_add(1);
                self.push(Kind::Digits, char::from(b'0'.saturating_add(value)));
            }
            Read::Other(c) if c.is_alphabetic() => {
                self.begin(Kind::Word);
                fold(c, &mut self.text);
                self.extend_last();
            }
            // A keycap, an accent: it belongs to what is before it.
            Read::Other(c) if is_mark(c) => {}
            Read::Other(_) => self.push(Kind::Gap, ' '),
        });
    }

    fn push(&mut self, kind: Kind, c: char) {
        // One space for all that stands between two others.
        if self.begin(kind) || kind != Kind::Gap {
            self.text.push(c);
            self.extend_last();
        }
    }

    /// Begins a piece unless the last is of this kind; says whether it did.
    fn begin(&mut self, kind: Kind) -> bool {
        if self.pieces.last().is_some_and(|(last, _)| *last == kind) {
            return false;
        }
        self.pieces.push((kind, self.text.len()));
        true
    }

    fn extend_last(&mut self) {
        let end = self.text.len();
        if let Some((_, last)) = self.pieces.last_mut() {
            *last = end;
        }
    }

    /// The pieces, with what they are.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (Kind, &str)> {
        let mut from = 0;
        self.pieces.iter().map(move |(kind, end)| {
            let text = self.text.get(from..*end).unwrap_or_default();
            from = *end;
            (*kind, text)
        })
    }

    /// Whether its digits, as they are written, are a card number.
    pub(super) fn holds_a_number(&self) -> bool {
        self.digits >= SHORTEST && has_card_data(&self.text)
    }

    /// Leaves the words alone.
    #[cfg(feature = "cards")]
    pub(super) fn drop_digits(&mut self) {
        self.digits = 0;
        let mut text = Zeroizing::new(String::with_capacity(self.text.len()));
        text.extend(self.text.chars().map(|c| if c.is_ascii_digit() { 'x' } else { c }));
        self.text = text;
    }

    /// Whether its words are one in some language, with the digits between them.
    pub(super) fn says_a_number(&self) -> bool {
        let mut said = vec![(0_usize, false); languages()];
        for (_, word) in self.pieces().filter(|(kind, _)| *kind == Kind::Word) {
            languages_of(word, |language, number| {
                let Some((letters, links)) = said.get_mut(language) else { return };
                *letters = letters.saturating_add(if number { word.len() } else { 0 });
                *links |= !number;
            });
        }
        // As many digits as words of so many letters can have.
        let enough = |letters: usize, links: bool| {
            (letters > 0 || links) && letters.div_ceil(2).saturating_add(self.digits) >= SHORTEST
        };
        (0..languages()).any(|language| {
            said.get(language).is_some_and(|(letters, links)| enough(*letters, *links))
                && has_card_data(&self.in_english(language))
        })
    }

    /// The text with the numbers of one language said in English, digit by digit.
    fn in_english(&self, language: usize) -> Zeroizing<String> {
        let room = self.text.len().saturating_mul(4).saturating_add(64);
        let mut text = Zeroizing::new(String::with_capacity(room));
        let mut waiting: Vec<Atom> = Vec::new();
        let say = |waiting: &mut Vec<Atom>, text: &mut String| {
            spoken(waiting, language, |word| {
                text.push(' ');
                text.push_str(word);
            });
            if !waiting.is_empty() {
                text.push(' ');
            }
            waiting.clear();
        };
        for (kind, piece) in self.pieces() {
            match kind {
                Kind::Gap if !waiting.is_empty() => {}
                Kind::Word => match atoms(piece, language) {
                    Some(more) => waiting.extend(more),
                    None => {
                        say(&mut waiting, &mut text);
                        text.push_str(piece);
                    }
                },
                Kind::Gap | Kind::Digits => {
                    say(&mut waiting, &mut text);
                    text.push_str(piece);
                }
            }
        }
        say(&mut waiting, &mut text);
        text
    }
}

/// Marks, and what selects how a character is drawn.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Mark
}
