//! What is known of a text and not decided yet: numbers and digits that wait for what follows.

use zeroize::Zeroizing;

use crate::redact::Span;
use crate::redact::edit::Edit;
use crate::redact::run::Digit;
use crate::redact::short::Short;
use crate::values::card_number::Brand;

/// Digits after their announcement, which are masked if a card number follows.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) edits: Vec<Edit>,
    pub(super) find: Span,
}

/// A number that is one only if its code or its expiry follows.
#[derive(Debug)]
pub(super) struct Unsure {
    pub(super) edits: Vec<Edit>,
    pub(super) find: Span,
    pub(super) last: Last,
}

/// The last card number, for what follows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    /// Where it ends.
    pub(super) end: u64,
    /// Where that ends which was masked right after it.
    pub(super) tail: u64,
    pub(super) brand: Brand,
}

/// The most digits of an expiry and a code together.
pub(super) const MAX_FEW_DIGITS: usize = 10;

/// So many short runs are noted before those that are far away are forgotten.
pub(super) const MOST_SHORTS: usize = 64;

/// The most digits of a code or an expiry, and of the name before it.
pub(super) const MAX_PASSED_DIGITS: usize = MAX_FEW_DIGITS + 1;

/// Digits that were passed over: too few for a card number.
#[derive(Debug)]
pub(super) enum Passed {
    /// Plain ones.
    Short(Short),
    /// Others.
    Run(Zeroizing<Vec<Digit>>),
}

impl Passed {
    /// Where they begin and end.
    pub(super) fn place(&self) -> (usize, usize) {
        match self {
            Self::Short(short) => (short.start, short.end),
            Self::Run(digits) => (
                digits.first().map_or(0, |digit| digit.start),
                digits.last().map_or(0, |digit| digit.end),
            ),
        }
    }
}
