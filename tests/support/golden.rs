//! Golden files: what a release wrote, in `tests/golden/`, a folder for each part of the API.
//!
//! Files are only ever added. `COUNTERSIGN_BLESS=1 cargo test golden` writes those of the current format anew, which
//! is right before its first release and never after.

use std::path::PathBuf;

use countersign::store::{FaultStore, Head, Place, Record};
use countersign::{Keyring, MemoryStore, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::between::put;

/// The name of the current format's file.
pub(crate) const CURRENT: &str = "format-2.json";

/// A row as files have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    lane: u8,
    owner: String,
    id: String,
    version: u64,
    created: Timestamp,
    live_until: Timestamp,
    retain_until: Timestamp,
    sealed: String,
}

impl Row {
    fn new(at: Place, record: &Record) -> Self {
        let Head { version, created, live_until, retain_until } = record.head;
        let sealed = hex::encode(&record.sealed);
        let (owner, id) = (hex::encode(at.owner), hex::encode(at.id));
        Self { lane: at.lane, owner, id, version, created, live_until, retain_until, sealed }
    }

    /// Where it stands, and what it is.
    pub(crate) fn read(&self) -> (Place, Record) {
        let bytes = |text: &str| -> [u8; 16] { hex::decode(text).unwrap().try_into().unwrap() };
        let at = Place { lane: self.lane, owner: bytes(&self.owner), id: bytes(&self.id) };
        let Self { version, created, live_until, retain_until, .. } = *self;
        let head = Head { version, created, live_until, retain_until };
        (at, Record { head, sealed: hex::decode(&self.sealed).unwrap().into() })
    }
}

fn folder(part: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(part)
}

/// The file of the current format holds what is written `now`; gives what the file says.
pub(crate) fn is_current<G>(part: &str, now: &G) -> G
where
    G: PartialEq + Serialize + DeserializeOwned,
{
    let path = folder(part).join(CURRENT);
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(now).unwrap() + "\n").unwrap();
    }
    let file: G = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(*now == file, "what is written now differs from {}", path.display());
    file
}

/// Every file of `part`, which are this many at least, with its name.
pub(crate) fn released<G: DeserializeOwned>(part: &str, at_least: usize) -> Vec<(String, G)> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap())
    };
    let files: Vec<_> = std::fs::read_dir(folder(part)).unwrap().map(read).collect();
    assert!(files.len() >= at_least, "{} files of {part}", files.len());
    files
}

/// All rows of `store`.
pub(crate) fn rows(store: &FaultStore<MemoryStore>) -> Vec<Row> {
    store.records().into_iter().map(|(at, record)| Row::new(at, &record)).collect()
}

/// A store with these rows.
pub(crate) async fn filled(rows: &[Row], now: Timestamp) -> FaultStore<MemoryStore> {
    let store = FaultStore::new(MemoryStore::new());
    for row in rows {
        let (at, record) = row.read();
        put(&store, &at, &record, now).await;
    }
    store
}

/// The keyring of these bytes.
pub(crate) fn keyring(hex: &str) -> Keyring {
    Keyring::from_bytes(&hex::decode(hex).unwrap()).unwrap()
}
