//! What may be seen of a step-up.

use serde::Deserialize;
use serde::Serialize;

use crate::credential::method::Method;
use crate::step_up::joint::statement::JointData;
use crate::values::action::approvable::Approvable;
use crate::values::agent_safe::agent_safe;
use crate::values::id::StepUpId;
use crate::values::secret::silent_serde;
use crate::values::time::Timestamp;

/// A step-up as the customer's app, an agent's desktop and the back end may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StepUp {
    /// Its id.
    pub id: StepUpId,
    /// How the customer is to answer.
    pub method: Method,
    /// What is to be approved.
    #[serde(flatten)]
    pub what: Approvable,
    /// How far it has come.
    pub status: StepUpStatus,
    /// Until when the customer may answer.
    pub until: Timestamp,
    /// As which of several approvers they are asked, if several are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joint: Option<JointData>,
}

/// Whether a customer can be asked, for their app to show and to lift:
/// [`StepUps::prompts`](crate::step_up::StepUps::prompts). Not for agents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Prompts {
    /// Counts holds, stops and how often they were lifted:
    /// [`resume_prompts`](crate::step_up::StepUps::resume_prompts) takes the number of what the customer saw.
    pub number: u32,
    /// Since when prompts are held off, because the customer said of one: not me.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_since: Option<Timestamp>,
    /// Whether prompts have stopped, after so many wrong digits in a row.
    pub stopped: bool,
    /// How often in a row the digits were wrong.
    pub mismatches: u32,
}

/// How far a step-up has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepUpStatus {
    /// The customer has not answered yet.
    Requested,
    /// The customer approved.
    Approved,
    /// The grant was redeemed.
    Redeemed,
    /// The customer declined.
    Declined,
    /// The time ran out.
    Expired,
    /// The conversation went over to another agent before the customer answered: it is asked anew.
    Transferred,
}

agent_safe!(StepUp, StepUpStatus);

/// The signed word that one transaction was approved in one interaction, for the agent's desktop to
/// pass on. It proves nothing by itself:
/// [`StepUps::redeem`](crate::step_up::StepUps::redeem) turns it into [`Redeemed`](crate::step_up::Redeemed), once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Grant {
    pub(crate) step_up: StepUpId,
    pub(crate) token: ShortToken,
}

/// The text of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ShortToken(pub(crate) String);

impl Grant {
    /// By which step-up it was given.
    #[must_use]
    pub const fn step_up(&self) -> StepUpId {
        self.step_up
    }
}

/// What has become of a step-up, as its agent may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepUpOutcome {
    /// The customer has not answered yet.
    Waiting,
    /// The customer approved.
    Approved(Grant),
    /// The customer's credential is locked or gone: this step-up cannot be approved now.
    Refused,
    /// The customer declined.
    Declined,
    /// The time ran out.
    Expired,
    /// It was asked in another agent's name and had no answer when the conversation came over: ask anew.
    Transferred,
}

agent_safe!(Grant, StepUpOutcome);

silent_serde!(Grant: "a grant");
