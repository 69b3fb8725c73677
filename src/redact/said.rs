//! Other readings of what was said: an "oh" may be a zero or a sigh, the 42 of "four thousand and forty-two" stands in the
//! place of zeros, a correction or a repetition in the place of what was said before.
//!
//! Of all readings of the digits from one on, those count that are a card number. How many are looked at has a bound, so
//! that time grows with the number of digits.

use core::hash::BuildHasher;
use std::collections::HashSet;
use std::hash::RandomState;

use zeroize::{Zeroize, Zeroizing};

use crate::redact::chars::{DASH, SPACE};
use crate::redact::reach::{LONGEST, SHORTEST};
use crate::redact::run::{Digit, Other};
use crate::redact::steps;
use crate::values::card_number::{Brand, Issuers, luhn};

/// In more digits than these nobody speaks.
pub(super) const MOST_DIGITS: usize = 96;
/// The most readings that are looked at from one digit on, a digit longer each.
const MOST_STEPS: usize = 240;
/// The most sighs within a number, with what is a digit though a pause begins with it; and the most corrections and repetitions.
const MOST_SIGHS: u8 = 2;
const MOST_CORRECTIONS: u8 = 18;
/// The most digits that a correction or a repetition goes back.
const MOST_BACK: usize = 12;

/// A number in some reading: from a digit to before another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) brand: Brand,
    pub(super) length: usize,
    /// Whether a digit was read otherwise than as one after the digit before it.
    pub(super) other: bool,
    /// Whether a repetition or a correction is in it.
    pub(super) again: bool,
    /// Its digits, in ASCII.
    pub(super) values: Zeroizing<Vec<u8>>,
}

/// A reading so far.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Reading {
    values: [u8; LONGEST],
    length: usize,
    /// The next digit.
    at: usize,
    /// Whether a digit was read otherwise than as one after the digit before it.
    other: bool,
    sighs: u8,
    corrections: u8,
}

impl Reading {
    fn values(&self) -> &[u8] {
        self.values.get(..self.length).unwrap_or_default()
    }

    /// With a sigh more, if it `counts`.
    fn counted(mut self, counts: bool) -> Option<Self> {
        self.sighs = self.sighs.saturating_add(u8::from(counts));
        (self.sighs <= MOST_SIGHS).then_some(self)
    }

    /// Without the next digit.
    const fn without(mut self) -> Self {
        self.at = self.at.saturating_add(1);
        self.other = true;
        self
    }

    /// With `value` in the place of the last `back` digits.
    fn with(mut self, value: u8, back: usize) -> Option<Self> {
        self.length = self.length.checked_sub(back)?;
        *self.values.get_mut(self.length)? = value;
        self.length = self.length.saturating_add(1);
        self.at = self.at.saturating_add(1);
        self.other |= back > 0;
        Some(self)
    }
}

/// Whether any digit may be read otherwise.
pub(super) fn may_be_otherwise(digits: &[Digit]) -> bool {
    digits.iter().any(|digit| {
        digit.other.sigh || digit.other.corrects || digit.other.repeats || digit.other.instead > 0
    })
}

/// The numbers that `digits` are in readings other than the plain one; with `plain`, in that too. They begin where `may_begin`
/// says so.
pub(super) fn numbers(
    issuers: &Issuers,
    digits: &[Digit],
    plain: bool,
    may_begin: impl Fn(usize) -> bool,
) -> Vec<Said> {
    let mut found = Vec::new();
    let mut readings: Vec<Reading> = Vec::new();
    let (mut seen, hash) = (HashSet::new(), RandomState::new());
    for from in 0..digits.len().saturating_sub(SHORTEST - 1) {
        if !digits.get(from).is_some_and(|digit| from == 0 || digit.apart) || !may_begin(from) {
            continue;
        }
        readings.push(Reading {
            values: [0; LONGEST],
            length: 0,
            at: from,
            other: false,
            sighs: 0,
            corrections: 0,
        });
        if plain {
            // Whatever else it may be read as, and however often.
            found.extend(as_it_stands(issuers, digits, from));
        }
        let mut left = MOST_STEPS;
        while let Some(reading) = readings.pop() {
            if left == 0 {
                break;
            }
            if !seen.insert(hash.hash_one((reading.at, reading.values(), reading.sighs))) {
                continue;
            }
            left = left.saturating_sub(1);
            let next = digits.get(reading.at);
            if reading.other && next.is_none_or(|digit| digit.apart && !digit.inside) {
                found.extend(number(issuers, &reading, from));
            }
            if let Some(digit) = next.filter(|_| reading.length <= LONGEST) {
                go_on(digits, digit, reading, &mut readings);
            }
        }
        steps::count(MOST_STEPS.saturating_sub(left));
        readings.iter_mut().for_each(|reading| reading.values.zeroize());
        readings.clear();
        seen.clear();
    }
    found
}

