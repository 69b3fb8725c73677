//! What may be seen of a charge.

use serde::Serialize;

use crate::payment::totals::Totals;
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
    /// How much was authorised, in minor units; 0 if nothing was.
    pub authorised: u64,
    /// What became of the money since.
    pub totals: Totals,
    /// The acquirer's id of the payment holds the card's number or code, or is too long, and was not kept: acts name the
    /// payment by its key alone. Tell the acquirer.
    pub id_withheld: bool,
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
    /// Nothing was charged, and the customer may try once more.
    SoftDeclined,
    /// The customer is to authenticate first.
    Authenticating,
    /// It is not known whether the card was charged:
    /// [`Vault::reconcile`](crate::Vault::reconcile).
    Unresolved,
}

agent_safe!(Charge, ChargeStatus);
