//! The reads, each within a read transaction of its own: what was committed when it began.

use core::cmp::Reverse;
use core::ops::Bound;

use ::redb::{ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::rows::{self, Done};
use crate::store::{Backlog, Entry, Listed, Place, Position, Range, Record, ScanCursor, Which};
use crate::values::time::Timestamp;

/// How many rows that are no longer retained one listing passes over before it ends its part.
const PASSED_OVER: usize = 1000;

pub(super) fn load(tx: &ReadTransaction, at: &Place, now: Timestamp) -> Done<Option<Record>> {
    let records = tx.open_table(rows::RECORDS)?;
    let Some(row) = records.get(rows::record_key(at).as_slice())? else { return Ok(None) };
    let record = rows::record(row.value(), || rows::created(&tx.open_table(rows::ALL)?, at))?;
    Ok(Some(record).filter(|record| now < record.head.retain_until))
}

pub(super) fn list(
    tx: &ReadTransaction,
    lane: u8,
    owner: &[u8; 16],
    range: Range,
    now: Timestamp,
) -> Done<Listed<(Place, Record), Position>> {
    match range.which {
        Which::All => {
            let all = tx.open_table(rows::ALL)?;
            let key = |at: Position| rows::list_key(lane, owner, &at);
            let oldest = key(Position { created: Timestamp::EPOCH, id: [0; 16] });
            let newest = range.after.map_or_else(|| newest(lane, owner), key);
            let last = match range.after {
                Some(_) => Bound::Excluded(newest.as_slice()),
                None => Bound::Included(newest.as_slice()),
            };
            // From behind the last position on there is nothing, and a range of that would be none.
            if newest <= oldest {
                return Ok(Listed { rows: Vec::new(), next: None });
            }
            let bounds = (Bound::Included(oldest.as_slice()), last);
            let positions = all.range::<&[u8]>(bounds)?.rev();
            let positions = positions.map(|row| rows::position(row?.0.value()));
            part_of(tx, lane, owner, positions, range.limit, now)
        }
        Which::Live => {
            let positions = live(tx, lane, owner, range.after, now)?;
            part_of(tx, lane, owner, positions.into_iter().map(Ok), range.limit, now)
        }
    }
}

/// The positions of an owner's records that are live at `now`, the newest first: what has lapsed is not looked at.
fn live(
    tx: &ReadTransaction,
    lane: u8,
    owner: &[u8; 16],
    after: Option<Position>,
    now: Timestamp,
) -> Done<Vec<Position>> {
    let [first, last] = rows::live_at(lane, owner, now);
    let mut positions = Vec::new();
    for row in tx.open_table(rows::LIVE)?.range::<&[u8]>(first.as_slice()..=last.as_slice())? {
        let position = rows::live_position(row?.0.value())?;
        if after.is_none_or(|after| position < after) {
            positions.push(position);
        }
    }
    positions.sort_unstable_by_key(|position| Reverse(*position));
    Ok(positions)
}

/// At most `limit` of these of the owner's records.
fn part_of(
    tx: &ReadTransaction,
    lane: u8,
    owner: &[u8; 16],
    of: impl Iterator<Item = Done<Position>>,
    limit: usize,
    now: Timestamp,
) -> Done<Listed<(Place, Record), Position>> {
    let records = tx.open_table(rows::RECORDS)?;
    let (mut found, mut passed, mut next) = (Vec::new(), 0_usize, None);
    for position in of {
        if found.len() >= limit.max(1) || passed >= PASSED_OVER {
            return Ok(Listed { rows: found, next });
        }
        let position = position?;
        next = Some(position);
        let at = Place { lane, owner: *owner, id: position.id };
        let row = records.get(rows::record_key(&at).as_slice())?;
        let record =
            row.map(|row| rows::record(row.value(), || Ok(position.created))).transpose()?;
        match record.filter(|record| now < record.head.retain_until) {
            Some(record) => found.push((at, record)),
            None => passed = passed.saturating_add(1),
        }
    }
    Ok(Listed { rows: found, next: None })
}

/// Behind every position of the owner's.
fn newest(lane: u8, owner: &[u8; 16]) -> Vec<u8> {
    [&[lane][..], owner, &[u8::MAX; 24]].concat()
}

pub(super) fn scan(
    tx: &ReadTransaction,
    after: Option<&ScanCursor>,
    limit: usize,
) -> Done<Listed<(Place, Record), ScanCursor>> {
    let records = tx.open_table(rows::RECORDS)?;
    part(&records, after, limit, |key, row| {
        let at = rows::place(key)?;
        let created = || rows::created(&tx.open_table(rows::ALL)?, &at);
        Ok((at, rows::record(row, created)?))
    })
}

pub(super) fn entries(
    tx: &ReadTransaction,
    after: Option<&ScanCursor>,
    limit: usize,
) -> Done<Listed<Entry, ScanCursor>> {
    let outbox = tx.open_table(rows::OUTBOX)?;
    part(&outbox, after, limit, |key, row| {
        let (lane, sequence) = rows::sequence(key)?;
        Ok(rows::entry(lane, sequence, row))
    })
}

/// A part of a table, in the order of its keys, of which the last one is the cursor.
fn part<R>(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    after: Option<&ScanCursor>,
    limit: usize,
    read: impl Fn(&[u8], &[u8]) -> Done<R>,
) -> Done<Listed<R, ScanCursor>> {
    let first = after.map_or(Bound::Unbounded, |cursor| Bound::Excluded(cursor.0.as_slice()));
    let (mut found, mut next) = (Vec::new(), None);
    for row in table.range::<&[u8]>((first, Bound::Unbounded))? {
        if found.len() >= limit.max(1) {
            return Ok(Listed { rows: found, next: next.map(ScanCursor) });
        }
        let (key, row) = row?;
        found.push(read(key.value(), row.value())?);
        next = Some(key.value().to_vec());
    }
    Ok(Listed { rows: found, next: None })
}

pub(super) fn backlog(tx: &ReadTransaction) -> Done<Backlog> {
    let outbox = tx.open_table(rows::OUTBOX)?;
    let lanes = u16::try_from(rows::lanes(&outbox)?.len()).unwrap_or(u16::MAX);
    Ok(Backlog { entries: outbox.len()?, lanes })
}
