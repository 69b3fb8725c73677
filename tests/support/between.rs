//! A store between the crate and another one: each call goes through, unless a test has it otherwise.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test binary uses a part")]

use core::future::Future;

use countersign::Timestamp;
use countersign::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError,
};

type Answer<T> = Result<T, StoreError>;

/// What a test makes of the calls of a store. Those that it does not name go to the one under it.
pub trait Between: Send + Sync + 'static {
    type Under: Store;

    fn under(&self) -> &Self::Under;

    fn load(
        &self,
        at: &Place,
        now: Timestamp,
    ) -> impl Future<Output = Answer<Option<Record>>> + Send {
        self.under().load(at, now)
    }

    fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Answer<Put>> + Send {
        self.under().put_if(at, expected, new, news, now)
    }

    fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> impl Future<Output = Answer<Listed<(Place, Record), Position>>> + Send {
        self.under().list(lane, owner, range, now)
    }

    fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Answer<Option<Lease>>> + Send {
        self.under().lease(token, limit, now, until)
    }

    fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> impl Future<Output = Answer<Listed<Entry, ScanCursor>>> + Send {
        self.under().entries(after, limit)
    }

    fn purge(&self, before: Timestamp, limit: usize) -> impl Future<Output = Answer<usize>> + Send {
        self.under().purge(before, limit)
    }
}

/// The store that a test made.
#[derive(Debug, Clone, Default)]
pub struct Via<T>(pub T);

impl<T: Between> Store for Via<T> {
    async fn load(&self, at: &Place, now: Timestamp) -> Answer<Option<Record>> {
        self.0.load(at, now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Answer<Put> {
        self.0.put_if(at, expected, new, news, now).await
    }

    async fn delete(&self, at: &Place, expected: Head) -> Answer<Put> {
        self.0.under().delete(at, expected).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Answer<Listed<(Place, Record), Position>> {
        self.0.list(lane, owner, range, now).await
    }

    async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Answer<Listed<(Place, Record), ScanCursor>> {
        self.0.under().scan(after, limit).await
    }

    async fn purge(&self, before: Timestamp, limit: usize) -> Answer<usize> {
        self.0.purge(before, limit).await
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<Option<Lease>> {
        self.0.lease(token, limit, now, until).await
    }

    async fn acknowledge(&self, lease: &Lease, done: &[EntryId], now: Timestamp) -> Answer<bool> {
        self.0.under().acknowledge(lease, done, now).await
    }

    async fn release(&self, lease: &Lease) -> Answer<()> {
        self.0.under().release(lease).await
    }

    async fn backlog(&self) -> Answer<Backlog> {
        self.0.under().backlog().await
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Answer<Listed<Entry, ScanCursor>> {
        self.0.entries(after, limit).await
    }
}

/// Puts `record` where nothing stands.
pub async fn put(store: &impl Store, at: &Place, record: &Record, now: Timestamp) {
    let put = store.put_if(at, Expected::Absent, record, News::NONE, now).await.unwrap();
    assert_eq!(put, Put::Stored);
}
