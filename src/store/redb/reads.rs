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

/// `None` if the owner's index is damaged: see [`mend`](super::writes::Tables::mend).
pub(super) fn list(
    tx: &ReadTransaction,
    lane: u8,
    owner: &[u8; 16],
    range: Range,
    now: Timestamp,
) -> Done<Option<Listed<(Place, Record), Position>>> {
    match range.which {
        Which::All => {
            let all = tx.open_table(rows::ALL)?;
            let of = [&[lane][..], owner].concat();
            let newest = match range.after {
                Some(after) => rows::list_key(lane, owner, &after),
                None => newest(lane, owner),
            };
            let last = match range.after {
                Some(_) => Bound::Excluded(newest.as_slice()),
                None => Bound::Included(newest.as_slice()),
            };
            let bounds = (Bound::Included(of.as_slice()), last);
            let positions = all.range::<&[u8]>(bounds)?.rev();
            let positions = positions.map(|row| Ok(rows::position(row?.0.value())));
            part_of(tx, lane, owner, positions, range.limit, now)
        }
        Which::Live => {
            let Some(positions) = live(tx, lane, owner, range.after, now)? else { return Ok(None) };
            let positions = positions.into_iter().map(|position| Ok(Some(position)));
            part_of(tx, lane, owner, positions, range.limit, now)
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
) -> Done<Option<Vec<Position>>> {
    let live = tx.open_table(rows::LIVE)?;
    // A key that was cut stands before what has lapsed.
    if let Some(row) = rows::of_owner(&live, lane, owner)?.next()
        && rows::live_position(row?.0.value()).is_none()
    {
        return Ok(None);
    }
    let [first, last] = rows::live_at(lane, owner, now);
    let mut positions = Vec::new();
    for row in live.range::<&[u8]>(first.as_slice()..=last.as_slice())? {
        let Some(position) = rows::live_position(row?.0.value()) else { return Ok(None) };
        if after.is_none_or(|after| position < after) {
            positions.push(position);
        }
    }
    positions.sort_unstable_by_key(|position| Reverse(*position));
    Ok(Some(positions))
}

/// At most `limit` of these of the owner's records.
fn part_of(
    tx: &ReadTransaction,
    lane: u8,
    owner: &[u8; 16],
    of: impl Iterator<Item = Done<Option<Position>>>,
    limit: usize,
    now: Timestamp,
) -> Done<Option<Listed<(Place, Record), Position>>> {
    let records = tx.open_table(rows::RECORDS)?;
    let (mut found, mut passed, mut next) = (Vec::new(), 0_usize, None);
    for position in of {
        if found.len() >= limit.max(1) || passed >= PASSED_OVER {
            return Ok(Some(Listed { rows: found, next }));
        }
        let Some(position) = position? else { return Ok(None) };
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
    Ok(Some(Listed { rows: found, next: None }))
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
    part(&records, rows::RECORD_KEY, after, limit, |key, row| {
        // What stands under a damaged key is nobody's: it is found nowhere, and opens nowhere.
        let Some(at) = rows::place(key) else { return Ok(None) };
        let created = || rows::created(&tx.open_table(rows::ALL)?, &at);
        Ok(Some((at, rows::record(row, created)?)))
    })
}

pub(super) fn entries(
    tx: &ReadTransaction,
    after: Option<&ScanCursor>,
    limit: usize,
) -> Done<Listed<Entry, ScanCursor>> {
    let outbox = tx.open_table(rows::OUTBOX)?;
    part(&outbox, rows::ENTRY_KEY, after, limit, |key, row| Ok(Some(rows::entry(key, row))))
}

/// A part of a table, in the order of its keys, of which the last one is the cursor. No damaged key is one: what stands
/// under such keys goes with what follows.
fn part<R>(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    length: usize,
    after: Option<&ScanCursor>,
    limit: usize,
    read: impl Fn(&[u8], &[u8]) -> Done<Option<R>>,
) -> Done<Listed<R, ScanCursor>> {
    let first = after.map_or(Bound::Unbounded, |cursor| Bound::Excluded(cursor.0.as_slice()));
    let (mut found, mut whole, mut next) = (Vec::new(), 0_usize, None);
    for row in table.range::<&[u8]>((first, Bound::Unbounded))? {
        if whole >= limit.max(1) {
            return Ok(Listed { rows: found, next: next.map(ScanCursor) });
        }
        let (key, row) = row?;
        found.extend(read(key.value(), row.value())?);
        if key.value().len() == length {
            whole = whole.saturating_add(1);
            next = Some(key.value().to_vec());
        }
    }
    Ok(Listed { rows: found, next: None })
}

pub(super) fn backlog(tx: &ReadTransaction) -> Done<Backlog> {
    let outbox = tx.open_table(rows::OUTBOX)?;
    let lanes = u16::try_from(rows::lanes(&outbox)?.len()).unwrap_or(u16::MAX);
    Ok(Backlog { entries: outbox.len()?, lanes })
}
