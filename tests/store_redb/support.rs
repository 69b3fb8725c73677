//! Folders, records and runtimes for the tests of the store in a file.

use std::fs;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use countersign::Timestamp;
use countersign::store::redb::{OpenError, RedbOptions, RedbStore, RedbStoreError};
use countersign::store::{Head, Place, Record, StoreError};

pub(crate) const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
pub(crate) const LATER: Timestamp = Timestamp::from_unix(1_900_000_000);

/// A folder that goes away with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("countersign-redb-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("records.redb")
    }

    pub(crate) fn other(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A deadline that a busy machine does not pass.
pub(crate) fn options() -> RedbOptions {
    RedbOptions::new().deadline(Duration::from_secs(60)).cache(8 << 20)
}

/// Opens, though the store before may still be writing.
pub(crate) fn opened(open: impl Fn() -> Result<RedbStore, OpenError>) -> RedbStore {
    for _ in 0..1000 {
        match open() {
            Err(OpenError::AlreadyOpen { .. }) => thread::sleep(Duration::from_millis(10)),
            other => return other.unwrap(),
        }
    }
    panic!("it stays open");
}

pub(crate) fn tokio() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread, without any runtime.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => return done,
            Poll::Pending => thread::park(),
        }
    }
}

pub(crate) fn place(n: u8) -> Place {
    Place { lane: n % 3, owner: [n % 8; 16], id: [n; 16] }
}

/// The record number `n` at its place; what is in it follows from place and version.
pub(crate) fn record(n: u8, version: u64) -> Record {
    let length = 40 + usize::try_from(version % 400).unwrap();
    let head = Head {
        version,
        created: Timestamp::from_unix(3_600_000 + u64::from(n)),
        live_until: if version.is_multiple_of(2) { LATER } else { Timestamp::EPOCH },
        retain_until: Timestamp::from_unix(LATER.unix() + version % 7),
    };
    let mut sealed = format!("{n} {version} ").into_bytes();
    sealed.resize(length.max(sealed.len()), n);
    Record { head, sealed: sealed.into() }
}

/// The store's own error inside the contract's.
pub(crate) fn source(error: &StoreError) -> &RedbStoreError {
    let source = std::error::Error::source(error).expect("it has a source");
    source.downcast_ref().expect("the source is the store's")
}

/// Random enough, and the same again from the same seed.
pub(crate) struct Random(u64);

impl Random {
    /// From `COUNTERSIGN_SEED`, or from the time.
    pub(crate) fn new() -> Self {
        let given = std::env::var("COUNTERSIGN_SEED").ok().map(|text| text.parse().unwrap());
        let seed = given.unwrap_or_else(|| {
            let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
            u64::from(since.subsec_nanos())
        });
        println!("COUNTERSIGN_SEED={seed}");
        Self::of(seed)
    }

    pub(crate) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
}
