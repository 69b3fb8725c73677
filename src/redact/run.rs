//! A run: digits with nothing but gaps between them, gathered token by token.

use zeroize::{DefaultIsZeroes, Zeroize};

use crate::redact::chars::{DASH, FILLER, SPACE};
use crate::redact::lexicon::Meaning;
use crate::redact::reach::MAX_GAP_CHARS;
use crate::redact::token::Token;

/// The most digits at a time: a piece of a long run, and the most that one word adds.
const CAPACITY: usize = crate::redact::reach::PIECE + 9;

/// One digit of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Digit {
    /// As an ASCII digit, whatever it was written as.
    pub(super) value: u8,
    /// Where its character or word stands.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The kinds of separators before it.
    pub(super) kinds: u8,
    /// Whether anything separates it from the digit before: a gap, or the edge of a word.
    pub(super) apart: bool,
    /// Said rather than written.
    pub(super) word: bool,
    /// Not the first digit of its word.
    pub(super) inside: bool,
}

impl DefaultIsZeroes for Digit {}

/// Separators since the last digit.
#[derive(Debug, Clone, Copy, Default)]
struct Gap {
    chars: usize,
    kinds: u8,
}

/// A word like "double" that waits for its digit.
#[derive(Debug, Clone, Copy)]
struct Repeat {
    times: u8,
    start: usize,
    gap: Gap,
}

/// What a token did to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It belongs to it.
    Yes,
    /// The run ended before it, and it begins the next if it can.
    Ended,
}

#[derive(Debug, Default)]
pub(super) struct Run {
    digits: Vec<Digit>,
    gap: Gap,
    repeat: Option<Repeat>,
    /// The last digit is the zero of a word for tens, which a digit may replace.
    tens: bool,
    /// How many digits at the beginning were decided and stay for what follows them.
    decided: usize,
    /// Digits before those were dropped.
    cut: bool,
}

impl Run {
    pub(super) fn digits(&self) -> &[Digit] {
        &self.digits
    }

    pub(super) const fn decided(&self) -> usize {
        self.decided
    }

    /// Whether the first digit there is was the first of the run.
    pub(super) const fn begins(&self) -> bool {
        !self.cut
    }

    /// Where the first thing stands that is not decided.
    pub(super) fn start(&self) -> Option<usize> {
        let repeat = self.repeat.map(|repeat| repeat.start);
        self.digits.get(self.decided).map(|digit| digit.start).or(repeat)
    }

    /// The kinds of separators after the last digit.
    pub(super) const fn gap(&self) -> u8 {
        self.gap.kinds
    }

    /// Takes the token that stands from `start` to `end`. Anything but the beginning of a number is
    /// ignored by an empty run.
    pub(super) fn take(&mut self, token: Token, start: usize, end: usize) -> Taken {
        let empty = self.digits.is_empty() && self.repeat.is_none();
        match token {
            Token::Digit(value) => self.add(&[b'0' | value], false, start, end),
            Token::Word(Meaning::Digits(digits)) => self.add(digits.as_bytes(), true, start, end),
            Token::Word(Meaning::Tens(first)) => {
                let taken = self.add(&[first, b'0'], true, start, end);
                self.tens = taken == Taken::Yes;
                taken
            }
            Token::Word(Meaning::Repeat(times)) => {
                if self.repeat.is_some() {
                    return Taken::Ended;
                }
                let gap = core::mem::take(&mut self.gap);
                self.repeat = Some(Repeat { times, start, gap });
                Taken::Yes
            }
            _ if empty => Taken::Yes,
            Token::Word(Meaning::Filler) if self.repeat.is_some() => Taken::Ended,
            Token::Word(Meaning::Filler) => self.widen(end.saturating_sub(start), FILLER),
            Token::Gap(kind) => self.widen(1, kind),
            Token::End => Taken::Ended,
        }
    }

    fn widen(&mut self, chars: usize, kind: u8) -> Taken {
        self.gap.chars = self.gap.chars.saturating_add(chars);
        self.gap.kinds |= kind;
        if self.gap.chars > MAX_GAP_CHARS { Taken::Ended } else { Taken::Yes }
    }

    fn add(&mut self, digits: &[u8], word: bool, mut start: usize, end: usize) -> Taken {
        let mut gap = core::mem::take(&mut self.gap);
        let mut times = 1;
        if let Some(repeat) = self.repeat {
            if digits.len() != 1 {
                return Taken::Ended;
            }
            self.repeat = None;
            (times, start, gap) = (repeat.times, repeat.start, repeat.gap);
        }
        let completes = self.tens
            && times == 1
            && word
            && matches!(digits, [b'1'..=b'9'])
            && gap.kinds & !(SPACE | DASH) == 0;
        self.tens = false;
        if completes {
            // The zero of "forty" gives way to the two of "forty-two".
            self.truncate(self.digits.len().saturating_sub(1));
        }
        let word = word || times > 1;
        if self.digits.capacity() == 0 {
            // Room for all there will be: growing would leave copies behind.
            self.digits.reserve_exact(CAPACITY);
        }
        let before = self.digits.last().copied();
        let count = digits.len().saturating_mul(usize::from(times));
        for (at, value) in digits.iter().cycle().take(count).enumerate() {
            let first = at == 0;
            self.digits.push(Digit {
                value: *value,
                start,
                end,
                kinds: if first { gap.kinds } else { 0 },
                apart: first && (gap.chars > 0 || word || before.is_some_and(|before| before.word)),
                word,
                inside: !first,
            });
        }
        Taken::Yes
    }

    /// Notes that the digits before `decided` were decided, and forgets all but `keep` of them.
    pub(super) fn decide(&mut self, decided: usize, keep: usize) {
        let drop = decided.saturating_sub(keep);
        let digits = self.digits.len();
        self.digits.copy_within(drop.min(digits).., 0);
        self.truncate(digits.saturating_sub(drop));
        self.decided = decided.saturating_sub(drop);
        self.cut |= drop > 0;
    }

    /// Forgets the digits from the one at `length` on, and wipes them. Behind the last digit there is never
    /// another, so that it needs no wiping of all the room there is for every short number.
    fn truncate(&mut self, length: usize) {
        if let Some(digits) = self.digits.get_mut(length..) {
            digits.zeroize();
        }
        self.digits.truncate(length);
    }

    pub(super) fn clear(&mut self) {
        self.truncate(0);
        (self.gap, self.repeat, self.tens) = (Gap::default(), None, false);
        (self.decided, self.cut) = (0, false);
    }

    /// Moves all places by `by` bytes towards the beginning.
    pub(super) fn shift(&mut self, by: usize) {
        for digit in &mut self.digits {
            digit.start = digit.start.saturating_sub(by);
            digit.end = digit.end.saturating_sub(by);
        }
        if let Some(repeat) = &mut self.repeat {
            repeat.start = repeat.start.saturating_sub(by);
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.digits.zeroize();
    }
}
