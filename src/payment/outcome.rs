//! How a charge ended, in words an agent may hear.

use core::convert::Infallible;

use minicbor::encode::Write;
use serde::{Deserialize, Serialize};

use crate::codec::cbor::{Encode, In, Malformed, Out};
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

/// Why nothing was charged, as far as an agent may know.
///
/// A card that was reported lost or stolen, and a suspicion of fraud, are [`Other`](Self::Other): it is
/// not for an agent, or whoever is on the line, to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum DeclineReason {
    /// Not enough money.
    InsufficientFunds,
    /// More than the card allows at once, or in a day.
    LimitExceeded,
    /// The card has expired.
    ExpiredCard,
    /// Number, expiry or verification code are not right.
    WrongDetails,
    /// The card does not serve for this.
    NotPermitted,
    /// The issuer wants the customer to authenticate (PSD2).
    AuthenticationNeeded,
    /// Issuer or acquirer cannot be reached; later it may go through.
    TryLater,
    /// Something went wrong before anything was charged: ask for the payment anew.
    NotCharged,
    /// Anything else: another card may do.
    Other,
}

silent_serde!(DeclineReason: "why nothing was charged");

agent_safe!(ChargeOutcome, DeclineReason);

impl DeclineReason {
    const ALL: [Self; 9] = [
        Self::InsufficientFunds,
        Self::LimitExceeded,
        Self::ExpiredCard,
        Self::WrongDetails,
        Self::NotPermitted,
        Self::AuthenticationNeeded,
        Self::TryLater,
        Self::NotCharged,
        Self::Other,
    ];

    /// The reason for a response code of ISO 8583 (field 39, two characters), as card schemes use them.
    /// What is not known, or not to be told, is [`Other`](Self::Other).
    ///
    /// ```
    /// use countersign::payment::DeclineReason;
    ///
    /// assert_eq!(DeclineReason::from_response_code("51"), DeclineReason::InsufficientFunds);
    /// assert_eq!(DeclineReason::from_response_code("43"), DeclineReason::Other, "a stolen card");
    /// ```
    #[must_use]
    pub fn from_response_code(code: &str) -> Self {
        match code {
            "51" => Self::InsufficientFunds,
            "61" | "65" => Self::LimitExceeded,
            "33" | "54" => Self::ExpiredCard,
            "14" | "55" | "82" | "N7" => Self::WrongDetails,
            "57" | "58" | "62" => Self::NotPermitted,
            "1A" | "70" => Self::AuthenticationNeeded,
            "19" | "91" | "92" | "96" => Self::TryLater,
            _ => Self::Other,
        }
    }

    /// The number in records. It never changes its meaning.
    const fn number(self) -> u8 {
        match self {
            Self::InsufficientFunds => 1,
            Self::LimitExceeded => 2,
            Self::ExpiredCard => 3,
            Self::WrongDetails => 4,
            Self::NotPermitted => 5,
            Self::AuthenticationNeeded => 6,
            Self::TryLater => 7,
            Self::NotCharged => 8,
            Self::Other => 9,
        }
    }
}

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

    pub(crate) fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut number, mut code, mut id, mut reason) = (None, None, None, None);
        from.map(|key, from| {
            match key {
                0 => number = Some(from.u8()?),
                1 => code = Some(from.parsed()?),
                2 => id = Some(from.parsed()?),
                3 => {
                    let number = from.u8()?;
                    reason = DeclineReason::ALL.into_iter().find(|one| one.number() == number);
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        match number {
            Some(1) => Ok(Self::Authorised {
                authorisation_code: code.ok_or(Malformed)?,
                transaction_id: id.ok_or(Malformed)?,
            }),
            Some(2) => Ok(Self::Declined(reason.ok_or(Malformed)?)),
            Some(3) => Ok(Self::Unresolved),
            _ => Err(Malformed),
        }
    }
}

impl Encode for ChargeOutcome {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        match self {
            Self::Authorised { authorisation_code, transaction_id } => {
                to.map(3);
                to.entry(0, |to| to.u64(1));
                to.entry(1, |to| to.str(authorisation_code.as_str()));
                to.entry(2, |to| to.str(transaction_id.as_str()));
            }
            Self::Declined(reason) => {
                to.map(2);
                to.entry(0, |to| to.u64(2));
                to.entry(3, |to| to.u64(reason.number().into()));
            }
            Self::Unresolved => {
                to.map(1);
                to.entry(0, |to| to.u64(3));
            }
        }
    }
}
