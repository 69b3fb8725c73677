//! The acquirer, as the host connects it.

pub(crate) mod answer;
pub(crate) mod asked;
pub(crate) mod challenge;
pub(crate) mod raw;

use core::time::Duration;

use crate::values::time::Timestamp;

pub use self::answer::{AcquirerAnswer, ActAnswer, AvsResult, CodeResult, Found, FoundAct};
pub use self::asked::{Authorisation, FollowUp, Resumption, Sought};
pub use self::challenge::{
    Authenticated, AuthenticationChallenge, AuthenticationProof, ChallengeFlow,
};

/// The host's connection to its acquirer or payment service provider.
///
/// **Time-outs are the host's.** A call that has not ended within eleven twelfths of
/// [`PaymentPolicy::authorise_within`](crate::policy::PaymentPolicy::authorise_within) (110 seconds by
/// default; the first twelfth is for the vault to ask) must end with
/// [`AcquirerError`], and nothing may be charged for it any later: from then on the vault takes
/// "nothing found" for "not charged". (If the acquirer itself answers that it will decide later, say
/// [`AcquirerAnswer::pending`]: that may take as long as it takes.)
///
/// The vault charges at most once, whatever the acquirer does, as long as one of these holds: it honours
/// idempotency keys ([`honours_keys`](Self::honours_keys)), it answers [`find`](Self::find), or nothing
/// ever goes wrong. An acquirer that does neither leaves a payment
/// [`Unresolved`](crate::payment::ChargeOutcome::Unresolved) whenever an answer was lost; it is never charged
/// again.
///
/// ```
/// use countersign::vault::{
///     Acquirer, AcquirerAnswer, AcquirerError, Authorisation, Found, KeysHonoured, Sought,
/// };
/// use std::time::Duration;
///
/// struct Psp;
///
/// impl Acquirer for Psp {
///     fn honours_keys(&self) -> KeysHonoured {
///         KeysHonoured::For(Duration::from_secs(24 * 3600))
///     }
///
///     async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
///         // The idempotency key of this call, and the reference under which the payment is found again.
///         let _named = (of.key(), of.payment().key());
///         let _asked = (of.payment().transaction().amount, of.card().pan().expose());
///         // … send it, and wait for the answer, but not for long.
///         Ok(AcquirerAnswer::approved("A1B2C3", "txn-1").for_amount(4_200))
///     }
///
///     async fn find(&self, payment: &Sought<'_>) -> Result<Found, AcquirerError> {
///         let _ = payment.key();
///         Ok(Found::Nothing)
///     }
/// }
/// ```
pub trait Acquirer: Send + Sync {
    /// For how long a repeated [`authorise`](Self::authorise) with the same [key](Authorisation::key) and card never
    /// charges twice, and gives the first answer again, counted from the first call.
    /// [`KeysHonoured::Never`] unless the acquirer promises it.
    fn honours_keys(&self) -> KeysHonoured {
        KeysHonoured::Never
    }

    /// The same of [`capture`](Self::capture), [`void`](Self::void), [`refund`](Self::refund) and
    /// [`increment`](Self::increment). [`KeysHonoured::Never`] unless the acquirer promises it.
    fn honours_act_keys(&self) -> KeysHonoured {
        KeysHonoured::Never
    }

    /// Asks for an authorisation, under the call's idempotency key.
    ///
    /// # Errors
    ///
    /// [`AcquirerError`] if it is not known whether the card was charged.
    fn authorise(
        &self,
        of: &Authorisation<'_>,
    ) -> impl Future<Output = Result<AcquirerAnswer, AcquirerError>> + Send;

    /// Looks for what became of a payment, under its [key](Sought::key). [`Found::Unknown`] where the acquirer has no such
    /// call.
    ///
    /// # Errors
    ///
    /// [`AcquirerError`] if it does not answer.
    fn find(
        &self,
        payment: &Sought<'_>,
    ) -> impl Future<Output = Result<Found, AcquirerError>> + Send;

