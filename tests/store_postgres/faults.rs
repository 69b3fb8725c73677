//! Servers that stop, die and take no writes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use countersign::store::postgres::{PostgresOptions, PostgresStore};
use countersign::store::{Expected, News, Place, Put, Range, Store, StoreError, Which};

use crate::chaos::proxy::Proxy;
use crate::server::{Bouncer, Cluster};
use crate::support::{LATER, NOW, SOON, entries, head, options, place, pool, record, store, told};

/// For a machine that has other things to do.
const SLACK: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_stands_still_hangs_nobody() {
    let cluster = Cluster::start(&[]);
    let bouncer = Bouncer::before(&cluster);
    let deadline = Duration::from_secs(1);
    let options = PostgresOptions::new().with_deadline(Duration::from_secs(20));
    let first = store(&cluster.url(), options.clone()).await;
    let put = first.put_if(&place(1, 1, 1), Expected::Absent, &record(1), News::NONE, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    for url in [cluster.url(), bouncer.url()] {
        // Two connections, and eight calls that want one: some wait for the pool.
        let clients = pool(&url, 2);
        let store = loop {
            // Setting up has the same deadline, which a busy machine may miss.
            let made = PostgresStore::new(clients.clone(), options.clone().with_deadline(deadline));
            if let Ok(store) = made.await {
                break store;
            }
        };
        cluster.stop_all();
        let begun = Instant::now();
        let calls: Vec<_> = (0..8)
            .map(|id| {
                let store = store.clone();
                tokio::spawn(async move {
                    let at = place(1, 1, id);
                    let failed = match id % 4 {
                        0 => store.load(&at, NOW).await.err(),
                        1 => {
                            let new = record(2);
                            store.put_if(&at, Expected::Absent, &new, News::NONE, NOW).await.err()
                        }
                        2 => store.lease(&[1; 16], 10, NOW, SOON).await.err(),
                        _ => store.purge(NOW, 10).await.err(),
                    };
                    told(&failed.expect("no answer came"))
                })
            })
            .collect();
        let mut texts = Vec::new();
        for call in calls {
            texts.push(call.await.unwrap());
        }
        let took = begun.elapsed();
        cluster.continue_all();
        assert!(took >= deadline && took < deadline + SLACK, "{took:?}");
        let unanswered = texts.iter().filter(|text| text.contains("did not answer")).count();
        let waited = texts.iter().filter(|text| text.contains("no connection")).count();
        assert!(unanswered >= 1 && unanswered + waited == 8, "{texts:?}");
        assert!(texts.iter().all(|text| text.starts_with("the store is unavailable")), "{texts:?}");
        // It goes on as soon as the server does.
        let begun = Instant::now();
        while store.load(&place(1, 1, 1), NOW).await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "it does not go on");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_row_that_somebody_else_holds_hangs_nobody() {
    let cluster = Cluster::shared();
    let options = options();
    let first = store(&cluster.url(), options.clone()).await;
    let at = place(1, 1, 1);
    let put = first.put_if(&at, Expected::Absent, &record(1), News::NONE, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    let schema = format!("{options:?}");
    let schema = schema.split('"').nth(1).unwrap().to_owned();
    let clients = pool(&cluster.url(), 1);
    let mut holder = clients.get().await.unwrap();
    let work = holder.transaction().await.unwrap();
    work.batch_execute(&format!("SELECT FROM {schema}.records FOR UPDATE")).await.unwrap();
    // The server gives up first, so that the answer comes: nothing was written, and the connection serves the next call.
    let deadline = Duration::from_secs(8);
    let second = PostgresStore::new(pool(&cluster.url(), 1), options.with_deadline(deadline));
    let second = second.await.unwrap();
    let begun = Instant::now();
    let put = second.put_if(&at, Expected::Head(head(1)), &record(2), News::NONE, NOW).await;
    let took = begun.elapsed();
    let text = told(&put.unwrap_err());
    assert!(text.contains("somebody else held a lock for too long: nothing was written"), "{text}");
    assert!(took > deadline / 2 && took < deadline, "{took:?}");
    // A purge passes by what is held, and a reader sees it.
    assert_eq!(second.purge(LATER, 10).await.unwrap(), 0);
    assert_eq!(second.load(&at, NOW).await.unwrap(), Some(record(1)));
    work.rollback().await.unwrap();
    assert_eq!(second.load(&at, NOW).await.unwrap(), Some(record(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_is_there_after_a_kill() {
    let cluster = Arc::new(Cluster::start(&["wal_writer_delay=10s"]));
    let store = store(&cluster.url(), PostgresOptions::new()).await;
    // The version that was acknowledged, and the one that was tried last, by place.
    let mut journal = BTreeMap::<Place, (u64, u64)>::new();
    for round in 0..4_u8 {
        let over = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..6_u8)
            .map(|writer| {
                let (store, over) = (store.clone(), Arc::clone(&over));
                tokio::spawn(async move {
                    let at = place(writer % 2, round, writer);
                    let (mut stored, mut tried) = (0, 0);
                    while !over.load(Ordering::Relaxed) && stored == tried {
                        tried += 1;
                        let expected = match stored {
                            0 => Expected::Absent,
                            version => Expected::Head(head(version)),
                        };
                        let news = entries(1);
                        let news = News { entries: &news, reserve: false };
                        match store.put_if(&at, expected, &record(tried), news, NOW).await {
                            Ok(put) => {
                                assert_eq!(put, Put::Stored);
                                stored = tried;
                            }
                            Err(error) => {
                                assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
                                told(&error);
                            }
                        }
                    }
                    (at, stored, tried)
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(400 + 150 * u64::from(round))).await;
        let restarted = Arc::clone(&cluster);
        tokio::task::spawn_blocking(move || restarted.kill_and_restart()).await.unwrap();
        over.store(true, Ordering::Relaxed);
        let mut written = 0;
        for writer in writers {
            let (at, stored, tried) = writer.await.unwrap();
            written += stored;
            journal.insert(at, (stored, tried));
        }
        assert!(written > 0, "nothing was written in this round");
        // The pool finds out by itself which connections are gone.
        let begun = Instant::now();
        while store.backlog().await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "it does not go on");
        }
        let mut told_of = BTreeMap::<Place, Vec<u64>>::new();
        let mut after = None;
        loop {
            let part = store.entries(after.as_ref(), 100).await.unwrap();
            for entry in part.rows {
                told_of.entry(entry.id.place).or_default().push(entry.id.version);
            }
            after = part.next;
            if after.is_none() {
                break;
            }
        }
        let mut waiting = 0;
        for (at, (stored, tried)) in &journal {
            let found = store.load(at, NOW).await.unwrap();
            // A connection may have died before the first write of the round.
            let found = found.map_or(0, |found| found.head.version);
            assert!((*stored..=*tried).contains(&found), "{at:?}: {stored} {tried} {found}");
            // The news of exactly what stands there, in order.
            let told_of = told_of.remove(at).unwrap_or_default();
            assert_eq!(told_of, (1..=found).collect::<Vec<_>>());
            waiting += found;
        }
        assert_eq!(store.backlog().await.unwrap().entries, waiting);
    }
}

#[tokio::test]
async fn a_read_only_server_is_told() {
    let cluster = Cluster::shared();
    let options = options();
    let writer = store(&cluster.url(), options.clone()).await;
    let at = place(1, 1, 1);
    let put = writer.put_if(&at, Expected::Absent, &record(1), News::NONE, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    // What a standby answers.
    let url = format!("{}?options=-c%20default_transaction_read_only%3Don", cluster.url());
    let reader = PostgresStore::connect(&url, 1, options).await.unwrap();
    assert_eq!(reader.load(&at, NOW).await.unwrap(), Some(record(1)));
    let range = Range { which: Which::All, after: None, limit: 1 };
    assert_eq!(reader.list(1, &at.owner, range, NOW).await.unwrap().rows.len(), 1);
    let put = reader.put_if(&at, Expected::Head(head(1)), &record(2), News::NONE, NOW).await;
    for error in [put.unwrap_err(), reader.delete(&at, head(1)).await.unwrap_err()] {
        let text = told(&error);
        assert!(text.contains("read-only, as a standby is: connect to the primary"), "{text}");
    }
}

/// Nothing is guessed where the host made its transactions stricter than they need be.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_serializable_server_answers_with_conflicts() {
    let cluster = Cluster::shared();
    let options = options();
    store(&cluster.url(), options.clone()).await;
    let url =
        format!("{}?options=-c%20default_transaction_isolation%3Dserializable", cluster.url());
    let store = PostgresStore::connect(&url, 8, options).await.unwrap();
    for round in 0..20_u8 {
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let at = place(1, 1, round);
                    let news = entries(1);
                    let news = News { entries: &news, reserve: false };
                    store.put_if(&at, Expected::Absent, &record(1), news, NOW).await.unwrap()
                })
            })
            .collect();
        let mut stored = 0;
        for racer in racers {
            stored += u32::from(racer.await.unwrap() == Put::Stored);
        }
        assert!(stored <= 1, "{stored} winners");
        assert_eq!(store.load(&place(1, 1, round), NOW).await.unwrap().is_some(), stored == 1);
    }
}

/// A future that is dropped leaves a connection that goes on, and no half of a write.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_that_is_dropped_is_made_or_not() {
    let cluster = Cluster::shared();
    let store = store(&cluster.url(), options()).await;
    let mut waiting = 0;
    for round in 0..100_u8 {
        let at = place(3, 3, round);
        let news = entries(2);
        let news = News { entries: &news, reserve: false };
        let new = record(1);
        let put = store.put_if(&at, Expected::Absent, &new, news, NOW);
        let patience = Duration::from_micros(u64::from(round) * 40);
        let cut = tokio::time::timeout(patience, put).await;
        // The server may still be at it: a write of the same place waits for that.
        let again = store.put_if(&at, Expected::Absent, &new, news, NOW).await.unwrap();
        if let Ok(put) = cut {
            assert_eq!((put.unwrap(), again), (Put::Stored, Put::Conflict));
        }
        assert_eq!(store.load(&at, NOW).await.unwrap(), Some(record(1)));
        waiting += 2;
    }
    assert_eq!(store.backlog().await.unwrap().entries, waiting);
}

/// The server's address has moved without a word: what is open is dead, and what is opened is served. A host whose time-out
/// is shorter than the store's gives up before the store does, and yet no call after it gets the dead connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_that_is_given_up_does_not_leave_its_connection_to_the_next() {
    const CONNECTIONS: usize = 3;
    let cluster = Cluster::shared();
    let proxy = Proxy::before(cluster.port());
    let url = cluster.url().replace(&cluster.port().to_string(), &proxy.port().to_string());
    let deadline = Duration::from_secs(4);
    let pool = PostgresStore::pool(&url, CONNECTIONS, deadline).unwrap();
    let options = options().with_deadline(deadline);
    PostgresStore::migrate(&pool, &options).await.unwrap();
    let store = PostgresStore::new(pool.clone(), options).await.unwrap();
    let at = place(4, 4, 4);
    assert_eq!(store.load(&at, NOW).await.unwrap(), None);
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        open.push(pool.get().await.unwrap());
    }
    drop(open);
    proxy.silence();
    let mut given_up = 0;
    while tokio::time::timeout(deadline / 8, store.load(&at, NOW)).await.is_err() {
        given_up += 1;
        assert!(given_up <= CONNECTIONS, "a dead connection came back");
    }
    assert_eq!(given_up, CONNECTIONS, "each that was dead is met once");
    assert_eq!(store.load(&at, NOW).await.unwrap(), None);
}

