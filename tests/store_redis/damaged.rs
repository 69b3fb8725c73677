//! Rows that were cut, and entries whose bytes are gone: they count as damaged, and stop nobody else.

use countersign::Timestamp;
use countersign::store::redis::RedisStore;
use countersign::store::{Expected, Head, News, Place, Position, Put, Range, Record, Store, Which};

use crate::rows::{NOW, entries, first, later, open, place, record};
use crate::server::Server;

/// Something else cut a row, down to `left`.
fn cut(server: &Server, at: &Place, left: &[u8]) {
    let key = [b"{countersign:03}:row:", &at.owner[..], &at.id].concat();
    redis::cmd("SET").arg(key).arg(left).exec(&mut server.raw()).unwrap();
}

/// As such a row is given.
fn is_cut(record: &Record, created: Timestamp) {
    let (live_until, retain_until) = (Timestamp::MAX, Timestamp::MAX);
    assert_eq!(record.head, Head { version: 0, created, live_until, retain_until });
    assert_eq!(record.sealed.len(), 0);
}

async fn listed(store: &RedisStore, which: Which, limit: usize) -> Vec<(Place, Record)> {
    let (mut all, mut after): (_, Option<Position>) = (Vec::new(), None);
    loop {
        let part = store.list(3, &[1; 16], Range { which, after, limit }, NOW).await.unwrap();
        all.extend(part.rows);
        after = part.next;
        if after.is_none() {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_cut_stops_nobody() {
    let server = Server::start();
    let store = open(&server).await;
    for left in [&b""[..], b"abc", &[1; 39]] {
        for id in 0..10 {
            first(&store, &place(3, 1, id), &record(1, u64::from(id))).await;
        }
        let at = place(3, 1, 6);
        cut(&server, &at, left);
        is_cut(&store.load(&at, NOW).await.unwrap().unwrap(), Timestamp::EPOCH);
        for (which, limit) in
            [(Which::All, 10), (Which::All, 1), (Which::Live, 10), (Which::Live, 1)]
        {
            let rows = listed(&store, which, limit).await;
            let places: Vec<_> = rows.iter().map(|(at, _)| *at).collect();
            assert_eq!(places, (0..10).rev().map(|id| place(3, 1, id)).collect::<Vec<_>>());
            is_cut(&rows[3].1, later(6));
            assert_eq!(rows[4].1, record(1, 5));
        }
        let scan = store.scan(None, 100).await.unwrap();
        assert_eq!(scan.rows.len(), 10);
        assert_eq!(scan.rows[6].0, at);
        is_cut(&scan.rows[6].1, later(6));

        // It is due by its last write, and leaves nothing in an index.
        assert_eq!(store.purge(later(999), 1000).await.unwrap(), 0);
        assert_eq!(store.purge(later(1000), 1000).await.unwrap(), 10);
        assert_eq!(server.ask(&["DBSIZE"]), "1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_cut_is_written_over_and_deleted_by_version_0() {
    let server = Server::start();
    let store = open(&server).await;
    // More than one part of an index.
    for id in 0..520 {
        first(&store, &place(3, 1, id), &record(1, u64::from(id))).await;
    }
    let at = place(3, 1, 517);
    let put = async |expected, new: &Record| {
        store.put_if(&at, expected, new, News::NONE, NOW).await.unwrap()
    };
    for left in [&b""[..], b"abc", &[0; 39]] {
        let stood = store.load(&at, NOW).await.unwrap().unwrap();
        cut(&server, &at, left);
        let found = store.load(&at, NOW).await.unwrap().unwrap();
        let mut new = record(7, 9000);
        new.head.live_until = later(700);
        // It stands there, and is not what once stood there.
        assert_eq!(put(Expected::Absent, &new).await, Put::Conflict);
        assert_eq!(put(Expected::Head(stood.head), &new).await, Put::Conflict);
        assert_eq!(store.delete(&at, stood.head).await.unwrap(), Put::Conflict);
        assert_eq!(put(Expected::Head(found.head), &new).await, Put::Stored);
        assert_eq!(store.load(&at, NOW).await.unwrap().as_ref(), Some(&new));
        for which in [Which::All, Which::Live] {
            let rows = listed(&store, which, 1000).await;
            assert_eq!(rows.len(), 520);
            assert_eq!(rows[0], (at, new.clone()));
        }
        for part in ["all", "live", "due"] {
            assert_eq!(server.ask(&["ZCARD", &format!("{{countersign:03}}:{part}")]), "520");
        }
        // By a head that files it as the new one: nothing of it is believed.
        cut(&server, &at, left);
        let same = Record { head: Head { version: 1, ..found.head }, ..new };
        assert_eq!(put(Expected::Head(found.head), &same).await, Put::Stored);
    }
    cut(&server, &at, b"abc");
    let found = store.load(&at, NOW).await.unwrap().unwrap();
    assert_eq!(store.delete(&at, found.head).await.unwrap(), Put::Stored);
    assert_eq!(store.delete(&at, found.head).await.unwrap(), Put::Conflict);
    assert_eq!(put(Expected::Head(found.head), &record(1, 0)).await, Put::Conflict);
    for part in ["all", "live", "due"] {
        assert_eq!(server.ask(&["ZCARD", &format!("{{countersign:03}}:{part}")]), "519");
    }
}

/// They were evicted, where volatile settings were allowed, or deleted by hand.
#[tokio::test(flavor = "multi_thread")]
async fn an_entry_whose_body_is_gone_keeps_nobody_back() {
    let server = Server::start();
    let store = open(&server).await;
    let told = entries(2);
    let news = News { entries: &told, reserve: false };
    for lane in 0..3 {
        let at = place(lane, 1, 1);
        let put = store.put_if(&at, Expected::Absent, &record(1, 0), news, NOW).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    assert_eq!(server.ask(&["DEL", "{countersign:01}:news"]), "1");

    let found = store.entries(None, 100).await.unwrap();
    let lengths: Vec<_> = found.rows.iter().map(|entry| entry.sealed.len()).collect();
    assert_eq!(lengths, [7, 7, 0, 0, 7, 7]);
    let mut lanes = Vec::new();
    for token in 0..3 {
        let lease = store.lease(&[token; 16], 10, NOW, later(60)).await.unwrap().unwrap();
        let ids: Vec<_> = lease.entries.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), 2);
        // Whoever has no more use for them has them deleted, like any others.
        for _ in 0..2 {
            assert!(store.acknowledge(&lease, &ids, NOW).await.unwrap());
        }
        lanes.push(lease.lane);
    }
    lanes.sort_unstable();
    assert_eq!(lanes, [0, 1, 2]);
    assert_eq!(store.backlog().await.unwrap().entries, 0);
}
