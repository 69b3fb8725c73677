//! Opening keys in a store of their own, which no backup is made of.

use crate::store::{
    Answer, Backlog, Entry, EntryId, ErasedStore, Expected, Head, Lease, Listed, News, Place,
    Position, Put, Range, Record, ScanCursor,
};
use crate::values::time::Timestamp;

/// Two stores as one: whatever stands under `owner` is in one of them, everything else in the other. Nothing
/// is told of opening keys, and no scan finds them, so the outbox and the scans are the other's.
pub(super) struct KeysApart {
    pub(super) owner: [u8; 16],
    pub(super) keys: Box<dyn ErasedStore>,
    pub(super) records: Box<dyn ErasedStore>,
}

impl KeysApart {
    fn of(&self, owner: &[u8; 16]) -> &dyn ErasedStore {
        if *owner == self.owner { &*self.keys } else { &*self.records }
    }
}

impl ErasedStore for KeysApart {
    fn load<'a>(&'a self, at: &'a Place, now: Timestamp) -> Answer<'a, Option<Record>> {
        self.of(&at.owner).load(at, now)
    }

    fn put_if<'a>(
        &'a self,
        at: &'a Place,
        expected: Expected,
        new: &'a Record,
        news: News<'a>,
        now: Timestamp,
    ) -> Answer<'a, Put> {
        self.of(&at.owner).put_if(at, expected, new, news, now)
    }

    fn delete<'a>(&'a self, at: &'a Place, expected: Head) -> Answer<'a, Put> {
        self.of(&at.owner).delete(at, expected)
    }

    fn list<'a>(
        &'a self,
        lane: u8,
        owner: &'a [u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Answer<'a, Listed<(Place, Record), Position>> {
        self.of(owner).list(lane, owner, range, now)
    }

    fn list_each<'a>(
        &'a self,
        lane: u8,
        owners: &'a [[u8; 16]],
        range: Range,
        now: Timestamp,
    ) -> Answer<'a, Vec<Listed<(Place, Record), Position>>> {
        Box::pin(async move {
            let mut all = Vec::with_capacity(owners.len());
            for owner in owners {
                all.push(self.list(lane, owner, range, now).await?);
            }
            Ok(all)
        })
    }

    fn scan<'a>(
        &'a self,
        after: Option<&'a ScanCursor>,
        limit: usize,
    ) -> Answer<'a, Listed<(Place, Record), ScanCursor>> {
        self.records.scan(after, limit)
    }

    /// The keys first: they are few, and must not wait for what takes long.
    fn purge(&self, before: Timestamp, limit: usize) -> Answer<'_, usize> {
        Box::pin(async move {
            let keys = self.keys.purge(before, limit).await?;
            let records = self.records.purge(before, limit.saturating_sub(keys)).await?;
            Ok(keys.saturating_add(records))
        })
    }

    fn lease<'a>(
        &'a self,
        token: &'a [u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<'a, Option<Lease>> {
        self.records.lease(token, limit, now, until)
    }

    fn acknowledge<'a>(
        &'a self,
        lease: &'a Lease,
        done: &'a [EntryId],
        now: Timestamp,
    ) -> Answer<'a, bool> {
        self.records.acknowledge(lease, done, now)
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> Answer<'a, ()> {
        self.records.release(lease)
    }

    fn backlog(&self) -> Answer<'_, Backlog> {
        self.records.backlog()
    }

    fn entries<'a>(
        &'a self,
        after: Option<&'a ScanCursor>,
        limit: usize,
    ) -> Answer<'a, Listed<Entry, ScanCursor>> {
        self.records.entries(after, limit)
    }
}
