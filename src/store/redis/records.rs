//! The calls of the store: records here, the outbox by way of its own file.

use std::time::{Duration, Instant};

use ::redis::cmd;
use tokio::time::sleep;

use crate::store::redis::answer::{self, Parts};
use crate::store::redis::beside::{Call, side_by_side};
use crate::store::redis::link::foreign;
use crate::store::redis::{RedisStore, keys};
use crate::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError, Which,
};
use crate::values::time::Timestamp;

/// How many rows one script deletes, in some thirty microseconds: it keeps every other call waiting meanwhile.
const PURGED_AT_ONCE: usize = 4;
/// How many rows one script reads at most.
const READ_AT_ONCE: usize = 1000;
/// The length of an index entry: owner, `created`, id.
const INDEXED: usize = 40;

impl RedisStore {
    /// Whether a call of many round trips should rather give what it has than go on: half of its time is
    /// over.
    pub(super) fn is_late(&self, end: Instant) -> bool {
        self.until_late(end).is_zero()
    }

    /// How long it may go on.
    fn until_late(&self, end: Instant) -> Duration {
        end.saturating_duration_since(Instant::now()).saturating_sub(self.0.late)
    }

    fn bound(&self, news: &News<'_>) -> u64 {
        let bound = u64::from(self.0.options.outbox_per_lane);
        let kept = if news.reserve { bound / 8 } else { 0 };
        bound.saturating_add(kept)
    }
}

