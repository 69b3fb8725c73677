//! The conformance suite, on what conforms and on what does not; the bounds of the memory store.

use std::collections::BTreeMap;
use std::sync::Mutex;

use countersign::store::{
    Expected, FaultStore, Place, Put, Range, Record, Store, StoreError, conformance,
};
use countersign::{MemoryStore, Timestamp};

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_memory_store_conforms() {
    conformance::check(async || MemoryStore::new()).await.unwrap();
    conformance::check(async || MemoryStore::with_capacity(64)).await.unwrap();
    conformance::check(async || std::sync::Arc::new(MemoryStore::new())).await.unwrap();
    conformance::check(async || FaultStore::new(MemoryStore::new())).await.unwrap();
}

/// How a back end can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    IgnoresExpected,
    CheckThenWrite,
    IgnoresVersion,
    IgnoresRetention,
    KeepsWhatIsNotRetained,
    IgnoresOwner,
    ListsUnordered,
    ListsWithoutLimit,
    ListsFromTheCursor,
    PurgesWhatIsRetained,
    PurgesWithoutLimit,
    PurgesByTheFirstRetention,
    TruncatesBytes,
}

#[derive(Debug)]
struct Flawed {
    flaw: Flaw,
    records: Mutex<BTreeMap<Place, Record>>,
    first: Mutex<BTreeMap<Place, Timestamp>>,
}

impl Flawed {
    fn key(&self, at: &Place) -> Place {
        match self.flaw {
            Flaw::IgnoresOwner => Place { owner: [0; 16], id: at.id },
            _ => *at,
        }
    }

    fn retained(&self, record: &Record, now: Timestamp) -> bool {
        self.flaw == Flaw::IgnoresRetention || now < record.retain_until
    }
}

