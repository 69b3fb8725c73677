//! A thousand live records beside a million, on every store: bytes a record, the median and the 99th percentile of
//! `load` and `put_if`, and what a purge of a tenth as many does to live calls meanwhile. Goals: on PostgreSQL and
//! Redis at most 1.5 times slower with a million; under a purge a 99th percentile under twice.
//!
//! Both stores of a pair stand side by side and are measured in turns, three times: the best is told, because
//! whatever else the machine does only adds.
//!
//! `cargo bench --bench scale --features store-redb,redis,postgres -- 1000000`, and the
//! names of stores if not all; needs PostgreSQL and Redis.
#![allow(unreachable_pub, dead_code)]

#[path = "servers/redis.rs"]
mod redis;
#[path = "../tests/store_postgres/server.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use countersign::store::postgres::{PostgresOptions, PostgresStore};
use countersign::store::redb::RedbStore;
use countersign::store::redis::{RedisOptions, RedisStore};
use countersign::store::{Expected, Head, News, Place, Put, Record, Store};
use countersign::{MemoryStore, Timestamp};
use sha2::{Digest, Sha256};

const FEW: u32 = 1000;
const SEALED: usize = 400;
/// Calls of each kind in one measurement.
const CALLS: u32 = 3000;
const TURNS: usize = 3;
/// In how many parts the purge is made.
const PARTS: u32 = 20;
/// Records that one owner has.
const OF_ONE: u32 = 20;
const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const LATER: Timestamp = Timestamp::from_unix(1_900_000_000);
/// What is purged.
const PAST: Timestamp = Timestamp::from_unix(1_700_000_000);

fn digest(text: &str) -> [u8; 16] {
    Sha256::digest(text.as_bytes())[..16].try_into().unwrap()
}

fn place(n: u32) -> Place {
    let owner = digest(&format!("o{}", n / OF_ONE));
    Place { lane: owner[0], owner, id: digest(&n.to_string()) }
}

fn record(version: u64, until: Timestamp) -> Record {
    let head = Head { version, created: NOW, live_until: until, retain_until: until };
    Record { head, sealed: Arc::from([0x5C; SEALED]) }
}

