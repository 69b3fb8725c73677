//! A store whose rows can be taken out, one by one, behind the crate's back.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test binary uses a part")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use countersign::store::{
    Expected, Listed, News, Place, Position, Put, Range, Record, StoreError, Which,
};
use countersign::{MemoryStore, Timestamp};

use super::between::{Between, Via};

pub type Rows = Via<Table>;

#[derive(Debug, Clone, Default)]
pub struct Table {
    rows: Arc<Mutex<BTreeMap<Place, Record>>>,
    swap: Arc<Mutex<Option<Swap>>>,
    /// Every place that was ever written, in the order of the first writes.
    written: Arc<Mutex<Vec<Place>>>,
    /// Has no rows; whatever else a store does is done there.
    rest: MemoryStore,
}

/// Whether it is a customer's anchor: it alone stands under its owner's own name.
pub fn is_anchor(at: &Place) -> bool {
    at.owner == at.id
}

/// A row that takes another's place as soon as a third one was read.
#[derive(Debug)]
struct Swap {
    read: Place,
    at: Place,
    row: Record,
}

impl Via<Table> {
    pub fn places(&self) -> Vec<Place> {
        self.0.rows.lock().unwrap().keys().copied().collect()
    }

    /// Every place that was ever written, in the order of the first writes.
    pub fn written(&self) -> Vec<Place> {
        self.0.written.lock().unwrap().clone()
    }

    pub fn vanish(&self, at: &Place) {
        self.0.rows.lock().unwrap().remove(at);
    }

    /// The row, and all anchors, which would miss it.
    pub fn vanish_unmissed(&self, at: &Place) {
        self.vanish(at);
        self.0.rows.lock().unwrap().retain(|at, _| !is_anchor(at));
    }

    pub fn row(&self, at: &Place) -> Record {
        self.0.rows.lock().unwrap()[at].clone()
    }

    pub fn put(&self, at: Place, row: Record) {
        self.0.rows.lock().unwrap().insert(at, row);
    }

    /// As soon as `read` was, `row` stands at `at`.
    pub fn swap(&self, read: Place, at: Place, row: Record) {
        *self.0.swap.lock().unwrap() = Some(Swap { read, at, row });
    }

    /// The same rows once more.
    pub fn copied(&self) -> Self {
        let rows = self.0.rows.lock().unwrap().clone();
        Self(Table {
            rows: Arc::new(Mutex::new(rows)),
            rest: self.0.rest.clone(),
            ..Table::default()
        })
    }
}

impl Between for Table {
    type Under = MemoryStore;

    fn under(&self) -> &MemoryStore {
        &self.rest
    }

    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let row = rows.get(at).filter(|row| now < row.head.retain_until).cloned();
        let swap = self.swap.lock().unwrap().take_if(|swap| swap.read == *at);
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
        _: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let held = rows.get(at).filter(|row| now < row.head.retain_until);
        let wanted = match expected {
            Expected::Absent => None,
            Expected::Head(head) => Some(head.version),
        };
        if held.map(|row| row.head.version) != wanted {
            return Ok(Put::Conflict);
        }
        rows.insert(*at, new.clone());
        let mut written = self.written.lock().unwrap();
        if !written.contains(at) {
            written.push(*at);
        }
        Ok(Put::Stored)
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let position =
            |(at, row): &(Place, Record)| Position { created: row.head.created, id: at.id };
        let mut listed: Vec<_> = rows
            .iter()
            .filter(|(at, row)| {
                at.lane == lane && at.owner == *owner && now < row.head.retain_until
            })
            .filter(|(_, row)| range.which == Which::All || now < row.head.live_until)
            .map(|(at, row)| (*at, row.clone()))
            .filter(|row| range.after.is_none_or(|after| position(row) < after))
            .collect();
        listed.sort_unstable_by_key(|row| std::cmp::Reverse(position(row)));
        let more = listed.len() > range.limit;
        listed.truncate(range.limit);
        let next = listed.last().filter(|_| more).map(position);
        Ok(Listed { rows: listed, next })
    }

    async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let over = rows.iter().filter(|(_, row)| row.head.retain_until <= before);
        let over: Vec<_> = over.map(|(at, _)| *at).take(limit).collect();
        for at in &over {
            rows.remove(at);
        }
        Ok(over.len())
    }
}
