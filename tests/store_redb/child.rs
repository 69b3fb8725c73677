//! This test binary, started once more as another process. What it does stands in an environment variable.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use countersign::Timestamp;
use countersign::store::redb::{OpenError, RedbStore};
use countersign::store::{EntryId, Expected, News, Put, Store};

use super::support::{self, NOW, Random, place, record};

/// A process that plays a part is this test once more.
const TEST: &str = "opening::a_second_process_or_store_is_told_that_the_file_is_open";
const PART: &str = "COUNTERSIGN_TEST_CHILD";
/// How many tasks write, and how many places each of them writes to.
const WRITERS: u8 = 8;
const PLACES: u8 = 4;

pub(crate) const PLACES_IN_ALL: u8 = WRITERS * PLACES;

/// A process that is killed when the test ends, however it ends.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The command that starts this binary again in a part. `limit`: no file gets longer than so many blocks of
/// 512 bytes.
pub(crate) fn command(part: &str, file: &Path, limit: Option<u64>) -> Command {
    let exe = std::env::current_exe().unwrap();
    let mut command = match limit {
        None => Command::new(exe),
        Some(blocks) => {
            let mut shell = Command::new("sh");
            let script = format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" \"$@\"");
            shell.arg("-c").arg(script).arg(exe);
            shell
        }
    };
    command.args([TEST, "--exact", "--nocapture"]);
    command.env(PART, part).env("COUNTERSIGN_TEST_FILE", file);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Whether this process was started for a part, which it has played then. For the test that [`command`] starts.
pub(crate) fn plays_its_part() -> bool {
    let Ok(part) = std::env::var(PART) else { return false };
    let file = PathBuf::from(std::env::var_os("COUNTERSIGN_TEST_FILE").unwrap());
    match part.split_once(' ').unwrap_or((&part, "")) {
        ("open", _) => match RedbStore::open(&file) {
            Ok(_) => std::process::exit(10),
            Err(OpenError::AlreadyOpen { .. }) => std::process::exit(11),
            Err(_) => std::process::exit(12),
        },
        ("load", round) => works(&file, round.parse().unwrap()),
        ("fill", _) => super::disk::fills(&file),
        ("disturbed", _) => super::disturbed::disturbed(&file),
        _ => panic!("no such part"),
    }
    true
}

/// Lines that survive the death of the process.
pub(crate) struct Journal(Mutex<File>);

impl Journal {
    pub(crate) fn of(file: &Path) -> Self {
        let path = journal_of(file);
        Self(Mutex::new(OpenOptions::new().create(true).append(true).open(path).unwrap()))
    }

    pub(crate) fn line(&self, line: &str) {
        self.0.lock().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

pub(crate) fn journal_of(file: &Path) -> PathBuf {
    file.with_extension("journal")
}

/// Writes and delivers until it is killed, and says before each step what it will do, and after it that the
/// store acknowledged it.
fn works(file: &Path, round: u64) {
    let store = support::options().open(file).unwrap();
    let journal = Arc::new(Journal::of(file));
    let versions = Arc::new(AtomicU64::new((round << 32) | 1));
    let now = Timestamp::from_unix(NOW.unix() + round * 10_000);
    journal.line("s");
    support::tokio().block_on(async {
        for task in 0..WRITERS {
            tokio::spawn(writes(
                store.clone(),
                Arc::clone(&journal),
                Arc::clone(&versions),
                task,
                Random::of(round * 100 + u64::from(task)),
            ));
        }
        delivers(store, journal, now).await;
    });
}

async fn writes(
    store: RedbStore,
    journal: Arc<Journal>,
    versions: Arc<AtomicU64>,
    task: u8,
    mut random: Random,
) {
    loop {
        let n = task * PLACES + random.below(u64::from(PLACES)) as u8;
        let held = store.load(&place(n), NOW).await.unwrap();
        let put = match held {
            Some(held) if random.below(8) == 0 => {
                journal.line(&format!("i {n} 0 0"));
                store.delete(&place(n), held.head).await
            }
            held => {
                let version = versions.fetch_add(1, Ordering::Relaxed);
                let count = random.below(3);
                journal.line(&format!("i {n} {version} {count}"));
                let entries: Vec<Arc<[u8]>> = (0..count)
                    .map(|k| Arc::from(format!("{n} {version} {k}").as_bytes()))
                    .collect();
                let news = News { entries: &entries, reserve: false };
                let expected = held.map_or(Expected::Absent, |held| Expected::Head(held.head));
                store.put_if(&place(n), expected, &record(n, version), news, NOW).await
            }
        };
        assert_eq!(put.unwrap(), Put::Stored, "nobody else writes there");
        journal.line(&format!("a {n}"));
    }
}

async fn delivers(store: RedbStore, journal: Arc<Journal>, now: Timestamp) {
    let mut token = 0_u64;
    loop {
        token += 1;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&token.to_be_bytes());
        let until = Timestamp::from_unix(now.unix() + 5_000);
        let Some(lease) = store.lease(&bytes, 5, now, until).await.unwrap() else {
            tokio::task::yield_now().await;
            continue;
        };
        let done: Vec<EntryId> = lease.entries.iter().map(|entry| entry.id).collect();
        let names: Vec<String> = done
            .iter()
            .map(|id| format!("{} {} {}", id.place.id[0], id.version, id.index))
            .collect();
        journal.line(&format!("d {}", names.join(" ")));
        assert!(store.acknowledge(&lease, &done, now).await.unwrap(), "the lease is ours");
        journal.line("D");
        store.release(&lease).await.unwrap();
    }
}
