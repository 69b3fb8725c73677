//! Servers that stop, hang, die and come back.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use countersign::store::redis::{RedisOptions, RedisStore};
use countersign::store::{Expected, News, Put, Range, Store, StoreError, Which};

use crate::rows::{NOW, entries, first, later, open, place, record, whole};
use crate::server::{Cluster, Server};

fn unavailable<T: std::fmt::Debug>(call: &str, answer: Result<T, StoreError>) {
    match answer {
        Err(StoreError::Unavailable(source)) => assert!(!whole(&*source).is_empty()),
        other => panic!("{call}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_an_error_within_the_deadline() {
    let server = Server::start();
    let options = RedisOptions::new().deadline(Duration::from_millis(700));
    let store = RedisStore::connect(&server.url(), options).await.unwrap();
    let (at, one) = (place(0, 1, 1), record(1, 0));
    let news = entries(1);
    let news = News { entries: &news, reserve: false };
    assert_eq!(store.put_if(&at, Expected::Absent, &one, news, NOW).await.unwrap(), Put::Stored);
    let lease = store.lease(&[1; 16], 1, NOW, later(10)).await.unwrap().unwrap();
    let range = Range { which: Which::All, after: None, limit: 1 };

    server.pause();
    let begun = Instant::now();
    let head = Expected::Head(one.head);
    tokio::join!(
        async { unavailable("load", store.load(&at, NOW).await) },
        async { unavailable("put_if", store.put_if(&at, head, &record(2, 0), news, NOW).await) },
        async { unavailable("delete", store.delete(&place(0, 1, 9), one.head).await) },
        async { unavailable("list", store.list(0, &at.owner, range, NOW).await) },
        async { unavailable("scan", store.scan(None, 1).await) },
        async { unavailable("purge", store.purge(NOW, 1).await) },
        async { unavailable("lease", store.lease(&[2; 16], 1, NOW, later(10)).await) },
        async { unavailable("acknowledge", store.acknowledge(&lease, &[], NOW).await) },
        async { unavailable("backlog", store.backlog().await) },
        async { unavailable("entries", store.entries(None, 1).await) },
    );
    let taken = begun.elapsed();
    assert!((600..3000).contains(&taken.as_millis()), "{taken:?}");
    server.resume();

    // What was asked meanwhile may have been done, so an error said neither.
    let begun = Instant::now();
    let held = loop {
        match store.load(&at, NOW).await {
            Ok(held) => break held.unwrap(),
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "{error:?}"),
        }
    };
    assert!([1, 2].contains(&held.head.version));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_the_server() {
    const TASKS: u8 = 8;
    let mut server = Server::start();
    let store = open(&server).await;
    for round in 0..3 {
        let landed = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..TASKS)
            .map(|task| {
                let landed = Arc::clone(&landed);
                tokio::spawn(write_until_it_fails(store.clone(), round, task, landed))
            })
            .collect();
        let begun = Instant::now();
        while landed.load(Ordering::Relaxed) < 300 && begun.elapsed() < Duration::from_secs(20) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.kill();
        let mut journal = HashMap::new();
        for writer in writers {
            let (task, acknowledged) = writer.await.unwrap();
            journal.insert(task, acknowledged);
        }
        server.restart();
        let begun = Instant::now();
        while store.backlog().await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "it does not connect anew");
        }
        assert!(journal.values().all(|acknowledged| *acknowledged > 0), "{journal:?}");
        for (task, acknowledged) in journal {
            let at = place(task, round, 0);
            let version = store.load(&at, NOW).await.unwrap().unwrap().head.version;
            // The write without an answer may have landed too.
            assert!(
                [acknowledged, acknowledged + 1].contains(&version),
                "{version} {acknowledged}"
            );
        }
    }
    // News and rows change in one step: each version has its entry, none has two.
    let mut after = None;
    let mut told = HashMap::new();
    loop {
        let part = store.entries(after.as_ref(), 500).await.unwrap();
        for entry in part.rows {
            let versions: &mut Vec<u64> = told.entry(entry.id.place).or_default();
            versions.push(entry.id.version);
        }
        match part.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(told.len(), usize::from(TASKS) * 3);
    for (at, versions) in told {
        let last = store.load(&at, NOW).await.unwrap().unwrap().head.version;
        assert_eq!(versions, (1..=last).collect::<Vec<_>>());
    }
}

/// Returns the last version that the store acknowledged.
async fn write_until_it_fails(
    store: RedisStore,
    round: u8,
    task: u8,
    landed: Arc<AtomicUsize>,
) -> (u8, u64) {
    let at = place(task, round, 0);
    let news = entries(1);
    let news = News { entries: &news, reserve: false };
    let mut expected = Expected::Absent;
    for version in 1_u64.. {
        let new = record(version, 0);
        match store.put_if(&at, expected, &new, news, NOW).await {
            Ok(Put::Stored) => {
                expected = Expected::Head(new.head);
                landed.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Put::Conflict) => panic!("nobody else writes here"),
            Err(error) => {
                println!("{task} ended at {version}: {}", whole(&error));
                return (task, version - 1);
            }
        }
    }
    panic!("it fails some day")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_an_error_and_comes_back_by_itself() {
    let mut server = Server::start();
    let options = RedisOptions::new().deadline(Duration::from_secs(1));
    let store = RedisStore::connect(&server.url(), options).await.unwrap();
    let at = place(0, 1, 1);
    first(&store, &at, &record(1, 0)).await;
    server.kill();
    for _ in 0..3 {
        let begun = Instant::now();
        unavailable("load", store.load(&at, NOW).await);
        assert!(begun.elapsed() < Duration::from_secs(3));
    }
    server.restart();
    let begun = Instant::now();
    loop {
        match store.load(&at, NOW).await {
            Ok(held) => break assert_eq!(held, Some(record(1, 0))),
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "{error:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_cluster_that_dies_comes_back_with_everything() {
    let mut cluster = Cluster::start();
    let options = RedisOptions::new().deadline(Duration::from_secs(1));
    let store = RedisStore::connect(&cluster.url(), options).await.unwrap();
    let lanes = || (0..=u8::MAX).step_by(8);
    for lane in lanes() {
        first(&store, &place(lane, 1, 1), &record(1, u64::from(lane))).await;
    }
    cluster.0[1].kill();
    let (mut there, mut gone) = (0, 0);
    for lane in lanes() {
        let begun = Instant::now();
        match store.load(&place(lane, 1, 1), NOW).await {
            Ok(held) => {
                assert_eq!(held, Some(record(1, u64::from(lane))));
                there += 1;
            }
            Err(StoreError::Unavailable(_)) => gone += 1,
            Err(StoreError::Full) => panic!("it is not full"),
            Err(error) => panic!("{error:?}"),
        }
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        if there > 0 && gone > 1 {
            break;
        }
    }
    assert!(there > 0 && gone > 0, "{there} {gone}");
    unavailable("backlog", store.backlog().await);
    cluster.0[1].restart();
    let begun = Instant::now();
    for lane in lanes() {
        loop {
            match store.load(&place(lane, 1, 1), NOW).await {
                Ok(held) => break assert_eq!(held, Some(record(1, u64::from(lane)))),
                Err(error) => assert!(begun.elapsed() < Duration::from_secs(60), "{error:?}"),
            }
        }
    }
}
