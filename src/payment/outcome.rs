//! How a charge ended, in words an agent may hear.

use serde::{Deserialize, Serialize};

use crate::codec::cbor::Malformed;
use crate::codec::table::{numbered, record};
use crate::payment::reference::Reference;
use crate::values::agent_safe::agent_safe;
use crate::values::secret::silent_serde;

/// How a charge ended, or where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum ChargeOutcome {
    /// The acquirer authorised it.
    Authorised {
        /// The card issuer's code for it.
        authorisation_code: Reference,
        /// The acquirer's id of it.
        transaction_id: Reference,
        /// How much was authorised, in minor units: less than was asked for if the issuer approved a part and
        /// the [policy](crate::policy::PaymentPolicy::partial_approvals) takes that; more after an
        /// [increment](crate::Vault::increment).
        amount: u64,
    },
    /// The acquirer declined it for good, or nothing was charged.
    Declined(DeclineReason),
    /// The acquirer declined it, and nothing was charged. The customer may try once more under the same request, with a card
    /// that is sealed anew: don't ask for the payment anew while the request is valid.
    SoftDeclined(DeclineReason),
    /// The customer's bank wants them to authenticate (3-D Secure), and nothing can be charged until they have.
    Authenticating,
    /// It is not known yet whether it was charged. Don't ask for the payment anew: another receipt will
    /// follow.
    Unresolved,
}

silent_serde!(ChargeOutcome: "how a charge ended");

numbered! {
    /// Why nothing was charged, as far as an agent may know.
    ///
    /// A card that was reported lost or stolen, and a suspicion of fraud, are [`Other`](Self::Other): it is
    /// not for an agent, or whoever is on the line, to hear.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[non_exhaustive]
    pub enum DeclineReason {
        /// Not enough money.
        InsufficientFunds = 1,
        /// More than the card allows at once, or in a day.
        LimitExceeded = 2,
        /// The card has expired.
        ExpiredCard = 3,
        /// Number, expiry or verification code are not right.
        WrongDetails = 4,
        /// The card does not serve for this.
        NotPermitted = 5,
        /// The issuer wants the customer to authenticate (PSD2).
        AuthenticationNeeded = 6,
        /// Issuer or acquirer cannot be reached; later it may go through.
        TryLater = 7,
        /// Something went wrong before anything was charged: ask for the payment anew.
        NotCharged = 8,
        /// Anything else: another card may do.
        Other = 9,
        /// The issuer approved a part of it, and that was given up.
        PartlyApproved = 10,
        /// The customer did not authenticate, or not in time.
        NotAuthenticated = 11,
    }
}

silent_serde!(DeclineReason: "why nothing was charged");

agent_safe!(ChargeOutcome, DeclineReason);

impl ChargeOutcome {
    /// Whether money was taken, or is held for it.
    pub(crate) const fn is_authorised(&self) -> bool {
        matches!(self, Self::Authorised { .. })
    }

    /// Whether the acquirer has said how it ended.
    pub(crate) const fn is_final(&self) -> bool {
        matches!(self, Self::Authorised { .. } | Self::Declined(_) | Self::SoftDeclined(_))
    }

    /// Whether this is to stand in the place of `other`: an authorisation outweighs everything, since
    /// money was taken, and a decline for good outweighs what may still change.
    pub(crate) const fn outweighs(&self, other: &Self) -> bool {
        self.weight() > other.weight()
    }

    pub(crate) const fn weight(&self) -> u8 {
        match self {
            Self::Unresolved | Self::Authenticating | Self::SoftDeclined(_) => 0,
            Self::Declined(_) => 1,
            Self::Authorised { .. } => 2,
        }
    }
}

record! {
    ChargeOutcome as outcome {
        let (number, code, id, reason, amount) = match outcome {
            Self::Authorised { authorisation_code, transaction_id, amount } => {
                (1_u8, Some(authorisation_code), Some(transaction_id), None, Some(*amount))
            }
            Self::Declined(reason) => (2, None, None, Some(reason), None),
            Self::Unresolved => (3, None, None, None, None),
            Self::SoftDeclined(reason) => (4, None, None, Some(reason), None),
            Self::Authenticating => (5, None, None, None, None),
        };
        0 => number: u8 = number,
        1 => code: Option<Reference> = code,
        2 => id: Option<Reference> = id,
        3 => reason: Option<DeclineReason> = reason,
        4 => amount: Option<u64> = amount,
    } match (number, code, id, reason) {
        (1, Some(authorisation_code), Some(transaction_id), _) => {
            let amount = amount.ok_or(Malformed)?;
            Ok(Self::Authorised { authorisation_code, transaction_id, amount })
        }
        (2, _, _, Some(reason)) => Ok(Self::Declined(reason)),
        (3, ..) => Ok(Self::Unresolved),
        (4, _, _, Some(reason)) => Ok(Self::SoftDeclined(reason)),
        (5, ..) => Ok(Self::Authenticating),
        _ => Err(Malformed),
    }
}
