//! Which candidate of a window matched, noted in constant time.

use subtle::{Choice, ConditionallySelectable as _};

/// The last candidate that was right, if any was.
#[derive(Default)]
pub(super) struct Matched {
    candidate: u64,
    found: u8,
}

impl Matched {
    /// Notes whether `candidate` was right.
    pub(super) fn note(&mut self, candidate: u64, right: Choice) {
        self.candidate.conditional_assign(&candidate, right);
        self.found.conditional_assign(&1, right);
    }

    pub(super) fn get(&self) -> Option<u64> {
        (self.found != 0).then_some(self.candidate)
    }
}
