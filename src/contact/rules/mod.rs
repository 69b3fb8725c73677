//! What telephony reports, and the customer's question.

pub(crate) mod announced;

use crate::contact::feed::reported::Reported;
use crate::contact::past::state::Remembered;
use crate::contact::request::report::{Introduction, Report};
use crate::contact::state::{Closed, PresenceState};
use crate::contact::token::status::{OnTheLine, Status};
use crate::contact::view::OngoingInteraction;
use crate::engine::rule::{Beginning, Context, Decision, Event, Rule, Ruled, Ruling};
use crate::error::{Failure, Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::policy::{CLOSED_REMEMBERED, OPEN_EACH_WAY};
use crate::values::id::InteractionId;
use crate::values::interaction::{Direction, Interaction};
use crate::values::time::Timestamp;

fn reported(interaction: &Interaction, action: Action) -> EventDraft {
    EventDraft::by(Actor::BackEnd, action).in_interaction(&interaction.id)
}

/// An interaction began, or went over to another agent.
pub(crate) struct Began<'a> {
    pub(crate) interaction: &'a Interaction,
    /// What a feed says of it.
    pub(crate) said: Option<Said<'a>>,
}

/// What a feed's report says of a conversation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) report: &'a Report,
    pub(crate) introduction: &'a Introduction,
    /// That it went over to somebody else.
    pub(crate) transferred: bool,
}

impl Rule<PresenceState> for Began<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        reported(self.interaction, Action::Open)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<PresenceState, ()> {
        from_nothing(self, cx)
    }

    fn decide(&self, state: &mut PresenceState, cx: &Context<'_>) -> Ruled<()> {
        state.forget_aged(cx);
        let Self { interaction, said } = self;
        if state.closed.iter().any(|closed| closed.is(interaction)) {
            // A report that comes late, or an id that is used anew, which hides a call: the host hears of it.
            let late = self.note().refused(Reason::Ended);
            return Ok(Ruling::repeated(()).noted_as(late));
        }
        let warning = reported(interaction, Action::WarnOfRelay);
        if let Some(open) = state.open.iter_mut().find(|open| open.id == interaction.id) {
            if open.direction != interaction.direction || open.channel != interaction.channel {
                return self.without_room(Invalid::InteractionReused.into(), state, cx);
            }
            if !self.takes_over(open) {
                let open = open.clone();
                // Whether the first warning was heard is not known.
                let again = state.is_relayed(&open).then_some(warning);
                return Ok(Ruling::repeated(()).telling(again));
            }
            return Ok(Ruling::done_unrecorded(()));
        }
        // One that ended was of another kind: the id is used anew.
        if state.closed.iter().any(|closed| closed.id == interaction.id) {
            return self.without_room(Invalid::InteractionReused.into(), state, cx);
        }
        let same_way = state.open.iter().filter(|open| open.direction == interaction.direction);
        if same_way.count() >= OPEN_EACH_WAY {
            return self.without_room(Reason::TooManyOpen.into(), state, cx);
        }
        let mut new = OngoingInteraction::of(interaction, cx.clock.stamp());
        if let Some(said) = said {
            new.hears(&said.report.feed, said.report.number);
            new.transferred_by = said.transferred.then(|| said.report.feed.clone());
            new.introduce(said.introduction);
        }
        let warnings = state.is_relayed(&new).then_some(warning);
        state.open.push(new);
        Ok(Ruling::done_unrecorded(()).then(warnings))
    }
}

