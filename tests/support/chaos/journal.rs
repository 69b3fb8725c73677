//! What was tried, what was answered, what was delivered; and whether it adds up.
//!
//! Every write has a version of its own and says which version it expects, so that the writes of a place form
//! a chain. A write has landed if it was acknowledged, if its news were delivered, if it stands there, or if
//! another that landed expected it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use countersign::store::{Entry, EntryId, Expected, Head, Place, Put, Record, StoreError};

use super::{Fault, LATER, NOW};

/// What becomes of the records of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// They are written over and over by many.
    Shared,
    /// The first write is the last: a code, a grant.
    Once,
    /// Gone for a clock that is right, and there for one that is an hour back.
    Ending,
    /// Gone for every clock: a purge takes them.
    Due,
    /// One task writes and deletes.
    Own,
}

pub fn class(at: &Place) -> Class {
    match at.owner[0] {
        0 => Class::Shared,
        1 => Class::Once,
        2 => Class::Ending,
        3 => Class::Due,
        _ => Class::Own,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// Nobody knows.
    Doubt,
    Stored,
    Refused,
}

#[derive(Debug, Clone)]
struct Attempt {
    expected: Option<u64>,
    entries: u16,
    came: Came,
}

#[derive(Debug)]
pub struct Journal {
    next: u64,
    attempts: BTreeMap<(Place, u64), Attempt>,
    /// First deliveries, in their order.
    delivered: Vec<EntryId>,
    seen: BTreeSet<EntryId>,
    struck: BTreeSet<Fault>,
    pub sums: Sums,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Sums {
    pub stored: u64,
    pub conflicts: u64,
    pub full: u64,
    pub unavailable: u64,
    pub dropped: u64,
    pub delivered: u64,
    pub again: u64,
    pub landed_in_doubt: u64,
    pub longest: std::time::Duration,
}

impl Sums {
    pub fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.conflicts += other.conflicts;
        self.full += other.full;
        self.unavailable += other.unavailable;
        self.dropped += other.dropped;
        self.delivered += other.delivered;
        self.again += other.again;
        self.landed_in_doubt += other.landed_in_doubt;
        self.longest = self.longest.max(other.longest);
    }

    /// A journal of nothing shows nothing.
    pub fn look_alive(&self, runs: u64) {
        assert!(self.stored > 5 * runs && self.delivered > 5 * runs, "{self}");
        // A disk that is full may be the only answer that says no.
        assert!(self.dropped > 0 && self.unavailable + self.full > 0, "{self}");
        assert!(self.conflicts > 0 || self.stored < 500, "{self}");
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} stored, {} conflicts, {} full, {} unavailable, {} dropped; {} written without an \
             answer; {} delivered, {} once more; the longest call took {:.1?}",
            self.stored,
            self.conflicts,
            self.full,
            self.unavailable,
            self.dropped,
            self.landed_in_doubt,
            self.delivered,
            self.again,
            self.longest,
        )
    }
}

/// The record with this version at this place: what is in it follows from both.
pub fn record(at: &Place, version: u64) -> Record {
    let retain_until = match class(at) {
        Class::Ending => NOW.before(core::time::Duration::from_secs(1800)),
        Class::Due => NOW.before(core::time::Duration::from_secs(3 * 3600)),
        _ => LATER,
    };
    let head = Head { version, created: NOW, live_until: NOW, retain_until };
    let length = 40 + usize::try_from(version % 300).unwrap();
    let mut sealed = [&at.id[..], &version.to_be_bytes()].concat();
    sealed.resize(length, at.lane);
    Record { head, sealed: sealed.into() }
}

pub fn entry(at: &Place, version: u64, index: u16) -> Arc<[u8]> {
    Arc::from([&at.id[..], &version.to_be_bytes(), &index.to_be_bytes()].concat())
}

/// A write that is about to be made.
pub struct Write {
    pub at: Place,
    pub version: u64,
    pub expected: Expected,
    pub entries: Vec<Arc<[u8]>>,
}

impl Journal {
    pub fn new(seed: u64) -> Self {
        Self {
            next: seed >> 8,
            attempts: BTreeMap::new(),
            delivered: Vec::new(),
            seen: BTreeSet::new(),
            struck: BTreeSet::new(),
            sums: Sums::default(),
        }
    }

    pub fn struck(&mut self, fault: Fault) {
        self.struck.insert(fault);
    }

    pub fn begin(&mut self, at: Place, found: Option<Head>, entries: u16) -> Write {
        self.next += 1;
        let version = self.next;
        let expected = found.map(|head| head.version);
        self.attempts.insert((at, version), Attempt { expected, entries, came: Came::Doubt });
        Write {
            at,
            version,
            expected: found.map_or(Expected::Absent, Expected::Head),
            entries: (0..entries).map(|index| entry(&at, version, index)).collect(),
        }
    }

    pub fn ended(&mut self, write: &Write, put: &Result<Put, StoreError>) {
        let came = match put {
            Ok(Put::Stored) => Came::Stored,
            // A doubled write may find its own first half overtaken.
            Ok(Put::Conflict) if self.struck.contains(&Fault::Double) => Came::Doubt,
            Ok(Put::Conflict) => Came::Refused,
            Err(StoreError::Full) => Came::Refused,
            Err(_) => Came::Doubt,
        };
        if let Some(attempt) = self.attempts.get_mut(&(write.at, write.version)) {
            attempt.came = came;
        }
        match put {
            Ok(Put::Stored) => self.sums.stored += 1,
            Ok(Put::Conflict) => self.sums.conflicts += 1,
            Err(_) => {}
        }
    }

