//! What a write costs: one round trip, and nothing in the server if it is refused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::store::postgres::{PostgresOptions, PostgresStore};
use countersign::store::{
    Entry, EntryId, Expected, Head, News, Position, Put, Range, Record, Store, StoreError, Which,
};
use countersign::time::Timestamp;
use deadpool_postgres::Pool;

use crate::proxy::Proxy;
use crate::server::{Cluster, PASSWORD};
use crate::support::{LATER, NOW, SOON, entries, head, options, place, pool, record, store};

#[tokio::test]
async fn every_call_is_one_round_trip() {
    let cluster = Cluster::shared();
    for named in [false, true] {
        let proxy = Proxy::before(cluster.port());
        let url = format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/postgres", proxy.port());
        let options = options().with_named_statements(named);
        let clients = pool(&url, 1);
        PostgresStore::migrate(&clients, &options).await.unwrap();
        let store = PostgresStore::new(clients, options).await.unwrap();
        // A named statement takes one round trip more on its first use.
        for round in 0..2 {
            let exact = !named || round == 1;
            let count = |call: &str| {
                let trips = proxy.trips();
                assert!(trips == 1 || (!exact && trips == 2), "{call}: {trips} round trips");
            };
            proxy.trips();
            let at = place(1, 2, round);
            let news = entries(3);
            let news = News { entries: &news, reserve: false };
            let put = store.put_if(&at, Expected::Absent, &record(1), news, NOW).await;
            assert_eq!(put.unwrap(), Put::Stored);
            count("put_if");
            let put = store.put_if(&at, Expected::Head(head(1)), &record(2), news, NOW).await;
            assert_eq!(put.unwrap(), Put::Stored);
            count("put_if");
            let put = store.put_if(&at, Expected::Absent, &record(3), news, NOW).await;
            assert_eq!(put.unwrap(), Put::Conflict);
            count("put_if that is refused");
            assert_eq!(store.load(&at, NOW).await.unwrap(), Some(record(2)));
            count("load");
            let range = Range { which: Which::Live, after: None, limit: 10 };
            let listed = store.list(1, &at.owner, range, NOW).await.unwrap();
            assert_eq!(listed.rows, [(at, record(2))]);
            count("list");
            assert_eq!(store.scan(None, 10).await.unwrap().rows, [(at, record(2))]);
            count("scan");
            let lease = store.lease(&[round; 16], 10, NOW, SOON).await.unwrap().unwrap();
            assert_eq!(lease.entries.len(), 6);
            count("lease");
            assert_eq!(store.entries(None, 10).await.unwrap().rows, lease.entries);
            count("entries");
            let done: Vec<_> = lease.entries.iter().map(|entry| entry.id).collect();
            assert!(store.acknowledge(&lease, &done, NOW).await.unwrap());
            count("acknowledge");
            store.release(&lease).await.unwrap();
            count("release");
            assert_eq!(store.backlog().await.unwrap().entries, 0);
            count("backlog");
            assert_eq!(store.delete(&at, head(2)).await.unwrap(), Put::Stored);
            count("delete");
            assert_eq!(store.purge(NOW, 10).await.unwrap(), 0);
            count("purge");
        }
    }
}

