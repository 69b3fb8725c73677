//! The store in PostgreSQL beside raw statements that do the same writes, on the same server and through the same
//! pool, 8 tasks each: with prepared statements, and both through PgBouncer, where a statement cannot be
//! prepared by name. Goal: at least 0.8 of the raw statements' writes a second. Then whole callbacks a second.
//!
//! `cargo bench --bench store_postgres --features postgres`; needs PostgreSQL and PgBouncer.
#![allow(unreachable_pub)]

#[allow(dead_code)]
#[path = "../tests/store_postgres/server.rs"]
mod server;
#[path = "servers/whole.rs"]
mod whole;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::Timestamp;
use countersign::store::postgres::{PostgresOptions, PostgresStore};
use countersign::store::{Expected, Head, News, Place, Put, Record, Store};
use deadpool_postgres::Pool;
use tokio_postgres::types::{ToSql, Type};

use server::{Bouncer, Cluster};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const LATER: Timestamp = Timestamp::from_unix(1_800_360_000);
const TASKS: u8 = 8;
const ROUNDS: u8 = 10;
const WRITES: u64 = 100;

/// Whether raw statements are prepared by name.
#[derive(Clone, Copy)]
struct Way {
    named: bool,
    news: bool,
}

const INSERT: &str = "INSERT INTO countersign.records AS r VALUES ($1, $2, $3, $4, $5, $6, $6, $7)
    ON CONFLICT (lane, owner, id) DO NOTHING";
const UPDATE: &str =
    "UPDATE countersign.records SET version = $4, created = $5, live_until = $6, retain_until = $6,
    sealed = $7 WHERE lane = $1 AND owner = $2 AND id = $3 AND version = $8 AND retain_until > $5";
const WITH_NEWS: &str = "WITH written AS (
    UPDATE countersign.records SET version = $4, created = $5, live_until = $6, retain_until = $6,
    sealed = $7 WHERE lane = $1 AND owner = $2 AND id = $3 AND version = $8 AND retain_until > $5 RETURNING 1
), counted AS (
    UPDATE countersign.lanes SET waiting = waiting + 1, last = last + 1
    WHERE lane = $1 AND EXISTS (SELECT FROM written) RETURNING last
) INSERT INTO countersign.outbox SELECT $1, last, $2, $3, $5, $4, 0, $9 FROM counted";

fn pool(url: &str, connections: usize) -> Pool {
    PostgresStore::pool(url, connections, Duration::from_secs(20)).unwrap()
}

fn head(version: u64) -> Head {
    Head { version, created: NOW, live_until: LATER, retain_until: LATER }
}

fn entries(count: u8) -> Vec<Arc<[u8]>> {
    (0..count).map(|index| Arc::from([0xE0, index])).collect()
}

fn record(version: u64) -> Record {
    Record { head: head(version), sealed: Arc::from([0x5C; 600]) }
}

fn at(task: u8, round: u8) -> Place {
    Place { lane: task, owner: [round; 16], id: [task; 16] }
}

async fn raw(clients: Pool, way: Way, at: Place) {
    let (lane, now) = (i16::from(at.lane), i64::try_from(NOW.unix()).unwrap());
    let until = i64::try_from(LATER.unix()).unwrap();
    let (owner, id, news) = (&at.owner[..], &at.id[..], &[0xE0_u8, 0][..]);
    for version in 1..=i64::try_from(WRITES).unwrap() {
        let sealed: &[u8] = &[0x5C; 600];
        let expected = version - 1;
        let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![
            (&lane, Type::INT2),
            (&owner, Type::BYTEA),
            (&id, Type::BYTEA),
            (&version, Type::INT8),
            (&now, Type::INT8),
            (&until, Type::INT8),
            (&sealed, Type::BYTEA),
        ];
        let mut statement = INSERT;
        if version > 1 {
            parameters.push((&expected, Type::INT8));
            statement = UPDATE;
            if way.news {
                parameters.push((&news, Type::BYTEA));
                statement = WITH_NEWS;
            }
        }
        let client = clients.get().await.unwrap();
        let written = if way.named {
            let types: Vec<_> = parameters.iter().map(|(_, of)| of.clone()).collect();
            let values: Vec<_> = parameters.iter().map(|(value, _)| *value).collect();
            let prepared = client.prepare_typed_cached(statement, &types).await.unwrap();
            client.execute(&prepared, &values).await.unwrap()
        } else {
            client.execute_typed(statement, &parameters).await.unwrap()
        };
        assert_eq!(written, 1);
    }
}

