//! Giving tickets out, and looking up what a call brings.

use crate::contact::facet::Contact;
use crate::contact::ticket::limit::{GiveBack, TriesState, Try};
use crate::contact::ticket::request::{
    Arrival, Arrived, DialTicket, HeaderTicket, NoTicket, Presented, TicketTransport,
};
use crate::contact::ticket::rules::{Issue, Use};
use crate::contact::ticket::state::{Give, TicketState};
use crate::customer::anchor::not_erased;
use crate::engine::RecordRef;
use crate::error::Error;
use crate::store::Place;
use crate::values::id::{CustomerId, TicketId};
use crate::values::secret::SecretText;
use crate::values::time::Timestamp;

impl Contact<'_> {
    pub(crate) async fn give_dial_ticket(self, customer: &CustomerId) -> Result<DialTicket, Error> {
        let until = self.ticket_until()?;
        let ticket = DialTicket::draw(&*self.0.random, until)?;
        let id = self.ticket_id(TicketTransport::Dialled, ticket.expose());
        self.give_ticket(customer, id, TicketTransport::Dialled, until).await?;
        Ok(ticket)
    }

    pub(crate) async fn give_header_ticket(
        self,
        customer: &CustomerId,
    ) -> Result<HeaderTicket, Error> {
        let until = self.ticket_until()?;
        let ticket = HeaderTicket::draw(&*self.0.random, until)?;
        let id = self.ticket_id(TicketTransport::Header, ticket.expose());
        self.give_ticket(customer, id, TicketTransport::Header, until).await?;
        Ok(ticket)
    }

    pub(crate) async fn look_up(self, arrival: &Arrival) -> Result<Arrived, Error> {
        let none = Ok(Arrived::Unknown(NoTicket::None));
        match &arrival.presented {
            Presented::Header { text: None, .. } => none,
            Presented::Header { trunk, text: Some(text) } => {
                let trusted = self.0.telephony.is_app_trunk(trunk);
                self.use_ticket(arrival, TicketTransport::Header, text, trusted).await
            }
            Presented::Dialled(text) => {
                let limits = self.limits(arrival);
                for (limit, most) in &limits {
                    if !self.0.run(limit, &Try { most: *most }).await? {
                        return Ok(Arrived::Unknown(NoTicket::TooManyTries));
                    }
                }
                let Some(text) = text else { return none };
                let arrived =
                    self.use_ticket(arrival, TicketTransport::Dialled, text, true).await?;
                if matches!(arrived, Arrived::Asked(_)) {
                    // Only what was wrong counts against the number and against all; the call's own tries stay.
                    for (limit, _) in limits.iter().skip(1) {
                        // What is not given back counts, which can but refuse.
                        let _ = self.0.run(limit, &GiveBack).await;
                    }
                }
                Ok(arrived)
            }
        }
    }

    /// Whose it is first, then the customer's own record, without which it counts for nothing.
    async fn give_ticket(
        self,
        customer: &CustomerId,
        id: TicketId,
        transport: TicketTransport,
        until: Timestamp,
    ) -> Result<(), Error> {
        not_erased(self.0, customer).await?;
        let ticket = TicketState { customer: customer.clone(), until };
        self.0.run(&self.ticket_at(id), &Give(&ticket)).await?;
        let of = self.0.of(customer, self.presence(customer));
        self.0.run(&of, &Issue { id, transport, until }).await
    }

    async fn use_ticket(
        self,
        arrival: &Arrival,
        transport: TicketTransport,
        text: &SecretText,
        trusted: bool,
    ) -> Result<Arrived, Error> {
        let id = self.ticket_id(transport, text.expose());
        let Some((found, _)) = self.0.read(&self.ticket_at(id)).await? else {
            return Ok(Arrived::Unknown(NoTicket::None));
        };
        let customer = &found.body.state.customer;
        let of = self.0.of(customer, self.presence(customer));
        self.0.run(&of, &Use { id, customer, call: &arrival.call, trusted }).await
    }

    fn ticket_until(self) -> Result<Timestamp, Error> {
        Ok(self.0.clock.now()?.after(self.0.policy.tickets.valid_for))
    }

    /// A ticket is found by what is presented alone: nobody knows yet who calls.
    fn ticket_id(self, transport: TicketTransport, text: &str) -> TicketId {
        let issuer = self.0.issuer.as_str().as_bytes();
        let label = b"countersign ticket v1";
        TicketId(self.0.keyring.locate(&[label, issuer, &[transport.number()], text.as_bytes()]))
    }

    fn ticket_at(self, id: TicketId) -> RecordRef<'static, TicketState> {
        let issuer = self.0.issuer.as_str().as_bytes();
        let owner = self.0.keyring.locate(&[b"countersign tickets v1", issuer]);
        let [lane, ..] = id.0;
        RecordRef::at(None, Place { lane, owner, id: id.0 })
    }

    /// What tries of this arrival are counted against, and the most of each: the call, the number, all of them.
    fn limits(self, arrival: &Arrival) -> [(RecordRef<'static, TriesState>, u32); 3] {
        let policy = &self.0.policy.tickets;
        let from = arrival.from.as_ref().map_or("", |number| number.as_str());
        let at = |of: &[u8], whose: &str| {
            let issuer = self.0.issuer.as_str().as_bytes();
            let id = self.0.keyring.locate(&[
                b"countersign ticket tries v1",
                issuer,
                of,
                whose.as_bytes(),
            ]);
            let owner = self.0.keyring.locate(&[b"countersign ticket limits v1", issuer]);
            let [lane, ..] = id;
            RecordRef::at(None, Place { lane, owner, id })
        };
        [
            (at(b"call", arrival.call.as_str()), policy.tries_per_call.into()),
            (at(b"number", from), policy.tries_per_number.into()),
            (at(b"all", ""), policy.tries_in_all),
        ]
    }
}
