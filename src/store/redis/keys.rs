//! How keys, rows and index entries are laid out in Redis.

use std::sync::Arc;

use crate::store::{EntryId, Head, Place, Position, Record, ScanCursor};
use crate::values::time::Timestamp;

/// How long the head in front of a row is: four numbers, and the number of the call that wrote it.
const HEAD: usize = 40;
/// The version by which a row that was cut is written over or deleted.
pub(super) const CUT: u64 = 0;

/// The names of all keys. Those of a lane share a hash tag, so that a cluster keeps them together.
#[derive(Debug)]
pub(super) struct Keys {
    prefix: String,
    lanes: Vec<LaneKeys>,
}

/// The names of the keys of one lane.
#[derive(Debug)]
pub(super) struct LaneKeys {
    /// What the names of rows begin with.
    pub(super) rows: String,
    /// Index entries of all rows, by owner, then oldest first.
    pub(super) all: String,
    /// The same of rows on which something depends, by owner, then the first to lapse first.
    pub(super) live: String,
    /// Places, with the end of their retention.
    pub(super) due: String,
    /// Ids of news, in the order of their writes.
    pub(super) queue: String,
    /// The sealed bytes of each id.
    pub(super) bodies: String,
    /// Who has leased the lane, and until when.
    pub(super) lease: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        let lane = |lane: u8| {
            let name = |part: &str| format!("{{{prefix}:{lane:02x}}}:{part}");
            LaneKeys {
                rows: name("row:"),
                all: name("all"),
                live: name("live"),
                due: name("due"),
                queue: name("queue"),
                bodies: name("news"),
                lease: name("lease"),
            }
        };
        Self { prefix: prefix.to_owned(), lanes: (0..=u8::MAX).map(lane).collect() }
    }

    /// Where the format of all this is written down.
    pub(super) fn format(&self) -> String {
        format!("{{{}:format}}", self.prefix)
    }

    /// There are 256 of them, so there always is one.
    pub(super) fn lane(&self, lane: u8) -> Option<&LaneKeys> {
        self.lanes.get(usize::from(lane))
    }
}

impl LaneKeys {
    pub(super) fn row(&self, at: &Place) -> Vec<u8> {
        [self.rows.as_bytes(), &at.owner, &at.id].concat()
    }

    pub(super) fn rows_of(&self, owner: &[u8; 16]) -> Vec<u8> {
        [self.rows.as_bytes(), owner].concat()
    }
}

/// Owner and id of a place.
pub(super) fn place_bytes(at: &Place) -> [u8; 32] {
    u256(at.owner, at.id)
}

fn u256(owner: [u8; 16], id: [u8; 16]) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (first, second) = bytes.split_at_mut(16);
    first.copy_from_slice(&owner);
    second.copy_from_slice(&id);
    bytes
}

/// A row: its head, the number of the call that wrote it, and the sealed bytes.
pub(super) fn row(new: &Record, call: u64) -> Vec<u8> {
    let mut row = Vec::with_capacity(HEAD.saturating_add(new.sealed.len()));
    row.extend_from_slice(&head_bytes(&new.head));
    row.extend_from_slice(&call.to_be_bytes());
    row.extend_from_slice(&new.sealed);
    row
}

/// What a row begins with.
pub(super) fn head_bytes(head: &Head) -> [u8; 32] {
    let Head { version, created, live_until, retain_until } = *head;
    let numbers = [version, created.unix(), live_until.unix(), retain_until.unix()];
    let mut bytes = [0; 32];
    for (place, number) in bytes.as_chunks_mut().0.iter_mut().zip(numbers) {
        *place = number.to_be_bytes();
    }
    bytes
}

/// Reads a row back. One that is shorter than its head was cut: nobody can open what is left, so that it counts against
/// whoever asks for it, and stops nobody else. `created` is then what an index says.
pub(super) fn record(row: &[u8], created: Timestamp) -> Record {
    whole(row).unwrap_or_else(|| {
        let (live_until, retain_until) = (Timestamp::MAX, Timestamp::MAX);
        let head = Head { version: CUT, created, live_until, retain_until };
        Record { head, sealed: Arc::from([]) }
    })
}

fn whole(row: &[u8]) -> Option<Record> {
    let (version, rest) = number(row)?;
    let (created, rest) = time(rest)?;
    let (live_until, rest) = time(rest)?;
    let (retain_until, rest) = time(rest)?;
    let (_, sealed) = number(rest)?;
    let head = Head { version, created, live_until, retain_until };
    Some(Record { head, sealed: sealed.into() })
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u64::from_be_bytes(*number), rest))
}

fn time(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (seconds, rest) = number(bytes)?;
    Some((Timestamp::from_unix(seconds), rest))
}

/// `created` and id, as index entries end.
pub(super) fn position_bytes(position: &Position) -> Vec<u8> {
    [&position.created.unix().to_be_bytes()[..], &position.id].concat()
}

pub(super) fn position(bytes: &[u8]) -> Option<Position> {
    let (created, id) = time(bytes)?;
    Some(Position { created, id: id.try_into().ok()? })
}

/// The place of an index entry, owner, `created` and id, and its `created`.
pub(super) fn indexed(lane: u8, member: &[u8]) -> Option<(Place, Timestamp)> {
    let (owner, rest) = member.split_first_chunk()?;
    let Position { created, id } = position(rest)?;
    Some((Place { lane, owner: *owner, id }, created))
}

/// Of the index of live rows, behind all entries of `owner` that have lapsed at `now`, and before the others.
pub(super) fn lapsed(owner: &[u8; 16], now: Timestamp) -> Vec<u8> {
    [&owner[..], &now.unix().to_be_bytes(), &[0xFF; 24]].concat()
}

/// An entry's name within its lane.
pub(super) fn entry_bytes(id: &EntryId) -> Vec<u8> {
    let EntryId { place, created, version, index } = id;
    let (created, version) = (created.unix().to_be_bytes(), version.to_be_bytes());
    [&place.owner[..], &place.id, &created, &version, &index.to_be_bytes()].concat()
}

pub(super) fn entry_id(lane: u8, bytes: &[u8]) -> Option<EntryId> {
    let (owner, rest) = bytes.split_first_chunk()?;
    let (id, rest) = rest.split_first_chunk()?;
    let (created, rest) = time(rest)?;
    let (version, rest) = number(rest)?;
    let index = u16::from_be_bytes(rest.try_into().ok()?);
    Some(EntryId { place: Place { lane, owner: *owner, id: *id }, created, version, index })
}

/// A cursor: the lane, and where in it to go on.
pub(super) fn cursor(lane: u8, behind: &[u8]) -> ScanCursor {
    ScanCursor([&[lane], behind].concat())
}

/// Lane and rest of a cursor. A rest that is neither empty nor as long as it should be is none of ours.
pub(super) fn after(cursor: &ScanCursor, length: usize) -> Option<(u8, &[u8])> {
    let (lane, behind) = cursor.0.split_first()?;
    (behind.is_empty() || behind.len() == length).then_some((*lane, behind))
}
