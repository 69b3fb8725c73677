//! Where records are kept: one trait, the store in memory, and a suite that tests other stores.
//!
//! How to write one, with a whole example, is in the [manual](crate::manual::_23_stores).

mod erased;
mod memory;
mod memory_lane;
mod outbox;

#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "redis")]
pub mod redis;

#[cfg(feature = "test-util")]
pub mod conformance;
#[cfg(feature = "test-util")]
mod fault;
#[cfg(feature = "redb")]
pub mod redb;

use core::fmt;
use core::future::Future;
use std::sync::Arc;

#[cfg(feature = "cards")]
pub(crate) use self::erased::Answer;
pub use self::erased::AnyStore;
pub(crate) use self::erased::ErasedStore;
pub use self::memory::MemoryStore;
pub use self::outbox::{
    Backlog, Entry, EntryId, LONGEST_LEASE, Lease, News, is_leased, latest_lease,
};

#[cfg(feature = "test-util")]
pub use self::fault::{Fault, FaultStore};

use crate::values::time::Timestamp;

/// Where a record stands. All parts are made with keys, so they tell nothing about the customer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(clippy::exhaustive_structs, reason = "a store takes it apart into its key columns")]
pub struct Place {
    /// One of 256 lanes. All records of one customer, and the news of them, stand in one: a store that is
    /// spread over machines keeps a lane together, and news are handed out in order by lane.
    pub lane: u8,
    /// Whose records these are, and of which ceremony.
    pub owner: [u8; 16],
    /// Which of them.
    pub id: [u8; 16],
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [owner, id] = [u128::from_be_bytes(self.owner), u128::from_be_bytes(self.id)];
        write!(f, "Place({:02x}/{owner:032x}/{id:032x})", self.lane)
    }
}

/// What a store may know of a record: whatever it sorts, compares and deletes by. The record opens with
/// exactly this head and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "a store builds it from its columns")]
pub struct Head {
    /// Random for the first record at a place, and one more with each write: no version ever comes
    /// again at a place, even after a record was deleted. At most 2^63 - 1.
    pub version: u64,
    /// What lists are sorted by. No time to rely on: an hour, and a number within it. It stays the same
    /// with each write.
    pub created: Timestamp,
    /// Until then something depends on the record: [`Which::Live`] lists it. [`Timestamp::EPOCH`] if
    /// nothing does, [`Timestamp::MAX`] if something does for as long as it stands.
    pub live_until: Timestamp,
    /// From this instant on the record counts as absent and may be deleted.
    pub retain_until: Timestamp,
}

/// A record as a store sees it: sealed bytes that it can neither read nor change unnoticed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a store builds it from its columns")]
pub struct Record {
    /// What the store may know of it.
    pub head: Head,
    /// The sealed bytes.
    pub sealed: Arc<[u8]>,
}

/// What must stand at a place for a write to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a store must handle both")]
pub enum Expected {
    /// No record, or one that is no longer retained.
    Absent,
    /// The retained record with this head. A store may compare the version alone, and use the rest to
    /// find its index entries.
    Head(Head),
}

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
#[allow(clippy::exhaustive_enums, reason = "a store has no third answer; doubt is an error")]
pub enum Put {
    /// The record was written, or deleted.
    Stored,
    /// Something else than expected stood there; nothing was written.
    Conflict,
}

/// Which of an owner's records to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "a store must handle both")]
pub enum Which {
    /// All that are retained.
    All,
    /// Only those whose `live_until` is after now. The time this takes depends on how many these are, not
    /// on how many others stand beside them: neither those on which nothing depends, nor those whose
    /// `live_until` has passed without another write. So they are found by `live_until`, and then sorted.
    Live,
}

/// A record's position in a list: newest first, that is by falling `created`, and for equal ones by
/// falling `id`, byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(clippy::exhaustive_structs, reason = "a store turns it into a query")]
pub struct Position {
    /// The record's `created`.
    pub created: Timestamp,
    /// The record's id.
    pub id: [u8; 16],
}

/// Which part of an owner's records to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a store turns it into a query")]
pub struct Range {
    /// All, or live ones alone.
    pub which: Which,
    /// Only records behind this position, which need not exist; from the newest one if `None`.
    pub after: Option<Position>,
    /// At most so many, at least one.
    pub limit: usize,
}

/// A part of a list.
///
/// Only `next: None` says that nothing follows: a part may hold fewer rows than the limit, or none at
/// all, and go on at `next`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a store builds it")]
pub struct Listed<R, C> {
    /// What was listed.
    pub rows: Vec<R>,
    /// Where the list goes on: the position of the last row that was looked at.
    pub next: Option<C>,
}

/// A part of the list of one owner's records.
type ListPart = Listed<(Place, Record), Position>;

/// Where a scan goes on. Only the store that made it can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a store builds it")]
pub struct ScanCursor(pub Vec<u8>);

