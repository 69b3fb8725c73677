//! The bank's back end: telephony's events become numbered reports, and what a call brings is looked up.

use std::collections::HashMap;

use countersign::contact::{
    Announcement, Arrival, Arrived, Introduction, NoTicket, PhoneNumber, Report,
};
use countersign::id::FeedId;
use countersign::random::Random;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Interaction, InteractionId, OsRandom, Timestamp, Verifier,
};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use crate::Failure;
use crate::events::{Arriving, CallEvent, What};

/// The most keys that are kept of one call.
const MOST_KEYS: usize = 32;

/// One system that reports its calls: it numbers its reports, and says up to when it has reported everything.
#[derive(Debug)]
struct Feed {
    id: FeedId,
    next: u64,
    /// When the enterprise acknowledged the last report: all calls that began before are reported.
    complete_before: Timestamp,
}

impl Feed {
    fn report(&mut self) -> Report {
        let report = Report::new(self.id.clone(), self.next, self.complete_before);
        self.next += 1;
        report
    }
}

/// The back end.
pub struct Pbx {
    bank: Verifier,
    runtime: Runtime,
    feed: Feed,
    /// The number on which customers call, and which is shown.
    pub number: PhoneNumber,
    /// The call that is being dialled, until the wire gives it an id.
    dialled: Option<Interaction>,
    /// The bank's own ids of the calls that there are, by their ids on the wire. Whoever calls chooses those, and may
    /// choose one of a call that is over.
    ids: HashMap<InteractionId, InteractionId>,
    /// The calls of which it is known with whom they are, by their ids on the wire.
    known: HashMap<InteractionId, Interaction>,
    /// The bank's own ids of those that were dialled by hand, by their ids on the wire: they may reach anybody.
    by_hand: HashMap<InteractionId, InteractionId>,
    /// The keys that callers press. They are printed nowhere, and wiped.
    keys: HashMap<InteractionId, Zeroizing<String>>,
    from: HashMap<InteractionId, Option<PhoneNumber>>,
    /// What each call brought.
    pub brought: HashMap<InteractionId, Arrived>,
    /// Calls at the bank that stand, the last one last.
    pub standing: Vec<InteractionId>,
}

/// An id that nobody has chosen.
fn drawn() -> Result<InteractionId, Failure> {
    let mut bytes = [0; 16];
    OsRandom::new().fill(&mut bytes)?;
    Ok(InteractionId::new(format!("call-{:032x}", u128::from_be_bytes(bytes)))?)
}

fn bob() -> Result<Agent, Failure> {
    Ok(Agent::new(AgentId::new("bob")?))
}

