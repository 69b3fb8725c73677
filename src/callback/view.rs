//! What may be seen of a callback.

use core::fmt;
use serde::Serialize;
use serde::Serializer;

use crate::callback::secret::CallbackSecret;
use crate::values::agent_safe::agent_safe;
use crate::values::id::{AnswerDigest, CallbackId, CredentialId, SkillId};
use crate::values::interaction::{Assignee, Channel};
use crate::values::secret::SecretText;
use crate::values::time::Window;

/// A callback as the customer's app, an agent's desktop and the back end may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Callback {
    /// Its id.
    pub id: CallbackId,
    /// When the enterprise may ring.
    pub window: Window,
    /// Over which channel.
    pub channel: Channel,
    /// Who may reveal the secret; any agent if `None`.
    pub assignee: Option<Assignee>,
    /// The credential whose words the agent says; `None` if the agent says the secret itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived_with: Option<CredentialId>,
    /// What the customer was told of reachable agents when they booked it, if it was booked from that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_answer: Option<FromAnswer>,
    /// How far it has come.
    pub status: CallbackStatus,
    /// In how many interactions the secret was shown.
    pub reveals: u8,
    /// The customer reported a caller before the secret was shown to anyone, or after the end: an impostor.
    pub reported: bool,
    /// The customer recognised a caller before the secret was shown to anyone: it has leaked, and the
    /// app should ask for another.
    pub leaked: bool,
}

/// The answer about reachable agents from which a callback was booked
/// ([`Reachability::book`](crate::reachability::Reachability::book)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FromAnswer {
    /// What the customer needs an agent for.
    pub skill: SkillId,
    /// Which answer, by content: [`ReachableShown::digest`](crate::device::ReachableShown::digest).
    pub digest: AnswerDigest,
}

/// How far a callback has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CallbackStatus {
    /// Booked; the secret was shown to nobody.
    Booked,
    /// The secret was shown to an agent.
    Revealed,
    /// The customer recognised the caller.
    Recognised,
    /// The customer did not recognise the caller, although the secret had been shown.
    NotRecognised,
    /// Nobody answered.
    NoAnswer,
    /// The customer cancelled it.
    Cancelled,
    /// The time ran out.
    Expired,
}

impl CallbackStatus {
    /// Whether it has ended, so that no secret exists any more.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        !matches!(self, Self::Booked | Self::Revealed)
    }
}

agent_safe!(Callback, CallbackStatus, FromAnswer);

/// The customer's secret, for the agent to read out: "Your secret is anana." Or, if the customer
/// [booked so](crate::callback::BookingRequest::derived_with), the words that the customer's app shows too.
///
/// One of the few values meant to be shown. It serialises as what is said, so that it can be sent to
/// the desktop; it is wiped when dropped, prints as `[REDACTED]`, and is neither `Clone` nor
/// `Display`, so that no log line shows it by accident.
#[derive(PartialEq, Eq)]
pub struct Readback(pub(crate) SecretText);

impl Readback {
    /// What reads `secret` out.
    pub(crate) fn of(secret: &CallbackSecret) -> Self {
        Self(SecretText::copy_of(secret.expose()))
    }

    /// What the agent says.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Readback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Readback([REDACTED])")
    }
}

impl Serialize for Readback {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

agent_safe!(Readback);
