//! Opening keys in a store of their own, which no backup is made of.

use crate::store::{Answer, ErasedStore, Expected, Place, Put, Range, Record};
use crate::values::time::Timestamp;

/// Two stores as one: whatever stands under `owner` is in one of them, everything else in the other.
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
        now: Timestamp,
    ) -> Answer<'a, Put> {
        self.of(&at.owner).put_if(at, expected, new, now)
    }

    fn list<'a>(
        &'a self,
        owner: &'a [u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Answer<'a, Vec<(Place, Record)>> {
        self.of(owner).list(owner, range, now)
    }

    /// The keys first: they are few, and must not wait for what takes long.
    fn purge(&self, now: Timestamp, limit: usize) -> Answer<'_, usize> {
        Box::pin(async move {
            let keys = self.keys.purge(now, limit).await?;
            let records = self.records.purge(now, limit.saturating_sub(keys)).await?;
            Ok(keys.saturating_add(records))
        })
    }
}