#[tokio::test]
async fn a_purge_rests_between_two_batches_for_as_long_as_one_took() {
    let cluster = Cluster::shared();
    let proxy = crate::chaos::proxy::Proxy::before(cluster.port());
    let url = format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/postgres", proxy.port());
    let options = options();
    let clients = pool(&url, 1);
    PostgresStore::migrate(&clients, &options).await.unwrap();
    let store = PostgresStore::new(clients, options).await.unwrap();
    for id in 0..200 {
        let put =
            store.put_if(&place(1, 1, id), Expected::Absent, &record(1), News::NONE, NOW).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    proxy.delay(Duration::from_millis(10));
    let trip = async || {
        let begun = Instant::now();
        store.load(&place(1, 1, 0), NOW).await.unwrap();
        begun.elapsed()
    };
    let trip = trip().await.min(trip().await).min(trip().await);
    let begun = Instant::now();
    assert_eq!(store.purge(LATER, 200).await.unwrap(), 200);
    // Four batches of fifty rows, and three rests.
    assert!(begun.elapsed() >= 7 * trip, "{:?}, {trip:?}", begun.elapsed());
}

/// How far the server's log of writes, and its counter of transactions that wrote, have come.
async fn written(clients: &Pool) -> (String, String) {
    let asked =
        "SELECT pg_current_wal_insert_lsn()::text, pg_snapshot_xmax(pg_current_snapshot())::text";
    let row = clients.get().await.unwrap().query_one(asked, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn a_refused_write_writes_nothing() {
    // Nothing else in this cluster may write either.
    let quiet =
        ["wal_level=minimal", "max_wal_senders=0", "autovacuum=off", "checkpoint_timeout=1d"];
    let cluster = Cluster::start(&quiet);
    let clients = pool(&cluster.url(), 2);
    let options = PostgresOptions::new().with_entries_per_lane(8);
    PostgresStore::migrate(&clients, &options).await.unwrap();
    let store = PostgresStore::new(clients.clone(), options).await.unwrap();
    let (at, absent, full) = (place(1, 1, 1), place(1, 1, 2), place(2, 1, 1));
    let news = entries(1);
    let news = News { entries: &news, reserve: false };
    for (at, count) in [(at, 1), (full, 8)] {
        let filling = entries(count);
        let filling = News { entries: &filling, reserve: false };
        let put = store.put_if(&at, Expected::Absent, &record(5), filling, NOW).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    for statement in ["VACUUM", "CHECKPOINT"] {
        clients.get().await.unwrap().batch_execute(statement).await.unwrap();
    }
    let refused = async |expected, at, news| {
        let put = store.put_if(at, expected, &record(9), news, NOW).await;
        assert_eq!(put.unwrap(), Put::Conflict);
    };
    let mut before = None;
    // The first round only brings pages and plans into memory.
    for _ in 0..20 {
        for news in [News::NONE, news] {
            refused(Expected::Absent, &at, news).await;
            refused(Expected::Head(head(4)), &at, news).await;
            refused(Expected::Head(head(5)), &absent, news).await;
            refused(Expected::Absent, &full, news).await;
        }
        let put = store.put_if(&full, Expected::Head(head(5)), &record(9), news, NOW).await;
        assert!(matches!(put, Err(StoreError::Full)), "{put:?}");
        assert_eq!(store.delete(&at, head(4)).await.unwrap(), Put::Conflict);
        assert_eq!(store.purge(NOW, 100).await.unwrap(), 0);
        let lease = countersign::store::Lease {
            next: None,
            lane: 1,
            token: [1; 16],
            until: LATER,
            entries: Vec::new(),
        };
        assert!(!store.acknowledge(&lease, &[], NOW).await.unwrap());
        store.release(&lease).await.unwrap();
        let after = written(&clients).await;
        assert_eq!(*before.get_or_insert_with(|| after.clone()), after);
    }
    // The row was not locked either: nobody's transaction stands in its header.
    let asked = "SELECT bool_and(xmax = '0') FROM countersign.records";
    let unlocked: bool = clients.get().await.unwrap().query_one(asked, &[]).await.unwrap().get(0);
    assert!(unlocked);
    // And what is not refused is seen by the same look.
    let put = store.put_if(&at, Expected::Head(head(5)), &record(6), news, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    assert_ne!(before, Some(written(&clients).await));
}

#[tokio::test]
async fn a_lane_is_bounded_and_keeps_room_for_what_takes_authority_away() {
    let cluster = Cluster::shared();
    let store = store(&cluster.url(), options().with_entries_per_lane(16)).await;
    let write = async |id, lane, count, reserve| {
        let news = entries(count);
        let news = News { entries: &news, reserve };
        store.put_if(&place(lane, 1, id), Expected::Absent, &record(1), news, NOW).await
    };
    assert_eq!(write(1, 1, 15, false).await.unwrap(), Put::Stored);
    assert!(matches!(write(2, 1, 2, false).await, Err(StoreError::Full)));
    assert_eq!(store.load(&place(1, 1, 2), NOW).await.unwrap(), None);
    assert_eq!(write(2, 1, 1, false).await.unwrap(), Put::Stored);
    assert!(matches!(write(3, 1, 1, false).await, Err(StoreError::Full)));
    assert_eq!(write(3, 1, 2, true).await.unwrap(), Put::Stored);
    assert!(matches!(write(4, 1, 1, true).await, Err(StoreError::Full)));
    // A write without news needs no room, another lane has its own, and a conflict stays a conflict.
    assert_eq!(write(4, 1, 0, false).await.unwrap(), Put::Stored);
    assert_eq!(write(1, 2, 16, false).await.unwrap(), Put::Stored);
    assert_eq!(write(1, 1, 1, false).await.unwrap(), Put::Conflict);
    let backlog = store.backlog().await.unwrap();
    assert_eq!((backlog.entries, backlog.lanes), (34, 2));
    // What is delivered makes room.
    let lease = store.lease(&[1; 16], 3, NOW, SOON).await.unwrap().unwrap();
    let done: Vec<_> = lease.entries.iter().map(|entry| entry.id).collect();
    assert!(store.acknowledge(&lease, &done, NOW).await.unwrap());
    assert!(store.acknowledge(&lease, &done, NOW).await.unwrap());
    assert_eq!(store.backlog().await.unwrap().entries, 31);
    assert_eq!(write(9, lease.lane, 1, false).await.unwrap(), Put::Stored);
}

/// The ends of all ranges: what a column can hold is what a record may have.
#[tokio::test]
async fn the_largest_and_smallest_values_come_back() {
    let cluster = Cluster::shared();
    let store = store(&cluster.url(), options()).await;
    let mut places = Vec::new();
    for (lane, byte) in [(0, 0), (255, 0xFF), (127, 0x20), (128, 0x80)] {
        let at = place(lane, byte, byte);
        let last = Head {
            version: i64::MAX.unsigned_abs(),
            created: Timestamp::MAX,
            live_until: Timestamp::MAX,
            retain_until: Timestamp::MAX,
        };
        let first =
            Head { version: 0, created: Timestamp::EPOCH, live_until: Timestamp::EPOCH, ..last };
        for (expected, head, sealed) in
            [(Expected::Absent, first, vec![]), (Expected::Head(first), last, vec![0; 100_000])]
        {
            let new = Record { head, sealed: sealed.into() };
            let news = [Arc::from([]), Arc::from(vec![byte; 20_000])];
            let news = News { entries: &news, reserve: false };
            assert_eq!(store.put_if(&at, expected, &new, news, NOW).await.unwrap(), Put::Stored);
            assert_eq!(store.load(&at, NOW).await.unwrap(), Some(new));
        }
        let after = Some(Position { created: Timestamp::MAX, id: [byte; 16] });
        for (after, count) in [(None, 1), (after, 0)] {
            let range = Range { which: Which::Live, after, limit: usize::MAX };
            let listed = store.list(lane, &at.owner, range, NOW).await.unwrap();
            assert_eq!((listed.rows.len(), listed.next), (count, None));
        }
        places.push((at, last));
    }
    let entries = store.entries(None, usize::MAX).await.unwrap();
    assert_eq!((entries.rows.len(), entries.next), (16, None));
    let (at, last) = places[1];
    let id = EntryId { place: at, created: last.created, version: last.version, index: 1 };
    assert!(entries.rows.contains(&Entry { id, sealed: Arc::from(vec![0xFF; 20_000]) }));
    let scanned = store.scan(None, usize::MAX).await.unwrap();
    assert_eq!((scanned.rows.len(), scanned.next), (4, None));
}
