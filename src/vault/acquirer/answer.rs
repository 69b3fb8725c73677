//! What the acquirer says.

use core::fmt;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::codec::table::numbered;
use crate::payment::outcome::DeclineReason;
use crate::values::time::Timestamp;
use crate::vault::acquirer::challenge::AuthenticationChallenge;

/// What the acquirer said of a payment.
#[derive(PartialEq, Eq)]
#[must_use]
pub struct AcquirerAnswer {
    pub(crate) said: Said,
    pub(crate) transaction_id: Option<Zeroizing<String>>,
    pub(crate) network_transaction_id: Option<Zeroizing<String>>,
    pub(crate) response_code: Option<Zeroizing<String>>,
    pub(crate) avs: Option<AvsResult>,
    pub(crate) code_result: Option<CodeResult>,
}

#[derive(PartialEq, Eq)]
pub(crate) enum Said {
    Approved { authorisation_code: Zeroizing<String>, amount: Option<u64> },
    Declined(DeclineReason),
    SoftDeclined(DeclineReason),
    NotApproved,
    Challenge(AuthenticationChallenge),
    Pending,
}

impl AcquirerAnswer {
    const fn of(said: Said) -> Self {
        let (transaction_id, network_transaction_id, response_code) = (None, None, None);
        let (avs, code_result) = (None, None);
        Self { said, transaction_id, network_transaction_id, response_code, avs, code_result }
    }

    /// Authorised, with the card issuer's code and the acquirer's id. What of them may be shown and kept
    /// is a [`Reference`](crate::payment::Reference); no text is refused. Card numbers are masked there, and verification codes that are
    /// named as such ("cvv 737"). A bare code ("737") is not known from other digits: do not hand one on.
    ///
    /// The id is kept to the letter as well, sealed, for [acts](crate::vault::FollowUp) and
    /// [`find`](crate::vault::Acquirer::find), unless it holds this card's number or code.
    pub fn approved(
        authorisation_code: impl Into<String>,
        transaction_id: impl Into<String>,
    ) -> Self {
        let authorisation_code = Zeroizing::new(authorisation_code.into());
        Self::of(Said::Approved { authorisation_code, amount: None }).transaction_id(transaction_id)
    }

    /// How much was authorised, in minor units: say so whenever the acquirer does. What was asked for, if nothing is said.
    pub fn for_amount(mut self, approved: u64) -> Self {
        if let Said::Approved { amount, .. } = &mut self.said {
            *amount = Some(approved);
        }
        self
    }

    /// Declined for good, and nothing was charged. [`ResponseCode::meaning`](crate::payment::ResponseCode::meaning)
    /// reads the usual codes.
    pub const fn declined(reason: DeclineReason) -> Self {
        Self::of(Said::Declined(reason))
    }

    /// Declined, and nothing was charged, but the customer may try once more with the same card: with the code or the
    /// expiry typed again, or after they authenticated. Never of a code that the schemes forbid to retry.
    pub const fn soft_declined(reason: DeclineReason) -> Self {
        Self::of(Said::SoftDeclined(reason))
    }

    /// Received, and not approved, with a code that nobody understands. The vault undoes what may have been authorised,
    /// and declines it then.
    pub const fn not_approved() -> Self {
        Self::of(Said::NotApproved)
    }

    /// The customer has to authenticate first (3-D Secure). Nothing has been charged, and nothing will be until
    /// [`authorise`](crate::vault::Acquirer::authorise) is called once more with the proof.
    pub const fn challenge(challenge: AuthenticationChallenge) -> Self {
        Self::of(Said::Challenge(challenge))
    }

    /// Received; the acquirer will decide later, and nobody knows when. [`find`](crate::vault::Acquirer::find) brings it to
    /// its end: until it finds an answer, the payment is unresolved, however long that takes.
    pub const fn pending() -> Self {
        Self::of(Said::Pending)
    }

    /// What the acquirer calls the payment: of an answer that is no approval.
    pub fn transaction_id(mut self, id: impl Into<String>) -> Self {
        self.transaction_id = Some(Zeroizing::new(id.into()));
        self
    }

