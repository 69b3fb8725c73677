//! The mid-call step-up: the customer approves one transaction in the app, the agent gets a grant.
//!
//! `Requested → Approved → Redeemed`, or `Declined`, `Expired`.

mod events;
mod limit;
mod state;
mod statement;
mod values;

pub(crate) use self::events::{Approve, Checked, Decline, Deliver, Redeem, RequestIt};
pub(crate) use self::limit::{Count, LimitState};
pub(crate) use self::state::{Phase, StepUpState, Terms};
pub(crate) use self::statement::Statement;
pub(crate) use self::values::ShortToken;

pub use self::state::{StepUp, StepUpStatus};
pub use self::values::{Delivery, Grant, Redeemed, StepUpOutcome, StepUpRequest, StepUpRequested};
