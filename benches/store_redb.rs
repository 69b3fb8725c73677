//! The store in a file beside raw redb: eight tasks write, with a transaction a write and with group commit.
//!
//! Run it on the disk that counts: `TMPDIR=/var/lib/bank cargo bench --features store-redb --bench store_redb`.

#[path = "servers/whole.rs"]
mod whole;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::Timestamp;
use countersign::store::redb::{RedbOptions, RedbStore};
use countersign::store::{Expected, Head, News, Place, Put, Range, Record, Store, Which};
use redb::{Database, ReadableTable, TableDefinition};

const TASKS: u32 = 8;
/// Writes of a task in one round.
const WRITES: u32 = 60;
const ROUNDS: usize = 9;
const SEALED: usize = 400;
const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const LATER: Timestamp = Timestamp::from_unix(1_900_000_000);

const RAW: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");
const RAW_NEWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("outbox");
const RAW_LISTS: [TableDefinition<&[u8], ()>; 3] =
    [TableDefinition::new("all"), TableDefinition::new("live"), TableDefinition::new("due")];

fn place(n: u32) -> Place {
    let mut id = [0; 16];
    // Spread over the file, as keyed ids are.
    id[..4].copy_from_slice(&n.wrapping_mul(0x9E37_79B1).to_be_bytes());
    let [lane, ..] = id;
    Place { lane, owner: [lane; 16], id }
}

fn record(n: u32) -> Record {
    let created = Timestamp::from_unix(NOW.unix() + u64::from(n));
    let head = Head { version: 1, created, live_until: LATER, retain_until: LATER };
    Record { head, sealed: Arc::from([7; SEALED]) }
}

/// The same rows in the same tables, with a transaction for each write.
fn raw_write(database: &Database, n: u32, news: bool) {
    let (at, record) = (place(n), record(n));
    let tx = database.begin_write().unwrap();
    {
        let key = [&[at.lane][..], &at.owner, &at.id].concat();
        let mut records = tx.open_table(RAW).unwrap();
        assert!(records.get(key.as_slice()).unwrap().is_none());
        let row = [&[0; 32][..], &record.sealed].concat();
        records.insert(key.as_slice(), row.as_slice()).unwrap();
        for list in RAW_LISTS {
            let key = [&key[..], &record.head.created.unix().to_be_bytes()].concat();
            tx.open_table(list).unwrap().insert(key.as_slice(), ()).unwrap();
        }
        if news {
            let key = [&[at.lane][..], &u64::from(n).to_be_bytes()].concat();
            tx.open_table(RAW_NEWS).unwrap().insert(key.as_slice(), [0; 250].as_slice()).unwrap();
        }
    }
    tx.commit().unwrap();
}

async fn write(store: &RedbStore, n: u32, news: bool) {
    let entry: [Arc<[u8]>; 1] = [Arc::from([0; 200])];
    let news = if news { News { entries: &entry, reserve: false } } else { News::NONE };
    let put = store.put_if(&place(n), Expected::Absent, &record(n), news, NOW).await.unwrap();
    assert_eq!(put, Put::Stored);
}

fn median<T: Ord + Copy>(mut all: Vec<T>) -> T {
    all.sort_unstable();
    all[all.len() / 2]
}

/// A file that goes away.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("countersign-bench-{}-{name}", std::process::id())))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

/// Eight threads of raw redb; how long it took.
fn raw_round(database: &Database, round: u32, news: bool) -> Duration {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for task in 0..TASKS {
            scope.spawn(move || {
                for write in 0..WRITES {
                    raw_write(database, (round * TASKS + task) * WRITES + write, news);
                }
            });
        }
    });
    begun.elapsed()
}

