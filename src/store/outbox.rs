//! The outbox of a store: news that land in one atomic write with the change they tell of, and wait there,
//! lane by lane, until a worker has delivered them.

use std::sync::Arc;

use crate::store::Place;
use crate::values::time::Timestamp;

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
    /// The oldest entries of the lane, in the order of their writes.
    pub entries: Vec<Entry>,
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
