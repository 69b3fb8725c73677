//! A store whose type is chosen while the program runs, and the calls of a store handed on to another.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::sync::Arc;

use crate::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError,
};
use crate::values::time::Timestamp;

pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// [`Store`] behind a pointer, so that `Verifier` is not generic, and what makes one of every store.
macro_rules! erased {
    ($($call:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {
        /// [`Store`] behind a pointer.
        pub(crate) trait ErasedStore: Send + Sync + 'static {
            $(fn $call<'a>(&'a self, $($arg: $type),*) -> Answer<'a, $answer>;)*
        }

        impl<S: Store> ErasedStore for S {
            $(fn $call<'a>(&'a self, $($arg: $type),*) -> Answer<'a, $answer> {
                Box::pin(Store::$call(self, $($arg),*))
            })*
        }
    };
}

erased! {
    load(at: &'a Place, now: Timestamp) -> Option<Record>;
    put_if(at: &'a Place, expected: Expected, new: &'a Record, news: News<'a>, now: Timestamp) -> Put;
    delete(at: &'a Place, expected: Head) -> Put;
    list(lane: u8, owner: &'a [u8; 16], range: Range, now: Timestamp) -> Listed<(Place, Record), Position>;
    list_each(lane: u8, owners: &'a [[u8; 16]], range: Range, now: Timestamp) -> Vec<Listed<(Place, Record), Position>>;
    scan(after: Option<&'a ScanCursor>, limit: usize) -> Listed<(Place, Record), ScanCursor>;
    purge(before: Timestamp, limit: usize) -> usize;
    lease(token: &'a [u8; 16], limit: usize, now: Timestamp, until: Timestamp) -> Option<Lease>;
    acknowledge(lease: &'a Lease, done: &'a [EntryId], now: Timestamp) -> bool;
    release(lease: &'a Lease) -> ();
    backlog() -> Backlog;
    entries(after: Option<&'a ScanCursor>, limit: usize) -> Listed<Entry, ScanCursor>;
}

/// Each call of a store, handed on to the one inside.
macro_rules! handed_on {
    ($(($($generics:tt)*) $outer:ty, $this:ident => $via:ident: $inner:expr;)*) => {$(
        handed_on! { @calls ($($generics)*) $outer, $this => $via: $inner;
            load(at: &Place, now: Timestamp) -> Option<Record>;
            put_if(at: &Place, expected: Expected, new: &Record, news: News<'_>, now: Timestamp) -> Put;
            delete(at: &Place, expected: Head) -> Put;
            list(lane: u8, owner: &[u8; 16], range: Range, now: Timestamp) -> Listed<(Place, Record), Position>;
            list_each(lane: u8, owners: &[[u8; 16]], range: Range, now: Timestamp) -> Vec<Listed<(Place, Record), Position>>;
            scan(after: Option<&ScanCursor>, limit: usize) -> Listed<(Place, Record), ScanCursor>;
            purge(before: Timestamp, limit: usize) -> usize;
            lease(token: &[u8; 16], limit: usize, now: Timestamp, until: Timestamp) -> Option<Lease>;
            acknowledge(lease: &Lease, done: &[EntryId], now: Timestamp) -> bool;
            release(lease: &Lease) -> ();
            backlog() -> Backlog;
            entries(after: Option<&ScanCursor>, limit: usize) -> Listed<Entry, ScanCursor>;
        }
    )*};
    (@calls ($($generics:tt)*) $outer:ty, $this:ident => $via:ident: $inner:expr;
        $($call:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {
        impl $($generics)* Store for $outer {
            $(async fn $call(&self, $($arg: $type),*) -> Result<$answer, StoreError> {
                let $this = self;
                $via::$call($inner, $($arg),*).await
            })*
        }
    };
}

handed_on! {
    (<S: Store>) Arc<S>, this => Store: &**this;
    () AnyStore, this => ErasedStore: &*this.0;
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
