//! The rules of the outbox: when news that could not be delivered are tried again.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::policy::{DAY, seconds, within, within_time};

/// How often a piece of news is tried before it is parked, by default: over two hours, with the times below. Our choice.
pub const NEWS_ATTEMPTS: u8 = 20;
/// After how long it is tried again for the first time, by default: five seconds. Our choice.
pub const NEWS_RETRY_AFTER: Duration = Duration::from_secs(5);
/// The longest time between two tries by default: ten minutes. Our choice.
pub const NEWS_RETRY_WITHIN: Duration = Duration::from_secs(600);

/// The rules of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OutboxPolicy {
    /// How often a piece of news is tried before it is parked: 1 to 100.
    pub attempts: u8,
    /// After how long it is tried again for the first time, twice as long each time after that: a second to
    /// a day.
    #[serde(with = "seconds")]
    pub retry_after: Duration,
    /// The longest time between two tries: a second to a day.
    #[serde(with = "seconds")]
    pub retry_within: Duration,
}

impl Default for OutboxPolicy {
    fn default() -> Self {
        Self {
            attempts: NEWS_ATTEMPTS,
            retry_after: NEWS_RETRY_AFTER,
            retry_within: NEWS_RETRY_WITHIN,
        }
    }
}

impl OutboxPolicy {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let second = Duration::from_secs(1);
        within("outbox.attempts", self.attempts, 1, 100)?;
        within_time("outbox.retry_after", self.retry_after, second, DAY)?;
        within_time("outbox.retry_within", self.retry_within, second, DAY)
    }
}
