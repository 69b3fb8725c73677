//! The acquirer, as the host connects it.

use core::fmt;

use zeroize::Zeroizing;

use crate::card::Card;
use crate::payment::outcome::DeclineReason;
use crate::payment::reference::Reference;
use crate::values::id::{CustomerId, IdempotencyKey, MerchantId};
use crate::values::transaction::Transaction;

/// The host's connection to its acquirer or payment service provider.
///
/// **Time-outs are the host's.** A call that has not ended within eleven twelfths of
/// [`PaymentPolicy::authorise_within`](crate::policy::PaymentPolicy::authorise_within) (110 seconds by
/// default; the first twelfth is for the vault to ask) must end with
/// [`AcquirerError`], and nothing may be charged for it any later: from then on the vault takes
/// [`Found::Nothing`] for "not charged". After a [`find`](Self::find) that took longer than a twelfth (10 seconds)
/// the vault does not ask for the authorisation in that call: it says [`Error::Busy`](crate::Error::Busy).
///
/// The vault charges at most once, whatever the acquirer does, as long as one of these holds: it honours
/// idempotency keys ([`HONOURS_KEYS`](Self::HONOURS_KEYS)), it answers [`find`](Self::find), or nothing
/// ever goes wrong. An acquirer that does neither leaves a payment
/// [`Unresolved`](crate::payment::ChargeOutcome::Unresolved) whenever an answer was lost; it is never charged
/// again.
///
/// ```
/// use countersign::vault::{Acquirer, AcquirerError, AcquirerAnswer, Authorisation, Found, Sought};
///
/// struct Psp;
///
/// impl Acquirer for Psp {
///     const HONOURS_KEYS: bool = true;
///
///     async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
///         let _request = (of.payment().key(), of.payment().transaction().amount, of.card().pan().expose());
///         // … send it, and wait for the answer, but not for long.
///         Ok(AcquirerAnswer::approved("A1B2C3", "txn-1"))
///     }
///
///     async fn find(&self, payment: &Sought<'_>) -> Result<Found, AcquirerError> {
///         let _ = payment.key();
///         Ok(Found::Nothing)
///     }
/// }
/// ```
pub trait Acquirer: Send + Sync {
    /// Whether a repeated [`authorise`](Self::authorise) with the same key and card never charges twice,
    /// and gives the first answer again. `false` unless the acquirer promises it.
    const HONOURS_KEYS: bool = false;

    /// The same of [`capture`](Self::capture), [`void`](Self::void) and [`refund`](Self::refund): for as long as the
    /// vault retains the payment. `false` unless the acquirer promises it.
    const HONOURS_FOLLOW_UP_KEYS: bool = false;

    /// Asks for an authorisation, under the payment's idempotency key.
    ///
    /// # Errors
    ///
    /// [`AcquirerError`] if it is not known whether the card was charged.
    fn authorise(
        &self,
        of: &Authorisation<'_>,
    ) -> impl Future<Output = Result<AcquirerAnswer, AcquirerError>> + Send;

    /// Looks for what became of a payment. [`Found::Unknown`] where the acquirer has no such call.
    ///
    /// # Errors
    ///
    /// [`AcquirerError`] if it does not answer.
    fn find(
        &self,
        payment: &Sought<'_>,
    ) -> impl Future<Output = Result<Found, AcquirerError>> + Send;

    /// Takes the money that was authorised, or a part of it, and gives the acquirer's id of that.
    ///
    /// # Errors
    ///
    /// [`AcquirerError::Unsupported`] unless the host implements it; [`AcquirerError::Refused`] if the acquirer said
    /// that it was not done and will not be; [`AcquirerError::InDoubt`] if it is not known whether it was done.
    fn capture(
        &self,
        of: &FollowUp<'_>,
    ) -> impl Future<Output = Result<String, AcquirerError>> + Send {
        let _ = of;
        async { Err(AcquirerError::Unsupported) }
    }

    /// Gives up what was authorised and not captured.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    fn void(
        &self,
        of: &FollowUp<'_>,
    ) -> impl Future<Output = Result<String, AcquirerError>> + Send {
        let _ = of;
        async { Err(AcquirerError::Unsupported) }
    }

    /// Gives back what was captured, or a part of it.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    fn refund(
        &self,
        of: &FollowUp<'_>,
    ) -> impl Future<Output = Result<String, AcquirerError>> + Send {
        let _ = of;
        async { Err(AcquirerError::Unsupported) }
    }
}

