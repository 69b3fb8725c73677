//! The rules of challenges: numbers with their defaults and limits.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::policy::{DAY, MINUTE, seconds, within, within_time};

/// How long the customer may take to answer a challenge by default: five minutes, as the incumbents have
/// it.
pub const CHALLENGE_VALID_FOR: Duration = crate::challenge::token::DEFAULT_CHALLENGE_LIFETIME;
/// The most of it: an hour.
pub const CHALLENGE_LIMIT: Duration = crate::challenge::token::MAX_CHALLENGE_LIFETIME;
/// How long the enterprise may take to confirm an answer by default: a day. Our choice.
pub const CHALLENGE_CONFIRM_WITHIN: Duration = DAY;
/// The longest slot of an appointment by default: four hours. Our choice.
pub const CHALLENGE_MAX_SLOT: Duration = Duration::from_secs(4 * 3600);
/// The longest slot that any policy may allow: a day.
pub const CHALLENGE_MAX_SLOT_LIMIT: Duration = DAY;
/// How far ahead a slot may end by default, which is also the limit: 31 days.
pub const CHALLENGE_MAX_AHEAD: Duration = Duration::from_secs(31 * 24 * 3600);
/// In how many interactions the code or word of an appointment may be shown by default: one. A code that
/// two calls have used was heard twice.
pub const CHALLENGE_PRESENTATIONS: u8 = 1;
/// In how many interactions any policy may allow it.
pub const CHALLENGE_PRESENTATIONS_LIMIT: u8 = 5;
/// How long after the slot the customer may still say whether they recognised the caller, by default: a
/// day.
pub const CHALLENGE_CONCLUDE_WITHIN: Duration = DAY;
/// How many appointments a challenge can have, one after the other. It bounds the size of a record.
pub const CHALLENGE_APPOINTMENTS: usize = 8;
/// Challenges issued to one customer by default: five in ten minutes. Our choice, against push bombing.
pub const CHALLENGES_PER_CUSTOMER: u8 = 5;

/// The rules of challenges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ChallengePolicy {
    /// The longest that the customer may take to answer: 1 minute to [`CHALLENGE_LIMIT`], which is also
    /// the default. A challenge that names no time has [`CHALLENGE_VALID_FOR`], if that is shorter.
    #[serde(with = "seconds")]
    pub max_valid_for: Duration,
    /// How long the enterprise may take to confirm: 1 minute to 7 days.
    #[serde(with = "seconds")]
    pub confirm_within: Duration,
    /// The longest slot: 1 minute to [`CHALLENGE_MAX_SLOT_LIMIT`].
    #[serde(with = "seconds")]
    pub max_slot: Duration,
    /// How far ahead a slot may end: 1 minute to [`CHALLENGE_MAX_AHEAD`].
    #[serde(with = "seconds")]
    pub max_ahead: Duration,
    /// In how many interactions the code or word of an appointment may be shown: 1 to
    /// [`CHALLENGE_PRESENTATIONS_LIMIT`].
    pub presentations: u8,
    /// How long after the slot the customer may still conclude: 0 to 7 days.
    #[serde(with = "seconds")]
    pub conclude_within: Duration,
    /// Challenges issued to one customer within
    /// [`StepUpPolicy::limit_window`](crate::policy::StepUpPolicy::limit_window): 1 to 20.
    pub per_customer: u8,
}

impl Default for ChallengePolicy {
    fn default() -> Self {
        Self {
            max_valid_for: CHALLENGE_LIMIT,
            confirm_within: CHALLENGE_CONFIRM_WITHIN,
            max_slot: CHALLENGE_MAX_SLOT,
            max_ahead: CHALLENGE_MAX_AHEAD,
            presentations: CHALLENGE_PRESENTATIONS,
            conclude_within: CHALLENGE_CONCLUDE_WITHIN,
            per_customer: CHALLENGES_PER_CUSTOMER,
        }
    }
}

impl ChallengePolicy {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let (minute, week) = (MINUTE, DAY.saturating_mul(7));
        let times = [
            ("challenges.max_valid_for", self.max_valid_for, minute, CHALLENGE_LIMIT),
            ("challenges.confirm_within", self.confirm_within, minute, week),
            ("challenges.max_slot", self.max_slot, minute, CHALLENGE_MAX_SLOT_LIMIT),
            ("challenges.max_ahead", self.max_ahead, minute, CHALLENGE_MAX_AHEAD),
            ("challenges.conclude_within", self.conclude_within, Duration::ZERO, week),
        ];
        for (field, value, least, most) in times {
            within_time(field, value, least, most)?;
        }
        let most = CHALLENGE_PRESENTATIONS_LIMIT;
        within("challenges.presentations", self.presentations, 1, most)?;
        within("challenges.per_customer", self.per_customer, 1, 20)
    }
}
