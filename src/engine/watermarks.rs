//! What this process last knew of the feeds. A watermark only grows, so an older one can make an answer
//! undetermined, and never wrong.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::contact::feed::unidentified::UnidentifiedCalls;
use crate::values::time::Timestamp;

/// How far a feed was when its record was read or written, and what stood there with it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) complete_before: Timestamp,
    /// How often the record had been written.
    pub(crate) written: u64,
    pub(crate) unidentified: UnidentifiedCalls,
}

impl Known {
    /// Nothing.
    fn nothing() -> Self {
        let complete_before = Timestamp::EPOCH;
        Self { complete_before, written: 0, unidentified: UnidentifiedCalls::default() }
    }
}

/// What is known of feeds, by the ids of their records.
#[derive(Default)]
pub(crate) struct Watermarks(Mutex<BTreeMap<[u8; 16], Known>>);

impl Watermarks {
    /// Notes what stands in the record `id`. What was read before, and comes later, is passed over.
    pub(crate) fn note(&self, id: [u8; 16], new: Known) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(id).or_insert_with(Known::nothing);
        if (known.complete_before, known.written) < (new.complete_before, new.written) {
            *known = new;
        }
    }

    /// Before when all of these feeds have reported everything (never, if there are none or one is unknown), and their
    /// calls of which it is not known whose phone they reach.
    pub(crate) fn known(
        &self,
        feeds: impl IntoIterator<Item = [u8; 16]>,
    ) -> (Timestamp, Vec<UnidentifiedCalls>) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let each = feeds.into_iter().map(|id| all.get(&id).cloned().unwrap_or_else(Known::nothing));
        let each: Vec<Known> = each.collect();
        let before = each.iter().map(|known| known.complete_before).min();
        let calls = each.into_iter().map(|known| known.unidentified);
        let calls = calls.filter(|calls| *calls != UnidentifiedCalls::default());
        (before.unwrap_or(Timestamp::EPOCH), calls.collect())
    }
}
