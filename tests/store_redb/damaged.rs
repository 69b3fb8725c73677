//! One row that somebody has damaged is one row's trouble.

use std::time::Duration;

use countersign::Timestamp;
use countersign::store::redb::RedbStore;
use countersign::store::{
    Backlog, EntryId, Expected, Head, News, Place, Position, Put, Range, Record, Store, StoreError,
    Which,
};
use redb::{Database, TableDefinition};

use super::support::{self, Folder, NOW, opened, options, place, record};

pub(crate) type Table = TableDefinition<'static, &'static [u8], &'static [u8]>;

pub(crate) const RECORDS: Table = TableDefinition::new("records");
pub(crate) const OUTBOX: Table = TableDefinition::new("outbox");
const LEASES: Table = TableDefinition::new("leases");
/// As long as a name of a key, and none.
const CUT: &[u8] = &[1; 20];

pub(crate) fn key_of(at: &Place) -> Vec<u8> {
    [&[at.lane][..], &at.owner, &at.id].concat()
}

/// Writes a row that is too short into the file, which nobody has open; says whether one stood there.
fn cut(folder: &Folder, table: Table, key: &[u8]) -> bool {
    let database = Database::open(folder.file()).unwrap();
    let tx = database.begin_write().unwrap();
    let stood = tx.open_table(table).unwrap().insert(key, CUT).unwrap().is_some();
    tx.commit().unwrap();
    stood
}

pub(crate) fn put(store: &RedbStore, at: &Place, expected: Expected, new: &Record) -> Put {
    support::run(store.put_if(at, expected, new, News::NONE, NOW)).unwrap()
}

/// Stores a version of record number `n`, with one piece of news.
pub(crate) fn tell(store: &RedbStore, n: u8, version: u64) -> Result<Put, StoreError> {
    let expected = match version {
        1 => Expected::Absent,
        _ => Expected::Head(record(n, version - 1).head),
    };
    let entries = [[n].into()];
    let news = News { entries: &entries, reserve: false };
    support::run(store.put_if(&place(n), expected, &record(n, version), news, NOW))
}

/// Records of one customer, that end one after the other.
pub(crate) fn owned(id: u8) -> (Place, Record) {
    let (at, new) = (Place { lane: 1, owner: [1; 16], id: [id; 16] }, record(id, 2));
    let seconds = Duration::from_secs(10 + u64::from(id));
    let head =
        Head { retain_until: NOW.after(seconds), live_until: NOW.after(seconds), ..new.head };
    (at, Record { head, ..new })
}

const WHEN_ALL_IS_OVER: Timestamp = NOW.after(Duration::from_secs(3600));

/// Ten of these, of which one is cut.
fn with_a_cut_row(folder: &Folder) -> RedbStore {
    let store = RedbStore::open(folder.file()).unwrap();
    for id in 0..10 {
        let (at, new) = owned(id);
        assert_eq!(put(&store, &at, Expected::Absent, &new), Put::Stored);
    }
    drop(store);
    assert!(cut(folder, RECORDS, &key_of(&owned(1).0)));
    opened(|| options().open(folder.file()))
}

/// How the cut one is given.
fn cut_row() -> (Place, Record) {
    let (at, before) = owned(1);
    let (created, never) = (before.head.created, Timestamp::MAX);
    let head = Head { version: 0, created, live_until: never, retain_until: never };
    (at, Record { head, sealed: [].into() })
}

fn rows(ids: impl Iterator<Item = u8>) -> Vec<(Place, Record)> {
    ids.map(|id| if id == 1 { cut_row() } else { owned(id) }).collect()
}

pub(crate) fn listed(store: &RedbStore, which: Which, now: Timestamp) -> Vec<(Place, Record)> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let range = Range { which, after, limit: 4 };
        let part = support::run(store.list(1, &[1; 16], range, now)).unwrap();
        all.extend(part.rows);
        let Some(next) = part.next else { return all };
        after = Some(next);
    }
}

#[test]
fn a_damaged_row_stops_no_list_of_its_owner_and_is_in_it() {
    let folder = Folder::new();
    let store = with_a_cut_row(&folder);
    for which in [Which::All, Which::Live] {
        assert_eq!(listed(&store, which, NOW), rows((0..10).rev()), "{which:?}");
    }
    let (at, row) = cut_row();
    assert_eq!(support::run(store.load(&at, NOW)).unwrap(), Some(row.clone()));
    let behind = Position { created: row.head.created, id: at.id };
    let range = Range { which: Which::All, after: Some(behind), limit: 4 };
    let part = support::run(store.list(1, &[1; 16], range, NOW)).unwrap();
    assert_eq!((part.rows, part.next), (rows(0..1), None));
}

#[test]
fn a_damaged_row_stops_no_scan_and_is_in_it() {
    let folder = Folder::new();
    let store = with_a_cut_row(&folder);
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let part = support::run(store.scan(after.as_ref(), 3)).unwrap();
        all.extend(part.rows);
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(all, rows(0..10));
}

#[test]
fn a_damaged_row_stops_no_purge_and_goes_when_it_was_due() {
    let folder = Folder::new();
    let store = with_a_cut_row(&folder);
    let purge = |seconds| {
        let before = NOW.after(Duration::from_secs(seconds));
        support::run(store.purge(before, 1000)).unwrap()
    };
    assert_eq!(purge(10), 1, "the first");
    assert_eq!(support::run(store.load(&cut_row().0, NOW)).unwrap(), Some(cut_row().1));
    assert_eq!(purge(11), 1, "the damaged one, when its row would have gone");
    assert_eq!(listed(&store, Which::All, NOW), rows((2..10).rev()));
    assert_eq!(listed(&store, Which::Live, NOW), rows((2..10).rev()));
    assert_eq!(purge(3600), 8);
    assert_eq!(purge(3600), 0);
    assert_eq!(support::run(store.scan(None, 100)).unwrap().rows, []);
}

