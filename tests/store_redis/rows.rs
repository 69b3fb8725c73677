//! Records, places and a store to write them to.

use std::sync::Arc;
use std::time::Duration;

use countersign::Timestamp;
use countersign::store::redis::{RedisOptions, RedisStore};
use countersign::store::{Expected, Head, News, Place, Put, Record, Store};

use crate::server::Server;

pub const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

pub fn later(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

pub fn place(lane: u8, owner: u8, id: u32) -> Place {
    let mut bytes = [0x5A; 16];
    bytes[..4].copy_from_slice(&id.to_be_bytes());
    Place { lane, owner: [owner; 16], id: bytes }
}

pub fn head(version: u64, created: u64) -> Head {
    Head { version, created: later(created), live_until: later(500), retain_until: later(1000) }
}

pub fn record(version: u64, created: u64) -> Record {
    Record { head: head(version, created), sealed: Arc::from(version.to_le_bytes().as_slice()) }
}

pub fn entries(count: usize) -> Vec<Arc<[u8]>> {
    (0..count).map(|n| Arc::from(format!("entry {n}").as_bytes())).collect()
}

pub async fn open(server: &Server) -> RedisStore {
    RedisStore::connect(&server.url(), RedisOptions::new()).await.unwrap()
}

/// Writes a first record.
pub async fn first(store: &RedisStore, at: &Place, new: &Record) {
    let put = store.put_if(at, Expected::Absent, new, News::NONE, NOW).await.unwrap();
    assert_eq!(put, Put::Stored);
}

/// An error with all its sources, as a log would show it.
pub fn whole(error: &dyn std::error::Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error} {error:?}");
        source = error.source();
    }
    text
}
