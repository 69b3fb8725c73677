//! The operations: what goes to the server, and what its answer says.

use tokio::time::{Instant, sleep};
use tokio_postgres::types::Type;

use super::call::{Caller, Parameter};
use super::error::Failure;
use super::rows::{
    self, Columns, cursor_at, cursor_at_entry, entry_after, only, place_after, seconds,
};
use crate::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Put, Record, ScanCursor,
    latest_lease,
};
use crate::values::time::Timestamp;

/// The most rows of one answer, so that none outgrows what a service can hold.
const PAGE: usize = 1000;
/// How many rows one statement of a purge deletes: it holds their locks, and a core of the server, for a moment.
const BATCH: usize = 4;

/// A limit as the server takes it, and at most what one answer may hold.
pub(super) fn page(limit: usize) -> i64 {
    i64::try_from(limit.clamp(1, PAGE)).unwrap_or(1)
}

fn is_whole(rows: usize, limit: usize) -> bool {
    rows >= limit.clamp(1, PAGE)
}

/// What became of a conditional write: one that the server undid because of others met one of them.
fn put(answer: Result<bool, Failure>) -> Result<Put, Failure> {
    match answer {
        Ok(true) => Ok(Put::Stored),
        Ok(false) | Err(Failure::Undone(_)) => Ok(Put::Conflict),
        Err(failure) => Err(failure),
    }
}

impl Caller {
    pub(super) async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, Failure> {
        let parameters: [Parameter<'_>; 4] = [
            (&i16::from(at.lane), Type::INT2),
            (&&at.owner[..], Type::BYTEA),
            (&&at.id[..], Type::BYTEA),
            (&seconds(now), Type::INT8),
        ];
        let rows = self.call(&self.statements.load, &parameters).await?;
        let row = rows.first().ok_or(Failure::Foreign("no row"))?;
        // One row in any case: without a version if there is no record.
        if Columns::of(row).take::<Option<i64>>()?.is_none() {
            return Ok(None);
        }
        Ok(Some(Columns::of(row).record()?))
    }

