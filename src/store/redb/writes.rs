//! The writes, each within a transaction that it may share with others. A write that refuses changes
//! nothing, so that the others can go on.

use std::collections::BTreeSet;
use std::sync::Arc;

use ::redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};

use super::rows::{self, Done};
use crate::store::{
    Entry, EntryId, Expected, Head, Lease, Place, Position, Put, Record, ScanCursor, is_leased,
};
use crate::values::time::Timestamp;

type Rows<'t> = Table<'t, &'static [u8], &'static [u8]>;
type Index<'t> = Table<'t, &'static [u8], ()>;

/// A put, by value, as it waits for its transaction.
pub(super) struct NewRow {
    pub(super) at: Place,
    pub(super) expected: Expected,
    pub(super) new: Record,
    pub(super) news: Vec<Arc<[u8]>>,
    pub(super) reserve: bool,
    pub(super) now: Timestamp,
}

/// What a part of a purge came to.
pub(super) struct Purged {
    pub(super) deleted: usize,
    /// Whether more records may be due.
    pub(super) more: bool,
}

/// What stands at a place.
enum Held {
    Whole(Head),
    /// A row that is too short to have a head.
    Cut,
}

impl Held {
    fn head(&self) -> Head {
        match self {
            Self::Whole(head) => *head,
            Self::Cut => rows::no_head(Timestamp::EPOCH),
        }
    }
}

/// All tables, open for one transaction.
pub(super) struct Tables<'t> {
    pub(super) records: Rows<'t>,
    pub(super) all: Index<'t>,
    pub(super) live: Index<'t>,
    pub(super) due: Index<'t>,
    outbox: Rows<'t>,
    leases: Rows<'t>,
    /// How many entries the outbox may hold.
    bound: u64,
    /// At which lane the search for one to lease begins.
    turn: u8,
    /// Whether there is anything to commit.
    pub(super) changed: bool,
}

impl<'t> Tables<'t> {
    pub(super) fn open(tx: &'t WriteTransaction, bound: u64, turn: u8) -> Done<Self> {
        Ok(Self {
            records: tx.open_table(rows::RECORDS)?,
            all: tx.open_table(rows::ALL)?,
            live: tx.open_table(rows::LIVE)?,
            due: tx.open_table(rows::DUE)?,
            outbox: tx.open_table(rows::OUTBOX)?,
            leases: tx.open_table(rows::LEASES)?,
            bound,
            turn,
            changed: false,
        })
    }

    /// Whether there is anything to commit, and where the next search for a lane begins.
    pub(super) fn close(self) -> (bool, u8) {
        (self.changed, self.turn)
    }

    fn held(&self, key: &[u8]) -> Done<Option<Held>> {
        let row = self.records.get(key)?;
        Ok(row.map(|row| rows::head(row.value()).map_or(Held::Cut, Held::Whole)))
    }

    /// `None`: the outbox is full.
    pub(super) fn put(&mut self, row: &NewRow) -> Done<Option<Put>> {
        let key = rows::record_key(&row.at);
        let held = self.held(&key)?;
        let stands = held.as_ref().map(Held::head);
        let retained = stands.filter(|head| row.now < head.retain_until).map(|head| head.version);
        let stands = match row.expected {
            Expected::Absent => retained.is_none(),
            Expected::Head(head) => retained == Some(head.version),
        };
        if !stands {
            return Ok(Some(Put::Conflict));
        }
        if !self.has_room(row)? {
            return Ok(None);
        }
        let sequence = self.next_sequence(row)?;
        self.changed = true;
        self.file(&row.at, held.as_ref(), Some(&row.new.head))?;
        self.records.insert(key.as_slice(), rows::record_row(&row.new).as_slice())?;
        self.tell(row, sequence)?;
        Ok(Some(Put::Stored))
    }

    fn has_room(&self, row: &NewRow) -> Done<bool> {
        if row.news.is_empty() {
            return Ok(true);
        }
        let kept = if row.reserve { self.bound / 8 } else { 0 };
        let more = u64::try_from(row.news.len()).unwrap_or(u64::MAX);
        let waiting = self.outbox.len()?;
        Ok(waiting.saturating_add(more) <= self.bound.saturating_add(kept))
    }

    fn tell(&mut self, row: &NewRow, mut sequence: u64) -> Done<()> {
        let lane = row.at.lane;
        let Head { version, created, .. } = row.new.head;
        for (index, sealed) in (0..).zip(&row.news) {
            let id = EntryId { place: row.at, created, version, index };
            let key = rows::entry_key(lane, sequence);
            self.outbox.insert(key.as_slice(), rows::entry_row(&id, sealed).as_slice())?;
            sequence = sequence.saturating_add(1);
        }
        Ok(())
    }

    /// The number of the first entry that is added.
    fn next_sequence(&self, row: &NewRow) -> Done<u64> {
        if row.news.is_empty() {
            return Ok(0);
        }
        for row in rows::of_lane(&self.outbox, row.at.lane)?.rev() {
            if let Some(last) = rows::sequence(row?.0.value()) {
                return Ok(last.saturating_add(1));
            }
        }
        Ok(0)
    }

    /// Files a record under its new head, and no longer under the one before.
    fn file(&mut self, at: &Place, before: Option<&Held>, after: Option<&Head>) -> Done<()> {
        let before = match before {
            Some(Held::Whole(head)) => Some(head),
            Some(Held::Cut) => {
                // When it is due stays on file: purging looks at what stands there.
                for index in [&mut self.all, &mut self.live] {
                    for key in rows::filed(index, at)? {
                        index.remove(key.as_slice())?;
                    }
                }
                None
            }
            None => None,
        };
        let listed = |head: &Head| {
            rows::list_key(at.lane, &at.owner, &Position { created: head.created, id: at.id })
        };
        let live = |head: &Head| rows::live_key(at, head);
        let due = |head: &Head| rows::due_key(head.retain_until, at);
        refile(&mut self.all, before.map(listed), after.map(listed))?;
        refile(&mut self.live, before.and_then(live), after.and_then(live))?;
        refile(&mut self.due, before.map(due), after.map(due))
    }

