//! Somebody holds a lock. Calls that were given up end in the server too: they do not pile up in its processes, and are not
//! made whenever the lock goes.

use std::sync::Arc;
use std::time::Duration;

use countersign::store::postgres::{PostgresOptions, PostgresStore};
use countersign::store::{Expected, News, Put, Store};

use crate::server::{Bouncer, Cluster};
use crate::support::{NOW, entries, head, options, place, pool, record};

const DEADLINE: Duration = Duration::from_millis(800);
const ROUNDS: u8 = 4;

async fn numbers<const N: usize>(clients: &deadpool_postgres::Object, query: &str) -> [i64; N] {
    let row = clients.query_one(query, &[]).await.unwrap();
    std::array::from_fn(|column| row.get(column))
}

async fn given_up(cluster: &Cluster, url: &str, schema: &str, named: bool) {
    let options = PostgresOptions::new().with_schema(schema).unwrap().with_named_statements(named);
    let long = options.clone().with_deadline(Duration::from_secs(20));
    let first = crate::support::store(&cluster.url(), long.clone()).await;
    let held = place(1, 1, 1);
    let put = first.put_if(&held, Expected::Absent, &record(1), News::NONE, NOW).await;
    assert_eq!(put.unwrap(), Put::Stored);
    let clients = pool(url, 4);
    PostgresStore::new(clients.clone(), long).await.unwrap();
    let store = PostgresStore::new(clients, options.with_deadline(DEADLINE)).await.unwrap();
    // A lane, a row, and a place where another writes.
    let holder = pool(&cluster.url(), 1).get().await.unwrap();
    let hold = format!(
        "BEGIN; SELECT FROM {schema}.lanes WHERE lane = 1 FOR UPDATE; \
         SELECT FROM {schema}.records FOR UPDATE; \
         INSERT INTO {schema}.records \
         SELECT 2, decode(repeat('02', 16), 'hex'), decode(repeat('02', 16), 'hex'), 9, 9, 0, 0, ''"
    );
    holder.batch_execute(&hold).await.unwrap();
    for round in 0..ROUNDS {
        let tasks: Vec<_> = (0..4_u8)
            .map(|way| {
                let store = store.clone();
                tokio::spawn(async move {
                    let (news, new) = (entries(1), record(2));
                    let news = News { entries: &news, reserve: false };
                    let (lane, taken) = (place(1, 3, round), place(2, 2, 2));
                    let expected = Expected::Head(head(1));
                    match way {
                        0 => store.put_if(&lane, Expected::Absent, &new, news, NOW).await,
                        1 => store.put_if(&held, expected, &new, News::NONE, NOW).await,
                        2 => store.put_if(&taken, Expected::Absent, &new, News::NONE, NOW).await,
                        _ => store.delete(&held, head(1)).await,
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap_err();
        }
    }
    // A host that is less patient still.
    for round in 0..ROUNDS {
        let (news, new, at) = (entries(1), record(2), place(1, 4, round));
        let news = News { entries: &news, reserve: false };
        let put = store.put_if(&at, Expected::Absent, &new, news, NOW);
        drop(tokio::time::timeout(DEADLINE / 8, put).await);
    }
    tokio::time::sleep(2 * DEADLINE).await;
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE application_name = 'countersign' AND wait_event_type = 'Lock'";
    assert_eq!(numbers(&holder, waiting).await, [0], "wait on in the server");
    holder.batch_execute("ROLLBACK").await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let stands = format!(
        "SELECT (SELECT count(*) FROM {schema}.records), \
         (SELECT sum(version)::bigint FROM {schema}.records), \
         (SELECT count(*) FROM {schema}.outbox)"
    );
    assert_eq!(numbers(&holder, &stands).await, [1, 1, 0], "were made afterwards");
    assert_eq!(first.load(&held, NOW).await.unwrap(), Some(record(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_that_were_given_up_end_in_the_server_too() {
    let cluster = Cluster::start(&[]);
    let bouncer = Bouncer::before(&cluster);
    given_up(&cluster, &cluster.url(), "direct", false).await;
    given_up(&cluster, &cluster.url(), "named", true).await;
    given_up(&cluster, &bouncer.url(), "pooled", false).await;
}

/// How long one call may wait is set for that call alone: the next user of its connection has what the server says.
#[tokio::test]
async fn no_call_leaves_its_patience_to_the_next() {
    let cluster = Cluster::shared();
    let bouncer = Bouncer::before(&cluster);
    for (url, named) in [(cluster.url(), false), (cluster.url(), true), (bouncer.url(), false)] {
        let (clients, options) = (pool(&url, 1), options().with_named_statements(named));
        PostgresStore::migrate(&clients, &options).await.unwrap();
        let store = PostgresStore::new(clients.clone(), options).await.unwrap();
        let now = async || {
            let client = clients.get().await.unwrap();
            let asked = client.simple_query("SHOW lock_timeout").await.unwrap();
            let shown = asked.iter().find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            });
            shown.unwrap()
        };
        assert_eq!(now().await, "0");
        let at = place(1, 1, 1);
        let put = store.put_if(&at, Expected::Absent, &record(1), News::NONE, NOW).await;
        assert_eq!((put.unwrap(), &*now().await), (Put::Stored, "0"));
        let put = store.put_if(&at, Expected::Head(head(1)), &record(2), News::NONE, NOW).await;
        assert_eq!((put.unwrap(), &*now().await), (Put::Stored, "0"));
        let news: Vec<Arc<[u8]>> = entries(1);
        let news = News { entries: &news, reserve: false };
        let put = store.put_if(&at, Expected::Head(head(2)), &record(3), news, NOW).await;
        assert_eq!((put.unwrap(), &*now().await), (Put::Stored, "0"));
        assert_eq!(store.load(&at, NOW).await.unwrap(), Some(record(3)));
        assert_eq!(now().await, "0");
    }
}
