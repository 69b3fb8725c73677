//! One row that somebody has damaged is one row's trouble.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use countersign::store::redb::{RedbStore, RedbStoreError};
use countersign::store::{Expected, News, Put, Store};
use redb::{Database, TableDefinition};

use super::support::{self, Folder, NOW, place, record, source};

const RECORDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");

/// Whoever writes elsewhere in the same transaction writes all the same.
#[test]
fn a_row_that_is_damaged_fails_no_other_write() {
    const WRITERS: u8 = 6;
    const ROUNDS: u64 = 40;
    let folder = Folder::new();
    let store = RedbStore::open(folder.file()).unwrap();
    for n in 0..=WRITERS {
        let (at, new) = (place(n), record(n, 1));
        let put = store.put_if(&at, Expected::Absent, &new, News::NONE, NOW);
        assert_eq!(support::run(put).unwrap(), Put::Stored);
    }
    drop(store);
    {
        let database = Database::open(folder.file()).unwrap();
        let tx = database.begin_write().unwrap();
        let at = place(0);
        let key = [&[at.lane][..], &at.owner, &at.id].concat();
        {
            let mut records = tx.open_table(RECORDS).unwrap();
            let cut = records.insert(key.as_slice(), [1, 2, 3].as_slice()).unwrap();
            assert!(cut.is_some(), "it stood there");
        }
        tx.commit().unwrap();
    }
    let store = RedbStore::open(folder.file()).unwrap();
    let refused = AtomicUsize::new(0);
    thread::scope(|scope| {
        for n in 1..=WRITERS {
            let store = &store;
            scope.spawn(move || {
                for version in 1..ROUNDS {
                    let (old, new) = (record(n, version).head, record(n, version + 1));
                    let at = place(n);
                    let put = store.put_if(&at, Expected::Head(old), &new, News::NONE, NOW);
                    assert_eq!(support::run(put).unwrap(), Put::Stored, "{n} {version}");
                    assert_eq!(support::run(store.load(&at, NOW)).unwrap(), Some(new));
                }
            });
        }
        scope.spawn(|| {
            for version in 1..ROUNDS {
                let at = place(0);
                let (old, new) = (record(0, version).head, record(0, version + 1));
                for expected in [Expected::Absent, Expected::Head(old)] {
                    let put = store.put_if(&at, expected, &new, News::NONE, NOW);
                    let error = support::run(put).unwrap_err();
                    assert!(matches!(source(&error), RedbStoreError::Database(_)), "{error:?}");
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    });
    assert_eq!(refused.into_inner(), 2 * (ROUNDS as usize - 1));
    for n in 1..=WRITERS {
        let found = support::run(store.load(&place(n), NOW)).unwrap();
        assert_eq!(found, Some(record(n, ROUNDS)));
    }
}

/// An entry that is damaged keeps its own lane back, and no other; nor does it fail who writes meanwhile.
#[test]
fn an_entry_that_is_damaged_keeps_no_other_lane_from_its_turn() {
    const OUTBOX: TableDefinition<&[u8], &[u8]> = TableDefinition::new("outbox");
    let folder = Folder::new();
    let store = RedbStore::open(folder.file()).unwrap();
    for n in 0..3 {
        let entries = [[n].into()];
        let news = News { entries: &entries, reserve: false };
        let (at, new) = (place(n), record(n, 1));
        let put = store.put_if(&at, Expected::Absent, &new, news, NOW);
        assert_eq!(support::run(put).unwrap(), Put::Stored);
    }
    drop(store);
    {
        let database = Database::open(folder.file()).unwrap();
        let tx = database.begin_write().unwrap();
        {
            let mut outbox = tx.open_table(OUTBOX).unwrap();
            let key = [&[0][..], &0_u64.to_be_bytes()].concat();
            let cut = outbox.insert(key.as_slice(), [1, 2, 3].as_slice()).unwrap();
            assert!(cut.is_some(), "it stood there");
        }
        tx.commit().unwrap();
    }
    let store = RedbStore::open(folder.file()).unwrap();
    let until = NOW.after(std::time::Duration::from_secs(60));
    let (mut leased, mut refused) = (Vec::new(), 0);
    for token in 0..6 {
        match support::run(store.lease(&[token; 16], 10, NOW, until)) {
            Ok(lease) => leased.extend(lease.map(|lease| lease.lane)),
            Err(error) => {
                assert!(matches!(source(&error), RedbStoreError::Database(_)), "{error:?}");
                refused += 1;
            }
        }
    }
    leased.sort_unstable();
    assert_eq!(leased, [1, 2]);
    assert!(refused > 0);
}
