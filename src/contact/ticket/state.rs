//! Which customer a ticket is of. Whether it was used stands in the customer's own record.

use crate::codec::table::record;
use crate::engine::rule::{Context, Decision, Event, State};
use crate::error::Reason;
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::{CustomerId, TicketId};
use crate::values::time::Timestamp;

/// Whose ticket it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TicketState {
    pub(crate) customer: CustomerId,
    pub(crate) until: Timestamp,
}

impl State for TicketState {
    const KIND: Kind = Kind::Ticket;

    /// Longer than it counts: what is presented late is told.
    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.until.after(policy.tickets.limit_window).after(policy.leeway)
    }

    const LISTED: bool = false;

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Ticket(TicketId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::Ticket(self.until)
    }
}

record! { TicketState { 0 => customer, 1 => until } }

/// A ticket is given out.
pub(crate) struct Give<'a>(pub(crate) &'a TicketState);

impl Event<TicketState> for Give<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<TicketState>, _: &Context<'_>) -> Decision<TicketState, ()> {
        match state {
            None => Decision::write(self.0.clone(), Vec::new(), Ok(())),
            // Drawn twice, which is hardly possible: it stays the first one's.
            Some(_) => Decision::keep(None, Err(Reason::Replayed.into())),
        }
    }
}
