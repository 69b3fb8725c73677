//! Many processes race for one place: one of them wins, every time.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use countersign::store::redis::RedisStore;
use countersign::store::{Expected, News, Place, Put, Record, Store};

use crate::depth::either;
use crate::rows::{NOW, first, open, place, record};
use crate::server::Server;

const PROCESSES: u64 = 8;
const TASKS: u64 = 8;
/// How long after the other a round begins.
const PACE: Duration = Duration::from_millis(25);
/// Each worker is this test once more.
const WORKER: &str = "processes::of_64_racers_in_8_processes_one_wins_each_round";
/// How the workers know what to do.
const ORDERS: &str = "COUNTERSIGN_REDIS_RACE";

fn rounds() -> u32 {
    either(30, 200)
}

fn held() -> Record {
    record(1 << 60, 0)
}

/// Half of the rounds are for an empty place, half for a record that stands there.
fn expected(round: u32) -> Expected {
    if round.is_multiple_of(2) { Expected::Absent } else { Expected::Head(held().head) }
}

fn place_of(round: u32) -> Place {
    place(round as u8, 1, round)
}

/// A put as it must not be: looks first, and writes then.
async fn broken(store: &RedisStore, at: &Place, expected: Expected, new: &Record) -> Put {
    let found = store.load(at, NOW).await.unwrap().map(|record| record.head);
    let wanted = match expected {
        Expected::Absent => None,
        Expected::Head(head) => Some(head),
    };
    if found != wanted {
        return Put::Conflict;
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    loop {
        let stands = store.load(at, NOW).await.unwrap();
        let stands = stands.map_or(Expected::Absent, |record| Expected::Head(record.head));
        if store.put_if(at, stands, new, News::NONE, NOW).await.unwrap() == Put::Stored {
            return Put::Stored;
        }
    }
}

/// One of the processes.
async fn worker(orders: String) {
    let mut orders = orders.split(' ');
    let mut next = || orders.next().unwrap();
    let (url, sound, process, begin): (_, bool, u64, u64) = (
        next().to_owned(),
        next().parse().unwrap(),
        next().parse().unwrap(),
        next().parse().unwrap(),
    );
    let store = RedisStore::connect(&url, Default::default()).await.unwrap();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                let new = record(process * TASKS + task + 1, 0);
                for round in 0..rounds() {
                    let turn = UNIX_EPOCH + Duration::from_millis(begin) + PACE * round;
                    let wait = turn.duration_since(SystemTime::now()).unwrap_or_default();
                    tokio::time::sleep(wait).await;
                    let (at, expected) = (place_of(round), expected(round));
                    let put = if sound {
                        store.put_if(&at, expected, &new, News::NONE, NOW).await.unwrap()
                    } else {
                        broken(&store, &at, expected, &new).await
                    };
                    if put == Put::Stored {
                        println!("\nWON {round}");
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    println!("\nDONE");
}

/// How many won each round.
async fn race(sound: bool) -> HashMap<u32, usize> {
    let server = Server::with(&[("appendfsync", "everysec")]);
    let store = open(&server).await;
    for round in (1..rounds()).step_by(2) {
        first(&store, &place_of(round), &held()).await;
    }
    // Time enough for all to have connected.
    let begin = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(3);
    let workers: Vec<_> = (0..PROCESSES)
        .map(|process| {
            let orders = format!("{} {sound} {process} {}", server.url(), begin.as_millis());
            Command::new(std::env::current_exe().unwrap())
                .args([WORKER, "--exact", "--nocapture"])
                .env(ORDERS, orders)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut winners = HashMap::new();
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains("DONE"), "{text}");
        for round in text.lines().filter_map(|line| line.strip_prefix("WON ")) {
            *winners.entry(round.parse().unwrap()).or_default() += 1;
        }
    }
    winners
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_racers_in_8_processes_one_wins_each_round() {
    if let Ok(orders) = std::env::var(ORDERS) {
        return worker(orders).await;
    }
    let winners = race(true).await;
    assert_eq!(winners, (0..rounds()).map(|round| (round, 1)).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_store_has_several_winners() {
    let winners = race(false).await;
    let several = winners.values().filter(|winners| **winners > 1).count();
    assert!(several > 0, "the race is none: {winners:?}");
    println!("several winners in {several} of {} rounds", rounds());
}
