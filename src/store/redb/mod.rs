//! A store in one file, for a single service: embedded, durable, without a server.

mod error;
mod file;
mod mending;
mod reads;
mod rows;
mod slot;
mod writer;
mod writes;

use core::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, Builder, JoinHandle};
use std::time::{Duration, Instant};

pub use self::error::{OpenError, RedbStoreError};
use self::rows::Done;
use self::writer::Shared;
use self::writes::{NewRow, Purged, Tables};
use crate::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError,
};
use crate::values::time::Timestamp;

/// The longest record or entry.
const LONGEST: usize = 64 << 20;
/// How many records are purged with each transaction: whoever writes meanwhile waits for so many more.
const PURGED_AT_ONCE: usize = 4;

/// How a store in a file is opened.
///
/// ```no_run
/// use std::time::Duration;
/// use countersign::store::redb::RedbOptions;
///
/// # fn main() -> Result<(), countersign::store::redb::OpenError> {
/// let store = RedbOptions::new()
///     .must_exist()
///     .deadline(Duration::from_secs(2))
///     .open("/var/lib/bank/countersign.redb")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct RedbOptions {
    batch: usize,
    outbox: u64,
    cache: usize,
    deadline: Duration,
    create: bool,
}

impl RedbOptions {
    /// A file that is made if it is not there; 64 writes a transaction, a million entries in the outbox,
    /// 64 MiB of cache, a deadline of five seconds.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            batch: 64,
            outbox: 1_000_000,
            cache: 64 << 20,
            deadline: Duration::from_secs(5),
            create: true,
        }
    }

    /// How many writes one transaction takes at most; one at least.
    #[must_use]
    pub const fn batch(mut self, writes: usize) -> Self {
        self.batch = writes;
        self
    }

    /// How many entries the outbox holds. What takes authority away may use an eighth more.
    #[must_use]
    pub const fn outbox(mut self, entries: u64) -> Self {
        self.outbox = entries;
        self
    }

    /// How many bytes of the file are kept in memory at most.
    #[must_use]
    pub const fn cache(mut self, bytes: usize) -> Self {
        self.cache = bytes;
        self
    }

    /// How long a write may take until its call fails. A purge ends by itself after half of it, and says how much
    /// it has deleted until then.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Refuses to make a file. For a service that had one before: an empty store has forgotten every
    /// code that was used.
    #[must_use]
    pub const fn must_exist(mut self) -> Self {
        self.create = false;
        self
    }

    /// Opens the file, and waits until it is open: after a crash it is read through once.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is wrong and what to do.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<RedbStore, OpenError> {
        let path = path.as_ref();
        let database = file::open(path, self.cache, self.create)?;
        let shared = Arc::new(Shared::new(path.into(), self.clone(), database));
        let failed = |source| OpenError::Io { path: path.into(), source };
        // From here on a failure ends whichever thread there is.
        let mut threads = Threads { shared, handles: Vec::new() };
        for (name, run) in [
            ("countersign-redb", writer::write as fn(&Shared)),
            ("countersign-wait", writer::watch),
        ] {
            let shared = Arc::clone(&threads.shared);
            let thread = Builder::new().name(name.into()).spawn(move || run(&shared));
            threads.handles.push(thread.map_err(failed)?);
        }
        Ok(RedbStore(Arc::new(threads)))
    }
}

impl Default for RedbOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Records in one file, by [redb](https://docs.rs/redb): what a service of one process uses.
///
/// A write is durable when it is answered. One thread writes: it takes what waits into one transaction, up
/// to 64 writes, and answers all of them after the commit; so many tasks share the cost of reaching the
/// disk. Reads run where they are called, and see the latest commit. Any async runtime will do.
///
/// A failed write, such as one to a full disk, fails every call of its transaction; then the file is opened
/// anew by itself, and the store goes on when there is room again.
///
/// Clones share the file. Dropping the last one writes what waits, and waits for that.
#[derive(Clone)]
pub struct RedbStore(Arc<Threads>);

struct Threads {
    shared: Arc<Shared>,
    handles: Vec<JoinHandle<()>>,
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared.stop();
        for handle in self.handles.drain(..) {
            // The last clone may have stood in a task that one of the threads woke.
            if handle.thread().id() != thread::current().id() {
                let _ = handle.join();
            }
        }
    }
}

