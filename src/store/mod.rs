//! Where records are kept: one small trait, the store in memory, and a suite that tests other stores.
//!
//! How to write one, with a whole example, is in the [manual](crate::manual::_11_stores).

mod memory;

#[cfg(feature = "test-util")]
pub mod conformance;
#[cfg(feature = "test-util")]
mod fault;

use core::fmt;
use core::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use self::memory::MemoryStore;

#[cfg(feature = "test-util")]
pub use self::fault::{Fault, FaultStore};

use crate::values::time::Timestamp;

/// Where a record stands. Both halves are made with keys, so they tell nothing about the customer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(clippy::exhaustive_structs, reason = "a store takes it apart into its key columns")]
pub struct Place {
    /// Whose records these are, and of which ceremony.
    pub owner: [u8; 16],
    /// Which of them.
    pub id: [u8; 16],
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [owner, id] = [u128::from_be_bytes(self.owner), u128::from_be_bytes(self.id)];
        write!(f, "Place({owner:032x}/{id:032x})")
    }
}

/// A record as a store sees it: sealed bytes that it can neither read nor change unnoticed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a store builds it from its columns")]
pub struct Record {
    /// 1 for the first record at a place, and one more with each write.
    pub version: u64,
    /// The sealed bytes.
    pub sealed: Arc<[u8]>,
    /// From this instant on the record counts as absent and may be deleted.
    pub retain_until: Timestamp,
}

/// What must stand at a place for a write to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a store must handle both")]
pub enum Expected {
    /// No record, or one that is no longer retained.
    Absent,
    /// A retained record of exactly this version.
    Version(u64),
}

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
#[allow(clippy::exhaustive_enums, reason = "a store has no third answer; doubt is an error")]
pub enum Put {
    /// The record was written.
    Stored,
    /// Something else than expected stood there; nothing was written.
    Conflict,
}

/// Which part of an owner's records to list, in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a store turns it into a query")]
pub struct Range {
    /// Only records with a greater id; from the first one if `None`.
    pub after: Option<[u8; 16]>,
    /// At most so many, at least one.
    pub limit: usize,
}

/// Keeps records: a compare-and-set map from [`Place`] to [`Record`].
///
/// A store needs no trust in what it keeps secret or unchanged: records are sealed, and bound to
/// their place, version and retention. It is trusted to apply `put_if` atomically, to keep what it
/// acknowledged, and not to bring back an older row. The suite in `store::conformance` (feature
/// `test-util`) checks a back end.
///
/// A record whose `retain_until` is not after `now` counts as absent everywhere; `now` is the
/// caller's clock, never the store's. A back end owns its time-outs: an answer that never comes is
/// an operation that never ends.
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

    /// Writes `new` at `at` if `expected` stands there, in one atomic step.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell whether it was written: it may have been.
    fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        now: Timestamp,
    ) -> impl Future<Output = Result<Put, StoreError>> + Send;

    /// The retained records of `owner` in `range`, in the order of their ids.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot tell.
    fn list(
        &self,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<(Place, Record)>, StoreError>> + Send;

    /// Deletes at most `limit` records that are no longer retained; returns how many.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store failed; some may have been deleted.
    fn purge(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;
}

impl<S: Store> Store for Arc<S> {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        S::load(self, at, now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        S::put_if(self, at, expected, new, now).await
    }

    async fn list(
        &self,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<(Place, Record)>, StoreError> {
        S::list(self, owner, range, now).await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        S::purge(self, now, limit).await
    }
}

/// A store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store holds as many records as it may and none of them may go.
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

pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// [`Store`] behind a pointer, so that `Verifier` is not generic.
pub(crate) trait ErasedStore: Send + Sync + 'static {
    fn load<'a>(&'a self, at: &'a Place, now: Timestamp) -> Answer<'a, Option<Record>>;
    fn put_if<'a>(
        &'a self,
        at: &'a Place,
        expected: Expected,
        new: &'a Record,
        now: Timestamp,
    ) -> Answer<'a, Put>;
    fn list<'a>(
        &'a self,
        owner: &'a [u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Answer<'a, Vec<(Place, Record)>>;
    fn purge(&self, now: Timestamp, limit: usize) -> Answer<'_, usize>;
}

impl<S: Store> ErasedStore for S {
    fn load<'a>(&'a self, at: &'a Place, now: Timestamp) -> Answer<'a, Option<Record>> {
        Box::pin(Store::load(self, at, now))
    }

    fn put_if<'a>(
        &'a self,
        at: &'a Place,
        expected: Expected,
        new: &'a Record,
        now: Timestamp,
    ) -> Answer<'a, Put> {
        Box::pin(Store::put_if(self, at, expected, new, now))
    }

    fn list<'a>(
        &'a self,
        owner: &'a [u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Answer<'a, Vec<(Place, Record)>> {
        Box::pin(Store::list(self, owner, range, now))
    }

    fn purge(&self, now: Timestamp, limit: usize) -> Answer<'_, usize> {
        Box::pin(Store::purge(self, now, limit))
    }
}

/// A store that is chosen while the program runs, say by its configuration. Clones share it.
///
/// ```
/// use countersign::MemoryStore;
/// use countersign::store::AnyStore;
///
/// fn store(of: &str) -> AnyStore {
///     match of {
///         "small" => AnyStore::new(MemoryStore::with_capacity(100)),
///         _ => AnyStore::new(MemoryStore::new()),
///     }
/// }
/// ```
#[derive(Clone)]
pub struct AnyStore(Arc<dyn ErasedStore>);

impl AnyStore {
    /// `store`, its type forgotten.
    pub fn new(store: impl Store) -> Self {
        Self(Arc::new(store))
    }
}

impl fmt::Debug for AnyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyStore").finish_non_exhaustive()
    }
}

impl Store for AnyStore {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.0.load(at, now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.0.put_if(at, expected, new, now).await
    }

    async fn list(
        &self,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<(Place, Record)>, StoreError> {
        self.0.list(owner, range, now).await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.0.purge(now, limit).await
    }
}
