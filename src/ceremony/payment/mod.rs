//! The payment, as the enterprise knows it: asked for by an agent, settled by the vault's receipt.
//!
//! `Requested → Authorised | Declined | Unresolved`, `Unresolved → Authorised | Declined`, `Declined →
//! Authorised`; `Expired` only from `Requested`. Receipts may come in any order: of two the later in
//! this order stands.

mod events;
mod outcome;
mod reference;
mod state;
mod values;

pub(crate) use self::events::{KeepCardToken, RequestIt, Settle};
pub(crate) use self::state::{PaymentState, Terms};

pub use self::outcome::{ChargeOutcome, DeclineReason};
pub use self::reference::{InvalidReference, Reference};
pub use self::state::{Payment, PaymentStatus};
pub use self::values::{PaymentOutcome, PaymentRequest, PaymentRequested, Receipt};
