//! Which of the digits of a run are card data: pure, and decided by what stands near each digit.
//!
//! A run that ends in time is judged as a whole. In a longer one, whether a digit is masked depends on the
//! [`RADIUS`] digits on either side of it and no others, so that it is judged piece by piece with the same
//! result.

use crate::redact::chars::{DASH, DOT, SLASH, SPACE};
use crate::redact::reach::LONGEST;
use crate::redact::run::Digit;
use crate::redact::steps;
use crate::values::card_number::{Brand, Issuers};

/// What a digit is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    None,
    Card(Brand),
    Expiry,
    Code,
    Pin,
}

/// What was decided about a digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) mark: Mark,
    /// One of the last four digits of a card number, which may stay.
    pub(super) last_four: bool,
    /// Part of the same find as the digit before it.
    pub(super) joined: bool,
}

/// What is asked of a number.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    /// Numbers of all lengths are found where other digits are glued to them.
    pub(super) any_length: bool,
    /// What machines print: digits that stand by themselves are a number only with evidence beside them.
    pub(super) logs: bool,
    /// Whether a card is named before the run.
    pub(super) named: bool,
    /// Whether the run begins within a hash.
    pub(super) hash: bool,
    /// Whether a letter stands right before the run or right after it.
    pub(super) glued: bool,
    pub(super) issuers: &'a Issuers,
}

/// A run of digits, or a piece of a long one.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) digits: &'a [Digit],
    /// Whether the run begins with the first digit.
    pub(super) begins: bool,
    /// Whether it ends with the last.
    pub(super) ends: bool,
    /// How many digits at the beginning belong to an account number. They are left alone unless a
    /// card number overlaps them.
    pub(super) account: usize,
    /// The kinds of separators between the run and what was masked before it or after it, if that is all that stands
    /// there.
    pub(super) masked_before: Option<u8>,
    pub(super) masked_after: Option<u8>,
    pub(super) rules: Rules<'a>,
}

/// A card number that was found: `from` is its first digit, `to` the one after its last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) brand: Brand,
    /// Grouped as on a card: a number within it that also checks is chance.
    pub(super) plain: bool,
    pub(super) tail: Tail,
}

/// Expiry and code after a number: where each ends. Without one of them it ends where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) expiry: usize,
    pub(super) code: usize,
}

impl<'a> Row<'a> {
    /// What each digit is, or `None` if none of them is card data.
    pub(super) fn judge(&self, keep_last_four: bool) -> Option<Vec<Verdict>> {
        let found = self.find();
        if found.is_empty() {
            return None;
        }
        let mut verdicts = self.marks(&found);
        if keep_last_four {
            self.keep(&found, &mut verdicts);
        }
        Some(verdicts)
    }

    /// The numbers in this run. Whether a stretch is one depends on what is near it and on no other number's being masked,
    /// so that masking twice finds nothing new.
    fn find(&self) -> Vec<Found> {
        self.apart_from_account(self.numbers())
    }

    /// A run of which all digits are there.
    pub(super) const fn is_whole(&self) -> bool {
        self.begins && self.ends
    }

    /// `all` without those within the account number; if one overlaps it, it is no account number.
    fn apart_from_account(&self, all: Vec<Found>) -> Vec<Found> {
        let apart: Vec<Found> = all.iter().filter(|one| one.to > self.account).copied().collect();
        if apart.iter().any(|one| one.from < self.account) { all } else { apart }
    }

