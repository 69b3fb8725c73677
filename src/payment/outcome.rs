//! How a charge ended, in words an agent may hear.

use serde::{Deserialize, Serialize};

use crate::codec::cbor::Malformed;
use crate::codec::table::{numbered, record};
use crate::payment::reference::Reference;
use crate::values::agent_safe::agent_safe;
use crate::values::secret::silent_serde;

/// How a charge ended.
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
    },
    /// The acquirer declined it, or nothing was charged.
    Declined(DeclineReason),
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
    }
}

silent_serde!(DeclineReason: "why nothing was charged");

agent_safe!(ChargeOutcome, DeclineReason);

impl ChargeOutcome {
    /// Whether this is to stand in the place of `other`: an authorisation outweighs everything, since
    /// money was taken, and any answer outweighs none.
    pub(crate) const fn outweighs(&self, other: &Self) -> bool {
        self.weight() > other.weight()
    }

    const fn weight(&self) -> u8 {
        match self {
            Self::Unresolved => 0,
            Self::Declined(_) => 1,
            Self::Authorised { .. } => 2,
        }
    }
}

record! {
    ChargeOutcome as outcome {
        let (number, code, id, reason) = match outcome {
            Self::Authorised { authorisation_code, transaction_id } => {
                (1_u8, Some(authorisation_code), Some(transaction_id), None)
            }
            Self::Declined(reason) => (2, None, None, Some(reason)),
            Self::Unresolved => (3, None, None, None),
        };
        0 => number: u8 = number,
        1 => code: Option<Reference> = code,
        2 => id: Option<Reference> = id,
        3 => reason: Option<DeclineReason> = reason,
    } match (number, code, id, reason) {
        (1, Some(authorisation_code), Some(transaction_id), _) => {
            Ok(Self::Authorised { authorisation_code, transaction_id })
        }
        (2, _, _, Some(reason)) => Ok(Self::Declined(reason)),
        (3, ..) => Ok(Self::Unresolved),
        _ => Err(Malformed),
    }
}
