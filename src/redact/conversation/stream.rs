//! What one speaker said in digits, over turns.

use core::time::Duration;

use zeroize::Zeroize;

use crate::redact::reach::LONGEST_TAIL;
use crate::redact::run::Digit;
use crate::redact::said::{Said, numbers};
use crate::redact::twice::{PIECE, is_repeated, is_same, is_told_twice};
use crate::values::card_number::Issuers;

/// The most digits that are remembered.
const MOST_DIGITS: usize = 64;
/// The most words that are no fillers within a number: where nobody spoke of cards, and where somebody did.
const MOST_WORDS: usize = 2;
const MOST_WORDS_OF_CARDS: usize = 10;
/// The most turns of others within a number.
const MOST_TURNS: usize = 10;
/// The longest pause within a number.
const LONGEST_PAUSE: Duration = Duration::from_secs(180);
/// The most digits at the end of a number that are echoed in the same breath.
const LONGEST_ECHO: usize = 6;
/// So many digits that come twice in a row, group by group, are no chance.
const LEAST_ECHOED: usize = 4;
/// How far back a number may begin within a group.
const NEAR_DIGITS: usize = 24;
/// The lengths of all cards but a few.
const USUAL: core::ops::RangeInclusive<usize> = 14..=16;

/// Where a digit was said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) turn: u64,
    /// The first of a group.
    pub(super) first: bool,
}

/// The digits of one speaker, or of all, for as long as they may go on.
#[derive(Debug, Default)]
pub(super) struct Stream {
    digits: Vec<Digit>,
    places: Vec<Place>,
    /// Words that are no fillers, and turns of others, since the last digit.
    words: usize,
    turns: usize,
    at: Option<Duration>,
    corrects: bool,
    /// Whether nobody knows who speaks, so that echoes are heard here too.
    alone: bool,
    /// From this turn on nothing is decided.
    undecided: u64,
    /// The digits before this one were looked at as the last of a number.
    seen: usize,
}

/// A number over several groups.
#[derive(Debug)]
pub(super) struct Spoken {
    pub(super) said: Said,
    /// Where the echo of its last digits ends that follows it in the same group, or it itself.
    pub(super) end: usize,
    /// Nothing that follows can be part of it.
    pub(super) complete: bool,
}

impl Stream {
    /// The first turn of which something is not decided.
    pub(super) fn live_from(&self) -> Option<u64> {
        let mut digits = self.places.iter().zip(&self.digits);
        let live = digits.find(|(place, digit)| place.turn >= self.undecided && !digit.is_masked());
        live.map(|(place, _)| place.turn)
    }

    pub(super) fn digits(&self) -> &[Digit] {
        &self.digits
    }

    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    /// Whether a number can go on.
    fn goes_on(&self, of_cards: bool) -> bool {
        let words = if of_cards { MOST_WORDS_OF_CARDS } else { MOST_WORDS };
        self.words <= words && self.turns <= MOST_TURNS
    }

    pub(super) fn word(&mut self, of_cards: bool) {
        self.words = self.words.saturating_add(1);
        if !self.goes_on(of_cards) {
            self.close();
        }
    }

    pub(super) fn other_turn(&mut self, of_cards: bool) {
        self.turns = self.turns.saturating_add(1);
        if !self.goes_on(of_cards) {
            self.close();
        }
    }

    /// Says whether it is known who speaks.
    pub(super) fn set_alone(&mut self, alone: bool) {
        self.alone = alone;
    }

    /// Somebody takes back something that was said before.
    pub(super) fn correct(&mut self) {
        self.corrects = true;
    }

    /// The last digit may have been no digit.
    pub(super) fn doubt(&mut self) {
        if let Some(last) = self.digits.last_mut() {
            (last.other.sigh, last.other.pause) = (true, true);
        }
    }

