//! The embedded default: a bounded map in memory.

use core::cmp::Reverse;
use core::fmt;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::memory_lane::{Key, Lane};
use crate::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError, Which, is_leased,
};
use crate::values::time::Timestamp;

/// How many records a store made by [`MemoryStore::new`] holds, and how many entries its outbox.
const DEFAULT_CAPACITY: usize = 1_000_000;
/// Each lane has a lock of its own, so that a record and the news of it are one step.
const LANES: usize = 256;
/// How many records that are no longer retained each write deletes: as many as it can add.
const PURGED_PER_WRITE: usize = 1;

/// Records in memory, for tests, examples and services of one process that may forget.
///
/// It holds a bounded number of records. When it is full it refuses new ones
/// ([`StoreError::Full`]) and never evicts one that is retained. Every write deletes up to two that
/// are no longer retained, so that no background task is needed and deleting keeps ahead of writing;
/// each is found by a search tree, without looking at any other. Its outbox is bounded by the same
/// number of entries; an eighth more is kept for what takes authority away.
///
/// Clones share the records.
#[derive(Clone)]
pub struct MemoryStore(Arc<Shared>);

struct Shared {
    lanes: Vec<Mutex<Lane>>,
    /// Records held, retained or not yet deleted.
    held: AtomicUsize,
    /// Entries in the outbox.
    waiting: AtomicUsize,
    capacity: usize,
    /// Where the search for a lane to lease goes on.
    turn: AtomicUsize,
}

impl MemoryStore {
    /// Room for a million records.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// Room for `records` records, and as many entries in the outbox.
    #[must_use]
    pub fn with_capacity(records: usize) -> Self {
        Self(Arc::new(Shared {
            lanes: (0..LANES).map(|_| Mutex::default()).collect(),
            held: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            capacity: records,
            turn: AtomicUsize::new(0),
        }))
    }

    /// How many records it holds, those not yet deleted included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lane(&self, lane: u8) -> Result<MutexGuard<'_, Lane>, StoreError> {
        let lane = self.0.lanes.get(usize::from(lane)).map(lock);
        lane.ok_or_else(|| StoreError::unavailable("no such lane"))
    }

    /// `None`: there is no room for one record more.
    fn try_put(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Option<Put>, StoreError> {
        // What is copied and let go of takes its time: before the lane is locked, and once it is free again.
        let record = new.clone();
        let mut gone = [const { None }; PURGED_PER_WRITE];
        let mut lane = self.lane(at.lane)?;
        for one in &mut gone {
            *one = lane.purge_one(now);
        }
        release(&self.0.held, gone.iter().flatten().count());
        let key = Key::of(at);
        let held = lane.records.get(&key).map(|record| record.head);
        let retained = held.filter(|head| now < head.retain_until).map(|head| head.version);
        let stands = match expected {
            Expected::Absent => retained.is_none(),
            Expected::Head(head) => retained == Some(head.version),
        };
        if !stands {
            return Ok(Some(Put::Conflict));
        }
        let count = news.entries.len();
        let kept = if news.reserve { self.0.capacity / 8 } else { 0 };
        if !reserve(&self.0.waiting, count, self.0.capacity.saturating_add(kept)) {
            return Err(StoreError::Full);
        }
        if held.is_none() && !reserve(&self.0.held, 1, self.0.capacity) {
            release(&self.0.waiting, count);
            return Ok(None);
        }
        lane.file(key, held.as_ref(), Some(&new.head));
        let replaced = lane.records.insert(key, record);
        let Head { version, created, .. } = new.head;
        for (index, sealed) in (0..).zip(news.entries) {
            let id = EntryId { place: *at, created, version, index };
            lane.told = lane.told.saturating_add(1);
            let number = lane.told;
            lane.outbox.push_back((number, Entry { id, sealed: Arc::clone(sealed) }));
        }
        drop(lane);
        drop(replaced);
        Ok(Some(Put::Stored))
    }

    /// One record of a lane, then of the next: whoever calls meanwhile waits for one at most.
    fn purge_all(&self, before: Timestamp, limit: usize) -> usize {
        let mut purged = 0_usize;
        loop {
            let begun = purged;
            for lane in &self.0.lanes {
                if purged >= limit {
                    return purged;
                }
                // The lane is free again before the record is let go of.
                let gone = lock(lane).purge_one(before);
                let freed = usize::from(gone.is_some());
                release(&self.0.held, freed);
                purged = purged.saturating_add(freed);
            }
            if purged == begun {
                return purged;
            }
        }
    }

    /// What `of` takes of the lanes from `first` on, until that is `limit`.
    fn gather<R>(
        &self,
        first: u8,
        limit: usize,
        of: impl Fn(u8, &Lane, usize) -> Vec<R>,
    ) -> Result<(Vec<R>, bool), StoreError> {
        let mut rows = Vec::new();
        for lane in first..=u8::MAX {
            let left = limit.saturating_sub(rows.len());
            if left == 0 {
                return Ok((rows, true));
            }
            rows.extend(of(lane, &*self.lane(lane)?, left));
        }
        let full = rows.len() >= limit;
        Ok((rows, full))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes `more` of what is left of `limit`, if so much is left.
fn reserve(held: &AtomicUsize, more: usize, limit: usize) -> bool {
    more == 0
        || held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
                held.checked_add(more).filter(|sum| *sum <= limit)
            })
            .is_ok()
}

fn release(held: &AtomicUsize, freed: usize) {
    held.fetch_sub(freed, Ordering::Relaxed);
}

