//! Calls of the enterprise's of which it is not known whose phone they reach.

use core::time::Duration;

use crate::codec::table::record;
use crate::policy::{Policy, PresencePolicy, RING_FOR_LIMIT, UNIDENTIFIED_AT_ONCE};
use crate::values::id::InteractionId;
use crate::values::now::WallClock;
use crate::values::phone::PhoneNumber;
use crate::values::time::Timestamp;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnidentifiedCall {
    pub(crate) id: InteractionId,
    /// The number of the enterprise's that it shows; it may be any, if it was not said.
    pub(crate) number: Option<PhoneNumber>,
    pub(crate) since: Timestamp,
    /// When it was over, or known with whom.
    pub(crate) ended: Option<Timestamp>,
}

impl UnidentifiedCall {
    /// Whether it may be going on: one whose end is lost ends with its age.
    fn is_on(&self, clock: WallClock, max_age: Duration) -> bool {
        self.ended.is_none() && !clock.has_reached(self.since.after(max_age))
    }
}

/// Those of one feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UnidentifiedCalls {
    pub(crate) calls: Vec<UnidentifiedCall>,
    /// Until then one may be going on that found no room.
    pub(crate) unsure_until: Option<Timestamp>,
    /// The latest end of those that stand here no more.
    pub(crate) forgotten_until: Option<Timestamp>,
}

/// What a report says of one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unidentified<'a> {
    Began(&'a InteractionId, Option<&'a PhoneNumber>),
    Ended(&'a InteractionId),
}

impl UnidentifiedCalls {
    /// Takes in what a report says. A beginning that is reported after its end opens nothing.
    pub(crate) fn take(&mut self, said: Unidentified<'_>, clock: WallClock, policy: &Policy) {
        self.forget(clock, policy);
        let now = clock.stamp();
        match said {
            Unidentified::Began(id, _) if self.calls.iter().any(|call| call.id == *id) => {}
            Unidentified::Began(id, number) => {
                let going_on = self.calls.iter().filter(|call| call.ended.is_none());
                if going_on.count() < UNIDENTIFIED_AT_ONCE {
                    let (id, number) = (id.clone(), number.cloned());
                    self.calls.push(UnidentifiedCall { id, number, since: now, ended: None });
                } else {
                    let until = clock.after(policy.presence.max_age);
                    self.unsure_until = self.unsure_until.max(Some(until));
                }
            }
            Unidentified::Ended(id) => {
                if let Some(call) = self.calls.iter_mut().find(|call| call.id == *id) {
                    call.ended = call.ended.or(Some(now));
                } else {
                    let (id, ended) = (id.clone(), Some(now));
                    self.calls.push(UnidentifiedCall { id, number: None, since: now, ended });
                }
                self.keep_few_ended();
            }
        }
    }

    /// Forgets what is so old that no call that rings can be it, by this machine's clock.
    fn forget(&mut self, clock: WallClock, policy: &Policy) {
        let presence = &policy.presence;
        // Machines' clocks are apart by the lag at most, and so is a phone's stopwatch from them.
        let told_for = RING_FOR_LIMIT.saturating_add(presence.lag).saturating_add(presence.lag);
        self.calls.retain(|call| {
            let until = match call.ended {
                Some(ended) => ended.after(told_for),
                None => call.since.after(presence.max_age),
            };
            !clock.has_reached(until)
        });
        self.unsure_until = self.unsure_until.filter(|until| !clock.has_reached(*until));
    }

    /// Ends are remembered as many as there may be calls at once, the latest.
    fn keep_few_ended(&mut self) {
        let ended = || self.calls.iter().filter_map(|call| call.ended);
        if ended().count() > UNIDENTIFIED_AT_ONCE {
            let first = ended().min();
            self.forgotten_until = self.forgotten_until.max(first);
            if let Some(at) = self.calls.iter().position(|call| call.ended == first) {
                self.calls.remove(at);
            }
        }
    }

    /// Whether one of them may be going on.
    pub(crate) fn is_any_on(&self, clock: WallClock, max_age: Duration) -> bool {
        self.is_unsure(clock) || self.calls.iter().any(|call| call.is_on(clock, max_age))
    }

    /// Whether one of them may be the call that shows `number` and rings since `rings_since`, give or take the lag.
    pub(crate) fn may_ring(
        &self,
        number: &PhoneNumber,
        rings_since: Timestamp,
        clock: WallClock,
        presence: &PresencePolicy,
    ) -> bool {
        let late = |at: Timestamp| rings_since <= at.after(presence.lag);
        let may_be = |call: &UnidentifiedCall| {
            call.number.as_ref().is_none_or(|shown| shown == number)
                && call.ended.map_or_else(|| call.is_on(clock, presence.max_age), late)
        };
        let forgotten = self.forgotten_until.is_some_and(late);
        forgotten || self.is_unsure(clock) || self.calls.iter().any(may_be)
    }

    fn is_unsure(&self, clock: WallClock) -> bool {
        self.unsure_until.is_some_and(|until| !clock.has_reached(until))
    }
}

record! { UnidentifiedCall { 0 => id, 1 => number, 2 => since, 3 => ended } }
record! { UnidentifiedCalls { 0 => calls, 1 => unsure_until, 2 => forgotten_until } }