impl Pbx {
    /// A back end whose only feed is `feed`.
    ///
    /// # Errors
    ///
    /// If the verifier does not take its first report.
    pub fn new(bank: Verifier, feed: FeedId, number: PhoneNumber) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let feed = Feed { id: feed, next: 1, complete_before: Timestamp::EPOCH };
        let mut pbx = Self {
            bank,
            runtime,
            feed,
            number,
            dialled: None,
            ids: HashMap::new(),
            known: HashMap::new(),
            by_hand: HashMap::new(),
            keys: HashMap::new(),
            from: HashMap::new(),
            brought: HashMap::new(),
            standing: Vec::new(),
        };
        let first = pbx.feed.report();
        pbx.feed.complete_before = pbx.wait(pbx.bank.contact().resync(&first))?.at;
        Ok(pbx)
    }

    /// Runs a call of the verifier.
    ///
    /// # Errors
    ///
    /// As the call.
    pub fn wait<T>(
        &self,
        call: impl Future<Output = Result<T, countersign::Error>>,
    ) -> Result<T, Failure> {
        Ok(self.runtime.block_on(call)?)
    }

    /// The verifier.
    #[must_use]
    pub fn bank(&self) -> &Verifier {
        &self.bank
    }

    /// Says that there is nothing to report. Call it several times a second, after all events were handled.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn heartbeat(&mut self) -> Result<(), Failure> {
        let report = self.feed.report();
        self.feed.complete_before = self.wait(self.bank.contact().heartbeat(&report))?.at;
        Ok(())
    }

    /// Announces a call to a customer. It may ring once this has returned.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait): do not ring then.
    pub fn announce(&mut self, customer: &CustomerId) -> Result<(), Failure> {
        let call = Interaction::outbound(drawn()?, customer.clone(), bob()?, Channel::Voice);
        let announcement = Announcement::showing(self.number.clone()).introduced(introduction()?);
        let report = self.feed.report();
        let announced = self.bank.contact().announce(&report, &call, &announcement);
        self.feed.complete_before = self.wait(announced)?.at;
        self.dialled = Some(call);
        Ok(())
    }

    /// The bank's own id of a call, from its first event to its end.
    fn id_of(&mut self, wire: &InteractionId) -> Result<InteractionId, Failure> {
        if let Some(id) = self.ids.get(wire) {
            return Ok(id.clone());
        }
        let id = drawn()?;
        self.ids.insert(wire.clone(), id.clone());
        Ok(id)
    }

    /// A call came to the edge. If it brings a ticket in a header, it is looked up.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn arrives(&mut self, call: Arriving) -> Result<(), Failure> {
        if call.to.as_ref() != Some(&self.number) {
            return Ok(());
        }
        self.from.insert(call.call.clone(), call.from.clone());
        if call.user_to_user.is_empty() {
            self.brought.insert(call.call, Arrived::Unknown(NoTicket::None));
            return Ok(());
        }
        let value = Zeroizing::new(call.user_to_user);
        let id = self.id_of(&call.call)?;
        let arrival = Arrival::with_user_to_user(id, call.trunk, &value);
        self.look_up(&call.call, arrival)
    }

    fn look_up(&mut self, call: &InteractionId, mut arrival: Arrival) -> Result<(), Failure> {
        if let Some(Some(number)) = self.from.get(call) {
            arrival = arrival.from_number(number.clone());
        }
        let arrived = self.wait(self.bank.contact().arrive(&arrival))?;
        if let Arrived::Asked(asked) = &arrived {
            let customer = asked.customer.clone();
            let id = self.id_of(call)?;
            let inbound = Interaction::inbound(id, customer, bob()?, Channel::Voice);
            self.known.insert(call.clone(), inbound);
        }
        self.brought.insert(call.clone(), arrived);
        if self.standing.contains(call) {
            self.began(call)?;
        }
        Ok(())
    }

    /// Something happened to a call at the bank's telephone.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn happened(&mut self, event: &CallEvent) -> Result<(), Failure> {
        if event.outgoing
            && !self.known.contains_key(&event.call)
            && let Some(dialled) = self.dialled.take()
        {
            self.known.insert(event.call.clone(), dialled);
        }
        if event.outgoing && !self.known.contains_key(&event.call) {
            self.dialled_by_hand(event)?;
        }
        match event.what {
            What::Incoming | What::Ringing => {}
            What::Established => {
                self.standing.push(event.call.clone());
                self.began(&event.call)?;
            }
            What::Digit('#') => {
                let keys = self.keys.remove(&event.call).unwrap_or_default();
                let id = self.id_of(&event.call)?;
                self.look_up(&event.call, Arrival::dialled(id, &keys))?;
            }
            What::Digit(key) => {
                let keys = self.keys.entry(event.call.clone());
                let keys = keys.or_insert_with(|| Zeroizing::new(String::with_capacity(MOST_KEYS)));
                if keys.len() < MOST_KEYS && key.is_ascii() {
                    keys.push(key);
                }
            }
            What::Closed => {
                self.standing.retain(|call| *call != event.call);
                self.keys.remove(&event.call);
                self.ids.remove(&event.call);
                if let Some(call) = self.known.remove(&event.call) {
                    let report = self.feed.report();
                    let ended = self.bank.contact().ended(&report, &call);
                    self.feed.complete_before = self.wait(ended)?.at;
                }
            }
        }
        Ok(())
    }

    /// Reports a call that was not announced: it may reach anybody, so nobody is told that it is not the bank.
    fn dialled_by_hand(&mut self, event: &CallEvent) -> Result<(), Failure> {
        let over = event.what == What::Closed;
        let known = self.by_hand.get(&event.call).cloned();
        let kept = match (known, over) {
            (Some(id), true) => {
                self.by_hand.remove(&event.call);
                let report = self.feed.report();
                self.wait(self.bank.contact().ended_unidentified(&report, &id))?
            }
            (None, false) => {
                let id = self.id_of(&event.call)?;
                self.by_hand.insert(event.call.clone(), id.clone());
                let (report, number) = (self.feed.report(), Some(&self.number));
                self.wait(self.bank.contact().began_unidentified(&report, &id, number))?
            }
            _ => return Ok(()),
        };
        self.feed.complete_before = kept.at;
        Ok(())
    }

    /// Reports the beginning of a call of which it is known with whom it is.
    fn began(&mut self, call: &InteractionId) -> Result<(), Failure> {
        let Some(call) = self.known.get(call).cloned() else { return Ok(()) };
        let (report, introduction) = (self.feed.report(), introduction()?);
        let began = self.bank.contact().began(&report, &call, &introduction);
        self.feed.complete_before = self.wait(began)?.at;
        Ok(())
    }
}

fn introduction() -> Result<Introduction, Failure> {
    Ok(Introduction::by("Bob from Example Bank".parse()?).about("Your card".parse()?))
}
