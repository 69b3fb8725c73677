//! Keys that somebody has damaged: nobody is locked out, and nothing stops.

use std::time::Duration;

use countersign::store::redb::RedbStore;
use countersign::store::{
    Backlog, EntryId, Expected, Head, Lease, News, Place, Put, Record, Store, Which,
};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::damaged::{OUTBOX, RECORDS, key_of, listed, owned, put, tell};
use super::support::{self, Folder, NOW, opened, options, record};

type Index = TableDefinition<'static, &'static [u8], ()>;

const ALL: Index = TableDefinition::new("all");
const LIVE: Index = TableDefinition::new("live");
const DUE: Index = TableDefinition::new("due");

/// The owner's ten records, in a store that was closed.
fn with_ten(folder: &Folder) {
    let store = RedbStore::open(folder.file()).unwrap();
    for id in 0..10 {
        let (at, new) = owned(id);
        assert_eq!(put(&store, &at, Expected::Absent, &new), Put::Stored);
    }
}

fn ten(ids: impl Iterator<Item = u8>) -> Vec<(Place, Record)> {
    ids.map(owned).collect()
}

/// The key of an index that is about the record with this id.
fn key_about(folder: &Folder, index: Index, id: u8) -> Vec<u8> {
    let database = Database::open(folder.file()).unwrap();
    let table = database.begin_read().unwrap().open_table(index).unwrap();
    let mut keys = table.iter().unwrap().map(|row| row.unwrap().0.value().to_vec());
    keys.find(|key| key.ends_with(&[id; 16])).unwrap()
}

/// How long the keys of an index are.
fn lengths(folder: &Folder, index: Index) -> Vec<usize> {
    let database = Database::open(folder.file()).unwrap();
    let table = database.begin_read().unwrap().open_table(index).unwrap();
    let lengths = table.iter().unwrap().map(|row| row.unwrap().0.value().len());
    lengths.collect()
}

/// Puts other keys in place of one, or beside all.
fn damage(folder: &Folder, index: Index, whole: Option<&[u8]>, damaged: &[Vec<u8>]) {
    let database = Database::open(folder.file()).unwrap();
    let tx = database.begin_write().unwrap();
    {
        let mut table = tx.open_table(index).unwrap();
        if let Some(whole) = whole {
            assert!(table.remove(whole).unwrap().is_some());
        }
        for key in damaged {
            table.insert(key.as_slice(), ()).unwrap();
        }
    }
    tx.commit().unwrap();
}

/// Cut behind the owner, in the middle and before the last byte, or longer than it should be.
fn ways(whole: &[u8]) -> Vec<Vec<u8>> {
    let cut = |length: usize| whole[..length].to_vec();
    let long = |more: &[u8]| [whole, more].concat();
    vec![cut(18), cut(30), cut(whole.len() - 1), long(&[0]), long(&[7; 16])]
}

/// The credential whose key it was is in the list: nobody binds a second one because it is overlooked.
#[test]
fn a_damaged_key_of_a_list_is_mended_when_it_is_met() {
    for (index, which, length) in [(ALL, Which::All, 41), (LIVE, Which::Live, 49)] {
        let ways = {
            let folder = Folder::new();
            with_ten(&folder);
            ways(&key_about(&folder, index, 4))
        };
        for damaged in ways {
            let folder = Folder::new();
            with_ten(&folder);
            let whole = key_about(&folder, index, 4);
            damage(&folder, index, Some(&whole), std::slice::from_ref(&damaged));
            let store = opened(|| options().open(folder.file()));
            // The damaged key may be met in the second part, when the first one is over.
            let first = listed(&store, which, NOW);
            assert!(first.iter().all(|row| ten(0..10).contains(row)), "{damaged:?}");
            assert_eq!(listed(&store, which, NOW), ten((0..10).rev()), "{which:?} {damaged:?}");
            drop(store);
            drop(opened(|| options().open(folder.file())));
            assert_eq!(lengths(&folder, index), [length; 10], "{which:?} {damaged:?}");
            let store = opened(|| options().open(folder.file()));
            // What is due was filed once, and goes once.
            let purged =
                support::run(store.purge(NOW.after(Duration::from_secs(60)), 100)).unwrap();
            assert_eq!(purged, 10);
            assert_eq!(support::run(store.scan(None, 100)).unwrap().rows, []);
        }
    }
}

