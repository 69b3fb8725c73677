//! What is full, what is forgotten, and what lies about itself.

use std::time::{Duration, Instant};

use countersign::store::redis::{RedisOptions, RedisStore};
use countersign::store::{Expected, News, Put, Range, Record, Store, StoreError, Which};

use crate::chaos::proxy::Proxy;
use crate::rows::{NOW, entries, first, later, open, place, record};
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_forgot_the_scripts_gets_them_again() {
    let server = Server::start();
    let store = open(&server).await;
    for version in 1..4 {
        first(&store, &place(0, 1, version as u32), &record(version, version)).await;
        server.ask(&["SCRIPT", "FLUSH"]);
    }
    let range = Range { which: Which::All, after: None, limit: 10 };
    let listed = store.list(0, &[1; 16], range, NOW).await.unwrap();
    assert_eq!(listed.rows.len(), 3);
    assert_eq!(listed.next, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_memory_nothing_is_half_written_and_the_outbox_can_be_emptied() {
    let server = Server::start();
    let store = open(&server).await;
    let (at, other) = (place(3, 1, 1), place(3, 1, 2));
    let (one, two) = (record(1, 0), record(2, 0));
    let news = entries(2);
    let news = News { entries: &news, reserve: false };
    assert_eq!(store.put_if(&at, Expected::Absent, &one, news, NOW).await.unwrap(), Put::Stored);
    let before = dump(&server);
    server.ask(&["CONFIG", "SET", "maxmemory", "100kb"]);

    let mut moved = two.clone();
    moved.head.created = later(9);
    moved.head.live_until = countersign::Timestamp::EPOCH;
    for new in [&two, &moved] {
        let put = store.put_if(&at, Expected::Head(one.head), new, news, NOW).await;
        assert!(matches!(put, Err(StoreError::Full)), "{put:?}");
        let put = store.put_if(&other, Expected::Absent, new, News::NONE, NOW).await;
        assert!(matches!(put, Err(StoreError::Full)), "{put:?}");
    }
    assert_eq!(dump(&server), before);
    assert_eq!(store.load(&at, NOW).await.unwrap(), Some(one.clone()));

    let lease = store.lease(&[9; 16], 10, NOW, later(10)).await.unwrap().unwrap();
    assert_eq!(lease.entries.len(), 2);
    assert!(store.acknowledge(&lease, &[lease.entries[0].id], NOW).await.unwrap());
    store.release(&lease).await.unwrap();
    assert_eq!(store.backlog().await.unwrap().entries, 1);
    assert_eq!(store.purge(later(1000), 10).await.unwrap(), 1);
    assert_eq!(store.load(&at, NOW).await.unwrap(), None);
}

/// A revocation is a row over another, or a first one.
#[tokio::test(flavor = "multi_thread")]
async fn without_memory_authority_can_be_taken_away() {
    let server = Server::start();
    let store = open(&server).await;
    let (at, one, two) = (place(3, 1, 1), record(1, 0), record(2, 0));
    first(&store, &at, &one).await;
    server.ask(&["CONFIG", "SET", "maxmemory", "100kb"]);

    let told = entries(1);
    let put = async |at, expected, new: &Record, reserve| {
        let news = News { entries: &told, reserve };
        store.put_if(&at, expected, new, news, NOW).await
    };
    let mut three = record(3, 0);
    three.head.live_until = later(501);
    let other = place(3, 1, 2);
    // It stays where it is in all indexes, it moves, and none stood there.
    for (at, expected, new) in [
        (at, Expected::Head(one.head), &two),
        (at, Expected::Head(two.head), &three),
        (other, Expected::Absent, &one),
    ] {
        assert!(matches!(put(at, expected, new, false).await, Err(StoreError::Full)));
        assert_eq!(put(at, expected, new, true).await.unwrap(), Put::Stored);
        assert_eq!(store.load(&at, NOW).await.unwrap().as_ref(), Some(new));
    }
    // Nor does it need news.
    let news = News { entries: &[], reserve: true };
    let four = Record { head: three.head, ..record(4, 0) };
    let put = store.put_if(&at, Expected::Head(three.head), &four, news, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    let lease = store.lease(&[9; 16], 10, NOW, later(10)).await.unwrap().unwrap();
    let versions: Vec<_> = lease.entries.iter().map(|entry| entry.id.version).collect();
    assert_eq!(versions, [2, 3, 1]);
}

/// Every key of the server and what it holds.
fn dump(server: &Server) -> Vec<(String, Vec<u8>)> {
    let mut raw = server.raw();
    let keys: Vec<Vec<u8>> = redis::cmd("KEYS").arg("*").query(&mut raw).unwrap();
    let mut all: Vec<_> = keys
        .into_iter()
        .map(|key| {
            let value: Vec<u8> = redis::cmd("DUMP").arg(&key).query(&mut raw).unwrap();
            (String::from_utf8_lossy(&key).into_owned(), value)
        })
        .collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_outbox_refuses_the_write_but_for_the_reserve() {
    let server = Server::start();
    let options = RedisOptions::new().outbox_per_lane(16);
    let store = RedisStore::connect(&server.url(), options).await.unwrap();
    let many = entries(16);
    let put = async |id: u32, count: usize, reserve: bool| {
        let news = News { entries: &many[..count], reserve };
        let new = record(u64::from(id), 0);
        store.put_if(&place(0, 1, id), Expected::Absent, &new, news, NOW).await
    };
    assert_eq!(put(1, 15, false).await.unwrap(), Put::Stored);
    assert!(matches!(put(2, 2, false).await, Err(StoreError::Full)));
    assert_eq!(store.load(&place(0, 1, 2), NOW).await.unwrap(), None);
    assert_eq!(put(3, 0, false).await.unwrap(), Put::Stored);
    assert_eq!(put(4, 1, false).await.unwrap(), Put::Stored);
    assert_eq!(put(5, 2, true).await.unwrap(), Put::Stored);
    assert!(matches!(put(6, 1, true).await, Err(StoreError::Full)));
    let backlog = store.backlog().await.unwrap();
    assert_eq!((backlog.entries, backlog.lanes), (18, 1));
    // Another lane has room of its own.
    let news = News { entries: &many, reserve: false };
    let other = store.put_if(&place(1, 1, 1), Expected::Absent, &record(1, 0), news, NOW).await;
    assert_eq!(other.unwrap(), Put::Stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_due_entry_that_is_stale_deletes_nothing() {
    let server = Server::start();
    let store = open(&server).await;
    let at = place(2, 1, 1);
    first(&store, &at, &record(1, 0)).await;
    let place = [&at.owner[..], &at.id].concat();
    let mut raw = server.raw();
    let mut file = redis::cmd("ZADD");
    file.arg("{countersign:02}:due").arg(1).arg(&place);
    let _: i64 = file.query(&mut raw).unwrap();
    let _: i64 = redis::cmd("ZADD")
        .arg("{countersign:02}:due")
        .arg(1)
        .arg([7_u8; 32].as_slice())
        .query(&mut raw)
        .unwrap();
    assert_eq!(store.purge(NOW, 10).await.unwrap(), 0);
    assert_eq!(store.load(&at, NOW).await.unwrap(), Some(record(1, 0)));
    assert_eq!(store.purge(later(1000), 10).await.unwrap(), 1);
    assert_eq!(server.ask(&["EXISTS", "{countersign:02}:due"]), "0");
}

/// A client that lost the answer and sends the same call again, as that of a cluster does.
#[test]
fn a_call_that_is_sent_twice_is_stored_once() {
    let server = Server::start();
    let mut raw = server.raw();
    let script = redis::Script::new(concat!(
        include_str!("../../src/store/redis/lua/forget.lua"),
        include_str!("../../src/store/redis/lua/put.lua")
    ));
    let row = |version: u64, call: u64| {
        [version, 1, 0, NOW.unix() + 100, call].map(u64::to_be_bytes).concat()
    };
    let mut put = |row: &[u8], expected: &[u8]| -> i64 {
        let mut call = script.prepare_invoke();
        for key in ["row", "all", "live", "due", "queue", "bodies"] {
            call.key(format!("{{t}}{key}"));
        }
        call.arg(row).arg(expected).arg(NOW.unix()).arg([1_u8; 32].as_slice()).arg("").arg(10);
        call.arg([row, b"id"].concat()).arg("news").invoke(&mut raw).unwrap()
    };
    assert_eq!(put(&row(1, 77), b""), 1);
    assert_eq!(put(&row(1, 77), b""), 1);
    assert_eq!(put(&row(1, 78), b""), 0);
    assert_eq!(put(&row(2, 79), &1_u64.to_be_bytes()), 1);
    assert_eq!(put(&row(2, 79), &1_u64.to_be_bytes()), 1);
    assert_eq!(put(&row(2, 80), &1_u64.to_be_bytes()), 0);
    assert_eq!(server.ask(&["LLEN", "{t}queue"]), "2");
    let mut set = redis::cmd("HSET");
    set.arg("{t}bodies").arg([&row(3, 81)[..], b"id"].concat()).arg("before");
    set.exec(&mut server.raw()).unwrap();
    assert_eq!(put(&row(3, 81), &2_u64.to_be_bytes()), 1);
    assert_eq!(server.ask(&["LLEN", "{t}queue"]), "2");
}

/// The same of a row that is written over and stays where it is in all indexes.
#[test]
fn a_row_that_is_written_over_twice_by_one_call_is_stored_once() {
    let server = Server::start();
    let mut raw = server.raw();
    let script = redis::Script::new(include_str!("../../src/store/redis/lua/again.lua"));
    let head =
        |version: u64, retained: u64| [version, 1, 0, retained].map(u64::to_be_bytes).concat();
    let row = |version, retained, call: u64| {
        [head(version, retained), call.to_be_bytes().to_vec()].concat()
    };
    let kept = NOW.unix() + 100;
    let mut put = |row: &[u8], expected: Vec<u8>| -> i64 {
        let mut call = script.prepare_invoke();
        for key in ["row", "queue", "bodies"] {
            call.key(format!("{{t}}{key}"));
        }
        call.arg(row).arg(expected).arg("").arg(10);
        call.arg([row, b"id"].concat()).arg("news").invoke(&mut raw).unwrap()
    };
    // Nothing stands there yet.
    assert_eq!(put(&row(2, kept, 77), head(1, kept)), 0);
    let mut set = redis::cmd("SET");
    set.arg("{t}row").arg(row(1, kept, 76)).exec(&mut server.raw()).unwrap();
    assert_eq!(put(&row(2, kept, 77), head(1, kept)), 1);
    assert_eq!(put(&row(2, kept, 77), head(1, kept)), 1);
    assert_eq!(put(&row(2, kept, 78), head(1, kept)), 0);
    assert_eq!(put(&row(3, kept, 79), head(1, kept)), 0);
    // The caller judges by the whole head that it knows, so the whole must stand there.
    assert_eq!(put(&row(3, kept, 79), head(2, kept + 1)), 0);
    assert_eq!(server.ask(&["LLEN", "{t}queue"]), "1");
    // An id that waits already is queued once, or what is left of it would stay when it is acknowledged.
    let mut set = redis::cmd("HSET");
    set.arg("{t}bodies").arg([&row(3, kept, 81)[..], b"id"].concat()).arg("before");
    set.exec(&mut server.raw()).unwrap();
    assert_eq!(put(&row(3, kept, 81), head(2, kept)), 1);
    assert_eq!(server.ask(&["LLEN", "{t}queue"]), "1");
}

/// Such a row is not written over once its retention is over, though the script does not look at the time.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_retention_is_over_is_not_written_over() {
    let server = Server::start();
    let store = open(&server).await;
    let (at, old, new) = (place(0, 1, 1), record(1, 0), record(2, 0));
    first(&store, &at, &old).await;
    let end = old.head.retain_until;
    let put = store.put_if(&at, Expected::Head(old.head), &new, News::NONE, end).await.unwrap();
    assert_eq!(put, Put::Conflict);
    let before = end.before(Duration::from_secs(1));
    let put = store.put_if(&at, Expected::Head(old.head), &new, News::NONE, before).await.unwrap();
    assert_eq!(put, Put::Stored);
}

/// What was delivered in the middle of a scan makes it pass over nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_scan_of_entries_goes_on_where_its_last_one_was_deleted() {
    let server = Server::start();
    let store = open(&server).await;
    let many = entries(6);
    let news = News { entries: &many, reserve: false };
    let put = store.put_if(&place(5, 1, 1), Expected::Absent, &record(1, 0), news, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    let names = |rows: &[countersign::store::Entry]| {
        rows.iter().map(|row| row.id.index).collect::<Vec<_>>()
    };
    let part = store.entries(None, 2).await.unwrap();
    assert_eq!(names(&part.rows), [0, 1]);
    let rest = store.entries(part.next.as_ref(), 10).await.unwrap();
    assert_eq!((names(&rest.rows), rest.next), (vec![2, 3, 4, 5], None));
    let lease = store.lease(&[9; 16], 10, NOW, later(10)).await.unwrap().unwrap();
    let done = [lease.entries[1].id, lease.entries[3].id];
    // Twice: what was deleted before is left out.
    for _ in 0..2 {
        assert!(store.acknowledge(&lease, &done, NOW).await.unwrap());
        let rest = store.entries(part.next.as_ref(), 10).await.unwrap();
        assert_eq!((names(&rest.rows), rest.next), (vec![0, 2, 4, 5], None));
        assert_eq!(store.backlog().await.unwrap().entries, 4);
    }
    let again = store.lease(&[9; 16], 10, later(10), later(20)).await.unwrap().unwrap();
    assert_eq!(names(&again.entries), [0, 2, 4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_rests_between_two_scripts_for_as_long_as_one_took() {
    let server = Server::start();
    let proxy = Proxy::before(server.port);
    let url = format!("redis://127.0.0.1:{}/", proxy.port());
    let store = RedisStore::connect(&url, RedisOptions::new()).await.unwrap();
    for id in 0..80 {
        first(&store, &place(0, 1, id), &record(1, 0)).await;
    }
    proxy.delay(Duration::from_millis(10));
    let trip = async || {
        let begun = Instant::now();
        store.load(&place(0, 1, 0), NOW).await.unwrap();
        begun.elapsed()
    };
    let trip = trip().await.min(trip().await).min(trip().await);
    let begun = Instant::now();
    assert_eq!(store.purge(later(1000), 80).await.unwrap(), 80);
    // Twenty scripts of four rows, and nineteen rests.
    assert!(begun.elapsed() >= 39 * trip, "{:?}, {trip:?}", begun.elapsed());
}

/// Numbers of Lua are exact up to 2^53 only: versions above must not be taken for each other.
#[tokio::test(flavor = "multi_thread")]
async fn versions_are_told_apart_to_the_last_bit() {
    let server = Server::start();
    let store = open(&server).await;
    for (id, version) in [(1, 1 << 53), (2, i64::MAX.unsigned_abs() - 3), (3, 1 << 60)] {
        let at = place(0, 1, id);
        let held = record(version, 0);
        first(&store, &at, &held).await;
        for near in [version - 1, version + 1] {
            let mut expected = held.head;
            expected.version = near;
            let new = record(version + 2, 0);
            let put = store.put_if(&at, Expected::Head(expected), &new, News::NONE, NOW).await;
            assert_eq!(put.unwrap(), Put::Conflict);
            assert_eq!(store.delete(&at, expected).await.unwrap(), Put::Conflict);
        }
        assert_eq!(store.load(&at, NOW).await.unwrap(), Some(held));
    }
}