    /// Adds a group.
    pub(super) fn add(
        &mut self,
        group: &[Digit],
        (corrects, of_cards): (bool, bool),
        turn: u64,
        at: Option<Duration>,
    ) {
        let pause = at.zip(self.at).and_then(|(now, then)| now.checked_sub(then));
        if pause.is_some_and(|pause| pause > LONGEST_PAUSE) {
            self.close();
        }
        for (n, digit) in group.iter().enumerate() {
            let (mut digit, first) = (*digit, n == 0);
            digit.other.repeats |= digit.apart && self.alone;
            // Where somebody spoke of cards they need not be parted from what they echo.
            digit.other.breath |= digit.apart && self.alone && of_cards;
            if first {
                digit.apart = true;
                digit.inside = false;
                digit.other.repeats = true;
                digit.other.breath = true;
                digit.other.instead = digit.other.instead.max(self.completes(&digit));
                digit.other.corrects |= corrects || self.corrects;
            }
            self.digits.push(digit);
            self.places.push(Place { turn, first });
        }
        (self.words, self.turns, self.corrects) = (0, 0, false);
        self.at = at.or(self.at);
        while self.digits.len() > MOST_DIGITS {
            let next = self.places.iter().skip(1).position(|place| place.first);
            self.forget(next.map_or(self.digits.len(), |next| next.saturating_add(1)));
        }
    }

    /// How many zeros before it a digit may stand for: "forty" and "two" may be in two turns.
    fn completes(&self, digit: &Digit) -> u8 {
        let zero =
            self.digits.last().is_some_and(|last| last.word && last.inside && last.value == b'0');
        u8::from(zero && digit.word && digit.value != b'0')
    }

    /// The numbers over several groups, or in another reading, that end in what was added since this was last asked.
    pub(super) fn numbers(&mut self, issuers: &Issuers, of_cards: bool) -> Vec<Spoken> {
        let seen = core::mem::replace(&mut self.seen, self.digits.len());
        if seen == self.digits.len() {
            return Vec::new();
        }
        // Where a group begins; elsewhere only if somebody spoke of cards, and not far back.
        let near = self.digits.len().saturating_sub(NEAR_DIGITS);
        let may_begin = |from: usize| self.begins(from) || (of_cards && from >= near);
        let all = numbers(issuers, &self.digits, true, may_begin).into_iter();
        let twice = !of_cards && self.alone && is_told_twice(issuers, &self.digits);
        all.filter(|said| {
            said.to > seen
                && !twice
                && (of_cards || !self.alone || !self.echoes(said))
                && self.is_evident(said, of_cards)
        })
        .map(|said| {
            let (complete, end) = (self.is_complete(&said), self.end(&said));
            Spoken { said, end, complete }
        })
        .collect()
    }

    /// Whether the form of a number tells that it is one.
    fn is_evident(&self, said: &Said, of_cards: bool) -> bool {
        let first = |at: usize| self.places.get(at).is_none_or(|place| place.first);
        let over = self.places.get(said.from.saturating_add(1)..said.to).unwrap_or_default();
        if !said.other && !over.iter().any(|place| place.first) {
            // In one group, as it stands: what one turn is looked at for.
            return false;
        }
        let (begins, ends) = (self.begins(said.from), first(self.end(said)));
        // All that was said, except for what may be an expiry and a code.
        let rest = self.digits.len().saturating_sub(self.end(said));
        let all = said.from == self.sighs() && rest <= LONGEST_TAIL;
        // Where both speak as one, much is said twice.
        let all = all && (!said.again || !self.alone);
        if USUAL.contains(&said.length) {
            return if of_cards { begins || ends } else { begins && ends && all };
        }
        let plain = || said.length > 16 || self.in_fours(said) || self.in_words(said);
        begins && ends && (of_cards || all && plain())
    }

