//! Which of the digits of a run are card data: pure, and decided by what stands near each digit.
//!
//! A run that ends in time is judged as a whole. In a longer one, whether a digit is masked depends on the
//! [`RADIUS`] digits on either side of it and no others, so that it is judged piece by piece with the same
//! result.

use zeroize::Zeroize;

use crate::redact::chars::{NEWLINE, SPACE};
use crate::redact::groups::Groups;
use crate::redact::reach::{LONGEST, LONGEST_TAIL, SHORTEST};
use crate::redact::run::Digit;
use crate::redact::{said, steps};
use crate::values::card_number::{Brand, luhn};

/// All but a few cards have so many digits or more.
const USUAL: usize = 14;
/// And all but a few of these no more.
const USUAL_MOST: usize = 16;
/// The most digits of a group that is beside a number rather than a part of one.
const SMALL: usize = 3;

/// What a digit is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    None,
    Card(Brand),
    Expiry,
    Code,
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

/// A run of digits, or a piece of a long one.
pub(super) struct Row<'a> {
    pub(super) digits: &'a [Digit],
    /// Whether the run begins with the first digit.
    pub(super) begins: bool,
    /// Whether it ends with the last.
    pub(super) ends: bool,
    /// How many digits at the beginning belong to an account number. They are left alone unless a
    /// card number overlaps them.
    pub(super) account: usize,
    /// Numbers of all lengths are found where other digits are glued to them, and not only of the usual ones.
    pub(super) any_length: bool,
}

/// A card number that was found: `from` is its first digit, `to` the one after its last.
#[derive(Debug, Clone, Copy)]
struct Found {
    from: usize,
    to: usize,
    brand: Brand,
    /// As it stands, and not only if masks stood around it.
    certain: bool,
    /// Grouped as on a card: a number within it that also checks is chance.
    plain: bool,
    tail: Tail,
}

/// Expiry and code after a number: where each ends. Without one of them it ends where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) expiry: usize,
    pub(super) code: usize,
}

/// How the digits of a stretch are separated.
struct Shape {
    /// In groups as on a card, or not at all, or each digit alone.
    as_on_a_card: bool,
    /// By one kind of separator.
    uniform: bool,
    /// Not at all.
    undivided: bool,
    /// In groups of four digits or more.
    coarse: bool,
    words: bool,
    /// As a British sort code and account number.
    account: bool,
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

    /// The numbers in this run. Masked, they end what stands beside them, so that is looked at again
    /// as runs of its own: masking twice finds nothing new.
    fn find(&self) -> Vec<Found> {
        let (mut found, account) = self.apart_from_account(self.numbers());
        if !self.is_whole() {
            self.retain_near(&mut found);
            return found;
        }
        if found.is_empty() {
            return found;
        }
        let covered = self.covered(&found);
        let mut from = 0;
        for left in covered.chunk_by(|one, next| one == next) {
            let to = left.len().saturating_add(from);
            if left.first() == Some(&false) {
                let account = if from == 0 { account } else { 0 };
                found.extend(self.part(from, to, account).find().into_iter().map(|one| Found {
                    from: one.from.saturating_add(from),
                    to: one.to.saturating_add(from),
                    tail: Tail {
                        expiry: one.tail.expiry.saturating_add(from),
                        code: one.tail.code.saturating_add(from),
                    },
                    ..one
                }));
            }
            from = to;
        }
        found
    }

    /// A run of which all digits are there.
    const fn is_whole(&self) -> bool {
        self.begins && self.ends
    }

    /// `all` without those within the account number, and the length of that; if one overlaps it, it is no
    /// account number.
    fn apart_from_account(&self, all: Vec<Found>) -> (Vec<Found>, usize) {
        let apart: Vec<Found> = all.iter().filter(|one| one.to > self.account).copied().collect();
        if apart.iter().any(|one| one.certain && one.from < self.account) {
            (all, 0)
        } else {
            (apart, self.account)
        }
    }

