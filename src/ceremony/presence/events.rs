//! What telephony reports, and the customer's question.

use super::state::{Closed, OpenInteraction, PresenceState};
use crate::ceremony::{Context, Event, Step};
use crate::error::{Invalid, Reason};
use crate::history::{Action, Actor, Note, Outcome};
use crate::id::InteractionId;
use crate::interaction::{Direction, Interaction};
use crate::policy::{CLOSED_REMEMBERED, OPEN_EACH_WAY};
use crate::time::Timestamp;
use crate::token::Status;

fn reported(interaction: &Interaction, action: Action, outcome: Outcome) -> Note {
    Note {
        actor: Actor::BackEnd,
        action,
        interaction: Some(interaction.id.clone()),
        outcome,
        step_up: None,
    }
}

/// An interaction began, or went over to another agent.
pub(crate) struct OpenIt<'a>(pub(crate) &'a Interaction);

impl Event<PresenceState> for OpenIt<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<PresenceState>, cx: &Context<'_>) -> Step<PresenceState, ()> {
        let note = |action, outcome| reported(self.0, action, outcome);
        let mut state = state.unwrap_or_default();
        state.forget_aged(cx);
        if state.closed.iter().any(|closed| closed.id == self.0.id) {
            return Step::keep(Some(note(Action::Open, Outcome::Done)), Ok(()));
        }
        if let Some(open) = state.open.iter_mut().find(|open| open.id == self.0.id) {
            if open.direction != self.0.direction || open.channel != self.0.channel {
                return Step::keep(None, Err(Invalid::InteractionReused.into()));
            }
            if open.agent == self.0.agent.id {
                let open = open.clone();
                let relayed = state
                    .open
                    .iter()
                    .any(|other| other.id != open.id && cannot_both_be_theirs(other, &open));
                // Whether the first warning was heard is not known.
                let again = relayed.then(|| note(Action::WarnOfRelay, Outcome::Done));
                let opened = note(Action::Open, Outcome::Done);
                return Step::keep(Some(opened), Ok(())).telling(again);
            }
            open.agent = self.0.agent.id.clone();
            return Step::announce(state, vec![note(Action::Open, Outcome::Done)]);
        }
        let same_way = state.open.iter().filter(|open| open.direction == self.0.direction);
        if same_way.count() >= OPEN_EACH_WAY {
            let reason = Reason::TooManyOpen;
            let refused = note(Action::Open, Outcome::Refused(reason));
            return Step::keep(Some(refused), Err(reason.into()));
        }
        let new = OpenInteraction::of(self.0, cx.clock);
        let mut announced = vec![note(Action::Open, Outcome::Done)];
        if state.open.iter().any(|other| cannot_both_be_theirs(other, &new)) {
            announced.push(note(Action::WarnOfRelay, Outcome::Done));
        }
        state.open.push(new);
        Step::announce(state, announced)
    }
}

/// Whether one person is hardly in both: two live conversations, at least one of which the customer is
/// said to have started.
fn cannot_both_be_theirs(one: &OpenInteraction, other: &OpenInteraction) -> bool {
    let inbound = [one, other].iter().any(|open| open.direction == Direction::Inbound);
    one.is_live() && other.is_live() && inbound
}

/// An interaction ended.
pub(crate) struct CloseIt<'a>(pub(crate) &'a Interaction);

impl Event<PresenceState> for CloseIt<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<PresenceState>, cx: &Context<'_>) -> Step<PresenceState, ()> {
        let note = reported(self.0, Action::Close, Outcome::Done);
        let mut state = state.unwrap_or_default();
        state.forget_aged(cx);
        if state.closed.iter().any(|closed| closed.id == self.0.id) {
            return Step::keep(Some(note), Ok(()));
        }
        state.open.retain(|open| open.id != self.0.id);
        if state.closed.len() >= CLOSED_REMEMBERED {
            state.closed.remove(0);
        }
        state.closed.push(Closed { id: self.0.id.clone(), at: cx.clock });
        Step::announce(state, vec![note])
    }
}

/// What the customer's callbacks and challenges say about calls.
#[derive(Debug, Default)]
pub(crate) struct Agreed {
    /// One is agreed for now or later.
    pub(crate) scheduled: bool,
    /// The interactions whose agent the customer recognised.
    pub(crate) recognised: Vec<InteractionId>,
}

/// The customer asks who is talking to them. Writes nothing.
pub(crate) struct Ask<'a>(pub(crate) &'a Agreed);

impl Event<PresenceState> for Ask<'_> {
    type Outcome = (Status, Timestamp);

    fn apply(
        &self,
        state: Option<PresenceState>,
        cx: &Context<'_>,
    ) -> Step<PresenceState, (Status, Timestamp)> {
        let mut state = state.unwrap_or_default();
        state.forget_aged(cx);
        // By this machine's clock, or a phone would take the answer for one from the future.
        let mut step = Step::keep(None, Ok((self.status(&state, cx.clock), cx.clock)));
        // Whatever the customer is told, the enterprise is told the same.
        if let Some(inbound) = first(&state, |open| open.direction == Direction::Inbound) {
            step.announced.push(Note {
                actor: Actor::Customer,
                action: Action::WarnOfRelay,
                interaction: Some(inbound.id.clone()),
                outcome: Outcome::Done,
                step_up: None,
            });
        }
        step
    }
}

impl Ask<'_> {
    /// An inbound interaction comes first, whatever else is open: it is what exposes a relay.
    fn status(&self, state: &PresenceState, clock: Timestamp) -> Status {
        let inbound = first(state, |open| open.direction == Direction::Inbound);
        let proven = || first(state, |open| self.0.recognised.contains(&open.id));
        if let Some(open) = inbound.or_else(proven) {
            return Status::TalkingToYou {
                channel: open.channel,
                direction: open.direction,
                since: open.since.min(clock),
            };
        }
        if !state.open.is_empty() {
            Status::Calling
        } else if self.0.scheduled {
            Status::Scheduled
        } else {
            Status::NotUs
        }
    }
}

/// The oldest of those that are meant.
fn first(
    state: &PresenceState,
    meant: impl Fn(&OpenInteraction) -> bool,
) -> Option<&OpenInteraction> {
    state.open.iter().find(|open| meant(open))
}