impl Began<'_> {
    /// Brings what is open up to this report, and says whether anything changed. A report that comes late says nothing
    /// of who is on it now.
    fn takes_over(&self, open: &mut OngoingInteraction) -> bool {
        let before = open.clone();
        if let Some(rings) = &mut open.rings {
            rings.answered = true;
        }
        let agent = &self.interaction.agent.id;
        match self.said {
            None => {
                // Whoever was introduced is not this one.
                open.agent_name = open.agent_name.take().filter(|_| open.agent == *agent);
                open.agent = agent.clone();
            }
            Some(Said { report, introduction, transferred }) => {
                let of_other = open.transferred_by.as_ref().is_some_and(|by| *by != report.feed);
                if open.hears(&report.feed, report.number) && (transferred || !of_other) {
                    if transferred {
                        open.transferred_by = Some(report.feed.clone());
                        open.agent_name = None;
                    }
                    open.agent = agent.clone();
                    open.introduce(introduction);
                }
            }
        }
        *open != before
    }

    /// What finds no room is refused; of a feed's report it is noted that something may be open.
    fn without_room(&self, why: Failure, state: &mut PresenceState, cx: &Context<'_>) -> Ruled<()> {
        if self.said.is_none() {
            return Err(why);
        }
        state.lose_track(self.interaction.direction, cx);
        let at = cx.clock.stamp();
        let mut lost = Remembered::reported(self.interaction, at);
        if let Some(said) = self.said {
            let Introduction { agent_name, purpose } = said.introduction.clone();
            (lost.contact.agent_name, lost.contact.purpose) = (agent_name, purpose);
        }
        state.past.add(&lost);
        let new = OngoingInteraction::of(self.interaction, at);
        let warning = reported(self.interaction, Action::WarnOfRelay);
        let warnings = state.is_relayed(&new).then_some(warning);
        let ruling = Ruling::done_unrecorded(()).then(warnings);
        Ok(match why.reason() {
            Some(reason) => ruling.noted_as(self.note().refused(reason)),
            None => ruling,
        })
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
        // An id that two systems give to calls of two kinds is two calls: the end of one ends the other not.
        let ends = |open: &OngoingInteraction| {
            open.id == self.0.id
                && (open.channel, open.direction) == (self.0.channel, self.0.direction)
        };
        let open = state.open.iter().position(ends);
        if open.is_none() && state.closed.iter().any(|closed| closed.is(self.0)) {
            return Ok(Ruling::repeated(()));
        }
        let now = cx.clock.stamp();
        // Of one whose beginning is not known, its end is all there is.
        let mut ended = Remembered::reported(self.0, now);
        ended.contact.ended = Some(now);
        if let Some(at) = open {
            ended = Remembered::of(&state.open.remove(at), Some(now));
        }
        state.past.add(&ended);
        state.closed.retain(|closed| !closed.is(self.0));
        if state.closed.len() >= CLOSED_REMEMBERED {
            // The oldest of those that say nothing of a call that rings, so that they put none out of mind that does.
            let at = state.closed.iter().position(|closed| closed.rang_nobody);
            state.closed.remove(at.unwrap_or(0));
        }
        state.closed.push(Closed::now(self.0, now));
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
pub(crate) struct Ask<'a> {
    pub(crate) agreed: &'a Agreed,
    /// How far all feeds are.
    pub(crate) reported: &'a Reported,
}

/// What the customer is told, and when.
pub(crate) struct Told {
    pub(crate) status: Status,
    pub(crate) call: Option<OnTheLine>,
    pub(crate) at: Timestamp,
}

impl Event<PresenceState> for Ask<'_> {
    type Outcome = Told;

    fn apply(
        &self,
        state: Option<PresenceState>,
        cx: &Context<'_>,
    ) -> Decision<PresenceState, Told> {
        let mut state = state.unwrap_or_default();
        state.forget_aged(cx);
        // Whatever the customer is told, the enterprise is told the same.
        let inbound = first(&state, |open| open.direction == Direction::Inbound);
        let warning = inbound.map(|inbound| {
            EventDraft::by(Actor::Customer, Action::WarnOfRelay).in_interaction(&inbound.id)
        });
        // By this machine's clock, or a phone would take the answer for one from the future.
        let at = cx.clock.stamp();
        let (status, about) = self.status(&state, cx);
        let call = about.map(|open| open.on_the_line(at));
        let told = Decision::keep(None, Ok(Told { status, call, at }));
        Decision { announced: Vec::from_iter(warning), ..told }
    }
}

impl Ask<'_> {
    /// An inbound interaction comes first, whatever else is open: it is what exposes a relay.
    fn status<'s>(
        &self,
        state: &'s PresenceState,
        cx: &Context<'_>,
    ) -> (Status, Option<&'s OngoingInteraction>) {
        let inbound = first(state, |open| open.direction == Direction::Inbound);
        let proven = || first(state, |open| self.agreed.recognised.contains(&open.id));
        if let Some(open) = inbound.or_else(proven) {
            let status = Status::TalkingToYou {
                channel: open.channel,
                direction: open.direction,
                since: open.since.min(cx.clock.stamp()),
            };
            return (status, Some(open));
        }
        let status = if !state.open.is_empty() {
            Status::Calling
        } else if !state.is_complete(self.reported, cx) {
            Status::Undetermined
        } else if self.agreed.scheduled {
            Status::Scheduled
        } else {
            Status::NotUs
        };
        (status, state.open.last())
    }
}

impl PresenceState {
    /// Whether what stands here is all that there is now, if the feeds are so far.
    pub(crate) fn is_complete(&self, reported: &Reported, cx: &Context<'_>) -> bool {
        let unsure = self.unsure_until.or(self.unsure_of_inbound_until).is_some();
        !unsure && reported.is_whole(cx) && !reported.calls_somebody(cx)
    }

    /// Whether the answer depends on what is agreed.
    pub(crate) fn asks_for_agreed(&self, reported: &Reported, cx: &Context<'_>) -> bool {
        let inbound = self.open.iter().any(|open| open.direction == Direction::Inbound);
        !inbound && (!self.open.is_empty() || self.is_complete(reported, cx))
    }
}

/// The oldest of those that are meant.
fn first(
    state: &PresenceState,
    meant: impl Fn(&OngoingInteraction) -> bool,
) -> Option<&OngoingInteraction> {
    state.open.iter().find(|open| meant(open))
}