/// A panic elsewhere cannot leave a lane half-changed: nothing of a change can panic.
fn lock(lane: &Mutex<Lane>) -> MutexGuard<'_, Lane> {
    lane.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("records", &self.len())
            .field("capacity", &self.0.capacity)
            .finish_non_exhaustive()
    }
}

/// Where a scan of places goes on.
fn place_after(cursor: &ScanCursor) -> Result<(u8, Key), StoreError> {
    let foreign = || StoreError::unavailable("the cursor is not this store's");
    let bytes: [u8; 33] = cursor.0.as_slice().try_into().map_err(|_| foreign())?;
    let [lane, rest @ ..] = bytes;
    let (owner, id) = rest.split_at(16);
    let number = |half: &[u8]| Ok(u128::from_be_bytes(half.try_into().map_err(|_| foreign())?));
    Ok((lane, Key(number(owner)?, number(id)?)))
}

fn cursor_at(at: &Place) -> ScanCursor {
    ScanCursor([&[at.lane][..], &at.owner, &at.id].concat())
}

/// The lane and the number of the entry behind which it is read on.
fn entry_after(cursor: &ScanCursor) -> Result<(u8, u64), StoreError> {
    let foreign = || StoreError::unavailable("the cursor is not this store's");
    let (lane, number) = cursor.0.split_first().ok_or_else(foreign)?;
    let number = number.try_into().map_err(|_| foreign())?;
    Ok((*lane, u64::from_be_bytes(number)))
}

impl Store for MemoryStore {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let lane = self.lane(at.lane)?;
        let record = lane.records.get(&Key::of(at));
        Ok(record.filter(|record| now < record.head.retain_until).cloned())
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        loop {
            if let Some(put) = self.try_put(at, expected, new, news, now)? {
                return Ok(put);
            }
            // Full. Other lanes may hold records that are due.
            if self.purge_all(now, PURGED_PER_WRITE) == 0 {
                return Err(StoreError::Full);
            }
        }
    }

    async fn delete(&self, at: &Place, expected: Head) -> Result<Put, StoreError> {
        let mut lane = self.lane(at.lane)?;
        let key = Key::of(at);
        let held = lane.records.get(&key).map(|record| record.head.version);
        if held != Some(expected.version) {
            return Ok(Put::Conflict);
        }
        lane.remove(key);
        release(&self.0.held, 1);
        Ok(Put::Stored)
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let owner = u128::from_be_bytes(*owner);
        let after = range.after.map(|at| Reverse((at.created, u128::from_be_bytes(at.id))));
        let limit = range.limit.max(1);
        let held = self.lane(lane)?;
        Ok(match range.which {
            Which::All => held.list(lane, owner, held.all(owner, after), limit, now),
            Which::Live => held.list(lane, owner, held.live(owner, after, now), limit, now),
        })
    }

    async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<(Place, Record), ScanCursor>, StoreError> {
        let after = after.map(place_after).transpose()?;
        let first = after.map_or(0, |(lane, _)| lane);
        let (rows, full) = self.gather(first, limit.max(1), |lane, held, left| {
            let from = match after {
                Some((begun, key)) if begun == lane => Bound::Excluded(key),
                _ => Bound::Unbounded,
            };
            let records = held.records.range((from, Bound::Unbounded)).take(left);
            records.map(|(key, record)| (key.place(lane), record.clone())).collect()
        })?;
        let next = rows.last().filter(|_| full).map(|(at, _)| cursor_at(at));
        Ok(Listed { rows, next })
    }

    async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        Ok(self.purge_all(before, limit))
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let first = self.0.turn.fetch_add(1, Ordering::Relaxed);
        for (step, number) in (0..=u8::MAX).enumerate() {
            let number = number.wrapping_add(u8::try_from(first % LANES).unwrap_or(0));
            let mut lane = self.lane(number)?;
            let free = !lane.leased.is_some_and(|(_, until)| is_leased(until, now));
            if lane.outbox.is_empty() || !free {
                continue;
            }
            lane.leased = Some((*token, until));
            let (entries, next) = lane.behind(number, 0, limit);
            // The next search begins behind this lane.
            self.0.turn.fetch_add(step, Ordering::Relaxed);
            return Ok(Some(Lease { lane: number, token: *token, until, entries, next }));
        }
        Ok(None)
    }

    async fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut lane = self.lane(lease.lane)?;
        if !lane.leased_by(lease, now) {
            return Ok(false);
        }
        let done: BTreeSet<&EntryId> = done.iter().collect();
        let before = lane.outbox.len();
        lane.outbox.retain(|(_, entry)| !done.contains(&entry.id));
        release(&self.0.waiting, before.saturating_sub(lane.outbox.len()));
        Ok(true)
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut lane = self.lane(lease.lane)?;
        if lane.leased.is_some_and(|(token, _)| token == lease.token) {
            lane.leased = None;
        }
        Ok(())
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let mut backlog = Backlog::default();
        for lane in &self.0.lanes {
            let waiting = lock(lane).outbox.len();
            backlog.lanes = backlog.lanes.saturating_add(u16::from(waiting > 0));
            backlog.entries =
                backlog.entries.saturating_add(u64::try_from(waiting).unwrap_or(u64::MAX));
        }
        Ok(backlog)
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        let (first, mut last) = after.map_or(Ok((0, 0)), entry_after)?;
        let mut rows: Vec<Entry> = Vec::new();
        for number in first..=u8::MAX {
            let left = limit.max(1).saturating_sub(rows.len());
            let (entries, next) = self.lane(number)?.behind(number, last, left);
            rows.extend(entries);
            if next.is_some() {
                return Ok(Listed { rows, next });
            }
            last = 0;
        }
        Ok(Listed { rows, next: None })
    }
}
