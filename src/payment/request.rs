//! What goes into a payment and comes out of it.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::payment::opening_key::SignedSealingKey;
use crate::payment::outcome::ChargeOutcome;
use crate::payment::token::ReceiptData;
use crate::payment::totals::Totals;
use crate::payment::view::Payment;
use crate::values::agent_safe::agent_safe;
use crate::values::card_number::{Brand, LastFour};
use crate::values::id::{MerchantId, PaymentId, RequestId};
use crate::values::secret::silent_serde;
use crate::values::text::ShortText;
use crate::values::transaction::Transaction;

/// What an agent asks the customer to pay.
///
/// The desktop says what for; the back end adds the merchant account and the vault's key, and takes
/// neither from a desktop.
#[derive(Debug, Clone)]
#[must_use]
pub struct PaymentRequest {
    pub(crate) request: RequestId,
    pub(crate) merchant: MerchantId,
    pub(crate) transaction: Transaction,
    pub(crate) agent_name: ShortText,
    pub(crate) opening_key: SignedSealingKey,
    pub(crate) keep_card_for: Option<Duration>,
    pub(crate) authentication: bool,
}

impl PaymentRequest {
    /// `request` is the desktop's idempotency key; `transaction` is of the kind
    /// [`Payment`](crate::transaction::TransactionKind::Payment) and names the merchant as the customer knows it;
    /// `agent_name` is the name by which the agent goes, which the app shows; `opening_key` is what
    /// [`Vault::public_key`](crate::Vault::public_key) gives at the time.
    pub const fn new(
        request: RequestId,
        merchant: MerchantId,
        transaction: Transaction,
        agent_name: ShortText,
        opening_key: SignedSealingKey,
    ) -> Self {
        let (keep_card_for, authentication) = (None, true);
        Self {
            request,
            merchant,
            transaction,
            agent_name,
            opening_key,
            keep_card_for,
            authentication,
        }
    }

    /// Asks to keep the card as well, for this long, for further payments of the customer to the same
    /// merchant. The app shows it. Without this the card token serves once.
    pub const fn keep_card_for(mut self, how_long: Duration) -> Self {
        self.keep_card_for = Some(how_long);
        self
    }

    /// Does not allow that the customer is asked to authenticate to the card's issuer (3-D Secure). Then no time is set
    /// aside for it: the request may last until the end of its opening key, and not only until
    /// [`authenticate_within`](crate::policy::PaymentPolicy::authenticate_within) before that.
    pub const fn without_authentication(mut self) -> Self {
        self.authentication = false;
        self
    }
}

/// A payment that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PaymentRequested {
    /// What the agent sees of it.
    pub payment: Payment,
    /// The token for the customer's app ([`Device::open_payment`](crate::Device::open_payment)), which
    /// hands it to the vault together with the sealed card.
    pub token: String,
}

/// The vault's signed word on how a payment ended. It shows scheme and last four digits of the card,
/// and nothing else of it; an agent may see it.
///
/// What it says is proven only to whoever verifies it: [`Payments::apply_receipt`](crate::payment::Payments::apply_receipt).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Receipt {
    #[serde(flatten)]
    pub(crate) said: ReceiptData,
    pub(crate) token: String,
}

silent_serde!(Receipt: "a receipt");

impl Receipt {
    /// For which payment.
    #[must_use]
    pub const fn payment(&self) -> PaymentId {
        self.said.payment
    }

    /// For which merchant account.
    #[must_use]
    pub const fn merchant(&self) -> &MerchantId {
        &self.said.merchant
    }

    /// What was to be paid.
    #[must_use]
    pub const fn transaction(&self) -> &Transaction {
        &self.said.transaction
    }

    /// The card's scheme.
    #[must_use]
    pub const fn brand(&self) -> Brand {
        self.said.brand
    }

    /// The card number's last four digits.
    #[must_use]
    pub const fn last_four(&self) -> LastFour {
        self.said.last_four
    }

    /// How it ended, or where it stands.
    #[must_use]
    pub const fn outcome(&self) -> &ChargeOutcome {
        &self.said.outcome
    }

    /// What became of the money since.
    #[must_use]
    pub const fn totals(&self) -> Totals {
        self.said.totals
    }

    /// A number that grows whenever any of this changes at the vault: of two receipts of a payment, the one with the higher
    /// count is the newer one.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.said.count
    }

    /// The signed token, whose claim `data` says all of this.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }
}

agent_safe!(Receipt);
