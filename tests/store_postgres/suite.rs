//! The suite of all stores.

use countersign::store::conformance;
use countersign::store::postgres::PostgresStore;

use crate::long_lane;
use crate::server::{Bouncer, Cluster};
use crate::support::{options, pool, store};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_suite_passes_with_direct_connections() {
    let cluster = Cluster::shared();
    let store = store(&cluster.url(), options()).await;
    conformance::check(async || store.clone()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_suite_passes_with_named_statements() {
    let cluster = Cluster::shared();
    let store = store(&cluster.url(), options().with_named_statements(true)).await;
    conformance::check(async || store.clone()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_suite_passes_through_pgbouncer_in_transaction_mode() {
    let cluster = Cluster::shared();
    let bouncer = Bouncer::before(&cluster);
    let options = options();
    let clients = pool(&bouncer.url(), 40);
    assert_eq!(PostgresStore::migrate(&clients, &options).await.unwrap(), 1);
    let store = PostgresStore::new(clients, options).await.unwrap();
    conformance::check(async || store.clone()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_outbox_refuses_as_every_store_must() {
    let cluster = Cluster::shared();
    let store = store(&cluster.url(), options().with_entries_per_lane(40)).await;
    conformance::check_bounded(async || store.clone(), 40).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lane_that_is_longer_than_an_answer_is_read_to_its_end() {
    let cluster = Cluster::shared();
    long_lane::is_read_to_its_end(&store(&cluster.url(), options()).await).await;
}