/// Keeps records: a compare-and-set map from [`Place`] to [`Record`], and an outbox.
///
/// A store needs no trust in what it keeps secret or unchanged: records are sealed, and bound to
/// their place and head. It is trusted to apply `put_if` atomically, to keep what it acknowledged, and
/// not to bring back an older row. The suite in `store::conformance` (feature `test-util`) checks a back
/// end.
///
/// A record whose `retain_until` is not after `now` counts as absent everywhere; `now` is the
/// caller's clock, never the store's. A back end owns its time-outs: an answer that never comes is
/// an operation that never ends.
///
/// A row that is damaged is one row's trouble. If it is too short to have a head, it is loaded, listed and scanned
/// all the same, with nothing sealed and a head that lets nobody overlook it: version 0,
/// `live_until` and `retain_until` [`Timestamp::MAX`], and `created` as an index says, or else
/// [`Timestamp::EPOCH`]. It opens as damaged, and can be deleted or replaced by this head.
pub trait Store: Send + Sync + 'static {
    /// The record at `at`, if one is retained.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell; absence is never guessed.
    fn load(
        &self,
        at: &Place,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Writes `new` at `at` if `expected` stands there, and adds `news` to the outbox in the lane of
    /// `at`, all in one atomic step. A conflict adds no news.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`] if there is no room, and nothing was written. Another [`StoreError`] if the
    /// store cannot tell whether it was written: it may have been.
    fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Put, StoreError>> + Send;

    /// Deletes the record at `at` if it has the head `expected`, retained or not. News of it stay in the
    /// outbox.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell whether it was deleted: it may have been.
    fn delete(
        &self,
        at: &Place,
        expected: Head,
    ) -> impl Future<Output = Result<Put, StoreError>> + Send;

    /// The retained records of `owner`, which stand in `lane`, in `range`, newest first.
    ///
    /// A record that stands throughout a listing of several parts is listed once, also if it is written anew meanwhile.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell.
    fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> impl Future<Output = Result<Listed<(Place, Record), Position>, StoreError>> + Send;

    /// What [`list`](Self::list) says of each of `owners`, all of which stand in `lane`, in their order. Each list has
    /// `range` for itself.
    ///
    /// Unless a store says otherwise, it lists one owner after the other. Where a call is a round trip, say otherwise: a
    /// phone that rings waits for two lists.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell of one of them.
    fn list_each(
        &self,
        lane: u8,
        owners: &[[u8; 16]],
        range: Range,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<ListPart>, StoreError>> + Send {
        async move {
            let mut all = Vec::with_capacity(owners.len());
            for owner in owners {
                all.push(self.list(lane, owner, range, now).await?);
            }
            Ok(all)
        }
    }

    /// At most about `limit` records of all owners, in an order of the store's choice, from the
    /// beginning or from where an earlier part ended. Records that are no longer retained may be among
    /// them.
    ///
    /// A record that stands throughout a scan is given at least once.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell.
    fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> impl Future<Output = Result<Listed<(Place, Record), ScanCursor>, StoreError>> + Send;

    /// Deletes at most `limit` records that are no longer retained at `before`; returns how many. News of them stay in the
    /// outbox, and the places are as any other where nothing stands.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store failed; some may have been deleted.
    fn purge(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// Leases one lane of the outbox that has entries, and that nobody else has leased, to the holder of
    /// `token` from `now` to `until`: its oldest entries, at most `limit`, in the order of their writes, and
    /// where to read on if that is not all of them.
    /// `None` if there is no such lane. Over many calls every lane has its turn. A lease that ends after
    /// [`latest_lease`] keeps nobody out: the clock of whoever made it was far ahead.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell whether it leased; a lease that nobody knows of ends at
    /// `until`.
    fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Option<Lease>, StoreError>> + Send;

    /// Deletes those entries of a leased lane, if the lease is still its holder's: `false` if it is not, also for no entries,
    /// and nothing was deleted. The lease goes on; entries that were deleted before count as deleted.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell whether they were deleted: they may have been.
    fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Ends a lease, if it is still its holder's, so that the lane may be leased at once.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store failed; the lease then ends by itself.
    fn release(&self, lease: &Lease) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// How much waits in the outbox.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell.
    fn backlog(&self) -> impl Future<Output = Result<Backlog, StoreError>> + Send;

    /// Entries of the outbox, leased or not: lane by lane, and in a lane in the order of their writes; see
    /// [`scan`](Self::scan). What stands in a lane that is leased is given once, if its holder reads on from
    /// [`Lease::next`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell.
    fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> impl Future<Output = Result<Listed<Entry, ScanCursor>, StoreError>> + Send;
}

/// A store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store holds as many records, or its outbox as many entries, as it may and none of them may go.
    #[error("the store is full")]
    Full,
    /// The store did not do it, or did not say whether it did.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// The back end's own error.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}