/// Somebody has emptied the table by hand: what was said to wait does not, and nobody looks for it for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lane_whose_entries_were_deleted_by_hand_is_not_leased_for_ever() {
    let cluster = Cluster::shared();
    let clients = pool(&cluster.url(), 4);
    let options = options().with_schema("emptied").unwrap();
    PostgresStore::migrate(&clients, &options).await.unwrap();
    let store = PostgresStore::new(clients.clone(), options).await.unwrap();
    for id in 0..3 {
        let news = entries(2);
        let news = News { entries: &news, reserve: false };
        let put = store.put_if(&place(id, 1, id), Expected::Absent, &record(1), news, NOW).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    let delete = "DELETE FROM emptied.outbox WHERE lane <> 1";
    clients.get().await.unwrap().batch_execute(delete).await.unwrap();
    let until = NOW.after(Duration::from_secs(60));
    let lease = store.lease(&[1; 16], 10, NOW, until).await.unwrap().unwrap();
    assert_eq!((lease.lane, lease.entries.len()), (1, 2));
    assert_eq!(store.lease(&[2; 16], 10, NOW, until).await.unwrap(), None);
    let backlog = store.backlog().await.unwrap();
    assert_eq!((backlog.entries, backlog.lanes), (2, 1));
    // What is written there from now on is found.
    let news = entries(1);
    let news = News { entries: &news, reserve: false };
    let put = store.put_if(&place(2, 1, 9), Expected::Absent, &record(1), news, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    let lease = store.lease(&[3; 16], 10, NOW, until).await.unwrap().unwrap();
    assert_eq!((lease.lane, lease.entries.len()), (2, 1));
}
