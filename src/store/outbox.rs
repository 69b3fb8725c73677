//! The outbox of a store: news that land in one atomic write with the change they tell of, and wait there,
//! lane by lane, until a worker has delivered them.

use std::sync::Arc;

use core::time::Duration;

use crate::store::{Place, ScanCursor};
use crate::values::time::Timestamp;

/// How long a lease may last: an hour.
pub const LONGEST_LEASE: Duration = Duration::from_secs(3600);
/// By how much the clocks of two workers may differ before one's lease is no longer the other's concern: two hours, so that
/// neither a time zone's mistake of an hour nor a long lease is taken for a clock that is far ahead.
const APART: Duration = Duration::from_secs(2 * 3600);

/// Until when a lease may last that somebody made whose clock is right, if this one shows `now`: three
/// hours. One that lasts longer was made by a clock far ahead, and its lane counts as free, or it would be leased to
/// nobody for as long as that clock was ahead.
#[must_use]
pub fn latest_lease(now: Timestamp) -> Timestamp {
    now.after(LONGEST_LEASE).after(APART)
}

/// Whether a lease that ends at `until` keeps others out at `now`: see [`latest_lease`].
#[must_use]
pub fn is_leased(until: Timestamp, now: Timestamp) -> bool {
    now < until && until <= latest_lease(now)
}

/// What a write adds to the outbox.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::exhaustive_structs, reason = "a store takes it apart")]
pub struct News<'a> {
    /// Sealed entries, in order. Mostly none or one.
    pub entries: &'a [Arc<[u8]>],
    /// Whether they may take the room that is kept for what takes authority away (a revocation must not
    /// fail because nobody empties the outbox).
    pub reserve: bool,
}

impl News<'_> {
    /// Nothing to tell.
    pub const NONE: Self = Self { entries: &[], reserve: false };
}

/// Names one entry for ever: what was written where, and which piece of the news of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(clippy::exhaustive_structs, reason = "a store builds it from its columns")]
pub struct EntryId {
    /// The place of the record that was written.
    pub place: Place,
    /// The `created` of the record that was written.
    pub created: Timestamp,
    /// The version that was written.
    pub version: u64,
    /// Which of the entries of this write, from 0.
    pub index: u16,
}

/// One piece of news.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a store builds it from its columns")]
pub struct Entry {
    /// Its name.
    pub id: EntryId,
    /// The sealed bytes.
    pub sealed: Arc<[u8]>,
}

/// The right to deliver a lane's news for a while, and the oldest of these.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a store builds it")]
pub struct Lease {
    /// The lane.
    pub lane: u8,
    /// Who holds it: 16 random bytes.
    pub token: [u8; 16],
    /// When it ends by itself.
    pub until: Timestamp,
    /// The oldest entries of the lane, in the order of their writes: as many as were asked for, or fewer where a store
    /// limits its answers.
    pub entries: Vec<Entry>,
    /// Where [`Store::entries`](crate::store::Store::entries) reads on behind these, if more stand in the lane. `None`
    /// if these are all.
    pub next: Option<ScanCursor>,
}

/// How much waits in an outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::exhaustive_structs, reason = "a store builds it")]
pub struct Backlog {
    /// How many entries.
    pub entries: u64,
    /// In how many lanes.
    pub lanes: u16,
}
