//! What to answer over HTTP: a status code, and a problem (RFC 9457) that an agent's desktop may see.

use serde::Serialize;

use crate::error::{Error, Invalid};
use crate::values::agent_safe::agent_safe;

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

impl Error {
    /// The HTTP status code that fits: 403 for a refusal, 422 for a request to mend, 503 if trying again may
    /// help, 500 if not, 502 if the acquirer failed.
    #[must_use]
    pub const fn status_code(&self) -> u16 {
        match self {
            Self::Refused(_) => 403,
            Self::Invalid(_) => 422,
            Self::Busy | Self::Store(_) | Self::Random(_) | Self::Clock(_) => 503,
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
}
