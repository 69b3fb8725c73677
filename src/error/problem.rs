//! What to answer over HTTP: a status code, and a problem (RFC 9457), one that an agent's desktop may see and one
//! that says more.

use serde::Serialize;

use crate::error::{Error, Invalid};
use crate::token::SignerError;
use crate::values::agent_safe::agent_safe;
use crate::values::time::Timestamp;

/// A problem as RFC 9457 has it, without anything that an agent must not see: why something was refused, and
/// what failed inside, is not in it.
///
/// ```
/// use countersign::error::{Error, Refused};
///
/// let problem = Error::from(Refused::new()).problem();
/// assert_eq!(
///     serde_json::to_string(&problem)?,
///     r#"{"type":"about:blank","title":"Refused","status":403,"code":"refused"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// `about:blank`: the status code says it all, and `code` the rest.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// For people, in English; the same for each `code`.
    pub title: &'static str,
    /// The HTTP status code.
    pub status: u16,
    /// For programs: `refused`, `invalid`, `busy`, `unavailable` or `internal`. It never changes its meaning.
    pub code: &'static str,
    /// What to mend in the request, if that is what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Invalid>,
}

agent_safe!(Problem);

/// The status code of a rate limit (RFC 6585, section 4).
const TOO_MANY_REQUESTS: u16 = 429;

/// A problem as the back end and the customer's own session may have it: it tells a rate limit from a refusal.
/// It is not [`AgentSafe`](crate::AgentSafe), so it does not go to a desktop:
///
/// ```compile_fail,E0277
/// use countersign::Error;
/// use countersign::agent_safe::ForDesktop;
///
/// fn answer(error: &Error) {
///     let _screen = ForDesktop::new().with("problem", error.problem_for_customer());
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CustomerProblem {
    /// `about:blank`: the status code says it all, and `code` the rest.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// For people, in English; the same for each `code`.
    pub title: &'static str,
    /// The HTTP status code.
    pub status: u16,
    /// For programs: as in [`Problem::code`], or `too_many_requests`. It never changes its meaning.
    pub code: &'static str,
    /// What to mend in the request, if that is what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Invalid>,
    /// From when on to try again, of a rate limit: see [`Error::retry_at`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
}

impl Error {
    /// The HTTP status code that fits, for a desktop too: 403 for every refusal, 422 for a request to mend, 503
    /// if trying again may help, 500 if not, and 502 if the acquirer failed. That something was asked for too
    /// often the customer's own session learns from [`problem_for_customer`](Self::problem_for_customer).
    #[must_use]
    pub const fn status_code(&self) -> u16 {
        match self {
            Self::Refused(_) => 403,
            Self::Invalid(_) => 422,
            Self::Signer(SignerError::WrongSignature) => 500,
            Self::Signer(_)
            | Self::Judge(_)
            | Self::Busy
            | Self::Store(_)
            | Self::Random(_)
            | Self::Clock(_) => 503,
            Self::Record(_) | Self::Config(_) | Self::Internal => 500,
            #[cfg(feature = "cards")]
            Self::Acquirer(_) => 502,
        }
    }

    /// The same as a problem, for a desktop too. What failed inside is for the host's log: see
    /// [`source`](std::error::Error::source).
    #[must_use]
    pub fn problem(&self) -> Problem {
        let status = self.status_code();
        let (code, title) = match self {
            Self::Refused(_) => ("refused", "Refused"),
            Self::Invalid(_) => ("invalid", "The request needs mending"),
            Self::Busy => ("busy", "Busy, try again"),
            _ if status == 503 || status == 502 => ("unavailable", "Unavailable, try again later"),
            _ => ("internal", "Something is wrong on our side"),
        };
        let detail = if let Self::Invalid(invalid) = self { Some(*invalid) } else { None };
        Problem { kind: "about:blank", title, status, code, detail }
    }

    /// The same for the back end and the customer's own session, which are told of a rate limit, and when to try
    /// again.
    #[must_use]
    pub fn problem_for_customer(&self) -> CustomerProblem {
        let Problem { kind, title, status, code, detail } = self.problem();
        let retry_at = self.retry_at();
        let (title, status, code) = match retry_at {
            Some(_) => ("Asked for too often lately", TOO_MANY_REQUESTS, "too_many_requests"),
            None => (title, status, code),
        };
        CustomerProblem { kind, title, status, code, detail, retry_at }
    }
}
