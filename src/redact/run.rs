//! A run: digits with nothing but gaps between them, gathered token by token.

use zeroize::{DefaultIsZeroes, Zeroize};

use crate::redact::chars::{DASH, FILLER, SPACE};
use crate::redact::languages::Order;
use crate::redact::languages::lexicon::{Meaning, Part};
use crate::redact::reach::{LONG_PIECE, LONGEST, MAX_GAP_CHARS, PIECE};
use crate::redact::token::Token;

/// The most digits that one word adds.
const MOST_ADDED: usize = 9;
/// The most digits that no language is heard of.
const MOST_DOUBTFUL: usize = 4;
/// How many digits there is room for: most runs are short, and what was made room for is wiped.
const ROOMS: [usize; 3] = [2 * LONGEST, PIECE + MOST_ADDED, LONG_PIECE + MOST_ADDED];

/// So many letters of fillers count as one character of a gap.
const LETTERS: usize = 8;

/// How many characters of a gap the letters of fillers count as: there are fewer words than letters.
pub(super) const fn letters(count: usize) -> usize {
    count.div_ceil(LETTERS)
}

/// The value of a digit that was masked: none.
pub(super) const MASKED: u8 = 0x0F;

/// One digit of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Digit {
    /// As an ASCII digit, whatever it was written as; [`MASKED`] makes it none.
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
    /// In what other ways it may be read.
    pub(super) other: Other,
}

/// How else a digit may be read than as one after the digit before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Other {
    /// In the place of so many zeros before it: the 42 of "four thousand and forty-two".
    pub(super) instead: u8,
    /// Not at all: a sigh.
    pub(super) sigh: bool,
    /// More likely so: the one of "one moment".
    pub(super) pause: bool,
    /// In the place of what was said before: a correction stands between.
    pub(super) corrects: bool,
    /// In its place if it is the same: other words stand between.
    pub(super) repeats: bool,
    /// The first of a turn, or of what was said in one breath.
    pub(super) breath: bool,
}

impl Digit {
    /// Whether it is a mask.
    pub(super) const fn is_masked(&self) -> bool {
        self.value == b'0' | MASKED
    }
}

impl DefaultIsZeroes for Digit {}

/// Separators since the last digit.
#[derive(Debug, Clone, Copy, Default)]
struct Gap {
    chars: usize,
    kinds: u8,
    /// Among the words there is an "and", or another word, or a correction.
    link: bool,
    filler: bool,
    correction: bool,
}

impl Gap {
    /// Whether the words before and after it may be one number.
    const fn joins(&self, link: bool) -> bool {
        let separators = if self.link { !(SPACE | DASH | FILLER) } else { !(SPACE | DASH) };
        self.kinds & separators == 0 && !self.filler && !self.correction && (link || !self.link)
    }
}

