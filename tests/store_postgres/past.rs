//! What lies in the past costs a list of live rows nothing, by the server's own count of what it read.

use std::sync::Arc;

use countersign::store::postgres::PostgresStore;
use countersign::store::{Expected, Head, News, Place, Put, Range, Record, Store, Which};
use countersign::time::Timestamp;

use crate::server::Cluster;
use crate::support::{LATER, NOW, options, pool};

const OWNER: [u8; 16] = [2; 16];

fn at(id: u32) -> Place {
    Place { lane: 4, owner: OWNER, id: u128::from(id).to_be_bytes() }
}

fn live(created: u64) -> Record {
    let created = Timestamp::from_unix(created);
    let head = Head { version: 1, created, live_until: LATER, retain_until: LATER };
    Record { head, sealed: Arc::from(*b"live") }
}

#[tokio::test]
async fn a_list_of_live_rows_reads_no_others() {
    let cluster = Cluster::shared();
    let options = options().with_schema("past").unwrap();
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
    let past = |first: u32, last: u32| {
        format!(
            "INSERT INTO past.records SELECT 4, decode('{owner}', 'hex'), \
             decode(lpad(to_hex(n), 32, '0'), 'hex'), 1, n * 2, 0, {until}, 'past' \
             FROM generate_series({first}, {last}) n",
            owner = "02".repeat(16),
            until = LATER.unix(),
        )
    };
    let range = Range { which: Which::Live, after: None, limit: 100 };
    let mut costs = Vec::new();
    for (first, last) in [(1, 10), (11, 10_000)] {
        let client = clients.get().await.unwrap();
        client.batch_execute(&past(first, last)).await.unwrap();
        client.batch_execute("VACUUM ANALYZE past.records").await.unwrap();
        drop(client);
        // The first call plans.
        store.list(4, &OWNER, range, NOW).await.unwrap();
        let before = read(&clients).await;
        let listed = store.list(4, &OWNER, range, NOW).await.unwrap();
        let after = read(&clients).await;
        let found: Vec<Place> = listed.rows.iter().map(|(at, _)| *at).collect();
        assert_eq!(found, lives.map(|(id, _)| at(id)));
        assert_eq!(listed.next, None);
        costs.push([after[0] - before[0], after[1] - before[1]]);
    }
    // Three entries of an index were read, and no row by a look at all of them.
    assert_eq!(costs, [[3, 0]; 2], "with 10 past rows, and with 10 000");
}

/// How many entries of indexes, and how many rows without one, were read of the records so far.
async fn read(clients: &deadpool_postgres::Pool) -> [i64; 2] {
    let client = clients.get().await.unwrap();
    client.execute("SELECT pg_stat_force_next_flush()", &[]).await.unwrap();
    let row = client
        .query_one(
            "SELECT (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes \
             WHERE schemaname = 'past' AND relname = 'records'), \
             (SELECT seq_tup_read FROM pg_stat_user_tables \
             WHERE schemaname = 'past' AND relname = 'records')",
            &[],
        )
        .await
        .unwrap();
    [row.get(0), row.get(1)]
}
