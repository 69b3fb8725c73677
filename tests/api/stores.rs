//! The bounds of the memory store.

use countersign::store::{Expected, Head, News, Place, Put, Record, Store, StoreError};
use countersign::{MemoryStore, Timestamp};

use crate::support::*;

fn place(owner: u8, id: u32) -> Place {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&id.to_be_bytes());
    Place { lane: owner, owner: [owner; 16], id: bytes }
}

fn record(retain_until: Timestamp) -> Record {
    let head =
        Head { version: 1, created: Timestamp::EPOCH, live_until: Timestamp::EPOCH, retain_until };
    Record { head, sealed: vec![1, 2, 3].into() }
}

#[tokio::test]
async fn a_full_memory_store_refuses_and_evicts_nothing() {
    let store = MemoryStore::with_capacity(100);
    let end = START.after(DAY);
    for id in 0..100 {
        let put = store
            .put_if(&place(id as u8, id), Expected::Absent, &record(end), News::NONE, START)
            .await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    for id in 100..200 {
        let at = place(id as u8, id);
        let full = store.put_if(&at, Expected::Absent, &record(end), News::NONE, START).await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
        assert_eq!(store.load(&at, START).await.unwrap(), None);
    }
    assert_eq!(store.len(), 100);
    for id in 0..100 {
        let at = place(id as u8, id);
        assert_eq!(store.load(&at, START).await.unwrap(), Some(record(end)));
        // What is there can be replaced.
        let put = store
            .put_if(&at, Expected::Head(record(end).head), &record(end), News::NONE, START)
            .await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    // When they are no longer retained, whichever owner comes finds room.
    for id in 0..100 {
        let (at, new) = (place(7, 1000 + id), record(Timestamp::MAX));
        assert_eq!(
            store.put_if(&at, Expected::Absent, &new, News::NONE, end).await.unwrap(),
            Put::Stored
        );
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
                store.put_if(&at, Expected::Absent, &record(end), News::NONE, now).await.unwrap(),
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
                    let at = Place { lane: task, owner: [task; 16], ..place(0, id) };
                    let new = record(Timestamp::MAX);
                    match store.put_if(&at, Expected::Absent, &new, News::NONE, START).await {
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
    let put = store
        .put_if(&place(1, 1), Expected::Absent, &record(Timestamp::MAX), News::NONE, START)
        .await;
    assert_eq!(put.unwrap(), Put::Stored);
    assert_eq!(format!("{store:?}"), "MemoryStore { records: 1, capacity: 7, .. }");
}

/// A row was deleted, and its request came again: whoever still holds what stood there before writes nothing.
#[tokio::test]
async fn a_place_never_gets_a_version_again() {
    let bank = bank();
    bank.booked().await;
    let (at, before) = bank.store.records().remove(0);
    assert_eq!(bank.store.delete(&at, before.head).await.unwrap(), Put::Stored);
    bank.booked().await;
    let now = bank.store.load(&at, START).await.unwrap().unwrap();
    assert_ne!(now.head.version, before.head.version);
    let late = Record { head: Head { version: before.head.version + 1, ..before.head }, ..before };
    let put = bank.store.put_if(&at, Expected::Head(before.head), &late, News::NONE, START).await;
    assert_eq!(put.unwrap(), Put::Conflict);
    assert_eq!(bank.store.load(&at, START).await.unwrap(), Some(now));
}