    /// Asks the acquirer, or the 3-D Secure server, what came of a [challenge](AcquirerAnswer::challenge). What the
    /// device says of it ([`Resumption::hint`]) proves nothing: a browser can be made to say anything. After
    /// [`Authenticated::Passed`] the vault calls [`authorise`](Self::authorise) once more, with the proof; nothing may be
    /// charged before.
    ///
    /// # Errors
    ///
    /// [`AcquirerError::Unsupported`] unless the host implements it; [`AcquirerError::InDoubt`] if there is no answer.
    fn authenticated(
        &self,
        of: &Resumption<'_>,
    ) -> impl Future<Output = Result<Authenticated, AcquirerError>> + Send {
        let _ = of;
        async { Err(AcquirerError::Unsupported) }
    }

    /// Undoes whatever may have been authorised under a payment's [key](Sought::key), and whatever waits there for a
    /// customer to authenticate: a reversal (ISO 8583 0400), a cancellation. It can be asked for more than once, also
    /// if there is nothing to undo. Where it is not offered, the vault has what it knows to be approved
    /// [voided](Self::void); what is neither reversed nor voided stays held, and is
    /// [told](crate::vault::Reconciled::in_doubt).
    ///
    /// # Errors
    ///
    /// [`AcquirerError::Unsupported`] unless the host implements it; [`AcquirerError::InDoubt`] if it is not known
    /// whether it was done; [`AcquirerError::Refused`] if it was not done.
    fn reverse(
        &self,
        payment: &Sought<'_>,
    ) -> impl Future<Output = Result<(), AcquirerError>> + Send {
        let _ = payment;
        async { Err(AcquirerError::Unsupported) }
    }

    /// Takes the money that was authorised, or a part of it.
    ///
    /// # Errors
    ///
    /// [`AcquirerError::Unsupported`] unless the host implements it; [`AcquirerError::Refused`] if the acquirer said
    /// that it was not done and will not be; [`AcquirerError::InDoubt`] if it is not known whether it was done.
    fn capture(
        &self,
        of: &FollowUp<'_>,
    ) -> impl Future<Output = Result<ActAnswer, AcquirerError>> + Send {
        let _ = of;
        async { Err(AcquirerError::Unsupported) }
    }

    /// Gives up what was authorised and not captured. The vault asks for it by itself, too, for what it does not take; the
    /// payment is then named by [`Sought::key`] and the id of that very approval.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    fn void(
        &self,
        of: &FollowUp<'_>,
    ) -> impl Future<Output = Result<ActAnswer, AcquirerError>> + Send {
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
    ) -> impl Future<Output = Result<ActAnswer, AcquirerError>> + Send {
        let _ = of;
        async { Err(AcquirerError::Unsupported) }
    }

    /// Authorises more of a payment: [`FollowUp::amount`] on top of what was authorised.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    fn increment(
        &self,
        of: &FollowUp<'_>,
    ) -> impl Future<Output = Result<ActAnswer, AcquirerError>> + Send {
        let _ = of;
        async { Err(AcquirerError::Unsupported) }
    }

    /// Looks for what became of a capture, void, refund or increment, under its [key](FollowUp::key).
    ///
    /// # Errors
    ///
    /// [`AcquirerError`] if it does not answer.
    fn find_act(
        &self,
        of: &FollowUp<'_>,
    ) -> impl Future<Output = Result<FoundAct, AcquirerError>> + Send {
        let _ = of;
        async { Ok(FoundAct::Unknown) }
    }
}

/// For how long an acquirer knows an idempotency key again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KeysHonoured {
    /// Not at all, or it does not promise so.
    #[default]
    Never,
    /// For so long after the key was used first. (Many promise 24 hours.)
    For(Duration),
    /// For as long as the vault keeps the payment.
    Always,
}

impl KeysHonoured {
    /// Whether a key that was used at `first` is still known at `at`, though clocks differ by `leeway`.
    pub(crate) fn covers(self, first: Timestamp, at: Timestamp, leeway: Duration) -> bool {
        match self {
            Self::Never => false,
            Self::For(time) => at.after(leeway) < first.after(time),
            Self::Always => true,
        }
    }

    /// Whether a key that was used at `first` is surely forgotten at `at`, so that it is as good as a new one. Until then its
    /// time goes on from the first call.
    pub(crate) fn has_forgotten(self, first: Timestamp, at: Timestamp, leeway: Duration) -> bool {
        match self {
            Self::Never => true,
            Self::For(time) => first.after(time).after(leeway) <= at,
            Self::Always => false,
        }
    }
}

/// The acquirer did not do what it was asked to, or did not say whether it did. It carries nothing of the acquirer's own error, which might repeat what
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
