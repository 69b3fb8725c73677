//! What the verdict on a ringing call says.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contact::token::status::{MAX_STATUS_LIFETIME, StatusNonce};
use crate::token::{Purpose, TokenData};
use crate::values::phone::PhoneNumber;
use crate::values::secret::silent_serde;

/// Whether the call that rings is the enterprise's. It is no proof, and takes no spoken code's place: a second call
/// with the same spoofed number is not told apart.
///
/// The four are those of Android's bank call verification service, where "not legitimate" hangs up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum CallVerdict {
    /// The enterprise is ringing this customer with this number, and no other question was answered so for the call.
    Legitimate,
    /// The number never calls, or is one of the enterprise's, none of whose systems is ringing this customer.
    NotLegitimate,
    /// The number is the enterprise's, and it cannot be told.
    Undetermined,
    /// The number is none of the enterprise's.
    Unknown,
}

silent_serde!(CallVerdict: "a verdict on a call");

impl CallVerdict {
    /// The name in JSON, for an app in another language: `legitimate`, `not_legitimate`, `undetermined` or
    /// `unknown`. It never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Legitimate => "legitimate",
            Self::NotLegitimate => "not_legitimate",
            Self::Undetermined => "undetermined",
            Self::Unknown => "unknown",
        }
    }
}

/// The answer to one question about a ringing call: what stands in the claim `data` of its token.
///
/// ```json
/// {"nonce":"…","number":"+442071234567","verdict":"legitimate"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct CallVerdictData {
    /// What the app drew for its question.
    pub nonce: StatusNonce,
    /// The number that the phone shows.
    pub number: PhoneNumber,
    /// The answer.
    pub verdict: CallVerdict,
}

silent_serde!(CallVerdictData: "an answer to a question about a call");

impl CallVerdictData {
    pub(crate) const fn new(nonce: StatusNonce, number: PhoneNumber, verdict: CallVerdict) -> Self {
        Self { nonce, number, verdict }
    }
}

impl TokenData for CallVerdictData {
    const PURPOSE: Purpose = Purpose::CallVerdict;
    const MAX_LIFETIME: Duration = MAX_STATUS_LIFETIME;
}
