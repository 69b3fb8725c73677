//! Transactions that several writes share, deadlines, dropped futures, the bound of the outbox, closing.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use countersign::store::redb::{RedbStore, RedbStoreError};
use countersign::store::{Backlog, Expected, News, Put, Store, StoreError};

use super::support::{self, Folder, NOW, Random, opened, options, place, record};

#[test]
fn a_customer_pays_with_a_challenge() {
    let folder = Folder::new();
    let store = options().open(folder.file()).unwrap();
    support::tokio().block_on(crate::chaos::contest::pays_with_a_challenge(store));
}

async fn first(store: &RedbStore, n: u8, version: u64) -> Result<Put, StoreError> {
    store.put_if(&place(n), Expected::Absent, &record(n, version), News::NONE, NOW).await
}

#[test]
fn writes_at_once_share_transactions_and_one_after_the_other_do_not() {
    let folder = Folder::new();
    let store = options().open(folder.file()).unwrap();
    support::tokio().block_on(async {
        let tasks: Vec<_> = (0..64_u8)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    for version in 1..=10 {
                        let expected = match version {
                            1 => Expected::Absent,
                            _ => Expected::Head(record(n, version - 1).head),
                        };
                        let (at, new) = (place(n), record(n, version));
                        let put = store.put_if(&at, expected, &new, News::NONE, NOW);
                        assert_eq!(put.await.unwrap(), Put::Stored);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    // 64 tasks with 10 writes each: by far the most go in full transactions.
    let grouped = store.commits();
    assert!((10..=320).contains(&grouped), "{grouped} transactions for 640 writes");
    for n in 100..120 {
        assert_eq!(support::run(first(&store, n, 1)).unwrap(), Put::Stored);
    }
    assert_eq!(store.commits(), grouped + 20);
    // What changes nothing is no transaction.
    for n in 100..120 {
        assert_eq!(support::run(first(&store, n, 2)).unwrap(), Put::Conflict);
    }
    assert_eq!(
        support::run(store.lease(&[1; 16], 10, NOW, NOW.after(Duration::from_secs(1)))).unwrap(),
        None
    );
    assert_eq!(support::run(store.purge(NOW, 10)).unwrap(), 0);
    assert_eq!(store.commits(), grouped + 20);
}

#[test]
fn of_many_tasks_one_wins_each_version() {
    let folder = Folder::new();
    let store = options().open(folder.file()).unwrap();
    support::tokio().block_on(async {
        assert_eq!(first(&store, 1, 1).await.unwrap(), Put::Stored);
        for version in 2..=50_u64 {
            let won = Arc::new(AtomicUsize::new(0));
            let tasks: Vec<_> = (0..32_u8)
                .map(|racer| {
                    let (store, won) = (store.clone(), Arc::clone(&won));
                    tokio::spawn(async move {
                        let expected = Expected::Head(record(1, version - 1).head);
                        let news: Arc<[u8]> = Arc::from([racer]);
                        let news = News { entries: &[news], reserve: false };
                        let (at, new) = (place(1), record(1, version));
                        let put = store.put_if(&at, expected, &new, news, NOW);
                        if put.await.unwrap() == Put::Stored {
                            won.fetch_add(1, Ordering::Relaxed);
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            assert_eq!(won.load(Ordering::Relaxed), 1, "version {version}");
        }
        assert_eq!(store.backlog().await.unwrap(), Backlog { entries: 49, lanes: 1 });
    });
}

#[test]
fn a_dropped_future_leaves_all_or_nothing_and_a_store_that_works() {
    let folder = Folder::new();
    let file = folder.file();
    let store = options().open(&file).unwrap();
    let mut random = Random::new();
    let (mut landed, mut version) = (0, 1);
    let mut told = 0;
    for round in 0..300_u32 {
        let n = (round % 5) as u8;
        let before = support::run(store.load(&place(n), NOW)).unwrap();
        let expected = before.as_ref().map_or(Expected::Absent, |held| Expected::Head(held.head));
        version += 1;
        let entries: [Arc<[u8]>; 2] = [Arc::from([n]), Arc::from([n, n])];
        {
            let news = News { entries: &entries, reserve: false };
            let new = record(n, version);
            let at = place(n);
            let mut put = pin!(store.put_if(&at, expected, &new, news, NOW));
            for _ in 0..random.below(3) {
                let _ = put.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                thread::sleep(Duration::from_micros(random.below(3000)));
            }
        }
        // Another write is behind it in the queue: from here on nothing is in doubt.
        let fence = support::run(first(&store, 200, 1));
        assert!(fence.is_ok());
        let after = support::run(store.load(&place(n), NOW)).unwrap();
        if after == Some(record(n, version)) {
            landed += 1;
            told += 2;
        } else {
            assert_eq!(after, before, "round {round}");
        }
        assert_eq!(support::run(store.backlog()).unwrap().entries, told, "round {round}");
    }
    assert!((1..300).contains(&landed), "{landed} landed");
    // The other calls, dropped after one look.
    let until = NOW.after(Duration::from_secs(60));
    for _ in 0..20 {
        let head = record(1, 1).head;
        look_once(store.lease(&[1; 16], 10, NOW, until));
        look_once(store.delete(&place(100), head));
        look_once(store.purge(NOW, 10));
        look_once(store.load(&place(1), NOW));
    }
    assert!(support::run(first(&store, 201, 1)).is_ok());
    assert_eq!(support::run(store.backlog()).unwrap().entries, told);
    drop(store);
    let store = options().open(&file).unwrap();
    assert_eq!(support::run(store.backlog()).unwrap().entries, told);
    // A lease that nobody knows of ends by itself.
    let lease = support::run(store.lease(&[2; 16], 10, until, until.after(Duration::from_secs(1))));
    assert!(lease.unwrap().is_some());
}

fn look_once<T>(future: impl Future<Output = T>) {
    let mut future = pin!(future);
    let _: Poll<T> = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn a_deadline_is_kept_and_what_was_not_begun_was_not_written() {
    let folder = Folder::new();
    let store = options().deadline(Duration::ZERO).open(folder.file()).unwrap();
    let (mut not_begun, mut failed) = (Vec::new(), 0);
    for n in 0..200 {
        let begun = Instant::now();
        let put = support::run(first(&store, n, 1));
        assert!(begun.elapsed() < Duration::from_secs(30), "it hangs");
        let Err(error) = put else { continue };
        failed += 1;
        match support::source(&error) {
            RedbStoreError::NotBegun(Duration::ZERO) => not_begun.push(n),
            RedbStoreError::TimedOut(Duration::ZERO) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(failed > 0, "no deadline passed");
    drop(store);
    let store = options().open(folder.file()).unwrap();
    for n in not_begun {
        assert_eq!(support::run(store.load(&place(n), NOW)).unwrap(), None, "{n}");
    }
    assert_eq!(support::run(first(&store, 250, 1)).unwrap(), Put::Stored);
}

#[test]
fn the_outbox_is_bounded_with_an_eighth_more_for_what_takes_authority_away() {
    let folder = Folder::new();
    let store = options().outbox(16).open(folder.file()).unwrap();
    let put = |n: u8, count: usize, reserve| {
        let entries: Vec<Arc<[u8]>> = (0..count).map(|_| Arc::from([n])).collect();
        let news = News { entries: &entries, reserve };
        support::run(store.put_if(&place(n), Expected::Absent, &record(n, 1), news, NOW))
    };
    for n in 0..7 {
        assert_eq!(put(n, 2, false).unwrap(), Put::Stored);
    }
    assert!(matches!(put(7, 3, false), Err(StoreError::Full)));
    assert_eq!(support::run(store.load(&place(7), NOW)).unwrap(), None, "nothing was written");
    assert_eq!(put(7, 2, false).unwrap(), Put::Stored);
    assert!(matches!(put(8, 1, false), Err(StoreError::Full)));
    assert!(matches!(put(8, 3, true), Err(StoreError::Full)));
    assert_eq!(put(8, 2, true).unwrap(), Put::Stored);
    assert!(matches!(put(9, 1, true), Err(StoreError::Full)));
    assert_eq!(put(9, 0, false).unwrap(), Put::Stored, "no news need no room");
    assert_eq!(put(0, 1, false).unwrap(), Put::Conflict, "a conflict is told first");
    assert_eq!(support::run(store.backlog()).unwrap(), Backlog { entries: 18, lanes: 3 });
    let until = NOW.after(Duration::from_secs(60));
    let lease = support::run(store.lease(&[1; 16], 100, NOW, until)).unwrap().unwrap();
    let done: Vec<_> = lease.entries.iter().map(|entry| entry.id).collect();
    assert!(support::run(store.acknowledge(&lease, &done, NOW)).unwrap());
    assert_eq!(put(10, 2, false).unwrap(), Put::Stored);
}

#[test]
fn dropped_it_has_written_what_it_acknowledged_and_lets_go_of_the_file() {
    let folder = Folder::new();
    let file = folder.file();
    for round in 0..20_u8 {
        let store = options().open(&file).unwrap();
        for before in 0..round {
            let found = support::run(store.load(&place(before), NOW)).unwrap();
            assert_eq!(found, Some(record(before, 1)));
        }
        assert_eq!(support::run(first(&store, round, 1)).unwrap(), Put::Stored);
    }
}

/// The last clone of a store may stand in a task that the store's own thread wakes and ends.
#[test]
fn the_last_clone_may_be_dropped_by_the_thread_that_writes() {
    struct Holds(std::sync::Mutex<Option<RedbStore>>);
    impl std::task::Wake for Holds {
        fn wake(self: Arc<Self>) {
            drop(self.0.lock().unwrap().take());
        }
    }
    let folder = Folder::new();
    let file = folder.file();
    let store = options().open(&file).unwrap();
    let (at, new) = (place(1), record(1, 1));
    {
        let clone = store.clone();
        let mut put =
            Box::pin(
                async move { clone.put_if(&at, Expected::Absent, &new, News::NONE, NOW).await },
            );
        let holds = Arc::new(Holds(std::sync::Mutex::new(Some(store))));
        let waker = Waker::from(Arc::clone(&holds));
        assert!(put.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        // Whichever comes first: the waker drops one store, this the other.
        thread::sleep(Duration::from_millis(1));
        drop(put);
        drop(waker);
        drop(holds);
    }
    let store = opened(|| options().open(&file));
    assert!(support::run(first(&store, 2, 1)).is_ok());
}
