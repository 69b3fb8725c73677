//! Step-ups that need several customers: n of a set, each with a token and an answer of their own.
//!
//! Begin with [`Verifier::joint_step_ups`](crate::Verifier::joint_step_ups); the rules are in the
//! [manual](crate::manual::_12_approvers).

pub(crate) mod facet;
pub(crate) mod mandate;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod statement;
pub(crate) mod transfer;
pub(crate) mod view;
pub(crate) mod votes;

pub use self::facet::JointStepUps;
pub use self::mandate::{CoApprover, InvalidApprovers, MAX_APPROVERS, Mandate};
pub use self::request::{
    JointStepUpRequest, JointStepUpRequested, JointToken, JointlyRedeemed, RedeemedVote,
};
pub use self::statement::{ApproversDigest, InvalidApproversDigest, JointData};
pub use self::view::{JointOutcome, JointStepUp};
