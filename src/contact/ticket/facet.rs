//! Giving tickets out, and looking up what a call brings.

use crate::contact::facet::Contact;
use crate::contact::ticket::limit::{Take, TriesState};
use crate::contact::ticket::request::{
    Arrival, Arrived, DialTicket, HeaderTicket, NoTicket, Presented, TicketTransport,
};
use crate::contact::ticket::rules::{Issue, Use};
use crate::contact::ticket::spread::{Spread, give_back};
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
            // What cannot be a ticket is no guess.
            Presented::Dialled(None) => none,
            Presented::Dialled(Some(text)) => self.try_dialled(arrival, text).await,
        }
    }

    /// Looks a dialled ticket up, if there is room for one more try: first in all, which leaves nothing behind if there is
    /// none, then on this call and from this number.
    async fn try_dialled(self, arrival: &Arrival, text: &SecretText) -> Result<Arrived, Error> {
        let (engine, transport) = (&self.0.engine, TicketTransport::Dialled);
        let id = self.ticket_id(transport, text.expose());
        let call = self.limit_at(b"call", arrival.call.as_str());
        let before = engine.read(&call).await?;
        if before.is_some_and(|(found, _)| found.body.state.taken == Some(id)) {
            // Its answer was lost. That is no try.
            return self.use_ticket(arrival, transport, text, true).await;
        }
        let too_many = Ok(Arrived::Unknown(NoTicket::TooManyTries));
        let (in_all, from_number) = (self.limit_in_all(arrival), self.limit_of_number(arrival));
        if !in_all.has_room(engine).await? {
            return too_many;
        }
        let most = self.0.policy.tickets.tries_per_call.into();
        if Spread::one(call, most).take(engine).await?.is_none() {
            return too_many;
        }
        let Some(of_number) = from_number.take(engine).await? else { return too_many };
        let Some(of_all) = in_all.take(engine).await? else { return too_many };
        let arrived = self.use_ticket(arrival, transport, text, true).await?;
        if matches!(arrived, Arrived::Asked(_)) {
            let call = self.limit_at(b"call", arrival.call.as_str());
            // Without it, asking again counts as a try.
            let _ = engine.run(&call, &Take(id)).await;
            // Only what was wrong counts against the number and in all; the call's own tries stay.
            give_back(engine, of_number).await;
            give_back(engine, of_all).await;
        }
        Ok(arrived)
    }

    /// The customer's own record first, which has the limit. Until it is known whose it is the ticket counts for nothing.
    async fn give_ticket(
        self,
        customer: &CustomerId,
        id: TicketId,
        transport: TicketTransport,
        until: Timestamp,
    ) -> Result<(), Error> {
        not_erased(self.0, customer).await?;
        let of = self.0.of(customer, self.presence(customer));
        self.0.run(&of, &Issue { id, transport, until }).await?;
        let ticket = TicketState { customer: customer.clone(), until };
        self.0.run(&self.ticket_at(id), &Give(&ticket)).await
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

    /// Where tries are counted of what `of` says.
    fn limit_at(self, of: &[u8], whose: &str) -> RecordRef<'static, TriesState> {
        let issuer = self.0.issuer.as_str().as_bytes();
        let id =
            self.0.keyring.locate(&[b"countersign ticket tries v1", issuer, of, whose.as_bytes()]);
        let owner = self.0.keyring.locate(&[b"countersign ticket limits v1", issuer]);
        let [lane, ..] = id;
        RecordRef::at(None, Place { lane, owner, id })
    }

    /// The limit in all.
    fn limit_in_all(self, arrival: &Arrival) -> Spread {
        self.spread(b"all", self.0.policy.tickets.tries_in_all, arrival)
    }

    /// The limit of the caller's number. All calls that show none share one.
    fn limit_of_number(self, arrival: &Arrival) -> Spread {
        let most = self.0.policy.tickets.tries_per_number.into();
        match &arrival.from {
            Some(number) => Spread::one(self.limit_at(b"number", number.as_str()), most),
            None => self.spread(b"no number", most, arrival),
        }
    }

    /// A limit that many calls share. Which share one begins with, the caller cannot choose.
    fn spread(self, of: &[u8], most: u32, arrival: &Arrival) -> Spread {
        let [first, ..] = self.limit_at(b"call", arrival.call.as_str()).place.id;
        Spread::over(|n| self.limit_at(of, &n.to_string()), most, first)
    }
}
