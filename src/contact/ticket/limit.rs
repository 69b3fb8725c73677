//! How often tickets were tried: on one call, from one number, in all. Whoever guesses guesses against all live tickets.

use crate::codec::table::record;
use crate::engine::rule::{Context, Decision, Event, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::{TicketId, TicketLimitId};
use crate::values::time::Timestamp;

/// Tries since the count began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TriesState {
    pub(crate) since: Timestamp,
    pub(crate) tries: u32,
    /// Of a call: the ticket that it came with, so that its answer can be asked for again.
    pub(crate) taken: Option<TicketId>,
}

impl State for TriesState {
    const KIND: Kind = Kind::TicketLimit;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.since.after(policy.tickets.limit_window).after(policy.leeway)
    }

    const LISTED: bool = false;

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::TicketLimit(TicketLimitId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::TicketLimit(self.tries)
    }
}

record! { TriesState { 0 => since, 1 => tries, 2 => taken } }

impl TriesState {
    /// Those of the present stretch of time. A count that began in the future was begun by a clock that is wrong.
    fn now(state: Option<Self>, cx: &Context<'_>) -> Self {
        let window = cx.policy.tickets.limit_window;
        let counts = |state: &Self| {
            !cx.clock.has_reached(state.since.after(window))
                && state.since <= cx.clock.after(window)
        };
        state.filter(counts).unwrap_or(Self { since: cx.clock.stamp(), tries: 0, taken: None })
    }

    /// Whether there is room for one more.
    pub(crate) fn has_room(state: Option<Self>, most: u32, cx: &Context<'_>) -> bool {
        Self::now(state, cx).tries < most
    }
}

/// A ticket is about to be looked up. The outcome is whether it may be.
pub(crate) struct Try {
    pub(crate) most: u32,
}

impl Event<TriesState> for Try {
    type Outcome = bool;

    fn apply(&self, state: Option<TriesState>, cx: &Context<'_>) -> Decision<TriesState, bool> {
        let now = TriesState::now(state, cx);
        if now.tries >= self.most {
            return Decision::keep(None, Ok(false));
        }
        let next = TriesState { tries: now.tries.saturating_add(1), ..now };
        Decision::write(next, Vec::new(), Ok(true))
    }
}

/// What was tried was right, and is no guess.
pub(crate) struct GiveBack;

impl Event<TriesState> for GiveBack {
    type Outcome = ();

    fn apply(&self, state: Option<TriesState>, cx: &Context<'_>) -> Decision<TriesState, ()> {
        let now = TriesState::now(state, cx);
        match now.tries {
            0 => Decision::keep(None, Ok(())),
            tries => {
                let next = TriesState { tries: tries.saturating_sub(1), ..now };
                Decision::write(next, Vec::new(), Ok(()))
            }
        }
    }
}

/// The call came with this ticket.
pub(crate) struct Take(pub(crate) TicketId);

impl Event<TriesState> for Take {
    type Outcome = ();

    fn apply(&self, state: Option<TriesState>, cx: &Context<'_>) -> Decision<TriesState, ()> {
        let next = TriesState { taken: Some(self.0), ..TriesState::now(state, cx) };
        Decision::write(next, Vec::new(), Ok(()))
    }
}
