//! What lies in the past costs a list of live rows nothing, by the server's own count of what it read.

use std::sync::Arc;

use countersign::store::postgres::PostgresStore;
use countersign::store::{Expected, Head, News, Place, Put, Range, Record, Store, Which};
use countersign::time::Timestamp;

use crate::server::Cluster;
use crate::support::{LATER, NOW, options, pool, store};

const OWNER: [u8; 16] = [2; 16];

fn at(id: u32) -> Place {
    Place { lane: 4, owner: OWNER, id: u128::from(id).to_be_bytes() }
}

fn live(created: u64) -> Record {
    let created = Timestamp::from_unix(created);
    let head = Head { version: 1, created, live_until: LATER, retain_until: LATER };
    Record { head, sealed: Arc::from(*b"live") }
}

/// What does not count: until when it was live, and until when it is retained.
#[derive(Clone, Copy)]
struct Past {
    schema: &'static str,
    live_until: Timestamp,
    retain_until: Timestamp,
    /// How many other owners have a row each, which is what the planner then expects of this one.
    others: u32,
}

async fn costs_nothing(past: Past) {
    let Past { schema, others, .. } = past;
    let cluster = Cluster::shared();
    let options = options().with_schema(schema).unwrap();
    // One connection: it counts what it has read itself.
    let clients = pool(&cluster.url(), 1);
    PostgresStore::migrate(&clients, &options).await.unwrap();
    let store = PostgresStore::new(clients.clone(), options).await.unwrap();
    // The newest of all, one amid what is past, and the oldest.
    let lives = [(20_003, 50_000), (20_002, 9), (20_001, 0)];
    for (id, created) in lives {
        let put = store.put_if(&at(id), Expected::Absent, &live(created), News::NONE, NOW).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    let rows = |owner: &str, first: u32, last: u32| {
        format!(
            "INSERT INTO {schema}.records SELECT 4, decode({owner}, 'hex'), \
             decode(lpad(to_hex(n), 32, '0'), 'hex'), 1, n * 2, {live_until}, {retain_until}, 'past' \
             FROM generate_series({first}, {last}) n",
            live_until = past.live_until.unix(),
            retain_until = past.retain_until.unix(),
        )
    };
    let client = clients.get().await.unwrap();
    let others = rows("lpad(to_hex(n), 32, 'e')", 1, others);
    client.batch_execute(&others).await.unwrap();
    drop(client);
    let range = Range { which: Which::Live, after: None, limit: 100 };
    let mut costs = Vec::new();
    for (first, last) in [(1, 10), (11, 10_000)] {
        let client = clients.get().await.unwrap();
        client.batch_execute(&rows("repeat('02', 16)", first, last)).await.unwrap();
        client.batch_execute(&format!("VACUUM ANALYZE {schema}.records")).await.unwrap();
        drop(client);
        // The first calls plan, each for its own values, and then once for all.
        for _ in 0..7 {
            store.list(4, &OWNER, range, NOW).await.unwrap();
        }
        let before = read(&clients, schema).await;
        let listed = store.list(4, &OWNER, range, NOW).await.unwrap();
        let after = read(&clients, schema).await;
        let found: Vec<Place> = listed.rows.iter().map(|(at, _)| *at).collect();
        assert_eq!(found, lives.map(|(id, _)| at(id)));
        assert_eq!(listed.next, None);
        costs.push([after[0] - before[0], after[1] - before[1]]);
    }
    // Three entries of an index were read, and no row by a look at all of them.
    assert_eq!(costs, [[3, 0]; 2], "{schema}: with 10 past rows, and with 10 000");
}

#[tokio::test]
async fn a_list_of_live_rows_reads_no_others() {
    let (live_until, retain_until) = (Timestamp::EPOCH, LATER);
    costs_nothing(Past { schema: "past", live_until, retain_until, others: 0 }).await;
}

/// Nobody answered them: no write has said that they are over.
#[tokio::test]
async fn a_list_of_live_rows_reads_none_that_lapsed() {
    let (live_until, retain_until) = (NOW, LATER);
    costs_nothing(Past { schema: "lapsed", live_until, retain_until, others: 0 }).await;
    costs_nothing(Past { schema: "lapsed_amid", live_until, retain_until, others: 20_000 }).await;
}

/// They count for as long as they stand, and stand until somebody purges.
#[tokio::test]
async fn a_list_of_live_rows_reads_none_that_is_to_be_purged() {
    let (live_until, retain_until) = (Timestamp::MAX, NOW);
    costs_nothing(Past { schema: "unpurged", live_until, retain_until, others: 0 }).await;
}

/// The server says itself how it goes about it.
#[tokio::test]
async fn a_list_of_live_rows_sorts_what_its_index_finds() {
    let explained = [
        "session_preload_libraries=auto_explain",
        "auto_explain.log_min_duration=0",
        "auto_explain.log_nested_statements=on",
        "auto_explain.log_analyze=on",
        "auto_explain.log_timing=off",
    ];
    let cluster = Cluster::start(&explained);
    let store = store(&cluster.url(), options().with_schema("planned").unwrap()).await;
    for id in 1..=3 {
        let new = live(u64::from(id));
        let put = store.put_if(&at(id), Expected::Absent, &new, News::NONE, NOW).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
    let range = Range { which: Which::Live, after: None, limit: 2 };
    let listed = store.list(4, &OWNER, range, NOW).await.unwrap();
    assert_eq!(listed.rows.len(), 2);
    let log = cluster.log();
    let plan = log.rsplit("Sort Key: r.created DESC, r.id DESC").next().unwrap();
    let plan = plan.split("LOG:").next().unwrap();
    assert!(plan.contains("Index Scan using records_live"), "{plan}");
    // Compiling it would take half a second.
    assert!(!plan.contains("JIT"), "{plan}");
}

/// How many entries of indexes, and how many rows without one, were read of the records so far.
async fn read(clients: &deadpool_postgres::Pool, schema: &str) -> [i64; 2] {
    let client = clients.get().await.unwrap();
    client.execute("SELECT pg_stat_force_next_flush()", &[]).await.unwrap();
    let row = client
        .query_one(
            "SELECT (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes \
             WHERE schemaname = $1 AND relname = 'records'), \
             (SELECT seq_tup_read FROM pg_stat_user_tables \
             WHERE schemaname = $1 AND relname = 'records')",
            &[&schema],
        )
        .await
        .unwrap();
    [row.get(0), row.get(1)]
}