    /// Of the numbers in a piece those that are certain. What is looked at again in a run that is whole may
    /// be numbers in a row, each of them one only because the one before it was masked, and so on for as long
    /// as the run is. Here two that are next to each other are masked both, whether certain or not: so nothing
    /// is left that would be a number beside masks.
    fn retain_near(&self, found: &mut Vec<Found>) {
        let mut begin = vec![false; self.digits.len().saturating_add(1)];
        let mut end = begin.clone();
        for one in found.iter() {
            for (at, edges) in [(one.from, &mut begin), (one.tail.code, &mut end)] {
                if let Some(edge) = edges.get_mut(at) {
                    *edge = true;
                }
            }
        }
        steps::count(begin.len());
        // As far as what stands beside a number tells of it: a small group before it, a tail after it.
        let any = |edges: &[bool], from: usize, to: usize| {
            edges.get(from..=to.min(self.digits.len())).is_some_and(|edges| edges.contains(&true))
        };
        found.retain(|one| {
            one.certain
                || any(&end, one.from.saturating_sub(SMALL), one.from)
                || any(&begin, one.to, one.to.saturating_add(LONGEST_TAIL))
        });
    }

    /// The digits from `from` to before `to`, as a run that ends where it was cut.
    fn part(&self, from: usize, to: usize, account: usize) -> Row<'a> {
        Row {
            digits: self.digits.get(from..to).unwrap_or_default(),
            begins: from > 0 || self.begins,
            ends: to < self.digits.len() || self.ends,
            account,
            any_length: self.any_length,
        }
    }

    /// Every stretch that is a card number.
    fn numbers(&self) -> Vec<Found> {
        let mut found = Vec::new();
        let mut values = [0; LONGEST];
        steps::count(self.digits.len());
        for from in 0..self.digits.len().saturating_sub(SHORTEST - 1) {
            if !self.may_part(from) {
                continue;
            }
            let digits = self.digits.get(from..).unwrap_or_default();
            for (value, digit) in values.iter_mut().zip(digits) {
                *value = digit.value;
            }
            for (brand, wider, length) in Brand::issued(&values) {
                let to = from.saturating_add(length);
                if to <= self.digits.len()
                    && self.may_part(to)
                    && values.get(..length).is_some_and(luhn)
                    && let Some(number) = self.number(from, to, (brand, wider))
                {
                    found.push(number);
                }
            }
        }
        values.zeroize();
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
        for said in said::numbers(self.digits, false) {
            let shape = self.shape(said.from, said.to);
            if shape.words || (USUAL..=USUAL_MOST).contains(&said.length) {
                let tail = self.tail(said.to, said.brand);
                let (from, to, brand) = (said.from, said.to, said.brand);
                found.push(Found { from, to, brand, certain: true, plain: false, tail });
            }
        }
    }

    /// The stretch as a card number, if its place and shape allow it: of a scheme, and of one that has a wider range.
    fn number(&self, from: usize, to: usize, (brand, wider): (Brand, Brand)) -> Option<Found> {
        let length = to.saturating_sub(from);
        steps::count(length);
        let shape = self.shape(from, to);
        if shape.account {
            return None;
        }
        let (begins, ends) = (self.is_edge(from), self.is_edge(to));
        let tail = self.tail(to, brand);
        let usual_length = length >= USUAL;
        let possible = shape.words || shape.uniform || shape.as_on_a_card || usual_length;
        let all = self.is_whole() && from == 0 && tail.code == self.digits.len();
        // Whatever begins with 1, or has another number of digits than most cards, is more often something else.
        let rare = wider == Brand::Uatp || wider.is_national() && length != 16;
        let told = shape.words || shape.as_on_a_card && !shape.undivided || tail.expiry > to;
        let certain = if rare && !told {
            false
        } else if begins && ends {
            shape.words
                || (shape.as_on_a_card && (usual_length || shape.undivided))
                || (usual_length && all)
                || ((shape.coarse && usual_length || shape.as_on_a_card)
                    && self.is_among_small(from, to))
                || (possible && (tail.expiry > to || self.stands_out(from, to)))
        } else {
            // Glued to other digits: the usual lengths of the usual brands, or an expiry after it.
            let usual = match wider {
                Brand::Uatp => false,
                _ if self.any_length => true,
                Brand::AmericanExpress => length == 15,
                Brand::DinersClub => length == 14,
                Brand::Maestro => false,
                _ if wider.is_national() => false,
                _ => length == 16,
            };
            let expires = begins && tail.expiry > to;
            shape.as_on_a_card && !shape.words && (usual || expires)
        };
        let whole = self.is_whole() && from == 0 && to == self.digits.len();
        let plain = (14..=16).contains(&length) && begins && ends && (shape.as_on_a_card || whole);
        let accepted = certain || (possible && !self.is_whole());
        accepted.then_some(Found { from, to, brand, certain, plain, tail })
    }

    /// Whether no more than three digits stand in a group on either side: a count, or a code.
    fn is_among_small(&self, from: usize, to: usize) -> bool {
        let before = self.digits.get(..from).unwrap_or_default();
        let mut before = before.iter().rev().take(SMALL + 1);
        let before = before.position(|digit| digit.apart).map_or(from, |at| at.saturating_add(1));
        let after = self.digits.get(to..).unwrap_or_default();
        let mut after = after.iter().skip(1).take(SMALL);
        let after = after.position(|digit| digit.apart);
        let all = self.digits.len().saturating_sub(to);
        let after = after.map_or(all, |at| at.saturating_add(1));
        before <= SMALL && after <= SMALL
    }

    /// Whether what separates a number from the digits around it is not what separates its own groups:
    /// else it may be a part of a list, or of a longer number that is none of a card.
    fn stands_out(&self, from: usize, to: usize) -> bool {
        let kind_before = |at: usize| self.digits.get(at).map(|digit| kind(digit.kinds));
        let inside = from.saturating_add(1)..to;
        let inside: u8 = inside.filter_map(kind_before).fold(0, |all, kind| all | kind);
        let differs = |at: usize| kind_before(at).is_none_or(|kind| kind & inside == 0);
        let differs = |at: usize| {
            if at == 0 { self.begins } else { differs(at) && (at < self.digits.len() || self.ends) }
        };
        differs(from) && differs(to)
    }

    /// Whether a number may begin or end before the digit at `at`: not within a word like "twelve".
    fn may_part(&self, at: usize) -> bool {
        self.digits.get(at).is_none_or(|digit| !digit.inside)
    }

    /// Whether something other than digits stands before the digit at `at`.
    fn is_edge(&self, at: usize) -> bool {
        match self.digits.get(at) {
            Some(_) if at == 0 => self.begins,
            Some(digit) => digit.apart,
            None => self.ends,
        }
    }

    fn shape(&self, from: usize, to: usize) -> Shape {
        let digits = self.digits.get(from..to).unwrap_or_default();
        let mut kinds = 0_u8;
        let mut words = false;
        // Lengths of the groups, and the same where the end of a line does not end a group.
        let (mut groups, mut lines) = (Groups::new(), Groups::new());
        for (at, digit) in digits.iter().enumerate() {
            words |= digit.word;
            if at > 0 && digit.apart {
                groups.next();
                if digit.kinds & NEWLINE == 0 && digit.kinds != 0 {
                    lines.next();
                    kinds |= kind(digit.kinds);
                }
            }
            groups.add();
            lines.add();
        }
        Shape {
            as_on_a_card: groups.as_on_a_card() || lines.as_on_a_card(),
            uniform: kinds.count_ones() <= 1,
            undivided: groups.is_one(),
            coarse: groups.are_coarse(),
            account: groups.as_an_account(),
            words,
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

    /// Whether the stretch ends where a group ends and has at most `gaps` gaps in it, or is all that
    /// is left of the run.
    fn is_group(&self, from: usize, to: usize, gaps: usize) -> bool {
        if to > self.digits.len() || !self.is_edge(to) || !self.may_part(to) {
            return false;
        }
        let rest = self.ends && to == self.digits.len();
        let inner = self.digits.get(from.saturating_add(1)..to).unwrap_or_default();
        rest || inner.iter().filter(|digit| digit.apart).count() <= gaps
    }

    fn covered(&self, found: &[Found]) -> Vec<bool> {
        steps::count(found.len().saturating_mul(LONGEST));
        let mut covered = vec![false; self.digits.len()];
        for found in found {
            if let Some(digits) = covered.get_mut(found.from..found.tail.code) {
                digits.fill(true);
            }
        }
        covered
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
            return !self.part(from, end, 0).numbers().is_empty();
        }
        // With whatever comes after them that is near.
        let near = self.part(from, to.saturating_add(LONGEST).min(self.digits.len()), 0);
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
const fn kind(kinds: u8) -> u8 {
    if kinds & !SPACE == 0 { kinds } else { kinds & !SPACE }
}
