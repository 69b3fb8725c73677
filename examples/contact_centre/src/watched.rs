//! A store that notes which rows belong to which visit, so that the third pane can show them as the database has them:
//! places, versions, sealed bytes.
//!
//! An integration has nothing of the kind: the tags under which records stand are keyed, and nobody needs to know them.

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign::Timestamp;
use countersign::store::{
    AnyStore, Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put,
    Range, Record, ScanCursor, Store, StoreError,
};
use std::sync::Mutex;

tokio::task_local! {
    /// What the request that runs in this task has written.
    pub static WRITTEN: Arc<Mutex<BTreeSet<(u8, [u8; 16])>>>;
}

/// The store of the bank, watched.
#[derive(Clone)]
pub struct Watched(pub AnyStore);

impl Store for Watched {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.0.load(at, now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let put = self.0.put_if(at, expected, new, news, now).await?;
        if put == Put::Stored {
            // Outside of a request nobody watches.
            let _ = WRITTEN.try_with(|written| {
                if let Ok(mut written) = written.lock() {
                    written.insert((at.lane, at.owner));
                }
            });
        }
        Ok(put)
    }

    async fn delete(&self, at: &Place, expected: Head) -> Result<Put, StoreError> {
        self.0.delete(at, expected).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        self.0.list(lane, owner, range, now).await
    }

    async fn list_each(
        &self,
        lane: u8,
        owners: &[[u8; 16]],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<Listed<(Place, Record), Position>>, StoreError> {
        self.0.list_each(lane, owners, range, now).await
    }

    async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<(Place, Record), ScanCursor>, StoreError> {
        self.0.scan(after, limit).await
    }

    async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.0.purge(before, limit).await
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        self.0.lease(token, limit, now, until).await
    }

    async fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.acknowledge(lease, done, now).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.0.release(lease).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.0.backlog().await
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        self.0.entries(after, limit).await
    }
}
