//! What may be seen of a joint step-up.

use serde::Serialize;

use crate::step_up::view::StepUpStatus;
use crate::values::action::approvable::Approvable;
use crate::values::agent_safe::{Count, agent_safe};
use crate::values::id::JointStepUpId;
use crate::values::time::Timestamp;

/// A joint step-up as an agent's desktop and the back end may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JointStepUp {
    /// Its id.
    pub id: JointStepUpId,
    /// What is to be approved.
    #[serde(flatten)]
    pub what: Approvable,
    /// How far it has come.
    pub status: StepUpStatus,
    /// Until when they may answer.
    pub until: Timestamp,
    /// How many must approve.
    pub needed: Count,
    /// Of how many.
    pub of: Count,
    /// How many approvals the principal's record has heard of. Whether they still count is looked at anew by
    /// [`outcome`](crate::step_up::joint::JointStepUps::outcome) and when it is redeemed.
    pub heard: Count,
}

/// What has become of a joint step-up, as its agent may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JointOutcome {
    /// So many have approved, and their approvals stand; not all who are needed.
    Waiting {
        /// How many.
        approved: Count,
    },
    /// As many as are needed have approved: the back end may redeem it.
    Approved,
    /// One of them declined.
    Declined,
    /// The time ran out.
    Expired,
}

agent_safe!(JointStepUp, JointOutcome);
