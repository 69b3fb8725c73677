//! A conversation goes over to another agent: what becomes of what the first one asked.

use crate::engine::rule::{Context, Rule, Ruled, Ruling};
use crate::error::Reason;
use crate::history::event::{Action, EventDraft};
use crate::step_up::state::{HandedOver, StepUpState};
use crate::step_up::view::{StepUp, StepUpStatus};
use crate::values::id::AgentId;
use crate::values::interaction::Interaction;

/// The back end reports that `interaction`, which names the new agent, went over to them from another.
///
/// What the customer has not answered yet names the first agent, so it ends, and is asked anew. What was approved is
/// the new agent's to pass on, and the first one's no more.
pub(crate) struct HandOver<'a> {
    pub(crate) interaction: &'a Interaction,
    pub(crate) from: &'a AgentId,
}

impl HandOver<'_> {
    /// Whether the step-up was asked for on this call, and is the first agent's or the new one's.
    pub(crate) fn is_of(&self, state: &StepUpState) -> bool {
        let holder = state.holder();
        self.is_on_call(state) && (holder == self.from || *holder == self.interaction.agent.id)
    }

    fn is_on_call(&self, state: &StepUpState) -> bool {
        let (terms, call) = (&state.terms, self.interaction);
        terms.interaction == call.id && terms.direction == call.direction
    }
}

impl Rule<StepUpState> for HandOver<'_> {
    type Outcome = StepUp;

    fn note(&self) -> EventDraft {
        // So the history names each agent who took it over.
        EventDraft::by_agent(self.interaction, Action::HandOver)
    }

    fn decide(&self, state: &mut StepUpState, cx: &Context<'_>) -> Ruled<StepUp> {
        if !self.is_on_call(state) {
            return Err(Reason::NotAsApproved.into());
        }
        let to = &self.interaction.agent.id;
        if state.holder() == to {
            return Ok(Ruling::repeated(state.step_up(cx)));
        }
        if state.holder() != self.from {
            return Err(Reason::AgentChanged.into());
        }
        let before = state.handed_over.as_ref().is_some_and(|handed| handed.unanswered);
        let unanswered = before || state.status(cx.now) == StepUpStatus::Requested;
        state.handed_over = Some(HandedOver { to: to.clone(), at: cx.now.stamp(), unanswered });
        Ok(Ruling::done(state.step_up(cx)))
    }
}
