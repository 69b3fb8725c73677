//! What may be seen of a challenge.

use serde::Serialize;

use crate::callback::view::Readback;
use crate::challenge::appointment_token::Proof;
use crate::challenge::token::Channels;
use crate::spoken::SpokenCode;
use crate::values::agent_safe::agent_safe;
use crate::values::id::ChallengeId;
use crate::values::interaction::{Assignee, Channel, Direction, LegKind};
use crate::values::text::ShortText;
use crate::values::time::{Timestamp, Window};

/// A challenge as the customer's app, an agent's desktop and the back end may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Challenge {
    /// Its id, which is its token's too.
    pub id: ChallengeId,
    /// Why the enterprise makes contact.
    pub purpose: ShortText,
    /// Where its token may be found.
    pub channels: Channels,
    /// Until when the customer may answer.
    pub until: Timestamp,
    /// How far it has come.
    pub status: ChallengeStatus,
    /// What the customer would like, once answered.
    pub proposal: Option<Proposal>,
    /// What was agreed, once confirmed.
    pub appointment: Option<Appointment>,
    /// In how many interactions the code or word of this appointment was shown.
    pub presentations: u8,
    /// The customer reported the challenge, or a caller who could not have been genuine.
    pub reported: bool,
}

/// What the customer would like. The enterprise decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Proposal {
    /// When.
    pub slot: Option<Window>,
    /// Over which channel.
    pub channel: Option<Channel>,
    /// What else to talk about.
    pub topic: Option<ShortText>,
}

/// What customer and enterprise agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Appointment {
    /// When.
    pub slot: Window,
    /// Over which channel.
    pub channel: Channel,
    /// Who contacts whom.
    pub direction: Direction,
    /// The agent or team that makes contact.
    pub assignee: Assignee,
    /// The name by which they go.
    pub agent_name: ShortText,
    /// How they prove it.
    pub proof: Proof,
    /// Over which line, if it was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg: Option<LegKind>,
}

/// How far a challenge has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChallengeStatus {
    /// The customer has not answered yet.
    Issued,
    /// The customer accepted and may have proposed something.
    Answered,
    /// There is an appointment; nothing was shown to an agent.
    Confirmed,
    /// The code or word was shown to an agent.
    Presented,
    /// The customer recognised the caller.
    Recognised,
    /// The customer did not recognise the caller, although the code or word had been shown.
    NotRecognised,
    /// The customer declined.
    Declined,
    /// The customer reported it.
    Reported,
    /// The enterprise took it back.
    Revoked,
    /// The time ran out.
    Expired,
}

impl ChallengeStatus {
    /// Whether it has ended, so that nothing can be presented any more.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        !matches!(self, Self::Issued | Self::Answered | Self::Confirmed | Self::Presented)
    }
}

agent_safe!(Challenge, Proposal, Appointment, ChallengeStatus);

/// What the agent says to prove that they are genuine. Meant to be shown once; neither form is `Clone` or
/// `Display`, and both print as `[REDACTED]`.
///
/// It serialises as `{"code":{"digits":"…","words":"…"}}` or `{"word":"…"}`.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpokenProof {
    /// The spoken code, for the customer's app to check.
    Code(SpokenCode),
    /// The customer's own word, for the customer to recognise.
    Word(Readback),
}

agent_safe!(SpokenProof);

/// A challenge that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChallengeIssued {
    /// What is seen of it.
    pub challenge: Challenge,
    /// The token to post, for [`Device::open_challenge`](crate::Device::open_challenge).
    pub token: String,
    /// The appointment token, if the slot was fixed from the start: for the customer's app, through its
    /// authenticated session.
    pub appointment: Option<String>,
}

/// A challenge whose slot was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppointmentConfirmed {
    /// What is seen of it.
    pub challenge: Challenge,
    /// The token for the customer's app ([`Device::open_appointment`](crate::Device::open_appointment)),
    /// through its authenticated session.
    pub token: String,
}
