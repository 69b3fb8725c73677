//! What an answer to "can I reach you?" says.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contact::token::status::StatusNonce;
use crate::token::{Purpose, TokenData};
use crate::values::id::SkillId;
use crate::values::interaction::Channel;
use crate::values::secret::silent_serde;

/// The longest validity of an answer: a minute. It is asked for when it is wanted.
pub const MAX_REACHABLE_LIFETIME: Duration = Duration::from_secs(60);

/// How a skill can be reached.
///
/// In JSON `"unknown"`, `"closed"`, `"open"`, or `{"wait":{"seconds":240,"free":false,"age_seconds":12}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Reach {
    /// Nothing was reported lately.
    Unknown,
    /// Nobody serves it now.
    Closed,
    /// It is served now. No more is told: no wait was reported, or so few serve it that a number would speak of single
    /// agents.
    Open,
    /// It is served now, and this is the expected wait.
    Wait {
        /// How long the next customer is expected to wait, as it was reported.
        seconds: u32,
        /// An agent is free.
        free: bool,
        /// How old that report was when the answer was signed.
        age_seconds: u32,
    },
}

silent_serde!(Reach: "how a skill can be reached");

/// A skill over a channel, and how it can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct ReachableSkill {
    /// Which skill.
    pub skill: SkillId,
    /// Over which channel.
    pub channel: Channel,
    /// How it can be reached.
    pub reach: Reach,
}

silent_serde!(ReachableSkill: "a skill and how it can be reached");

/// The answer to one question: what stands in the claim `data` of a token.
///
/// ```json
/// {"nonce":"…","skills":[{"skill":"cards","channel":"voice","reach":"open"}]}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct ReachableData {
    /// What the app drew for its question.
    pub nonce: StatusNonce,
    /// Each skill over each channel once, in the order in which they were first reported.
    pub skills: Vec<ReachableSkill>,
}

silent_serde!(ReachableData: "an answer to a question for reachable agents");

impl ReachableData {
    pub(crate) const fn new(nonce: StatusNonce, skills: Vec<ReachableSkill>) -> Self {
        Self { nonce, skills }
    }

    /// How the skill can be reached over the channel; unknown if the answer does not speak of it.
    pub(crate) fn of(&self, skill: &SkillId, channel: Channel) -> Reach {
        let mut all = self.skills.iter();
        let found = all.find(|one| one.skill == *skill && one.channel == channel);
        found.map_or(Reach::Unknown, |found| found.reach)
    }
}

impl TokenData for ReachableData {
    const PURPOSE: Purpose = Purpose::Reachable;
    const MAX_LIFETIME: Duration = MAX_REACHABLE_LIFETIME;
}