    /// What was asked once more, with the same arguments: it must have been refused.
    pub fn repeated(&mut self, write: &Write, put: &Result<Put, StoreError>) {
        let first = self.attempts[&(write.at, write.version)].came;
        let twice = self.struck.contains(&Fault::Double);
        assert!(
            first != Came::Stored || twice || !matches!(put, Ok(Put::Stored)),
            "{:?} {} was accepted twice",
            write.at,
            write.version
        );
    }

    pub fn deliver(&mut self, entries: &[Entry]) {
        for Entry { id, sealed } in entries {
            assert_eq!(**sealed, *entry(&id.place, id.version, id.index), "{id:?}");
            assert_eq!(id.created, NOW);
            if self.seen.insert(*id) {
                self.delivered.push(*id);
                self.sums.delivered += 1;
            } else {
                self.sums.again += 1;
            }
        }
    }

    /// A full store must have been made full.
    pub fn failed(&mut self, error: &StoreError) {
        let mut text = format!("{error}: {error:?}");
        match error {
            StoreError::Full => {
                self.sums.full += 1;
                let full = [Fault::Memory, Fault::Disk];
                assert!(full.iter().any(|fault| self.struck.contains(fault)), "{text}");
            }
            StoreError::Unavailable(source) => {
                self.sums.unavailable += 1;
                text = format!("{text} {source}");
                assert!(!source.to_string().is_empty());
            }
            _ => panic!("{text}"),
        }
        assert!(!text.contains("rosebud"), "a password: {text}");
    }

    /// Compares with what stands in the store, by place.
    pub fn check(&mut self, found: &BTreeMap<Place, Record>) {
        let mut landed = BTreeSet::new();
        for (name, attempt) in &self.attempts {
            if attempt.came == Came::Stored {
                landed.insert(*name);
            }
        }
        let mut told = BTreeMap::<(Place, u64), BTreeSet<u16>>::new();
        for id in &self.delivered {
            let name = (id.place, id.version);
            assert!(self.attempts.contains_key(&name), "nobody wrote {id:?}");
            told.entry(name).or_default().insert(id.index);
            landed.insert(name);
        }
        for (at, record) in found {
            let name = (*at, record.head.version);
            assert!(self.attempts.contains_key(&name), "nobody wrote {name:?}");
            assert_eq!(*record, self::record(at, record.head.version));
            landed.insert(name);
        }
        // And whatever these expected.
        let mut open: Vec<_> = landed.iter().copied().collect();
        while let Some((at, version)) = open.pop() {
            if let Some(expected) = self.attempts[&(at, version)].expected
                && landed.insert((at, expected))
            {
                assert!(self.attempts.contains_key(&(at, expected)), "nobody wrote {expected}");
                open.push((at, expected));
            }
        }
        let mut successors = BTreeMap::new();
        let mut first = BTreeMap::<Place, u64>::new();
        for name @ (at, version) in &landed {
            let attempt = &self.attempts[name];
            assert!(attempt.came != Came::Refused, "{name:?} was refused, and written");
            self.sums.landed_in_doubt += u64::from(attempt.came == Came::Doubt);
            let indexes = told.remove(name).unwrap_or_default();
            let wanted: BTreeSet<u16> = (0..attempt.entries).collect();
            assert_eq!(indexes, wanted, "news of {name:?}, which came to {:?}", attempt.came);
            match attempt.expected {
                Some(expected) => {
                    let other = successors.insert((*at, expected), *version);
                    assert_eq!(other, None, "{at:?}: two were accepted on {expected}");
                }
                None => *first.entry(*at).or_default() += 1,
            }
        }
        for (at, count) in &first {
            if matches!(class(at), Class::Shared | Class::Once) {
                assert_eq!(*count, 1, "{at:?}: two first writes were accepted");
                assert!(found.contains_key(at), "{at:?}: lost");
            }
        }
        for name @ (at, _) in landed.iter().filter(|(at, _)| class(at) == Class::Shared) {
            let stands = found[at].head.version == name.1;
            assert_eq!(successors.contains_key(name), !stands, "{name:?}: the chain is broken");
        }
        self.check_order(&successors);
    }

    /// News of a place are delivered in the order of its writes.
    fn check_order(&self, successors: &BTreeMap<(Place, u64), u64>) {
        let depth = |at: Place, version: u64| {
            let mut depth = 0_u64;
            let mut version = self.attempts[&(at, version)].expected;
            while let Some(before) = version {
                depth += 1;
                version = self.attempts[&(at, before)].expected;
            }
            depth
        };
        let _ = successors;
        let mut last = BTreeMap::<Place, (u64, u16)>::new();
        for id in self.delivered.iter().filter(|id| class(&id.place) == Class::Shared) {
            let now = (depth(id.place, id.version), id.index);
            let before = last.insert(id.place, now);
            assert!(before.is_none_or(|before| before < now), "{id:?}: news out of order");
        }
    }
}
