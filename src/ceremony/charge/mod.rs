//! The payment, as the vault knows it: one card under one request, handed to the acquirer.
//!
//! `Authorising → Authorised | Declined | Unresolved`, `Unresolved → Authorised | Declined`, `Declined →
//! Authorised`. The record is written before the acquirer is asked, so that no crash hides a charge.

mod events;
mod state;

pub(crate) use self::events::{Begin, Begun, Conclude};
pub(crate) use self::state::{ChargeState, Terms};

pub use self::state::{Charge, ChargeStatus};
