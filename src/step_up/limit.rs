//! How many step-ups were asked for lately, of one customer or by one agent (push bombing).

use core::time::Duration;

use crate::codec::table::{kept_as_bytes, record};
use crate::crypto::pae;
use crate::engine::rule::{Context, Decision, Event, State};
use crate::error::Failure;
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::store::Place;
use crate::values::id::StepUpLimitId;
use crate::values::time::Timestamp;

/// By how much the clocks of the host's machines may differ without anyone being let off.
const CLOCKS_DIFFER: Duration = Duration::from_secs(3600);

/// For how much longer a request is kept than it counts by a clock that is right: a machine that is ahead by less
/// neither drops what the others have counted nor finds the record gone.
const KEPT_LONGER: Duration = Duration::from_secs(24 * 3600);
/// For so many clocks that are far apart there is room, each with as many requests as it allows.
const KEPT_FOR: usize = 4;

const SECOND: Duration = Duration::from_secs(1);

/// The requests of the last while, in the order in which they were counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LimitState(Vec<Counted>);

/// A request that was counted, by what it asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counted {
    asked: [u8; 16],
    /// When, by the clock of the machine that counted it.
    at: Timestamp,
    /// The latest that the others were counted at, if that clock was behind it: it lags, or one of theirs was
    /// ahead.
    after: Option<Timestamp>,
    /// Where the step-up stands that was asked for, until it is known that it will not be approved any more. One that
    /// was approved does not count.
    stands_at: Option<StandsAt>,
    /// In which interaction, as a digest.
    within: Option<[u8; 16]>,
}

/// A place in a store, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StandsAt(pub(crate) [u8; 33]);

impl StandsAt {
    pub(crate) fn of(place: &Place) -> Self {
        let mut bytes = [0; 33];
        let pieces = core::iter::once(&place.lane).chain(&place.owner).chain(&place.id);
        for (to, from) in bytes.iter_mut().zip(pieces) {
            *to = *from;
        }
        Self(bytes)
    }

    pub(crate) fn place(&self) -> Place {
        let [lane, rest @ ..] = &self.0;
        let (owner, id) = rest.split_at(16);
        Place { lane: *lane, owner: pae::first(owner), id: pae::first(id) }
    }
}

kept_as_bytes!(StandsAt);

/// What is asked, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct New {
    /// Names what is asked by its content: under the id alone something else could be asked anew, uncounted.
    pub(crate) asked: [u8; 16],
    pub(crate) stands_at: Option<StandsAt>,
    pub(crate) within: Option<[u8; 16]>,
}

/// What became of those that were counted, as far as it is final.
#[derive(Debug, Default)]
pub(crate) struct Fates {
    /// They do not count any more.
    pub(crate) approved: Vec<StandsAt>,
    /// They count until their time is over.
    pub(crate) ended: Vec<StandsAt>,
}

impl Counted {
    /// Whether a clock that shows `clock` is the first to see that it was counted, and not far past it.
    fn is_new_to(&self, clock: Timestamp, far: Duration) -> bool {
        self.after.is_some_and(|after| (after..=after.after(far)).contains(&clock))
    }

    /// The latest that is known of.
    fn latest(&self) -> Timestamp {
        self.after.unwrap_or(self.at).max(self.at)
    }
}

impl LimitState {
    /// What a clock that lags has counted is newer than what was counted before, by nobody knows how much. To a
    /// clock that has just come as far as that it is as new as can be, from when it first sees it. A clock that is
    /// far past that tells nothing. Returns whether anything was seen for the first time.
    pub(crate) fn see(&mut self, clock: Timestamp, window: Duration) -> bool {
        let mut seen = false;
        for one in &mut self.0 {
            if one.is_new_to(clock, far(window)) {
                (one.at, one.after, seen) = (clock, None, true);
            }
        }
        seen
    }

    /// Those that count by a clock that shows `clock`. What one that is ahead by less than an hour has counted
    /// counts, and what one that is ahead by more has counted does not, as soon as a later one shows that.
    fn lately(&self, clock: Timestamp, window: Duration) -> impl Iterator<Item = &Counted> {
        let (far, mut least) = (far(window), Timestamp::MAX);
        self.0.iter().rev().filter(move |one| {
            let at = if one.is_new_to(clock, far) { clock } else { one.at };
            let is_ahead = clock < at && least.after(far) < at;
            least = least.min(at);
            clock < at.after(window) && at <= clock.after(far) && !is_ahead
        })
    }

    /// Whether this counts already.
    pub(crate) fn counts(&self, asked: [u8; 16], clock: Timestamp, window: Duration) -> bool {
        self.lately(clock, window).any(|one| one.asked == asked)
    }

    /// Where those stand of which it is not known what becomes of them.
    pub(crate) fn undecided(&self) -> impl Iterator<Item = StandsAt> {
        self.0.iter().filter_map(|one| one.stands_at)
    }

