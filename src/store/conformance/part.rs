//! A private part of a store: lanes, owners and ids drawn at random, and a list of what was written, to be
//! deleted at the end.

use core::hash::{BuildHasher, Hasher};
use core::time::Duration;
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::{Checked, answer, broken, expect, same};
use crate::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, News, Place, Put, Record, Store, StoreError,
};
use crate::values::time::Timestamp;

/// How many entries the clearing leases at once.
const BATCH: usize = 200;
/// So many leases empty any outbox that the suite fills.
const LEASES: usize = 5000;
const CLEARED: &str = "what was written can be deleted, and what was told can be acknowledged";
const ALONE: &str = "while the suite runs nobody else writes news";

pub(super) struct Part<S> {
    pub(super) store: Arc<S>,
    /// By the clock of this machine.
    pub(super) now: Timestamp,
    /// A random lane.
    pub(super) lane: u8,
    /// A random owner.
    pub(super) owner: [u8; 16],
    /// Where records were written, and the last head that was tried there.
    written: Arc<Mutex<BTreeMap<Place, Head>>>,
    leases: Arc<Mutex<Vec<Lease>>>,
}

impl<S> Clone for Part<S> {
    fn clone(&self) -> Self {
        let (written, leases) = (Arc::clone(&self.written), Arc::clone(&self.leases));
        Self {
            store: Arc::clone(&self.store),
            written,
            leases,
            now: self.now,
            lane: self.lane,
            owner: self.owner,
        }
    }
}

/// What panicked elsewhere left nothing half-changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A random number.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Sixteen random bytes.
pub(super) fn random_bytes() -> [u8; 16] {
    (u128::from(random()).rotate_left(64) | u128::from(random())).to_be_bytes()
}

/// A random lane.
pub(super) fn random_lane() -> u8 {
    let [lane, ..] = random().to_be_bytes();
    lane
}

/// A first version as the crate draws them.
pub(super) fn random_version() -> u64 {
    random() >> 2
}

/// `bytes` with another last byte.
pub(super) const fn ending(bytes: [u8; 16], last: u8) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, _] = bytes;
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, last]
}

