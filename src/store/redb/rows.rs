//! The tables of the file, and how keys and rows are written in them. What is damaged is `None`, not an error: it is
//! one row's trouble.

use core::ops::Bound;
use std::sync::Arc;

use ::redb::{Error, Range, ReadableTable, TableDefinition};

use crate::store::{Entry, EntryId, Head, Place, Position, Record};
use crate::values::time::Timestamp;

pub(super) type Rows = TableDefinition<'static, &'static [u8], &'static [u8]>;
pub(super) type Index = TableDefinition<'static, &'static [u8], ()>;

/// Records by place.
pub(super) const RECORDS: Rows = TableDefinition::new("records");
/// Every record once, by lane and owner, the oldest first.
pub(super) const ALL: Index = TableDefinition::new("all");
/// Those with something of a `live_until`, by lane, owner and the time until which they are live.
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
/// The format that this version writes, and the only one that it reads. In format 1 [`LIVE`] was in another order.
pub(super) const FORMAT: u64 = 2;

pub(super) type Done<T> = Result<T, Error>;

/// How long a key of [`RECORDS`] is.
pub(super) const RECORD_KEY: usize = 33;
/// How long a key of [`ALL`] is.
pub(super) const ALL_KEY: usize = 41;
/// How long a key of [`LIVE`] is.
pub(super) const LIVE_KEY: usize = 49;
/// How long a key of [`OUTBOX`] is.
pub(super) const ENTRY_KEY: usize = 9;
/// No number of an entry that was counted up to.
const FAR: u64 = 1 << 63;

/// Takes the next `N` bytes of a row; `None` if it is too short.
fn take<const N: usize>(row: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = row.split_first_chunk::<N>()?;
    *row = rest;
    Some(*taken)
}

fn time(row: &mut &[u8]) -> Option<Timestamp> {
    Some(Timestamp::from_unix(u64::from_be_bytes(take(row)?)))
}

fn bytes(at: Timestamp) -> [u8; 8] {
    at.unix().to_be_bytes()
}

pub(super) fn record_key(at: &Place) -> Vec<u8> {
    [&[at.lane][..], &at.owner, &at.id].concat()
}

/// The place that a key begins with; `None` if it is too short for one.
fn place_of(mut key: &[u8]) -> Option<Place> {
    let row = &mut key;
    let [lane] = take(row)?;
    Some(Place { lane, owner: take(row)?, id: take(row)? })
}

/// The place of a key of [`RECORDS`]; `None` if the key is damaged.
pub(super) fn place(key: &[u8]) -> Option<Place> {
    place_of(key).filter(|_| key.len() == RECORD_KEY)
}

pub(super) fn record_row(record: &Record) -> Vec<u8> {
    let Head { version, created, live_until, retain_until } = record.head;
    let head = [version.to_be_bytes(), bytes(created), bytes(live_until), bytes(retain_until)];
    [head.as_flattened(), &record.sealed].concat()
}

/// The head of a row; `None` if it is too short to have one.
pub(super) fn head(row: &[u8]) -> Option<Head> {
    head_of(&mut &*row)
}

fn head_of(row: &mut &[u8]) -> Option<Head> {
    Some(Head {
        version: u64::from_be_bytes(take(row)?),
        created: time(row)?,
        live_until: time(row)?,
        retain_until: time(row)?,
    })
}

/// What stands for the head of a row that is too short to have one: nobody overlooks it.
pub(super) fn no_head(created: Timestamp) -> Head {
    Head { version: 0, created, live_until: Timestamp::MAX, retain_until: Timestamp::MAX }
}

/// The record of a row; one that is too short has `created` as it is asked for, and nothing sealed: pieces of a head
/// would name a key that never was.
pub(super) fn record(row: &[u8], created: impl FnOnce() -> Done<Timestamp>) -> Done<Record> {
    let mut rest = row;
    Ok(match head_of(&mut rest) {
        Some(head) => Record { head, sealed: Arc::from(rest) },
        None => Record { head: no_head(created()?), sealed: Arc::default() },
    })
}

