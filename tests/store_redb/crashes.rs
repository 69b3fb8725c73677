//! The process is killed at random moments under load, again and again, with one file throughout; a journal
//! says what the store had acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use countersign::store::redb::RedbStore;
use countersign::store::{Entry, Range, Store, Which};

use super::child::{self, PLACES_IN_ALL, Running, journal_of};
use super::depth::either;
use super::support::{self, Folder, LATER, NOW, Random, place, record};

/// Place, version, index.
type Name = (u8, u64, u16);

/// What must stand in the file.
#[derive(Default)]
struct Model {
    versions: BTreeMap<u8, u64>,
    /// Entries of the writes that landed.
    made: BTreeSet<Name>,
    /// Entries whose deletion was acknowledged.
    delivered: BTreeSet<Name>,
    /// Writes that were begun and not acknowledged; version 0 deletes.
    begun: BTreeMap<u8, (u64, u16)>,
    /// Entries whose deletion was begun and not acknowledged.
    going: BTreeSet<Name>,
    acknowledged: usize,
}

impl Model {
    fn land(&mut self, n: u8) {
        let (version, count) = self.begun.remove(&n).expect("begun before");
        if version == 0 {
            self.versions.remove(&n);
        } else {
            self.versions.insert(n, version);
        }
        self.made.extend((0..count).map(|k| (n, version, k)));
    }

    fn read(&mut self, journal: &str) {
        // Of half a last line nothing was done yet, or nothing need be known.
        let whole = journal.rfind('\n').map_or("", |end| &journal[..end]);
        for line in whole.lines() {
            let (kind, rest) = line.split_at(1);
            let numbers: Vec<u64> =
                rest.split_whitespace().map(|number| number.parse().unwrap()).collect();
            match kind {
                "s" => {}
                "i" => {
                    self.begun.insert(numbers[0] as u8, (numbers[1], numbers[2] as u16));
                }
                "a" => {
                    self.acknowledged += 1;
                    self.land(numbers[0] as u8);
                }
                "d" => {
                    let names = numbers.chunks(3);
                    self.going = names.map(|of| (of[0] as u8, of[1], of[2] as u16)).collect();
                }
                "D" => self.delivered.append(&mut self.going),
                other => panic!("{other}"),
            }
        }
    }

    /// Compares the file with what must stand in it, and takes over what was in doubt.
    fn check(&mut self, store: &RedbStore) {
        for n in 0..PLACES_IN_ALL {
            let found = support::run(store.load(&place(n), NOW)).unwrap();
            let version = found.as_ref().map(|found| found.head.version);
            if self.begun.get(&n).is_some_and(|(begun, _)| version.unwrap_or(0) == *begun) {
                self.land(n);
            }
            self.begun.remove(&n);
            assert_eq!(version, self.versions.get(&n).copied(), "place {n}");
            assert_eq!(found, version.map(|version| record(n, version)), "place {n}");
        }
        self.check_lists(store);
        self.check_news(&entries(store));
        self.going.clear();
        let present: BTreeSet<Name> = entries(store).iter().map(name).collect();
        self.made = present;
        self.delivered.clear();
    }

    fn check_lists(&self, store: &RedbStore) {
        let scanned = support::run(store.scan(None, 1000)).unwrap();
        assert_eq!(scanned.next, None);
        let scanned: BTreeSet<u8> = scanned.rows.iter().map(|(at, _)| at.id[0]).collect();
        assert_eq!(scanned, self.versions.keys().copied().collect());
        for which in [Which::All, Which::Live] {
            let mut listed = BTreeSet::new();
            for (lane, owner) in (0..3).flat_map(|lane| (0..8).map(move |owner| (lane, owner))) {
                let range = Range { which, after: None, limit: 100 };
                let part = support::run(store.list(lane, &[owner; 16], range, NOW)).unwrap();
                assert!(
                    part.rows
                        .is_sorted_by_key(|(_, record)| std::cmp::Reverse(record.head.created))
                );
                listed.extend(part.rows.iter().map(|(at, _)| at.id[0]));
            }
            let wanted = self
                .versions
                .iter()
                .filter(|(_, version)| which == Which::All || version.is_multiple_of(2));
            assert_eq!(listed, wanted.map(|(n, _)| *n).collect(), "{which:?}");
        }
    }