/// The acquirer gave no answer. It carries nothing of the acquirer's own error, which might repeat what
/// was sent: log that where it arises, without card data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcquirerError {
    /// It is not known whether it was done: a time-out, a broken connection, a server error.
    #[error("the acquirer did not say what became of it")]
    InDoubt,
    /// The acquirer did not capture, give up or give back what it was asked to, and will not: what it was asked for counts
    /// for nothing then. Never say so of "this key is in use", "already done" or a key that has expired: that is
    /// [`InDoubt`](Self::InDoubt). (A payment that it does
    /// not authorise is [`AcquirerAnswer::declined`]; there, this counts as [`InDoubt`](Self::InDoubt).)
    #[error("the acquirer refused it")]
    Refused,
    /// The host's connection cannot do this.
    #[error("the acquirer's connection does not support this")]
    Unsupported,
}

/// What the acquirer said of a payment.
#[derive(PartialEq, Eq)]
pub struct AcquirerAnswer(pub(super) Said);

#[derive(PartialEq, Eq)]
pub(super) enum Said {
    Approved { authorisation_code: Zeroizing<String>, transaction_id: Zeroizing<String> },
    Declined(DeclineReason),
}

impl AcquirerAnswer {
    /// Authorised, with the card issuer's code and the acquirer's id. What of them may be shown and kept
    /// is a [`Reference`]; no text is refused. Card numbers are masked there, and verification codes that are named as
    /// such ("cvv 737"). A bare code ("737") is not known from other digits: do not hand one on.
    pub fn approved(
        authorisation_code: impl Into<String>,
        transaction_id: impl Into<String>,
    ) -> Self {
        Self(Said::Approved {
            authorisation_code: Zeroizing::new(authorisation_code.into()),
            transaction_id: Zeroizing::new(transaction_id.into()),
        })
    }

    /// Declined, and nothing was charged. [`ResponseCode::meaning`](crate::payment::ResponseCode::meaning) says which
    /// codes are a decline.
    #[must_use]
    pub const fn declined(reason: DeclineReason) -> Self {
        Self(Said::Declined(reason))
    }
}

/// Not the acquirer's texts: nothing is known of what they repeat.
impl fmt::Debug for AcquirerAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Said::Approved { .. } => f.write_str("AcquirerAnswer(approved)"),
            Said::Declined(reason) => f.debug_tuple("AcquirerAnswer").field(reason).finish(),
        }
    }
}

/// What the acquirer knows of a payment.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// It was asked to authorise it, and this was its answer.
    Answered(AcquirerAnswer),
    /// Nothing was charged under this key.
    Nothing,
    /// It cannot tell.
    Unknown,
}

/// A payment, without the card.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    pub(super) key: IdempotencyKey,
    pub(super) customer: &'a CustomerId,
    pub(super) merchant: &'a MerchantId,
    pub(super) transaction: &'a Transaction,
}

impl Sought<'_> {
    /// Its idempotency key: the same whenever this payment is spoken of.
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
}

/// What is to be authorised: a payment and the card.
#[derive(Debug)]
pub struct Authorisation<'a> {
    pub(super) payment: Sought<'a>,
    pub(super) card: &'a Card,
}

impl<'a> Authorisation<'a> {
    /// The payment.
    #[must_use]
    pub const fn payment(&self) -> &Sought<'a> {
        &self.payment
    }

    /// The card, verification code and all. It is wiped when the payment has ended.
    #[must_use]
    pub const fn card(&self) -> &Card {
        self.card
    }
}

/// What is to be done with a payment that was authorised.
#[derive(Debug, Clone, Copy)]
pub struct FollowUp<'a> {
    pub(super) key: IdempotencyKey,
    pub(super) amount: u64,
    pub(super) payment: Sought<'a>,
    pub(super) transaction_id: &'a Reference,
}

impl<'a> FollowUp<'a> {
    /// The idempotency key of this act.
    #[must_use]
    pub const fn key(&self) -> IdempotencyKey {
        self.key
    }

    /// How much of it, in minor units.
    #[must_use]
    pub const fn amount(&self) -> u64 {
        self.amount
    }

    /// The payment.
    #[must_use]
    pub const fn payment(&self) -> &Sought<'a> {
        &self.payment
    }

    /// The acquirer's id of it, as far as it can be shown.
    #[must_use]
    pub const fn transaction_id(&self) -> &Reference {
        self.transaction_id
    }
}
