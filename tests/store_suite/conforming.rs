//! What conforms passes, again and again, and what others keep and wait for is left as it is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use countersign::store::{
    Backlog, Entry, Expected, FaultStore, Head, News, Place, Put, Record, ScanCursor, Store,
    conformance,
};
use countersign::{MemoryStore, Timestamp};

use crate::broken::{Broken, Flaw};
use crate::depth::either;

fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_unix(now.as_secs())
}

async fn rows(store: &impl Store) -> BTreeMap<Place, Record> {
    let mut rows = BTreeMap::new();
    let mut after: Option<ScanCursor> = None;
    loop {
        let part = store.scan(after.as_ref(), 100).await.unwrap();
        rows.extend(part.rows);
        let Some(next) = part.next else { return rows };
        after = Some(next);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_memory_store_conforms() {
    conformance::check(async || MemoryStore::new()).await.unwrap();
    conformance::check(async || MemoryStore::with_capacity(5000)).await.unwrap();
    conformance::check(async || Arc::new(MemoryStore::new())).await.unwrap();
    conformance::check(async || FaultStore::new(MemoryStore::new())).await.unwrap();
}

#[tokio::test]
async fn bounded_stores_conform() {
    for bound in [16, 17, 31, 100] {
        conformance::check_bounded(async || MemoryStore::with_capacity(bound), bound)
            .await
            .unwrap();
        let store = Arc::new(Broken::bounded(Flaw::None, bound));
        for _ in 0..2 {
            conformance::check_bounded(async || Arc::clone(&store), bound).await.unwrap();
            assert_eq!(store.left(), [0; 3]);
        }
    }
}

/// The racers have threads of their own.
#[tokio::test]
async fn one_thread_is_enough() {
    conformance::check(async || MemoryStore::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twice_on_one_store_and_nothing_is_left() {
    let store = MemoryStore::new();
    for _ in 0..2 {
        conformance::check(async || store.clone()).await.unwrap();
        assert_eq!((store.len(), rows(&store).await), (0, BTreeMap::new()));
        assert_eq!(store.backlog().await.unwrap(), Backlog::default());
    }
}

/// While others read, write and purge.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_others_stay_as_they_are() {
    let store = MemoryStore::new();
    let mut foreign = BTreeMap::new();
    for n in 0..700_u32 {
        let lane = (n % 256) as u8;
        let at = Place { lane, owner: [(n % 7) as u8; 16], id: u128::from(n).to_be_bytes() };
        let head = Head {
            version: u64::from(n),
            created: now(),
            live_until: if n % 2 == 0 { Timestamp::EPOCH } else { Timestamp::MAX },
            retain_until: now().after(Duration::from_secs(300 + u64::from(n))),
        };
        let new = Record { head, sealed: Arc::from(n.to_be_bytes()) };
        let put = store.put_if(&at, Expected::Absent, &new, News::NONE, now()).await.unwrap();
        assert_eq!(put, Put::Stored);
        foreign.insert(at, new);
    }
    let ended = Arc::new(AtomicBool::new(false));
    let purging = std::thread::spawn({
        let (store, ended, handle) =
            (store.clone(), Arc::clone(&ended), tokio::runtime::Handle::current());
        move || {
            while !ended.load(Ordering::SeqCst) {
                handle.block_on(store.purge(now(), 3)).unwrap();
                std::thread::yield_now();
            }
        }
    });
    for _ in 0..either(1, 2) {
        conformance::check(async || store.clone()).await.unwrap();
        assert_eq!(rows(&store).await, foreign);
        assert_eq!(store.len(), 700);
    }
    ended.store(true, Ordering::SeqCst);
    purging.join().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_that_others_wait_for_are_not_leased() {
    let store = MemoryStore::new();
    let at = Place { lane: 3, owner: [1; 16], id: [2; 16] };
    let head = Head {
        version: 1,
        created: now(),
        live_until: Timestamp::MAX,
        retain_until: Timestamp::MAX,
    };
    let new = Record { head, sealed: Arc::from([1_u8]) };
    let entries = [Arc::from([2_u8])];
    let news = News { entries: &entries, reserve: false };
    let put = store.put_if(&at, Expected::Absent, &new, news, now()).await.unwrap();
    assert_eq!(put, Put::Stored);
    let refused = conformance::check(async || store.clone()).await.unwrap_err();
    assert_eq!(
        refused.rule,
        "the suite runs only while the outbox is empty, so that it leases nothing that others wait for"
    );
    assert_eq!(rows(&store).await, BTreeMap::from([(at, new)]));
    let until = now().after(Duration::from_secs(9));
    let lease = store.lease(&[1; 16], 9, now(), until).await.unwrap().unwrap();
    let sealed: Vec<Entry> = lease.entries;
    assert_eq!(sealed.iter().map(|entry| &entry.sealed[..]).collect::<Vec<_>>(), [&[2][..]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_model_of_the_broken_ones_conforms() {
    let conform = [
        Flaw::None,
        // A server gives parts of its own size, and says that more follows.
        Flaw::ToldPages(1),
        Flaw::ToldPages(8),
        Flaw::ToldPages(100),
        // A server deletes by its own clock what nobody retains.
        Flaw::NativeExpiry,
    ];
    for flaw in conform {
        let store = Arc::new(Broken::new(flaw));
        // That it can be run twice on one store, a quick run sees of the model as it is.
        let runs = if flaw == Flaw::None { 2 } else { either(1, 2) };
        for _ in 0..runs {
            conformance::check(async || Arc::clone(&store)).await.unwrap();
            assert_eq!(store.left(), [0; 3], "{flaw:?}");
        }
    }
}
