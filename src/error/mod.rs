//! Errors, by who must act: nobody (refused), the caller (invalid), the host's operators (store, keys,
//! clock, randomness), or the developer (configuration).
//!
//! The table of [stores and failures](crate::manual::_23_stores#what-a-call-does) says what to do about each.

mod config;
mod invalid;
mod problem;
mod reason;
mod record;

pub use self::config::ConfigError;
pub use self::invalid::Invalid;
pub use self::problem::{CustomerProblem, Problem};
pub use self::reason::Reason;
pub use self::record::RecordError;

use core::fmt;
use core::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

use crate::crypto::random::RandomError;
use crate::store::StoreError;
use crate::token::SignerError;
use crate::values::agent_safe::agent_safe;
use crate::values::time::{ClockError, Timestamp};

/// Why an operation gave no result.
///
/// Only [`Error::Refused`] is a decision. Every other variant means that nothing was decided: it is
/// never a pass and never a "wrong code". No message repeats what a customer or agent typed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rules say no. The reason is in the history and went to the observer; [`retry_at`](Self::retry_at) says
    /// when it is a rate limit.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The request cannot be carried out as it is; nothing was stored. The message says what to
    /// mend.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Too many others were changing the same record. Nothing was changed; try again.
    #[error("too many others are changing this record; try again")]
    Busy,
    /// The store failed. The change may or may not have been written; repeating the call gives the
    /// result.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// A stored record cannot be opened: it was damaged, moved, or its root key is missing.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The source of randomness failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The clock cannot tell the time.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The signer of the host's gave no signature, so there is no token. Repeating the call gives it.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The host's judge of attestations failed. Nothing was bound.
    #[error("the judge of attestations failed")]
    Judge(#[source] Box<dyn core::error::Error + Send + Sync>),
    /// The verifier was set up wrongly.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What cannot happen has: a token could not be signed. The clock shows a time at the very end of the year
    /// 9999, or the store showed a record whose time is over. The fault is none of the request's; look at
    /// those two, and report it if both are right.
    #[error("this should not have happened: look at the clock and the store")]
    Internal,
    /// The acquirer did not do what a vault asked of it, or did not say whether it did.
    #[cfg(feature = "cards")]
    #[error(transparent)]
    Acquirer(#[from] crate::vault::AcquirerError),
}

impl Error {
    /// From when on the same may be asked again, if it was refused because so much was asked for lately: then it is
    /// allowed, unless others have asked meanwhile, and a second before it is not. `None` of everything else.
    ///
    /// For the back end and the customer's own session: a desktop must not learn which refusal this is.
    ///
    /// ```
    /// use countersign::error::{Error, Refused};
    ///
    /// assert_eq!(Error::from(Refused::new()).retry_at(), None);
    /// ```
    #[must_use]
    pub const fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::Refused(refused) => refused.retry_at,
            _ => None,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The rules say no.
///
/// It has one form whatever the reason (PSD2 RTS Art. 4(3)(a)), safe for an agent or a caller to
/// hear: an unknown id, another customer's id, the wrong time or the wrong agent all read alike. All are equal,
/// too. When it is no for now alone, [`Error::retry_at`] tells the back end, and no refusal tells a desktop.
#[derive(Clone, Copy, thiserror::Error)]
#[error("refused")]
#[non_exhaustive]
pub struct Refused {
    /// Of a rate limit: from when on there is room.
    retry_at: Option<Timestamp>,
}

impl Refused {
    /// A refusal of the host's own, which reads like every other.
    #[must_use]
    pub const fn new() -> Self {
        Self { retry_at: None }
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refused")
    }
}

impl PartialEq for Refused {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Refused {}

impl Hash for Refused {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Default for Refused {
    fn default() -> Self {
        Self::new()
    }
}

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("refused")
    }
}

agent_safe!(Refused);

/// Inside the crate: the rules say no, and why (the caller gets the bare [`Refused`]), or the
/// request needs mending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Denied(Reason),
    /// Asked for too often lately; there is room again from then on.
    Limited(Timestamp),
    Invalid(Invalid),
}

impl Failure {
    /// What the history says and the observer hears. What is to be mended is no refusal.
    pub(crate) const fn reason(self) -> Option<Reason> {
        match self {
            Self::Denied(reason) => Some(reason),
            Self::Limited(_) => Some(Reason::TooManyRequests),
            Self::Invalid(_) => None,
        }
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::Denied(reason)
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Denied(_) => Self::Refused(Refused::new()),
            Failure::Limited(at) => Self::Refused(Refused { retry_at: Some(at) }),
            Failure::Invalid(invalid) => Self::Invalid(invalid),
        }
    }
}

/// What was made for a rule to note, or why there is nothing.
pub(crate) type Made<T> = Result<T, Failure>;

/// Why nothing was made: the rule is to say so, or nothing can be said at all.
pub(crate) enum Stop {
    Failure(Failure),
    Error(Error),
}

impl Stop {
    /// Takes apart what a rule is to say and what ends the call here.
    pub(crate) fn made<T>(tried: Result<T, Self>) -> Result<Made<T>, Error> {
        match tried {
            Ok(made) => Ok(Ok(made)),
            Err(Self::Failure(failure)) => Ok(Err(failure)),
            Err(Self::Error(error)) => Err(error),
        }
    }
}

impl<F: Into<Failure>> From<F> for Stop {
    fn from(failure: F) -> Self {
        Self::Failure(failure.into())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(invalid) => Self::Failure(invalid.into()),
            error => Self::Error(error),
        }
    }
}
