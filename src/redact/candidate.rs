//! A stretch of digits that may be a card number, and how it stands.

use crate::redact::chars::{COMMA, DASH, DOT, FILLER, NEWLINE, SPACE};
use crate::redact::groups::Groups;
use crate::redact::judge::{Found, Row, kind};
use crate::redact::run::Digit;
use crate::values::card_number::Issued;

/// Most cards have so many digits.
pub(super) const USUAL: core::ops::RangeInclusive<usize> = 14..=16;

/// The most digits of a group that is beside a number rather than a part of one.
pub(super) const SMALL: usize = 3;

/// The longest group that people make of a long number.
const LONGEST_GROUP: u32 = 6;

/// The most groups of a number that is in none as on a card.
pub(super) const MANY: usize = 10;

/// How the digits of a stretch are separated.
pub(super) struct Shape {
    /// In groups as on a card, or not at all, or each digit alone.
    pub(super) as_on_a_card: bool,
    /// The kinds of separators, one for each gap.
    pub(super) kinds: u8,
    /// Not at all.
    pub(super) undivided: bool,
    /// In groups that people make: of one length, or few of three digits or more.
    pub(super) sensible: bool,
    /// In groups of four digits or more.
    pub(super) coarse: bool,
    pub(super) single: bool,
    pub(super) words: bool,
    /// In two groups.
    pub(super) two: bool,
    /// Single digits in pairs by dashes, as in `3-4 4-0`.
    pub(super) paired: bool,
    /// As a British sort code and account number.
    pub(super) account: bool,
    /// The lengths of the groups, as bits.
    pub(super) lengths: u32,
}

impl Shape {
    pub(super) const fn lines(&self) -> bool {
        self.kinds & NEWLINE != 0
    }

    /// Whether groups as on no card are more often several numbers: a checksum and a size, an order's number in three parts, a
    /// postcode and a telephone number.
    pub(super) fn are_fields(&self, length: usize) -> bool {
        let longest = u32::BITS.saturating_sub(self.lengths.leading_zeros()).saturating_sub(1);
        let shortest = self.lengths.trailing_zeros();
        let many = length > *USUAL.end() && (self.two || self.uniform() && longest > LONGEST_GROUP);
        many || self.two
            && (self.kinds == COMMA || self.kinds == FILLER)
            && longest > shortest.saturating_add(1)
    }

    /// Whether points stand between groups that something else parts as well: `142.8148839 63.7176835`. What follows the last
    /// of them is a fraction, and no expiry and code.
    pub(super) const fn has_decimals(&self) -> bool {
        self.kinds & DOT != 0 && !self.uniform()
    }

    /// By one kind of separator.
    pub(super) const fn uniform(&self) -> bool {
        self.kinds.count_ones() <= 1
    }
}

/// A stretch that checks.
pub(super) struct Candidate {
    pub(super) found: Found,
    pub(super) shape: Shape,
    pub(super) issued: Issued,
    pub(super) length: usize,
    pub(super) expires: bool,
    /// A card was named, or an expiry follows.
    pub(super) evidence: bool,
}

impl Candidate {
    /// Whether a gap of this kind is one that stands between its own groups.
    pub(super) const fn joins(&self, kinds: u8) -> bool {
        kinds & self.shape.kinds != 0
    }
}

/// Places in a run.
pub(super) struct Edges {
    pub(super) begins: Vec<bool>,
    pub(super) ends: Vec<bool>,
}

impl Edges {
    pub(super) fn of(room: usize) -> Self {
        Self { begins: vec![false; room], ends: vec![false; room] }
    }

    pub(super) fn add(&mut self, Candidate { found, .. }: &Candidate) {
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
    pub(super) fn shape(&self, from: usize, to: usize) -> Shape {
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
            two: groups.is_two(),
            paired: paired(digits),
            words,
            lengths,
        }
    }
}

/// Whether single digits are in pairs: a dash within each, and none between two, at the ends of lines neither. The first digit
/// may be the second of its pair.
fn paired(digits: &[Digit]) -> bool {
    let gaps = || digits.iter().skip(1);
    let dashes = |odd: usize| {
        gaps().enumerate().all(|(at, digit)| {
            let between = digit.kinds & !(SPACE | NEWLINE) == 0 && digit.kinds != 0;
            digit.apart && if at % 2 == odd { digit.kinds == DASH } else { between }
        })
    };
    digits.len() > 3 && (dashes(0) || dashes(1))
}
