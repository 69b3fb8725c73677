//! A store in memory that does what the contract asks, but for one flaw.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use countersign::Timestamp;
use countersign::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError, Which, is_leased,
};

/// How a store can be wrong. The first few are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// Parts of so many rows at most, which are told.
    ToldPages(usize),
    /// Rows vanish when their retention is over by the server's own clock.
    NativeExpiry,

    LimitBeforeExpiry,
    Pages(usize),
    Base64Order,
    GuidOrder,
    SignedOrder,
    FirstEightOrder,
    OldestFirst,
    RisingIds,
    IdsAlone,
    OwnerPrefix,
    OwnerKeyPrefix,
    Trimmed(u8),
    TrimmedKeys,
    LaneIgnored,
    LiveIgnored,
    LiveUnretained,
    ListsUnretained,
    ServersClock,
    LimitBeforeLive,
    AfterByCreatedAlone,
    LiveByEnd,
    TakeOverLeavesIndex,
    CreatedOfFirst,
    CaseFolded,
    Base64Folded,
    SkipsSameBytes,

    DeleteTwoLocks,
    LeaseTwoLocks,
    IndexApart,
    AcknowledgeRewrites,

    EachInAnotherOrder,
    EachLeavesOutTheEmpty,
    EachSharesTheLimit,
    EachLosesItsEnd,
    EachFromTheNewest,

    TakeOverTwoLocks,
    FirstTwoLocks,
    TwoLocks,
    VersionReadApart,
    LoserTells,
    ConflictTells,
    NewsLost,
    NewsReversed,
    NewsById,
    NewsByPlaceAlone,
    NewsOfLastWrite,
    NewsIndexByte,
    TakeOverDropsNews,

    PurgeDropsNews,
    PurgeLeavesIndex,
    PurgeSaysNone,
    PurgeWithoutSecondLook,
    PurgeByOldEntries,
    PurgeHourEarly,
    PurgeKeepsBoundary,
    PurgeWithoutLimit,
    PurgeNeverEnds,

    CreatedNotKept,
    CreatedOnUpdate,
    DeleteIgnoresVersion,
    DeleteLeavesIndex,
    DeleteDropsNews,
    VersionWraps,
    VersionAsText,
    VersionAsFloat,
    MaxOverflows,
    SealedAsText,
    EmptyAsNull,
    HundredKilobytes,
    LiveByFirstWrite,
    LiveUntilOfFirstWrite,
    RetainedUntilOfFirstWrite,

    ScanCap(usize),
    ScanNeverEnds,
    ScanEmptyForever,
    ScanByOffset,

    SingleEntries,
    LeaseNeverEnds,
    LeaseByServersClock,
    OneLeaseForAll,
    LateAcknowledge,
    AnyoneReleases,
    AcknowledgesUpTo,
    AcknowledgesByIndex,
    AcknowledgesAnyLane,
    ComeBack,
    BacklogWithoutLeased,
    BacklogOfEntriesAsLanes,
    FirstLaneAlways,
    EntriesCap(usize),
    EntriesByTime,
    LeaseSaysAll,
    LeaseReadsTwice,
    FarLeaseHolds,
    AcknowledgeEndsLease,
    AnyoneAcknowledges,
    EmptyAcknowledged,

    // Of stores that are bounded.
    Unbounded,
    SmallerThanSaid,
    NoReserve,
    EndlessReserve,
    ReserveForAll,
    WritesBeforeFull,
    TellsBeforeFull,
    TellsWhatFits,
    FullIsConflict,
    FullIsUnavailable,
    FullStopsAll,
    NeverRoomAgain,
}

#[derive(Default)]
struct State {
    rows: BTreeMap<Place, Record>,
    index: BTreeSet<(Place, Timestamp)>,
    /// When each row was first due.
    due: BTreeMap<Place, Timestamp>,
    /// With which head each row was first written.
    first: BTreeMap<Place, Head>,
    outbox: Vec<Entry>,
    hidden: BTreeSet<EntryId>,
    leases: BTreeMap<u8, ([u8; 16], Timestamp)>,
    taken: BTreeMap<EntryId, ([u8; 16], Timestamp)>,
    turn: u8,
    /// How many entries were ever in the outbox.
    told: usize,
}

