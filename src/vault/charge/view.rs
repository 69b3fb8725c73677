//! What may be seen of a charge.

use serde::Serialize;

use crate::values::agent_safe::agent_safe;
use crate::values::card_number::{Brand, LastFour};
use crate::values::id::{MerchantId, PaymentId};
use crate::values::transaction::Transaction;

/// A payment as the vault's observer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Charge {
    /// Which payment.
    pub payment: PaymentId,
    /// For which merchant account.
    pub merchant: MerchantId,
    /// What is paid.
    pub transaction: Transaction,
    /// Where it stands.
    pub status: ChargeStatus,
    /// The card's scheme.
    pub brand: Brand,
    /// The card number's last four digits.
    pub last_four: LastFour,
    /// How much the acquirer was asked to capture, in minor units. What it said that it did not do is left out; what
    /// it did not answer is not. 0 if it captures by itself.
    pub captured: u64,
    /// How much it was asked to give up, likewise.
    pub voided: u64,
    /// How much it was asked to give back, likewise.
    pub refunded: u64,
}

/// Where a payment stands at the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChargeStatus {
    /// The acquirer is being asked.
    Authorising,
    /// The acquirer authorised it.
    Authorised,
    /// Nothing was charged.
    Declined,
    /// It is not known whether the card was charged:
    /// [`Vault::reconcile`](crate::Vault::reconcile).
    Unresolved,
}

agent_safe!(Charge, ChargeStatus);
