//! The card numbers in a run of digits: what begins as one, has its check digit, and stands as one does.
//!
//! Chance makes a number of many a stretch of digits: one in ten has a right check digit. So a number has to stand as
//! people and cards write it, and what stands around it must not be more of the same: a table, a list, a longer number.
//!
//! | stands | is taken for a number |
//! | --- | --- |
//! | undivided, 14 to 16 digits | always, for people; with evidence beside it, in logs |
//! | undivided, another length | with evidence beside it |
//! | in groups as on a card, or digit by digit | unless more of the same stands beside it |
//! | in other groups | alone, and in groups that people make |
//! | glued to other digits | with an expiry behind it, or zeros before it |
//!
//! Evidence is a card's name before the run, or an expiry behind the number.

use zeroize::Zeroize;

use crate::redact::candidate::{Candidate, Edges, SMALL, USUAL};
use crate::redact::judge::{Found, Row};
use crate::redact::reach::{LONGEST, LONGEST_TAIL, SHORTEST};
use crate::redact::twice::is_told_twice;
use crate::redact::{said, steps};
use crate::values::card_number::{Issued, luhn};

/// So many numbers in a row are no chance, whatever stands beside them.
const CHAIN: u8 = 3;
impl Row<'_> {
    /// Every stretch that is a card number.
    pub(super) fn numbers(&self) -> Vec<Found> {
        let mut found = self.written();
        self.said(&mut found);
        found
    }

    /// Adds the numbers in other readings of what was said.
    fn said(&self, found: &mut Vec<Found>) {
        if !self.is_whole() || self.digits.len() > said::MOST_DIGITS {
            return;
        }
        if !said::may_be_otherwise(self.digits) {
            return;
        }
        for said in said::numbers(self.rules.issuers, self.digits, false, |_| true) {
            let shape = self.shape(said.from, said.to);
            if shape.words || USUAL.contains(&said.length) {
                let tail = self.tail(said.to, said.brand);
                let (from, to, brand) = (said.from, said.to, said.brand);
                found.push(Found { from, to, brand, plain: false, tail });
            }
        }
    }

    /// Those that stand there as they are.
    fn written(&self) -> Vec<Found> {
        let mut candidates = self.candidates();
        // Undivided they are a number of its own.
        let chance = |one: &Candidate| !one.evidence && !one.shape.undivided;
        if self.is_whole()
            && candidates.iter().any(chance)
            && is_told_twice(self.rules.issuers, self.digits)
        {
            candidates.retain(|one| !chance(one));
        }
        if candidates.is_empty() {
            return Vec::new();
        }
        let edges = self.edges(&candidates);
        let room = self.digits.len().saturating_add(1);
        steps::count(room);
        // How many candidates stand in a row up to each place, and from it on, from where nothing stands beside them.
        let mut before = vec![0_u8; room];
        let mut after = vec![0_u8; room];
        let chain = |free: bool, so_far: u8| match (free, so_far) {
            (true, _) => CHAIN,
            (false, 0) => 0,
            (false, some) => some.saturating_add(1).min(CHAIN),
        };
        // What is a number whatever stands beside it.
        let sure = |one: &Candidate| self.is_accepted(one, false);
        let score = |scores: &[u8], at: usize| scores.get(at).copied().unwrap_or(0);
        let raise = |scores: &mut [u8], at: usize, by: u8| {
            if let Some(score) = scores.get_mut(at) {
                *score = (*score).max(by);
            }
        };
        for one in &candidates {
            let free = sure(one) || self.is_free_before(one, &edges);
            let own = chain(free, score(&before, one.found.from)).max(1);
            for end in [one.found.to, one.found.tail.code] {
                raise(&mut before, end, own);
            }
        }
        for one in candidates.iter().rev() {
            let beyond = score(&after, one.found.to).max(score(&after, one.found.tail.code));
            let free = sure(one) || self.is_free_after(one, &edges);
            raise(&mut after, one.found.from, chain(free, beyond).max(1));
        }
        let accepted = |one: &Candidate| {
            let left = self.is_free_before(one, &edges)
                || chain(false, score(&before, one.found.from)) == CHAIN;
            let beyond = score(&after, one.found.to).max(score(&after, one.found.tail.code));
            let right = self.is_free_after(one, &edges) || chain(false, beyond) == CHAIN;
            self.is_accepted(one, left && right)
        };
        let mut taken: Vec<bool> = candidates.iter().map(accepted).collect();
        // What is beside a number will stand alone once that is masked.
        for _ in 0..CHAIN {
            let mut masked = Edges::of(room);
            for (one, _) in candidates.iter().zip(&taken).filter(|(_, taken)| **taken) {
                masked.add(one);
            }
            // As far as what stands beside a number tells of it: a small group before it, a tail after it.
            let any = |edges: &[bool], from: usize, to: usize| {
                let edges = edges.get(from..=to.min(self.digits.len()));
                edges.is_some_and(|edges| edges.contains(&true))
            };
            for (one, taken) in candidates.iter().zip(&mut taken).filter(|(_, taken)| !**taken) {
                let Found { from, to, .. } = one.found;
                let left = any(&masked.ends, from.saturating_sub(SMALL), from)
                    || self.is_free_before(one, &edges);
                let right = any(&masked.begins, to, to.saturating_add(LONGEST_TAIL))
                    || self.is_free_after(one, &edges);
                *taken = self.is_accepted(one, left && right);
            }
        }
        let taken = candidates.iter().zip(&taken).filter(|(_, taken)| **taken);
        taken.map(|(one, _)| one.found).collect()
    }

    fn candidates(&self) -> Vec<Candidate> {
        let mut all = Vec::new();
        steps::count(self.digits.len());
        let mut values = [0; LONGEST];
        for from in 0..self.digits.len().saturating_sub(SHORTEST - 1) {
            if !self.may_part(from) || !(self.rules.any_length || self.may_begin(from)) {
                continue;
            }
            let Some(digits) = self.digits.get(from..) else { break };
            for (value, digit) in values.iter_mut().zip(digits) {
                *value = digit.value;
            }
            let (lengths, unchecked) = self.rules.issuers.lengths(&values);
            if lengths.is_empty() {
                continue;
            }
            for length in SHORTEST..=LONGEST.min(digits.len()) {
                let to = from.saturating_add(length);
                if !lengths.has(length) || !self.may_end(to) || !self.may_part(to) {
                    continue;
                }
                let Some(number) = values.get(..length) else { break };
                let checks = luhn(number);
                if (checks || unchecked.has(length))
                    && let Some(issued) = self.rules.issuers.issued(number)
                    && (checks || issued.unchecked)
                {
                    all.extend(self.candidate(from, to, issued, checks));
                }
            }
        }
        values.zeroize();
        all
    }

    /// Whether a number may end before the digit at `to`.
    fn may_end(&self, to: usize) -> bool {
        self.rules.any_length || self.is_edge(to) || self.expires_glued(to)
    }

    /// Whether a number may begin here: where a group does, or after nothing but zeros.
    fn may_begin(&self, from: usize) -> bool {
        self.is_edge(from) || self.is_padded(from)
    }

    /// Whether the digits of the group before are zeros.
    pub(super) fn is_padded(&self, from: usize) -> bool {
        let before = self.digits.get(..from).unwrap_or_default();
        let mut before = before.iter().rev().take(LONGEST);
        loop {
            match before.next() {
                None => return self.begins && from < LONGEST,
                Some(digit) if digit.value != b'0' => return false,
                Some(digit) if digit.apart => return true,
                Some(_) => {}
            }
        }
    }

    fn candidate(&self, from: usize, to: usize, issued: Issued, checks: bool) -> Option<Candidate> {
        let length = to.saturating_sub(from);
        steps::count(length);
        let shape = self.shape(from, to);
        let hashed = self.rules.hash && shape.undivided && from <= self.first_group();
        if shape.account || hashed {
            return None;
        }
        let tail = self.tail(to, issued.brand);
        let expires = tail.expiry > to && (self.is_edge(to) || self.is_written(to, tail.expiry))
            || self.rules.any_length && self.expires_glued(to);
        if !(self.is_edge(to) || expires || self.rules.any_length) {
            return None;
        }
        let evidence = self.rules.named || expires;
        // Two first digits and no check digit are many a number.
        if !checks && issued.digits < 4 && !evidence {
            return None;
        }
        let whole = self.is_whole() && from == 0 && to == self.digits.len();
        let usual = USUAL.contains(&length);
        let plain =
            usual && self.is_edge(from) && self.is_edge(to) && (shape.as_on_a_card || whole);
        let found = Found { from, to, brand: issued.brand, plain, tail };
        Some(Candidate { found, shape, issued, length, expires, evidence })
    }
}