impl RedbStore {
    /// Opens the file, or makes it, with the options of [`RedbOptions::new`].
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is wrong and what to do.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        RedbOptions::new().open(path)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &PathBuf {
        self.0.shared.path()
    }

    /// How many transactions were committed since it was opened: with many writers at once fewer than
    /// writes.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.0.shared.commits()
    }

    async fn write<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Tables<'_>) -> Done<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.0.shared.submit(act).await.map_err(StoreError::unavailable)
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&::redb::ReadTransaction) -> Done<T>,
    ) -> Result<T, StoreError> {
        self.0.shared.read(read).map_err(StoreError::unavailable)
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("path", self.path()).finish_non_exhaustive()
    }
}

/// Any cursor is a key; one of another length was never given out.
fn own(after: Option<&ScanCursor>, length: usize) -> Result<Option<&ScanCursor>, StoreError> {
    match after {
        Some(cursor) if cursor.0.len() != length => {
            Err(StoreError::unavailable(RedbStoreError::ForeignCursor))
        }
        after => Ok(after),
    }
}

impl Store for RedbStore {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.read(|tx| reads::load(tx, at, now))
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let longest =
            news.entries.iter().map(|entry| entry.len()).fold(new.sealed.len(), usize::max);
        if longest > LONGEST {
            return Err(StoreError::unavailable(RedbStoreError::TooLong(LONGEST)));
        }
        let row = NewRow {
            at: *at,
            expected,
            new: new.clone(),
            news: news.entries.to_vec(),
            reserve: news.reserve,
            now,
        };
        self.write(move |tables| tables.put(&row)).await?.ok_or(StoreError::Full)
    }

    async fn delete(&self, at: &Place, expected: Head) -> Result<Put, StoreError> {
        let at = *at;
        self.write(move |tables| tables.delete(&at, &expected)).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let list = || self.read(|tx| reads::list(tx, lane, owner, range, now));
        if let Some(listed) = list()? {
            return Ok(listed);
        }
        let owner = *owner;
        self.write(move |tables| tables.mend(lane, &owner)).await?;
        list()?.ok_or_else(|| StoreError::unavailable(RedbStoreError::IndexDamaged))
    }

    async fn list_each(
        &self,
        lane: u8,
        owners: &[[u8; 16]],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<Listed<(Place, Record), Position>>, StoreError> {
        let list = || {
            self.read(|tx| {
                let each = owners.iter().map(|owner| reads::list(tx, lane, owner, range, now));
                each.collect::<Result<Vec<_>, _>>()
            })
        };
        let listed = list()?;
        let damaged: Vec<_> =
            listed.iter().zip(owners).filter(|(one, _)| one.is_none()).map(|(_, at)| *at).collect();
        if damaged.is_empty() {
            return Ok(listed.into_iter().flatten().collect());
        }
        self.write(move |tables| damaged.iter().try_for_each(|owner| tables.mend(lane, owner)))
            .await?;
        list()?
            .into_iter()
            .map(|one| one.ok_or_else(|| StoreError::unavailable(RedbStoreError::IndexDamaged)))
            .collect()
    }

    async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<(Place, Record), ScanCursor>, StoreError> {
        let after = own(after, rows::RECORD_KEY)?;
        self.read(|tx| reads::scan(tx, after, limit))
    }

    async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let begun = Instant::now();
        let half = self.0.shared.deadline().div_f32(2.0);
        let mut purged = 0_usize;
        while purged < limit {
            let some = limit.saturating_sub(purged).min(PURGED_AT_ONCE);
            let part = self.0.shared.submit_aside(move |tables| tables.purge(before, some));
            let Purged { deleted, more } = part.await.map_err(StoreError::unavailable)?;
            purged = purged.saturating_add(deleted);
            // What is left is for the next call.
            if !more || (purged > 0 && begun.elapsed() >= half) {
                break;
            }
        }
        Ok(purged)
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let token = *token;
        self.write(move |tables| tables.lease(&token, limit, now, until)).await
    }

    async fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (lane, token, done) = (lease.lane, lease.token, done.to_vec());
        self.write(move |tables| tables.acknowledge(lane, &token, &done, now)).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let (lane, token) = (lease.lane, lease.token);
        self.write(move |tables| tables.release(lane, &token)).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.read(reads::backlog)
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        let after = own(after, rows::ENTRY_KEY)?;
        self.read(|tx| reads::entries(tx, after, limit))
    }
}
