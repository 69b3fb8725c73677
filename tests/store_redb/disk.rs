//! A full disk, played by a limit on the length of a file that is lifted from outside.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use countersign::store::redb::{RedbStore, RedbStoreError};
use countersign::store::{Expected, Head, News, Place, Put, Record, Store, StoreError};

use super::child::{self, Journal, Running, journal_of};
use super::support::{self, Folder, LATER, NOW};

/// In blocks of 512 bytes: two mebibytes.
const LIMIT: u64 = 4096;

fn numbered(n: u32) -> (Place, Record) {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    let head = Head { version: 1, created: NOW, live_until: LATER, retain_until: LATER };
    let sealed: Vec<u8> = (0..4000).map(|k| (k * n) as u8).collect();
    (Place { lane: 0, owner: [1; 16], id }, Record { head, sealed: sealed.into() })
}

async fn put(store: &RedbStore, n: u32) -> Result<Put, StoreError> {
    let (at, record) = numbered(n);
    let entry: Arc<[u8]> = Arc::from(n.to_be_bytes());
    let news = News { entries: &[entry], reserve: false };
    store.put_if(&at, Expected::Absent, &record, news, NOW).await
}

/// Whether everything of `numbers` is there, and its news.
fn is_whole(store: &RedbStore, numbers: &[u32]) {
    for n in numbers {
        let (at, record) = numbered(*n);
        assert_eq!(support::run(store.load(&at, NOW)).unwrap(), Some(record), "{n}");
    }
    let entries = support::run(store.entries(None, 1_000_000)).unwrap().rows;
    let mut told: Vec<u32> = entries
        .iter()
        .map(|entry| u32::from_be_bytes((*entry.sealed).try_into().unwrap()))
        .collect();
    told.sort_unstable();
    let mut wanted = numbers.to_vec();
    wanted.sort_unstable();
    wanted.retain(|n| told.binary_search(n).is_ok());
    assert_eq!(wanted.len(), numbers.len(), "each has its news");
}

/// The child: fills the file until there is no room, waits for room, and goes on; all with one store.
pub(crate) fn fills(file: &Path) {
    let store = support::options().open(file).unwrap();
    let journal = Journal::of(file);
    let mut stored = Vec::new();
    let full = support::tokio().block_on(async {
        // Eight at a time: a full disk is told to each of a transaction.
        for first in (0..100_000).step_by(8) {
            let tasks: Vec<_> = (first..first + 8)
                .map(|n| {
                    let store = store.clone();
                    tokio::spawn(async move { (n, put(&store, n).await) })
                })
                .collect();
            let mut failed = None;
            for task in tasks {
                let (n, put) = task.await.unwrap();
                match put {
                    Ok(Put::Stored) => stored.push(n),
                    Ok(Put::Conflict) => panic!("nobody else writes"),
                    Err(error) => failed = Some(error),
                }
            }
            if let Some(error) = failed {
                return error;
            }
        }
        panic!("there is no limit");
    });
    assert!(matches!(support::source(&full), RedbStoreError::Database(_)), "{full:?}");
    // It was opened anew by itself: what was acknowledged can be read while there is no room.
    let begun = Instant::now();
    while support::run(store.load(&numbered(0).0, NOW)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never opens again");
        thread::sleep(Duration::from_millis(1));
    }
    is_whole(&store, &stored);
    for n in 200_000..200_005 {
        let again = support::run(put(&store, n)).unwrap_err();
        let source = support::source(&again);
        assert!(
            matches!(source, RedbStoreError::Database(_) | RedbStoreError::Closed(_)),
            "{again:?}"
        );
    }
    for n in &stored {
        journal.line(&format!("a {n}"));
    }
    journal.line("full");
    // The test lifts the limit; the store goes on.
    let begun = Instant::now();
    let mut n = 300_000;
    while support::run(put(&store, n)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never goes on");
        thread::sleep(Duration::from_millis(10));
        n += 1;
    }
    stored.push(n);
    for n in 400_000..400_500 {
        assert_eq!(support::run(put(&store, n)).unwrap(), Put::Stored);
        stored.push(n);
        journal.line(&format!("a {n}"));
    }
    is_whole(&store, &stored);
    journal.line("done");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_fails_writes_and_nothing_else_and_is_over_when_there_is_room() {
    let folder = Folder::new();
    let file = folder.file();
    let mut child = Running(child::command("fill", &file, Some(LIMIT)).spawn().unwrap());
    let said = |word: &str| {
        fs::read_to_string(journal_of(&file)).unwrap_or_default().lines().any(|line| line == word)
    };
    let begun = Instant::now();
    while !said("full") {
        assert!(child.0.try_wait().unwrap().is_none(), "the child failed");
        assert!(begun.elapsed() < Duration::from_secs(300), "it never fills up");
        thread::sleep(Duration::from_millis(20));
    }
    let lifted = Command::new("prlimit")
        .args(["--pid", &child.0.id().to_string(), "--fsize=unlimited"])
        .status()
        .expect("prlimit runs: install Debian's util-linux");
    assert!(lifted.success());
    assert!(child.0.wait().unwrap().success(), "the child goes on");
    assert!(said("done"));
    // And opened by another process.
    let store = RedbStore::open(&file).unwrap();
    let journal = fs::read_to_string(journal_of(&file)).unwrap();
    let stored: Vec<u32> = journal
        .lines()
        .filter_map(|line| line.strip_prefix("a "))
        .map(|n| n.parse().unwrap())
        .collect();
    assert!(stored.len() > 600, "{}", stored.len());
    is_whole(&store, &stored);
}

/// Killed while there is no room, and opened where there still is none.
#[test]
#[cfg(target_os = "linux")]
fn a_full_file_opens_where_there_is_still_no_room() {
    let folder = Folder::new();
    let file = folder.file();
    let mut child = Running(child::command("fill", &file, Some(LIMIT)).spawn().unwrap());
    let read = || fs::read_to_string(journal_of(&file)).unwrap_or_default();
    let begun = Instant::now();
    while !read().ends_with("full\n") {
        assert!(child.0.try_wait().unwrap().is_none(), "the child failed");
        assert!(begun.elapsed() < Duration::from_secs(300), "it never fills up");
        thread::sleep(Duration::from_millis(20));
    }
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    let opened = child::command("open", &file, Some(LIMIT)).status().unwrap().code();
    assert_eq!(opened, Some(10), "it opens");
    let stored: Vec<u32> = read()
        .lines()
        .filter_map(|line| line.strip_prefix("a "))
        .map(|n| n.parse().unwrap())
        .collect();
    is_whole(&RedbStore::open(&file).unwrap(), &stored);
}
