//! A store that fails on command, to show what a caller makes of it.

use core::future::poll_fn;
use core::task::Poll;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError,
};
use crate::values::time::Timestamp;

/// What goes wrong with one call of a [`FaultStore`]. A fault that does not fit the call (a lost
/// race while reading) lets it pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Any call: an error, and nothing was done.
    FailBefore,
    /// Any call: it is done, and then an error.
    LoseAnswer,
    /// Any call: it waits so many polls before it is done.
    Delay(u32),
    /// Writing: says that it lost a race, and writes nothing.
    Conflict,
    /// Writing: writes, and says that it lost a race, as a back end does that repeats a write whose
    /// answer it lost.
    LandedConflict,
    /// Reading: arbitrary bytes in place of each record.
    Garbage,
    /// Reading: the record of another place.
    Foreign,
    /// Reading: an older body under the newer version.
    Older,
    /// Reading: the record without its last byte.
    Truncated,
    /// Reading: the record with one bit flipped.
    BitFlipped,
}

impl Fault {
    /// Every fault, once.
    pub const ALL: [Self; 10] = [
        Self::FailBefore,
        Self::LoseAnswer,
        Self::Delay(3),
        Self::Conflict,
        Self::LandedConflict,
        Self::Garbage,
        Self::Foreign,
        Self::Older,
        Self::Truncated,
        Self::BitFlipped,
    ];
}

/// Wraps a store and makes the call of your choice fail in the way of your choice. Clones share the
/// plan.
///
/// ```
/// use countersign::MemoryStore;
/// use countersign::store::{Fault, FaultStore};
///
/// let store = FaultStore::new(MemoryStore::new());
/// store.plan(1, Fault::LoseAnswer); // the second call from now
/// ```
#[derive(Debug, Clone)]
pub struct FaultStore<S> {
    inner: S,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    calls: usize,
    listed: usize,
    planned: HashMap<usize, Fault>,
    always: Option<Fault>,
    /// Every record ever written, by place, in order.
    written: HashMap<Place, Vec<Record>>,
    /// Where the last one was deleted.
    deleted: HashSet<Place>,
}

impl<S: Store> FaultStore<S> {
    /// `inner`, faultless so far.
    pub fn new(inner: S) -> Self {
        Self { inner, state: Arc::default() }
    }

    /// Makes the call after `calls` further ones fail with `fault`.
    pub fn plan(&self, calls: usize, fault: Fault) {
        let mut state = self.lock();
        let at = state.calls.saturating_add(calls);
        state.planned.insert(at, fault);
    }

    /// Makes every call fail with `fault` from now on; `None` ends it.
    pub fn always(&self, fault: Option<Fault>) {
        self.lock().always = fault;
    }

    /// Forgets all plans.
    pub fn heal(&self) {
        let mut state = self.lock();
        state.planned.clear();
        state.always = None;
    }

    /// How many calls there were.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.lock().calls
    }

    /// How many rows lists have returned.
    #[must_use]
    pub fn listed(&self) -> usize {
        self.lock().listed
    }

    /// The newest record at each place, in the order of places, without those that were deleted; purged ones are among them:
    /// what a thief of the database or of its backups gets.
    #[must_use]
    pub fn records(&self) -> Vec<(Place, Record)> {
        let state = self.lock();
        let newest = state.written.iter().filter_map(|(at, all)| Some((*at, all.last()?.clone())));
        let mut newest: Vec<_> = newest.filter(|(at, _)| !state.deleted.contains(at)).collect();
        newest.sort_unstable_by_key(|(at, _)| *at);
        newest
    }

    /// How often a record was written at `at`.
    #[must_use]
    pub fn writes(&self, at: &Place) -> usize {
        self.lock().written.get(at).map_or(0, Vec::len)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Fault> {
        let mut state = self.lock();
        let call = state.calls;
        state.calls = call.saturating_add(1);
        state.planned.remove(&call).or(state.always)
    }

    /// Runs `call` with the faults that any call can have.
    async fn run<T>(
        &self,
        fault: Option<Fault>,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match fault {
            Some(Fault::FailBefore) => Err(StoreError::unavailable("injected: failed before")),
            Some(Fault::LoseAnswer) => {
                let _ = call.await;
                Err(StoreError::unavailable("injected: lost the answer"))
            }
            Some(Fault::Delay(polls)) => {
                wait(polls).await;
                call.await
            }
            _ => call.await,
        }
    }

    /// What a store returns that mixes up its rows.
    fn spoil(&self, fault: Option<Fault>, at: &Place, mut record: Record) -> Record {
        let state = self.lock();
        let garbage = || (0_u8..77).map(|n| n.wrapping_mul(167) ^ 0x5a).collect::<Vec<u8>>();
        let mut bytes = record.sealed.to_vec();
        match fault {
            Some(Fault::Garbage) => bytes = garbage(),
            Some(Fault::Foreign) => {
                let foreign = state.written.iter().find(|(place, _)| *place != at);
                match foreign.and_then(|(_, records)| records.last()) {
                    Some(foreign) => return foreign.clone(),
                    None => bytes = garbage(),
                }
            }
            Some(Fault::Older) => {
                let mut older = state.written.get(at).into_iter().flatten().rev();
                match older.find(|older| older.head.version < record.head.version) {
                    Some(older) => bytes = older.sealed.to_vec(),
                    // The first version has none; the newer version of the same body is as wrong.
                    None => record.head.version = record.head.version.saturating_add(1),
                }
            }
            Some(Fault::Truncated) => {
                bytes.pop();
            }
            Some(Fault::BitFlipped) => {
                let middle = bytes.len() / 2;
                if let Some(byte) = bytes.get_mut(middle) {
                    *byte ^= 0x10;
                }
            }
            _ => {}
        }
        record.sealed = Arc::from(bytes);
        record
    }
}