/// A list in one part has it at once.
#[test]
fn a_list_that_meets_a_damaged_key_has_what_the_key_was_of() {
    for (index, which) in [(ALL, Which::All), (LIVE, Which::Live)] {
        let folder = Folder::new();
        with_ten(&folder);
        let whole = key_about(&folder, index, 9);
        damage(&folder, index, Some(&whole), &[whole[..20].to_vec()]);
        let store = opened(|| options().open(folder.file()));
        let range = countersign::store::Range { which, after: None, limit: 100 };
        let part = support::run(store.list(1, &[1; 16], range, NOW)).unwrap();
        assert_eq!((part.rows, part.next), (ten((0..10).rev()), None), "{which:?}");
    }
}

/// So has the list of each of several owners, in their order.
#[test]
fn lists_of_several_owners_have_what_a_damaged_key_was_of() {
    for (index, which) in [(ALL, Which::All), (LIVE, Which::Live)] {
        let folder = Folder::new();
        with_ten(&folder);
        let whole = key_about(&folder, index, 9);
        damage(&folder, index, Some(&whole), &[whole[..20].to_vec()]);
        let store = opened(|| options().open(folder.file()));
        let range = countersign::store::Range { which, after: None, limit: 100 };
        let owners = [[7; 16], [1; 16], [9; 16]];
        let parts = support::run(store.list_each(1, &owners, range, NOW)).unwrap();
        let parts: Vec<_> = parts.into_iter().map(|part| (part.rows, part.next)).collect();
        let all = (ten((0..10).rev()), None);
        assert_eq!(parts, [(vec![], None), all, (vec![], None)], "{which:?}");
    }
}

/// Also if the row is damaged as well, which is then filed where nobody overlooks it.
#[test]
fn a_damaged_key_of_a_damaged_row_is_mended_too() {
    let folder = Folder::new();
    with_ten(&folder);
    for index in [ALL, LIVE] {
        let whole = key_about(&folder, index, 4);
        damage(&folder, index, Some(&whole), &[whole[..20].to_vec()]);
    }
    {
        let database = Database::open(folder.file()).unwrap();
        let tx = database.begin_write().unwrap();
        let key = key_of(&owned(4).0);
        tx.open_table(RECORDS).unwrap().insert(key.as_slice(), [1_u8; 20].as_slice()).unwrap();
        tx.commit().unwrap();
    }
    let store = opened(|| options().open(folder.file()));
    let at = owned(4).0;
    let loaded = support::run(store.load(&at, NOW)).unwrap().unwrap();
    assert_eq!((loaded.head.version, loaded.sealed.len()), (0, 0));
    for which in [Which::All, Which::Live] {
        let range = countersign::store::Range { which, after: None, limit: 100 };
        let rows = support::run(store.list(1, &[1; 16], range, NOW)).unwrap().rows;
        assert_eq!(rows.iter().filter(|(place, _)| *place == at).count(), 1, "{which:?}");
        assert_eq!(rows.len(), 10, "{which:?}");
    }
    assert_eq!(support::run(store.delete(&at, loaded.head)).unwrap(), Put::Stored);
    for which in [Which::All, Which::Live] {
        assert_eq!(listed(&store, which, NOW), ten((0..10).rev().filter(|id| *id != 4)));
    }
}

/// Nothing opens under such a key, since a record is bound to its place.
#[test]
fn a_damaged_key_of_a_record_stops_no_scan_and_no_list() {
    let folder = Folder::new();
    with_ten(&folder);
    {
        let database = Database::open(folder.file()).unwrap();
        let tx = database.begin_write().unwrap();
        let mut table = tx.open_table(RECORDS).unwrap();
        let key = key_of(&owned(4).0);
        for damaged in [vec![], key[..20].to_vec(), [&key[..], &[0]].concat(), vec![0xFF; 40]] {
            table.insert(damaged.as_slice(), [1; 60].as_slice()).unwrap();
        }
        drop(table);
        tx.commit().unwrap();
    }
    let store = opened(|| options().open(folder.file()));
    for limit in [1, 3, 10, 100] {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let part = support::run(store.scan(after.as_ref(), limit)).unwrap();
            assert!(part.rows.len() <= limit);
            all.extend(part.rows);
            after = part.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(all, ten(0..10), "{limit}");
    }
    assert_eq!(listed(&store, Which::All, NOW), ten((0..10).rev()));
}

