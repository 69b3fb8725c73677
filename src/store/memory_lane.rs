//! One lane of the store in memory: its records, the indexes over them, and its part of the outbox.

use core::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use crate::store::{Entry, Head, Lease, Listed, Place, Position, Record, ScanCursor};
use crate::values::time::Timestamp;

/// Records are filed for deletion by the hour in which their retention ends.
const HOUR: u64 = 3600;
/// How many rows that are no longer retained one listing passes over before it ends its part.
const PASSED_OVER: usize = 1000;

/// A place within its lane as two numbers of the same order, which compare faster than bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(pub(super) u128, pub(super) u128);

/// A record's place in its owner's list: the newest first.
pub(super) type Newest = Reverse<(Timestamp, u128)>;
/// Behind every other.
const OLDEST: Newest = Reverse((Timestamp::EPOCH, 0));

impl Key {
    pub(super) fn of(at: &Place) -> Self {
        Self(u128::from_be_bytes(at.owner), u128::from_be_bytes(at.id))
    }

    pub(super) const fn place(self, lane: u8) -> Place {
        Place { lane, owner: self.0.to_be_bytes(), id: self.1.to_be_bytes() }
    }

    const fn listing(self, head: &Head) -> (u128, Newest) {
        (self.0, Reverse((head.created, self.1)))
    }

    /// The same with the time until which it is live, if it ever was.
    fn lives(self, head: &Head) -> Option<(u128, Timestamp, Newest)> {
        let until = head.live_until.min(head.retain_until);
        let (owner, at) = self.listing(head);
        (until > Timestamp::EPOCH).then_some((owner, until, at))
    }
}

#[derive(Default)]
pub(super) struct Lane {
    pub(super) records: BTreeMap<Key, Record>,
    /// Every record once, by owner, the newest first.
    all: BTreeSet<(u128, Newest)>,
    /// Those that were live when they were written, by owner and by until when they are.
    live: BTreeSet<(u128, Timestamp, Newest)>,
    /// Every record once, with the first full hour at which it is no longer retained.
    due: BTreeSet<(u64, Key)>,
    /// Each with its number, which rises.
    pub(super) outbox: VecDeque<(u64, Entry)>,
    /// The number of the last one that was ever written.
    pub(super) told: u64,
    /// Who has leased the outbox, and until when.
    pub(super) leased: Option<([u8; 16], Timestamp)>,
}

/// The first full hour at which a record with this head is no longer retained.
const fn due(head: &Head) -> u64 {
    head.retain_until.unix().div_ceil(HOUR)
}

impl Lane {
    /// Files a record under its new head, and no longer under the one before.
    pub(super) fn file(&mut self, key: Key, before: Option<&Head>, after: Option<&Head>) {
        self.list_anew(key, before, after);
        let due = |head: &Head| (due(head), key);
        refile(&mut self.due, before.map(due), after.map(due));
    }

    fn list_anew(&mut self, key: Key, before: Option<&Head>, after: Option<&Head>) {
        let listed = |head: &Head| key.listing(head);
        let live = |head: &Head| key.lives(head);
        refile(&mut self.all, before.map(listed), after.map(listed));
        refile(&mut self.live, before.and_then(live), after.and_then(live));
    }

    pub(super) fn remove(&mut self, key: Key) {
        if let Some(record) = self.records.remove(&key) {
            self.file(key, Some(&record.head), None);
        }
    }

    /// An owner's records behind `after`, the newest first.
    pub(super) fn all(&self, owner: u128, after: Option<Newest>) -> impl Iterator<Item = Newest> {
        let first = match after {
            Some(after) => Bound::Excluded((owner, after)),
            None => Bound::Included((owner, Reverse((Timestamp::MAX, u128::MAX)))),
        };
        self.all.range((first, Bound::Included((owner, OLDEST)))).map(|(_, at)| *at)
    }

    /// Those that are live at `now`: what has lapsed is not looked at.
    pub(super) fn live(
        &self,
        owner: u128,
        after: Option<Newest>,
        now: Timestamp,
    ) -> impl Iterator<Item = Newest> {
        let first = Bound::Excluded((owner, now, OLDEST));
        let last = Bound::Included((owner, Timestamp::MAX, OLDEST));
        let live = self.live.range((first, last)).map(|(_, _, at)| *at);
        let mut live: Vec<Newest> =
            live.filter(|at| after.is_none_or(|after| after < *at)).collect();
        live.sort_unstable();
        live.into_iter()
    }

    /// At most `limit` of these of the owner's records.
    pub(super) fn list(
        &self,
        lane: u8,
        owner: u128,
        of: impl Iterator<Item = Newest>,
        limit: usize,
        now: Timestamp,
    ) -> Listed<(Place, Record), Position> {
        let (mut rows, mut passed, mut next) = (Vec::new(), 0_usize, None);
        for Reverse((created, id)) in of {
            if rows.len() >= limit || passed >= PASSED_OVER {
                return Listed { rows, next };
            }
            next = Some(Position { created, id: id.to_be_bytes() });
            let key = Key(owner, id);
            match self.records.get(&key).filter(|record| now < record.head.retain_until) {
                Some(record) => rows.push((key.place(lane), record.clone())),
                None => passed = passed.saturating_add(1),
            }
        }
        Listed { rows, next: None }
    }

    /// Takes out one record that is no longer retained: the caller lets go of it once nobody waits for the lane.
    pub(super) fn purge_one(&mut self, before: Timestamp) -> Option<Record> {
        let &(hour, key) = self.due.first()?;
        if hour.saturating_mul(HOUR) > before.unix() {
            return None;
        }
        self.due.pop_first();
        let record = self.records.remove(&key)?;
        self.list_anew(key, Some(&record.head), None);
        Some(record)
    }

    /// So many entries behind the one with this number, and where to read on if there are more.
    pub(super) fn behind(
        &self,
        lane: u8,
        last: u64,
        limit: usize,
    ) -> (Vec<Entry>, Option<ScanCursor>) {
        let from = self.outbox.partition_point(|(number, _)| *number <= last);
        let part = self.outbox.range(from..);
        let more = part.len() > limit;
        let (mut last, mut entries) = (last, Vec::new());
        for (number, entry) in part.take(limit) {
            last = *number;
            entries.push(entry.clone());
        }
        let next = more.then(|| ScanCursor([&[lane][..], &last.to_be_bytes()].concat()));
        (entries, next)
    }

    pub(super) fn leased_by(&self, lease: &Lease, now: Timestamp) -> bool {
        self.leased.is_some_and(|(token, until)| token == lease.token && now < until)
    }
}

fn refile<T: Ord + Copy>(index: &mut BTreeSet<T>, before: Option<T>, after: Option<T>) {
    if before == after {
        return;
    }
    if let Some(before) = before {
        index.remove(&before);
    }
    index.extend(after);
}
