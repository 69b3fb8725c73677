//! What becomes of a customer's news when one of them cannot be delivered.

use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::history::event::{Action, Actor, EventDraft};
use crate::outbox::state::{HoldState, Standing, Waiting};
use crate::outbox::view::GivenBack;
use crate::store::EntryId;
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;

/// How many news of one customer are taken out of their lane while they wait. More stay in the lane.
const MOST_WAITING: usize = 1000;

/// The worker could not deliver it.
pub(crate) struct GiveBack<'a> {
    pub(crate) customer: &'a CustomerId,
    pub(crate) entry: EntryId,
    pub(crate) reason: &'a str,
}

impl GiveBack<'_> {
    fn retry_at(attempts: u32, cx: &Context<'_>) -> Timestamp {
        let policy = &cx.policy.outbox;
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        let wait = policy.retry_after.saturating_mul(doubled).min(policy.retry_within);
        // By the clock: that is what leases are made with.
        cx.clock.after(wait)
    }

    /// Parked if it failed too often.
    fn ruled(&self, state: &mut HoldState, cx: &Context<'_>) -> Ruling<GivenBack> {
        self.reason.clone_into(&mut state.reason);
        state.given_back = Some(self.entry);
        if state.attempts >= cx.policy.outbox.attempts.into() {
            state.standing = Standing::Parked;
            return Ruling::done_unrecorded(GivenBack::Parked);
        }
        state.standing = Standing::Retrying;
        state.retry_at = Self::retry_at(state.attempts, cx);
        Ruling::done_unrecorded(GivenBack::Until(state.retry_at))
            .noted_as(EventDraft::by(Actor::BackEnd, Action::RetryNews))
    }
}

impl Rule<HoldState> for GiveBack<'_> {
    type Outcome = GivenBack;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::ParkNews)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<HoldState, GivenBack> {
        let mut state = HoldState {
            customer: self.customer.clone(),
            since: cx.now.stamp(),
            attempts: 1,
            retry_at: Timestamp::EPOCH,
            reason: String::new(),
            standing: Standing::Retrying,
            first: self.entry,
            first_done: false,
            waiting: Vec::new(),
            discarded_at: Timestamp::EPOCH,
            given_back: None,
        };
        let ruling = self.ruled(&mut state, cx);
        Ok((Some(state), ruling))
    }

    fn decide(&self, state: &mut HoldState, cx: &Context<'_>) -> Ruled<GivenBack> {
        match state.standing {
            Standing::Parked => return Ok(Ruling::nothing(GivenBack::Parked)),
            // It is dropped with the next lease, or comes again.
            Standing::Discarded => {
                return Ok(Ruling::nothing(GivenBack::Until(cx.clock.stamp())));
            }
            Standing::Over => {
                (state.attempts, state.since, state.first) = (0, cx.now.stamp(), self.entry);
                state.first_done = false;
            }
            Standing::Retrying | Standing::Resumed => {}
        }
        state.attempts = state.attempts.saturating_add(1);
        Ok(self.ruled(state, cx))
    }
}

/// What follows in the lane is taken out of it, so that the lane goes on. The outcome is what may go.
pub(crate) struct Keep(pub(crate) Vec<Waiting>);

impl Rule<HoldState> for Keep {
    type Outcome = Vec<EntryId>;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::ParkNews)
    }

    fn decide(&self, state: &mut HoldState, _: &Context<'_>) -> Ruled<Vec<EntryId>> {
        if state.standing != Standing::Parked {
            return Ok(Ruling::nothing(Vec::new()));
        }
        let mut kept = Vec::new();
        for waiting in &self.0 {
            let there = state.waiting.iter().any(|one| one.id == waiting.id);
            if !there && state.waiting.len() >= MOST_WAITING {
                break;
            }
            if !there {
                state.waiting.push(waiting.clone());
            }
            kept.push(waiting.id);
        }
        Ok(Ruling::done_unrecorded(kept))
    }
}

/// These were delivered. The outcome is what of the lane is done with.
pub(crate) struct Delivered<'a>(pub(crate) &'a [EntryId]);

impl Rule<HoldState> for Delivered<'_> {
    type Outcome = Vec<EntryId>;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::ResumeNews)
    }

    fn begin(&self, _: &Context<'_>) -> Beginning<HoldState, Vec<EntryId>> {
        Ok((None, Ruling::nothing(self.0.to_vec())))
    }

    fn decide(&self, state: &mut HoldState, cx: &Context<'_>) -> Ruled<Vec<EntryId>> {
        let mut done = self.0.to_vec();
        if state.standing == Standing::Over {
            return Ok(Ruling::nothing(done));
        }
        let delivered = |id: &EntryId| self.0.contains(id);
        let first_now = delivered(&state.first);
        let before = state.waiting.len();
        state.waiting.retain(|one| !delivered(&one.id));
        let failed = state.given_back.take_if(|id| delivered(id));
        if !first_now && state.waiting.len() == before && failed.is_none() {
            return Ok(Ruling::nothing(done));
        }
        state.first_done |= first_now;
        done.retain(|id| *id != state.first);
        if state.first_done && state.waiting.is_empty() {
            done.push(state.first);
            let later = state.given_back.filter(|id| *id != state.first);
            match (later, state.standing) {
                // What failed after the first one stands in the lane, and still waits.
                (Some(later), Standing::Retrying | Standing::Parked) => {
                    (state.first, state.first_done) = (later, false);
                    (state.attempts, state.since) = (1, cx.now.stamp());
                }
                _ => state.standing = Standing::Over,
            }
        }
        Ok(Ruling::done_unrecorded(done))
    }
}

/// The host has mended what was wrong: they are delivered again.
pub(crate) struct Resume;

impl Rule<HoldState> for Resume {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::ResumeNews)
    }

    fn decide(&self, state: &mut HoldState, _: &Context<'_>) -> Ruled<()> {
        match state.standing {
            Standing::Retrying | Standing::Parked => {
                state.standing = Standing::Resumed;
                state.attempts = 0;
                Ok(Ruling::done_unrecorded(()))
            }
            Standing::Resumed | Standing::Discarded | Standing::Over => Ok(Ruling::repeated(())),
        }
    }
}

/// The host gives up what waits.
pub(crate) struct Discard;

impl Rule<HoldState> for Discard {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::DiscardNews)
    }

    fn decide(&self, state: &mut HoldState, cx: &Context<'_>) -> Ruled<()> {
        if matches!(state.standing, Standing::Discarded | Standing::Over) {
            return Ok(Ruling::repeated(()));
        }
        state.standing = Standing::Discarded;
        state.discarded_at = cx.clock.stamp();
        state.waiting.clear();
        Ok(Ruling::done_unrecorded(()))
    }
}

/// Nothing of what is held stands in the lane any more.
pub(crate) struct End;

impl Rule<HoldState> for End {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::ResumeNews)
    }

    fn decide(&self, state: &mut HoldState, _: &Context<'_>) -> Ruled<()> {
        if !state.waiting.is_empty() || matches!(state.standing, Standing::Over) {
            return Ok(Ruling::nothing(()));
        }
        state.standing = Standing::Over;
        Ok(Ruling::done_unrecorded(()))
    }
}
