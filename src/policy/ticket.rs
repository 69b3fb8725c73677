//! The rules of tickets: numbers with their defaults and limits.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::policy::{DAY, MINUTE, seconds, within, within_time};

/// For how long a ticket counts by default: three minutes. Our choice.
pub const TICKET_VALID_FOR: Duration = Duration::from_secs(180);
/// The most of it: ten minutes.
pub const TICKET_VALID_FOR_LIMIT: Duration = Duration::from_secs(600);
/// How many tickets a customer may have at a time by default: three. Our choice.
pub const TICKETS_PER_CUSTOMER: u8 = 3;
/// How often digits may be tried on one call by default: twice. Our choice.
pub const TICKET_TRIES_PER_CALL: u8 = 2;
/// How many wrong ones may come from one number within the window by default: ten. Our choice; calls that show no number
/// count as one.
pub const TICKET_TRIES_PER_NUMBER: u8 = 10;
/// How many wrong ones may come in all within the window by default: 500. Our choice: with 20 000 live tickets, ten minutes of
/// guesses then find one with a chance of 10⁻⁹.
pub const TICKET_TRIES_IN_ALL: u32 = 500;
/// The most of it: with as many live tickets, a chance of 10⁻⁷.
pub const TICKET_TRIES_IN_ALL_LIMIT: u32 = 50_000;
/// The stretch of time in which they are counted by default: ten minutes.
pub const TICKET_LIMIT_WINDOW: Duration = Duration::from_secs(600);

/// The rules of tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TicketPolicy {
    /// For how long one counts: 30 seconds to [`TICKET_VALID_FOR_LIMIT`].
    #[serde(with = "seconds")]
    pub valid_for: Duration,
    /// How many a customer may have at a time: 1 to 10.
    pub per_customer: u8,
    /// How often digits may be tried on one call: 1 to 5.
    pub tries_per_call: u8,
    /// How many wrong ones may come from one number: 1 to 100.
    pub tries_per_number: u8,
    /// How many wrong ones may come in all: 1 to [`TICKET_TRIES_IN_ALL_LIMIT`]. When it is reached, dialled tickets are
    /// unknown until the window is over; those in headers go on.
    pub tries_in_all: u32,
    /// The stretch of time in which they are counted: 1 minute to a day.
    #[serde(with = "seconds")]
    pub limit_window: Duration,
}

impl Default for TicketPolicy {
    fn default() -> Self {
        Self {
            valid_for: TICKET_VALID_FOR,
            per_customer: TICKETS_PER_CUSTOMER,
            tries_per_call: TICKET_TRIES_PER_CALL,
            tries_per_number: TICKET_TRIES_PER_NUMBER,
            tries_in_all: TICKET_TRIES_IN_ALL,
            limit_window: TICKET_LIMIT_WINDOW,
        }
    }
}

impl TicketPolicy {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let half = Duration::from_secs(30);
        within_time("tickets.valid_for", self.valid_for, half, TICKET_VALID_FOR_LIMIT)?;
        within("tickets.per_customer", self.per_customer, 1, 10)?;
        within("tickets.tries_per_call", self.tries_per_call, 1, 5)?;
        within("tickets.tries_per_number", self.tries_per_number, 1, 100)?;
        if !(1..=TICKET_TRIES_IN_ALL_LIMIT).contains(&self.tries_in_all) {
            let (field, most) = ("tickets.tries_in_all", TICKET_TRIES_IN_ALL_LIMIT.into());
            return Err(ConfigError::OutOfRange { field, least: 1, most });
        }
        within_time("tickets.limit_window", self.limit_window, MINUTE, DAY)
    }
}
