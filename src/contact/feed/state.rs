//! What is kept of a feed's reports.

use crate::codec::table::record;
use crate::contact::feed::unidentified::UnidentifiedCalls;
use crate::engine::rule::{Context, State};
use crate::engine::watermarks::Known;
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::FeedRecordId;
use crate::values::time::Timestamp;

/// A report that came before one with a lower number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Early {
    pub(crate) number: u64,
    pub(crate) complete_before: Timestamp,
}

/// A feed's reports as far as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FeedState {
    /// The lowest number that did not come.
    pub(crate) next: u64,
    /// Those that came beyond it, in the order of their numbers.
    pub(crate) early: Vec<Early>,
    /// All calls that began before are among the reports up to `next`.
    pub(crate) complete_before: Timestamp,
    /// When the last one was kept.
    pub(crate) kept_at: Timestamp,
    /// Since when nothing is missing for good: the feed began then, or began anew. Never: records of before do not say.
    pub(crate) complete_since: Timestamp,
    /// How often this was written, so that of two copies the newer one is known.
    pub(crate) written: u64,
    /// Its calls of which it is not known whose phone they reach.
    pub(crate) unidentified: UnidentifiedCalls,
    /// The number of the report with which it began anew last.
    pub(crate) anew_with: u64,
}

impl FeedState {
    /// What a process keeps of it.
    pub(crate) fn known(&self) -> Known {
        Known {
            complete_before: self.complete_before,
            written: self.written,
            unidentified: self.unidentified.clone(),
        }
    }
}

impl Default for FeedState {
    fn default() -> Self {
        let never = Timestamp::EPOCH;
        Self {
            next: 1,
            early: Vec::new(),
            complete_before: never,
            kept_at: never,
            complete_since: never,
            written: 0,
            unidentified: UnidentifiedCalls::default(),
            anew_with: 0,
        }
    }
}

impl State for FeedState {
    const KIND: Kind = Kind::Feed;

    /// A feed that was silent for so long has to begin anew.
    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.kept_at.after(policy.retention)
    }

    const LISTED: bool = false;

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Feed(FeedRecordId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::Feed(self.next.saturating_sub(1))
    }
}

record! {
    FeedState {
        0 => next,
        1 => early,
        2 => complete_before,
        3 => kept_at,
        4 unless Timestamp::EPOCH => complete_since,
        5 unless 0 => written,
        6 unless UnidentifiedCalls::default() => unidentified,
        7 unless 0 => anew_with,
    }
}
record! { Early { 0 => number, 1 => complete_before } }
