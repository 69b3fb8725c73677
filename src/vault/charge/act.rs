//! An act on a charge, as it is kept: what the acquirer was asked to do, and what became of it.

use serde::Serialize;

use crate::codec::table::{numbered, record};
use crate::history::event::Action;
use crate::payment::reference::Reference;
use crate::policy::Policy;
use crate::values::time::Timestamp;
use crate::vault::acquirer::raw::RawId;
use crate::vault::charge::under_way::Unfound;

numbered! {
    /// What the acquirer is asked to do with a payment that was authorised.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum Act {
        /// Take the money, or a part of it.
        Capture = 1,
        /// Give up what was not taken.
        Void = 2,
        /// Give back what was taken.
        Refund = 3,
        /// Authorise more.
        Increment = 4,
    }
}

impl Act {
    /// Its part of the idempotency key.
    pub(crate) const fn label(self) -> &'static [u8] {
        match self {
            Self::Capture => b"capture",
            Self::Void => b"void",
            Self::Refund => b"refund",
            Self::Increment => b"increment",
        }
    }

    pub(crate) const fn action(self) -> Action {
        match self {
            Self::Capture => Action::Capture,
            Self::Void => Action::Void,
            Self::Refund => Action::Refund,
            Self::Increment => Action::Increment,
        }
    }
}

/// One act.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FollowUp {
    pub(crate) act: Act,
    /// Names it among those of this payment.
    pub(crate) key: [u8; 16],
    /// How much was done, or may have been.
    pub(crate) amount: u64,
    /// How much the back end asked for.
    pub(crate) asked_for: u64,
    /// When the acquirer was asked for it first, and when last.
    pub(crate) first: Timestamp,
    pub(crate) since: Timestamp,
    /// What the acquirer calls it, once it was done; until then it may or may not have been.
    pub(crate) done: Option<Reference>,
    /// The same to the letter, unless it could hold the card's number.
    pub(crate) raw: Option<RawId>,
}

impl Clone for FollowUp {
    fn clone(&self) -> Self {
        let (done, raw) = (self.done.clone(), self.raw.as_ref().map(RawId::copy));
        Self { done, raw, ..*self }
    }
}

impl FollowUp {
    /// What it means if the acquirer has done nothing of it that it was asked for until `nothing_until`. What was noted before
    /// `lost` may be lost: it may have been asked for once more until then.
    pub(crate) fn unfound(
        &self,
        policy: &Policy,
        nothing_until: Timestamp,
        lost: Option<Timestamp>,
    ) -> Unfound {
        let since = lost.map_or(self.since, |lost| lost.max(self.since));
        let surely = since.after(policy.payments.authorise_within).after(policy.leeway);
        if surely <= nothing_until { Unfound::NotCharged } else { Unfound::InDoubt }
    }
}

record! { FollowUp { 0 => act, 1 => key, 2 => amount, 3 => done, 4 => first, 5 => since, 6 => asked_for, 7 => raw } }
