//! The store in a file: the suite, and what only a file has: crashes, owners, formats, a full disk.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    clippy::string_slice,
    unreachable_pub
)]

#[path = "../support/chaos/mod.rs"]
mod chaos;
mod child;
mod crashes;
mod damaged;
mod damaged_keys;
#[path = "../support/depth.rs"]
mod depth;
mod disk;
mod disturbed;
#[path = "../support/long_lane.rs"]
mod long_lane;
mod opening;
mod past;
mod purging;
mod support;
mod writing;

use countersign::store::conformance;
use countersign::store::redb::RedbStore;
use support::Folder;

#[test]
fn it_does_what_every_store_must_do() {
    let folder = Folder::new();
    let store = RedbStore::open(folder.file()).unwrap();
    support::tokio().block_on(conformance::check(async || store.clone())).unwrap();
}

#[test]
fn a_full_outbox_refuses_as_every_store_must() {
    let folder = Folder::new();
    let store = support::options().outbox(40).open(folder.file()).unwrap();
    let checked = conformance::check_bounded(async || store.clone(), 40);
    support::tokio().block_on(checked).unwrap();
}

#[test]
fn it_does_so_with_a_transaction_a_write_and_opened_anew() {
    let folder = Folder::new();
    let file = folder.file();
    support::tokio()
        .block_on(conformance::check(async || {
            // The store of the section before is closed by then, or this fails.
            support::opened(|| support::options().batch(1).open(&file))
        }))
        .unwrap();
}

#[test]
fn a_long_lane_is_read_to_its_end() {
    let folder = Folder::new();
    let store = RedbStore::open(folder.file()).unwrap();
    support::tokio().block_on(long_lane::is_read_to_its_end(&store));
}