impl Store for Flawed {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let records = self.records.lock().unwrap();
        Ok(records.get(&self.key(at)).filter(|record| self.retained(record, now)).cloned())
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let stands = |records: &BTreeMap<Place, Record>| {
            let found = records.get(&self.key(at));
            let kept = found.filter(|record| {
                self.retained(record, now) || self.flaw == Flaw::KeepsWhatIsNotRetained
            });
            match (expected, kept.map(|record| record.version)) {
                _ if self.flaw == Flaw::IgnoresExpected => true,
                (Expected::Absent, None) => true,
                (Expected::Version(_), Some(_)) if self.flaw == Flaw::IgnoresVersion => true,
                (Expected::Version(wanted), Some(version)) => wanted == version,
                _ => false,
            }
        };
        let early =
            (self.flaw == Flaw::CheckThenWrite).then(|| stands(&self.records.lock().unwrap()));
        if early.is_some() {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        }
        let mut records = self.records.lock().unwrap();
        let right = early.unwrap_or_else(|| stands(&records));
        if !right {
            return Ok(Put::Conflict);
        }
        let mut new = new.clone();
        if self.flaw == Flaw::TruncatesBytes {
            new.sealed = new.sealed.iter().copied().take_while(|byte| *byte != 0).collect();
        }
        self.first.lock().unwrap().entry(self.key(at)).or_insert(new.retain_until);
        records.insert(self.key(at), new);
        Ok(Put::Stored)
    }

    async fn list(
        &self,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<(Place, Record)>, StoreError> {
        let records = self.records.lock().unwrap();
        let mut listed: Vec<_> = records
            .iter()
            .filter(|(at, record)| at.owner == *owner && self.retained(record, now))
            .filter(|(at, _)| match range.after {
                Some(after) if self.flaw == Flaw::ListsFromTheCursor => at.id >= after,
                Some(after) => at.id > after,
                None => true,
            })
            .map(|(at, record)| (*at, record.clone()))
            .collect();
        if self.flaw == Flaw::ListsUnordered {
            listed.reverse();
        }
        if self.flaw != Flaw::ListsWithoutLimit {
            listed.truncate(range.limit);
        }
        Ok(listed)
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut records = self.records.lock().unwrap();
        let due: Vec<_> = records
            .iter()
            .filter(|(at, record)| {
                let first = self.first.lock().unwrap()[*at];
                match self.flaw {
                    Flaw::PurgesWhatIsRetained => true,
                    Flaw::PurgesByTheFirstRetention => first <= now,
                    _ => record.retain_until <= now,
                }
            })
            .map(|(at, _)| *at)
            .collect();
        let limit = if self.flaw == Flaw::PurgesWithoutLimit { usize::MAX } else { limit };
        let purged = due.iter().take(limit).filter(|at| records.remove(at).is_some()).count();
        Ok(purged)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_suite_finds_each_flaw() {
    for (flaw, rule) in [
        (Flaw::None, None),
        (Flaw::IgnoresExpected, Some("an absent record has no version")),
        (Flaw::CheckThenWrite, Some("of all that expect one version exactly one is stored")),
        (Flaw::IgnoresVersion, Some("a record is not replaced by expecting another version")),
        (Flaw::IgnoresRetention, Some("from its end on a record counts as absent")),
        (Flaw::KeepsWhatIsNotRetained, Some("from its end on a record counts as absent")),
        (Flaw::IgnoresOwner, Some("a first record is stored where none stands")),
        (Flaw::ListsUnordered, Some("an owner's records are listed in the order of their ids")),
        (Flaw::ListsWithoutLimit, Some("a list holds at most its limit")),
        (Flaw::ListsFromTheCursor, Some("a list goes on after an id")),
        (Flaw::PurgesWhatIsRetained, Some("purging deletes nothing that is retained")),
        (Flaw::PurgesWithoutLimit, Some("purging deletes at most its limit")),
        (
            Flaw::PurgesByTheFirstRetention,
            Some("purging goes by the retention of the newest version"),
        ),
        (Flaw::TruncatesBytes, Some("what was stored is loaded")),
    ] {
        let result = conformance::check(async || Flawed {
            flaw,
            records: Mutex::default(),
            first: Mutex::default(),
        })
        .await;
        let found = result.err().map(|error| error.rule);
        assert_eq!(found, rule, "{flaw:?}");
    }
}

fn place(owner: u8, id: u32) -> Place {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&id.to_be_bytes());
    Place { owner: [owner; 16], id: bytes }
}

fn record(retain_until: Timestamp) -> Record {
    Record { version: 1, sealed: vec![1, 2, 3].into(), retain_until }
}

#[tokio::test]
async fn a_full_memory_store_refuses_and_evicts_nothing() {
    let store = MemoryStore::with_capacity(100);
    let end = START.after(DAY);
    for id in 0..100 {
        let put = store.put_if(&place(id as u8, id), Expected::Absent, &record(end), START).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    for id in 100..200 {
        let at = place(id as u8, id);
        let full = store.put_if(&at, Expected::Absent, &record(end), START).await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
        assert_eq!(store.load(&at, START).await.unwrap(), None);
    }
    assert_eq!(store.len(), 100);
    for id in 0..100 {
        let at = place(id as u8, id);
        assert_eq!(store.load(&at, START).await.unwrap(), Some(record(end)));
        // What is there can be replaced.
        let put = store.put_if(&at, Expected::Version(1), &record(end), START).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    // When they are no longer retained, whichever owner comes finds room.
    for id in 0..100 {
        let (at, new) = (place(7, 1000 + id), record(Timestamp::MAX));
        assert_eq!(store.put_if(&at, Expected::Absent, &new, end).await.unwrap(), Put::Stored);
    }
    assert_eq!(store.len(), 100);
}

#[tokio::test]
async fn the_memory_store_does_not_grow_with_what_is_no_longer_retained() {
    let store = MemoryStore::new();
    let mut now = START;
    for hour in 0..200_u32 {
        for id in 0..20 {
            let at = place((id % 5) as u8, hour * 100 + id);
            let end = now.after(2 * HOUR);
            assert_eq!(
                store.put_if(&at, Expected::Absent, &record(end), now).await.unwrap(),
                Put::Stored
            );
        }
        now = now.after(HOUR);
    }
    // About two hours' worth, and one more until the full hour.
    assert!(store.len() <= 80, "{}", store.len());
    let left = store.len();
    assert_eq!(store.purge(now.after(DAY), usize::MAX).await.unwrap(), left);
    assert!(store.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_never_exceed_the_capacity() {
    for _ in 0..20 {
        let store = MemoryStore::with_capacity(50);
        let start = std::sync::Arc::new(tokio::sync::Barrier::new(8));
        let fill = |task: u8| {
            let (store, start) = (store.clone(), start.clone());
            async move {
                start.wait().await;
                let mut stored = 0;
                for id in 0..40 {
                    let at = Place { owner: [task; 16], ..place(0, id) };
                    let new = record(Timestamp::MAX);
                    match store.put_if(&at, Expected::Absent, &new, START).await {
                        Ok(Put::Stored) => stored += 1,
                        Err(StoreError::Full) => {}
                        other => panic!("{other:?}"),
                    }
                }
                stored
            }
        };
        let tasks: Vec<_> = (0..8).map(|task| tokio::spawn(fill(task))).collect();
        let mut stored = 0;
        for task in tasks {
            stored += task.await.unwrap();
        }
        assert_eq!((stored, store.len()), (50, 50));
    }
}

#[tokio::test]
async fn a_memory_store_prints_no_records() {
    let store = MemoryStore::with_capacity(7);
    let put = store.put_if(&place(1, 1), Expected::Absent, &record(Timestamp::MAX), START).await;
    assert_eq!(put.unwrap(), Put::Stored);
    assert_eq!(format!("{store:?}"), "MemoryStore { records: 1, capacity: 7 }");
}
