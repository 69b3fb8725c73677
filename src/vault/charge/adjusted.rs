//! Something that was done with a charge past the vault, as it is kept.

use serde::Serialize;

use crate::codec::table::{numbered, record};
use crate::history::event::Action;
use crate::payment::reference::Reference;
use crate::values::time::Timestamp;

numbered! {
    /// What was done with a payment past the vault.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum AdjustmentKind {
        /// It was given back, at the acquirer's own desk, say.
        Refund = 1,
        /// The card issuer took it back.
        Chargeback = 2,
        /// The card issuer returned what it had taken back.
        ChargebackReversal = 3,
    }
}

impl AdjustmentKind {
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
    pub(crate) what: AdjustmentKind,
    /// Names it among those of this payment.
    pub(crate) key: [u8; 16],
    pub(crate) amount: u64,
    pub(crate) reference: Reference,
    pub(crate) at: Timestamp,
}

record! { Adjusted { 0 => what, 1 => key, 2 => amount, 3 => reference, 4 => at } }
