//! An act on a charge, as it is kept: what the acquirer was asked to do, and what became of it.

use crate::codec::table::{numbered, record};
use crate::history::event::Action;
use crate::payment::reference::Reference;

numbered! {
    /// What the acquirer is asked to do.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Act {
        Capture = 1,
        Void = 2,
        Refund = 3,
    }
}

impl Act {
    pub(crate) const ALL: [Self; 3] = [Self::Capture, Self::Void, Self::Refund];

    /// Its part of the idempotency key.
    pub(crate) const fn label(self) -> &'static [u8] {
        match self {
            Self::Capture => b"capture",
            Self::Void => b"void",
            Self::Refund => b"refund",
        }
    }

    pub(crate) const fn action(self) -> Action {
        match self {
            Self::Capture => Action::Capture,
            Self::Void => Action::Void,
            Self::Refund => Action::Refund,
        }
    }
}

/// One act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FollowUp {
    pub(crate) act: Act,
    /// Names it among those of this payment.
    pub(crate) key: [u8; 16],
    pub(crate) amount: u64,
    /// What the acquirer calls it, once it was done; until then it may or may not have been.
    pub(crate) done: Option<Reference>,
}

record! { FollowUp { 0 => act, 1 => key, 2 => amount, 3 => done } }