impl<S: Store> Part<S> {
    pub(super) async fn of(store: S) -> Checked<Self> {
        let rule = "the system's clock shows a time after 1970";
        let Ok(now) = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) else {
            return broken(rule, "an earlier one");
        };
        let part = Self {
            store: Arc::new(store),
            now: Timestamp::from_unix(now.as_secs()),
            lane: random_lane(),
            owner: random_bytes(),
            written: Arc::default(),
            leases: Arc::default(),
        };
        let rule = "the suite runs only while the outbox is empty, so that it leases nothing that others wait for";
        expect(rule, part.store.backlog().await, &Backlog::default())?;
        Ok(part)
    }

    /// So many seconds from now.
    pub(super) const fn later(&self, seconds: u64) -> Timestamp {
        self.now.after(Duration::from_secs(seconds))
    }

    /// So many seconds ago.
    pub(super) const fn ago(&self, seconds: u64) -> Timestamp {
        self.now.before(Duration::from_secs(seconds))
    }

    /// A time for leases: long ago, so that none of them outlasts the suite.
    pub(super) const fn then(&self, seconds: u64) -> Timestamp {
        self.now.before(Duration::from_secs(30 * 24 * 3600)).after(Duration::from_secs(seconds))
    }

    /// A place under the part's lane and owner.
    pub(super) fn place(&self) -> Place {
        Place { lane: self.lane, owner: self.owner, id: random_bytes() }
    }

    pub(super) const fn at(&self, id: [u8; 16]) -> Place {
        Place { lane: self.lane, owner: self.owner, id }
    }

    /// A head that is retained for a day, and live as long as that.
    pub(super) const fn head(&self, version: u64) -> Head {
        Head {
            version,
            created: self.ago(1000),
            live_until: Timestamp::MAX,
            retain_until: self.later(24 * 3600),
        }
    }

    pub(super) fn record(&self, version: u64, content: &[u8]) -> Record {
        Record { head: self.head(version), sealed: Arc::from(content) }
    }

    pub(super) async fn put(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: &[Arc<[u8]>],
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.put_with(at, expected, new, News { entries: news, reserve: false }, now).await
    }

    /// The same, perhaps from the room that is kept for what takes authority away.
    pub(super) async fn put_with(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        lock(&self.written).insert(*at, new.head);
        self.store.put_if(at, expected, new, news, now).await
    }

    /// A first record.
    pub(super) async fn first(&self, at: &Place, new: &Record) -> Checked {
        let put = self.put(at, Expected::Absent, new, &[], self.now).await;
        expect("a first record is stored where none stands", put, &Put::Stored)
    }

    /// A record in place of another.
    pub(super) async fn replace(&self, at: &Place, old: &Record, new: &Record) -> Checked {
        let put = self.put(at, Expected::Head(old.head), new, &[], self.now).await;
        expect("a record is replaced by expecting its head", put, &Put::Stored)
    }

    /// A first record whose retention is over: written when it was not.
    pub(super) async fn past(&self, at: &Place, new: &Record) -> Checked {
        let then = new.head.retain_until.before(Duration::from_secs(1));
        let put = self.put(at, Expected::Absent, new, &[], then).await;
        expect("a first record is stored where none stands", put, &Put::Stored)
    }

    /// A record with news of it, which are the index of each in one byte.
    pub(super) async fn tell(&self, at: &Place, version: u64, count: u8) -> Checked<Vec<Entry>> {
        let new = self.record(version, b"told");
        let news: Vec<Arc<[u8]>> = (0..count).map(|index| Arc::from([index])).collect();
        let put = self.put(at, Expected::Absent, &new, &news, self.now).await;
        expect("a first record is stored with its news", put, &Put::Stored)?;
        Ok(entries_of(at, &new, &news))
    }

    pub(super) async fn is(
        &self,
        rule: &'static str,
        at: &Place,
        wanted: Option<&Record>,
    ) -> Checked {
        self.is_at(rule, at, wanted, self.now).await
    }

    pub(super) async fn is_at(
        &self,
        rule: &'static str,
        at: &Place,
        wanted: Option<&Record>,
        now: Timestamp,
    ) -> Checked {
        expect(rule, self.store.load(at, now).await, &wanted.cloned())
    }

    pub(super) async fn backlog_is(&self, entries: u64, lanes: u16) -> Checked {
        let rule = "the backlog counts entries, and lanes that have some";
        expect(rule, self.store.backlog().await, &Backlog { entries, lanes })
    }

    /// A lease of a lane, which has entries of this part alone.
    pub(super) async fn lease(
        &self,
        rule: &'static str,
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Checked<Lease> {
        let token = random_bytes();
        let Some(lease) = answer(rule, self.store.lease(&token, limit, now, until).await)? else {
            return broken(rule, "none");
        };
        lock(&self.leases).push(Lease { entries: Vec::new(), ..lease.clone() });
        same("a lease names its holder", &lease.token, &token)?;
        same("a lease names its end", &lease.until, &until)?;
        if lease.entries.len() > limit {
            return broken("a lease gives at most its limit", lease.entries.len());
        }
        self.own(&lease.entries)?;
        Ok(lease)
    }

    pub(super) async fn no_lease(&self, rule: &'static str, now: Timestamp) -> Checked {
        let until = now.after(Duration::from_secs(1));
        expect(rule, self.store.lease(&random_bytes(), BATCH, now, until).await, &None)
    }

    pub(super) async fn acknowledge(
        &self,
        rule: &'static str,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
        wanted: bool,
    ) -> Checked {
        expect(rule, self.store.acknowledge(lease, done, now).await, &wanted)
    }

    pub(super) async fn release(&self, lease: &Lease) -> Checked {
        expect("a lease is released", self.store.release(lease).await, &())
    }

    fn own(&self, entries: &[Entry]) -> Checked {
        let written = lock(&self.written);
        match entries.iter().find(|entry| !written.contains_key(&entry.id.place)) {
            None => Ok(()),
            Some(foreign) => broken(ALONE, foreign.id),
        }
    }

    /// Deletes all that was written and acknowledges all that was told; with more tries after a rule
    /// was broken.
    pub(super) async fn clear(&self, failed: bool) -> Checked {
        let written = lock(&self.written).clone();
        let mut cleared = Ok(());
        for (at, last) in &written {
            cleared = cleared.and(self.remove(at).await);
            if failed {
                drop(self.store.delete(at, *last).await);
            }
        }
        if failed {
            let leases = core::mem::take(&mut *lock(&self.leases));
            for lease in &leases {
                drop(self.store.release(lease).await);
            }
        }
        cleared.and(self.drain().await)
    }

    /// Deletes what was written at `at`.
    pub(super) async fn remove(&self, at: &Place) -> Checked {
        // At the epoch every record is retained.
        match self.store.load(at, Timestamp::EPOCH).await {
            Ok(None) => Ok(()),
            Ok(Some(record)) => answer(CLEARED, self.store.delete(at, record.head).await).map(drop),
            Err(error) => broken(CLEARED, error),
        }
    }

    /// Places of this part, to be written without a word to it: racers have no time for that.
    pub(super) fn claim(&self, count: usize) -> Vec<Place> {
        let places: Vec<Place> =
            (0..count).map(|_| Place { lane: random_lane(), ..self.place() }).collect();
        lock(&self.written).extend(places.iter().map(|at| (*at, self.head(0))));
        places
    }

    async fn drain(&self) -> Checked {
        let until = self.later(60);
        for _ in 0..LEASES {
            let lease = self.store.lease(&random_bytes(), BATCH, self.now, until).await;
            let Some(lease) = answer(CLEARED, lease)? else { break };
            let own = self.own(&lease.entries);
            if own.is_ok() {
                let done = ids(&lease.entries);
                let done = self.store.acknowledge(&lease, &done, self.now).await;
                expect(CLEARED, done, &true)?;
            }
            answer(CLEARED, self.store.release(&lease).await)?;
            own?;
        }
        expect(CLEARED, self.store.backlog().await, &Backlog::default())
    }
}

/// The entries that a write adds.
pub(super) fn entries_of(at: &Place, new: &Record, news: &[Arc<[u8]>]) -> Vec<Entry> {
    let Head { version, created, .. } = new.head;
    let id = |index| EntryId { place: *at, created, version, index };
    (0..)
        .zip(news)
        .map(|(index, sealed)| Entry { id: id(index), sealed: Arc::clone(sealed) })
        .collect()
}

pub(super) fn ids(entries: &[Entry]) -> Vec<EntryId> {
    entries.iter().map(|entry| entry.id).collect()
}
