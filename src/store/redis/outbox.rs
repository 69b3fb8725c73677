//! The outbox: leasing a lane, acknowledging, counting and reading entries.

use core::sync::atomic::Ordering;
use std::time::Instant;

use ::redis::{Value, cmd};

use crate::store::redis::RedisStore;
use crate::store::redis::answer::{self, Parts};
use crate::store::redis::keys::{self, LaneKeys};
use crate::store::redis::link::foreign;
use crate::store::{
    Backlog, Entry, EntryId, Lease, Listed, ScanCursor, StoreError, is_leased, latest_lease,
};
use crate::values::time::Timestamp;

/// The length of an entry's name in a cursor.
const NAME: usize = 50;

/// The keys that the script of leases takes of each lane.
fn leased_keys(keys: &LaneKeys) -> [&[u8]; 3] {
    [keys.lease.as_bytes(), keys.queue.as_bytes(), keys.bodies.as_bytes()]
}

fn counted(keys: &LaneKeys) -> ::redis::Cmd {
    let mut count = cmd("LLEN");
    count.arg(&keys.queue);
    count
}

impl RedisStore {
    /// On one server, one script looks at all lanes. In a cluster they stand apart, so that the script is
    /// asked of one lane, which looked free.
    pub(super) async fn lease_lane(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let end = self.end();
        let turn = self.0.turn.load(Ordering::Relaxed);
        let mut order: Vec<u8> = (0..=u8::MAX).map(|step| turn.wrapping_add(step)).collect();
        let tries = if self.0.link.is_cluster() {
            let free = self.free_lanes(end, now).await?;
            order.retain(|lane| free.contains(lane));
            order.chunks(1).map(<[u8]>::to_vec).collect()
        } else {
            vec![order]
        };
        let held = [&token[..], &until.unix().to_be_bytes()].concat();
        let latest = latest_lease(now).unix().to_string();
        let (now, limit) = (now.unix().to_string(), limit.to_string());
        let args: [&[u8]; 4] = [&held, now.as_bytes(), limit.as_bytes(), latest.as_bytes()];
        for lanes in tries {
            let keys: Result<Vec<_>, _> = lanes.iter().map(|lane| self.lane(*lane)).collect();
            let keys = keys?;
            let names: Vec<&[u8]> = keys.iter().flat_map(|keys| leased_keys(keys)).collect();
            let first = keys.first().ok_or_else(foreign)?;
            let leased = self.run(end, &self.0.scripts.lease, first, &names, &args).await?;
            if leased == Value::Nil {
                continue;
            }
            let mut parts = Parts::of(leased)?;
            let step = usize::try_from(parts.count()?).map_err(|_| foreign())?;
            let lane = *lanes.get(step).ok_or_else(foreign)?;
            let more = parts.flag()?;
            let entries = parts.pairs(|name, body| entry(lane, name, body))?;
            let last = entries.last().filter(|_| more).map(|last| keys::entry_bytes(&last.id));
            let next = last.map(|last| keys::cursor(lane, &last));
            // The next search begins behind this lane.
            self.0.turn.store(lane.wrapping_add(1), Ordering::Relaxed);
            return Ok(Some(Lease { lane, token: *token, until, entries, next }));
        }
        Ok(None)
    }

    /// The lanes that have entries and are leased by nobody, as far as one look can tell.
    async fn free_lanes(&self, end: Instant, now: Timestamp) -> Result<Vec<u8>, StoreError> {
        let with_entries = self.lanes_with(end, 0, counted).await?;
        let mut asked = Vec::with_capacity(with_entries.len());
        for (lane, _) in &with_entries {
            let keys = self.lane(*lane)?;
            let mut get = cmd("GET");
            get.arg(&keys.lease);
            asked.push((keys.rows.clone(), get));
        }
        let held = self.before(end, self.0.link.send_many(asked)).await?;
        let mut free = Vec::with_capacity(with_entries.len());
        for ((lane, _), held) in with_entries.iter().zip(held) {
            let until = answer::bytes(held)?.as_deref().and_then(lease_end);
            if !until.is_some_and(|until| is_leased(until, now)) {
                free.push(*lane);
            }
        }
        Ok(free)
    }

    pub(super) async fn delete_entries(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let keys = self.lane(lease.lane)?;
        let now = now.unix().to_string();
        let of_lane = done.iter().filter(|id| id.place.lane == lease.lane);
        let names: Vec<_> = of_lane.map(keys::entry_bytes).collect();
        let mut args: Vec<&[u8]> = vec![&lease.token, now.as_bytes()];
        args.extend(names.iter().map(Vec::as_slice));
        let acknowledge = &self.0.scripts.acknowledge;
        let held = self.run(self.end(), acknowledge, keys, &leased_keys(keys), &args).await?;
        Ok(answer::count(&held)? == 1)
    }

    pub(super) async fn end_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        let keys = self.lane(lease.lane)?;
        let (name, args): ([&[u8]; 1], [&[u8]; 1]) = ([keys.lease.as_bytes()], [&lease.token]);
        self.run(self.end(), &self.0.scripts.release, keys, &name, &args).await.map(|_| ())
    }

    pub(super) async fn count_entries(&self) -> Result<Backlog, StoreError> {
        let mut backlog = Backlog::default();
        for (_, entries) in self.lanes_with(self.end(), 0, counted).await? {
            backlog.entries = backlog.entries.saturating_add(entries);
            backlog.lanes = backlog.lanes.saturating_add(1);
        }
        Ok(backlog)
    }

    pub(super) async fn scan_entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        let end = self.end();
        let after = after.map(|cursor| keys::after(cursor, NAME).ok_or_else(foreign));
        let (first, behind) = after.transpose()?.unwrap_or_default();
        let mut rows = Vec::new();
        for (lane, _) in self.lanes_with(end, first, counted).await? {
            if rows.len() >= limit || (self.is_late(end) && !rows.is_empty()) {
                return Ok(Listed { rows, next: Some(keys::cursor(lane, &[])) });
            }
            let keys = self.lane(lane)?;
            let behind = if lane == first { behind } else { &[] };
            let left = limit.saturating_sub(rows.len()).to_string();
            let args: [&[u8]; 2] = [behind, left.as_bytes()];
            let names: [&[u8]; 2] = [keys.queue.as_bytes(), keys.bodies.as_bytes()];
            let entries = &self.0.scripts.entries;
            let mut parts = Parts::of(self.run(end, entries, keys, &names, &args).await?)?;
            let more = parts.flag()?;
            rows.extend(parts.pairs(|name, body| entry(lane, name, body))?);
            if more {
                let last = rows.last().map(|last: &Entry| keys::entry_bytes(&last.id));
                let last = last.ok_or_else(foreign)?;
                return Ok(Listed { rows, next: Some(keys::cursor(lane, &last)) });
            }
        }
        Ok(Listed { rows, next: None })
    }
}

fn entry(lane: u8, name: &[u8], body: Vec<u8>) -> Option<Entry> {
    Some(Entry { id: keys::entry_id(lane, name)?, sealed: body.into() })
}

/// When a lease ends: behind its token.
fn lease_end(held: &[u8]) -> Option<Timestamp> {
    let (_, until) = held.split_first_chunk::<16>()?;
    Some(Timestamp::from_unix(u64::from_be_bytes(until.try_into().ok()?)))
}
