//! A standby that is behind: no store opens on it, and none that gets there later reads from it.

use std::future::Future;
use std::str::FromStr;
use std::time::{Duration, Instant};

use countersign::store::postgres::{PostgresError, PostgresOptions, PostgresStore};
use countersign::store::{Expected, News, Put, Range, Store, StoreError, Which};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::{Config, NoTls};

use crate::server::Cluster;
use crate::support::{NOW, entries, head, place, pool, record, told};

/// A primary with version 2 of a record, and a standby that has stopped at version 1.
async fn lagging(options: &PostgresOptions) -> (Cluster, Cluster) {
    let primary = Cluster::start(&[]);
    let store = crate::support::store(&primary.url(), options.clone()).await;
    let at = place(1, 1, 1);
    let put = store.put_if(&at, Expected::Absent, &record(1), News::NONE, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    let standby = primary.standby();
    let there = pool(&standby.url(), 1);
    there.get().await.unwrap().batch_execute("SELECT pg_wal_replay_pause()").await.unwrap();
    let put = store.put_if(&at, Expected::Head(head(1)), &record(2), News::NONE, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    (primary, standby)
}

/// The host's own, which takes any server that answers.
fn careless(url: &str) -> Pool {
    let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(Config::from_str(url).unwrap(), NoTls, fast);
    Pool::builder(manager).max_size(2).build().unwrap()
}

fn options() -> PostgresOptions {
    PostgresOptions::new().with_deadline(Duration::from_secs(20)).with_entries_per_lane(1)
}

/// The URL names primary and standby, as an operator's does who wants failover.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_store_opens_on_a_standby() {
    let options = options();
    let (primary, standby) = lagging(&options).await;
    // The standby is asked first, and passed by.
    let url = standby.url_beside(&primary);
    let store = PostgresStore::connect(&url, 2, options.clone()).await.unwrap();
    let found = store.load(&place(1, 1, 1), NOW).await.unwrap();
    assert_eq!(found, Some(record(2)));
    for clients in [pool(&standby.url(), 1), careless(&standby.url()), careless(&url)] {
        let error = PostgresStore::new(clients, options.clone()).await.unwrap_err();
        let text = told(&error);
        assert!(matches!(error, PostgresError::Standby), "{text}");
        assert!(text.contains("target_session_attrs=read-write"), "{text}");
    }
    // It is asked last.
    let url = primary.url_beside(&standby);
    primary.kill();
    let error = PostgresStore::connect(&url, 2, options).await.unwrap_err();
    let text = told(&error);
    assert!(matches!(error, PostgresError::ReadOnly(_)), "{text}");
    assert!(text.contains("read-only, as a standby is: connect to the primary"), "{text}");
}

/// What a call says once the store's connections go to the standby.
async fn refused<T: std::fmt::Debug, F: Future<Output = Result<T, StoreError>>>(
    what: &str,
    call: impl Fn() -> F,
) {
    let begun = Instant::now();
    loop {
        let text = told(&call().await.expect_err(what));
        if text.contains("read-only, as a standby is: connect to the primary") {
            return;
        }
        // A connection to the primary, which is gone.
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_lags_answers_nothing() {
    let options = options();
    let (primary, standby) = lagging(&options).await;
    let url = primary.url_beside(&standby);
    let guarded = PostgresStore::connect(&url, 2, options.clone()).await.unwrap();
    let store = PostgresStore::new(careless(&url), options).await.unwrap();
    primary.kill();
    let at = place(1, 1, 1);
    for store in [guarded, store] {
        refused("load", || store.load(&at, NOW)).await;
        for which in [Which::All, Which::Live] {
            let range = Range { which, after: None, limit: 10 };
            refused("list", || store.list(1, &at.owner, range, NOW)).await;
        }
        refused("scan", || store.scan(None, 10)).await;
        refused("entries", || store.entries(None, 10)).await;
        refused("backlog", || store.backlog()).await;
        // Two entries are more than the lane has room for, which is found by a look.
        let news = entries(2);
        let (new, news) = (record(3), News { entries: &news, reserve: false });
        refused("put_if", || store.put_if(&at, Expected::Head(head(1)), &new, news, NOW)).await;
        refused("delete", || store.delete(&at, head(1))).await;
        refused("lease", || store.lease(&[1; 16], 1, NOW, crate::support::SOON)).await;
        refused("purge", || store.purge(NOW, 1)).await;
    }
}
