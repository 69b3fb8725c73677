//! What the acquirer is asked.

use core::fmt;

use crate::card::Card;
use crate::payment::reference::Reference;
use crate::values::id::{CustomerId, IdempotencyKey, MerchantId};
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;
use crate::vault::acquirer::challenge::AuthenticationProof;

/// A payment, without the card.
#[derive(Clone, Copy)]
pub struct Sought<'a> {
    pub(crate) key: IdempotencyKey,
    pub(crate) customer: &'a CustomerId,
    pub(crate) merchant: &'a MerchantId,
    pub(crate) transaction: &'a Transaction,
    pub(crate) requested_at: Timestamp,
    pub(crate) transaction_id: Option<&'a str>,
}

impl<'a> Sought<'a> {
    /// What names this payment at the acquirer, whenever it is spoken of: send it as the merchant's reference, and find it
    /// under it. A card that is sealed anew after a soft decline counts as another payment.
    #[must_use]
    pub const fn key(&self) -> IdempotencyKey {
        self.key
    }

    /// Who pays.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        self.customer
    }

    /// For which merchant account.
    #[must_use]
    pub const fn merchant(&self) -> &MerchantId {
        self.merchant
    }

    /// What is paid: amount, currency, payee, reference.
    #[must_use]
    pub const fn transaction(&self) -> &Transaction {
        self.transaction
    }

    /// When the enterprise asked for it: the acquirer has not heard of it before.
    #[must_use]
    pub const fn requested_at(&self) -> Timestamp {
        self.requested_at
    }

    /// What the acquirer called it, to the letter, if it said so before: with an approval, a challenge, or because it
    /// wanted to decide later. `None` if that held the card's number or code, and was not kept.
    #[must_use]
    pub const fn transaction_id(&self) -> Option<&'a str> {
        self.transaction_id
    }
}

/// Not the acquirer's own id.
impl fmt::Debug for Sought<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sought")
            .field("key", &self.key)
            .field("customer", &self.customer)
            .field("merchant", &self.merchant)
            .field("transaction", &self.transaction)
            .finish_non_exhaustive()
    }
}

/// What is to be authorised: a payment and the card.
#[derive(Debug)]
pub struct Authorisation<'a> {
    pub(crate) key: IdempotencyKey,
    pub(crate) payment: Sought<'a>,
    pub(crate) card: &'a Card,
    pub(crate) proof: Option<&'a AuthenticationProof>,
    pub(crate) authenticates: bool,
}

impl<'a> Authorisation<'a> {
    /// The idempotency key of this call: the same each time it is repeated, and another one once the customer has
    /// authenticated, since that is another call.
    #[must_use]
    pub const fn key(&self) -> IdempotencyKey {
        self.key
    }

    /// The payment.
    #[must_use]
    pub const fn payment(&self) -> &Sought<'a> {
        &self.payment
    }

    /// The card, verification code and all. It is wiped when the payment has ended. The customer gave it, in the app:
    /// it is a transaction that the cardholder initiated.
    #[must_use]
    pub const fn card(&self) -> &Card {
        self.card
    }

    /// The proof that the customer authenticated, if they were asked to.
    #[must_use]
    pub const fn authentication(&self) -> Option<&'a AuthenticationProof> {
        self.proof
    }

    /// Whether a [challenge](crate::vault::AcquirerAnswer::challenge) can be answered: the request allows it, and the customer was not
    /// challenged before. If not, an acquirer that wants one declines.
    #[must_use]
    pub const fn takes_challenge(&self) -> bool {
        self.authenticates
    }
}

/// A challenge that the customer's device says it has done.
#[derive(Clone, Copy)]
pub struct Resumption<'a> {
    pub(crate) payment: Sought<'a>,
    pub(crate) reference: &'a str,
    pub(crate) hint: Option<&'a str>,
}

impl<'a> Resumption<'a> {
    /// The payment.
    #[must_use]
    pub const fn payment(&self) -> &Sought<'a> {
        &self.payment
    }

    /// What the acquirer calls the challenge.
    #[must_use]
    pub const fn reference(&self) -> &'a str {
        self.reference
    }

    /// What the device says of it, such as a challenge response (`cres`). It may be forged, and is to be forwarded at most:
    /// ask the acquirer or the 3-D Secure server.
    #[must_use]
    pub const fn hint(&self) -> Option<&'a str> {
        self.hint
    }
}

impl fmt::Debug for Resumption<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resumption").field("payment", &self.payment).finish_non_exhaustive()
    }
}

/// What was done with a payment before, as it is kept.
pub(crate) trait Before: Sync {
    fn captures(&self) -> Vec<(Option<&str>, u64)>;
}

/// Of what is given up as soon as it was approved.
pub(crate) struct NothingBefore;

impl Before for NothingBefore {
    fn captures(&self) -> Vec<(Option<&str>, u64)> {
        Vec::new()
    }
}

/// What is to be done with a payment that was authorised.
#[derive(Clone, Copy)]
pub struct FollowUp<'a> {
    pub(crate) key: IdempotencyKey,
    pub(crate) amount: u64,
    pub(crate) payment: Sought<'a>,
    pub(crate) reference: &'a Reference,
    pub(crate) before: &'a dyn Before,
    pub(crate) asked_at: Timestamp,
}

impl<'a> FollowUp<'a> {
    /// The idempotency key of this act: the same each time it is repeated. Send it as the act's reference too, if it is to
    /// be found again.
    #[must_use]
    pub const fn key(&self) -> IdempotencyKey {
        self.key
    }

    /// How much of it, in minor units.
    #[must_use]
    pub const fn amount(&self) -> u64 {
        self.amount
    }

    /// The payment; its [`transaction_id`](Sought::transaction_id) is the acquirer's own.
    #[must_use]
    pub const fn payment(&self) -> &Sought<'a> {
        &self.payment
    }

    /// The acquirer's id of the payment as far as it can be shown: for logs, not for the acquirer.
    #[must_use]
    pub const fn reference(&self) -> &Reference {
        self.reference
    }

    /// The captures that the acquirer has done before, oldest first: what it called each of them, to the letter, and how much
    /// that was. For an acquirer whose refunds name a capture. The id is `None` if it could hold the card's number, and was
    /// not kept.
    #[must_use]
    pub fn captures(&self) -> Vec<(Option<&'a str>, u64)> {
        self.before.captures()
    }

    /// When the acquirer was asked for it first.
    #[must_use]
    pub const fn asked_at(&self) -> Timestamp {
        self.asked_at
    }
}

/// Not the acquirer's own ids.
impl fmt::Debug for FollowUp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FollowUp")
            .field("key", &self.key)
            .field("amount", &self.amount)
            .field("payment", &self.payment)
            .field("reference", &self.reference)
            .field("asked_at", &self.asked_at)
            .finish_non_exhaustive()
    }
}