fn round(runtime: &tokio::runtime::Runtime, store: &RedbStore, round: u32, news: bool) -> Duration {
    let begun = Instant::now();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let store = store.clone();
                tokio::spawn(async move {
                    for n in 0..WRITES {
                        write(&store, (round * TASKS + task) * WRITES + n, news).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    begun.elapsed()
}

fn beside_raw(news: bool) {
    let (raw_file, single_file, file) =
        (File::new("raw"), File::new("single"), File::new("grouped"));
    let raw = Database::create(&raw_file.0).unwrap();
    let single = RedbOptions::new().batch(1).open(&single_file.0).unwrap();
    let grouped = RedbStore::open(&file.0).unwrap();
    let runtime = runtime();
    let (mut raws, mut singles, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    let mut commits = 0;
    for n in 0..=u32::try_from(ROUNDS).unwrap() {
        let times = [
            raw_round(&raw, n, news),
            round(&runtime, &single, n, news),
            round(&runtime, &grouped, n, news),
        ];
        if n == 0 {
            commits = grouped.commits();
            continue;
        }
        raws.push(times[0]);
        singles.push(times[1]);
        groups.push(times[2]);
    }
    let commits = grouped.commits() - commits;
    let writes = f64::from(TASKS * WRITES);
    let rate = |time: Duration| writes / time.as_secs_f64();
    let ratio = |times: &[Duration]| {
        let ratios = times
            .iter()
            .zip(&raws)
            .map(|(time, raw)| (raw.as_secs_f64() / time.as_secs_f64() * 1000.0) as u64);
        median(ratios.collect()) as f64 / 1000.0
    };
    println!(
        "\neight tasks write records of {SEALED} bytes{}",
        if news { ", each with an entry" } else { "" }
    );
    println!(
        "  raw redb, a transaction a write   {:>8.0} writes/s   1.00",
        rate(median(raws.clone()))
    );
    println!(
        "  the store, batch 1                {:>8.0} writes/s  {:>5.2}",
        rate(median(singles.clone())),
        ratio(&singles)
    );
    println!(
        "  the store, batch 64               {:>8.0} writes/s  {:>5.2}",
        rate(median(groups.clone())),
        ratio(&groups)
    );
    println!(
        "  writes in one transaction         {:>8.1}",
        writes * ROUNDS as f64 / commits as f64
    );
}

/// One task alone, and reads: in the file's cache, where they run.
fn alone(path: &Path, records: u32) {
    let store = RedbOptions::new().open(path).unwrap();
    let runtime = runtime();
    let begun = Instant::now();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..256)
            .map(|task| {
                let store = store.clone();
                tokio::spawn(async move {
                    for n in (task..records).step_by(256) {
                        write(&store, n, false).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    println!("\n{records} live records, written in {:.1?}", begun.elapsed());
    let size = std::fs::metadata(path).unwrap().len();
    println!("  bytes of the file for a record    {:>8}", size / u64::from(records));
    runtime.block_on(async {
        let (mut loads, mut lists, mut puts) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..5000_u32 {
            let at = place(n.wrapping_mul(7919) % records);
            let begun = Instant::now();
            assert!(store.load(&at, NOW).await.unwrap().is_some());
            loads.push(begun.elapsed());
            let range = Range { which: Which::Live, after: None, limit: 20 };
            let begun = Instant::now();
            store.list(at.lane, &at.owner, range, NOW).await.unwrap();
            lists.push(begun.elapsed());
        }
        for n in 0..300 {
            let begun = Instant::now();
            write(&store, records + n, false).await;
            puts.push(begun.elapsed());
        }
        for (name, mut times) in [("load", loads), ("list of 20", lists), ("put, alone", puts)] {
            times.sort_unstable();
            let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
            println!("  {name:<18} p50 {p50:>9.1?}   p99 {p99:>9.1?}");
        }
    });
    let begun = Instant::now();
    drop(store);
    let closed = begun.elapsed();
    let begun = Instant::now();
    let store = RedbStore::open(path).unwrap();
    println!("  closed in {closed:.1?}, opened in {:.1?}", begun.elapsed());
    // What a killed process leaves behind: a copy of the open file, which needs repair.
    let copy = File::new("killed");
    std::fs::copy(path, &copy.0).unwrap();
    let begun = Instant::now();
    drop(RedbStore::open(&copy.0).unwrap());
    println!("  opened after a crash, and closed, in {:.1?}", begun.elapsed());
    drop(store);
}

fn main() {
    beside_raw(false);
    beside_raw(true);
    let file = File::new("whole");
    let store = RedbStore::open(&file.0).unwrap();
    println!();
    runtime().block_on(whole::print("redb", store, 60));
    runtime().block_on(whole::print(
        "memory",
        countersign::MemoryStore::with_capacity(1 << 20),
        200,
    ));
    for records in [1000, 100_000] {
        alone(&File::new("alone").0, records);
    }
}
