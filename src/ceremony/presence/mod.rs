//! Which interactions with one customer are open, and what the customer is told when they ask.
//!
//! The host's telephony reports each beginning and end. The record lives as long as its customer
//! talks to the enterprise, so it keeps no history: what happens goes to the observer alone.

mod events;
mod state;

pub(crate) use self::events::{Agreed, Ask, CloseIt, OpenIt};
pub(crate) use self::state::PresenceState;

pub use self::state::OpenInteraction;
