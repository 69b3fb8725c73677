//! The journal of the tests on real servers finds what it is there to find: a store that is broken on purpose does
//! not get through, and one that is sound does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError,
};
use countersign::{MemoryStore, Timestamp};

use crate::chaos::contest::Broken;
use crate::chaos::random::Random;
use crate::chaos::{Fault, Plan, Victim, runs};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Nothing,
    /// Some news are never added.
    News,
    /// Some writes are acknowledged and not made.
    Writes,
    /// Some writes are refused and made.
    Refusals,
    /// An outbox that hands out the newest entry first.
    Order,
    /// Some calls never end.
    Ends,
    /// It says that it is full, and is not.
    Full,
}

#[derive(Clone)]
struct Sometimes {
    store: MemoryStore,
    breaks: Breaks,
    calls: Arc<AtomicU64>,
}

impl Sometimes {
    fn now_and_then(&self, breaks: Breaks) -> bool {
        self.breaks == breaks && self.calls.fetch_add(1, Ordering::Relaxed) % 40 == 39
    }
}

impl Store for Sometimes {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        tokio::time::sleep(Duration::from_millis(2)).await;
        if self.calls.fetch_add(1, Ordering::Relaxed) % 97 == 96 {
            return Err(StoreError::unavailable("it failed"));
        }
        self.store.load(at, now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        tokio::task::yield_now().await;
        if self.now_and_then(Breaks::Ends) {
            tokio::time::sleep(Duration::from_secs(6)).await;
        }
        if self.now_and_then(Breaks::Full) {
            return Err(StoreError::Full);
        }
        if self.now_and_then(Breaks::Writes) {
            return Ok(Put::Stored);
        }
        let refused = self.now_and_then(Breaks::Refusals);
        let news = if self.now_and_then(Breaks::News) { News::NONE } else { news };
        let put = self.store.put_if(at, expected, new, news, now).await;
        if refused && matches!(put, Ok(Put::Stored)) { Ok(Put::Conflict) } else { put }
    }

    async fn delete(&self, at: &Place, expected: Head) -> Result<Put, StoreError> {
        self.store.delete(at, expected).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        self.store.list(lane, owner, range, now).await
    }

    async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<(Place, Record), ScanCursor>, StoreError> {
        self.store.scan(after, limit).await
    }

    async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.store.purge(before, limit).await
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let mut lease = self.store.lease(token, limit, now, until).await?;
        if let Some(lease) = lease.as_mut().filter(|_| self.breaks == Breaks::Order) {
            lease.entries.reverse();
        }
        Ok(lease)
    }

    async fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.store.acknowledge(lease, done, now).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.store.release(lease).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.store.backlog().await
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        self.store.entries(after, limit).await
    }
}

struct Clock;

impl Victim for Clock {
    fn faults(&self) -> Vec<(Fault, u64)> {
        vec![(Fault::Clock, 1)]
    }

    fn strike(&mut self, _: Fault, _: &mut Random) {}

    fn works(&mut self) -> bool {
        true
    }
}

async fn through(store: impl Store + Clone) {
    let plan = Plan { runs: 1, faults: 4, deadline: Duration::from_millis(200) };
    let stores = [store.clone(), store];
    runs("memory", plan, &stores, None, None, &mut Clock).await;
}

async fn with(breaks: Breaks) {
    let store = MemoryStore::with_capacity(1 << 20);
    through(Sometimes { store, breaks, calls: Arc::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sound_store_gets_through() {
    with(Breaks::Nothing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[should_panic(expected = "two ")]
async fn one_that_accepts_two_does_not() {
    through(Broken(MemoryStore::with_capacity(1 << 20))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[should_panic(expected = "news of ")]
async fn one_that_loses_news_does_not() {
    with(Breaks::News).await;
}

/// Whichever notices first: the news that never come, or the record that is not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[should_panic]
async fn one_that_loses_writes_does_not() {
    with(Breaks::Writes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[should_panic(expected = "was refused, and written")]
async fn one_that_refuses_and_writes_does_not() {
    with(Breaks::Refusals).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[should_panic(expected = "news out of order")]
async fn one_that_turns_the_order_around_does_not() {
    with(Breaks::Order).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[should_panic(expected = "a task found a fault")]
async fn one_that_hangs_does_not() {
    with(Breaks::Ends).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[should_panic(expected = "a task found a fault")]
async fn one_that_is_full_for_no_reason_does_not() {
    with(Breaks::Full).await;
}