pub(crate) struct Broken {
    pub(crate) flaw: Flaw,
    /// How many entries the outbox takes, if it is bounded.
    bound: Option<usize>,
    state: Mutex<State>,
}

fn real_now() -> Timestamp {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_unix(now.as_secs())
}

fn trimmed(mut bytes: [u8; 16], last: &[u8]) -> [u8; 16] {
    for byte in bytes.iter_mut().rev() {
        if !last.contains(byte) {
            break;
        }
        *byte = 0;
    }
    bytes
}

/// With the upper case letters of its base64 text as lower case ones.
fn base64_folded(id: [u8; 16]) -> [u8; 16] {
    let mut bits = u128::from_be_bytes(id);
    for shift in (2..128).step_by(6) {
        if bits >> shift & 63 < 26 {
            bits += 26 << shift;
        }
    }
    bits.to_be_bytes()
}

impl Broken {
    pub(crate) fn new(flaw: Flaw) -> Self {
        Self { flaw, bound: None, state: Mutex::default() }
    }

    /// With an outbox for so many entries.
    pub(crate) fn bounded(flaw: Flaw, bound: usize) -> Self {
        Self { bound: Some(bound), ..Self::new(flaw) }
    }

    /// How many of these news there is room for.
    fn room(&self, state: &State, news: News<'_>) -> usize {
        let Some(bound) = self.bound.filter(|_| self.flaw != Flaw::Unbounded) else {
            return usize::MAX;
        };
        let kept = match self.flaw {
            Flaw::NoReserve => 0,
            Flaw::EndlessReserve if news.reserve => usize::MAX - bound,
            Flaw::ReserveForAll => bound / 8,
            _ if news.reserve => bound / 8,
            _ => 0,
        };
        let bound = bound - usize::from(self.flaw == Flaw::SmallerThanSaid);
        let waiting = match self.flaw {
            Flaw::NeverRoomAgain => state.told,
            _ => state.outbox.len(),
        };
        (bound + kept).saturating_sub(waiting)
    }

    /// What becomes of a write whose news have no room.
    fn full(
        &self,
        state: &mut State,
        at: &Place,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        match self.flaw {
            Flaw::WritesBeforeFull => self.write(state, at, new, now),
            Flaw::TellsBeforeFull => self.tell(state, at, new, news),
            Flaw::TellsWhatFits => {
                let entries = &news.entries[..self.room(state, news)];
                self.write(state, at, new, now);
                self.tell(state, at, new, News { entries, ..news });
                return Ok(Put::Stored);
            }
            Flaw::FullIsConflict => return Ok(Put::Conflict),
            Flaw::FullIsUnavailable => return Err(StoreError::unavailable("disk full")),
            _ => {}
        }
        Err(StoreError::Full)
    }

    /// Rows, index entries and news that are left.
    pub(crate) fn left(&self) -> [usize; 3] {
        let state = self.state.lock().unwrap();
        [state.rows.len(), state.index.len(), state.outbox.len()]
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap();
        if self.flaw == Flaw::NativeExpiry {
            let now = real_now();
            let over = |row: &(&Place, &Record)| row.1.head.retain_until <= now;
            let over: Vec<Place> = state.rows.iter().filter(over).map(|(at, _)| *at).collect();
            over.iter().for_each(|at| self.remove(&mut state, at));
        }
        state
    }

    fn key(&self, at: &Place) -> Place {
        let mut key = *at;
        match self.flaw {
            Flaw::OwnerKeyPrefix => key.owner[15] = 0,
            Flaw::TrimmedKeys => key.id = trimmed(key.id, &[0x00, 0x20]),
            Flaw::LaneIgnored => key.lane = 0,
            Flaw::CaseFolded => {
                key.owner.make_ascii_lowercase();
                key.id.make_ascii_lowercase();
            }
            Flaw::Base64Folded => key.id = base64_folded(key.id),
            _ => {}
        }
        key
    }

    fn retained(&self, record: &Record, now: Timestamp) -> bool {
        match self.flaw {
            Flaw::ServersClock => real_now() < record.head.retain_until,
            Flaw::MaxOverflows if record.head.retain_until == Timestamp::MAX => false,
            _ => now < record.head.retain_until,
        }
    }