#[test]
fn a_damaged_key_of_what_is_due_stops_no_purge() {
    let folder = Folder::new();
    with_ten(&folder);
    let whole = key_about(&folder, DUE, 4);
    let damaged = [vec![], vec![0; 3], whole[..8].to_vec(), whole[..20].to_vec(), vec![0; 60]];
    damage(&folder, DUE, None, &damaged);
    // This one still names its record.
    damage(&folder, DUE, Some(&whole), &[[&whole[..], &[9]].concat()]);
    let store = opened(|| options().open(folder.file()));
    let purge = |seconds, limit| {
        support::run(store.purge(NOW.after(Duration::from_secs(seconds)), limit)).unwrap()
    };
    assert_eq!(purge(12, 1), 1);
    assert_eq!(purge(12, 100), 2);
    assert_eq!(listed(&store, Which::All, NOW), ten((3..10).rev()));
    assert_eq!(purge(60, 100), 7);
    assert_eq!(support::run(store.scan(None, 100)).unwrap().rows, []);
    drop(store);
    drop(opened(|| options().open(folder.file())));
    assert_eq!(lengths(&folder, DUE), [0_usize; 0]);
}

/// Nobody is kept beyond their retention because a key no longer says whose it was.
#[test]
fn a_record_whose_key_of_what_is_due_was_cut_is_purged_all_the_same() {
    let (at, row) = owned(4);
    let folder = Folder::new();
    let store = opened(|| options().open(folder.file()));
    // More than are filed anew at once, twice.
    for n in 0..250_u16 {
        let place = Place { id: [n.to_be_bytes(); 8].concat().try_into().unwrap(), ..at };
        let seconds = Duration::from_secs(if n % 2 == 0 { 10 } else { 5000 });
        let head = Head { retain_until: NOW.after(seconds), ..row.head };
        assert_eq!(
            put(&store, &place, Expected::Absent, &Record { head, ..row.clone() }),
            Put::Stored
        );
    }
    drop(store);
    for n in [0_u16, 100, 248] {
        let id: [u8; 16] = [n.to_be_bytes(); 8].concat().try_into().unwrap();
        let whole = {
            let database = Database::open(folder.file()).unwrap();
            let table = database.begin_read().unwrap().open_table(DUE).unwrap();
            let mut keys = table.iter().unwrap().map(|row| row.unwrap().0.value().to_vec());
            keys.find(|key| key.ends_with(&id)).unwrap()
        };
        damage(&folder, DUE, Some(&whole), &[whole[..20].to_vec()]);
    }
    let store = opened(|| options().open(folder.file()));
    let purge = || support::run(store.purge(NOW.after(Duration::from_secs(60)), 1000)).unwrap();
    assert_eq!(purge(), 125);
    assert_eq!(purge(), 0);
    assert_eq!(support::run(store.scan(None, 1000)).unwrap().rows.len(), 125);
    let later = NOW.after(Duration::from_secs(5000));
    assert_eq!(support::run(store.purge(later, 1000)).unwrap(), 125);
    drop(store);
    drop(opened(|| options().open(folder.file())));
    assert_eq!(lengths(&folder, DUE), [0_usize; 0]);
}

fn insert_entry(folder: &Folder, key: &[u8], row: &[u8]) {
    let database = Database::open(folder.file()).unwrap();
    let tx = database.begin_write().unwrap();
    assert!(tx.open_table(OUTBOX).unwrap().insert(key, row).unwrap().is_none());
    tx.commit().unwrap();
}

fn lease(store: &RedbStore, token: u8, limit: usize) -> Option<Lease> {
    let until = NOW.after(Duration::from_secs(60));
    support::run(store.lease(&[token; 16], limit, NOW, until)).unwrap()
}

/// All entries, in parts of so many.
fn entries(store: &RedbStore, limit: usize) -> Vec<EntryId> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let part = support::run(store.entries(after.as_ref(), limit)).unwrap();
        all.extend(part.rows.iter().map(|entry| entry.id));
        after = part.next;
        if after.is_none() {
            return all;
        }
    }
}

