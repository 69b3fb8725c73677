//! Numbers that are written as one word: "viertausendzweihundertzweiundvierzig", "quarantadue".

use crate::redact::languages::fold::fold;
use crate::redact::languages::{Language, MAX_WORD_BYTES, Order, listed};

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

/// The words of one language, byte by byte.
struct Words {
    nodes: Vec<Node>,
    /// Whether a piece begins with these two bytes: most words begin otherwise.
    begins: [u64; 1024],
}

/// What was read of a piece.
#[derive(Default)]
struct Node {
    /// The piece that this is.
    piece: Option<Piece>,
    /// The bytes that may follow, and where they lead.
    next: Vec<(u8, usize)>,
}

/// The languages that write numbers as one word.
pub(super) struct Compounds(Vec<Words>);

impl Compounds {
    pub(super) fn new(languages: &[Language]) -> Self {
        Self(languages.iter().filter(|language| language.joined).map(Words::new).collect())
    }

    /// The first two bytes of all pieces.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = [u8; 2]> {
        let all = (0..=u16::MAX).map(u16::to_le_bytes);
        all.filter(|begin| self.0.iter().any(|words| words.may_begin(*begin)))
    }

    /// What a folded word stands for.
    pub(super) fn number(&self, word: &[u8]) -> Option<Number> {
        let begin = *word.first_chunk::<2>()?;
        let words = self.0.iter().filter(|words| words.may_begin(begin));
        words.filter_map(|words| words.taken_apart(word)).find_map(|pieces| value(&pieces))
    }
}

impl Words {
    fn new(language: &Language) -> Self {
        let mut words = Self { nodes: vec![Node::default()], begins: [0; 1024] };
        for (value, word) in listed(language.units) {
            words.add(word, Piece::Unit(value));
        }
        for (value, word) in listed(language.teens) {
            words.add(word, Piece::Teen(value));
        }
        for (at, word) in listed(language.tens) {
            words.add(word, Piece::Tens(at.saturating_add(2)));
        }
        let several = language.hundreds.split_whitespace().count() > 1;
        for (at, word) in listed(language.hundreds) {
            let hundreds = Piece::Hundreds(at.saturating_add(1));
            words.add(word, if several { hundreds } else { Piece::Hundred });
        }
        for (_, word) in listed(language.thousand) {
            words.add(word, Piece::Thousand);
        }
        for (place, word) in listed(language.links) {
            if place == 0 && language.order == Order::UnitsFirst {
                words.add(word, Piece::Link);
            }
        }
        words
    }

    /// The place of two bytes among the bits, and its bit.
    fn bit(begin: [u8; 2]) -> (usize, u64) {
        let at = u16::from_le_bytes(begin);
        (usize::from(at >> 6), 1 << (at & 63))
    }

    fn may_begin(&self, begin: [u8; 2]) -> bool {
        let (at, bit) = Self::bit(begin);
        self.begins.get(at).is_some_and(|bits| bits & bit != 0)
    }

    /// Adds a piece, unless there is one of this spelling.
    fn add(&mut self, word: &str, piece: Piece) {
        let Some(word) = fold(word) else { return };
        if let Some(begin) = word.as_bytes().first_chunk::<2>() {
            let (at, bit) = Self::bit(*begin);
            if let Some(bits) = self.begins.get_mut(at) {
                *bits |= bit;
            }
        }
        let mut at = 0;
        for byte in word.bytes() {
            let free = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return };
            at = match node.next.iter().find(|(next, _)| *next == byte) {
                Some((_, next)) => *next,
                None => {
                    node.next.push((byte, free));
                    self.nodes.push(Node::default());
                    free
                }
            };
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.piece.get_or_insert(piece);
        }
    }

    /// The pieces of a word that is made of nothing else, two or more of them; of the ways to take it apart the one with
    /// the longest pieces, seen from the end.
    fn taken_apart(&self, word: &[u8]) -> Option<Vec<Piece>> {
        // For each place, the piece that ends there and where it begins: the first found is the longest.
        let mut ends = [None::<(usize, Piece)>; MAX_WORD_BYTES + 1];
        let ends = ends.get_mut(..=word.len())?;
        let mut reached = 0;
        for from in 0..word.len() {
            // Most words are none from their first letters on.
            if from > reached {
                return None;
            }
            if from > 0 && ends.get(from)?.is_none() {
                continue;
            }
            let mut node = self.nodes.first()?;
            for (to, byte) in (from.saturating_add(1)..).zip(word.get(from..)?) {
                let next = node.next.iter().find(|(next, _)| next == byte);
                let Some(next) = next.and_then(|(_, next)| self.nodes.get(*next)) else { break };
                node = next;
                if let Some(piece) = node.piece
                    && let Some(end) = ends.get_mut(to)
                {
                    end.get_or_insert((from, piece));
                    reached = reached.max(to);
                }
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
    let hundred = pieces.iter().position(|piece| *piece == Piece::Hundred);
    let (hundreds, rest) = match (hundred, pieces) {
        (Some(0), [_, rest @ ..]) => (1, rest),
        // "Tweeënveertighonderd".
        (Some(at), _) => (below_a_hundred(pieces.get(..at)?)?, pieces.get(at.saturating_add(1)..)?),
        (None, [Piece::Hundreds(hundreds), rest @ ..]) => (u32::from(*hundreds), rest),
        (None, rest) => (0, rest),
    };
    let rest = match rest {
        [Piece::Link, rest @ ..] if hundreds > 0 => rest,
        rest => rest,
    };
    let rest = if rest.is_empty() && hundreds > 0 { 0 } else { below_a_hundred(rest)? };
    hundreds.checked_mul(100)?.checked_add(rest)
}

fn below_a_hundred(pieces: &[Piece]) -> Option<u32> {
    Some(match pieces {
        [Piece::Unit(unit)] => u32::from(*unit),
        [Piece::Teen(unit)] => u32::from(*unit).checked_add(10)?,
        [Piece::Tens(tens)] => u32::from(*tens).checked_mul(10)?,
        [Piece::Unit(unit), Piece::Link, Piece::Tens(tens)]
        | [Piece::Tens(tens), Piece::Unit(unit)] => {
            u32::from(*tens).checked_mul(10)?.checked_add(u32::from(*unit))?
        }
        _ => return None,
    })
}
