//! One winner of every code, grant, reveal and card, whatever process asks; and a key that is retired.

use std::time::Duration;

use countersign::store::redis::{RedisOptions, RedisStore};

use crate::chaos::contest::{
    contest, is_process, one_each, pays_with_a_challenge, process, several,
};
use crate::chaos::retire::nothing_is_lost;
use crate::depth::either;
use crate::server::Server;

/// Each process is this test once more.
const PROCESS: &str = "contests::one_of_64_in_8_processes_wins_each";

async fn open(url: String) -> RedisStore {
    let options = RedisOptions::new().deadline(Duration::from_secs(60));
    RedisStore::connect(&url, options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_64_in_8_processes_wins_each() {
    if is_process() {
        return process(open).await;
    }
    let server = Server::with(&[("appendfsync", "everysec")]);
    let store = open(server.url()).await;
    let winners = contest(store, PROCESS, &server.url(), either(3, 200), false).await;
    one_each("Redis", &winners);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_broken_store_several_win_each() {
    let server = Server::with(&[("appendfsync", "everysec")]);
    let store = open(server.url()).await;
    let winners = contest(store, PROCESS, &server.url(), either(3, 20), true).await;
    several("a broken store", &winners);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_pays_with_a_challenge() {
    let server = Server::start();
    pays_with_a_challenge(open(server.url()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_retired_while_a_process_lags_and_nothing_is_lost() {
    let server = Server::start();
    nothing_is_lost(open(server.url()).await).await;
}
