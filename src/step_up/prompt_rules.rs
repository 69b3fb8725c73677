//! What happens to a customer's prompts: one more is asked, digits are typed, prompts are held off and allowed again.

use crate::crypto::pae;
use crate::engine::rule::{Beginning, Context, Decision, Event, Rule, Ruled, Ruling};
use crate::error::{Failure, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::step_up::limit::{Fates, New};
use crate::step_up::number_match::MatchDigits;
use crate::step_up::prompts::{DAY, PromptsState};
use crate::step_up::statement::Statement;
use crate::step_up::view::Prompts;
use crate::values::id::InteractionId;
use crate::values::time::Timestamp;

/// In interactions opened by the customer's app there are so many records of prompts at most.
const OWN_KEPT: u8 = 32;

/// One prompt more, if there may be one. The outcome is how often prompts were held off until then.
pub(crate) struct AskPrompt {
    pub(crate) new: New,
    pub(crate) in_app: bool,
}

impl AskPrompt {
    /// From when on there is room, `from` at the earliest: in this interaction, and for the customer unless their app
    /// opened it.
    pub(crate) fn room_from(
        &self,
        state: &PromptsState,
        from: Timestamp,
        cx: &Context<'_>,
    ) -> Timestamp {
        let (policy, within) = (&cx.policy.step_ups, self.new.within);
        let each = policy.prompts.per_interaction;
        if self.in_app {
            return state.own.room_within(within, each, from, DAY);
        }
        let at = state.by_day.room_within(within, each, from, DAY);
        let at = state.by_day.room_from(policy.prompts.per_day, at, DAY);
        state.lately.room_from(policy.per_customer, at, policy.limit_window)
    }
}

impl Event<PromptsState> for AskPrompt {
    type Outcome = u32;

    fn apply(&self, state: Option<PromptsState>, cx: &Context<'_>) -> Decision<PromptsState, u32> {
        let mut state = state.unwrap_or_default();
        if !self.in_app && state.is_shut(cx.policy) {
            return Decision::keep(None, Err(Reason::PromptsHeld.into()));
        }
        let (clock, policy) = (cx.clock.stamp(), &cx.policy.step_ups);
        let window = policy.limit_window;
        let mut seen = state.lately.see(clock, window);
        seen |= state.by_day.see(clock, DAY);
        seen |= state.own.see(clock, DAY);
        state.lately.forget(clock, window);
        state.by_day.forget(clock, DAY);
        state.own.forget(clock, DAY);
        let asked = self.new.asked;
        let counted = if self.in_app {
            state.own.counts(asked, clock, DAY)
        } else {
            state.lately.counts(asked, clock, window) && state.by_day.counts(asked, clock, DAY)
        };
        let retry_at = self.room_from(&state, clock, cx);
        if counted || clock < retry_at {
            let result = if counted { Ok(state.holds) } else { Err(Failure::Limited(retry_at)) };
            return if seen {
                Decision::write(state, Vec::new(), result)
            } else {
                Decision::keep(None, result)
            };
        }
        if self.in_app {
            state.own.push(self.new, OWN_KEPT, cx, DAY);
        } else {
            state.lately.push(self.new, policy.per_customer, cx, window);
            state.by_day.push(self.new, policy.prompts.per_day, cx, DAY);
        }
        let holds = state.holds;
        Decision::write(state, Vec::new(), Ok(holds))
    }
}

/// It is known what became of some that were counted.
pub(crate) struct SettlePrompts<'a>(pub(crate) &'a Fates);

impl Event<PromptsState> for SettlePrompts<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<PromptsState>, _: &Context<'_>) -> Decision<PromptsState, ()> {
        let Some(mut state) = state else { return Decision::keep(None, Ok(())) };
        for counted in [&mut state.lately, &mut state.by_day, &mut state.own] {
            counted.settle(self.0);
        }
        Decision::write(state, Vec::new(), Ok(()))
    }
}

/// What typed digits were found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Those that the agent has; whether others were wrong before.
    Right { after_wrong: bool },
    /// Others, or none; whether the step-up ends by that.
    Wrong { ends: bool },
    /// Not looked at.
    Shut,
}

/// The customer types digits. Compared before any code or signature is looked at.
pub(crate) struct TypeDigits<'a> {
    pub(crate) asked: &'a MatchDigits,
    pub(crate) typed: Option<&'a MatchDigits>,
    /// What they are typed for.
    pub(crate) statement: Statement,
    pub(crate) interaction: &'a InteractionId,
    pub(crate) in_app: bool,
}

