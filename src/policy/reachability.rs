//! The numbers of how agents can be reached.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::policy::{MINUTE, seconds, within, within_time};

/// After how long a report tells nothing any more, by default: a minute. Our choice: contact centres measure every few
/// seconds.
pub const REACHABLE_STALE_AFTER: Duration = MINUTE;
/// For how long an answer counts by default: half a minute. Our choice.
pub const REACHABLE_VALID_FOR: Duration = Duration::from_secs(30);
/// The most of it: a minute.
pub const REACHABLE_LIMIT: Duration = crate::reachability::token::MAX_REACHABLE_LIFETIME;
/// By how many agents a skill is served at least before a number is told, by default: three. Our choice: a wait with one
/// agent tells when that one is free.
pub const REACHABLE_FEWEST_AGENTS: u8 = 3;
/// How many skills, each over each of its channels, can be reported. It bounds the size of a record and of an answer.
pub const REACHABLE_SKILLS: usize = 32;

/// The rules of how agents can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ReachabilityPolicy {
    /// After how long a report tells nothing any more: 5 seconds to 10 minutes.
    #[serde(with = "seconds")]
    pub stale_after: Duration,
    /// For how long an answer counts: 5 seconds to [`REACHABLE_LIMIT`].
    #[serde(with = "seconds")]
    pub answer_valid_for: Duration,
    /// By how many agents a skill is served at least before a number is told: 2 to 100.
    pub fewest_agents: u8,
}

impl Default for ReachabilityPolicy {
    fn default() -> Self {
        Self {
            stale_after: REACHABLE_STALE_AFTER,
            answer_valid_for: REACHABLE_VALID_FOR,
            fewest_agents: REACHABLE_FEWEST_AGENTS,
        }
    }
}

impl ReachabilityPolicy {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let five = Duration::from_secs(5);
        let most = MINUTE.saturating_mul(10);
        within_time("reachability.stale_after", self.stale_after, five, most)?;
        let answer = self.answer_valid_for;
        within_time("reachability.answer_valid_for", answer, five, REACHABLE_LIMIT)?;
        within("reachability.fewest_agents", self.fewest_agents, 2, 100)
    }
}
