//! What is kept of a customer's open interactions, and how it is encoded.

use crate::codec::table::record;
use crate::contact::past::state::{AskedKey, Past, Remembered};
use crate::contact::ticket::request::TicketTransport;
use crate::contact::view::{OngoingInteraction, Presence, is_live};
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::{InteractionId, PresenceId, TicketId};
use crate::values::interaction::{Direction, Interaction};
use crate::values::time::Timestamp;

/// An end that was reported, so that a beginning reported after it opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    pub(crate) id: InteractionId,
    pub(crate) at: Timestamp,
    /// It rang at nobody: an inbound one, or one without voices.
    pub(crate) rang_nobody: bool,
}

impl Closed {
    pub(crate) fn now(interaction: &Interaction, at: Timestamp) -> Self {
        Self { id: interaction.id.clone(), at, rang_nobody: rings_nobody(interaction) }
    }

    /// Whether it is the end of this one: by its id, and by whether it rang.
    pub(crate) fn is(&self, interaction: &Interaction) -> bool {
        self.id == interaction.id && self.rang_nobody == rings_nobody(interaction)
    }
}

fn rings_nobody(interaction: &Interaction) -> bool {
    interaction.direction == Direction::Inbound || !is_live(interaction.channel)
}

/// One customer's open interactions as they are sealed in their record, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PresenceState {
    pub(crate) open: Vec<OngoingInteraction>,
    pub(crate) closed: Vec<Closed>,
    /// Until then a call of ours may be open that does not stand here: what was reported found no room.
    pub(crate) unsure_until: Option<Timestamp>,
    /// The same of what others began, which says nothing of a call that rings.
    pub(crate) unsure_of_inbound_until: Option<Timestamp>,
    /// The customer's tickets, and those of late.
    pub(crate) tickets: Vec<LiveTicket>,
    /// The last contacts, of those that are not open.
    pub(crate) past: Past,
    /// What the customer's key was asked last.
    pub(crate) asked: Option<AskedKey>,
}

/// A ticket that may be presented, or was lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiveTicket {
    pub(crate) id: TicketId,
    pub(crate) transport: TicketTransport,
    pub(crate) issued: Timestamp,
    pub(crate) until: Timestamp,
    /// The call that came with it.
    pub(crate) used_by: Option<InteractionId>,
}

impl PresenceState {
    /// Forgets what is older than the policy lets an interaction be, by this machine's clock: another's
    /// that was ahead must not end what exposes a relay.
    pub(crate) fn forget_aged(&mut self, cx: &Context<'_>) {
        let most = cx.policy.presence.max_age;
        let aged = |open: &mut OngoingInteraction| cx.clock.has_reached(open.since.after(most));
        for open in self.open.extract_if(.., aged) {
            self.past.add(&Remembered::of(&open, None));
        }
        self.past.forget(cx.clock, cx.policy.presence.contact_remembered);
        self.asked = self.asked.take().filter(|asked| !cx.clock.has_reached(asked.until));
        self.closed.retain(|closed| !cx.clock.has_reached(closed.at.after(most)));
        let later = |until: &Timestamp| !cx.clock.has_reached(*until);
        self.unsure_until = self.unsure_until.filter(later);
        self.unsure_of_inbound_until = self.unsure_of_inbound_until.filter(later);
        let told_for = cx.policy.tickets.limit_window;
        self.tickets.retain(|ticket| !cx.clock.has_reached(ticket.until.after(told_for)));
    }

    /// Something was reported that finds no room here, and may be open.
    pub(crate) fn lose_track(&mut self, direction: Direction, cx: &Context<'_>) {
        let until = cx.clock.after(cx.policy.presence.max_age);
        let unsure = match direction {
            Direction::Inbound => &mut self.unsure_of_inbound_until,
            Direction::Outbound => &mut self.unsure_until,
        };
        *unsure = Some(unsure.map_or(until, |before| before.max(until)));
    }
}

impl State for PresenceState {
    const KIND: Kind = Kind::Presence;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let began = || self.open.iter().map(|open| open.since);
        let ended = self.closed.iter().map(|closed| closed.at);
        let last = began().chain(ended).max().unwrap_or(Timestamp::EPOCH);
        let told_for = policy.tickets.limit_window;
        let tickets = self.tickets.iter().map(|ticket| ticket.until.after(told_for));
        let remembered = policy.presence.contact_remembered;
        // What is open now is remembered when it has ended.
        let past = self.past.began().chain(began()).map(|since| since.after(remembered));
        let asked = self.asked.iter().map(|asked| asked.until);
        let unsure = self.unsure_until.into_iter().chain(self.unsure_of_inbound_until);
        let others = unsure.chain(tickets).chain(past).chain(asked);
        others.fold(last.after(policy.presence.max_age), Ord::max).after(policy.leeway)
    }

    const LISTED: bool = false;

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Presence(PresenceId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        let mut now = self.clone();
        now.forget_aged(cx);
        let Past { last_call, last_contact } = now.past;
        View::Presence(Presence {
            open: now.open,
            last_call: last_call.map(|one| one.contact),
            last_contact: last_contact.map(|one| one.contact),
        })
    }
}

record! {
    PresenceState {
        0 => open,
        1 => closed,
        2 => unsure_until,
        3 unless Vec::new() => tickets,
        4 unless Past::default() => past,
        5 => asked,
        6 => unsure_of_inbound_until,
    }
}
record! { LiveTicket { 0 => id, 1 => transport, 2 => issued, 3 => until, 4 => used_by } }
record! { Closed { 0 => id, 1 => at, 2 unless false => rang_nobody } }
