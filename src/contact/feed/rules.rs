//! What a numbered report does to its feed's record.

use crate::contact::feed::state::{Early, FeedState};
use crate::contact::feed::unidentified::Unidentified;
use crate::contact::request::report::Report;
use crate::engine::rule::{Context, Decision, Event};
use crate::engine::watermarks::Known;
use crate::error::Invalid;
use crate::policy::REPORTS_AHEAD;
use crate::values::time::Timestamp;

/// A report came, and what it says is kept.
pub(crate) struct Count<'a> {
    pub(crate) report: &'a Report,
    /// The feed begins anew with it: what is missing before will not come.
    pub(crate) anew: bool,
    /// What it says of a call with nobody knows whom. It is kept with the count.
    pub(crate) said: Option<Unidentified<'a>>,
}

impl Event<FeedState> for Count<'_> {
    /// When it was kept, and how far the feed is.
    type Outcome = (Timestamp, Known);

    fn apply(
        &self,
        state: Option<FeedState>,
        cx: &Context<'_>,
    ) -> Decision<FeedState, (Timestamp, Known)> {
        let mut state = state.unwrap_or_default();
        let (now, number) = (cx.clock.stamp(), self.report.number);
        // Nobody has reported what is yet to begin.
        let complete_before = self.report.complete_before.min(now);
        let known = number < state.next || state.early.iter().any(|early| early.number == number);
        // Whoever begins anew has used no higher number: what came under one would be forgotten, and is acknowledged.
        let used = self.anew && state.early.iter().any(|early| number <= early.number);
        // What was counted is not counted again: a late copy must not take the feed back.
        if known || used {
            // A feed that lost count is told; a copy of that which was done is not.
            let result = if self.anew && (number != state.anew_with || number == 0) {
                Err(Invalid::ReportNumberUsed.into())
            } else {
                Ok((now, state.known()))
            };
            return Decision::keep(None, result);
        }
        if self.anew || state.complete_since == Timestamp::EPOCH {
            state.complete_since = now;
        }
        if self.anew {
            state.next = number;
            state.anew_with = number;
            state.early.clear();
        } else if number > state.next && state.early.len() >= REPORTS_AHEAD {
            return Decision::keep(None, Err(Invalid::FeedGap.into()));
        }
        let at = state.early.partition_point(|early| early.number < number);
        state.early.insert(at, Early { number, complete_before });
        state.advance();
        state.kept_at = now;
        state.written = state.written.saturating_add(1);
        if let Some(said) = self.said {
            state.unidentified.take(said, cx.clock, cx.policy);
        }
        let known = state.known();
        Decision::write(state, Vec::new(), Ok((now, known)))
    }
}

impl FeedState {
    /// Takes in what came without a gap.
    fn advance(&mut self) {
        while let Some(first) =
            self.early.first().filter(|first| first.number == self.next).copied()
        {
            self.early.remove(0);
            self.complete_before = self.complete_before.max(first.complete_before);
            self.next = self.next.saturating_add(1);
        }
    }
}
