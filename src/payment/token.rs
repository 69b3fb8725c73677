//! What payment requests and the vault's receipts say.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::payment::opening_key::SignedSealingKey;
use crate::payment::outcome::ChargeOutcome;
use crate::payment::totals::Totals;
use crate::policy;
use crate::token::{Purpose, TokenData, TokenId, wire_time};
use crate::values::card_number::{Brand, LastFour};
use crate::values::id::{InteractionId, MerchantId, PaymentId};
use crate::values::interaction::Direction;
use crate::values::secret::silent_serde;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// The longest validity of a payment request: an hour ([`policy::PAYMENT_LIMIT`]).
pub const MAX_PAYMENT_REQUEST_LIFETIME: Duration = policy::PAYMENT_LIMIT;
/// The longest validity of a receipt: 20 years, more than any policy keeps a record.
pub const MAX_RECEIPT_LIFETIME: Duration = crate::history::token::MAX_HISTORY_HEAD_LIFETIME;

/// What the customer is asked to pay: what stands in the claim `data` of a payment request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct PaymentRequestData {
    /// Which payment.
    pub payment: PaymentId,
    /// In which interaction it was asked for.
    pub interaction: InteractionId,
    /// Who contacted whom.
    pub direction: Direction,
    /// The name by which the agent goes.
    pub agent_name: ShortText,
    /// For which merchant account.
    pub merchant: MerchantId,
    /// What is to be paid.
    pub transaction: Transaction,
    /// The key to seal the card for, as the vault signed it.
    pub opening_key: SignedSealingKey,
    /// Until when the customer may authenticate to the card's issuer (3-D Secure) if they pay at the last moment: never
    /// after the end of the key. `None`: the request does not allow that they are asked to.
    #[serde(default, with = "wire_time::optional", skip_serializing_if = "Option::is_none")]
    pub authenticate_until: Option<Timestamp>,
    /// Until when the vault may keep the card for further payments to the same merchant, if it may.
    #[serde(default, with = "wire_time::optional", skip_serializing_if = "Option::is_none")]
    pub keep_card_until: Option<Timestamp>,
}

silent_serde!(PaymentRequestData: "what a payment request asks");

impl TokenData for PaymentRequestData {
    const PURPOSE: Purpose = Purpose::PaymentRequest;
    const MAX_LIFETIME: Duration = MAX_PAYMENT_REQUEST_LIFETIME;
}

/// How a payment ended: what stands in the claim `data` of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct ReceiptData {
    /// Which payment.
    pub payment: PaymentId,
    /// The id of the payment request's token.
    pub request: TokenId,
    /// When it was issued.
    #[serde(with = "wire_time")]
    pub requested_at: Timestamp,
    /// For which merchant account.
    pub merchant: MerchantId,
    /// What was to be paid.
    pub transaction: Transaction,
    /// The card's scheme.
    pub brand: Brand,
    /// The card number's last four digits.
    pub last_four: LastFour,
    /// How it ended, or where it stands.
    pub outcome: ChargeOutcome,
    /// What became of the money since.
    pub totals: Totals,
    /// A number that grows whenever any of this changes at the vault: of two receipts, the one with the higher count is the
    /// newer one.
    pub count: u64,
}

silent_serde!(ReceiptData: "how a payment ended");

impl TokenData for ReceiptData {
    const PURPOSE: Purpose = Purpose::Receipt;
    const MAX_LIFETIME: Duration = MAX_RECEIPT_LIFETIME;
}
