//! The suite that every back end must pass, on one server and on a cluster.

use countersign::store::conformance;
use countersign::store::redis::{RedisOptions, RedisStore};

use crate::long_lane;
use crate::rows::open;
use crate::server::{Cluster, Server};

#[tokio::test(flavor = "multi_thread")]
async fn one_server_does_what_a_store_must() {
    let server = Server::start();
    let store = open(&server).await;
    conformance::check(async || store.clone()).await.unwrap();
    let keys = server.ask(&["DBSIZE"]);
    // Only the format is left, so nothing was forgotten in an index.
    assert!(keys == "1" || keys.contains("Int(1)"), "{keys}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_does_what_a_store_must() {
    let cluster = Cluster::start();
    let store = RedisStore::connect(&cluster.url(), RedisOptions::new()).await.unwrap();
    conformance::check(async || store.clone()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_outbox_refuses_as_every_store_must() {
    let server = Server::start();
    let options = RedisOptions::new().outbox_per_lane(40);
    let store = RedisStore::connect(&server.url(), options).await.unwrap();
    conformance::check_bounded(async || store.clone(), 40).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_is_longer_than_an_answer_is_read_to_its_end() {
    let server = Server::start();
    long_lane::is_read_to_its_end(&open(&server).await).await;
    let cluster = Cluster::start();
    let store = RedisStore::connect(&cluster.url(), RedisOptions::new()).await.unwrap();
    long_lane::is_read_to_its_end(&store).await;
}
