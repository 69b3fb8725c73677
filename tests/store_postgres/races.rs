//! Eight processes of eight tasks race for one place: one of them wins. The test binary starts itself anew
//! for each process. A store that is broken on purpose shows that the race can be lost.

use std::sync::Arc;

use countersign::store::postgres::{PostgresOptions, PostgresStore};
use countersign::store::{Expected, Head, News, Place, Put, Record, Store};
use countersign::time::Timestamp;
use deadpool_postgres::Pool;
use tokio::sync::Barrier;

use crate::chaos::racer::Racer;
use crate::depth::either;
use crate::server::{Bouncer, Cluster};
use crate::support::{LATER, NOW, entries, head, options, place, pool, record};

const PROCESSES: usize = 8;
const TASKS: usize = 8;
const URL: &str = "COUNTERSIGN_RACE_URL";
const SCHEMA: &str = "COUNTERSIGN_RACE_SCHEMA";
const BROKEN: &str = "COUNTERSIGN_RACE_BROKEN";

fn how_many() -> u8 {
    either(30, 200)
}

/// What stands at a round's place before it: nothing, a record, or one that is no longer retained.
fn before(round: u8) -> Option<Record> {
    match round % 3 {
        0 => None,
        1 => Some(record(7)),
        _ => {
            let retain_until = NOW.before(core::time::Duration::from_secs(u64::from(round)));
            Some(Record { head: Head { retain_until, ..head(7) }, ..record(7) })
        }
    }
}

fn at(round: u8) -> Place {
    place(round % 4, 1, round)
}

/// Looks at the version first and writes then, without a condition: two may have seen the same.
async fn broken_put(clients: &Pool, schema: &str, round: u8, new: &Record) -> Put {
    let client = clients.get().await.unwrap();
    let at = at(round);
    let look = format!(
        "SELECT version FROM {schema}.records WHERE lane = $1 AND owner = $2 AND id = $3 AND retain_until > $4"
    );
    let (lane, now) = (i16::from(at.lane), i64::try_from(NOW.unix()).unwrap());
    let seen = client.query(&look, &[&lane, &&at.owner[..], &&at.id[..], &now]).await.unwrap();
    let version = seen.first().map(|row| row.get::<_, i64>(0));
    if version != (round % 3 == 1).then_some(7) {
        return Put::Conflict;
    }
    let write = format!(
        "INSERT INTO {schema}.records VALUES ($1, $2, $3, $4, 0, 0, $5, $6)
         ON CONFLICT (lane, owner, id) DO UPDATE SET version = excluded.version, retain_until = excluded.retain_until"
    );
    let version = i64::try_from(new.head.version).unwrap();
    let until = i64::try_from(LATER.unix()).unwrap();
    let sealed = &*new.sealed;
    client
        .execute(&write, &[&lane, &&at.owner[..], &&at.id[..], &version, &until, &sealed])
        .await
        .unwrap();
    Put::Stored
}

/// A process of the race: it waits for each round's number, and says how many of its tasks won.
async fn process_of_the_race(url: String) {
    let schema = std::env::var(SCHEMA).unwrap();
    let broken = std::env::var_os(BROKEN).is_some();
    let clients = pool(&url, TASKS);
    let options = PostgresOptions::new()
        .with_schema(&schema)
        .unwrap()
        .with_deadline(core::time::Duration::from_secs(60));
    let store = PostgresStore::new(clients.clone(), options).await.unwrap();
    println!("\nready");
    for line in std::io::stdin().lines() {
        let Ok(round) = line.unwrap().parse::<u8>() else { return };
        let barrier = Arc::new(Barrier::new(TASKS));
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let (store, clients, schema) = (store.clone(), clients.clone(), schema.clone());
                let barrier = Arc::clone(&barrier);
                tokio::spawn(async move {
                    let version = 1000 + u64::from(std::process::id()) * 8 + task as u64;
                    let new = record(version);
                    let expected = match round % 3 {
                        1 => Expected::Head(head(7)),
                        _ => Expected::Absent,
                    };
                    let news = entries(1);
                    let news = News { entries: &news, reserve: false };
                    barrier.wait().await;
                    let put = if broken {
                        broken_put(&clients, &schema, round, &new).await
                    } else {
                        store.put_if(&at(round), expected, &new, news, NOW).await.unwrap()
                    };
                    (put == Put::Stored).then_some(version)
                })
            })
            .collect();
        let mut won = String::new();
        for task in tasks {
            if let Some(version) = task.await.unwrap() {
                won = format!("{won} {version}");
            }
        }
        println!("\nwon{won}");
    }
}

/// The versions that won, by round.
async fn race(url: &str, options: PostgresOptions, broken: bool) -> (PostgresStore, Vec<Vec<u64>>) {
    let clients = pool(url, 2);
    PostgresStore::migrate(&clients, &options).await.unwrap();
    let schema = format!("{options:?}");
    let schema = schema.split('"').nth(1).unwrap();
    let store = PostgresStore::new(clients, options.clone()).await.unwrap();
    for round in 0..how_many() {
        let Some(before) = before(round) else { continue };
        // An earlier now, at which all of them are retained.
        let at = at(round);
        let put = store.put_if(&at, Expected::Absent, &before, News::NONE, Timestamp::EPOCH);
        assert_eq!(put.await.unwrap(), Put::Stored);
    }
    let mut racers: Vec<_> = (0..PROCESSES)
        .map(|_| {
            let mut orders = vec![(URL, url.to_owned()), (SCHEMA, schema.to_owned())];
            orders.extend(broken.then(|| (BROKEN, "1".to_owned())));
            Racer::start("races::one_of_64_in_8_processes_wins", orders)
        })
        .collect();
    racers.iter_mut().for_each(|racer| drop(racer.hear("ready")));
    let mut rounds = Vec::new();
    for round in 0..how_many() {
        for racer in &mut racers {
            racer.tell(&round.to_string());
        }
        let mut won = Vec::new();
        for racer in &mut racers {
            won.extend(racer.hear("won").split_whitespace().map(|v| v.parse::<u64>().unwrap()));
        }
        rounds.push(won);
    }
    (store, rounds)
}

async fn one_wins_each(url: &str) {
    let (store, rounds) = race(url, options(), false).await;
    assert_eq!(rounds.len(), usize::from(how_many()));
    for (round, won) in (0..).zip(&rounds) {
        assert_eq!(won.len(), 1, "round {round}: {won:?}");
        assert_eq!(store.load(&at(round), NOW).await.unwrap(), Some(record(won[0])));
    }
    // And the winners alone have news.
    let news = store.entries(None, 1000).await.unwrap().rows;
    let mut told: Vec<_> = news.iter().map(|entry| (entry.id.place, entry.id.version)).collect();
    told.sort_unstable();
    let mut wanted: Vec<_> = (0..).zip(&rounds).map(|(round, won)| (at(round), won[0])).collect();
    wanted.sort_unstable();
    assert_eq!(told, wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_64_in_8_processes_wins() {
    // Each process is this test once more.
    if let Ok(url) = std::env::var(URL) {
        return process_of_the_race(url).await;
    }
    let cluster = Cluster::shared();
    one_wins_each(&cluster.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_64_in_8_processes_wins_through_pgbouncer() {
    let cluster = Cluster::shared();
    let bouncer = Bouncer::before(&cluster);
    one_wins_each(&bouncer.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_store_lets_several_win() {
    let cluster = Cluster::shared();
    let (_store, rounds) = race(&cluster.url(), options(), true).await;
    let several = rounds.iter().filter(|won| won.len() > 1).count();
    assert!(several > 0, "the race finds nothing");
}
