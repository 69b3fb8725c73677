//! The store in Redis beside a raw script that does the same writes, unconditionally, on the same server
//! and through the same connection: 8 tasks each. Goal: at least 0.8 of the raw script's writes a second. Then whole
//! callbacks a second.
//!
//! `cargo bench --bench store_redis --features redis`; needs `redis-server`.

#[path = "servers/redis.rs"]
mod server;
#[path = "servers/whole.rs"]
mod whole;

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::Timestamp;
use countersign::store::redis::{RedisOptions, RedisStore};
use countersign::store::{Expected, Head, News, Place, Put, Record, Store};
use redis::aio::MultiplexedConnection;
use server::Server;

const TASKS: u32 = 8;
/// Writes of each task in one batch.
const BATCH: u32 = 150;
/// Batches of each side, in turns, after one that is not counted.
const ROUNDS: usize = 21;
const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const SEALED: usize = 400;

#[derive(Clone, Copy, PartialEq)]
enum Case {
    /// A row where none stood: the row and three index entries.
    First,
    /// A row over another: the row alone.
    Again,
    /// The same with an entry of the outbox.
    AgainWithNews,
}

fn main() {
    let server = Server::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = redis::Client::open(server.url()).unwrap();
        let connection = client.get_multiplexed_async_connection().await.unwrap();
        let options = RedisOptions::new().outbox_per_lane(u32::MAX);
        let store = RedisStore::new(connection.clone(), options).await.unwrap();
        for (title, case) in [
            ("first write", Case::First),
            ("rewrite", Case::Again),
            ("rewrite with an entry", Case::AgainWithNews),
        ] {
            compare(title, case, &store, &connection).await;
        }
        whole::print("Redis", store, 200).await;
    });
}

async fn compare(title: &str, case: Case, store: &RedisStore, raw: &MultiplexedConnection) {
    let (mut ratios, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let batch = u32::try_from(round).unwrap();
        let raw_time = timed(|task| raw_writes(raw.clone(), case, batch, task)).await;
        let store_time = timed(|task| store_writes(store.clone(), case, batch, task)).await;
        if round > 0 {
            ratios.push(raw_time.as_secs_f64() / store_time.as_secs_f64());
            ours.push(store_time.as_secs_f64());
            theirs.push(raw_time.as_secs_f64());
        }
    }
    let writes = f64::from(TASKS * BATCH);
    println!(
        "{title:<24} raw script {:>7.0}/s  store {:>7.0}/s  ratio {:.2}",
        writes / median(&mut theirs),
        writes / median(&mut ours),
        median(&mut ratios)
    );
}

async fn timed<F: Future<Output = ()> + Send + 'static>(run: impl Fn(u32) -> F) -> Duration {
    let started = Instant::now();
    let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(run(task))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    started.elapsed()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn place(case: Case, batch: u32, task: u32, n: u32) -> Place {
    let number = match case {
        Case::First => (batch * TASKS + task) * BATCH + n,
        Case::Again => 1_000_000_000 + task,
        Case::AgainWithNews => 2_000_000_000 + task,
    };
    let mut id = [7; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    let [.., lane] = number.to_be_bytes();
    Place { lane, owner: [lane; 16], id }
}

fn record(version: u64) -> Record {
    let until = NOW.after(Duration::from_secs(1000));
    let head = Head { version, created: NOW, live_until: until, retain_until: until };
    Record { head, sealed: Arc::from(vec![0xA5; SEALED]) }
}

async fn store_writes(store: RedisStore, case: Case, batch: u32, task: u32) {
    let entry: [Arc<[u8]>; 1] = [Arc::from(vec![0x5A; 200])];
    let news = match case {
        Case::AgainWithNews => News { entries: &entry, reserve: false },
        _ => News::NONE,
    };
    for n in 0..BATCH {
        let at = place(case, batch, task, n);
        let version = u64::from(batch * BATCH + n) + 1;
        let again = case != Case::First && version > 1;
        let expected =
            if again { Expected::Head(record(version - 1).head) } else { Expected::Absent };
        let put = store.put_if(&at, expected, &record(version), news, NOW).await.unwrap();
        assert_eq!(put, Put::Stored);
    }
}

const FIRST: &str = "redis.call('SET', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], '0', ARGV[2])
redis.call('ZADD', KEYS[3], '0', ARGV[2])
redis.call('ZADD', KEYS[4], ARGV[3], ARGV[4])
return 1";
const AGAIN: &str = "redis.call('SET', KEYS[1], ARGV[1]) return 1";
const NEWS: &str = "redis.call('SET', KEYS[1], ARGV[1])
redis.call('RPUSH', KEYS[2], ARGV[2])
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
return 1";

async fn raw_writes(mut connection: MultiplexedConnection, case: Case, batch: u32, task: u32) {
    let script = redis::Script::new(match case {
        Case::First => FIRST,
        Case::Again => AGAIN,
        Case::AgainWithNews => NEWS,
    });
    for n in 0..BATCH {
        let at = place(case, batch, task, n);
        let row = vec![0xA5_u8; SEALED + 40];
        let lane = format!("{{raw:{:02x}}}", at.lane);
        let part = |name: &str| format!("{lane}:{name}");
        let key = [lane.as_bytes(), b":row:", &at.owner, &at.id].concat();
        let member = [&at.owner[..], &NOW.unix().to_be_bytes(), &at.id].concat();
        let mut call = script.prepare_invoke();
        call.key(key);
        match case {
            Case::First => {
                call.key(part("all")).key(part("live")).key(part("due"));
                let place = [at.owner, at.id].concat();
                call.arg(row).arg(member).arg(NOW.unix() + 1000).arg(place);
            }
            Case::Again => {
                call.arg(row);
            }
            Case::AgainWithNews => {
                call.key(part("queue")).key(part("news"));
                let number = batch * BATCH + n;
                let name = [&member[..], &number.to_be_bytes(), b"sixbyt"].concat();
                call.arg(row).arg(name).arg(vec![0x5A_u8; 200]);
            }
        }
        let done: i64 = call.invoke_async(&mut connection).await.unwrap();
        assert_eq!(done, 1);
    }
}