/// The rows of an owner in [`RECORDS`], [`ALL`] or [`LIVE`]: those under a damaged key included, if it begins as the
/// owner's do.
pub(super) fn of_owner<'t, V: ::redb::Value + 'static>(
    table: &'t impl ReadableTable<&'static [u8], V>,
    lane: u8,
    owner: &[u8; 16],
) -> Done<Range<'t, &'static [u8], V>> {
    let first = [&[lane][..], owner].concat();
    let last = [&first, &[u8::MAX; 33][..]].concat();
    Ok(table.range::<&[u8]>(first.as_slice()..last.as_slice())?)
}

/// The keys of [`ALL`] or [`LIVE`] that file the record at `at`, whatever its head is. Only one without a head is
/// looked for like this.
pub(super) fn filed(
    index: &impl ReadableTable<&'static [u8], ()>,
    at: &Place,
) -> Done<Vec<Vec<u8>>> {
    let mut keys = Vec::new();
    for row in of_owner(index, at.lane, &at.owner)? {
        let (key, _) = row?;
        if key.value().ends_with(&at.id) {
            keys.push(key.value().to_vec());
        }
    }
    Ok(keys)
}

/// When the record at `at` was created, as [`ALL`] says.
pub(super) fn created(all: &impl ReadableTable<&'static [u8], ()>, at: &Place) -> Done<Timestamp> {
    let mut filed = filed(all, at)?.into_iter().filter_map(|key| position(&key));
    Ok(filed.next().map_or(Timestamp::EPOCH, |position| position.created))
}

pub(super) fn list_key(lane: u8, owner: &[u8; 16], at: &Position) -> Vec<u8> {
    [&[lane][..], owner, &bytes(at.created), &at.id].concat()
}

/// The position in a key of [`ALL`]; `None` if the key is damaged.
pub(super) fn position(key: &[u8]) -> Option<Position> {
    position_of(key.get(17..)?).filter(|_| key.len() == ALL_KEY)
}

fn position_of(mut row: &[u8]) -> Option<Position> {
    let row = &mut row;
    Some(Position { created: time(row)?, id: take(row)? })
}

/// The key of a record in [`LIVE`], if it ever was live.
pub(super) fn live_key(at: &Place, head: &Head) -> Option<Vec<u8>> {
    let until = head.live_until.min(head.retain_until);
    let key = || [&[at.lane][..], &at.owner, &bytes(until), &bytes(head.created), &at.id].concat();
    (until > Timestamp::EPOCH).then(key)
}

/// The first key of an owner's records in [`LIVE`] that are live at `now`, and a key behind the last.
pub(super) fn live_at(lane: u8, owner: &[u8; 16], now: Timestamp) -> [Vec<u8>; 2] {
    let of = |until: u64, rest: &[u8]| [&[lane][..], owner, &until.to_be_bytes(), rest].concat();
    [of(now.unix().saturating_add(1), &[]), of(u64::MAX, &[u8::MAX; 24])]
}

/// The position in a key of [`LIVE`]; `None` if the key is damaged.
pub(super) fn live_position(key: &[u8]) -> Option<Position> {
    position_of(key.get(25..)?).filter(|_| key.len() == LIVE_KEY)
}

pub(super) fn due_key(until: Timestamp, at: &Place) -> Vec<u8> {
    [&bytes(until)[..], &[at.lane], &at.owner, &at.id].concat()
}

/// Whose retention a key of [`DUE`] is about; `None` if the key is too short to say.
pub(super) fn due_place(key: &[u8]) -> Option<Place> {
    place_of(key.get(8..)?)
}

/// The key of [`DUE`] that says that all records behind this one are to be filed there anew.
pub(super) fn to_file_key(record: &[u8]) -> Vec<u8> {
    [&[0; 8][..], record, &[0]].concat()
}

/// Behind which record all are to be filed in [`DUE`] anew, if this key says so. A damaged one does, behind none, if it no
/// longer says whose record it was.
pub(super) fn to_file_behind(due: &[u8]) -> Option<&[u8]> {
    let named = due.strip_prefix(&[0; 8]).and_then(|rest| rest.strip_suffix(&[0]));
    match named.filter(|record| record.len() == RECORD_KEY) {
        None if due_place(due).is_none() => Some(&[]),
        named => named,
    }
}

