//! An event for each call of a store.

use std::time::Instant;

use tracing::{Level, enabled, event};

use super::calls::{DROPPED, lost, micros, of_store, tried};
use crate::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError,
};
use crate::values::time::Timestamp;

/// A store that is watched. The future of each call is the inner one's with a few words beside it, so nothing more is
/// allocated.
pub(super) struct Watched<S>(pub(super) S);

/// What a store answered: what it came to, and of how many rows or entries.
type Answered = (&'static str, Option<usize>);

const OK: &str = "ok";

macro_rules! watched {
    ($($call:ident($($arg:ident: $type:ty),*) -> $answer:ty, $answered:expr $(, first $first:expr)?;)*) => {
        impl<S: Store> Store for Watched<S> {
            $(async fn $call(&self, $($arg: $type),*) -> Result<$answer, StoreError> {
                $($first;)?
                let watch = StoreCall::begin(stringify!($call));
                let answer = self.0.$call($($arg),*).await;
                let answered: fn(&$answer) -> Answered = $answered;
                watch.ended(answer.as_ref().map(answered));
                answer
            })*
        }
    };
}

watched! {
    load(at: &Place, now: Timestamp) -> Option<Record>,
        |found| (OK, Some(usize::from(found.is_some())));
    put_if(at: &Place, expected: Expected, new: &Record, news: News<'_>, now: Timestamp) -> Put, |put| {
        if *put == Put::Conflict {
            lost();
        }
        of_write(put)
    }, first tried();
    delete(at: &Place, expected: Head) -> Put, of_write;
    list(lane: u8, owner: &[u8; 16], range: Range, now: Timestamp) -> Listed<(Place, Record), Position>,
        |listed| (OK, Some(listed.rows.len()));
    list_each(lane: u8, owners: &[[u8; 16]], range: Range, now: Timestamp) -> Vec<Listed<(Place, Record), Position>>,
        |all| (OK, Some(all.iter().map(|listed| listed.rows.len()).fold(0, usize::saturating_add)));
    scan(after: Option<&ScanCursor>, limit: usize) -> Listed<(Place, Record), ScanCursor>,
        |listed| (OK, Some(listed.rows.len()));
    purge(before: Timestamp, limit: usize) -> usize, |purged| (OK, Some(*purged));
    lease(token: &[u8; 16], limit: usize, now: Timestamp, until: Timestamp) -> Option<Lease>,
        |leased| (OK, Some(leased.as_ref().map_or(0, |lease| lease.entries.len())));
    acknowledge(lease: &Lease, done: &[EntryId], now: Timestamp) -> bool,
        |held| (if *held { "stored" } else { "conflict" }, None);
    release(lease: &Lease) -> (), |()| (OK, None);
    backlog() -> Backlog, |_| (OK, None);
    entries(after: Option<&ScanCursor>, limit: usize) -> Listed<Entry, ScanCursor>,
        |listed| (OK, Some(listed.rows.len()));
}

const fn of_write(put: &Put) -> Answered {
    match put {
        Put::Stored => ("stored", Some(1)),
        Put::Conflict => ("conflict", Some(0)),
    }
}

/// A call of a store that is going on.
struct StoreCall {
    name: &'static str,
    /// `None` once it has been told, or if nobody listens.
    begun: Option<Instant>,
}

impl StoreCall {
    fn begin(name: &'static str) -> Self {
        Self { name, begun: enabled!(target: "countersign", Level::DEBUG).then(Instant::now) }
    }

    fn ended(mut self, answer: Result<Answered, &StoreError>) {
        let (outcome, rows) = answer.unwrap_or_else(|error| (of_store(error), None));
        self.tell(outcome, rows.and_then(|rows| u64::try_from(rows).ok()));
    }

    fn tell(&mut self, outcome: &'static str, rows: Option<u64>) {
        let Some(begun) = self.begun.take() else { return };
        let (store, latency_us) = (self.name, micros(begun));
        event!(target: "countersign", Level::DEBUG, store, outcome, latency_us, rows);
    }
}

impl Drop for StoreCall {
    fn drop(&mut self) {
        self.tell(DROPPED, None);
    }
}
