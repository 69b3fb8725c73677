//! A cluster that answers nothing, and hosts that have less patience than the store.

use std::time::{Duration, Instant};

use countersign::store::Store;
use countersign::store::redis::{RedisOptions, RedisStore};
use tokio::time::timeout;

use crate::rows::{NOW, place};
use crate::server::{Cluster, Server};

/// How many connections a server was asked for up to now, but for the one that asks.
fn connections(server: &Server) -> u64 {
    let stats = server.ask(&["INFO", "stats"]);
    let line = stats.lines().find_map(|line| line.strip_prefix("total_connections_received:"));
    line.unwrap().trim().parse().unwrap()
}

/// The connection is made anew though every call was given up before the store's own deadline.
#[tokio::test(flavor = "multi_thread")]
async fn calls_that_are_given_up_count_as_not_answered() {
    let cluster = Cluster::start();
    let options = RedisOptions::new().deadline(Duration::from_secs(1));
    let store = RedisStore::connect(&cluster.url(), options).await.unwrap();
    let mut held = None;
    cluster.0[2].pause();
    for lane in 0..=u8::MAX {
        let at = place(lane, 1, 1);
        let load = store.load(&at, NOW);
        if timeout(Duration::from_millis(300), load).await.is_err() {
            held = Some(lane);
            break;
        }
    }
    let at = place(held.unwrap(), 1, 1);
    let (before, begun) = (connections(&cluster.0[0]), Instant::now());
    let mut asked = 0;
    loop {
        let answer = timeout(Duration::from_millis(300), store.load(&at, NOW)).await;
        assert!(answer.is_err(), "{answer:?}");
        asked += 1;
        if connections(&cluster.0[0]) > before + asked {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "it is not made anew");
    }
    cluster.0[2].resume();
}