    fn check_news(&self, entries: &[Entry]) {
        let names: Vec<Name> = entries.iter().map(name).collect();
        let present: BTreeSet<Name> = names.iter().copied().collect();
        assert_eq!(present.len(), names.len(), "no entry stands twice");
        let untrue: Vec<_> = self.delivered.difference(&self.made).collect();
        assert!(untrue.is_empty(), "delivered, and their writes are gone: {untrue:?}");
        let back: Vec<_> = present.intersection(&self.delivered).collect();
        assert!(back.is_empty(), "acknowledged, and there again: {back:?}");
        let invented: Vec<_> = present.difference(&self.made).collect();
        assert!(invented.is_empty(), "nobody wrote {invented:?}");
        let gone = self.made.difference(&present);
        let lost: Vec<_> = gone
            .filter(|name| !self.delivered.contains(name) && !self.going.contains(name))
            .collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        let mut last: BTreeMap<u8, Name> = BTreeMap::new();
        for (entry, name) in entries.iter().zip(names) {
            let (n, version, index) = name;
            assert_eq!(*entry.sealed, *format!("{n} {version} {index}").as_bytes());
            let before = last.insert(n, name);
            assert!(before.is_none_or(|before| before < name), "{before:?} stands before {name:?}");
        }
    }
}

fn name(entry: &Entry) -> Name {
    (entry.id.place.id[0], entry.id.version, entry.id.index)
}

fn entries(store: &RedbStore) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut after = None;
    loop {
        let part = support::run(store.entries(after.as_ref(), 100)).unwrap();
        entries.extend(part.rows);
        after = part.next;
        if after.is_none() {
            return entries;
        }
    }
}

/// Runs a process with load on the file, and kills it after a while; the journal of its life.
fn live_and_die(file: &Path, round: u64, random: &mut Random) -> String {
    let journal = journal_of(file);
    let _ = fs::remove_file(&journal);
    let mut child = Running(child::command(&format!("load {round}"), file, None).spawn().unwrap());
    // In one life of eight it dies before it has done anything, perhaps before the file is open.
    let bytes = if random.below(8) == 0 { 0 } else { 1 + random.below(6000) };
    let begun = Instant::now();
    while fs::metadata(&journal).map_or(0, |file| file.len()) < bytes {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does nothing");
        assert!(child.0.try_wait().unwrap().is_none(), "it ended by itself");
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_micros(random.below(30_000)));
    assert!(child.0.try_wait().unwrap().is_none(), "it ended by itself");
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    fs::read_to_string(&journal).unwrap_or_default()
}

#[test]
fn killed_at_any_moment_it_has_what_it_acknowledged_and_nothing_twice() {
    let folder = Folder::new();
    let file = folder.file();
    let mut random = Random::new();
    let mut model = Model::default();
    let rounds = either(10, 500);
    for round in 1..=rounds {
        let journal = live_and_die(&file, round, &mut random);
        model.read(&journal);
        let store = support::opened(|| support::options().open(&file));
        model.check(&store);
        // Nothing is left leased for ever, and nobody sees another's leases.
        assert_eq!(support::run(store.purge(NOW, 1000)).unwrap(), 0);
        assert!(
            support::run(store.load(&place(0), LATER.after(Duration::from_secs(10))))
                .unwrap()
                .is_none()
        );
    }
    println!("{} acknowledged in {rounds} lives", model.acknowledged);
    assert!(model.acknowledged > 10 * rounds as usize, "{}", model.acknowledged);
}
