//! What is under way with the acquirer, other than that it is being asked to authorise.

use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::payment::outcome::{ChargeOutcome, DeclineReason};
use crate::values::time::Timestamp;
use crate::vault::acquirer::challenge::AuthenticationChallenge;

/// It ends by another answer, or by a sweep.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UnderWay {
    /// The customer is to authenticate until then; nothing can be charged before they have.
    Authenticating { challenge: AuthenticationChallenge, until: Timestamp },
    /// What the acquirer may have authorised is being given up; the payment is declined then, for this reason. `approved`: it
    /// said that it authorised so much; otherwise it may have.
    Undoing { why: DeclineReason, approved: Option<u64> },
    /// The acquirer has it, and decides later.
    Pending,
}

/// What it means if the acquirer does not find a payment, or an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfound {
    NotCharged,
    /// It may still be on its way.
    InDoubt,
}

impl Unfound {
    pub(crate) const fn outcome(self) -> ChargeOutcome {
        match self {
            Self::NotCharged => ChargeOutcome::Declined(DeclineReason::NotCharged),
            Self::InDoubt => ChargeOutcome::Unresolved,
        }
    }
}

impl UnderWay {
    pub(crate) fn copy(&self) -> Self {
        match self {
            Self::Authenticating { challenge, until } => {
                Self::Authenticating { challenge: challenge.copy(), until: *until }
            }
            Self::Undoing { why, approved } => Self::Undoing { why: *why, approved: *approved },
            Self::Pending => Self::Pending,
        }
    }
}

record! {
    UnderWay as state {
        let (number, challenge, until, why, approved) = match state {
            Self::Authenticating { challenge, until } => {
                (1_u8, Some(challenge), Some(*until), None, None)
            }
            Self::Undoing { why, approved } => (2, None, None, Some(*why), *approved),
            Self::Pending => (3, None, None, None, None),
        };
        0 => number: u8 = number,
        1 => challenge: Option<AuthenticationChallenge> = challenge,
        2 => until: Option<Timestamp> = until,
        3 => why: Option<DeclineReason> = why,
        4 => approved: Option<u64> = approved,
    } match (number, challenge, until, why) {
        (1, Some(challenge), Some(until), _) => Ok(Self::Authenticating { challenge, until }),
        (2, _, _, Some(why)) => Ok(Self::Undoing { why, approved }),
        (3, ..) => Ok(Self::Pending),
        _ => Err(Malformed),
    }
}
