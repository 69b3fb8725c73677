//! Step-ups: the customer approves a transaction during a call. The code goes to the back end and never to
//! the agent.
//!
//! Begin with [`Verifier::step_ups`](crate::Verifier::step_ups); the rules are in the
//! [manual](crate::manual::_06_step_ups).

pub(crate) mod answer;
pub(crate) mod count;
pub(crate) mod delivery;
pub(crate) mod facet;
pub mod joint;
pub(crate) mod limit;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod standing;
pub(crate) mod state;
pub(crate) mod statement;
pub(crate) mod token;
pub(crate) mod view;

pub use self::answer::SignedAnswer;
pub use self::delivery::{Delivery, TemplateError};
pub use self::facet::StepUps;
pub use self::request::{Redeemed, StepUpRequest, StepUpRequested};
pub use self::token::{GrantData, MAX_STEP_UP_LIFETIME, StepUpData};
pub use self::view::{Grant, StepUp, StepUpOutcome, StepUpStatus};
