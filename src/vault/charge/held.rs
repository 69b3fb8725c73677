//! What the acquirer approved of a card whose money is given up beside the payment: for one that takes voids, and no
//! reversals.

use crate::card::Attempt;
use crate::codec::table::record;
use crate::vault::acquirer::raw::RawId;

/// An approval that is being given up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// Of which sealed card.
    pub(crate) attempt: Attempt,
    /// How much was approved.
    pub(crate) amount: u64,
    /// What the acquirer calls it, to the letter, if that may be kept.
    pub(crate) raw: Option<RawId>,
}

impl Clone for Held {
    fn clone(&self) -> Self {
        Self { raw: self.raw.as_ref().map(RawId::copy), ..*self }
    }
}

record! { Held { 0 => attempt, 1 => amount, 2 => raw } }
