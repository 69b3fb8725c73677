//! What may be seen of a payment.

use serde::Serialize;

use crate::payment::outcome::DeclineReason;
use crate::payment::reference::Reference;
use crate::payment::totals::{FundsReturned, Totals};
use crate::values::agent_safe::agent_safe;
use crate::values::card_number::{Brand, LastFour};
use crate::values::id::{MerchantId, PaymentId};
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// A payment as the customer's app, an agent's desktop and the back end may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// For which merchant account.
    pub merchant: MerchantId,
    /// What is to be paid.
    pub transaction: Transaction,
    /// Where it stands.
    pub status: PaymentStatus,
    /// When it was asked for. With customer and id the vault [finds](crate::Vault::look_up) it by that.
    pub requested_at: Timestamp,
    /// Until when the customer may pay.
    pub until: Timestamp,
    /// The card's scheme, once there is a receipt.
    pub brand: Option<Brand>,
    /// The card number's last four digits, once there is a receipt.
    pub last_four: Option<LastFour>,
    /// How much was authorised, in minor units, once it was.
    pub authorised: Option<u64>,
    /// What became of the money since.
    pub totals: Totals,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentStatus {
    /// The customer has not paid yet, or the receipt has not come yet.
    Requested,
    /// The acquirer authorised it.
    Authorised,
    /// It was authorised, and the whole of it was given up before it was taken.
    Voided,
    /// It was authorised, and the whole of it was given back.
    Refunded,
    /// It was authorised, and the card issuer took it back, or what was left of it.
    ChargedBack,
    /// Nothing was charged.
    Declined,
    /// Nothing was charged; until the request's time is over the customer may try once more under it.
    SoftDeclined,
    /// The customer's bank wants them to authenticate, and nothing is charged until they have.
    Authenticating,
    /// It is not known yet whether the card was charged.
    Unresolved,
    /// The time ran out, and with it the time in which the customer may authenticate and that which the acquirer may take, and no receipt has come. One
    /// that comes later still counts, and turns this into what it says: sweeps give it
    /// ([`Vault::reconcile`](crate::Vault::reconcile)). Before asking anew, ask the vault
    /// ([`Vault::receipt`](crate::Vault::receipt)).
    Expired,
}

agent_safe!(Payment, PaymentStatus);

/// What has become of a payment, as its agent may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentOutcome {
    /// The customer has not paid yet, or the receipt has not come yet.
    Waiting,
    /// The customer has paid.
    Authorised {
        /// The card issuer's code for it.
        authorisation_code: Reference,
        /// The acquirer's id of it.
        transaction_id: Reference,
        /// The card's scheme.
        brand: Brand,
        /// The card number's last four digits.
        last_four: LastFour,
        /// How much was authorised, in minor units.
        amount: u64,
        /// What became of the money since.
        totals: Totals,
    },
    /// The customer had paid, and the whole of it was given back since.
    Returned {
        /// How.
        how: FundsReturned,
        /// The acquirer's id of the payment.
        transaction_id: Reference,
        /// The card's scheme.
        brand: Brand,
        /// The card number's last four digits.
        last_four: LastFour,
        /// How much had been authorised, in minor units.
        amount: u64,
        /// What became of the money since.
        totals: Totals,
    },
    /// Nothing was charged.
    Declined(DeclineReason),
    /// Nothing was charged. Until the request's time is over the customer may try once more in the app: don't ask anew.
    SoftDeclined(DeclineReason),
    /// The customer's bank wants them to authenticate, and nothing is charged until they have.
    Authenticating,
    /// It is not known yet whether the card was charged. Don't ask anew: this will change.
    Unresolved,
    /// The time ran out, and no receipt has come.
    Expired,
}

agent_safe!(PaymentOutcome);