    /// The digits from `from` to before `to`, as a run that ends where it was cut.
    fn part(&self, from: usize, to: usize) -> Row<'a> {
        Row {
            digits: self.digits.get(from..to).unwrap_or_default(),
            begins: from > 0 || self.begins,
            ends: to < self.digits.len() || self.ends,
            account: 0,
            masked_before: self.masked_before.filter(|_| from == 0),
            masked_after: self.masked_after.filter(|_| to == self.digits.len()),
            rules: self.rules,
        }
    }

    /// Whether a number may begin or end before the digit at `at`: not within a word like "twelve".
    pub(super) fn may_part(&self, at: usize) -> bool {
        self.digits.get(at).is_none_or(|digit| !digit.inside)
    }

    /// Whether something other than digits stands before the digit at `at`.
    pub(super) fn is_edge(&self, at: usize) -> bool {
        match self.digits.get(at) {
            Some(_) if at == 0 => self.begins,
            Some(digit) => digit.apart,
            None => self.ends,
        }
    }

    /// What follows a number that ends before `at`.
    pub(super) fn tail(&self, at: usize, brand: Brand) -> Tail {
        let code_after = |expiry: usize| {
            let lengths: &[usize] = if brand.code_digits() == 4 { &[4, 3] } else { &[3] };
            let mut ends = lengths.iter().map(|length| expiry.saturating_add(*length));
            ends.find(|end| self.is_group(expiry, *end, 0)).unwrap_or(expiry)
        };
        for length in [6_usize, 4, 5, 3] {
            let end = at.saturating_add(length);
            if !self.digits.get(at..end).is_some_and(is_expiry) {
                continue;
            }
            if self.ends_date(at, end) || self.is_looser(at, end) {
                continue;
            }
            // A month of one digit needs something after it.
            let short = length % 2 == 1;
            if short && !self.is_edge(at.saturating_add(1)) {
                continue;
            }
            if self.is_group(at, end, 1) {
                return Tail { expiry: end, code: code_after(end) };
            }
            // Glued: number, expiry and code in one.
            let code = end.saturating_add(brand.code_digits());
            if !short && self.is_group(at, code, 0) {
                return Tail { expiry: end, code };
            }
        }
        Tail { expiry: at, code: code_after(at) }
    }

    /// Whether digits are joined more closely to those before them than to each other: the 02 of `2024-06-02 18:55` and the 18.
    fn is_looser(&self, at: usize, end: usize) -> bool {
        let kinds = self.digits.get(at).map_or(0, |digit| digit.kinds);
        let inside = self.digits.get(at.saturating_add(1)..end).unwrap_or_default();
        // A day has two digits, and the last group of a card's number more.
        matches!(kinds, DASH | SLASH | DOT)
            && self.group_before(at, &[]) <= 2
            && inside.iter().any(|digit| digit.apart && digit.kinds & SPACE != 0)
    }

    /// Whether the digits from `at` to before `end` are month and day of a date whose year stands before them: `2027-05-24`,
    /// with something else before the year.
    pub(super) fn ends_date(&self, at: usize, end: usize) -> bool {
        let Some(kinds) = self.digits.get(at).map(|digit| digit.kinds) else { return false };
        let Some(year) = at.checked_sub(4).filter(|from| self.is_year(*from)) else { return false };
        let Some([first, rest @ ..]) = self.digits.get(year..at) else { return false };
        let divided = |digit: &&Digit| digit.apart;
        let inside = self.digits.get(at.saturating_add(1)..end).unwrap_or_default();
        matches!(kinds, DASH | SLASH | DOT)
            && first.apart
            && first.kinds != kinds
            && rest.iter().all(|digit| !digit.apart)
            && inside.iter().filter(divided).count() == 1
            && inside.iter().filter(divided).all(|digit| digit.kinds == kinds)
    }

    /// Whether the digits from here on begin as a year of our time does.
    pub(super) fn is_year(&self, from: usize) -> bool {
        let digit = |at: usize| self.digits.get(at).map(|digit| digit.value);
        matches!(
            (digit(from), digit(from.saturating_add(1))),
            (Some(b'1'), Some(b'9')) | (Some(b'2'), Some(b'0'))
        )
    }

    /// Whether the stretch ends where a group ends and has at most `gaps` gaps in it, or is all that
    /// is left of the run.
    fn is_group(&self, from: usize, to: usize, gaps: usize) -> bool {
        if to > self.digits.len() || !self.is_edge(to) || !self.may_part(to) {
            return false;
        }
        let rest = self.ends && self.masked_after.is_none() && to == self.digits.len();
        let inner = self.digits.get(from.saturating_add(1)..to).unwrap_or_default();
        rest || inner.iter().filter(|digit| digit.apart).count() <= gaps
    }

    fn marks(&self, found: &[Found]) -> Vec<Verdict> {
        steps::count(found.len().saturating_mul(LONGEST).saturating_add(self.digits.len()));
        let none = Verdict { mark: Mark::None, last_four: false, joined: false };
        let mut verdicts = vec![none; self.digits.len()];
        let mut mark = |from: usize, to: usize, mark: Mark| {
            let digits = verdicts.get_mut(from..to).unwrap_or_default();
            for (at, verdict) in digits.iter_mut().enumerate() {
                // The first number found names the brand; a code never hides a number.
                if verdict.mark == Mark::None {
                    verdict.mark = mark;
                }
                verdict.joined |= at > 0;
            }
        };
        for found in found {
            mark(found.from, found.to, Mark::Card(found.brand));
        }
        for found in found {
            mark(found.to, found.tail.expiry, Mark::Expiry);
            mark(found.tail.expiry, found.tail.code, Mark::Code);
        }
        verdicts
    }

    /// Marks the last four digits of each number whose end is beyond doubt.
    fn keep(&self, found: &[Found], verdicts: &mut [Verdict]) {
        let same = |one: &Found, other: &Found| (one.from, one.to) == (other.from, other.to);
        // In order, so that those near one are next to it: in a long run there may be hundreds.
        let mut found = found.to_vec();
        found.sort_unstable_by_key(|one| one.from);
        let by_chance = |one: &Found| {
            let around = |other: &Found| {
                other.plain && other.from <= one.from && one.to <= other.to && !same(one, other)
            };
            !one.plain && near(&found, one).iter().any(around)
        };
        let numbers: Vec<Found> = found.iter().filter(|one| !by_chance(one)).copied().collect();
        for one in &numbers {
            let overlaps =
                |other: &Found| !same(one, other) && other.from < one.to && one.from < other.to;
            let mut from = one.to.saturating_sub(4);
            while !self.may_part(from) {
                from = from.saturating_add(1);
            }
            if !near(&numbers, one).iter().any(overlaps)
                && !self.begins_another(from, one.to, verdicts)
            {
                for verdict in verdicts.get_mut(from..one.to).unwrap_or_default() {
                    verdict.last_four = true;
                }
            }
        }
    }

    /// Whether the last digits of a number, from `from` to before `to`, would begin another with the digits after them
    /// if they were kept.
    fn begins_another(&self, from: usize, to: usize, verdicts: &[Verdict]) -> bool {
        if self.is_whole() {
            let free = verdicts.iter().skip(to).take_while(|next| next.mark == Mark::None);
            let end = to.saturating_add(free.count());
            return !self.part(from, end).numbers().is_empty();
        }
        // With whatever comes after them that is near.
        let near = self.part(from, to.saturating_add(LONGEST).min(self.digits.len()));
        let piece = Row { begins: false, ..near };
        let length = to.saturating_sub(from);
        piece.numbers().iter().any(|one| one.from < length && one.to > length)
    }
}