async fn fill(store: &(impl Store + Clone), numbers: std::ops::Range<u32>, until: Timestamp) {
    const WRITERS: u32 = 64;
    let tasks: Vec<_> = (0..WRITERS)
        .map(|task| {
            let (store, numbers) = (store.clone(), numbers.clone());
            tokio::spawn(async move {
                for n in numbers.skip(task as usize).step_by(WRITERS as usize) {
                    let (at, new) = (place(n), record(1, until));
                    let put = store.put_if(&at, Expected::Absent, &new, News::NONE, PAST);
                    assert_eq!(put.await.unwrap(), Put::Stored);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Medians and 99th percentiles, of `load` and of `put_if`.
#[derive(Clone, Copy)]
struct Figures {
    load: [Duration; 2],
    put: [Duration; 2],
}

fn quantiles(mut times: Vec<Duration>) -> [Duration; 2] {
    times.sort_unstable();
    [times[times.len() / 2], times[times.len() * 99 / 100]]
}

fn over(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

/// Of several times, the least.
fn best(all: &[Figures], of: impl Fn(&Figures) -> Duration) -> Duration {
    all.iter().map(of).min().unwrap()
}

async fn compare<S: Store + Clone>(name: &str, few: &S, many: &S, records: u32, bytes: f64) {
    println!("\n{name}: {bytes:.0} bytes a record of {SEALED} sealed bytes, of {records}");
    let (mut small, mut large) = (Vec::new(), Vec::new());
    for turn in 0..=TURNS {
        let seed = u32::try_from(turn).unwrap();
        let begin = seed * CALLS;
        let (mut one, mut other) = (begin, begin);
        let now = AtomicBool::new(true);
        let figures = (
            calls(few, FEW, &mut one, CALLS, &now).await,
            calls(many, records, &mut other, CALLS, &now).await,
        );
        // The first turn warms up.
        if turn > 0 {
            small.push(figures.0);
            large.push(figures.1);
        }
    }
    type Of = fn(&Figures) -> Duration;
    let figures: [(&str, Of); 4] = [
        ("load, p50", |f| f.load[0]),
        ("load, p99", |f| f.load[1]),
        ("put_if, p50", |f| f.put[0]),
        ("put_if, p99", |f| f.put[1]),
    ];
    for (what, of) in figures {
        let (one, other) = (best(&small, of), best(&large, of));
        let ratio = over(other, one);
        println!("  {what:<12} {one:>9.1?} of {FEW}, {other:>9.1?} of {records}: {ratio:.2}");
    }
    purge(many, records).await;
}

/// Live calls while a tenth as many records are purged, in parts: before each part some calls with nothing beside them.
/// The medians of the parts are told, because others may use the machine, and then for a while.
async fn purge<S: Store + Clone>(store: &S, records: u32) {
    let due = (records / 10).max(PARTS);
    fill(store, 1_000_000_000..1_000_000_000 + due, NOW.before(Duration::from_secs(60))).await;
    let part = due.div_ceil(PARTS) as usize;
    let (mut quiet, mut busy) = (Vec::new(), Vec::new());
    let (mut purged, mut took) = (0, Duration::ZERO);
    let mut seed = 0;
    loop {
        let over = AtomicBool::new(true);
        quiet.push(calls(store, records, &mut seed, CALLS / 4, &over).await);
        let over = Arc::new(AtomicBool::new(false));
        let (purges, ended) = (store.clone(), Arc::clone(&over));
        let purging = tokio::spawn(async move {
            let begun = Instant::now();
            let mut purged = 0;
            while purged < part {
                let some = purges.purge(NOW, (part - purged).min(1000)).await.unwrap();
                if some == 0 {
                    break;
                }
                purged += some;
            }
            ended.store(true, Ordering::Relaxed);
            (purged, begun.elapsed())
        });
        busy.push(calls(store, records, &mut seed, 100, &over).await);
        let (some, time) = purging.await.unwrap();
        if some == 0 {
            break;
        }
        purged += some;
        took += time;
    }
    // The store in memory lets go of some by itself.
    assert!(purged <= due as usize && purged > due as usize / 2);
    println!("  {purged} purged in {took:.1?}, meanwhile:");
    type Of = fn(&Figures) -> Duration;
    let figures: [(&str, Of); 4] = [
        ("load, p50", |f| f.load[0]),
        ("load, p99", |f| f.load[1]),
        ("put_if, p50", |f| f.put[0]),
        ("put_if, p99", |f| f.put[1]),
    ];
    for (what, of) in figures {
        let (one, other) = (middle(&quiet, of), middle(&busy, of));
        let ratio = over(other, one);
        println!("  {what:<12} {one:>9.1?} before, {other:>9.1?} meanwhile: {ratio:.2}");
    }
}

/// At least so many calls of each kind, and until it is over.
async fn calls(
    store: &impl Store,
    records: u32,
    seed: &mut u32,
    least: u32,
    over: &AtomicBool,
) -> Figures {
    let (mut loads, mut puts) = (Vec::new(), Vec::new());
    while loads.len() < least as usize || !over.load(Ordering::Relaxed) {
        *seed += 1;
        let at = place(seed.wrapping_mul(0x9E37_79B1) % records);
        let begun = Instant::now();
        let found = store.load(&at, NOW).await.unwrap().expect("it is there");
        loads.push(begun.elapsed());
        let new = record(found.head.version + 1, LATER);
        let begun = Instant::now();
        let put = store.put_if(&at, Expected::Head(found.head), &new, News::NONE, NOW).await;
        puts.push(begun.elapsed());
        assert_eq!(put.unwrap(), Put::Stored);
    }
    Figures { load: quantiles(loads), put: quantiles(puts) }
}

/// Of several times, the middle one.
fn middle(all: &[Figures], of: impl Fn(&Figures) -> Duration) -> Duration {
    let mut times: Vec<_> = all.iter().map(of).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// What this process keeps in memory, in bytes.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}

async fn in_memory(records: u32) {
    let few = MemoryStore::with_capacity(2 * FEW as usize);
    let many = MemoryStore::with_capacity(2 * records as usize);
    fill(&few, 0..FEW, LATER).await;
    let before = resident();
    fill(&many, 0..records, LATER).await;
    let bytes = (resident() - before) / f64::from(records);
    compare("memory", &few, &many, records, bytes).await;
}

async fn in_file(records: u32) {
    let path = |name: &str| {
        std::env::temp_dir().join(format!("countersign-scale-{}-{name}.redb", std::process::id()))
    };
    let (few, many) =
        (RedbStore::open(path("few")).unwrap(), RedbStore::open(path("many")).unwrap());
    fill(&few, 0..FEW, LATER).await;
    fill(&many, 0..records, LATER).await;
    let length = std::fs::metadata(path("many")).unwrap().len();
    compare("redb", &few, &many, records, length as f64 / f64::from(records)).await;
    drop((few, many));
    for name in ["few", "many"] {
        drop(std::fs::remove_file(path(name)));
    }
}

async fn in_redis(records: u32) {
    // One server each, so that the bytes are those of one.
    let servers = (redis::Server::start(), redis::Server::start());
    let open = async |url: String| RedisStore::connect(&url, RedisOptions::new()).await.unwrap();
    let (few, many) = (open(servers.0.url()).await, open(servers.1.url()).await);
    fill(&few, 0..FEW, LATER).await;
    let used = || {
        let answer = std::process::Command::new("redis-cli")
            .args(["-p", &servers.1.port.to_string(), "INFO", "memory"])
            .output()
            .unwrap();
        let text = String::from_utf8(answer.stdout).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
        line.trim().parse::<f64>().unwrap()
    };
    let before = used();
    fill(&many, 0..records, LATER).await;
    let bytes = (used() - before) / f64::from(records);
    compare("Redis", &few, &many, records, bytes).await;
}

async fn in_postgres(records: u32) {
    let cluster = server::Cluster::start(&["fsync=on", "max_wal_size=4GB", "shared_buffers=1GB"]);
    let clients = PostgresStore::pool(&cluster.url(), 8, Duration::from_secs(60)).unwrap();
    let options = |schema| {
        let options = PostgresOptions::new().with_schema(schema).unwrap();
        options.with_deadline(Duration::from_secs(60)).with_named_statements(true)
    };
    let mut stores = Vec::new();
    let admin = clients.get().await.unwrap();
    for (schema, records) in [("few", FEW), ("many", records)] {
        PostgresStore::migrate(&clients, &options(schema)).await.unwrap();
        let (last, until) = (records - 1, LATER.unix());
        // The rows that `fill` would write, at once.
        let rows = format!(
            "INSERT INTO {schema}.records
             SELECT get_byte(o.owner, 0), o.owner, substr(sha256(n::text::bytea), 1, 16), 1, {}, {until},
                 {until}, decode(repeat('5c', {SEALED}), 'hex')
             FROM generate_series(0, {last}) AS n,
                 LATERAL (SELECT substr(sha256(('o' || n / {OF_ONE})::bytea), 1, 16) AS owner) AS o
             ORDER BY o.owner",
            NOW.unix(),
        );
        admin.batch_execute(&rows).await.unwrap();
        admin.batch_execute(&format!("VACUUM ANALYZE {schema}.records")).await.unwrap();
        stores.push(PostgresStore::new(clients.clone(), options(schema)).await.unwrap());
    }
    let size = "SELECT pg_total_relation_size('many.records')";
    let size: i64 = admin.query_one(size, &[]).await.unwrap().get(0);
    drop(admin);
    let bytes = size as f64 / f64::from(records);
    compare("PostgreSQL", &stores[0], &stores[1], records, bytes).await;
}

/// Every store, or those that are named.
fn is_asked(name: &str) -> bool {
    let named =
        |argument: &String| ["memory", "redb", "redis", "postgres"].contains(&argument.as_str());
    let mut asked = std::env::args().filter(named).peekable();
    asked.peek().is_none() || asked.any(|one| one == name)
}

fn main() {
    let asked = std::env::args().find_map(|argument| argument.parse().ok());
    let records: u32 = asked.unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if is_asked("memory") {
            in_memory(records).await;
        }
        if is_asked("redb") {
            in_file(records).await;
        }
        if is_asked("redis") {
            in_redis(records).await;
        }
        if is_asked("postgres") {
            in_postgres(records).await;
        }
    });
}