async fn stored(store: PostgresStore, way: Way, at: Place) {
    let news = entries(1);
    for version in 1..=WRITES {
        let (expected, news) = match version {
            1 => (Expected::Absent, News::NONE),
            _ if way.news => {
                (Expected::Head(head(version - 1)), News { entries: &news, reserve: false })
            }
            _ => (Expected::Head(head(version - 1)), News::NONE),
        };
        let put = store.put_if(&at, expected, &record(version), news, NOW).await.unwrap();
        assert_eq!(put, Put::Stored);
    }
}

async fn all<F: Future<Output = ()> + Send + 'static>(of: impl Fn(u8) -> F) -> Duration {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(of(task))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    begun.elapsed()
}

async fn compare(cluster: &Cluster, what: &str, url: &str, raw_named: bool, store_named: bool) {
    let options = PostgresOptions::new()
        .with_deadline(Duration::from_secs(60))
        .with_named_statements(store_named);
    let clients = pool(url, usize::from(TASKS));
    PostgresStore::migrate(&clients, &options).await.unwrap();
    let store = PostgresStore::new(clients.clone(), options).await.unwrap();
    for news in [false, true] {
        let way = Way { named: raw_named, news };
        let (mut by_raw, mut by_store) = (Vec::new(), Vec::new());
        let mut ticks = (0, 0);
        for round in 0..ROUNDS {
            let begun = cluster.computed();
            by_raw.push(all(|task| raw(clients.clone(), way, at(task, 2 * round))).await);
            let turned = cluster.computed();
            by_store.push(all(|task| stored(store.clone(), way, at(task, 2 * round + 1))).await);
            ticks = (ticks.0 + turned - begun, ticks.1 + cluster.computed() - turned);
        }
        let clear = "TRUNCATE countersign.records, countersign.outbox; UPDATE countersign.lanes SET waiting = 0; VACUUM countersign.lanes";
        for statement in clear.split("; ") {
            clients.get().await.unwrap().batch_execute(statement).await.unwrap();
        }
        by_raw.sort();
        by_store.sort();
        // The median of rounds that took turns.
        let (raw, store) = (by_raw[by_raw.len() / 2], by_store[by_store.len() / 2]);
        let writes = f64::from(TASKS) * 100.0;
        println!(
            "{what}, {}: raw {:.0}/s, store {:.0}/s, ratio {:.2}; the server computed {} and {} ticks",
            if news { "an entry each" } else { "no news" },
            writes / raw.as_secs_f64(),
            writes / store.as_secs_f64(),
            raw.as_secs_f64() / store.as_secs_f64(),
            ticks.0,
            ticks.1,
        );
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for fsync in ["fsync=off", "fsync=on"] {
            let cluster = Cluster::start(&[fsync]);
            let bouncer = Bouncer::before(&cluster);
            let (direct, behind) = (cluster.url(), bouncer.url());
            compare(&cluster, &format!("{fsync}, prepared"), &direct, true, true).await;
            compare(
                &cluster,
                &format!("{fsync}, raw prepared, the store not"),
                &direct,
                true,
                false,
            )
            .await;
            compare(&cluster, &format!("{fsync}, PgBouncer"), &behind, false, false).await;
            let options = PostgresOptions::new().with_named_statements(true);
            let store = PostgresStore::new(pool(&direct, 8), options).await.unwrap();
            whole::print(&format!("{fsync}, PostgreSQL"), store, 60).await;
            let store = PostgresStore::new(pool(&behind, 8), PostgresOptions::new()).await.unwrap();
            whole::print(&format!("{fsync}, PgBouncer"), store, 60).await;
        }
    });
}