/// Of numbers in order those that may overlap `one`.
fn near<'f>(found: &'f [Found], one: &Found) -> &'f [Found] {
    let from = found.partition_point(|other| other.from.saturating_add(LONGEST) <= one.from);
    let to = found.partition_point(|other| other.from < one.to);
    let near = found.get(from..to).unwrap_or_default();
    steps::count(near.len());
    near
}

/// Month and year as on a card: MMYY or MMYYYY, the month perhaps of one digit.
pub(super) fn is_expiry(digits: &[Digit]) -> bool {
    let number = |digits: &[Digit]| {
        digits.iter().fold(0_u32, |number, digit| {
            number.saturating_mul(10).saturating_add(u32::from(digit.value & 0x0F))
        })
    };
    let month = if digits.len().is_multiple_of(2) { 2 } else { 1 };
    let Some((month, year)) = digits.split_at_checked(month) else { return false };
    let year = match year.len() {
        2 => number(year).saturating_add(2000),
        4 => number(year),
        _ => return false,
    };
    (1..=12).contains(&number(month)) && (2015..=2060).contains(&year)
}

/// One kind for a gap: its punctuation, if there is any, else space.
pub(super) const fn kind(kinds: u8) -> u8 {
    if kinds & !SPACE == 0 { kinds } else { kinds & !SPACE }
}
