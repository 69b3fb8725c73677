//! Step-ups: the customer approves a transaction during a call. The code goes to the back end and never to
//! the agent.
//!
//! Begin with [`Verifier::step_ups`](crate::Verifier::step_ups); the rules are in the
//! [manual](crate::manual::_06_step_ups).

pub(crate) mod answer;
pub(crate) mod answering;
pub(crate) mod asking;
pub(crate) mod count;
pub(crate) mod decline_rules;
pub(crate) mod delivery;
pub(crate) mod evidence;
pub(crate) mod evidence_check;
pub(crate) mod export;
pub(crate) mod facet;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod forged_joint;
pub mod joint;
pub(crate) mod limit;
pub(crate) mod number_match;
pub(crate) mod prompt_rules;
pub(crate) mod prompting;
pub(crate) mod prompts;
pub(crate) mod redeeming;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod standing;
pub(crate) mod state;
pub(crate) mod statement;
pub(crate) mod step_answer;
pub(crate) mod token;
pub(crate) mod transfer;
pub(crate) mod view;
pub(crate) mod who_rang;

pub use self::answer::SignedAnswer;
pub use self::delivery::{Delivery, TemplateError};
pub use self::evidence::{Evidence, EvidenceData, InvalidEvidence, MAX_EVIDENCE_LIFETIME};
pub use self::evidence_check::{Approver, EvidenceCheck, EvidenceError, VerifiedEvidence};
pub use self::facet::StepUps;
pub use self::number_match::{InvalidMatchDigits, MatchDigits};
pub use self::request::{Redeemed, StepUpRequest, StepUpRequested};
pub use self::step_answer::{GivenAnswer, StepUpAnswer};
pub use self::token::{GrantData, MAX_STEP_UP_LIFETIME, StepUpData};
pub use self::view::{Grant, Prompts, StepUp, StepUpOutcome, StepUpStatus};
pub use self::who_rang::{DeclineReason, WhoRang};