    /// The scheme's id of the transaction, which later payments with the kept card name.
    pub fn network_transaction_id(mut self, id: impl Into<String>) -> Self {
        self.network_transaction_id = Some(Zeroizing::new(id.into()));
        self
    }

    /// The raw response code, for the back end alone.
    pub fn response_code(mut self, code: impl Into<String>) -> Self {
        self.response_code = Some(Zeroizing::new(code.into()));
        self
    }

    /// What the issuer says of the billing address.
    pub const fn avs(mut self, result: AvsResult) -> Self {
        self.avs = Some(result);
        self
    }

    /// What the issuer says of the verification code.
    pub const fn code_result(mut self, result: CodeResult) -> Self {
        self.code_result = Some(result);
        self
    }
}

/// Not the acquirer's texts: nothing is known of what they repeat.
impl fmt::Debug for AcquirerAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.said {
            Said::Approved { amount, .. } => {
                f.debug_struct("AcquirerAnswer").field("approved", amount).finish()
            }
            Said::Declined(reason) => f.debug_tuple("AcquirerAnswer").field(reason).finish(),
            Said::SoftDeclined(reason) => {
                f.debug_struct("AcquirerAnswer").field("soft", reason).finish()
            }
            Said::NotApproved => f.write_str("AcquirerAnswer(not approved)"),
            Said::Challenge(_) => f.write_str("AcquirerAnswer(challenge)"),
            Said::Pending => f.write_str("AcquirerAnswer(pending)"),
        }
    }
}

numbered! {
    /// What the issuer says of the billing address (AVS).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum AvsResult {
        /// Address and postcode are right.
        Match = 1,
        /// The postcode is right, the address is not.
        PostcodeOnly = 2,
        /// The address is right, the postcode is not.
        AddressOnly = 3,
        /// Neither is right.
        NoMatch = 4,
        /// The issuer did not look, or does not say.
        NotChecked = 5,
    }
}

numbered! {
    /// What the issuer says of the verification code.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum CodeResult {
        /// It is right.
        Match = 1,
        /// It is wrong.
        NoMatch = 2,
        /// The issuer did not look, or does not say.
        NotChecked = 3,
    }
}

/// What the acquirer knows of a payment.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// It was asked to authorise it, and this was its answer, or is by now. Never a challenge from an index that lags: say
    /// [`NothingUntil`](Self::NothingUntil) then, since the authorisation that follows it may not be in it yet.
    Answered(AcquirerAnswer),
    /// The same of an index that lags behind: this was its answer to what it was asked until then. A challenge says
    /// nothing of the authorisation that followed.
    AnsweredAsOf(AcquirerAnswer, Timestamp),
    /// Nothing was charged under this key by anything that it was asked before this call.
    Nothing,
    /// The same by anything that it was asked until then: its index lags behind.
    NothingUntil(Timestamp),
    /// It cannot tell.
    Unknown,
}

/// The acquirer did what it was asked to do with a payment.
#[derive(PartialEq, Eq)]
#[must_use]
pub struct ActAnswer {
    pub(crate) id: Zeroizing<String>,
    pub(crate) amount: Option<u64>,
}

impl ActAnswer {
    /// With the acquirer's id of it.
    pub fn done(id: impl Into<String>) -> Self {
        Self { id: Zeroizing::new(id.into()), amount: None }
    }

    /// How much was done, in minor units, if it was less than was asked for.
    pub const fn for_amount(mut self, done: u64) -> Self {
        self.amount = Some(done);
        self
    }
}

/// Not the acquirer's id: it may repeat a card number.
impl fmt::Debug for ActAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActAnswer").field("amount", &self.amount).finish_non_exhaustive()
    }
}

/// What the acquirer knows of a capture, void, refund or increment.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FoundAct {
    /// It was done.
    Done(ActAnswer),
    /// Nothing was done under this key by anything that it was asked before this call.
    Nothing,
    /// The same by anything that it was asked until then: its index lags behind.
    NothingUntil(Timestamp),
    /// It cannot tell.
    Unknown,
}
