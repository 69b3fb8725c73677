//! What happens to a customer's tickets, in the customer's record.

use crate::contact::state::{LiveTicket, PresenceState};
use crate::contact::ticket::request::{Arrived, AskedToCall, NoTicket, TicketTransport};
use crate::engine::rule::{Beginning, Context, Decision, Event, Rule, Ruled, Ruling};
use crate::error::{Failure, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::values::id::{CustomerId, InteractionId, TicketId};
use crate::values::time::Timestamp;

/// The app gets a ticket.
pub(crate) struct Issue {
    pub(crate) id: TicketId,
    pub(crate) transport: TicketTransport,
    pub(crate) until: Timestamp,
}

impl Rule<PresenceState> for Issue {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::IssueTicket)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<PresenceState, ()> {
        let mut state = PresenceState::default();
        let ruling = self.decide(&mut state, cx)?;
        Ok((Some(state), ruling))
    }

    fn decide(&self, state: &mut PresenceState, cx: &Context<'_>) -> Ruled<()> {
        state.forget_aged(cx);
        let live = state.tickets.iter().filter(|ticket| !cx.clock.has_reached(ticket.until));
        if live.clone().count() >= usize::from(cx.policy.tickets.per_customer) {
            let first = live.map(|ticket| ticket.until).min().unwrap_or(self.until);
            return Err(Failure::Limited(first));
        }
        state.tickets.push(LiveTicket {
            id: self.id,
            transport: self.transport,
            issued: cx.clock.stamp(),
            until: self.until,
            used_by: None,
        });
        Ok(Ruling::done_unrecorded(()))
    }
}

/// A call came with a ticket.
pub(crate) struct Use<'a> {
    pub(crate) id: TicketId,
    pub(crate) customer: &'a CustomerId,
    pub(crate) call: &'a InteractionId,
    /// Whether it came the way on which such tickets are taken.
    pub(crate) trusted: bool,
}

impl Event<PresenceState> for Use<'_> {
    type Outcome = Arrived;

    fn apply(
        &self,
        state: Option<PresenceState>,
        cx: &Context<'_>,
    ) -> Decision<PresenceState, Arrived> {
        let note = EventDraft::by(Actor::BackEnd, Action::UseTicket).in_interaction(self.call);
        let no = |reason, why| {
            Decision::keep(Some(note.clone().refused(reason)), Ok(Arrived::Unknown(why)))
        };
        let mut state = state.unwrap_or_default();
        state.forget_aged(cx);
        let Some(ticket) = state.tickets.iter_mut().find(|ticket| ticket.id == self.id) else {
            return no(Reason::Unknown, NoTicket::None);
        };
        // Whoever presents it elsewhere does not use it up.
        if !self.trusted {
            return no(Reason::WrongChannel, NoTicket::WrongTrunk);
        }
        let asked = Arrived::Asked(AskedToCall {
            customer: self.customer.clone(),
            transport: ticket.transport,
            asked_at: ticket.issued,
        });
        match &ticket.used_by {
            Some(call) if call != self.call => no(Reason::Replayed, NoTicket::Used),
            // The same call asks again for its time alone: an id may be another call's later.
            _ if cx.clock.has_reached(ticket.until) => no(Reason::Ended, NoTicket::Over),
            Some(_) => Decision::keep(Some(note), Ok(asked)),
            None => {
                ticket.used_by = Some(self.call.clone());
                let announced = vec![note];
                Decision { announced, ..Decision::write(state, Vec::new(), Ok(asked)) }
            }
        }
    }
}