    fn version(&self, version: u64) -> u64 {
        if self.flaw == Flaw::VersionWraps { version % (1 << 31) } else { version }
    }

    fn same_version(&self, one: u64, other: u64) -> bool {
        if self.flaw == Flaw::VersionAsFloat {
            return (one as f64) == (other as f64);
        }
        self.version(one) == self.version(other)
    }

    fn fits(
        &self,
        state: &State,
        at: &Place,
        expected: Expected,
        new: &Record,
        now: Timestamp,
    ) -> bool {
        let stands = state.rows.get(&self.key(at)).filter(|row| self.retained(row, now));
        match (expected, stands.map(|row| row.head.version)) {
            (Expected::Absent, stands) => stands.is_none(),
            (Expected::Head(_), None) => false,
            (Expected::Head(head), Some(version)) => {
                let rises = new.head.version.to_string() > version.to_string();
                self.same_version(version, head.version)
                    && (self.flaw != Flaw::VersionAsText || rises)
            }
        }
    }

    fn remove(&self, state: &mut State, key: &Place) {
        if let Some(old) = state.rows.remove(key) {
            state.index.remove(&(*key, old.head.created));
        }
    }

    /// The record as the store keeps it.
    fn ready(&self, new: &Record) -> Record {
        let mut new = Record { head: new.head, sealed: Arc::from(new.sealed.to_vec()) };
        new.head.version = self.version(new.head.version);
        if self.flaw == Flaw::SealedAsText {
            new.sealed = Arc::from(String::from_utf8_lossy(&new.sealed).as_bytes());
        }
        new
    }

    fn write(&self, state: &mut State, at: &Place, new: &Record, now: Timestamp) {
        let key = self.key(at);
        let mut new = self.ready(new);
        let stands = state.rows.contains_key(&key);
        let retained = state.rows.get(&key).is_some_and(|row| now < row.head.retain_until);
        match self.flaw {
            Flaw::CreatedNotKept => new.head.created = Timestamp::EPOCH,
            Flaw::CreatedOnUpdate if stands => new.head.created = now,
            Flaw::CreatedOfFirst => {
                new.head.created = state.rows.get(&key).map_or(new.head, |row| row.head).created;
            }
            Flaw::SkipsSameBytes if retained && state.rows[&key].sealed == new.sealed => return,
            Flaw::TakeOverDropsNews if stands && !retained => {
                state.outbox.retain(|entry| entry.id.place != *at);
            }
            _ => {}
        }
        match self.flaw {
            Flaw::TakeOverLeavesIndex if stands && !retained => drop(state.rows.remove(&key)),
            _ => self.remove(state, &key),
        }
        state.index.insert((key, new.head.created));
        state.due.entry(key).or_insert(new.head.retain_until);
        if !retained {
            state.first.insert(key, new.head);
        }
        state.rows.insert(key, new);
    }

    fn tell(&self, state: &mut State, at: &Place, new: &Record, news: News<'_>) {
        let Head { version, created, .. } = new.head;
        let index = |index: u16| if self.flaw == Flaw::NewsIndexByte { index % 256 } else { index };
        let id = |n| EntryId { place: *at, created, version, index: index(n) };
        if self.flaw == Flaw::NewsOfLastWrite {
            state.outbox.retain(|entry| entry.id.place != *at);
        }
        let entries = (0..).zip(news.entries);
        let mut entries: Vec<Entry> = entries
            .map(|(index, sealed)| Entry { id: id(index), sealed: sealed.clone() })
            .collect();
        match self.flaw {
            Flaw::NewsLost => entries.truncate(1),
            Flaw::NewsReversed => entries.reverse(),
            _ => {}
        }
        state.told += entries.len();
        state.outbox.extend(entries);
        match self.flaw {
            Flaw::NewsById => state.outbox.sort_by_key(|entry| entry.id),
            Flaw::NewsByPlaceAlone => state.outbox.sort_by_key(|entry| entry.id.place),
            _ => {}
        }
    }

