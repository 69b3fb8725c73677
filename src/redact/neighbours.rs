//! What stands around a stretch of digits: groups like its own are a table, a list or a longer number.

use crate::redact::candidate::{Candidate, Edges, SMALL, USUAL};
use crate::redact::chars::{COMMA, DASH, DOT, FILLER, NEWLINE, SLASH, SPACE};
use crate::redact::judge::{Found, Row, Tail, is_expiry, kind};
use crate::redact::reach::{LONGEST, LONGEST_TAIL};
use crate::redact::run::Digit;
use crate::redact::steps;

/// So many digits may be said right before a number, as in "one more time", and so many after it.
const SAID_BEFORE: usize = 1;
const SAID_AFTER: usize = 4;

/// Whether nothing that follows a candidate is its expiry or its code.
const fn nothing_follows(one: &Candidate) -> bool {
    one.found.tail.code == one.found.to
}

impl Row<'_> {
    /// Where the last digit of the first group stands.
    pub(super) fn first_group(&self) -> usize {
        self.digits.iter().skip(1).take_while(|digit| !digit.apart).count()
    }

    /// Where candidates begin, and where they end: what is left of a group beside them ends there.
    pub(super) fn edges(&self, candidates: &[Candidate]) -> Edges {
        let mut edges = Edges::of(self.digits.len().saturating_add(1));
        candidates.iter().for_each(|one| edges.add(one));
        edges
    }

    /// How many digits the group has that ends before `from`.
    pub(super) fn group_before(&self, from: usize, edges: &[bool]) -> usize {
        let before = self.digits.get(..from).unwrap_or_default();
        let before = before.iter().enumerate().rev().take(LONGEST);
        let goes_on = |(at, digit): &(usize, &Digit)| !digit.apart && edges.get(*at) != Some(&true);
        before.take_while(goes_on).count().saturating_add(1).min(from)
    }

    /// How many digits the group has that begins at `to`.
    pub(super) fn group_after(&self, to: usize, edges: &[bool]) -> usize {
        let after = self.digits.iter().enumerate().skip(to.saturating_add(1)).take(LONGEST);
        let goes_on = |(at, digit): &(usize, &Digit)| !digit.apart && edges.get(*at) != Some(&true);
        after.take_while(goes_on).count().saturating_add(1)
    }

    pub(super) fn is_free_before(&self, one: &Candidate, edges: &Edges) -> bool {
        let from = one.found.from;
        let all = USUAL.contains(&one.length) || one.found.to == self.digits.len();
        if from == 0 || one.shape.words && from <= SAID_BEFORE && all {
            return self.begins;
        }
        let Some(kinds) = self.digits.get(from).map(|digit| kind(digit.kinds)) else { return true };
        if self.is_closer(one, from) && self.begins_in_date(from) {
            return false;
        }
        if self.is_free(one, kinds, self.group_before(from, &edges.ends)) {
            // Rows above that look like this one.
            return kinds & NEWLINE == 0 || !self.is_among_rows(one);
        }
        false
    }

    pub(super) fn is_free_after(&self, one: &Candidate, edges: &Edges) -> bool {
        let to = one.found.tail.code;
        if to >= self.digits.len() {
            return self.ends;
        }
        if one.shape.words && self.ends && self.is_said_after(one) {
            return true;
        }
        let Some(kinds) = self.digits.get(to).map(|digit| kind(digit.kinds)) else { return true };
        if nothing_follows(one)
            && self.is_closer(one, to)
            && self.ends_date(to, to.saturating_add(4))
        {
            return false;
        }
        let Tail { expiry, code } = one.found.tail;
        let divided = |digit: &Digit| digit.apart;
        let bare = self.digits.get(one.found.to.saturating_add(1)..expiry).unwrap_or_default();
        // Four digits that may be an expiry, with more behind them: a longer number.
        if expiry > one.found.to
            && code == expiry
            && !bare.iter().any(divided)
            && one.joins(kinds)
            && edges.begins.get(to) != Some(&true)
        {
            return false;
        }
        if self.is_free(one, kinds, self.group_after(to, &edges.begins)) {
            return kinds & NEWLINE == 0 || !self.is_among_rows(one);
        }
        false
    }

    /// Whether the gap before the digit at `at`, which is none of a candidate's own, is closer than those between its groups:
    /// the last of them belongs to a date, as in `59896647 2022-02-07`.
    fn is_closer(&self, one: &Candidate, at: usize) -> bool {
        let kinds = self.digits.get(at).map_or(0, |digit| digit.kinds);
        let close = matches!(kinds, DASH | SLASH | DOT);
        close && !one.shape.undivided && !one.shape.words && one.shape.kinds & kinds == 0
    }

    /// Whether the group that begins at `from` is the last of a date, by its length and that of the group before: the day of
    /// `2022-02-07 59896647`, or the year of `07/02/2022 59896647`.
    fn begins_in_date(&self, from: usize) -> bool {
        let before = self.group_before(from, &[]);
        match self.group_after(from, &[]) {
            2 => before == 2,
            4 => before <= 2 && self.is_year(from),
            _ => false,
        }
    }

    /// Whether the rest of the run is no more than people say after a number: a code, or an expiry and a code. Of the lengths of
    /// few cards so many would fit within a longer number that the rest has to be just that.
    fn is_said_after(&self, one: &Candidate) -> bool {
        let rest = self.digits.get(one.found.to..).unwrap_or_default();
        let expires = |length: usize| rest.get(..length).is_some_and(is_expiry);
        let code = if USUAL.contains(&one.length) {
            rest.len() <= SAID_AFTER
        } else {
            rest.len() == one.found.brand.code_digits()
        };
        code || rest.len() <= LONGEST_TAIL && (expires(4) || expires(6))
    }

    /// Whether a group of so many digits beside a candidate, with a gap of these kinds between, is something else.
    pub(super) fn is_free(&self, one: &Candidate, kinds: u8, group: usize) -> bool {
        let shape = &one.shape;
        let like =
            u32::try_from(group).is_ok_and(|group| shape.lengths & (1 << group.min(31)) != 0);
        if shape.lines() {
            return group <= SMALL && !like;
        }
        !one.joins(kinds) || !like
    }

    /// Whether two of the lines around a candidate that stands on a line have groups as its own.
    pub(super) fn is_among_rows(&self, one: &Candidate) -> bool {
        let Found { from, to, .. } = one.found;
        let digits = self.digits;
        let size = to.saturating_sub(from);
        steps::count(size.saturating_mul(4));
        // Where its own groups begin, all but the first, told from its first digit.
        let same = |start: usize| {
            let Some(other) = digits.get(start..start.saturating_add(size)) else { return false };
            let own = digits.get(from..to).unwrap_or_default();
            own.iter().zip(other).skip(1).all(|(own, other)| {
                own.apart == other.apart && kind(own.kinds) == kind(other.kinds)
            })
        };
        let line = |at: usize| digits.get(at).is_none_or(|digit| digit.kinds & NEWLINE != 0);
        let mut rows = 0_usize;
        let mut start = from;
        while let Some(above) = start.checked_sub(size).filter(|_| line(start) && rows < 2) {
            if !((above == 0 || line(above)) && same(above)) {
                break;
            }
            start = above;
            rows = rows.saturating_add(1);
        }
        let mut end = to;
        while end < digits.len() && line(end) && same(end) && rows < 2 {
            end = end.saturating_add(size);
            rows = rows.saturating_add(1);
        }
        rows >= 2
    }

    /// Whether nothing that was masked stands beside the run, nor is it a part of a word.
    pub(super) fn is_alone(&self) -> bool {
        self.is_whole()
            && !self.rules.glued
            && self.masked_before.is_none()
            && self.masked_after.is_none()
    }

    /// Whether no more than three digits stand in a group on either side: a count, or a code.
    pub(super) fn is_among_small(&self, one: &Candidate) -> bool {
        let Found { from, to, .. } = one.found;
        // By its own dashes it is a part of the same number.
        let own = one.shape.kinds & !(SPACE | COMMA | FILLER | NEWLINE);
        let joined = self.digits.get(from).is_some_and(|digit| kind(digit.kinds) & own != 0);
        let whole = self.is_alone() && (from == 0 || !joined);
        let before = if from == 0 { 0 } else { self.group_before(from, &[]) };
        let after = if to == self.digits.len() { 0 } else { self.group_after(to, &[]) };
        whole
            && before <= SMALL
            && after <= SMALL
            && before == from
            && to.saturating_add(after) == self.digits.len()
    }
}
