//! Numbers that are written as one word: "viertausendzweihundertzweiundvierzig", "quarantadue".

use std::collections::{BTreeMap, HashSet};

use crate::redact::languages::fold::fold;
use crate::redact::languages::{Language, Order, listed};

/// The most digits that a word stands for.
const MOST: usize = 6;

/// Digits that a word stands for, as ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) struct Number {
    digits: [u8; MOST],
    length: usize,
    /// The languages in which it is said so, as bits; none if that is not known.
    pub(in crate::redact) languages: u64,
}

impl Number {
    const NONE: Self = Self { digits: [0; MOST], length: 0, languages: 0 };

    /// A number with at least so many digits; its last six if it has more.
    pub(super) fn of(mut value: u32, least: usize) -> Self {
        let mut number = Self::NONE;
        while number.length < MOST && (value > 0 || number.length < least.max(1)) {
            number.push(u8::try_from(value % 10).unwrap_or(0));
            value /= 10;
        }
        if let Some(digits) = number.digits.get_mut(..number.length) {
            digits.reverse();
        }
        number
    }

    fn push(&mut self, digit: u8) -> Option<()> {
        *self.digits.get_mut(self.length)? = b'0'.saturating_add(digit);
        self.length = self.length.saturating_add(1);
        Some(())
    }

    pub(in crate::redact) fn digits(&self) -> &[u8] {
        self.digits.get(..self.length).unwrap_or_default()
    }
}

/// A part of such a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Unit(u8),
    Teen(u8),
    Tens(u8),
    Hundreds(u8),
    Hundred,
    Thousand,
    Link,
}

/// The words of one language.
struct Words {
    pieces: BTreeMap<String, Piece>,
    longest: usize,
    /// The first two bytes of the pieces: most words begin otherwise.
    begins: HashSet<[u8; 2]>,
}

/// The languages that write numbers as one word.
pub(super) struct Compounds(Vec<Words>);

impl Compounds {
    pub(super) fn new(languages: &[Language]) -> Self {
        Self(languages.iter().filter(|language| language.joined).map(Words::new).collect())
    }

    /// What a folded word stands for.
    pub(super) fn number(&self, word: &str) -> Option<Number> {
        let begin = word.as_bytes().first_chunk::<2>()?;
        let begins = |words: &&Words| words.begins.contains(begin);
        self.0.iter().filter(begins).find_map(|words| value(&words.taken_apart(word)?))
    }
}

impl Words {
    fn new(language: &Language) -> Self {
        let mut pieces = BTreeMap::new();
        let mut add = |word: &str, piece| {
            if let Some(word) = fold(word) {
                pieces.entry(word).or_insert(piece);
            }
        };
        for (value, word) in listed(language.units) {
            add(word, Piece::Unit(value));
        }
        for (value, word) in listed(language.teens) {
            add(word, Piece::Teen(value));
        }
        for (at, word) in listed(language.tens) {
            add(word, Piece::Tens(at.saturating_add(2)));
        }
        let several = language.hundreds.split_whitespace().count() > 1;
        for (at, word) in listed(language.hundreds) {
            add(word, if several { Piece::Hundreds(at.saturating_add(1)) } else { Piece::Hundred });
        }
        for (_, word) in listed(language.thousand) {
            add(word, Piece::Thousand);
        }
        for (place, word) in listed(language.links) {
            if place == 0 && language.order == Order::UnitsFirst {
                add(word, Piece::Link);
            }
        }
        let longest = pieces.keys().map(String::len).max().unwrap_or(0);
        let first = |word: &String| word.as_bytes().first_chunk::<2>().copied();
        let begins = pieces.keys().filter_map(first).collect();
        Self { pieces, longest, begins }
    }

    /// The pieces of a word that is made of nothing else, two or more of them; of the ways to take it apart the one with
    /// the longest pieces.
    fn taken_apart(&self, word: &str) -> Option<Vec<Piece>> {
        let mut ends: Vec<Option<(usize, Piece)>> = vec![None; word.len().saturating_add(1)];
        let mut reached = 0_usize;
        for to in 1..=word.len() {
            // Most words are none from their first letters on.
            if to > reached.saturating_add(self.longest) {
                return None;
            }
            let shortest = to.saturating_sub(self.longest);
            let piece = (shortest..to).find_map(|from| {
                let begins = from == 0 || ends.get(from).is_some_and(Option::is_some);
                let text = word.get(from..to).filter(|_| begins)?;
                self.pieces.get(text).map(|piece| (from, *piece))
            });
            if let Some(end) = ends.get_mut(to).filter(|_| piece.is_some()) {
                *end = piece;
                reached = to;
            }
        }
        let mut pieces = Vec::new();
        let mut at = word.len();
        while at > 0 {
            let (from, piece) = (*ends.get(at)?)?;
            pieces.push(piece);
            at = from;
        }
        pieces.reverse();
        (pieces.len() > 1).then_some(pieces)
    }
}

/// What pieces come to: a number below a million, or single digits one after another.
fn value(pieces: &[Piece]) -> Option<Number> {
    if pieces.len() <= MOST && pieces.iter().all(|piece| matches!(piece, Piece::Unit(_))) {
        let mut number = Number::NONE;
        for piece in pieces {
            let Piece::Unit(digit) = piece else { return None };
            number.push(*digit)?;
        }
        return Some(number);
    }
    let thousand = pieces.iter().position(|piece| *piece == Piece::Thousand);
    let (thousands, rest) = match thousand {
        Some(0) => (1, pieces.get(1..)?),
        Some(at) => (below_a_thousand(pieces.get(..at)?)?, pieces.get(at.saturating_add(1)..)?),
        None => (0, pieces),
    };
    let rest = if thousand.is_some() && rest.is_empty() { 0 } else { below_a_thousand(rest)? };
    Some(Number::of(thousands.checked_mul(1000)?.checked_add(rest)?, 0))
}

fn below_a_thousand(pieces: &[Piece]) -> Option<u32> {
    let (hundreds, rest) = match pieces {
        [Piece::Hundred, rest @ ..] => (1, rest),
        [Piece::Unit(unit), Piece::Hundred, rest @ ..] => (u32::from(*unit), rest),
        [Piece::Hundreds(hundreds), rest @ ..] => (u32::from(*hundreds), rest),
        rest => (0, rest),
    };
    let rest = match rest {
        [Piece::Link, rest @ ..] if hundreds > 0 => rest,
        rest => rest,
    };
    let rest = match rest {
        [] if hundreds > 0 => 0,
        [Piece::Unit(unit)] => u32::from(*unit),
        [Piece::Teen(unit)] => u32::from(*unit).checked_add(10)?,
        [Piece::Tens(tens)] => u32::from(*tens).checked_mul(10)?,
        [Piece::Unit(unit), Piece::Link, Piece::Tens(tens)]
        | [Piece::Tens(tens), Piece::Unit(unit)] => {
            u32::from(*tens).checked_mul(10)?.checked_add(u32::from(*unit))?
        }
        _ => return None,
    };
    hundreds.checked_mul(100)?.checked_add(rest)
}