    fn compare(&self, one: &Position, other: &Position) -> Ordering {
        let by = |key: fn(&[u8; 16]) -> Vec<u8>| {
            (other.created, key(&other.id)).cmp(&(one.created, key(&one.id)))
        };
        match self.flaw {
            Flaw::Base64Order => by(|id| {
                // Six bits a letter: capitals, small ones, digits, `+`, `/`, as their codes sort.
                let bits = u128::from_be_bytes(*id);
                let letters = (0..22_u32).map(|n| match 122_i64 - 6 * i64::from(n) {
                    shift @ 0.. => (bits >> shift) & 63,
                    shift => (bits << -shift) & 63,
                });
                let code = |letter| match letter {
                    0..26 => b'A' + letter as u8,
                    26..52 => b'a' + letter as u8 - 26,
                    52..62 => b'0' + letter as u8 - 52,
                    62 => b'+',
                    _ => b'/',
                };
                letters.map(code).collect()
            }),
            Flaw::GuidOrder => by(|id| {
                let mut id = *id;
                id[..4].reverse();
                id[4..6].reverse();
                id[6..8].reverse();
                id.to_vec()
            }),
            Flaw::SignedOrder => by(|id| id.iter().map(|byte| byte ^ 0x80).collect()),
            Flaw::FirstEightOrder => by(|id| id[..8].to_vec()),
            Flaw::OldestFirst => one.cmp(other),
            Flaw::RisingIds => {
                (Reverse(one.created), one.id).cmp(&(Reverse(other.created), other.id))
            }
            Flaw::IdsAlone => other.id.cmp(&one.id),
            _ => other.cmp(one),
        }
    }

    fn free(&self, state: &State, lane: u8, now: Timestamp) -> bool {
        let now = if self.flaw == Flaw::LeaseByServersClock { real_now() } else { now };
        match state.leases.get(&lane) {
            None => true,
            Some((_, until)) if self.flaw == Flaw::FarLeaseHolds => *until <= now,
            Some((_, until)) => self.flaw != Flaw::LeaseNeverEnds && !is_leased(*until, now),
        }
    }

    /// The oldest entries that nobody has taken, whoever else has some of their lane.
    fn lease_single(
        state: &mut State,
        token: [u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Option<Lease> {
        let taken = &state.taken;
        let free = |id: &EntryId| taken.get(id).is_none_or(|(_, until)| *until <= now);
        let lane = state.outbox.iter().find(|entry| free(&entry.id))?.id.place.lane;
        let of_lane = state.outbox.iter().filter(|entry| entry.id.place.lane == lane);
        let entries: Vec<Entry> =
            of_lane.filter(|entry| free(&entry.id)).take(limit).cloned().collect();
        for entry in &entries {
            state.taken.insert(entry.id, (token, until));
        }
        Some(Lease { lane, token, until, entries, next: None })
    }

    fn by_lane(&self, state: &State) -> Vec<Entry> {
        let mut all: Vec<Entry> = self.waiting(state).cloned().collect();
        if self.flaw != Flaw::EntriesByTime {
            all.sort_by_key(|entry| entry.id.place.lane);
        }
        all
    }

    /// Where to read on behind so many entries of a lane, if there are more.
    fn behind(&self, state: &State, lane: u8, given: usize) -> Option<ScanCursor> {
        let all = self.by_lane(state);
        let mut of_lane = (0..all.len()).filter(|n| all[*n].id.place.lane == lane);
        let first = match self.flaw {
            Flaw::LeaseReadsTwice => of_lane.nth(given.saturating_sub(1)),
            _ => of_lane.nth(given),
        };
        let first = first.filter(|_| self.flaw != Flaw::LeaseSaysAll)?;
        Some(ScanCursor(first.to_be_bytes().to_vec()))
    }

    fn waiting<'a>(&self, state: &'a State) -> impl Iterator<Item = &'a Entry> {
        state.outbox.iter().filter(|entry| !state.hidden.contains(&entry.id))
    }
}

