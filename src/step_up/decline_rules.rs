//! How a step-up ends without an approval: the customer declines, says "not me" of it or of another one, or types wrong
//! digits too often.

use crate::engine::rule::{Context, Rule, Ruled, Ruling};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft};
use crate::step_up::state::{Phase, StepUpState, Terms};
use crate::step_up::view::{StepUp, StepUpStatus};
use crate::step_up::who_rang::DeclineReason;

/// The digits were wrong so often in a row that the step-up ends.
pub(crate) struct EndMistyped;

impl Rule<StepUpState> for EndMistyped {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::MistypeDigits)
    }

    fn decide(&self, state: &mut StepUpState, cx: &Context<'_>) -> Ruled<()> {
        if state.status(cx.now) == StepUpStatus::Requested {
            state.phase = Phase::Mistyped;
            return Ok(Ruling::counted(Reason::WrongDigits));
        }
        Err(Reason::Ended.into())
    }
}

/// The customer declines.
pub(crate) struct Decline(pub(crate) DeclineReason);

impl Decline {
    /// What the back end is to hear of besides.
    fn warning(&self, terms: &Terms) -> Option<EventDraft> {
        let action = match self.0 {
            DeclineReason::WrongDetails => Action::DisputeDetails,
            DeclineReason::ToldTo => Action::WarnOfCoaching,
            DeclineReason::NotMe | DeclineReason::WhoRangDiffers => Action::WarnOfRelay,
            DeclineReason::ChangedMind => return None,
        };
        let warning = EventDraft::by(Actor::Customer, action);
        Some(warning.in_interaction(&terms.interaction))
    }

    fn declined(&self, state: &mut StepUpState, cx: &Context<'_>) -> Ruling<StepUp> {
        state.phase = Phase::Declined(Some(self.0));
        Ruling::done(state.step_up(cx)).then(self.warning(&state.terms))
    }
}

impl Rule<StepUpState> for Decline {
    type Outcome = StepUp;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Decline)
    }

    fn decide(&self, state: &mut StepUpState, cx: &Context<'_>) -> Ruled<StepUp> {
        // Who sees too late what was asked in their name may still say so, and so may who said less before.
        if self.0 == DeclineReason::NotMe && state.may_be_disowned() {
            return Ok(self.declined(state, cx));
        }
        match state.status(cx.now) {
            StepUpStatus::Declined => {
                Ok(Ruling::repeated(state.step_up(cx)).telling(self.warning(&state.terms)))
            }
            StepUpStatus::Requested => Ok(self.declined(state, cx)),
            _ => Err(Reason::Ended.into()),
        }
    }
}

/// The customer said "not me" of another one: this one ends with it, if it waits. What was said of it before stands.
pub(crate) struct EndWithOther;

impl Rule<StepUpState> for EndWithOther {
    type Outcome = StepUp;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Decline)
    }

    fn decide(&self, state: &mut StepUpState, cx: &Context<'_>) -> Ruled<StepUp> {
        match state.status(cx.now) {
            StepUpStatus::Requested => Ok(Decline(DeclineReason::NotMe).declined(state, cx)),
            StepUpStatus::Declined => Ok(Ruling::nothing(state.step_up(cx))),
            _ => Err(Reason::Ended.into()),
        }
    }
}