impl Store for RedisStore {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let lane = self.lane(at.lane)?;
        // A replica refuses what could write, and this changes nothing. One may stand at the address since the connection
        // was made anew, and answer what was so once.
        let mut get = cmd("GETEX");
        get.arg(lane.row(at)).arg("PERSIST");
        let answer = self.before(self.end(), self.0.link.send(&get, &lane.rows)).await?;
        let record = answer::bytes(answer)?.map(|row| keys::record(&row, Timestamp::EPOCH));
        Ok(record.filter(|record| now < record.head.retain_until))
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let lane = self.lane(at.lane)?;
        let row = keys::row(new, self.next_call());
        let head = match expected {
            Expected::Absent => None,
            Expected::Head(head) => Some(head),
        };
        let bound = self.bound(&news).to_string();
        let names: Vec<_> = (0..)
            .zip(news.entries)
            .map(|(index, _)| {
                let Head { version, created, .. } = new.head;
                keys::entry_bytes(&EntryId { place: *at, created, version, index })
            })
            .collect();
        let told =
            || names.iter().zip(news.entries).flat_map(|(name, sealed)| [&name[..], &sealed[..]]);
        let key = lane.row(at);
        let (queue, bodies) = (lane.queue.as_bytes(), lane.bodies.as_bytes());
        let end = self.end();
        let reserve: &[u8] = if news.reserve { b"1" } else { b"" };
        // No other row that has this version ever stood there, so the head says what the script would have to look for.
        let stays = |head: &Head| {
            head.version != keys::CUT && now < head.retain_until && is_filed_alike(head, &new.head)
        };
        let put = if let Some(head) = head.filter(stays) {
            let head = keys::head_bytes(&head);
            let (mut keys, mut args) = (vec![&key[..]], vec![&row[..], &head[..], reserve]);
            if !names.is_empty() {
                keys.extend([queue, bodies]);
                args.push(bound.as_bytes());
                args.extend(told());
            }
            self.run(end, &self.0.scripts.again, lane, &keys, &args).await?
        } else {
            // The row opens with its head, so the script sees what changes in the indexes by itself.
            let version = head.map(|head| head.version.to_be_bytes());
            let version = version.as_ref().map_or(&[][..], |version| version);
            let (place, now) = (keys::place_bytes(at), now.unix().to_string());
            let mut args =
                vec![&row[..], version, now.as_bytes(), &place, reserve, bound.as_bytes()];
            args.extend(told());
            let indexes = [&lane.all, &lane.live, &lane.due].map(|key| key.as_bytes());
            let keys = [&[&key[..]], &indexes[..], &[queue, bodies]].concat();
            self.run(end, &self.0.scripts.put, lane, &keys, &args).await?
        };
        match answer::count(&put)? {
            0 => Ok(Put::Conflict),
            1 => Ok(Put::Stored),
            _ => Err(StoreError::Full),
        }
    }

    async fn delete(&self, at: &Place, expected: Head) -> Result<Put, StoreError> {
        let lane = self.lane(at.lane)?;
        let key = lane.row(at);
        let keys = [&key, lane.all.as_bytes(), lane.live.as_bytes(), lane.due.as_bytes()];
        let (version, place) = (expected.version.to_be_bytes(), keys::place_bytes(at));
        let args: [&[u8]; 2] = [&version, &place];
        let deleted = self.run(self.end(), &self.0.scripts.delete, lane, &keys, &args).await?;
        Ok(if answer::count(&deleted)? == 1 { Put::Stored } else { Put::Conflict })
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let keys = self.lane(lane)?;
        let limit = range.limit.clamp(1, READ_AT_ONCE).to_string();
        let (rows, seconds) = (keys.rows_of(owner), now.unix().to_string());
        let after = range.after.as_ref().map(keys::position_bytes);
        let (limit, seconds) = (limit.as_bytes(), seconds.as_bytes());
        let upper = match &after {
            Some(position) => [b"(", &owner[..], position].concat(),
            None => [b"[", &owner[..], &[0xFF; 24]].concat(),
        };
        // Shorter than any entry of the owner, so it stands before all of them.
        let lower = [b"[", &owner[..]].concat();
        let args: [&[u8]; 5] = [&rows, &upper, &lower, limit, seconds];
        let end = self.end();
        let listed = match range.which {
            Which::All => {
                let args = [&args[..], &[b""]].concat();
                self.run(end, &self.0.scripts.list, keys, &[keys.all.as_bytes()], &args).await?
            }
            Which::Live => {
                let lower = [b"(", &keys::lapsed(owner, now)[..]].concat();
                let upper = [b"[", &owner[..], &[0xFF; 32]].concat();
                let after = after.map(|position| [&owner[..], &[0; 8], &position].concat());
                let after = after.unwrap_or_default();
                let args = [&args[..], &[b"live", &lower, &upper, &after]].concat();
                let names = [keys.all.as_bytes(), keys.live.as_bytes()];
                self.run(end, &self.0.scripts.live, keys, &names, &args).await?
            }
        };
        let mut parts = Parts::of(listed)?;
        let (more, last) = (parts.flag()?, parts.bytes()?);
        let rows = parts.pairs(|position, row| {
            let Position { created, id } = keys::position(position)?;
            Some((Place { lane, owner: *owner, id }, keys::record(&row, created)))
        })?;
        let next = more.then(|| keys::position(&last).ok_or_else(foreign)).transpose()?;
        Ok(Listed { rows, next })
    }

    async fn list_each(
        &self,
        lane: u8,
        owners: &[[u8; 16]],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<Listed<(Place, Record), Position>>, StoreError> {
        let lists =
            owners.iter().map(|owner| Box::pin(self.list(lane, owner, range, now)) as Call<'_, _>);
        side_by_side(lists.collect()).await
    }

    async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<(Place, Record), ScanCursor>, StoreError> {
        let end = self.end();
        let after = after.map(|cursor| keys::after(cursor, INDEXED).ok_or_else(foreign));
        let (first, mut behind) = after.transpose()?.unwrap_or_default();
        let full = |keys: &keys::LaneKeys| counted("ZCARD", &keys.all);
        let mut rows = Vec::new();
        for (lane, _) in self.lanes_with(end, first, full).await? {
            if lane != first {
                behind = &[];
            }
            if rows.len() >= limit.max(1) || (self.is_late(end) && !rows.is_empty()) {
                return Ok(Listed { rows, next: Some(keys::cursor(lane, &[])) });
            }
            let keys = self.lane(lane)?;
            let lower = if behind.is_empty() { b"-".to_vec() } else { [b"(", behind].concat() };
            let left = limit.max(1).saturating_sub(rows.len()).min(READ_AT_ONCE).to_string();
            let args: [&[u8]; 3] = [keys.rows.as_bytes(), &lower, left.as_bytes()];
            let scan = &self.0.scripts.scan;
            let mut parts =
                Parts::of(self.run(end, scan, keys, &[keys.all.as_bytes()], &args).await?)?;
            let more = parts.flag()?;
            let found = parts.pairs(|member, row| {
                let (at, created) = keys::indexed(lane, member)?;
                Some((member.to_vec(), (at, keys::record(&row, created))))
            })?;
            let last = found.last().map(|(member, _)| keys::cursor(lane, member));
            rows.extend(found.into_iter().map(|(_, row)| row));
            if more {
                return Ok(Listed { rows, next: Some(last.ok_or_else(foreign)?) });
            }
        }
        Ok(Listed { rows, next: None })
    }

    async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let end = self.end();
        let before = before.unix().to_string();
        let due = |keys: &keys::LaneKeys| {
            let mut count = counted("ZCOUNT", &keys.due);
            count.arg("-inf").arg(&before);
            count
        };
        let mut purged = 0_usize;
        if limit == 0 {
            return Ok(purged);
        }
        let mut rest = Duration::ZERO;
        for (lane, _) in self.lanes_with(end, 0, due).await? {
            let keys = self.lane(lane)?;
            loop {
                let left = limit.saturating_sub(purged);
                if left == 0 {
                    return Ok(purged);
                }
                // Others have at least half of the server.
                sleep(rest.min(self.until_late(end))).await;
                // What was deleted is told, rather than an error: the next purge goes on.
                if self.is_late(end) && purged > 0 {
                    return Ok(purged);
                }
                let begun = Instant::now();
                let batch = left.min(PURGED_AT_ONCE);
                let batch_text = batch.to_string();
                let args: [&[u8]; 3] =
                    [keys.rows.as_bytes(), before.as_bytes(), batch_text.as_bytes()];
                let lane_keys = [keys.due.as_bytes(), keys.all.as_bytes(), keys.live.as_bytes()];
                let purge = &self.0.scripts.purge;
                let mut parts = Parts::of(self.run(end, purge, keys, &lane_keys, &args).await?)?;
                let (deleted, seen) = (parts.count()?, parts.count()?);
                let number = |count: u64| usize::try_from(count).map_err(|_| foreign());
                purged = purged.saturating_add(number(deleted)?);
                rest = begun.elapsed();
                if number(seen)? < batch {
                    break;
                }
            }
        }
        Ok(purged)
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        self.lease_lane(token, limit.min(READ_AT_ONCE), now, until).await
    }

    async fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.delete_entries(lease, done, now).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.end_lease(lease).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.count_entries().await
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        self.scan_entries(after, limit.clamp(1, READ_AT_ONCE)).await
    }
}

/// Whether the indexes say the same of both.
fn is_filed_alike(before: &Head, after: &Head) -> bool {
    before.created == after.created
        && before.retain_until == after.retain_until
        && before.live_until == after.live_until
}

/// A command that counts in one key.
pub(super) fn counted(command: &str, key: &str) -> ::redis::Cmd {
    let mut count = cmd(command);
    count.arg(key);
    count
}
