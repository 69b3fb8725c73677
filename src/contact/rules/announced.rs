//! A call is announced before it rings, and the customer's phone asks about it while it rings.

use core::time::Duration;

use crate::contact::feed::reported::Reported;
use crate::contact::request::report::{Announcement, Report};
use crate::contact::request::ringing::RingingCall;
use crate::contact::rules::{from_nothing, reported};
use crate::contact::state::PresenceState;
use crate::contact::token::verdict::CallVerdict;
use crate::contact::view::{OngoingInteraction, Rings, Vouched, is_live};
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::{Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::policy::{OPEN_EACH_WAY, RING_FOR_LIMIT};
use crate::values::interaction::{Direction, Interaction};
use crate::values::time::Timestamp;

/// The dialler is about to ring.
pub(crate) struct Announce<'a> {
    pub(crate) interaction: &'a Interaction,
    pub(crate) announcement: &'a Announcement,
    pub(crate) report: &'a Report,
}

impl Rule<PresenceState> for Announce<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        reported(self.interaction, Action::AnnounceCall)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<PresenceState, ()> {
        from_nothing(self, cx)
    }

    fn decide(&self, state: &mut PresenceState, cx: &Context<'_>) -> Ruled<()> {
        state.forget_aged(cx);
        let Self { interaction, announcement, report } = self;
        if interaction.direction != Direction::Outbound {
            return Err(Reason::Inbound.into());
        }
        // What does not ring is never the call that rings.
        if !is_live(interaction.channel) {
            return Err(Reason::ChannelNotAllowed.into());
        }
        if state.closed.iter().any(|closed| closed.id == interaction.id) {
            return Err(Reason::Ended.into());
        }
        if let Some(open) = state.open.iter().find(|open| open.id == interaction.id) {
            // What was announced is outbound.
            let same = open.channel == interaction.channel
                && open.rings.as_ref().is_some_and(|rings| rings.number == announcement.shown);
            return if same {
                Ok(Ruling::repeated(()))
            } else {
                Err(Invalid::InteractionReused.into())
            };
        }
        let same_way = state.open.iter().filter(|open| open.direction == interaction.direction);
        if same_way.count() >= OPEN_EACH_WAY {
            return Err(Reason::TooManyOpen.into());
        }
        let number = announcement.shown.clone();
        let mut new = OngoingInteraction::of(interaction, cx.clock.stamp());
        new.rings = Some(Rings { number, answered: false, vouched: None });
        new.hears(&report.feed, report.number);
        new.introduce(&announcement.introduction);
        let warning = reported(interaction, Action::WarnOfRelay);
        let warnings = state.is_relayed(&new).then_some(warning);
        state.open.push(new);
        Ok(Ruling::done_unrecorded(()).then(warnings))
    }
}

/// The customer's phone asks about a call that rings with a number of ours. The outcome is the verdict, and when it
/// was given.
pub(crate) struct Judge<'a> {
    pub(crate) ringing: &'a RingingCall,
    /// How far every feed is whose calls may show the number.
    pub(crate) reported: &'a Reported,
}

impl Rule<PresenceState> for Judge<'_> {
    type Outcome = (CallVerdict, Timestamp);

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::VouchForCall)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<PresenceState, (CallVerdict, Timestamp)> {
        let mut state = PresenceState::default();
        Ok((None, self.decide(&mut state, cx)?))
    }

    fn decide(
        &self,
        state: &mut PresenceState,
        cx: &Context<'_>,
    ) -> Ruled<(CallVerdict, Timestamp)> {
        state.forget_aged(cx);
        let now = cx.clock.stamp();
        let nothing = |verdict| Ok(Ruling::nothing((verdict, now)));
        let asked = self.ringing;
        let fresh = self.reported.is_fresh(cx);
        if let Some((rings, before)) = state.vouched_for(asked) {
            // A lost answer is asked for again, for as long as it would have counted and nothing has changed.
            let counts = now < before.at.after(cx.policy.presence.status_valid_for);
            let same = before.device == asked.device && rings.number == asked.number;
            let still = fresh && !rings.answered && !asked.others;
            let verdict = if counts && same && still {
                CallVerdict::Legitimate
            } else {
                CallVerdict::Undetermined
            };
            return nothing(verdict);
        }
        if asked.ringing_for > RING_FOR_LIMIT {
            return nothing(CallVerdict::Undetermined);
        }
        let rings_since = now.before(asked.ringing_for);
        if state.is_ringing_or_has(rings_since, asked, cx.policy.presence.lag) {
            let meant = |open: &&mut OngoingInteraction| self.is_meant(open, rings_since, cx);
            // Without its reports nobody knows whether a call is still ringing.
            let of_ours = state.open.iter_mut().find(meant).filter(|_| fresh);
            let Some(open) = of_ours else { return nothing(CallVerdict::Undetermined) };
            let id = open.id.clone();
            if let Some(rings) = &mut open.rings {
                let (query, device) = (*asked.query.as_bytes(), asked.device);
                rings.vouched = Some(Vouched { query, device, at: now });
            }
            let note = self.note().in_interaction(&id);
            return Ok(Ruling::done_unrecorded((CallVerdict::Legitimate, now)).noted_as(note));
        }
        let all_is_known = rings_since.after(cx.policy.presence.lag)
            < self.reported.complete_before
            && self.reported.is_whole(cx)
            && state.unsure_until.is_none()
            && !self.reported.may_ring(&asked.number, rings_since, cx);
        nothing(if all_is_known { CallVerdict::NotLegitimate } else { CallVerdict::Undetermined })
    }
}

impl Judge<'_> {
    /// Whether the call that rings may be this one, and no other question was told so.
    fn is_meant(
        &self,
        open: &OngoingInteraction,
        rings_since: Timestamp,
        cx: &Context<'_>,
    ) -> bool {
        let presence = &cx.policy.presence;
        // What rings before it was announced is another call.
        let may_ring = open.since <= rings_since.after(presence.lag)
            && !cx.clock.has_reached(open.since.after(presence.ring_for));
        let free = |rings: &Rings| {
            rings.number == self.ringing.number && !rings.answered && rings.vouched.is_none()
        };
        !self.ringing.others && may_ring && open.rings.as_ref().is_some_and(free)
    }
}

impl PresenceState {
    /// What this question was told before.
    fn vouched_for(&self, asked: &RingingCall) -> Option<(&Rings, Vouched)> {
        let rings = self.open.iter().filter_map(|open| open.rings.as_ref());
        let mut all = rings.filter_map(|rings| Some((rings, rings.vouched?)));
        all.find(|(_, vouched)| vouched.query == *asked.query.as_bytes())
    }

    /// Whether a call of ours may be the one that rings: one with this number or of which no number was announced, or one
    /// that ended since it began to ring.
    fn is_ringing_or_has(
        &self,
        rings_since: Timestamp,
        asked: &RingingCall,
        lag: Duration,
    ) -> bool {
        let may_be = |open: &OngoingInteraction| {
            let number = open.rings.as_ref().map(|rings| &rings.number);
            open.direction == Direction::Outbound
                && open.is_live()
                && number.is_none_or(|number| *number == asked.number)
        };
        // Ends that were forgotten are older than those that are remembered, so these say it all.
        let mut rang = self.closed.iter().filter(|closed| !closed.rang_nobody);
        let ended_since = rang.any(|closed| rings_since <= closed.at.after(lag));
        ended_since || self.open.iter().any(may_be)
    }
}
