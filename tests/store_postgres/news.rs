//! News in the order of their writes, also between places, with writers and workers at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use countersign::store::{EntryId, Expected, News, Place, Put, Store};

use crate::server::{Bouncer, Cluster};
use crate::support::{NOW, SOON, entries, head, options, place, pool, record, store};
use countersign::store::postgres::PostgresStore;

const LANE: u8 = 9;
const WRITERS: u8 = 10;
const WRITES: u64 = 30;

/// Each writer writes a place of its own, and one that it shares with another.
async fn write(store: PostgresStore, writer: u8, clock: Arc<AtomicU64>) -> Vec<Seen> {
    let (own, shared) = (place(LANE, 1, writer), place(LANE, 2, writer / 2));
    let mut seen = Vec::new();
    for turn in 1..=WRITES {
        for at in [own, shared] {
            let news = entries(u8::try_from(turn % 3 + 1).unwrap());
            let news = News { entries: &news, reserve: false };
            loop {
                let held = store.load(&at, NOW).await.unwrap().map_or(0, |held| held.head.version);
                let expected =
                    if held == 0 { Expected::Absent } else { Expected::Head(head(held)) };
                let begun = clock.fetch_add(1, Ordering::SeqCst);
                let put = store.put_if(&at, expected, &record(held + 1), news, NOW).await.unwrap();
                let ended = clock.fetch_add(1, Ordering::SeqCst);
                if put == Put::Stored {
                    let count = news.entries.len();
                    seen.push(Seen { at, version: held + 1, count, begun, ended });
                    break;
                }
            }
        }
    }
    seen
}

struct Seen {
    at: Place,
    version: u64,
    count: usize,
    begun: u64,
    ended: u64,
}

/// Takes what there is until the writers are through; each entry is acknowledged once it was seen.
async fn work(
    store: PostgresStore,
    token: u8,
    all: usize,
    seen: Arc<std::sync::Mutex<Vec<EntryId>>>,
) {
    while seen.lock().unwrap().len() < all {
        let Some(lease) = store.lease(&[token; 16], 7, NOW, SOON).await.unwrap() else {
            tokio::task::yield_now().await;
            continue;
        };
        assert_eq!(lease.lane, LANE);
        let done: Vec<_> = lease.entries.iter().map(|entry| entry.id).collect();
        seen.lock().unwrap().extend(&done);
        assert!(store.acknowledge(&lease, &done, NOW).await.unwrap());
        store.release(&lease).await.unwrap();
    }
}

async fn ten_writers(store: PostgresStore) {
    let clock = Arc::new(AtomicU64::new(0));
    let seen = Arc::default();
    let all = usize::from(WRITERS)
        * 2
        * (1..=WRITES).map(|turn| usize::try_from(turn % 3 + 1).unwrap()).sum::<usize>();
    let workers: Vec<_> = (0..3)
        .map(|token| tokio::spawn(work(store.clone(), token, all, Arc::clone(&seen))))
        .collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(store.clone(), writer, Arc::clone(&clock))))
        .collect();
    let mut written = Vec::new();
    for writer in writers {
        written.extend(writer.await.unwrap());
    }
    for worker in workers {
        worker.await.unwrap();
    }
    let seen: Vec<EntryId> = seen.lock().unwrap().clone();
    // Nothing is lost, nothing told twice, and each place's news come in the order of its versions.
    assert_eq!(seen.len(), all);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), all);
    let mut by_place = BTreeMap::<Place, Vec<(u64, u16)>>::new();
    for id in seen.iter() {
        by_place.entry(id.place).or_default().push((id.version, id.index));
    }
    let mut wanted = by_place.clone();
    wanted.values_mut().for_each(|ids| ids.clear());
    for Seen { at, version, count, .. } in &written {
        let indexes = 0..u16::try_from(*count).unwrap();
        wanted.get_mut(at).unwrap().extend(indexes.map(|index| (*version, index)));
    }
    wanted.values_mut().for_each(|ids| ids.sort_unstable());
    assert_eq!(by_place, wanted);
    // Between places too: what ended before another began is told before it.
    let position: BTreeMap<_, _> =
        seen.iter().enumerate().map(|(at, id)| ((id.place, id.version), at)).collect();
    for one in &written {
        for other in written.iter().filter(|other| one.ended < other.begun) {
            assert!(position[&(one.at, one.version)] < position[&(other.at, other.version)]);
        }
    }
    assert_eq!(store.backlog().await.unwrap().entries, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_writers_of_a_lane_are_told_in_order() {
    let cluster = Cluster::shared();
    ten_writers(store(&cluster.url(), options()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_writers_of_a_lane_are_told_in_order_through_pgbouncer() {
    let cluster = Cluster::shared();
    let bouncer = Bouncer::before(&cluster);
    let options = options();
    let clients = pool(&bouncer.url(), 20);
    PostgresStore::migrate(&clients, &options).await.unwrap();
    ten_writers(PostgresStore::new(clients, options).await.unwrap()).await;
}

/// With a bound that is met all the time: who comes too late finds nothing written.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_who_race_for_the_last_room_leave_no_half() {
    let cluster = Cluster::shared();
    let store = store(&cluster.url(), options().with_entries_per_lane(5)).await;
    for round in 0..20_u8 {
        let writers: Vec<_> = (0..8_u8)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move {
                    let at = place(LANE, round, writer);
                    let news = entries(2);
                    let news = News { entries: &news, reserve: false };
                    let put = store.put_if(&at, Expected::Absent, &record(1), news, NOW).await;
                    let stored = match put {
                        Ok(put) => put == Put::Stored,
                        Err(countersign::store::StoreError::Full) => false,
                        Err(other) => panic!("{other:?}"),
                    };
                    assert_eq!(store.load(&at, NOW).await.unwrap().is_some(), stored);
                    usize::from(stored)
                })
            })
            .collect();
        let mut stored = 0;
        for writer in writers {
            stored += writer.await.unwrap();
        }
        assert_eq!(stored, 2);
        let lease = store.lease(&[1; 16], 10, NOW, SOON).await.unwrap().unwrap();
        assert_eq!(lease.entries.len(), 4);
        let done: Vec<_> = lease.entries.iter().map(|entry| entry.id).collect();
        assert!(store.acknowledge(&lease, &done, NOW).await.unwrap());
        store.release(&lease).await.unwrap();
    }
}
