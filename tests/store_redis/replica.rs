//! An address that leads to a replica since: what it answers may be long gone.

use std::time::{Duration, Instant};

use countersign::store::{Expected, News, Put, Range, Store, StoreError, Which};

use crate::rows::{NOW, entries, later, open, place, record, whole};
use crate::server::Server;

fn is_refused<T: std::fmt::Debug>(call: &str, answer: Result<T, StoreError>) -> bool {
    match answer {
        Err(StoreError::Unavailable(source)) => whole(&*source).contains("read only replica"),
        other => panic!("{call}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_at_the_address_answers_nothing() {
    let mut server = Server::start();
    let store = open(&server).await;
    let (at, one) = (place(3, 1, 1), record(1, 0));
    let told = entries(1);
    let news = News { entries: &told, reserve: false };
    assert_eq!(store.put_if(&at, Expected::Absent, &one, news, NOW).await.unwrap(), Put::Stored);

    // It has all rows up to now, and none that comes: its primary is elsewhere.
    server.kill();
    server.set("replicaof", "127.0.0.1 1");
    server.restart();
    let begun = Instant::now();
    while !is_refused("load", store.load(&at, NOW).await) {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not connect anew");
    }
    let of = |which| Range { which, after: None, limit: 10 };
    let all = store.list(3, &at.owner, of(Which::All), NOW).await;
    assert!(is_refused("list", all));
    assert!(is_refused("list of live ones", store.list(3, &at.owner, of(Which::Live), NOW).await));
    assert!(is_refused("scan", store.scan(None, 10).await));
    assert!(is_refused("entries", store.entries(None, 10).await));
    assert!(is_refused("backlog", store.backlog().await));
    assert!(is_refused("purge", store.purge(NOW, 10).await));
    assert!(is_refused("lease", store.lease(&[1; 16], 10, NOW, later(10)).await));
    let put = store.put_if(&at, Expected::Head(one.head), &record(2, 0), News::NONE, NOW).await;
    assert!(is_refused("put_if", put));

    server.ask(&["REPLICAOF", "NO", "ONE"]);
    assert_eq!(store.load(&at, NOW).await.unwrap(), Some(one.clone()));
    // Without a new connection too.
    server.ask(&["REPLICAOF", "127.0.0.1", "1"]);
    assert!(is_refused("load", store.load(&at, NOW).await));
}

/// The scripts themselves: a connection may break between the look at all lanes and what follows.
#[test]
fn each_script_that_reads_is_refused_by_a_replica() {
    let server = Server::with(&[("replicaof", "127.0.0.1 1")]);
    for (name, script) in [
        ("list", include_str!("../../src/store/redis/lua/list.lua")),
        (
            "live",
            concat!(
                include_str!("../../src/store/redis/lua/live.lua"),
                include_str!("../../src/store/redis/lua/list.lua")
            ),
        ),
        ("scan", include_str!("../../src/store/redis/lua/scan.lua")),
        ("entries", include_str!("../../src/store/redis/lua/entries.lua")),
        ("lease", include_str!("../../src/store/redis/lua/lease.lua")),
    ] {
        let mut call = redis::cmd("EVAL");
        call.arg(script).arg(3).arg(&["{t}1", "{t}2", "{t}3"]);
        call.arg(&["", "1", "1", "1", "1", "", "[1", "[2", ""]);
        let answer: Result<redis::Value, redis::RedisError> = call.query(&mut server.raw());
        let error = answer.expect_err(name);
        assert!(error.to_string().contains("read only replica"), "{name}: {error}");
    }
}
