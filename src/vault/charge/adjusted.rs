//! Something that was done with a charge past the vault, as it is kept.

use crate::codec::table::{numbered, record};
use crate::history::event::Action;
use crate::payment::reference::Reference;
use crate::values::time::Timestamp;

numbered! {
    /// What was done.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Adjusting {
        Refund = 1,
        Chargeback = 2,
        ChargebackReversal = 3,
    }
}

impl Adjusting {
    pub(crate) const fn action(self) -> Action {
        match self {
            Self::Refund => Action::RecordRefund,
            Self::Chargeback => Action::RecordChargeback,
            Self::ChargebackReversal => Action::RecordChargebackReversal,
        }
    }
}

/// One of them, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Adjusted {
    pub(crate) what: Adjusting,
    /// Names it among those of this payment.
    pub(crate) key: [u8; 16],
    pub(crate) amount: u64,
    pub(crate) reference: Reference,
    pub(crate) at: Timestamp,
}

record! { Adjusted { 0 => what, 1 => key, 2 => amount, 3 => reference, 4 => at } }
