//! What the customer is told of contacts that are over.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::codec::table::record;
use crate::contact::token::status::{MAX_STATUS_LIFETIME, StatusNonce};
use crate::token::{Purpose, TokenData, wire_time};
use crate::values::interaction::{Channel, Direction, Interaction};
use crate::values::secret::silent_serde;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// A contact of the enterprise with the customer, as it was reported.
///
/// ```json
/// {"agent_name":"Bob from cards","purpose":"About a card payment","channel":"voice","direction":"outbound",
///  "since":"2026-01-31T14:00:00Z","ended":"2026-01-31T14:06:00Z"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct PastContact {
    /// The name by which the agent or the team went, if it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<ShortText>,
    /// Why there was this contact, if it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<ShortText>,
    /// Over which channel.
    pub channel: Channel,
    /// Who contacted whom.
    pub direction: Direction,
    /// When it was reported that it began, or that it will ring.
    #[serde(with = "wire_time")]
    pub since: Timestamp,
    /// When its end was reported. `None`: it goes on, or its end was never reported.
    #[serde(default, with = "wire_time::optional", skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

silent_serde!(PastContact: "a past contact");

record! {
    PastContact {
        0 => agent_name,
        1 => purpose,
        2 => channel,
        3 => direction,
        4 => since,
        5 => ended,
    }
}

impl PastContact {
    /// Of which nothing is known but that it was reported at `since`.
    pub(crate) const fn of(interaction: &Interaction, since: Timestamp) -> Self {
        let Interaction { channel, direction, .. } = interaction;
        let (channel, direction) = (*channel, *direction);
        Self { agent_name: None, purpose: None, channel, direction, since, ended: None }
    }

    /// Whether the enterprise called the customer: by voice or video, from its side.
    #[must_use]
    pub const fn is_call_to_customer(&self) -> bool {
        matches!(self.channel, Channel::Voice | Channel::Video)
            && matches!(self.direction, Direction::Outbound)
    }
}

/// A stretch of time of which every feed has reported all contacts, as far as a customer was named.
///
/// ```json
/// {"from":"2026-01-01T00:00:00Z","until":"2026-01-31T14:00:00Z"}
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct ReportedSpan {
    /// What began at this instant or later is known.
    #[serde(with = "wire_time")]
    pub from: Timestamp,
    /// What began before this instant is known.
    #[serde(with = "wire_time")]
    pub until: Timestamp,
}

silent_serde!(ReportedSpan: "a stretch of time");

/// The answer to one question: what stands in the claim `data` of its token.
///
/// ```json
/// {"nonce":"…","reported":{"from":"2026-01-01T00:00:00Z","until":"2026-01-31T14:00:00Z"}}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct LastContactData {
    /// What the app drew for its question.
    pub nonce: StatusNonce,
    /// In which time all contacts are known. None: reports are missing, nothing is a feed, or a call that is not told may be
    /// this customer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<ReportedSpan>,
    /// The last time that the enterprise called the customer, as far as that is remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_call: Option<PastContact>,
    /// The last contact over whichever channel, whoever began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<PastContact>,
}

silent_serde!(LastContactData: "an answer to a question for the last contact");

impl TokenData for LastContactData {
    const PURPOSE: Purpose = Purpose::LastContact;
    const MAX_LIFETIME: Duration = MAX_STATUS_LIFETIME;
}