/// How the number that was said last may go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Open {
    #[default]
    No,
    /// A number that may be counted in hundreds; of one digit from 1 to 9 in words or not.
    Number { unit: bool },
    /// The last digit is the zero of a word for tens, which a digit may replace.
    Tens(Order),
    /// It is that of "dix".
    Ten,
    /// The last digits are zeros, in whose place others may be.
    Zeros(u8),
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
    open: Open,
    /// The first digit of the number that was said last, and how many zeros it may replace.
    number: (usize, u8),
    /// The languages of the numbers so far, as bits; none if that is not known.
    languages: u64,
    /// How many digits at the beginning are such as are fillers in some languages, and the languages in which they are digits.
    doubts: (usize, u64),
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

    /// Whether a correction stands after the last digit.
    pub(super) const fn corrected(&self) -> bool {
        self.gap.correction
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
            Token::Digit(value) => {
                // Whole numbers are not counted in hundreds.
                let alone = self.gap.chars > 0 || self.digits.is_empty();
                let taken = self.add(&[b'0' | value], false, start, end);
                let unit = alone && self.repeat.is_none() && (1..=9).contains(&value);
                self.open = if unit { Open::Number { unit } } else { Open::No };
                taken
            }
            Token::Word(Meaning::Digits(number, part)) => {
                self.hear(number.languages);
                self.say(number.digits(), part, start, end)
            }
            Token::Word(meaning @ (Meaning::Doubtful(number) | Meaning::Pause(number)))
                if self.languages & number.languages != 0
                    || (self.languages == 0 && self.is_doubtful()) =>
            {
                let doubts = self.doubts.0 == self.digits.len() && self.languages == 0;
                let taken = self.say(number.digits(), Part::Unit, start, end);
                self.may_be_sigh(taken);
                if let (Meaning::Pause(_), Some(digit)) = (meaning, self.digits.last_mut()) {
                    digit.other.pause = digit.other.sigh && taken == Taken::Yes;
                }
                if doubts && taken == Taken::Yes {
                    self.doubts = (self.digits.len(), self.doubts.1 | number.languages);
                }
                taken
            }
            Token::Word(Meaning::Sigh) => {
                let taken = self.say(b"0", Part::Whole, start, end);
                self.may_be_sigh(taken);
                taken
            }
            Token::Word(Meaning::Tens(first, order, languages)) => {
                self.hear(languages);
                self.say_tens(first, order, start, end)
            }
            Token::Word(Meaning::Scale(zeros, one)) => self.scale(zeros, one, start, end),
            Token::Word(Meaning::Plural(digit)) => self.several(digit, end),
            Token::Word(Meaning::Repeat(times)) => {
                if self.repeat.is_some() {
                    return Taken::Ended;
                }
                let gap = core::mem::take(&mut self.gap);
                self.repeat = Some(Repeat { times, start, gap });
                Taken::Yes
            }
            _ if empty => Taken::Yes,
            Token::Word(Meaning::Aside) => Taken::Ended,
            Token::Word(_) if self.repeat.is_some() => Taken::Ended,
            Token::Word(meaning) => {
                match meaning {
                    Meaning::Link => self.gap.link = true,
                    Meaning::Correction => self.gap.correction = true,
                    _ => self.gap.filler = true,
                }
                self.widen(letters(end.saturating_sub(start)), FILLER)
            }
            Token::Gap(kind) => self.widen(1, kind),
            Token::End => Taken::Ended,
        }
    }

    /// What was just taken may be a sigh, unless it hangs at the digit before it: `5O` is written, and nobody sighs there.
    fn may_be_sigh(&mut self, taken: Taken) {
        if let Some((digit, before)) = self.digits.split_last_mut()
            && taken == Taken::Yes
        {
            digit.other.sigh = before.last().is_none_or(|before| before.end != digit.start);
        }
    }

    /// Whether all digits are such as are fillers in some languages.
    fn is_doubtful(&self) -> bool {
        self.digits.len() <= MOST_DOUBTFUL && self.digits.iter().all(|digit| digit.other.sigh)
    }

    /// Notes the languages of a number. What stands before it and would be digits in others was none.
    fn hear(&mut self, languages: u64) {
        let (count, others) = core::mem::take(&mut self.doubts);
        if count > 0 && count == self.digits.len() && others & languages == 0 && self.decided == 0 {
            self.truncate(0);
            self.open = Open::No;
        }
        let both = self.languages & languages;
        self.languages = if both == 0 { languages } else { both };
    }

    fn widen(&mut self, chars: usize, kind: u8) -> Taken {
        self.gap.chars = self.gap.chars.saturating_add(chars);
        self.gap.kinds |= kind;
        if self.gap.chars > MAX_GAP_CHARS { Taken::Ended } else { Taken::Yes }
    }

    /// Takes a number in words.
    fn say(&mut self, digits: &[u8], part: Part, start: usize, end: usize) -> Taken {
        let single = self.repeat.is_none();
        let before = self.digits.len().checked_sub(2);
        let before = before.and_then(|at| self.digits.get(at)).map(|digit| digit.value);
        let joins = self.gap.joins(true) && single;
        match (self.open, part, digits) {
            (Open::Tens(_), Part::Unit, [b'1'..=b'9']) | (Open::Ten, Part::Unit, [b'7'..=b'9'])
                if joins =>
            {
                // The zero of "forty" gives way to the two of "forty-two".
                self.give_way();
                return self.complete(digits, start, end, Open::Number { unit: false });
            }
            (Open::Tens(Order::Scores), Part::Teen | Part::Ten, [b'1', unit])
                if joins && matches!(before, Some(b'6' | b'8')) =>
            {
                // "Sixty-ten".
                self.give_way();
                if let Some(tens) = self.digits.last_mut() {
                    tens.value = tens.value.saturating_add(1);
                }
                let ten = part == Part::Ten;
                return self.complete(&[*unit], start, end, if ten { Open::Ten } else { Open::No });
            }
            (Open::Number { unit: true }, Part::Score, _)
                if self.gap.joins(false)
                    && single
                    && self.digits.last().is_some_and(|four| four.value == b'4' && four.word) =>
            {
                // "Four twenties".
                if let Some(four) = self.digits.last_mut() {
                    four.value = b'8';
                }
                return self.complete(b"0", start, end, Open::Tens(Order::Scores));
            }
            _ => {}
        }
        let open = match part {
            Part::Unit => Open::Number { unit: digits != b"0" && single },
            Part::Teen => Open::Number { unit: false },
            Part::Ten => Open::Ten,
            Part::Score => Open::Tens(Order::Scores),
            Part::Hundreds => Open::Zeros(2),
            // "Vierduizend", "tweehonderd": the last digits may be others.
            Part::Whole => match digits {
                [_, .., b'0', b'0', b'0'] => Open::Zeros(3),
                [_, .., b'0', b'0'] => Open::Zeros(2),
                _ => Open::No,
            },
        };
        self.begin(digits, start, end, open)
    }

    /// Takes the last digit back; its word goes to the digit before it.
    fn give_way(&mut self) {
        let end = self.digits.last().map_or(0, |digit| digit.end);
        self.truncate(self.digits.len().saturating_sub(1));
        if let Some(digit) = self.digits.last_mut() {
            digit.end = end;
        }
    }

    fn say_tens(&mut self, first: u8, order: Order, start: usize, end: usize) -> Taken {
        if order == Order::UnitsFirst
            && self.open == (Open::Number { unit: true })
            && self.gap.link
            && self.gap.joins(true)
            && self.repeat.is_none()
            && let Some(unit) = self.digits.last_mut().filter(|unit| unit.word)
        {
            // "Two and forty".
            let value = core::mem::replace(&mut unit.value, first);
            return self.complete(&[value], start, end, Open::Number { unit: false });
        }
        self.begin(&[first, b'0'], start, end, Open::Tens(order))
    }

    /// Takes a word like "hundred".
    fn scale(&mut self, zeros: u8, one: bool, start: usize, end: usize) -> Taken {
        let text: &[u8] = if zeros == 2 { b"100" } else { b"1000" };
        let counted = matches!(self.open, Open::Number { .. } | Open::Tens(_) | Open::Ten)
            || (zeros == 3 && matches!(self.open, Open::Zeros(2)));
        if counted && self.gap.joins(false) && self.repeat.is_none() {
            return self.complete(
                text.get(1..).unwrap_or_default(),
                start,
                end,
                Open::Zeros(zeros),
            );
        }
        let text = if one { text } else { text.get(1..).unwrap_or_default() };
        self.begin(text, start, end, Open::Zeros(zeros))
    }

    /// Takes a word like "zeros" after how many there are.
    fn several(&mut self, digit: u8, end: usize) -> Taken {
        let unit = self.open == Open::Number { unit: true };
        if !unit || !self.gap.joins(false) || self.repeat.is_some() {
            return Taken::Ended;
        }
        let Some(count) = self.digits.last().copied() else { return Taken::Ended };
        self.make_room();
        self.truncate(self.digits.len().saturating_sub(1));
        for at in 0..count.value & 0x0F {
            let first = Digit { value: digit, end, word: true, ..count };
            self.digits.push(if at == 0 {
                first
            } else {
                Digit { kinds: 0, apart: false, inside: true, other: Other::default(), ..first }
            });
        }
        (self.gap, self.open) = (Gap::default(), Open::No);
        Taken::Yes
    }

    /// Adds digits of a number that begins with them.
    fn begin(&mut self, digits: &[u8], start: usize, end: usize, open: Open) -> Taken {
        let limit = match self.open {
            Open::Zeros(zeros) if self.gap.joins(true) && self.repeat.is_none() => zeros,
            _ => 0,
        };
        let first = self.digits.len();
        let taken = self.add(digits, true, start, end);
        if taken == Taken::Yes {
            (self.open, self.number) = (open, (first, limit));
            self.weigh();
        }
        taken
    }

    /// Adds digits of a number that began before.
    fn complete(&mut self, digits: &[u8], start: usize, end: usize, open: Open) -> Taken {
        let taken = self.add(digits, true, start, end);
        if taken == Taken::Yes {
            self.open = open;
            self.weigh();
        }
        taken
    }

    /// Notes how many zeros the last number may stand for.
    fn weigh(&mut self) {
        let (first, limit) = self.number;
        let length = self.digits.len().saturating_sub(first);
        let instead = u8::try_from(length).ok().filter(|length| *length <= limit);
        if let Some(digit) = self.digits.get_mut(first) {
            digit.other.instead = instead.unwrap_or(0);
        }
    }

    /// Makes room for what one token adds, and leaves no copies behind where there was not enough.
    fn make_room(&mut self) {
        let needed = self.digits.len().saturating_add(MOST_ADDED);
        if needed > self.digits.capacity() {
            let room = ROOMS.into_iter().find(|room| *room >= needed).unwrap_or(needed);
            let mut larger = Vec::with_capacity(room);
            larger.extend_from_slice(&self.digits);
            self.digits.zeroize();
            self.digits = larger;
        }
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
        self.open = Open::No;
        let word = word || times > 1;
        self.make_room();
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
                other: Other {
                    corrects: first && gap.correction,
                    repeats: first && gap.kinds & FILLER != 0,
                    ..Other::default()
                },
            });
        }
        Taken::Yes
    }

    /// Takes another digit right behind one that was taken.
    pub(super) fn take_digit(&mut self, value: u8, start: usize, end: usize) {
        self.make_room();
        let apart = self.digits.last().is_some_and(|before| before.word);
        self.open = Open::No;
        self.digits.push(Digit { value, start, end, apart, ..Digit::default() });
    }

    /// Notes that the digits before `decided` were decided, and forgets all but `keep` of them.
    pub(super) fn decide(&mut self, decided: usize, keep: usize) {
        let drop = decided.saturating_sub(keep);
        let digits = self.digits.len();
        self.digits.copy_within(drop.min(digits).., 0);
        self.truncate(digits.saturating_sub(drop));
        self.decided = decided.saturating_sub(drop);
        self.open = Open::No;
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
        (self.gap, self.repeat, self.open) = (Gap::default(), None, Open::No);
        (self.decided, self.cut, self.languages, self.doubts) = (0, false, 0, (0, 0));
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