/// The first key of [`DUE`] that is not due yet at `before`.
pub(super) fn not_due(before: Timestamp) -> [u8; 8] {
    before.unix().saturating_add(1).to_be_bytes()
}

pub(super) fn entry_key(lane: u8, sequence: u64) -> Vec<u8> {
    [&[lane][..], &sequence.to_be_bytes()].concat()
}

/// The number of a key of [`OUTBOX`], if it is one that was counted up to.
pub(super) fn sequence(mut key: &[u8]) -> Option<u64> {
    let row = &mut key;
    let [_lane] = take(row)?;
    let sequence = u64::from_be_bytes(take(row)?);
    (row.is_empty() && sequence < FAR).then_some(sequence)
}

/// The lane of a key of [`OUTBOX`], also of a damaged one.
fn lane_of(key: &[u8]) -> u8 {
    key.first().copied().unwrap_or_default()
}

/// The entries of a lane, in their order: those under a damaged key included.
pub(super) fn of_lane<'t>(
    outbox: &'t impl ReadableTable<&'static [u8], &'static [u8]>,
    lane: u8,
) -> Done<Range<'t, &'static [u8], &'static [u8]>> {
    let next = lane.checked_add(1).map(|next| [next]);
    let last = next.as_ref().map_or(Bound::Unbounded, |next| Bound::Excluded(next.as_slice()));
    Ok(outbox.range::<&[u8]>((from_lane(&[lane]), last))?)
}

/// An empty key is of the first lane.
fn from_lane(lane: &[u8; 1]) -> Bound<&[u8]> {
    if *lane == [0] { Bound::Unbounded } else { Bound::Included(lane.as_slice()) }
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

/// The entry of a key and a row. One whose row is too short to hold its name is named after its key, and can be
/// acknowledged by this.
pub(super) fn entry(key: &[u8], row: &[u8]) -> Entry {
    let mut rest = row;
    match entry_id_of(lane_of(key), &mut rest) {
        Some(id) => Entry { id, sealed: Arc::from(rest) },
        None => {
            let mut id = [0; 16];
            let number = key.iter().skip(1).take(id.len()).rev();
            id.iter_mut().rev().zip(number).for_each(|(byte, of_key)| *byte = *of_key);
            let place = Place { lane: lane_of(key), owner: [0; 16], id };
            let id = EntryId { place, created: Timestamp::EPOCH, version: 0, index: 0 };
            Entry { id, sealed: Arc::default() }
        }
    }
}

fn entry_id_of(lane: u8, row: &mut &[u8]) -> Option<EntryId> {
    Some(EntryId {
        place: Place { lane, owner: take(row)?, id: take(row)? },
        created: time(row)?,
        version: u64::from_be_bytes(take(row)?),
        index: u16::from_be_bytes(take(row)?),
    })
}

pub(super) fn lease_row(token: &[u8; 16], until: Timestamp) -> Vec<u8> {
    [&token[..], &bytes(until)].concat()
}

/// Who has leased a lane, and until when; nobody if the row is too short to say.
pub(super) fn lease(mut row: &[u8]) -> Option<([u8; 16], Timestamp)> {
    let row = &mut row;
    Some((take(row)?, time(row)?))
}

/// Which lanes of the outbox have entries: one step of the search tree for each of these.
pub(super) fn lanes(outbox: &impl ReadableTable<&'static [u8], &'static [u8]>) -> Done<Vec<u8>> {
    let mut lanes = Vec::new();
    let mut from = Some(0_u8);
    while let Some(lane) = from {
        let first = [lane];
        let rest = (from_lane(&first), Bound::Unbounded);
        let found = outbox.range::<&[u8]>(rest)?.next().transpose()?;
        let Some((key, _)) = found else { break };
        let lane = lane_of(key.value());
        lanes.push(lane);
        from = lane.checked_add(1);
    }
    Ok(lanes)
}
