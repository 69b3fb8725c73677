//! A purge beside live writes: it goes with their transactions, and waits for nobody for ever.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use countersign::store::redb::RedbStore;
use countersign::store::{Expected, Head, News, Put, Record, Store};

use super::support::{self, Folder, NOW, options, place, record};

/// Stores records that are due.
async fn fill(store: &RedbStore, numbers: std::ops::Range<u8>) {
    let past = NOW.before(Duration::from_secs(60));
    for n in numbers {
        let new = record(n, 1);
        let head = Head { live_until: past, retain_until: past, ..new.head };
        let new = Record { head, ..new };
        let (at, earlier) = (place(n), past.before(Duration::from_secs(60)));
        let put = store.put_if(&at, Expected::Absent, &new, News::NONE, earlier).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
}

async fn put(store: &RedbStore, n: u8, version: u64) {
    let expected = match version {
        1 => Expected::Absent,
        _ => Expected::Head(record(n, version - 1).head),
    };
    let (at, new) = (place(n), record(n, version));
    let put = store.put_if(&at, expected, &new, News::NONE, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
}

#[test]
fn a_purge_goes_with_the_next_write_not_before_it() {
    let folder = Folder::new();
    let store = options().open(folder.file()).unwrap();
    support::run(fill(&store, 0..100));
    let mut together = 0;
    for version in (1..).step_by(2).take(25) {
        // Somebody has written just now.
        support::run(put(&store, 200, version));
        let before = store.commits();
        let mut purge = pin!(store.purge(NOW, 4));
        assert!(purge.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        // As long as a write of somebody who reads in between.
        thread::sleep(Duration::from_micros(300));
        support::run(put(&store, 200, version + 1));
        assert_eq!(support::run(purge).unwrap(), 4);
        together += usize::from(store.commits() == before + 1);
    }
    // A busy machine may let more than two milliseconds pass.
    assert!(together > 12, "{together} of 25");
    assert_eq!(support::run(store.purge(NOW, 4)).unwrap(), 0);
}

#[test]
fn a_purge_ends_though_somebody_always_writes() {
    let folder = Folder::new();
    let store = options().deadline(Duration::from_secs(60)).open(folder.file()).unwrap();
    support::run(fill(&store, 0..100));
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for n in 200..208 {
            let (store, over) = (&store, &over);
            scope.spawn(move || {
                let mut version = 0;
                while !over.load(Ordering::Relaxed) {
                    version += 1;
                    support::run(put(store, n, version));
                }
            });
        }
        assert_eq!(support::run(store.purge(NOW, 99)).unwrap(), 99);
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(support::run(store.purge(NOW, 99)).unwrap(), 1);
}

/// It gives back what it has deleted by then, and goes on with the next call.
#[test]
fn a_purge_ends_in_time() {
    const ROWS: u16 = 4000;
    let folder = Folder::new();
    let store = options().open(folder.file()).unwrap();
    let past = NOW.before(Duration::from_secs(60));
    support::tokio().block_on(async {
        let writers = (0..64).map(|writer| {
            let store = store.clone();
            ::tokio::spawn(async move {
                for n in (writer..ROWS).step_by(64) {
                    let new = record(1, 1);
                    let head = Head { live_until: past, retain_until: past, ..new.head };
                    let (mut at, new) = (place(1), Record { head, ..new });
                    at.id[..2].copy_from_slice(&n.to_be_bytes());
                    let earlier = past.before(Duration::from_secs(60));
                    let put = store.put_if(&at, Expected::Absent, &new, News::NONE, earlier).await;
                    assert_eq!(put.unwrap(), Put::Stored);
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
    });
    drop(store);
    // A busy machine may take long for one transaction.
    let deadline = Duration::from_millis(600);
    let store = support::opened(|| options().deadline(deadline).open(folder.file()));
    let (mut purged, mut calls) = (0, 0);
    loop {
        let begun = Instant::now();
        let some = support::run(store.purge(NOW, ROWS.into())).unwrap();
        assert!(begun.elapsed() < deadline, "{:?} for {some}", begun.elapsed());
        if some == 0 {
            break;
        }
        purged += some;
        calls += 1;
    }
    assert_eq!(purged, usize::from(ROWS));
    // A thousand transactions, each of which reaches the disk.
    assert!(calls > 1, "{calls}");
}