/// The numbers that the digits from `from` on are as they stand.
fn as_it_stands<'d>(
    issuers: &'d Issuers,
    digits: &'d [Digit],
    from: usize,
) -> impl Iterator<Item = Said> + 'd {
    let none = Reading {
        values: [0; LONGEST],
        length: 0,
        at: from,
        other: false,
        sighs: 0,
        corrections: 0,
    };
    let ends = |at: usize| digits.get(at).is_none_or(|digit| digit.apart && !digit.inside);
    let mut reading = Some(none);
    core::iter::from_fn(move || {
        let digit = reading.and_then(|reading| digits.get(reading.at));
        reading = reading.zip(digit).and_then(|(reading, digit)| reading.with(digit.value, 0));
        reading
    })
    .filter(move |reading| ends(reading.at))
    .filter_map(move |reading| number(issuers, &reading, from))
}

/// The readings that go on with `digit`; what is looked at first is pushed last.
fn go_on(digits: &[Digit], digit: &Digit, reading: Reading, readings: &mut Vec<Reading>) {
    let corrections = reading.corrections.saturating_add(1);
    let mut push = |reading: Option<Reading>| readings.extend(reading);
    let pause = digit.other.pause;
    // What it is less often counts, and is looked at last: a sigh that is none, a pause that is a digit.
    let said = reading.counted(pause).and_then(|reading| reading.with(digit.value, 0));
    let unsaid = reading.counted(!pause).map(Reading::without);
    let unsaid = unsaid.filter(|_| digit.other.sigh && reading.length > 0);
    let (less, more) = if pause { (said, unsaid) } else { (unsaid, said) };
    push(less);
    push(more);
    let zeros = usize::from(digit.other.instead);
    let before = reading.length.checked_sub(zeros).and_then(|from| reading.values().get(from..));
    if zeros > 0 && before.is_some_and(|before| before.iter().all(|value| *value == b'0')) {
        push(reading.with(digit.value, zeros));
    }
    let repeats = digit.other.repeats && begins_group(digit);
    if (digit.other.corrects || repeats) && corrections <= MOST_CORRECTIONS {
        for back in 1..=reading.length.min(MOST_BACK) {
            let from = reading.length.saturating_sub(back);
            let before = reading.values().get(from..).unwrap_or_default();
            let again = digits.get(reading.at..reading.at.saturating_add(back)).unwrap_or_default();
            let next = digits.get(reading.at.saturating_add(back));
            if may_replace(before, again, digit.other, next) {
                push(reading.with(digit.value, back).map(|next| Reading { corrections, ..next }));
            }
        }
    }
}

/// Whether digits may have been said in the place of others: the same again, or after a correction most of them.
fn may_replace(before: &[u8], again: &[Digit], other: Other, next: Option<&Digit>) -> bool {
    let corrects = other.corrects;
    if before.len() != again.len() {
        return false;
    }
    let same = before.iter().zip(again).filter(|(one, other)| **one == other.value).count();
    if same == before.len() {
        return corrects || (before.len() > 1 && next.is_none_or(begins_group));
    }
    corrects && (before.len() == 1 || same.saturating_mul(2) >= before.len())
}

/// Whether something more than a space parts a digit from the one before it, or a space from one that is written.
const fn begins_group(digit: &Digit) -> bool {
    digit.other.breath || digit.apart && (!digit.word || digit.kinds & !(SPACE | DASH) != 0)
}

fn number(issuers: &Issuers, reading: &Reading, from: usize) -> Option<Said> {
    // What was masked is part of no number, in the host's ranges neither.
    if reading.length < SHORTEST || !reading.values().iter().all(u8::is_ascii_digit) {
        return None;
    }
    let issued = issuers.issued(reading.values())?;
    // Without a check digit what is said is a number of the host's own ranges alone.
    if !(issued.of_host && issued.unchecked || luhn(reading.values())) {
        return None;
    }
    let values = Zeroizing::new(reading.values().to_vec());
    Some(Said {
        from,
        to: reading.at,
        brand: issued.brand,
        length: reading.length,
        other: reading.other,
        again: reading.corrections > 0,
        values,
    })
}