/// By its head, which says version 0; from then on its place is as any other.
#[test]
fn a_damaged_row_is_deleted_or_replaced_by_the_head_that_it_is_given_with() {
    for replaced in [false, true] {
        let folder = Folder::new();
        let store = with_a_cut_row(&folder);
        let (at, row) = cut_row();
        let (_, mut new) = owned(1);
        new.head.retain_until = NOW.after(Duration::from_secs(9000));
        new.head.live_until = Timestamp::EPOCH;
        assert_eq!(put(&store, &at, Expected::Absent, &new), Put::Conflict);
        assert_eq!(put(&store, &at, Expected::Head(new.head), &new), Put::Conflict);
        assert_eq!(support::run(store.delete(&at, new.head)).unwrap(), Put::Conflict);
        assert_eq!(support::run(store.load(&at, NOW)).unwrap(), Some(row.clone()));
        if replaced {
            assert_eq!(put(&store, &at, Expected::Head(row.head), &new), Put::Stored);
        } else {
            assert_eq!(support::run(store.delete(&at, row.head)).unwrap(), Put::Stored);
            assert_eq!(support::run(store.load(&at, NOW)).unwrap(), None);
            let gone: Vec<_> = rows((0..10).rev().filter(|id| *id != 1)).into_iter().collect();
            assert_eq!(listed(&store, Which::All, NOW), gone);
            assert_eq!(listed(&store, Which::Live, NOW), gone);
            assert_eq!(put(&store, &at, Expected::Absent, &new), Put::Stored);
        }
        let mut all = rows((0..10).rev());
        all[8] = (at, new.clone());
        assert_eq!(listed(&store, Which::All, NOW), all, "once");
        all.remove(8);
        assert_eq!(listed(&store, Which::Live, NOW), all);
        // What was due of the row before is not due any more.
        assert_eq!(support::run(store.purge(WHEN_ALL_IS_OVER, 1000)).unwrap(), 9);
        assert_eq!(support::run(store.load(&at, NOW)).unwrap(), Some(new.clone()));
        assert_eq!(support::run(store.purge(new.head.retain_until, 1000)).unwrap(), 1);
        assert_eq!(support::run(store.scan(None, 100)).unwrap().rows, []);
    }
}

/// An entry that is damaged is handed out as such, and can be acknowledged.
#[test]
fn an_entry_that_is_damaged_keeps_nobody_back() {
    let folder = Folder::new();
    let store = RedbStore::open(folder.file()).unwrap();
    for n in 0..3 {
        for version in 1..3 {
            assert_eq!(tell(&store, n, version).unwrap(), Put::Stored);
        }
    }
    drop(store);
    assert!(cut(&folder, OUTBOX, &[&[0][..], &0_u64.to_be_bytes()].concat()));
    let store = opened(|| options().open(folder.file()));
    let listed = support::run(store.entries(None, 100)).unwrap();
    assert_eq!((listed.rows.len(), listed.next), (6, None));
    let until = NOW.after(Duration::from_secs(60));
    let mut leased = Vec::new();
    for token in 0..3 {
        let lease = support::run(store.lease(&[token; 16], 10, NOW, until)).unwrap().unwrap();
        let of_lane = listed.rows.iter().filter(|entry| entry.id.place.lane == lease.lane);
        assert_eq!(lease.entries, of_lane.cloned().collect::<Vec<_>>());
        if lease.lane == 0 {
            let named = Place { lane: 0, owner: [0; 16], id: [0; 16] };
            let id = EntryId { place: named, created: Timestamp::EPOCH, version: 0, index: 0 };
            assert_eq!((lease.entries[0].id, &*lease.entries[0].sealed), (id, &[][..]));
            assert_eq!(
                (lease.entries[1].id.place, &*lease.entries[1].sealed),
                (place(0), &[0][..])
            );
        }
        let done: Vec<EntryId> = lease.entries.iter().map(|entry| entry.id).collect();
        assert!(support::run(store.acknowledge(&lease, &done, NOW)).unwrap());
        leased.push(lease.lane);
    }
    leased.sort_unstable();
    assert_eq!(leased, [0, 1, 2]);
    assert_eq!(support::run(store.backlog()).unwrap(), Backlog::default());
}

/// Nobody can say whose it was.
#[test]
fn a_lease_that_is_damaged_keeps_nobody_out() {
    let folder = Folder::new();
    let store = RedbStore::open(folder.file()).unwrap();
    assert_eq!(tell(&store, 0, 1).unwrap(), Put::Stored);
    let until = NOW.after(Duration::from_secs(60));
    let first = support::run(store.lease(&[1; 16], 10, NOW, until)).unwrap().unwrap();
    assert_eq!(support::run(store.lease(&[2; 16], 10, NOW, until)).unwrap(), None);
    drop(store);
    assert!(cut(&folder, LEASES, &[0]));
    let store = opened(|| options().open(folder.file()));
    let done = [first.entries[0].id];
    assert!(!support::run(store.acknowledge(&first, &done, NOW)).unwrap());
    let second = support::run(store.lease(&[2; 16], 10, NOW, until)).unwrap().unwrap();
    assert_eq!(second.entries, first.entries);
    assert!(support::run(store.acknowledge(&second, &done, NOW)).unwrap());
    assert_eq!(support::run(store.backlog()).unwrap(), Backlog::default());
}