    pub(super) fn delete(&mut self, at: &Place, expected: &Head) -> Done<Put> {
        let key = rows::record_key(at);
        let held = self.held(&key)?;
        let Some(held) = held.filter(|held| held.head().version == expected.version) else {
            return Ok(Put::Conflict);
        };
        self.changed = true;
        self.file(at, Some(&held), None)?;
        self.records.remove(key.as_slice())?;
        Ok(Put::Stored)
    }

    /// Looks at `limit` records that are due.
    pub(super) fn purge(&mut self, before: Timestamp, limit: usize) -> Done<Purged> {
        let end = rows::not_due(before);
        let mut due = Vec::new();
        for row in self.due.range::<&[u8]>(..end.as_slice())?.take(limit) {
            due.push(row?.0.value().to_vec());
        }
        let mut purged = Purged { deleted: 0, more: due.len() >= limit };
        for filed in &due {
            self.changed = true;
            self.due.remove(filed.as_slice())?;
            if let Some(behind) = rows::to_file_behind(filed) {
                purged.more |= self.file_due(behind)?;
                continue;
            }
            let Some(at) = rows::due_place(filed) else { continue };
            let key = rows::record_key(&at);
            let Some(held) = self.held(&key)? else { continue };
            match &held {
                // The row itself says until when it is retained: it may have been written over one that was cut.
                Held::Whole(head) if before < head.retain_until => {
                    self.due.insert(rows::due_key(head.retain_until, &at).as_slice(), ())?;
                    continue;
                }
                Held::Whole(_) | Held::Cut => {}
            }
            self.file(&at, Some(&held), None)?;
            self.records.remove(key.as_slice())?;
            purged.deleted = purged.deleted.saturating_add(1);
        }
        Ok(purged)
    }

    pub(super) fn lease(
        &mut self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Done<Option<Lease>> {
        let lanes = rows::lanes(&self.outbox)?;
        let (earlier, later): (Vec<u8>, Vec<u8>) =
            lanes.into_iter().partition(|lane| *lane < self.turn);
        for lane in later.into_iter().chain(earlier) {
            if self.leased(lane)?.is_some_and(|(_, until)| is_leased(until, now)) {
                continue;
            }
            self.turn = lane.wrapping_add(1);
            let (entries, next) = self.oldest(lane, limit)?;
            let row = rows::lease_row(token, until);
            self.leases.insert([lane].as_slice(), row.as_slice())?;
            self.changed = true;
            return Ok(Some(Lease { lane, token: *token, until, entries, next }));
        }
        Ok(None)
    }

    fn leased(&self, lane: u8) -> Done<Option<([u8; 16], Timestamp)>> {
        Ok(self.leases.get([lane].as_slice())?.and_then(|row| rows::lease(row.value())))
    }

    /// The oldest entries of a lane, and behind which to read on if there are more. As in a scan, no damaged key is where
    /// one reads on.
    fn oldest(&self, lane: u8, limit: usize) -> Done<(Vec<Entry>, Option<ScanCursor>)> {
        let (mut entries, mut whole, mut read) = (Vec::new(), 0_usize, None);
        for row in rows::of_lane(&self.outbox, lane)? {
            if whole >= limit {
                return Ok((entries, read.map(ScanCursor)));
            }
            let (key, row) = row?;
            entries.push(rows::entry(key.value(), row.value()));
            if key.value().len() == rows::ENTRY_KEY {
                whole = whole.saturating_add(1);
                read = Some(key.value().to_vec());
            }
        }
        Ok((entries, None))
    }

    pub(super) fn acknowledge(
        &mut self,
        lane: u8,
        token: &[u8; 16],
        done: &[EntryId],
        now: Timestamp,
    ) -> Done<bool> {
        if !self.leased(lane)?.is_some_and(|(holder, until)| holder == *token && now < until) {
            return Ok(false);
        }
        // They are the lane's oldest, so they are met first. The whole lane is gone through only if one
        // of them was deleted before.
        let mut open: BTreeSet<&EntryId> = done.iter().collect();
        let mut found = Vec::new();
        let mut range = rows::of_lane(&self.outbox, lane)?;
        while !open.is_empty()
            && let Some(row) = range.next()
        {
            let (key, row) = row?;
            if open.remove(&rows::entry(key.value(), row.value()).id) {
                found.push(key.value().to_vec());
            }
        }
        drop(range);
        for key in &found {
            self.outbox.remove(key.as_slice())?;
            self.changed = true;
        }
        Ok(true)
    }

    pub(super) fn release(&mut self, lane: u8, token: &[u8; 16]) -> Done<()> {
        if self.leased(lane)?.is_some_and(|(holder, _)| holder == *token) {
            self.leases.remove([lane].as_slice())?;
            self.changed = true;
        }
        Ok(())
    }
}

fn refile(index: &mut Index<'_>, before: Option<Vec<u8>>, after: Option<Vec<u8>>) -> Done<()> {
    if before == after {
        return Ok(());
    }
    if let Some(before) = before {
        index.remove(before.as_slice())?;
    }
    if let Some(after) = after {
        index.insert(after.as_slice(), ())?;
    }
    Ok(())
}