impl Event<PromptsState> for TypeDigits<'_> {
    type Outcome = Typed;

    fn apply(
        &self,
        state: Option<PromptsState>,
        cx: &Context<'_>,
    ) -> Decision<PromptsState, Typed> {
        let mut state = state.unwrap_or_default();
        if !self.in_app && state.is_shut(cx.policy) {
            return Decision::keep(None, Ok(Typed::Shut));
        }
        // An app that sends none is no guess.
        let Some(typed) = self.typed else {
            return Decision::keep(None, Ok(Typed::Wrong { ends: false }));
        };
        if typed == self.asked {
            let after_wrong = state.end_row(cx.policy);
            return Decision::keep(None, Ok(Typed::Right { after_wrong }));
        }
        let most = u32::from(cx.policy.step_ups.prompts.mismatches);
        let pieces = [b"countersign typed digits v1".as_slice(), &self.statement.0, typed.ascii()];
        let is_new = state.is_new(pae::first(&pae::sha256(&pieces)));
        if is_new {
            state.mismatches = state.mismatches.saturating_add(1);
            let own = u32::from(self.in_app);
            state.own_mismatches = state.own_mismatches.saturating_add(own);
        }
        let result = Ok(Typed::Wrong { ends: self.in_app && state.own_mismatches >= most });
        if !is_new {
            return Decision::keep(None, result);
        }
        let said =
            |action| EventDraft::by(Actor::Customer, action).in_interaction(self.interaction);
        let mut announced = vec![said(Action::MistypeDigits).refused(Reason::WrongDigits)];
        if state.mismatches == most {
            state.renumber();
            announced.push(EventDraft::by(Actor::Clock, Action::StopPrompts));
        }
        Decision { announced, ..Decision::write(state, Vec::new(), result) }
    }
}

/// The customer has approved with the right digits: what was wrong before is in no row any more. Prompts that have stopped
/// stay so, or an approval in the customer's own interaction would let an impostor's in again.
pub(crate) struct EndRow;

impl Event<PromptsState> for EndRow {
    type Outcome = ();

    fn apply(&self, state: Option<PromptsState>, cx: &Context<'_>) -> Decision<PromptsState, ()> {
        let Some(mut state) = state else { return Decision::keep(None, Ok(())) };
        if !state.end_row(cx.policy) {
            return Decision::keep(None, Ok(()));
        }
        Decision::write(state, Vec::new(), Ok(()))
    }
}

fn from_nothing<R: Rule<PromptsState>>(
    rule: &R,
    cx: &Context<'_>,
) -> Beginning<PromptsState, R::Outcome> {
    let mut state = PromptsState::default();
    let ruling = rule.decide(&mut state, cx)?;
    Ok((Some(state), ruling))
}

/// The customer said of a prompt: not me.
pub(crate) struct HoldPrompts;

impl Rule<PromptsState> for HoldPrompts {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::HoldPrompts)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<PromptsState, ()> {
        from_nothing(self, cx)
    }

    fn decide(&self, state: &mut PromptsState, cx: &Context<'_>) -> Ruled<()> {
        if state.held_since.is_none() {
            state.held_since = Some(cx.now.stamp());
        }
        // Each time: a request may be under way that read the last number.
        state.holds = state.holds.saturating_add(1);
        state.renumber();
        Ok(Ruling::done_unrecorded(()))
    }
}

/// The customer's session allows prompts again: as they were when they had this number.
pub(crate) struct ResumePrompts(pub(crate) u32);

impl Rule<PromptsState> for ResumePrompts {
    type Outcome = Prompts;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::ResumePrompts)
    }

    fn begin(&self, _: &Context<'_>) -> Beginning<PromptsState, Prompts> {
        Ok((None, Ruling::nothing(Prompts::default())))
    }

    fn decide(&self, state: &mut PromptsState, cx: &Context<'_>) -> Ruled<Prompts> {
        // A call that comes late, or once more, lifts no hold of later.
        if state.number != self.0 {
            return Ok(Ruling::nothing(state.shown(cx.policy)));
        }
        let wrong = core::mem::take(&mut state.wrong);
        let (holds, number, resumed_at) = (state.holds, state.number, Some(cx.now.stamp()));
        // What was wrong stays known.
        *state = PromptsState { wrong, holds, number, resumed_at, ..PromptsState::default() };
        state.renumber();
        Ok(Ruling::done_unrecorded(state.shown(cx.policy)))
    }
}
