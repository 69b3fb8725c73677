//! What step-up and grant tokens say.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::credential::method::Method;
use crate::otp::ocra::Suite;
use crate::signature::key::KeyFingerprint;
use crate::step_up::joint::statement::JointData;
use crate::token::{Purpose, TokenData};
use crate::values::action::approvable::Approvable;
use crate::values::id::{AgentId, CredentialId, InteractionId, StepUpId};
use crate::values::interaction::{Direction, LegKind};
use crate::values::secret::silent_serde;
use crate::values::text::ShortText;

/// The longest validity of a step-up token and of a grant: ten minutes (NIST SP 800-63B-4).
pub const MAX_STEP_UP_LIFETIME: Duration = Duration::from_secs(600);

/// What the customer is asked to approve: what stands in the claim `data` of a step-up token. The
/// token's id is the nonce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct StepUpData {
    /// Which step-up.
    pub step_up: StepUpId,
    /// The credential that is to answer.
    pub credential: CredentialId,
    /// How.
    pub method: Method,
    /// The suite of the fob that the customer types the question into, if a fob is to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<Suite>,
    /// The fingerprint of the public key under which the answer is to be signed, if the method signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyFingerprint>,
    /// The signature counts only together with the PIN's code.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub with_code: bool,
    /// The customer is to type six digits that the agent says.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub number_match: bool,
    /// The customer is asked who rang whom, before anything else is shown.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub who_rang: bool,
    /// In which interaction it was asked for.
    pub interaction: InteractionId,
    /// Who contacted whom.
    pub direction: Direction,
    /// The name by which the agent goes.
    pub agent_name: ShortText,
    /// What is to be approved: the member `transaction` or the member `action`.
    #[serde(flatten)]
    pub what: Approvable,
    /// As which of several approvers, if several are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<JointData>,
    /// What was read of the line. An app that does not know the kind opens no such token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<LegKind>,
}

silent_serde!(StepUpData: "what a step-up asks");

impl TokenData for StepUpData {
    const PURPOSE: Purpose = Purpose::StepUp;
    const MAX_LIFETIME: Duration = MAX_STEP_UP_LIFETIME;
}

/// What was approved: what stands in the claim `data` of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct GrantData {
    /// By which step-up.
    pub step_up: StepUpId,
    /// In which interaction.
    pub interaction: InteractionId,
    /// For which agent.
    pub agent: AgentId,
    /// The agent to whom the conversation went over since, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_over_to: Option<AgentId>,
    /// What was approved: the member `transaction` or the member `action`.
    #[serde(flatten)]
    pub what: Approvable,
}

silent_serde!(GrantData: "what was approved");

impl GrantData {
    pub(crate) const fn new(
        step_up: StepUpId,
        interaction: InteractionId,
        agent: AgentId,
        what: Approvable,
    ) -> Self {
        Self { step_up, interaction, agent, handed_over_to: None, what }
    }

    /// The same, after the conversation went over to another agent.
    pub(crate) fn handed_over_to(mut self, agent: Option<AgentId>) -> Self {
        self.handed_over_to = agent;
        self
    }
}

impl TokenData for GrantData {
    const PURPOSE: Purpose = Purpose::Grant;
    const MAX_LIFETIME: Duration = MAX_STEP_UP_LIFETIME;
}
