//! A store whose rows can be taken out, one by one, behind the crate's back.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test binary uses a part")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use countersign::Timestamp;
use countersign::store::{Expected, Place, Put, Range, Record, Store, StoreError};

#[derive(Debug, Clone, Default)]
pub struct Rows(
    Arc<Mutex<BTreeMap<Place, Record>>>,
    Arc<Mutex<Option<Swap>>>,
    /// Every place that was ever written, in the order of the first writes.
    Arc<Mutex<Vec<Place>>>,
);

/// A row that takes another's place as soon as a third one was read.
#[derive(Debug)]
struct Swap {
    read: Place,
    at: Place,
    row: Record,
}

impl Rows {
    pub fn places(&self) -> Vec<Place> {
        self.0.lock().unwrap().keys().copied().collect()
    }

    /// Every place that was ever written, in the order of the first writes.
    pub fn written(&self) -> Vec<Place> {
        self.2.lock().unwrap().clone()
    }

    pub fn vanish(&self, at: &Place) {
        self.0.lock().unwrap().remove(at);
    }

    pub fn row(&self, at: &Place) -> Record {
        self.0.lock().unwrap()[at].clone()
    }

    pub fn put(&self, at: Place, row: Record) {
        self.0.lock().unwrap().insert(at, row);
    }

    /// As soon as `read` was, `row` stands at `at`.
    pub fn swap(&self, read: Place, at: Place, row: Record) {
        *self.1.lock().unwrap() = Some(Swap { read, at, row });
    }
}

impl Store for Rows {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let mut rows = self.0.lock().unwrap();
        let row = rows.get(at).filter(|row| now < row.retain_until).cloned();
        let swap = self.1.lock().unwrap().take_if(|swap| swap.read == *at);
        if let Some(Swap { at, row, .. }) = swap {
            rows.insert(at, row);
        }
        Ok(row)
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let mut rows = self.0.lock().unwrap();
        let version = rows.get(at).filter(|row| now < row.retain_until).map(|row| row.version);
        let wanted = match expected {
            Expected::Absent => None,
            Expected::Version(version) => Some(version),
        };
        if version != wanted {
            return Ok(Put::Conflict);
        }
        rows.insert(*at, new.clone());
        let mut written = self.2.lock().unwrap();
        if !written.contains(at) {
            written.push(*at);
        }
        Ok(Put::Stored)
    }

    async fn list(
        &self,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<(Place, Record)>, StoreError> {
        let rows = self.0.lock().unwrap();
        let of = rows.iter().filter(|(at, row)| at.owner == *owner && now < row.retain_until);
        let after = of.filter(|(at, _)| range.after.is_none_or(|after| after < at.id));
        Ok(after.take(range.limit).map(|(at, row)| (*at, row.clone())).collect())
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut rows = self.0.lock().unwrap();
        let over = rows.iter().filter(|(_, row)| row.retain_until <= now);
        let over: Vec<_> = over.map(|(at, _)| *at).take(limit).collect();
        for at in &over {
            rows.remove(at);
        }
        Ok(over.len())
    }
}
