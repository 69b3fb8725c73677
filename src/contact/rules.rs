//! What telephony reports, and the customer's question.

use crate::contact::state::{Closed, PresenceState};
use crate::contact::token::Status;
use crate::contact::view::OngoingInteraction;
use crate::engine::rule::{Beginning, Context, Decision, Event, Rule, Ruled, Ruling};
use crate::error::{Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::policy::{CLOSED_REMEMBERED, OPEN_EACH_WAY};
use crate::values::id::InteractionId;
use crate::values::interaction::{Direction, Interaction};
use crate::values::now::WallClock;
use crate::values::time::Timestamp;

fn reported(interaction: &Interaction, action: Action) -> EventDraft {
    EventDraft::by(Actor::BackEnd, action).in_interaction(&interaction.id)
}

/// An interaction began, or went over to another agent.
pub(crate) struct Began<'a>(pub(crate) &'a Interaction);

impl Rule<PresenceState> for Began<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        reported(self.0, Action::Open)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<PresenceState, ()> {
        from_nothing(self, cx)
    }

    fn decide(&self, state: &mut PresenceState, cx: &Context<'_>) -> Ruled<()> {
        state.forget_aged(cx);
        if state.closed.iter().any(|closed| closed.id == self.0.id) {
            return Ok(Ruling::repeated(()));
        }
        let warning = reported(self.0, Action::WarnOfRelay);
        if let Some(open) = state.open.iter_mut().find(|open| open.id == self.0.id) {
            if open.direction != self.0.direction || open.channel != self.0.channel {
                return Err(Invalid::InteractionReused.into());
            }
            if open.agent == self.0.agent.id {
                let open = open.clone();
                // Whether the first warning was heard is not known.
                let again = state.is_relayed(&open).then_some(warning);
                return Ok(Ruling::repeated(()).telling(again));
            }
            open.agent = self.0.agent.id.clone();
            return Ok(Ruling::done_unrecorded(()));
        }
        let same_way = state.open.iter().filter(|open| open.direction == self.0.direction);
        if same_way.count() >= OPEN_EACH_WAY {
            return Err(Reason::TooManyOpen.into());
        }
        let new = OngoingInteraction::of(self.0, cx.clock.stamp());
        let warnings = state.is_relayed(&new).then_some(warning);
        state.open.push(new);
        Ok(Ruling::done_unrecorded(()).then(warnings))
    }
}

/// What becomes of it where nothing was open.
fn from_nothing<R: Rule<PresenceState>>(
    rule: &R,
    cx: &Context<'_>,
) -> Beginning<PresenceState, R::Outcome> {
    let mut state = PresenceState::default();
    let ruling = rule.decide(&mut state, cx)?;
    Ok((Some(state), ruling))
}

impl PresenceState {
    /// Whether somebody may be talking to the enterprise in the customer's name, on `open` or on another.
    fn is_relayed(&self, open: &OngoingInteraction) -> bool {
        let mut others = self.open.iter().filter(|other| other.id != open.id);
        others.any(|other| cannot_both_be_theirs(other, open))
    }
}

/// Whether one person is hardly in both: two live conversations, at least one of which the customer is
/// said to have started.
fn cannot_both_be_theirs(one: &OngoingInteraction, other: &OngoingInteraction) -> bool {
    let inbound = [one, other].iter().any(|open| open.direction == Direction::Inbound);
    one.is_live() && other.is_live() && inbound
}

/// An interaction ended.
pub(crate) struct Ended<'a>(pub(crate) &'a Interaction);

impl Rule<PresenceState> for Ended<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        reported(self.0, Action::Close)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<PresenceState, ()> {
        from_nothing(self, cx)
    }

    fn decide(&self, state: &mut PresenceState, cx: &Context<'_>) -> Ruled<()> {
        state.forget_aged(cx);
        if state.closed.iter().any(|closed| closed.id == self.0.id) {
            return Ok(Ruling::repeated(()));
        }
        state.open.retain(|open| open.id != self.0.id);
        if state.closed.len() >= CLOSED_REMEMBERED {
            state.closed.remove(0);
        }
        state.closed.push(Closed { id: self.0.id.clone(), at: cx.clock.stamp() });
        Ok(Ruling::done_unrecorded(()))
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
    ) -> Decision<PresenceState, (Status, Timestamp)> {
        let mut state = state.unwrap_or_default();
        state.forget_aged(cx);
        // Whatever the customer is told, the enterprise is told the same.
        let inbound = first(&state, |open| open.direction == Direction::Inbound);
        let warning = inbound.map(|inbound| {
            EventDraft::by(Actor::Customer, Action::WarnOfRelay).in_interaction(&inbound.id)
        });
        // By this machine's clock, or a phone would take the answer for one from the future.
        let told = Decision::keep(None, Ok((self.status(&state, cx.clock), cx.clock.stamp())));
        Decision { announced: Vec::from_iter(warning), ..told }
    }
}

impl Ask<'_> {
    /// An inbound interaction comes first, whatever else is open: it is what exposes a relay.
    fn status(&self, state: &PresenceState, clock: WallClock) -> Status {
        let inbound = first(state, |open| open.direction == Direction::Inbound);
        let proven = || first(state, |open| self.0.recognised.contains(&open.id));
        if let Some(open) = inbound.or_else(proven) {
            return Status::TalkingToYou {
                channel: open.channel,
                direction: open.direction,
                since: open.since.min(clock.stamp()),
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
    meant: impl Fn(&OngoingInteraction) -> bool,
) -> Option<&OngoingInteraction> {
    state.open.iter().find(|open| meant(open))
}
