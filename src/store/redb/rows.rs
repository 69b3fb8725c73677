//! The tables of the file, and how keys and rows are written in them.

use std::sync::Arc;

use ::redb::{Error, ReadableTable, TableDefinition};

use crate::store::{Entry, EntryId, Head, Place, Position, Record};
use crate::values::time::Timestamp;

pub(super) type Rows = TableDefinition<'static, &'static [u8], &'static [u8]>;
pub(super) type Index = TableDefinition<'static, &'static [u8], ()>;

/// Records by place.
pub(super) const RECORDS: Rows = TableDefinition::new("records");
/// Every record once, by lane and owner, the oldest first.
pub(super) const ALL: Index = TableDefinition::new("all");
/// Those with something of a `live_until`.
pub(super) const LIVE: Index = TableDefinition::new("live");
/// Every record once, by the end of its retention.
pub(super) const DUE: Index = TableDefinition::new("due");
/// Entries of the outbox by lane, in the order of their writes.
pub(super) const OUTBOX: Rows = TableDefinition::new("outbox");
/// Who has leased a lane, and until when.
pub(super) const LEASES: Rows = TableDefinition::new("leases");
/// The file's format.
pub(super) const META: TableDefinition<'static, &'static str, u64> = TableDefinition::new("meta");
/// The one row of [`META`].
pub(super) const FORMAT_ROW: &str = "countersign store format";
/// The format that this version writes, and the latest that it reads.
pub(super) const FORMAT: u64 = 1;

pub(super) type Done<T> = Result<T, Error>;

const DAMAGED: &str = "a row of the store has another length than its table's";

fn damaged() -> Error {
    Error::Corrupted(DAMAGED.into())
}

/// Whether one row of ours is damaged, and not the file.
pub(super) fn is_of_one_row(error: &Error) -> bool {
    matches!(error, Error::Corrupted(text) if text == DAMAGED)
}

/// Takes the next `N` bytes of a row.
fn take<const N: usize>(row: &mut &[u8]) -> Done<[u8; N]> {
    let (taken, rest) = row.split_first_chunk::<N>().ok_or_else(damaged)?;
    *row = rest;
    Ok(*taken)
}

fn time(row: &mut &[u8]) -> Done<Timestamp> {
    Ok(Timestamp::from_unix(u64::from_be_bytes(take(row)?)))
}

fn bytes(at: Timestamp) -> [u8; 8] {
    at.unix().to_be_bytes()
}

pub(super) fn record_key(at: &Place) -> Vec<u8> {
    [&[at.lane][..], &at.owner, &at.id].concat()
}

pub(super) fn place(mut key: &[u8]) -> Done<Place> {
    let row = &mut key;
    let [lane] = take(row)?;
    Ok(Place { lane, owner: take(row)?, id: take(row)? })
}

pub(super) fn record_row(record: &Record) -> Vec<u8> {
    let Head { version, created, live_until, retain_until } = record.head;
    let head = [version.to_be_bytes(), bytes(created), bytes(live_until), bytes(retain_until)];
    [head.as_flattened(), &record.sealed].concat()
}

pub(super) fn head(mut row: &[u8]) -> Done<Head> {
    head_of(&mut row)
}

fn head_of(row: &mut &[u8]) -> Done<Head> {
    Ok(Head {
        version: u64::from_be_bytes(take(row)?),
        created: time(row)?,
        live_until: time(row)?,
        retain_until: time(row)?,
    })
}

pub(super) fn record(mut row: &[u8]) -> Done<Record> {
    let head = head_of(&mut row)?;
    Ok(Record { head, sealed: Arc::from(row) })
}

pub(super) fn list_key(lane: u8, owner: &[u8; 16], at: &Position) -> Vec<u8> {
    [&[lane][..], owner, &bytes(at.created), &at.id].concat()
}

pub(super) fn position(key: &[u8]) -> Done<Position> {
    let mut rest = key.get(17..).ok_or_else(damaged)?;
    let row = &mut rest;
    Ok(Position { created: time(row)?, id: take(row)? })
}

pub(super) fn due_key(until: Timestamp, at: &Place) -> Vec<u8> {
    [&bytes(until)[..], &[at.lane], &at.owner, &at.id].concat()
}

pub(super) fn due_place(key: &[u8]) -> Done<Place> {
    place(key.get(8..).ok_or_else(damaged)?)
}

/// The first key of [`DUE`] that is not due yet at `before`.
pub(super) fn not_due(before: Timestamp) -> [u8; 8] {
    before.unix().saturating_add(1).to_be_bytes()
}

pub(super) fn entry_key(lane: u8, sequence: u64) -> Vec<u8> {
    [&[lane][..], &sequence.to_be_bytes()].concat()
}

pub(super) fn sequence(mut key: &[u8]) -> Done<(u8, u64)> {
    let row = &mut key;
    let [lane] = take(row)?;
    Ok((lane, u64::from_be_bytes(take(row)?)))
}

pub(super) fn entry_row(id: &EntryId, sealed: &[u8]) -> Vec<u8> {
    let EntryId { place, created, version, index } = id;
    [
        &place.owner[..],
        &place.id,
        &bytes(*created),
        &version.to_be_bytes(),
        &index.to_be_bytes(),
        sealed,
    ]
    .concat()
}

pub(super) fn entry_id(lane: u8, mut row: &[u8]) -> Done<EntryId> {
    entry_id_of(lane, &mut row)
}

fn entry_id_of(lane: u8, row: &mut &[u8]) -> Done<EntryId> {
    Ok(EntryId {
        place: Place { lane, owner: take(row)?, id: take(row)? },
        created: time(row)?,
        version: u64::from_be_bytes(take(row)?),
        index: u16::from_be_bytes(take(row)?),
    })
}

pub(super) fn entry(lane: u8, mut row: &[u8]) -> Done<Entry> {
    let id = entry_id_of(lane, &mut row)?;
    Ok(Entry { id, sealed: Arc::from(row) })
}

pub(super) fn lease_row(token: &[u8; 16], until: Timestamp) -> Vec<u8> {
    [&token[..], &bytes(until)].concat()
}

pub(super) fn lease(mut row: &[u8]) -> Done<([u8; 16], Timestamp)> {
    let row = &mut row;
    Ok((take(row)?, time(row)?))
}

/// Which lanes of the outbox have entries: one step of the search tree for each of these.
pub(super) fn lanes(outbox: &impl ReadableTable<&'static [u8], &'static [u8]>) -> Done<Vec<u8>> {
    let mut lanes = Vec::new();
    let mut from = Some(0_u8);
    while let Some(lane) = from {
        let first = entry_key(lane, 0);
        let found = outbox.range::<&[u8]>(first.as_slice()..)?.next().transpose()?;
        let Some((key, _)) = found else { break };
        let (lane, _) = sequence(key.value())?;
        lanes.push(lane);
        from = lane.checked_add(1);
    }
    Ok(lanes)
}
