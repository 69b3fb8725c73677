//! The conversation of a joint step-up goes over to another agent: it ends, and is asked anew in the new one's name.

use crate::engine::rule::{Context, Rule, Ruled, Ruling};
use crate::error::Reason;
use crate::history::event::{Action, EventDraft};
use crate::step_up::joint::state::{JointPhase, JointState};
use crate::values::id::AgentId;
use crate::values::interaction::Interaction;

/// The back end reports that `interaction`, which names the new agent, went over to them from another. Every token names
/// the first one, and so does what was approved.
pub(crate) struct EndJoint<'a> {
    pub(crate) interaction: &'a Interaction,
    pub(crate) from: &'a AgentId,
}

impl EndJoint<'_> {
    /// Whether it is open, and was asked for on this call by the first agent.
    pub(crate) fn is_of(&self, state: &JointState) -> bool {
        let (terms, call) = (&state.terms, self.interaction);
        state.phase == JointPhase::Requested
            && terms.interaction == call.id
            && terms.direction == call.direction
            && terms.agent == *self.from
            && terms.agent != call.agent.id
    }
}

impl Rule<JointState> for EndJoint<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by_agent(self.interaction, Action::HandOver)
    }

    fn decide(&self, state: &mut JointState, cx: &Context<'_>) -> Ruled<()> {
        if !self.is_of(state) || state.has_ended(cx.now, cx.policy) {
            return Err(Reason::Ended.into());
        }
        state.phase = JointPhase::Declined;
        Ok(Ruling::done(()))
    }
}
