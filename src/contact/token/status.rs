//! What a call status says.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::crypto::random::{Random, RandomError};
use crate::token::base64url::text_in_base64url;
use crate::token::{Purpose, TokenData, wire_time};
use crate::values::interaction::{Channel, Direction};
use crate::values::secret::silent_serde;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// The longest validity of a call status: half a minute. It is asked for when it is wanted.
pub const MAX_STATUS_LIFETIME: Duration = Duration::from_secs(30);

/// What the app draws for each question, so that no answer to another one fits: 16 random bytes, 22
/// characters of base64url in text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusNonce([u8; 16]);

impl StatusNonce {
    /// A fresh one.
    ///
    /// # Errors
    ///
    /// [`RandomError`] if the source failed.
    pub fn draw(random: &impl Random) -> Result<Self, RandomError> {
        let mut bytes = [0; 16];
        random.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The nonce of these bytes, as the app sent them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

text_in_base64url!(StatusNonce: "a nonce as text");

/// Whether the enterprise is talking to the customer. None of these proves that whoever is on the
/// customer's line is the enterprise.
///
/// In JSON `"not_us"`, `"scheduled"`, `"calling"`, `"undetermined"`, or
/// `{"talking_to_you":{"channel":"voice","direction":"inbound","since":"2026-01-31T14:00:00Z"}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Status {
    /// No interaction is open, and none is agreed. Said only while every feed's watermark is fresh.
    NotUs,
    /// No interaction is open; one is agreed for now or later. The same holds of it.
    Scheduled,
    /// The enterprise opened an interaction and has not proved itself in it. Ask for the code: the
    /// call that exists need not be the one on which the customer is.
    Calling,
    /// An interaction is open which was started in the customer's name, or in which the customer
    /// recognised the agent.
    TalkingToYou {
        /// Over which channel.
        channel: Channel,
        /// Who contacted whom. [`Direction::Inbound`]: if the customer did not, somebody else did.
        direction: Direction,
        /// Since when, as it was reported.
        #[serde(with = "wire_time")]
        since: Timestamp,
    },
    /// No interaction is known to be open, and reports may be missing: it cannot be told.
    Undetermined,
}

silent_serde!(Status: "a call status");

/// The conversation that an answer is about: who is on it for the enterprise, and why.
///
/// ```json
/// {"agent_name":"Bob from cards","purpose":"About a card payment","channel":"voice","direction":"outbound",
///  "since":"2026-01-31T14:00:00Z"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct OnTheLine {
    /// The name by which the agent or the team goes, if it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<ShortText>,
    /// Why there is this conversation, if it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<ShortText>,
    /// Over which channel.
    pub channel: Channel,
    /// Who contacted whom.
    pub direction: Direction,
    /// Since when, as it was reported.
    #[serde(with = "wire_time")]
    pub since: Timestamp,
}

silent_serde!(OnTheLine: "a conversation");

/// The answer to one question: what stands in the claim `data` of a status token.
///
/// ```json
/// {"nonce":"…","status":"calling"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct StatusData {
    /// What the app drew for its question.
    pub nonce: StatusNonce,
    /// The answer.
    pub status: Status,
    /// The conversation that it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<OnTheLine>,
}

silent_serde!(StatusData: "an answer to a question for the status");

impl StatusData {
    pub(crate) const fn new(nonce: StatusNonce, status: Status, call: Option<OnTheLine>) -> Self {
        Self { nonce, status, call }
    }
}

impl TokenData for StatusData {
    const PURPOSE: Purpose = Purpose::Status;
    const MAX_LIFETIME: Duration = MAX_STATUS_LIFETIME;
}
