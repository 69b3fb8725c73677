//! The embedded default: a bounded map in memory.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Expected, Place, Put, Range, Record, Store, StoreError};
use crate::time::Timestamp;

/// How many records a store made by [`MemoryStore::new`] holds.
const DEFAULT_CAPACITY: usize = 1_000_000;
/// Owners are spread over so many locks, by a byte of their tag, which is uniformly random.
const SHARDS: usize = 32;
/// How many records that are no longer retained each write deletes: more than one, so that deleting
/// keeps ahead of writing.
const PURGED_PER_WRITE: usize = 2;
/// Records are filed for deletion by the hour in which their retention ends.
const HOUR: u64 = 3600;

/// Records in memory, for tests, examples and services of one process that may forget.
///
/// It holds a bounded number of records. When it is full it refuses new ones
/// ([`StoreError::Full`]) and never evicts one that is retained. Every write deletes up to two that
/// are no longer retained, so that no background task is needed; that costs amortised constant time.
///
/// Clones share the records.
#[derive(Debug, Clone)]
pub struct MemoryStore(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    shards: Vec<Mutex<Shard>>,
    /// Records held, retained or not yet deleted.
    held: AtomicUsize,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Shard {
    records: BTreeMap<Place, Record>,
    /// The first full hour at which every record filed under it is no longer retained.
    due: BTreeMap<u64, HashSet<Place>>,
}

impl MemoryStore {
    /// Room for a million records.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// Room for `records` records.
    #[must_use]
    pub fn with_capacity(records: usize) -> Self {
        Self(Arc::new(Shared {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            held: AtomicUsize::new(0),
            capacity: records,
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

    fn shard(&self, owner: &[u8; 16]) -> Result<MutexGuard<'_, Shard>, StoreError> {
        let [.., last] = owner;
        self.0
            .shards
            .get(usize::from(*last) % SHARDS)
            .map(lock)
            .ok_or_else(|| StoreError::unavailable("no such shard"))
    }

    /// Takes one place of the capacity, if one is left.
    fn reserve(&self) -> bool {
        self.0
            .held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
                (held < self.0.capacity).then_some(held.saturating_add(1))
            })
            .is_ok()
    }

    fn release(&self, records: usize) {
        self.0.held.fetch_sub(records, Ordering::Relaxed);
    }

    /// `None`: there is no room.
    fn try_put(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        now: Timestamp,
    ) -> Result<Option<Put>, StoreError> {
        let mut shard = self.shard(&at.owner)?;
        self.release(shard.purge(now, PURGED_PER_WRITE));
        let stands = match (expected, shard.retained(at, now)) {
            (Expected::Absent, None) => true,
            (Expected::Version(version), Some(record)) => record.version == version,
            (Expected::Absent, Some(_)) | (Expected::Version(_), None) => false,
        };
        if !stands {
            return Ok(Some(Put::Conflict));
        }
        if !shard.records.contains_key(at) && !self.reserve() {
            return Ok(None);
        }
        shard.insert(at, new);
        Ok(Some(Put::Stored))
    }

    fn purge_all(&self, now: Timestamp, limit: usize) -> usize {
        let mut purged = 0_usize;
        for shard in &self.0.shards {
            let left = limit.saturating_sub(purged);
            if left == 0 {
                break;
            }
            let freed = lock(shard).purge(now, left);
            self.release(freed);
            purged = purged.saturating_add(freed);
        }
        purged
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// A panic elsewhere cannot leave a shard half-changed: each change is one insertion at the end.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shard {
    fn retained(&self, at: &Place, now: Timestamp) -> Option<&Record> {
        self.records.get(at).filter(|record| now < record.retain_until)
    }

    fn insert(&mut self, at: &Place, new: &Record) {
        let hour = new.retain_until.unix().div_ceil(HOUR);
        let before = self.records.insert(*at, new.clone());
        let filed = before.as_ref().map(|record| record.retain_until.unix().div_ceil(HOUR));
        if filed != Some(hour) {
            if let Some(filed) = filed {
                self.unfile(filed, at);
            }
            self.due.entry(hour).or_default().insert(*at);
        }
    }

    fn unfile(&mut self, hour: u64, at: &Place) {
        if let Some(places) = self.due.get_mut(&hour) {
            places.remove(at);
            if places.is_empty() {
                self.due.remove(&hour);
            }
        }
    }

    fn purge(&mut self, now: Timestamp, limit: usize) -> usize {
        let mut purged = 0_usize;
        while purged < limit
            && let Some(mut first) = self.due.first_entry()
            && first.key().saturating_mul(HOUR) <= now.unix()
        {
            let next = first.get().iter().next().copied();
            match next {
                Some(at) => {
                    first.get_mut().remove(&at);
                    self.records.remove(&at);
                    purged = purged.saturating_add(1);
                }
                None => {
                    first.remove();
                }
            }
        }
        purged
    }
}

impl Store for MemoryStore {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(self.shard(&at.owner)?.retained(at, now).cloned())
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        loop {
            if let Some(put) = self.try_put(at, expected, new, now)? {
                return Ok(put);
            }
            // Full. Other shards may hold records that are due.
            if self.purge_all(now, PURGED_PER_WRITE) == 0 {
                return Err(StoreError::Full);
            }
        }
    }

    async fn list(
        &self,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<(Place, Record)>, StoreError> {
        let first = match range.after {
            Some(id) => Bound::Excluded(Place { owner: *owner, id }),
            None => Bound::Included(Place { owner: *owner, id: [0; 16] }),
        };
        let last = Bound::Included(Place { owner: *owner, id: [u8::MAX; 16] });
        if range.after == Some([u8::MAX; 16]) {
            return Ok(Vec::new());
        }
        Ok(self
            .shard(owner)?
            .records
            .range((first, last))
            .filter(|(_, record)| now < record.retain_until)
            .take(range.limit)
            .map(|(at, record)| (*at, record.clone()))
            .collect())
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        Ok(self.purge_all(now, limit))
    }
}
