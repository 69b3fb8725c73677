//! An outbox that is bounded: what does not fit is refused as a whole.

use std::sync::Arc;

use super::part::{Part, ids, random_version};
use super::{Checked, answer, broken, expect, same};
use crate::store::{Expected, News, Place, Put, Range, Record, Store, StoreError, Which};

const ROOM: &str = "an outbox takes as many entries as it is said to";
const FULL: &str = "news for which there is no room are refused as full";
const WHOLE: &str = "of a write that is refused as full nothing is written";
const QUIET: &str = "a write without news needs no room in the outbox";
const RESERVE: &str = "what takes authority away has room when the outbox is full";
const END: &str = "the room that is kept has an end";
const AGAIN: &str = "what was acknowledged makes room";

/// The record that stands, and the entries in the outbox by now.
struct Filling<'a, S> {
    part: &'a Part<S>,
    at: Place,
    stands: Option<Record>,
    told: usize,
    version: u64,
}

impl<S: Store> Filling<'_, S> {
    /// Writes the next version at the place, with so many pieces of news.
    async fn put(&mut self, news: usize, reserve: bool) -> Result<Put, StoreError> {
        let version = self.version.saturating_add(1);
        let new = self.part.record(version, b"filling");
        let expected =
            self.stands.as_ref().map_or(Expected::Absent, |row| Expected::Head(row.head));
        let entries: Vec<Arc<[u8]>> = (0..news).map(|_| Arc::from(*b"told")).collect();
        let news = News { entries: &entries, reserve };
        let put = self.part.put_with(&self.at, expected, &new, news, self.part.now).await?;
        if put == Put::Stored {
            self.told = self.told.saturating_add(entries.len());
            (self.stands, self.version) = (Some(new), version);
        }
        Ok(put)
    }

    /// It fits.
    async fn fits(&mut self, rule: &'static str, news: usize, reserve: bool) -> Checked {
        expect(rule, self.put(news, reserve).await, &Put::Stored)
    }

    /// It does not, and everything is as it was: here, and at a place where nothing stands.
    async fn refused(&mut self, rule: &'static str, news: usize, reserve: bool) -> Checked {
        let mut elsewhere =
            Filling { part: self.part, at: self.part.place(), stands: None, told: 0, version: 9 };
        for put in [self.put(news, reserve).await, elsewhere.put(news, reserve).await] {
            match put {
                Err(StoreError::Full) => {}
                other => return broken(rule, other),
            }
        }
        let part = self.part;
        part.is(WHOLE, &elsewhere.at, None).await?;
        part.is(WHOLE, &self.at, self.stands.as_ref()).await?;
        for which in [Which::All, Which::Live] {
            let range = Range { which, after: None, limit: 100 };
            let listed = part.store.list(part.lane, &part.owner, range, part.now).await;
            let listed: Vec<Place> =
                answer(WHOLE, listed)?.rows.into_iter().map(|(at, _)| at).collect();
            same(WHOLE, &listed, &vec![self.at])?;
        }
        self.counts(WHOLE).await
    }

    async fn counts(&self, rule: &'static str) -> Checked {
        let backlog = answer(rule, self.part.store.backlog().await)?;
        same(rule, &backlog.entries, &u64::try_from(self.told).unwrap_or(u64::MAX))
    }
}

pub(super) async fn outbox<S: Store>(part: &Part<S>, bound: usize) -> Checked {
    let version = random_version();
    let mut lane = Filling { part, at: part.place(), stands: None, told: 0, version };
    while lane.told.saturating_add(3) <= bound {
        lane.fits(ROOM, 2, false).await?;
    }
    while lane.told.saturating_add(1) < bound {
        lane.fits(ROOM, 1, false).await?;
    }
    // There is room for one, not for two.
    lane.counts(ROOM).await?;
    lane.refused(FULL, 2, false).await?;
    lane.fits(ROOM, 1, false).await?;
    lane.refused(FULL, 1, false).await?;
    lane.fits(QUIET, 0, false).await?;
    lane.counts(QUIET).await?;

    lane.fits(RESERVE, 1, true).await?;
    lane.refused(FULL, 1, false).await?;
    while lane.told < bound.saturating_mul(2) {
        match lane.put(1, true).await {
            Ok(Put::Stored) => {}
            Err(StoreError::Full) => break,
            other => return broken(END, other),
        }
    }
    lane.refused(END, 1, true).await?;

    // Room for one again: for what takes authority away first, and then for all.
    let lease = part.lease(AGAIN, 1, part.then(0), part.then(60)).await?;
    part.acknowledge(AGAIN, &lease, &ids(&lease.entries), part.then(1), true).await?;
    part.release(&lease).await?;
    lane.told = lane.told.saturating_sub(1);
    lane.counts(AGAIN).await?;
    lane.refused(FULL, 1, false).await?;
    lane.fits(AGAIN, 1, true).await?;
    while lane.told >= bound {
        let lease = part.lease(AGAIN, 100, part.then(100), part.then(160)).await?;
        let over = lane.told.saturating_sub(bound).saturating_add(1);
        let done: Vec<_> = ids(&lease.entries).into_iter().take(over).collect();
        if done.is_empty() {
            return broken(AGAIN, "an empty lease");
        }
        part.acknowledge(AGAIN, &lease, &done, part.then(101), true).await?;
        part.release(&lease).await?;
        lane.told = lane.told.saturating_sub(done.len());
    }
    lane.fits(AGAIN, 1, false).await?;
    lane.refused(FULL, 1, false).await
}
