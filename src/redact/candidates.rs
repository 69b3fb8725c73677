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

use crate::redact::chars::{COMMA, DASH, DOT, NEWLINE, SLASH, SPACE};
use crate::redact::groups::Groups;
use crate::redact::judge::{Found, Row, Tail, is_expiry, kind};
use crate::redact::reach::{LONGEST, LONGEST_TAIL, SHORTEST};
use crate::redact::run::Digit;
use crate::redact::{said, steps};
use crate::values::card_number::{Brand, Issued, luhn};

/// Most cards have so many digits.
const USUAL: core::ops::RangeInclusive<usize> = 14..=16;
/// The most digits of a group that is beside a number rather than a part of one.
const SMALL: usize = 3;
/// The most groups of a number that is in none as on a card.
const MANY: usize = 10;
/// So many numbers in a row are no chance, whatever stands beside them.
const CHAIN: u8 = 3;
/// So many digits before a point are no longer those of a decimal.
const WHOLE: usize = 12;

/// How the digits of a stretch are separated.
struct Shape {
    /// In groups as on a card, or not at all, or each digit alone.
    as_on_a_card: bool,
    /// The kinds of separators, one for each gap.
    kinds: u8,
    /// Not at all.
    undivided: bool,
    /// In groups that people make: of one length, or few of three digits or more.
    sensible: bool,
    /// In groups of four digits or more.
    coarse: bool,
    single: bool,
    words: bool,
    /// As a British sort code and account number.
    account: bool,
    /// The lengths of the groups, as bits.
    lengths: u32,
}

impl Shape {
    const fn lines(&self) -> bool {
        self.kinds & NEWLINE != 0
    }

    /// By one kind of separator.
    const fn uniform(&self) -> bool {
        self.kinds.count_ones() <= 1
    }
}

/// A stretch that checks.
struct Candidate {
    found: Found,
    shape: Shape,
    issued: Issued,
    length: usize,
    expires: bool,
    /// A card was named, or an expiry follows.
    evidence: bool,
}

/// Places in a run.
struct Edges {
    begins: Vec<bool>,
    ends: Vec<bool>,
}

impl Edges {
    fn of(room: usize) -> Self {
        Self { begins: vec![false; room], ends: vec![false; room] }
    }