    /// Whether groups come twice in a number, so that it counts what somebody else repeated. What is the same again and again
    /// is a number's own.
    fn echoes(&self, said: &Said) -> bool {
        let places = self.places.get(said.from..said.to).unwrap_or_default();
        let digits = self.digits.get(said.from..said.to).unwrap_or_default();
        let (mut from, mut before, mut echoed) = (0_usize, &[][..], 0_usize);
        for to in 1..=digits.len() {
            if places.get(to).is_some_and(|place| !place.first) {
                continue;
            }
            let group = digits.get(from..to).unwrap_or_default();
            let again = before.len() == group.len() && is_same(before, group);
            if again && group.len() >= PIECE && !is_repeated(group) {
                echoed = echoed.saturating_add(group.len());
            }
            (from, before) = (to, group);
        }
        echoed >= LEAST_ECHOED
    }

    /// How many sighs stand before the first digit.
    fn sighs(&self) -> usize {
        self.digits.iter().take_while(|digit| digit.other.sigh).count()
    }

    /// Whether a group begins with the digit at `from`, or with sighs before it.
    fn begins(&self, from: usize) -> bool {
        let before = self.places.get(..=from).unwrap_or_default();
        let sighs = before.iter().rev().position(|place| place.first).unwrap_or(0);
        let sighs = self.digits.get(from.saturating_sub(sighs)..from).unwrap_or_default();
        sighs.iter().all(|digit| digit.other.sigh)
    }

    /// Where an echo of the last digits ends that goes on to the end of the group.
    fn end(&self, said: &Said) -> usize {
        let places = self.places.get(said.to..).unwrap_or_default();
        let rest = places.iter().position(|place| place.first).unwrap_or(places.len());
        let end = said.to.saturating_add(rest);
        let digits = self.digits.get(said.to..end).unwrap_or_default();
        let last = said.values.len().checked_sub(rest).and_then(|from| said.values.get(from..));
        let echo = last.is_some_and(|last| last.iter().zip(digits).all(|(a, b)| *a == b.value));
        if rest <= LONGEST_ECHO && echo { end } else { said.to }
    }

    /// Whether a number is all that was said, and no card has more digits than a few others.
    fn is_complete(&self, said: &Said) -> bool {
        said.length > 14 && said.from == 0 && self.end(said) == self.digits.len()
    }

    /// Whether all groups but the last are of four digits, or all of one.
    fn in_fours(&self, said: &Said) -> bool {
        let places = self.places.get(said.from..said.to).unwrap_or_default();
        let mut lengths: Vec<usize> = Vec::new();
        for place in places {
            match lengths.last_mut().filter(|_| !place.first) {
                Some(length) => *length = length.saturating_add(1),
                None => lengths.push(1),
            }
        }
        let all = |wanted| lengths.iter().rev().skip(1).all(|length| *length == wanted);
        all(4) || all(1)
    }

    /// Whether each digit is said.
    fn in_words(&self, said: &Said) -> bool {
        let digits = self.digits.get(said.from..said.to).unwrap_or_default();
        digits.iter().all(|digit| digit.word)
    }

    /// Nothing up to here is part of what follows, except that a number may be longer than it seemed.
    pub(super) fn decide(&mut self, turn: u64) {
        self.undecided = turn;
    }

    /// Forgets the digits of turns before this one.
    pub(super) fn forget_before(&mut self, turn: u64) {
        self.forget(self.places.iter().take_while(|place| place.turn < turn).count());
    }

    fn forget(&mut self, count: usize) {
        let count = count.min(self.digits.len());
        let rest = self.digits.len().saturating_sub(count);
        self.digits.copy_within(count.., 0);
        if let Some(gone) = self.digits.get_mut(rest..) {
            gone.zeroize();
        }
        self.digits.truncate(rest);
        self.places.drain(..count);
        self.seen = self.seen.saturating_sub(count);
    }

    pub(super) fn close(&mut self) {
        self.forget(self.digits.len());
        (self.words, self.turns, self.corrects, self.at) = (0, 0, false, None);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.digits.zeroize();
    }
}
