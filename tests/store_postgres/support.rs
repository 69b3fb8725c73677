//! What the tests of this store share.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign::store::postgres::{PostgresOptions, PostgresStore};
use countersign::store::{Head, Place, Record};
use countersign::time::Timestamp;
use deadpool_postgres::Pool;

use crate::server::PASSWORD;

pub const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
pub const LATER: Timestamp = Timestamp::from_unix(1_800_360_000);
/// When a lease ends.
pub const SOON: Timestamp = Timestamp::from_unix(1_800_003_600);

/// Options with a schema that no other test has.
pub fn options() -> PostgresOptions {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    // The machine that runs the tests may be slow.
    PostgresOptions::new().with_schema(&name).unwrap().with_deadline(Duration::from_secs(20))
}

pub fn pool(url: &str, connections: usize) -> Pool {
    PostgresStore::pool(url, connections, Duration::from_secs(20)).unwrap()
}

/// A store with a schema that was just made.
pub async fn store(url: &str, options: PostgresOptions) -> PostgresStore {
    let pool = pool(url, 8);
    assert_eq!(PostgresStore::migrate(&pool, &options).await.unwrap(), 1);
    PostgresStore::new(pool, options).await.unwrap()
}

pub fn place(lane: u8, owner: u8, id: u8) -> Place {
    Place { lane, owner: [owner; 16], id: [id; 16] }
}

pub fn head(version: u64) -> Head {
    Head { version, created: NOW, live_until: LATER, retain_until: LATER }
}

pub fn record(version: u64) -> Record {
    Record { head: head(version), sealed: Arc::from(version.to_be_bytes()) }
}

pub fn entries(count: u8) -> Vec<Arc<[u8]>> {
    (0..count).map(|index| Arc::from([0xE0, index])).collect()
}

/// An error and all that caused it, in one line, in which no password stands.
pub fn told(error: &dyn Error) -> String {
    let mut text = format!("{error}");
    let mut debug = format!("{error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        debug = format!("{debug}: {cause:?}");
        source = cause.source();
    }
    for shown in [&text, &debug] {
        assert!(!shown.contains(PASSWORD) && !shown.contains("not-the-password"), "{shown}");
    }
    text
}
