//! What lies in the past costs a list of live rows nothing, by the server's own count of commands.

use std::collections::BTreeMap;

use countersign::Timestamp;
use countersign::store::redis::RedisStore;
use countersign::store::{Expected, News, Place, Put, Range, Store, Which};

use crate::rows::{NOW, first, open, place, record};
use crate::server::Server;

/// Writes a row on which nothing depends; of each tenth something did before.
async fn ended(store: &RedisStore, id: u32) {
    let at = place(4, 1, id);
    let created = u64::from(id) * 2;
    let mut end = record(2, created);
    end.head.live_until = Timestamp::EPOCH;
    if !id.is_multiple_of(10) {
        return first(store, &at, &end).await;
    }
    first(store, &at, &record(1, created)).await;
    let expected = Expected::Head(record(1, created).head);
    let put = store.put_if(&at, expected, &end, News::NONE, NOW).await.unwrap();
    assert_eq!(put, Put::Stored);
}

/// How often each command was called since the count was begun.
fn counted(server: &Server) -> BTreeMap<String, u64> {
    let mut raw = server.raw();
    let stats: String = redis::cmd("INFO").arg("commandstats").query(&mut raw).unwrap();
    let line = |line: &str| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        Some((name.to_owned(), rest.split(',').next()?.parse().ok()?))
    };
    let mut all: BTreeMap<String, u64> = stats.lines().filter_map(line).collect();
    all.retain(|name, _| !["info", "config|resetstat", "client|setinfo"].contains(&&**name));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_live_rows_reads_no_others() {
    let server = Server::start();
    let store = open(&server).await;
    // The newest of all, one amid what is past, and the oldest.
    let lives: [(u32, u64); 3] = [(20_003, 50_000), (20_002, 9), (20_001, 0)];
    for (id, created) in lives {
        first(&store, &place(4, 1, id), &record(1, created)).await;
    }
    let range = Range { which: Which::Live, after: None, limit: 100 };
    let mut costs = Vec::new();
    for past in [0..10, 10..10_000] {
        let writers = (0..16).map(|writer| {
            let (store, past) = (store.clone(), past.clone());
            tokio::spawn(async move {
                for id in past.skip(writer).step_by(16) {
                    ended(&store, id).await;
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        // The first call sends the script.
        store.list(4, &[1; 16], range, NOW).await.unwrap();
        server.ask(&["CONFIG", "RESETSTAT"]);
        let listed = store.list(4, &[1; 16], range, NOW).await.unwrap();
        costs.push(counted(&server));
        let found: Vec<Place> = listed.rows.iter().map(|(at, _)| *at).collect();
        assert_eq!(found, lives.map(|(id, _)| place(4, 1, id)));
        assert_eq!(listed.next, None);
    }
    assert_eq!(costs[0], costs[1], "with 10 past rows, and with 10 000");
    assert_eq!(costs[1].get("get"), Some(&3), "{:?}", costs[1]);
    assert_eq!(server.ask(&["ZCARD", "{countersign:04}:live"]), "3");
}
