//! How far feeds are, as an answer needs to know it.

use crate::contact::feed::unidentified::UnidentifiedCalls;
use crate::engine::rule::Context;
use crate::values::phone::PhoneNumber;
use crate::values::time::Timestamp;

/// What the feeds on which an answer depends have reported.
#[derive(Debug, Clone)]
pub(crate) struct Reported {
    /// Before when all of them have reported everything.
    pub(crate) complete_before: Timestamp,
    /// What may be lost although it was reported: the store was restored a while ago.
    pub(crate) lost: bool,
    /// Of which of their calls it is not known whose phone they reach.
    pub(crate) unidentified: Vec<UnidentifiedCalls>,
}

impl Reported {
    /// Whether every feed is fresh.
    pub(crate) fn is_fresh(&self, cx: &Context<'_>) -> bool {
        let (now, lag) = (cx.clock.stamp(), cx.policy.presence.lag);
        let before = self.complete_before;
        // One from the future was made by a clock that is wrong.
        let fresh = now <= before.after(lag) && before <= now.after(lag);
        fresh && before != Timestamp::EPOCH
    }

    /// Whether what was reported and is kept is all that there is now.
    pub(crate) fn is_whole(&self, cx: &Context<'_>) -> bool {
        self.is_fresh(cx) && !self.lost
    }

    /// Whether the enterprise is talking to somebody who may be anybody.
    pub(crate) fn calls_somebody(&self, cx: &Context<'_>) -> bool {
        let max_age = cx.policy.presence.max_age;
        self.unidentified.iter().any(|calls| calls.is_any_on(cx.clock, max_age))
    }

    /// Whether a call that shows `number`, and rings since then, may be one that the enterprise made to anybody.
    pub(crate) fn may_ring(
        &self,
        number: &PhoneNumber,
        rings_since: Timestamp,
        cx: &Context<'_>,
    ) -> bool {
        let presence = &cx.policy.presence;
        self.unidentified.iter().any(|of| of.may_ring(number, rings_since, cx.clock, presence))
    }
}