/// Whoever writes in that lane writes, every lane is leased, and what stands under the key is handed out and goes.
#[test]
fn a_damaged_key_of_the_outbox_keeps_nobody_back() {
    let far = [&[0][..], &u64::MAX.to_be_bytes()].concat();
    let long = [&[0][..], &0_u64.to_be_bytes(), &[1]].concat();
    let last = [&[0][..], &[0xFF; 11]].concat();
    for damaged in [vec![], vec![0], vec![0, 1], long, far, last] {
        let folder = Folder::new();
        let store = RedbStore::open(folder.file()).unwrap();
        for n in 0..3 {
            assert_eq!(tell(&store, n, 1).unwrap(), Put::Stored);
        }
        drop(store);
        insert_entry(&folder, &damaged, &[1; 20]);
        let store = opened(|| options().open(folder.file()));
        assert_eq!(
            support::run(store.backlog()).unwrap(),
            Backlog { entries: 4, lanes: 3 },
            "{damaged:?}"
        );
        // Two more of the lane, in their order, and none in place of another.
        for version in 2..4 {
            for n in 0..3 {
                assert_eq!(tell(&store, n, version).unwrap(), Put::Stored, "{damaged:?}");
            }
        }
        for limit in [1, 2, 100] {
            let all = entries(&store, limit);
            assert_eq!(all.len(), 10, "{damaged:?} {limit}");
            let distinct: std::collections::BTreeSet<EntryId> = all.iter().copied().collect();
            assert_eq!(distinct.len(), 10, "{damaged:?} {limit}");
        }
        let mut leased = Vec::new();
        for token in 1..4 {
            let lease = lease(&store, token, 100).unwrap();
            // What is damaged has version 0.
            let versions = lease.entries.iter().map(|entry| entry.id.version);
            let versions: Vec<u64> = versions.filter(|version| *version > 0).collect();
            assert_eq!(versions, [1, 2, 3], "{damaged:?}");
            let done: Vec<EntryId> = lease.entries.iter().map(|entry| entry.id).collect();
            assert_eq!(done.len(), if lease.lane == 0 { 4 } else { 3 }, "{damaged:?}");
            assert!(support::run(store.acknowledge(&lease, &done, NOW)).unwrap());
            leased.push(lease.lane);
        }
        leased.sort_unstable();
        assert_eq!(leased, [0, 1, 2]);
        assert_eq!(support::run(store.backlog()).unwrap(), Backlog::default(), "{damaged:?}");
    }
}

/// A worker that reads on gets each once, though what is damaged is no place to read on from.
#[test]
fn a_worker_reads_on_over_damaged_keys() {
    let folder = Folder::new();
    let store = RedbStore::open(folder.file()).unwrap();
    let at = Place { lane: 0, owner: [1; 16], id: [1; 16] };
    let head = |version| Head { version, ..record(0, 2).head };
    for version in 1..=5_u64 {
        let expected =
            if version == 1 { Expected::Absent } else { Expected::Head(head(version - 1)) };
        let new = Record { head: head(version), sealed: [1].into() };
        let news = News { entries: &[[2].into()], reserve: false };
        let put = support::run(store.put_if(&at, expected, &new, news, NOW)).unwrap();
        assert_eq!(put, Put::Stored);
    }
    drop(store);
    for damaged in [vec![0], vec![0, 0, 0, 0, 0, 0, 0, 0, 1, 5], vec![0, 0, 0, 0, 0, 0, 0, 0, 1, 6]]
    {
        insert_entry(&folder, &damaged, &[1; 20]);
    }
    let store = opened(|| options().open(folder.file()));
    for limit in 1..9 {
        let lease = lease(&store, 1, limit).unwrap();
        let mut all: Vec<EntryId> = lease.entries.iter().map(|entry| entry.id).collect();
        let mut after = lease.next.clone();
        while let Some(cursor) = after {
            let part = support::run(store.entries(Some(&cursor), limit)).unwrap();
            all.extend(part.rows.iter().map(|entry| entry.id));
            after = part.next;
        }
        assert_eq!(all.len(), 8, "{limit}: {all:?}");
        let versions: Vec<u64> = all.iter().map(|id| id.version).filter(|n| *n > 0).collect();
        assert_eq!(versions, [1, 2, 3, 4, 5], "{limit}");
        support::run(store.release(&lease)).unwrap();
    }
}
