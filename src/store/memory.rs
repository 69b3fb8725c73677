//! The embedded default: a bounded map in memory.

use core::fmt;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::{Expected, Place, Put, Range, Record, Store, StoreError};
use crate::values::time::Timestamp;

/// How many records a store made by [`MemoryStore::new`] holds.
const DEFAULT_CAPACITY: usize = 1_000_000;
/// Owners are spread over so many locks by their tags, which are uniformly random. So many that
/// threads hardly ever touch what another has just changed.
const SHARDS: usize = 1024;
/// How many records that are no longer retained each write deletes: more than one, so that deleting
/// keeps ahead of writing.
const PURGED_PER_WRITE: usize = 2;
/// Records are filed for deletion by the hour in which their retention ends.
const HOUR: u64 = 3600;

/// Records in memory, for tests, examples and services of one process that may forget.
///
/// It holds a bounded number of records. When it is full it refuses new ones
/// ([`StoreError::Full`]) and never evicts one that is retained. Every write deletes up to two that
/// are no longer retained, so that no background task is needed and deleting keeps ahead of writing;
/// each is found by a search tree, without looking at any other.
///
/// Clones share the records.
#[derive(Clone)]
pub struct MemoryStore(Arc<Shared>);

struct Shared {
    shards: Vec<Mutex<Shard>>,
    /// Records held, retained or not yet deleted.
    held: AtomicUsize,
    capacity: usize,
}

/// A place as two numbers of the same order, which compare faster than bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key(u128, u128);

impl From<&Place> for Key {
    fn from(at: &Place) -> Self {
        Self(u128::from_be_bytes(at.owner), u128::from_be_bytes(at.id))
    }
}

impl From<Key> for Place {
    fn from(Key(owner, id): Key) -> Self {
        Self { owner: owner.to_be_bytes(), id: id.to_be_bytes() }
    }
}

#[derive(Default)]
struct Shard {
    records: BTreeMap<Key, Record>,
    /// Every record once, with the first full hour at which it is no longer retained.
    due: BTreeSet<(u64, Key)>,
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
        let [.., high, low] = owner;
        self.0
            .shards
            .get(usize::from(u16::from_be_bytes([*high, *low])) % SHARDS)
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
        let Shard { records, due } = &mut *shard;
        let entry = records.entry(Key::from(at));
        let held = match &entry {
            Entry::Occupied(held) => Some((held.get().version, held.get().retain_until)),
            Entry::Vacant(_) => None,
        };
        let retained = held.filter(|(_, until)| now < *until).map(|(version, _)| version);
        let stands = match expected {
            Expected::Absent => retained.is_none(),
            Expected::Version(version) => retained == Some(version),
        };
        if !stands {
            return Ok(Some(Put::Conflict));
        }
        if held.is_none() && !self.reserve() {
            return Ok(None);
        }
        refile(due, *entry.key(), held.map(|(_, until)| until), new.retain_until);
        match entry {
            Entry::Occupied(mut held) => drop(held.insert(new.clone())),
            Entry::Vacant(free) => {
                free.insert(new.clone());
            }
        }
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

/// Files a place under the hour after `until`, and no longer under that after `before`.
fn refile(due: &mut BTreeSet<(u64, Key)>, at: Key, before: Option<Timestamp>, until: Timestamp) {
    let hour = |until: Timestamp| until.unix().div_ceil(HOUR);
    let (before, until) = (before.map(hour), hour(until));
    if before == Some(until) {
        return;
    }
    if let Some(before) = before {
        due.remove(&(before, at));
    }
    due.insert((until, at));
}

impl Shard {
    fn purge(&mut self, now: Timestamp, limit: usize) -> usize {
        let mut purged = 0_usize;
        while purged < limit
            && let Some(&(hour, at)) = self.due.first()
            && hour.saturating_mul(HOUR) <= now.unix()
        {
            self.due.pop_first();
            self.records.remove(&at);
            purged = purged.saturating_add(1);
        }
        purged
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("records", &self.len())
            .field("capacity", &self.0.capacity)
            .finish()
    }
}

impl Store for MemoryStore {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let shard = self.shard(&at.owner)?;
        Ok(shard.records.get(&Key::from(at)).filter(|record| now < record.retain_until).cloned())
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
        let owned = u128::from_be_bytes(*owner);
        let first = match range.after {
            // Nothing is greater, and a range from behind its end would be none.
            Some(id) if id == [u8::MAX; 16] => return Ok(Vec::new()),
            Some(id) => Bound::Excluded(Key(owned, u128::from_be_bytes(id))),
            None => Bound::Included(Key(owned, 0)),
        };
        let last = Bound::Included(Key(owned, u128::MAX));
        Ok(self
            .shard(owner)?
            .records
            .range((first, last))
            .filter(|(_, record)| now < record.retain_until)
            .take(range.limit)
            .map(|(at, record)| (Place::from(*at), record.clone()))
            .collect())
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        Ok(self.purge_all(now, limit))
    }
}
