//! A worker that empties an outbox.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test binary uses a part")]

use std::num::NonZeroU16;
use std::time::Duration;

use countersign::Timestamp;
use countersign::history::Subject;
use countersign::outbox::{Batch, Notice, Outbox};
use countersign::store::{EntryId, Store};

pub const MOST: NonZeroU16 = NonZeroU16::new(100).unwrap();
pub const LEASE: Duration = Duration::from_secs(30);

pub async fn leased(outbox: Outbox<'_>) -> Batch {
    outbox.lease(MOST, LEASE).await.unwrap().expect("there is news")
}

pub async fn acknowledged(outbox: Outbox<'_>, batch: Batch) {
    let ids: Vec<_> = batch.notices.iter().map(|notice| notice.id).collect();
    assert!(outbox.acknowledge(&batch, ids).await.unwrap());
    outbox.release(batch).await.unwrap();
}

/// Everything that is delivered until nothing is left to lease, in this order.
pub async fn drained(outbox: Outbox<'_>) -> Vec<Notice> {
    let mut all = Vec::new();
    while let Some(batch) = outbox.lease(MOST, LEASE).await.unwrap() {
        all.extend(batch.notices.iter().cloned());
        acknowledged(outbox, batch).await;
    }
    all
}

pub fn subjects(notices: &[Notice]) -> Vec<Subject> {
    notices.iter().map(|notice| notice.subject).collect()
}

/// Takes those entries out of the store that `lost` names, behind the crate's back.
pub async fn lose(store: &impl Store, now: Timestamp, lost: impl Fn(&EntryId) -> bool) {
    let mut leases = Vec::new();
    while let Some(lease) = store.lease(&[7; 16], 10_000, now, now.after(LEASE)).await.unwrap() {
        let gone: Vec<_> = lease.entries.iter().map(|one| one.id).filter(&lost).collect();
        assert!(store.acknowledge(&lease, &gone, now).await.unwrap());
        leases.push(lease);
    }
    for lease in leases {
        store.release(&lease).await.unwrap();
    }
}