    fn add(&mut self, Candidate { found, .. }: &Candidate) {
        let set = |edges: &mut Vec<bool>, at: usize| {
            if let Some(edge) = edges.get_mut(at) {
                *edge = true;
            }
        };
        set(&mut self.begins, found.from);
        set(&mut self.ends, found.to);
        set(&mut self.ends, found.tail.code);
    }
}

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
        for said in said::numbers(self.digits, false, |_| true) {
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
        let candidates = self.candidates();
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
    fn is_padded(&self, from: usize) -> bool {
        let before = self.digits.get(..from).unwrap_or_default();
        let mut before = before.iter().rev().take(LONGEST);
        loop {
            match before.next() {
                None => return self.begins && from < LONGEST,
                Some(digit) if digit.value != b'0' || digit.word => return false,
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

    /// Whether a candidate is taken for a number; `free` is whether nothing like it stands beside it.
    fn is_accepted(&self, one: &Candidate, free: bool) -> bool {
        let Candidate { found: Found { from, to, tail, .. }, shape, issued, length, .. } = one;
        let (begins, ends) = (self.is_edge(*from), self.is_edge(*to));
        let (expires, evidence) = (one.expires, one.evidence);
        let usual = match issued.wider {
            _ if issued.of_host => true,
            Brand::AmericanExpress => *length == 15,
            Brand::DinersClub => *length == 14,
            Brand::Uatp | Brand::Maestro => false,
            wider if wider.is_national() => *length == 16 && issued.brand != Brand::Uatp,
            _ => *length == 16,
        };
        // Whatever begins with 1, or has another number of digits than most cards, is more often something else.
        let rare = !issued.of_host
            && (issued.wider == Brand::Uatp || issued.wider.is_national() && *length != 16);
        if !(begins && ends) {
            if self.rules.any_length {
                let expires =
                    expires && !shape.lines() && (shape.uniform() || *length >= *USUAL.start());
                return shape.words || shape.as_on_a_card || expires;
            }
            // Glued to an expiry, or filled up with zeros.
            let usual = usual && (issued.of_host || !issued.wider.is_national());
            let said = !self.rules.logs || self.rules.named;
            if !shape.as_on_a_card || shape.words || self.is_decimal(*from) {
                return false;
            }
            if !shape.undivided {
                return begins && expires && said && free;
            }
            // Of a length that most numbers have: any number of digits before an expiry makes a longer number.
            let likely = USUAL.contains(length)
                && (tail.code > tail.expiry
                    || !issued.wider.is_national() && issued.wider != Brand::Maestro);
            let filled = ends && self.is_padded(*from) && usual;
            return self.rules.named && begins && expires
                || said && (filled || begins && expires && likely);
        }
        if rare && !(shape.words || shape.as_on_a_card && !shape.undivided || evidence) {
            return false;
        }
        if shape.words {
            return true;
        }
        if shape.undivided {
            let bare = USUAL.contains(length) && !self.rules.logs;
            return (bare || evidence || self.rules.any_length) && !self.is_decimal(*from);
        }
        if shape.as_on_a_card {
            let said = !self.rules.logs
                || evidence
                || !shape.single && shape.uniform() && shape.kinds & !(SPACE | DASH) == 0;
            let decimal = shape.kinds & DOT == 0 && self.is_decimal(*from);
            let free = free || self.rules.any_length || self.rules.named && !shape.lines();
            return said && free && !decimal;
        }
        // In groups as on no card.
        let alone = self.is_alone() && *from == 0 && tail.code == self.digits.len();
        let enough = *length >= *USUAL.start();
        let sensible = shape.sensible && !shape.lines() && !self.ends_as_money(*from, *to);
        match () {
            () if self.rules.logs && !evidence => false,
            () if shape.coarse && enough && sensible && self.is_among_small(*from, *to) => true,
            () if enough && sensible && alone => true,
            () => {
                expires
                    && (free || self.rules.any_length)
                    && !shape.lines()
                    && (shape.uniform() || enough)
            }
        }
    }

    /// Whether a stretch ends in a point and two digits.
    fn ends_as_money(&self, from: usize, to: usize) -> bool {
        let cents = to.saturating_sub(2);
        from < cents
            && self
                .digits
                .get(cents)
                .is_some_and(|digit| digit.apart && (digit.kinds == DOT || digit.kinds == COMMA))
            && self.digits.get(to.saturating_sub(1)).is_some_and(|digit| !digit.apart)
    }

    /// Whether month and year are written in one, or with a stroke between: what is glued to a number is an expiry.
    fn is_written(&self, to: usize, end: usize) -> bool {
        let digits = self.digits.get(to..end).unwrap_or_default();
        digits.len() >= 4
            && digits
                .iter()
                .skip(1)
                .all(|digit| !digit.apart || digit.kinds != 0 && digit.kinds & !(SLASH | DASH) == 0)
    }

    /// Whether digits that may be glued to others begin like an expiry.
    fn expires_glued(&self, to: usize) -> bool {
        [3, 4, 5, 6]
            .into_iter()
            .any(|length| self.digits.get(to..to.saturating_add(length)).is_some_and(is_expiry))
    }

    /// Whether the digits from `from` on stand behind a decimal point, right behind it or behind zeros.
    fn is_decimal(&self, mut from: usize) -> bool {
        while from > 0 && !self.is_edge(from) {
            from = from.saturating_sub(1);
        }
        let Some(kinds) = self.digits.get(from).map(|digit| digit.kinds) else { return false };
        if from == 0 {
            return self.masked_before == Some(DOT);
        }
        if kinds != DOT && kinds != COMMA {
            return false;
        }
        let before = self.group_before(from, &[]);
        match kinds {
            DOT => before < WHOLE,
            _ => {
                before == 1
                    && self.digits.get(from.saturating_sub(1)).is_some_and(|d| d.value == b'0')
            }
        }
    }

    /// Where the last digit of the first group stands.
    fn first_group(&self) -> usize {
        self.digits.iter().skip(1).take_while(|digit| !digit.apart).count()
    }

    /// Where candidates begin, and where they end: what is left of a group beside them ends there.
    fn edges(&self, candidates: &[Candidate]) -> Edges {
        let mut edges = Edges::of(self.digits.len().saturating_add(1));
        candidates.iter().for_each(|one| edges.add(one));
        edges
    }

    /// How many digits the group has that ends before `from`.
    fn group_before(&self, from: usize, edges: &[bool]) -> usize {
        let before = self.digits.get(..from).unwrap_or_default();
        let before = before.iter().enumerate().rev().take(LONGEST);
        let goes_on = |(at, digit): &(usize, &Digit)| !digit.apart && edges.get(*at) != Some(&true);
        before.take_while(goes_on).count().saturating_add(1).min(from)
    }

    /// How many digits the group has that begins at `to`.
    fn group_after(&self, to: usize, edges: &[bool]) -> usize {
        let after = self.digits.iter().enumerate().skip(to.saturating_add(1)).take(LONGEST);
        let goes_on = |(at, digit): &(usize, &Digit)| !digit.apart && edges.get(*at) != Some(&true);
        after.take_while(goes_on).count().saturating_add(1)
    }

    fn is_free_before(&self, one: &Candidate, edges: &Edges) -> bool {
        let from = one.found.from;
        if from == 0 {
            return self.begins;
        }
        let Some(kinds) = self.digits.get(from).map(|digit| kind(digit.kinds)) else { return true };
        if self.is_free(one, kinds, self.group_before(from, &edges.ends)) {
            // Rows above that look like this one.
            return kinds & NEWLINE == 0 || !self.is_among_rows(one);
        }
        false
    }

    fn is_free_after(&self, one: &Candidate, edges: &Edges) -> bool {
        let to = one.found.tail.code;
        if to >= self.digits.len() {
            return self.ends;
        }
        let Some(kinds) = self.digits.get(to).map(|digit| kind(digit.kinds)) else { return true };
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

    /// Whether a group of so many digits beside a candidate, with a gap of these kinds between, is something else.
    fn is_free(&self, one: &Candidate, kinds: u8, group: usize) -> bool {
        let shape = &one.shape;
        let like =
            u32::try_from(group).is_ok_and(|group| shape.lengths & (1 << group.min(31)) != 0);
        if shape.lines() {
            return group <= SMALL && !like;
        }
        !one.joins(kinds) || !like
    }

    /// Whether two of the lines around a candidate that stands on a line have groups as its own.
    fn is_among_rows(&self, one: &Candidate) -> bool {
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
    fn is_alone(&self) -> bool {
        self.is_whole()
            && !self.rules.glued
            && self.masked_before.is_none()
            && self.masked_after.is_none()
    }

    /// Whether no more than three digits stand in a group on either side: a count, or a code.
    fn is_among_small(&self, from: usize, to: usize) -> bool {
        let whole = self.is_alone();
        let before = if from == 0 { 0 } else { self.group_before(from, &[]) };
        let after = if to == self.digits.len() { 0 } else { self.group_after(to, &[]) };
        whole
            && before <= SMALL
            && after <= SMALL
            && before == from
            && to.saturating_add(after) == self.digits.len()
    }

    fn shape(&self, from: usize, to: usize) -> Shape {
        let digits = self.digits.get(from..to).unwrap_or_default();
        let mut kinds = 0_u8;
        let mut words = false;
        // Lengths of the groups, and the same where the end of a line does not end a group.
        let (mut groups, mut lines) = (Groups::new(), Groups::new());
        let (mut lengths, mut group) = (0_u32, 0_u32);
        for (at, digit) in digits.iter().enumerate() {
            words |= digit.word;
            if at > 0 && digit.apart {
                groups.next();
                kinds |= kind(digit.kinds);
                if digit.kinds & NEWLINE == 0 && digit.kinds != 0 {
                    lines.next();
                }
                lengths |= 1_u32.wrapping_shl(group);
                group = 0;
            }
            group = group.saturating_add(1);
            groups.add();
            lines.add();
        }
        lengths |= 1_u32.wrapping_shl(group);
        Shape {
            as_on_a_card: groups.as_on_a_card() || lines.as_on_a_card(),
            kinds,
            undivided: groups.is_one(),
            sensible: groups.are_sensible(MANY),
            single: groups.is_single(),
            coarse: groups.are_coarse(),
            account: groups.as_an_account(),
            words,
            lengths,
        }
    }
}

impl Candidate {
    /// Whether a gap of this kind is one that stands between its own groups.
    const fn joins(&self, kinds: u8) -> bool {
        kinds & self.shape.kinds != 0
    }
}