    /// Strikes off what was approved; what has ended otherwise is not looked at again.
    pub(crate) fn settle(&mut self, fates: &Fates) {
        let is_in =
            |list: &[StandsAt], one: &Counted| one.stands_at.is_some_and(|at| list.contains(&at));
        self.0.retain(|one| !is_in(&fates.approved, one));
        for one in &mut self.0 {
            if is_in(&fates.ended, one) {
                one.stands_at = None;
            }
        }
    }

    /// Forgets what no clock counts any more.
    pub(crate) fn forget(&mut self, clock: Timestamp, window: Duration) {
        self.0.retain(|one| clock < one.latest().after(window).after(KEPT_LONGER));
    }

    /// Counts one more, of which there is room for `most`.
    pub(crate) fn push(&mut self, new: New, most: u8, cx: &Context<'_>, window: Duration) {
        let clock = cx.clock.stamp();
        let known = self.0.iter().map(Counted::latest).filter(|at| *at <= clock.after(far(window)));
        let after = known.max().filter(|latest| clock.after(cx.policy.leeway) < *latest);
        let room = usize::from(most).saturating_mul(KEPT_FOR).max(1);
        let surplus = self.0.len().saturating_add(1).saturating_sub(room);
        self.0.drain(..surplus.min(self.0.len()));
        let New { asked, stands_at, within } = new;
        self.0.push(Counted { asked, at: clock, after, stands_at, within });
    }

    /// Until when it is kept.
    pub(crate) fn kept_until(&self, window: Duration) -> Timestamp {
        let last = self.0.iter().map(Counted::latest).max().unwrap_or(Timestamp::EPOCH);
        last.after(window).after(KEPT_LONGER)
    }

    /// From when on, `from` at the earliest, fewer than `most` count, if no others are counted meanwhile.
    pub(crate) fn room_from(&self, most: u8, from: Timestamp, window: Duration) -> Timestamp {
        self.room_within(None, most, from, window)
    }

    /// The same of those in one interaction, if one is given.
    pub(crate) fn room_within(
        &self,
        within: Option<[u8; 16]>,
        most: u8,
        from: Timestamp,
        window: Duration,
    ) -> Timestamp {
        let is_meant = |one: &&Counted| within.is_none() || one.within == within;
        let has_room = |at| self.lately(at, window).filter(is_meant).count() < usize::from(most);
        if has_room(from) {
            return from;
        }
        // When one of them ceases to count, or to be new.
        let ends = self.0.iter().flat_map(|one| {
            let until_new = one.after.map(|after| after.after(far(window)).after(SECOND));
            [Some(one.at.after(window)), until_new]
        });
        let mut ends: Vec<_> = ends.flatten().filter(|at| from < *at).collect();
        ends.sort_unstable();
        ends.into_iter().find(|at| has_room(*at)).unwrap_or(Timestamp::MAX)
    }
}

/// By how much clocks differ that are far apart.
fn far(window: Duration) -> Duration {
    window.max(CLOCKS_DIFFER)
}

impl State for LimitState {
    const KIND: Kind = Kind::StepUpLimit;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.kept_until(policy.step_ups.limit_window)
    }

    const LISTED: bool = false;

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::StepUpLimit(StepUpLimitId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::StepUpLimit(u16::try_from(self.0.len()).unwrap_or(u16::MAX))
    }
}

record! { LimitState as state { 0 => requests: Vec<Counted> = &state.0 } Ok(Self(requests)) }
record! { Counted { 0 => asked, 1 => at, 2 => after, 3 => stands_at, 4 => within } }

/// One request more, if there may be one; the same one again is not counted.
pub(crate) struct Count {
    pub(crate) new: New,
    pub(crate) most: u8,
}

impl Event<LimitState> for Count {
    type Outcome = ();

    fn apply(&self, state: Option<LimitState>, cx: &Context<'_>) -> Decision<LimitState, ()> {
        let mut state = state.unwrap_or_default();
        let (clock, window) = (cx.clock.stamp(), cx.policy.step_ups.limit_window);
        let seen = state.see(clock, window);
        // Otherwise nothing is moved, and nothing dropped that another clock may count.
        state.forget(clock, window);
        let counted = state.counts(self.new.asked, clock, window);
        let retry_at = state.room_from(self.most, clock, window);
        if counted || clock < retry_at {
            let result = if counted { Ok(()) } else { Err(Failure::Limited(retry_at)) };
            return if seen {
                Decision::write(state, Vec::new(), result)
            } else {
                Decision::keep(None, result)
            };
        }
        state.push(self.new, self.most, cx, window);
        Decision::write(state, Vec::new(), Ok(()))
    }
}

/// It is known what became of some that were counted.
pub(crate) struct SettleCount<'a>(pub(crate) &'a Fates);

impl Event<LimitState> for SettleCount<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<LimitState>, _: &Context<'_>) -> Decision<LimitState, ()> {
        let Some(mut state) = state else { return Decision::keep(None, Ok(())) };
        state.settle(self.0);
        Decision::write(state, Vec::new(), Ok(()))
    }
}
