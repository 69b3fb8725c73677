//! The payment, as the vault knows it: one card under one request, handed to the acquirer.
//!
//! `Authorising → Authorised | Declined | Unresolved`, `Unresolved → Authorised | Declined`, `Declined →
//! Authorised`. The record is written before the acquirer is asked, so that no crash hides a charge. It is
//! written once more when the enterprise has settled the receipt; until then, sweeps give it again. What is captured,
//! given up or given back is noted likewise, before the acquirer is asked and when it has answered.

mod events;
mod follow_ups;
mod state;

pub(crate) use self::events::{Acknowledge, Begin, Begun, Conclude};
pub(crate) use self::follow_ups::{Act, Answered, Ask, Asked};
pub(crate) use self::state::{ChargeState, Terms};

pub use self::state::{Charge, ChargeStatus};
