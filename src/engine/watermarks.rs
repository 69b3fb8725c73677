//! What this process last knew of the feeds. A watermark only grows, so an older one can make an answer
//! undetermined, and never wrong.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::values::time::Timestamp;

/// Watermarks by the ids of the feeds' records.
#[derive(Default)]
pub(crate) struct Watermarks(Mutex<BTreeMap<[u8; 16], Timestamp>>);

impl Watermarks {
    /// The feed of the record `id` has reported everything before `complete_before`.
    pub(crate) fn note(&self, id: [u8; 16], complete_before: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(id).or_insert(Timestamp::EPOCH);
        *known = complete_before.max(*known);
    }

    /// Before when all of these feeds have reported everything; never, if there are none or one is unknown.
    pub(crate) fn of(&self, feeds: impl IntoIterator<Item = [u8; 16]>) -> Timestamp {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let each = feeds.into_iter().map(|id| known.get(&id).copied().unwrap_or(Timestamp::EPOCH));
        each.min().unwrap_or(Timestamp::EPOCH)
    }
}
