//! The stores on Redis and PostgreSQL over TLS, with certificates that are made on the spot. A host brings TLS by its own
//! connection, client or pool, and turns it on in its own dependencies, as the feature `tls-tests` does here.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_in_result,
    clippy::cast_possible_truncation,
    unreachable_pub,
    dead_code,
    reason = "a part of what tests of stores share is used here"
)]

mod certificate;
#[path = "../store_postgres/server.rs"]
mod clusters;
mod in_postgres;
mod in_redis;
#[path = "../store_redis/server.rs"]
mod servers;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use countersign::Timestamp;
use countersign::store::{Expected, Head, News, Place, Put, Range, Record, Store, Which};

/// An error with all its sources.
fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// What the clients compute with. Each test may be the first.
fn with_ring() {
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// One call of each kind. What a store must do beyond that does not depend on how it is reached.
async fn works(store: &impl Store) {
    let now = Timestamp::from_unix(1_800_000_000);
    let later = now.after(Duration::from_secs(1000));
    let record = |version| Record {
        head: Head { version, created: now, live_until: later, retain_until: later },
        // More than one record of TLS holds.
        sealed: Arc::from(vec![0x5A; 40_000]),
    };
    let (at, one, two) = (Place { lane: 7, owner: [1; 16], id: [2; 16] }, record(1), record(2));
    let news = [Arc::from([3_u8; 200])];
    let news = News { entries: &news, reserve: false };
    let put = store.put_if(&at, Expected::Absent, &one, news, now).await;
    assert_eq!(put.unwrap(), Put::Stored);
    let put = store.put_if(&at, Expected::Head(one.head), &two, News::NONE, now).await;
    assert_eq!(put.unwrap(), Put::Stored);
    assert_eq!(store.load(&at, now).await.unwrap(), Some(two.clone()));
    let range = Range { which: Which::Live, after: None, limit: 10 };
    let listed = store.list(at.lane, &at.owner, range, now).await.unwrap();
    assert_eq!((listed.rows, listed.next), (vec![(at, two.clone())], None));
    assert_eq!(store.scan(None, 10).await.unwrap().rows, [(at, two)]);
    let lease = store.lease(&[4; 16], 10, now, later).await.unwrap().unwrap();
    let ids: Vec<_> = lease.entries.iter().map(|entry| entry.id).collect();
    assert!(ids.len() == 1 && store.acknowledge(&lease, &ids, now).await.unwrap());
    assert_eq!(store.backlog().await.unwrap().entries, 0);
    assert_eq!(store.purge(later, 10).await.unwrap(), 1);
}