    pub(super) async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, Failure> {
        let expected = match expected {
            Expected::Absent => None,
            Expected::Head(head) => Some(rows::version(head.version)),
        };
        let Head { version, created, live_until, retain_until } = new.head;
        let (lane, owner, id) = (i16::from(at.lane), &at.owner[..], &at.id[..]);
        let (now, version, created) = (seconds(now), rows::version(version), seconds(created));
        let (live_until, retain_until) = (seconds(live_until), seconds(retain_until));
        let sealed = &*new.sealed;
        let place: [Parameter<'_>; 3] =
            [(&lane, Type::INT2), (&owner, Type::BYTEA), (&id, Type::BYTEA)];
        let written: [Parameter<'_>; 6] = [
            (&now, Type::INT8),
            (&version, Type::INT8),
            (&created, Type::INT8),
            (&live_until, Type::INT8),
            (&retain_until, Type::INT8),
            (&sealed, Type::BYTEA),
        ];
        let anew = expected.is_none();
        let expected: [Parameter<'_>; 1] = [(&expected, Type::INT8)];
        let until = self.deadline();
        if news.entries.is_empty() && self.options.named_statements {
            let (statement, last): (_, &[Parameter<'_>]) = match anew {
                true => (&self.statements.insert, &[]),
                false => (&self.statements.update, &expected),
            };
            let parameters = [&place[..], &written[..], last].concat();
            return put(self
                .once(statement, &parameters, until)
                .await
                .map(|rows| !rows.is_empty()));
        }
        let entries: Vec<&[u8]> = news.entries.iter().map(|sealed| &**sealed).collect();
        let room = self.room(news);
        let told: [Parameter<'_>; 2] = [(&entries, Type::BYTEA_ARRAY), (&room, Type::INT8)];
        let parameters = [&place[..], &expected[..], &written[..], &told[..]].concat();
        let answer = self.once(&self.statements.put_if, &parameters, until).await;
        put(answer.and_then(|rows| match only::<i16>(&rows)? {
            0 => Ok(false),
            1 => Ok(true),
            2 => Err(Failure::Full),
            _ => Err(Failure::Foreign("an answer")),
        }))
    }

    pub(super) async fn delete(&self, at: &Place, expected: Head) -> Result<Put, Failure> {
        let parameters: [Parameter<'_>; 4] = [
            (&i16::from(at.lane), Type::INT2),
            (&&at.owner[..], Type::BYTEA),
            (&&at.id[..], Type::BYTEA),
            (&rows::version(expected.version), Type::INT8),
        ];
        let until = self.deadline();
        let answer = self.once(&self.statements.delete_if, &parameters, until).await;
        put(answer.and_then(|rows| only(&rows)))
    }

    pub(super) async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<(Place, Record), ScanCursor>, Failure> {
        let after = after.map(place_after).transpose()?;
        let (owner, id) =
            after.as_ref().map_or((&[][..], &[][..]), |at| (&at.owner[..], &at.id[..]));
        let parameters: [Parameter<'_>; 4] = [
            (&after.map_or(-1, |at| i16::from(at.lane)), Type::INT2),
            (&owner, Type::BYTEA),
            (&id, Type::BYTEA),
            (&page(limit), Type::INT8),
        ];
        let answer = self.call(&self.statements.scan, &parameters).await?;
        let mut rows = Vec::with_capacity(answer.len());
        for row in &answer {
            let mut columns = Columns::of(row);
            rows.push((columns.place()?, columns.record()?));
        }
        let last = rows.last().filter(|_| is_whole(rows.len(), limit));
        let next = last.map(|(at, _)| cursor_at(at));
        Ok(Listed { rows, next })
    }

    /// Deletes in batches, and rests between two of them for as long as one took, so that others have at least half of
    /// the server. It ends early, with what it deleted until then, when half of the deadline is over: more may be left
    /// although it returns less than `limit`.
    pub(super) async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, Failure> {
        let begun = Instant::now();
        let half = self.options.deadline.div_f32(2.0);
        let mut purged = 0_usize;
        while purged < limit && begun.elapsed() < half {
            let batch_begun = Instant::now();
            let batch = limit.saturating_sub(purged).min(BATCH);
            let parameters: [Parameter<'_>; 2] =
                [(&seconds(before), Type::INT8), (&page(batch), Type::INT8)];
            let rows = self.call(&self.statements.purge, &parameters).await?;
            let deleted = usize::try_from(only::<i64>(&rows)?).unwrap_or(0);
            purged = purged.saturating_add(deleted);
            if deleted < batch || purged >= limit {
                break;
            }
            sleep(batch_begun.elapsed().min(half.saturating_sub(begun.elapsed()))).await;
        }
        Ok(purged)
    }

    pub(super) async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, Failure> {
        // One more tells whether there is more.
        let most = page(limit);
        let parameters: [Parameter<'_>; 5] = [
            (&&token[..], Type::BYTEA),
            (&most.saturating_add(1), Type::INT8),
            (&seconds(now), Type::INT8),
            (&seconds(until), Type::INT8),
            (&seconds(latest_lease(now)), Type::INT8),
        ];
        let answer = self.call(&self.statements.lease, &parameters).await?;
        let mut entries: Vec<Entry> = Vec::with_capacity(answer.len());
        let (mut next, mut last) = (None, None);
        for (row, left) in answer.iter().zip((0..=most).rev()) {
            if left == 0 {
                next = last;
                break;
            }
            let mut columns = Columns::of(row);
            let sequence = columns.take()?;
            let entry = columns.entry()?;
            last = Some(cursor_at_entry(entry.id.place.lane, sequence));
            entries.push(entry);
        }
        let lane = entries.first().map(|entry| entry.id.place.lane);
        Ok(lane.map(|lane| Lease { lane, token: *token, until, entries, next }))
    }

    pub(super) async fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let done = || done.iter().filter(|id| id.place.lane == lease.lane);
        let owners: Vec<&[u8]> = done().map(|id| &id.place.owner[..]).collect();
        let ids: Vec<&[u8]> = done().map(|id| &id.place.id[..]).collect();
        let created: Vec<i64> = done().map(|id| seconds(id.created)).collect();
        let versions: Vec<i64> = done().map(|id| rows::version(id.version)).collect();
        let indexes: Vec<i32> = done().map(|id| i32::from(id.index)).collect();
        let parameters: [Parameter<'_>; 8] = [
            (&i16::from(lease.lane), Type::INT2),
            (&&lease.token[..], Type::BYTEA),
            (&seconds(now), Type::INT8),
            (&owners, Type::BYTEA_ARRAY),
            (&ids, Type::BYTEA_ARRAY),
            (&created, Type::INT8_ARRAY),
            (&versions, Type::INT8_ARRAY),
            (&indexes, Type::INT4_ARRAY),
        ];
        let rows = self.call(&self.statements.acknowledge, &parameters).await?;
        only(&rows)
    }

    pub(super) async fn release(&self, lease: &Lease) -> Result<(), Failure> {
        let parameters: [Parameter<'_>; 2] =
            [(&i16::from(lease.lane), Type::INT2), (&&lease.token[..], Type::BYTEA)];
        self.call(&self.statements.release, &parameters).await?;
        Ok(())
    }

    pub(super) async fn backlog(&self) -> Result<Backlog, Failure> {
        let answer = self.call(&self.statements.backlog, &[]).await?;
        let mut columns = Columns::of(answer.first().ok_or(Failure::Foreign("no row"))?);
        let foreign = |_| Failure::Foreign("a count");
        Ok(Backlog {
            entries: u64::try_from(columns.take::<i64>()?).map_err(foreign)?,
            lanes: u16::try_from(columns.take::<i32>()?).map_err(foreign)?,
        })
    }

    pub(super) async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, Failure> {
        let (lane, sequence) = after.map(entry_after).transpose()?.unwrap_or((-1, 0));
        let parameters: [Parameter<'_>; 3] =
            [(&lane, Type::INT2), (&sequence, Type::INT8), (&page(limit), Type::INT8)];
        let answer = self.call(&self.statements.entries, &parameters).await?;
        let mut rows = Vec::with_capacity(answer.len());
        let mut last = None;
        for row in &answer {
            let mut columns = Columns::of(row);
            let sequence = columns.take()?;
            let entry = columns.entry()?;
            last = Some(cursor_at_entry(entry.id.place.lane, sequence));
            rows.push(entry);
        }
        let next = last.filter(|_| is_whole(rows.len(), limit));
        Ok(Listed { rows, next })
    }

    /// How many entries may wait in a lane; `None` for any number.
    fn room(&self, news: News<'_>) -> Option<i64> {
        let bound = self.options.entries_per_lane?;
        let kept = if news.reserve { bound / 8 } else { 0 };
        i64::try_from(bound.saturating_add(kept)).ok()
    }
}
