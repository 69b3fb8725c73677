//! What lies in the past costs a list of live rows nothing: of its index, the only thing that it goes through, it reads
//! the live rows alone. What nothing depends on is not in it, and what has lapsed lies before.

use std::thread;
use std::time::Duration;

use countersign::store::{Expected, Head, News, Place, Put, Range, Record, Store, Which};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTableMetadata, TableDefinition};

use crate::support::{Folder, NOW, options, record, tokio};

fn at(id: u32) -> Place {
    Place { lane: 4, owner: [2; 16], id: u128::from(id).to_be_bytes() }
}

#[test]
fn the_index_of_live_rows_holds_no_others() {
    let folder = Folder::new();
    let file = folder.file();
    let store = options().open(&file).unwrap();
    // The newest of all, one amid what is past, and the oldest.
    let lives: [(u32, u8); 3] = [(20_003, 255), (20_002, 100), (20_001, 0)];
    let runtime = tokio();
    runtime.block_on(async {
        for (id, n) in lives {
            let live = record(n, 2);
            let put = store.put_if(&at(id), Expected::Absent, &live, News::NONE, NOW).await;
            assert_eq!(put.unwrap(), Put::Stored);
        }
        let writers = (0..64_u32).map(|writer| {
            let store = store.clone();
            // Nothing depends on them; on each tenth something did before.
            ::tokio::spawn(async move {
                for id in (writer..10_000).step_by(64) {
                    let n = (id % 250) as u8 + 1;
                    let (live, end) = (record(n, 2), record(n, 3));
                    let then = Expected::Head(live.head);
                    let both = [(Expected::Absent, live), (then, end.clone())];
                    let one = [(Expected::Absent, end)];
                    let writes = if id.is_multiple_of(10) { &both[..] } else { &one[..] };
                    for (expected, new) in writes {
                        let put = store.put_if(&at(id), *expected, new, News::NONE, NOW).await;
                        assert_eq!(put.unwrap(), Put::Stored);
                    }
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let range = Range { which: Which::Live, after: None, limit: 100 };
        let listed = store.list(4, &[2; 16], range, NOW).await.unwrap();
        let found: Vec<Place> = listed.rows.iter().map(|(at, _)| *at).collect();
        assert_eq!((found, listed.next), (lives.map(|(id, _)| at(id)).to_vec(), None));
        let all = Range { which: Which::All, limit: 20_000, ..range };
        assert_eq!(store.list(4, &[2; 16], all, NOW).await.unwrap().rows.len(), 10_003);
    });
    drop((store, runtime));
    let database = loop {
        // The store may still be closing.
        match Database::open(&file) {
            Err(DatabaseError::DatabaseAlreadyOpen) => thread::sleep(Duration::from_millis(10)),
            other => break other.unwrap(),
        }
    };
    let index: TableDefinition<'_, &[u8], ()> = TableDefinition::new("live");
    let table = database.begin_read().unwrap().open_table(index).unwrap();
    assert_eq!(table.len().unwrap(), 3);
}

/// Rows that nobody has ended: their time has passed, or that of their retention, without another write.
#[test]
fn what_has_lapsed_is_not_looked_at() {
    let folder = Folder::new();
    let store = options().open(folder.file()).unwrap();
    let soon = NOW.after(Duration::from_secs(10));
    let later = NOW.after(Duration::from_secs(100));
    let lives: [(u32, u8); 3] = [(20_003, 255), (20_002, 100), (20_001, 0)];
    tokio().block_on(async {
        for (id, n) in lives {
            let live = record(n, 2);
            let put = store.put_if(&at(id), Expected::Absent, &live, News::NONE, NOW).await;
            assert_eq!(put.unwrap(), Put::Stored);
        }
        let writers = (0..64_u32).map(|writer| {
            let store = store.clone();
            ::tokio::spawn(async move {
                for id in (writer..6000).step_by(64) {
                    let new = record((id % 250) as u8 + 1, 2);
                    let head = match id % 2 {
                        0 => Head { live_until: soon, ..new.head },
                        _ => Head { retain_until: soon, ..new.head },
                    };
                    let new = Record { head, ..new };
                    let put = store.put_if(&at(id), Expected::Absent, &new, News::NONE, NOW).await;
                    assert_eq!(put.unwrap(), Put::Stored);
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        // A part would end after a thousand rows that do not belong into it.
        let range = Range { which: Which::Live, after: None, limit: 100 };
        let listed = store.list(4, &[2; 16], range, later).await.unwrap();
        let found: Vec<Place> = listed.rows.iter().map(|(at, _)| *at).collect();
        assert_eq!((found, listed.next), (lives.map(|(id, _)| at(id)).to_vec(), None));
        // Until then they were live.
        let all = Range { limit: 10_000, ..range };
        assert_eq!(store.list(4, &[2; 16], all, NOW).await.unwrap().rows.len(), 6003);
    });
}