/// A part of `all` from a number on that the cursor holds.
fn from_offset<R: Clone>(
    all: &[R],
    after: Option<&ScanCursor>,
    limit: usize,
    cap: usize,
    told: bool,
) -> Listed<R, ScanCursor> {
    let from = after.map_or(0, |cursor| {
        usize::from_be_bytes(cursor.0.as_slice().try_into().expect("a cursor of this store"))
    });
    let rest = all.get(from..).unwrap_or_default();
    let rows: Vec<R> = rest.iter().take(limit.min(cap)).cloned().collect();
    let more = if told { rows.len() < rest.len() } else { rows.len() == limit };
    let next = more.then(|| ScanCursor((from + rows.len()).to_be_bytes().to_vec()));
    Listed { rows, next }
}

impl Store for Broken {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let state = self.state();
        let record = state.rows.get(&self.key(at)).filter(|row| self.retained(row, now));
        let null = |row: &&Record| self.flaw == Flaw::EmptyAsNull && row.sealed.is_empty();
        Ok(record.filter(|row| !null(row)).cloned())
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        if self.flaw == Flaw::HundredKilobytes && new.sealed.len() > 100 << 10 {
            return Err(StoreError::unavailable("a row is too long"));
        }
        {
            let mut state = self.state();
            let fits = self.fits(&state, at, expected, new, now);
            if self.flaw == Flaw::ConflictTells {
                self.tell(&mut state, at, new, news);
            }
            if !fits {
                return Ok(Put::Conflict);
            }
            let more = news.entries.len().max(usize::from(self.flaw == Flaw::FullStopsAll));
            if more > self.room(&state, news) {
                return self.full(&mut state, at, new, news, now);
            }
            let over = state.rows.contains_key(&self.key(at));
            let first = expected == Expected::Absent;
            let apart = match self.flaw {
                Flaw::TwoLocks | Flaw::LoserTells => true,
                Flaw::TakeOverTwoLocks => first && over,
                Flaw::FirstTwoLocks => first && !over,
                Flaw::VersionReadApart => !first,
                _ => false,
            };
            if self.flaw == Flaw::IndexApart && over {
                self.write(&mut state, at, new, now);
                self.tell(&mut state, at, new, news);
                let key = self.key(at);
                state.index.remove(&(key, new.head.created));
                drop(state);
                std::thread::yield_now();
                let mut state = self.state();
                if state.rows.get(&key).is_some_and(|row| row.head.created == new.head.created) {
                    state.index.insert((key, new.head.created));
                }
                return Ok(Put::Stored);
            }
            if !apart {
                self.write(&mut state, at, new, now);
                if self.flaw != Flaw::ConflictTells {
                    self.tell(&mut state, at, new, news);
                }
                return Ok(Put::Stored);
            }
        }
        if self.flaw == Flaw::VersionReadApart {
            tokio::task::yield_now().await;
        }
        // What is to be written is made ready, and then the lock is taken again.
        let new = &self.ready(new);
        let mut state = self.state();
        let wins = self.flaw != Flaw::LoserTells || self.fits(&state, at, expected, new, now);
        if wins {
            self.write(&mut state, at, new, now);
        }
        self.tell(&mut state, at, new, news);
        Ok(if wins { Put::Stored } else { Put::Conflict })
    }

    async fn delete(&self, at: &Place, expected: Head) -> Result<Put, StoreError> {
        let mut state = self.state();
        let key = self.key(at);
        let fits = state.rows.get(&key).is_some_and(|row| {
            self.flaw == Flaw::DeleteIgnoresVersion
                || self.same_version(row.head.version, expected.version)
        });
        if !fits {
            return Ok(Put::Conflict);
        }
        if self.flaw == Flaw::DeleteTwoLocks {
            drop(state);
            std::thread::yield_now();
            state = self.state();
        }
        match self.flaw {
            Flaw::DeleteLeavesIndex => drop(state.rows.remove(&key)),
            _ => self.remove(&mut state, &key),
        }
        if self.flaw == Flaw::DeleteDropsNews {
            state.outbox.retain(|entry| entry.id.place != *at);
        }
        Ok(Put::Stored)
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let state = self.state();
        let asked = self.key(&Place { lane, owner: *owner, id: [0; 16] });
        let owned = |key: &Place| match self.flaw {
            Flaw::OwnerPrefix => key.owner[..8] == owner[..8],
            _ => key.owner == asked.owner,
        };
        let of_owner = state.index.iter().filter(|(key, _)| key.lane == asked.lane && owned(key));
        let mut found: Vec<(Position, Place)> = of_owner
            .map(|(key, created)| (Position { created: *created, id: key.id }, *key))
            .collect();
        found.sort_by(|one, other| self.compare(&one.0, &other.0));
        if let Some(after) = range.after {
            found.retain(|(at, _)| match self.flaw {
                Flaw::AfterByCreatedAlone => at.created < after.created,
                _ => self.compare(&after, at) == Ordering::Less,
            });
        }
        if let Flaw::Trimmed(last) = self.flaw
            && found.iter().any(|(at, _)| at.id[15] == last)
        {
            return Err(StoreError::unavailable("an id of less than 16 bytes"));
        }
        let listed = |key: &Place, row: &Record| {
            let live = range.which == Which::Live;
            let retained = match self.flaw {
                Flaw::ListsUnretained => true,
                Flaw::LiveUnretained => live || self.retained(row, now),
                _ => self.retained(row, now),
            };
            let first = state.first.get(key).unwrap_or(&row.head);
            let filed = match self.flaw {
                Flaw::LiveByFirstWrite => !live || Timestamp::EPOCH < first.live_until,
                Flaw::LiveUntilOfFirstWrite => !live || now < first.live_until,
                Flaw::RetainedUntilOfFirstWrite => now < first.retain_until,
                _ => true,
            };
            let retained = retained && filed;
            let lives = self.flaw == Flaw::LiveIgnored || now < row.head.live_until;
            let lane = if self.flaw == Flaw::LaneIgnored { lane } else { key.lane };
            let owner = if self.flaw == Flaw::OwnerKeyPrefix { *owner } else { key.owner };
            (retained && (!live || lives)).then(|| (Place { lane, owner, id: key.id }, row.clone()))
        };
        let row = |key: &Place| state.rows.get(key).and_then(|row| listed(key, row));
        if self.flaw == Flaw::LiveByEnd && range.which == Which::Live {
            found.sort_by_key(|(_, key)| {
                Reverse(state.rows.get(key).map(|row| row.head.live_until))
            });
        }
        let (limit, short) = match self.flaw {
            Flaw::Pages(cap) => (range.limit.min(cap), true),
            Flaw::ToldPages(cap) => (range.limit.min(cap), false),
            _ => (range.limit, false),
        };
        let live = range.which == Which::Live;
        if self.flaw == Flaw::LimitBeforeExpiry || (self.flaw == Flaw::LimitBeforeLive && live) {
            let rows: Vec<_> = found.iter().take(limit).filter_map(|(_, key)| row(key)).collect();
            let last =
                rows.last().map(|(at, row)| Position { created: row.head.created, id: at.id });
            let next = last.filter(|_| rows.len() == limit);
            return Ok(Listed { rows, next });
        }
        let mut rows = Vec::new();
        let mut last = None;
        for (at, key) in &found {
            if rows.len() >= limit {
                let next = last.filter(|_| !short || rows.len() >= range.limit);
                return Ok(Listed { rows, next });
            }
            last = Some(*at);
            rows.extend(row(key));
        }
        Ok(Listed { rows, next: None })
    }

    async fn list_each(
        &self,
        lane: u8,
        owners: &[[u8; 16]],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<Listed<(Place, Record), Position>>, StoreError> {
        let mut all = Vec::new();
        for owner in owners {
            let after = range.after.filter(|_| self.flaw != Flaw::EachFromTheNewest);
            let mut listed = self.list(lane, owner, Range { after, ..range }, now).await?;
            if self.flaw == Flaw::EachLosesItsEnd {
                listed.next = None;
            }
            all.push(listed);
        }
        match self.flaw {
            Flaw::EachInAnotherOrder => all.reverse(),
            Flaw::EachLeavesOutTheEmpty => all.retain(|listed| !listed.rows.is_empty()),
            Flaw::EachSharesTheLimit => {
                let mut left = range.limit;
                for listed in &mut all {
                    listed.rows.truncate(left);
                    left -= listed.rows.len();
                }
            }
            _ => {}
        }
        Ok(all)
    }

    async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<(Place, Record), ScanCursor>, StoreError> {
        let state = self.state();
        let all: Vec<(Place, Record)> =
            state.rows.iter().map(|(key, row)| (*key, row.clone())).collect();
        match self.flaw {
            Flaw::ScanByOffset => return Ok(from_offset(&all, after, limit, usize::MAX, true)),
            Flaw::ScanEmptyForever if after.is_some() => {
                return Ok(Listed { rows: Vec::new(), next: after.cloned() });
            }
            _ => {}
        }
        let behind = all.iter().filter(|(at, _)| {
            after.is_none_or(|after| {
                let mut key = vec![at.lane];
                key.extend(at.owner);
                key.extend(at.id);
                key > after.0
            })
        });
        let mut rows: Vec<(Place, Record)> = behind.cloned().collect();
        let whole = rows.len();
        let (cap, told) = match self.flaw {
            Flaw::ScanCap(cap) => (cap, false),
            Flaw::ToldPages(cap) => (cap, true),
            _ => (usize::MAX, true),
        };
        rows.truncate(limit.min(cap));
        let more = if told { rows.len() < whole } else { rows.len() == limit };
        let next = rows.last().filter(|_| more).map(|(at, _)| {
            let mut key = vec![at.lane];
            key.extend(at.owner);
            key.extend(at.id);
            ScanCursor(key)
        });
        let anew = || ScanCursor(Vec::new());
        let forever = [Flaw::ScanNeverEnds, Flaw::ScanEmptyForever].contains(&self.flaw);
        Ok(Listed { rows, next: if forever { next.or_else(|| Some(anew())) } else { next } })
    }

    async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut state = self.state();
        let before = match self.flaw {
            Flaw::PurgeHourEarly => before.after(Duration::from_secs(3600)),
            _ => before,
        };
        let over = |key: &Place, row: &Record| match self.flaw {
            Flaw::PurgeKeepsBoundary => row.head.retain_until < before,
            Flaw::PurgeByOldEntries => state.due.get(key).is_some_and(|due| *due <= before),
            Flaw::MaxOverflows if row.head.retain_until == Timestamp::MAX => true,
            _ => row.head.retain_until <= before,
        };
        let limit = if self.flaw == Flaw::PurgeWithoutLimit { usize::MAX } else { limit };
        let due: Vec<Place> = {
            let due = state.rows.iter().filter(|(key, row)| over(key, row));
            due.map(|(key, _)| *key).take(limit).collect()
        };
        if self.flaw == Flaw::PurgeWithoutSecondLook {
            drop(state);
            // A request of its own, and then one by one.
            std::thread::sleep(Duration::from_micros(200));
            due.iter().for_each(|key| self.remove(&mut self.state(), key));
            return Ok(due.len());
        }
        match self.flaw {
            Flaw::PurgeLeavesIndex => state.rows.retain(|key, _| !due.contains(key)),
            _ => due.iter().for_each(|key| self.remove(&mut state, key)),
        }
        match self.flaw {
            Flaw::PurgeDropsNews => state.outbox.retain(|one| !due.contains(&one.id.place)),
            Flaw::PurgeSaysNone => return Ok(0),
            _ => {}
        }
        Ok(due.len().max(usize::from(self.flaw == Flaw::PurgeNeverEnds)))
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let mut state = self.state();
        if self.flaw == Flaw::SingleEntries {
            return Ok(Self::lease_single(&mut state, *token, limit, now, until));
        }
        if self.flaw == Flaw::OneLeaseForAll
            && state.leases.values().any(|(_, until)| is_leased(*until, now))
        {
            return Ok(None);
        }
        let first = if self.flaw == Flaw::FirstLaneAlways { 0 } else { state.turn };
        let lanes: BTreeSet<u8> = self.waiting(&state).map(|entry| entry.id.place.lane).collect();
        let lanes: Vec<u8> = lanes.range(first..).chain(lanes.range(..first)).copied().collect();
        for lane in lanes {
            if !self.free(&state, lane, now) {
                continue;
            }
            if self.flaw == Flaw::LeaseTwoLocks {
                drop(state);
                std::thread::yield_now();
                state = self.state();
            }
            if state.leases.remove(&lane).is_some() {
                state.hidden.clear();
            }
            let of_lane = self.waiting(&state).filter(|entry| entry.id.place.lane == lane);
            let entries: Vec<Entry> = of_lane.take(limit).cloned().collect();
            let next = self.behind(&state, lane, entries.len());
            state.leases.insert(lane, (*token, until));
            state.turn = lane.wrapping_add(1);
            return Ok(Some(Lease { lane, token: *token, until, entries, next }));
        }
        Ok(None)
    }

    async fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let holds = match self.flaw {
            Flaw::EmptyAcknowledged if done.is_empty() => true,
            Flaw::AnyoneAcknowledges => {
                state.leases.get(&lease.lane).is_some_and(|(_, until)| now < *until)
            }
            Flaw::SingleEntries => {
                let taken = |id: &EntryId| state.taken.get(id);
                lease.entries.iter().any(|entry| {
                    taken(&entry.id)
                        .is_some_and(|(token, until)| *token == lease.token && now < *until)
                })
            }
            _ => state.leases.get(&lease.lane).is_some_and(|(token, until)| {
                *token == lease.token && (now < *until || self.flaw == Flaw::LateAcknowledge)
            }),
        };
        if !holds {
            return Ok(false);
        }
        let of_lane = |entry: &Entry| entry.id.place.lane == lease.lane;
        let mut gone: BTreeSet<EntryId> = done.iter().copied().collect();
        let queue: Vec<EntryId> =
            state.outbox.iter().filter(|entry| of_lane(entry)).map(|entry| entry.id).collect();
        match self.flaw {
            Flaw::AcknowledgesUpTo => {
                let last = queue.iter().rposition(|id| gone.contains(id));
                gone = queue.iter().take(last.map_or(0, |last| last + 1)).copied().collect();
            }
            Flaw::AcknowledgesByIndex => {
                let batch = lease.entries.iter().enumerate();
                let numbers = batch.filter(|(_, entry)| gone.contains(&entry.id)).map(|(n, _)| n);
                gone = numbers.filter_map(|n| queue.get(n)).copied().collect();
            }
            Flaw::AcknowledgesAnyLane => {}
            _ => gone.retain(|id| id.place.lane == lease.lane),
        }
        match self.flaw {
            Flaw::ComeBack => state.hidden.extend(gone),
            Flaw::AcknowledgeRewrites => {
                let mut kept = state.outbox.clone();
                drop(state);
                kept.retain(|entry| !gone.contains(&entry.id));
                std::thread::yield_now();
                self.state().outbox = kept;
            }
            Flaw::AcknowledgeEndsLease => {
                state.outbox.retain(|entry| !gone.contains(&entry.id));
                state.leases.remove(&lease.lane);
            }
            _ => state.outbox.retain(|entry| !gone.contains(&entry.id)),
        }
        Ok(true)
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut state = self.state();
        state.taken.retain(|_, (token, _)| *token != lease.token);
        let held = state.leases.get(&lease.lane);
        if self.flaw == Flaw::AnyoneReleases || held.is_some_and(|(token, _)| *token == lease.token)
        {
            state.leases.remove(&lease.lane);
            state.hidden.clear();
        }
        Ok(())
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let state = self.state();
        let counted = self.waiting(&state).filter(|entry| {
            self.flaw != Flaw::BacklogWithoutLeased
                || !state.leases.contains_key(&entry.id.place.lane)
        });
        let lanes: Vec<u8> = counted.map(|entry| entry.id.place.lane).collect();
        let entries = u64::try_from(lanes.len()).unwrap();
        let some: BTreeSet<u8> = lanes.into_iter().collect();
        let lanes = u16::try_from(some.len()).unwrap();
        Ok(match self.flaw {
            Flaw::BacklogOfEntriesAsLanes => {
                Backlog { entries, lanes: u16::try_from(entries).unwrap() }
            }
            _ => Backlog { entries, lanes },
        })
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        let state = self.state();
        let all = self.by_lane(&state);
        let (cap, told) = match self.flaw {
            Flaw::EntriesCap(cap) => (cap, false),
            Flaw::ToldPages(cap) => (cap, true),
            _ => (usize::MAX, true),
        };
        Ok(from_offset(&all, after, limit, cap, told))
    }
}