/// Is pending for so many polls.
async fn wait(mut polls: u32) {
    poll_fn(|cx| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls = polls.saturating_sub(1);
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl<S: Store> Store for FaultStore<S> {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let fault = self.next();
        let record = self.run(fault, self.inner.load(at, now)).await?;
        Ok(record.map(|record| self.spoil(fault, at, record)))
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let fault = self.next();
        if fault == Some(Fault::Conflict) {
            return Ok(Put::Conflict);
        }
        let write = async {
            let put = self.inner.put_if(at, expected, new, news, now).await?;
            if put == Put::Stored {
                let mut state = self.lock();
                state.written.entry(*at).or_default().push(new.clone());
                state.deleted.remove(at);
            }
            Ok(put)
        };
        let put = self.run(fault, write).await?;
        Ok(if fault == Some(Fault::LandedConflict) { Put::Conflict } else { put })
    }

    async fn delete(&self, at: &Place, expected: Head) -> Result<Put, StoreError> {
        let fault = self.next();
        if fault == Some(Fault::Conflict) {
            return Ok(Put::Conflict);
        }
        let delete = async {
            let put = self.inner.delete(at, expected).await?;
            if put == Put::Stored {
                self.lock().deleted.insert(*at);
            }
            Ok(put)
        };
        let put = self.run(fault, delete).await?;
        Ok(if fault == Some(Fault::LandedConflict) { Put::Conflict } else { put })
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let fault = self.next();
        let mut listed = self.run(fault, self.inner.list(lane, owner, range, now)).await?;
        {
            let mut state = self.lock();
            state.listed = state.listed.saturating_add(listed.rows.len());
        }
        for (at, record) in &mut listed.rows {
            *record = self.spoil(fault, at, record.clone());
        }
        Ok(listed)
    }

    async fn list_each(
        &self,
        lane: u8,
        owners: &[[u8; 16]],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<Listed<(Place, Record), Position>>, StoreError> {
        let fault = self.next();
        let mut all = self.run(fault, self.inner.list_each(lane, owners, range, now)).await?;
        let rows = all.iter().map(|listed| listed.rows.len()).fold(0, usize::saturating_add);
        {
            let mut state = self.lock();
            state.listed = state.listed.saturating_add(rows);
        }
        for (at, record) in all.iter_mut().flat_map(|listed| &mut listed.rows) {
            *record = self.spoil(fault, at, record.clone());
        }
        Ok(all)
    }

    async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<(Place, Record), ScanCursor>, StoreError> {
        let fault = self.next();
        let mut listed = self.run(fault, self.inner.scan(after, limit)).await?;
        for (at, record) in &mut listed.rows {
            *record = self.spoil(fault, at, record.clone());
        }
        Ok(listed)
    }

    async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let fault = self.next();
        self.run(fault, self.inner.purge(before, limit)).await
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let fault = self.next();
        self.run(fault, self.inner.lease(token, limit, now, until)).await
    }

    async fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let fault = self.next();
        self.run(fault, self.inner.acknowledge(lease, done, now)).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let fault = self.next();
        self.run(fault, self.inner.release(lease)).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let fault = self.next();
        self.run(fault, self.inner.backlog()).await
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        let fault = self.next();
        self.run(fault, self.inner.entries(after, limit)).await
    }
}
