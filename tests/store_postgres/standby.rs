//! A hot standby: with synchronous replication it has what was acknowledged when the primary is gone, and a store on the
//! addresses of both goes on there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::store::postgres::{PostgresOptions, PostgresStore};
use countersign::store::{Expected, News, Put, Store};

use crate::server::Cluster;
use crate::support::{NOW, entries, head, place, pool, record, store, told};

const WRITERS: u8 = 6;

async fn tell(cluster: &Cluster, statement: &str) {
    let clients = pool(&cluster.url(), 1);
    clients.get().await.unwrap().batch_execute(statement).await.unwrap();
}

/// Writes until a call fails; the last version that was acknowledged.
async fn writes(store: PostgresStore, writer: u8) -> u64 {
    let at = place(writer % 3, 1, writer);
    for version in 1.. {
        let expected = match version {
            1 => Expected::Absent,
            _ => Expected::Head(head(version - 1)),
        };
        let news = entries(1);
        let news = News { entries: &news, reserve: false };
        match store.put_if(&at, expected, &record(version), news, NOW).await {
            Ok(put) => assert_eq!(put, Put::Stored),
            Err(error) => {
                told(&error);
                return version - 1;
            }
        }
    }
    panic!("it fails some day")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_synchronous_standby_has_all_that_was_acknowledged() {
    let primary = Arc::new(Cluster::start(&["fsync=on"]));
    let options = PostgresOptions::new();
    let first = store(&primary.url(), options.clone()).await;
    let standby = primary.standby();
    tell(&primary, "ALTER SYSTEM SET synchronous_standby_names = '*'").await;
    tell(&primary, "SELECT pg_reload_conf()").await;
    // From now on a commit waits for the standby.
    let begun = Instant::now();
    let is_sync = "SELECT FROM pg_stat_replication WHERE sync_state = 'sync'";
    let clients = pool(&primary.url(), 1);
    while clients.get().await.unwrap().query(is_sync, &[]).await.unwrap().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the standby does not follow");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let second =
        PostgresStore::connect(&primary.url_beside(&standby), 4, options.clone()).await.unwrap();
    let writers: Vec<_> =
        (0..WRITERS).map(|writer| tokio::spawn(writes(first.clone(), writer))).collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let dying = Arc::clone(&primary);
    tokio::task::spawn_blocking(move || dying.kill()).await.unwrap();
    let mut acknowledged = BTreeMap::new();
    for (writer, task) in (0..).zip(writers) {
        acknowledged.insert(writer, task.await.unwrap());
    }
    assert!(acknowledged.values().all(|version| *version > 0), "{acknowledged:?}");
    tell(&standby, "SELECT pg_promote()").await;
    let begun = Instant::now();
    while let Err(error) = second.backlog().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "{error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut waiting = 0;
    for (writer, version) in &acknowledged {
        let at = place(writer % 3, 1, *writer);
        let found = second.load(&at, NOW).await.unwrap().unwrap().head.version;
        // The last write may have reached the standby, and its answer nobody.
        assert!([*version, version + 1].contains(&found), "{writer}: {version} {found}");
        waiting += found;
    }
    assert_eq!(second.backlog().await.unwrap().entries, waiting, "and all news");
    // It goes on where the primary was.
    let begun = Instant::now();
    loop {
        let (at, new) = (place(0, 9, 9), record(1));
        match second.put_if(&at, Expected::Absent, &new, News::NONE, NOW).await {
            Ok(put) => break assert_eq!(put, Put::Stored),
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "{error}"),
        }
    }
}
