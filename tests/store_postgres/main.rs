//! The store on PostgreSQL, on servers that the tests start: with direct connections and through PgBouncer.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_in_result,
    unreachable_pub,
    missing_docs
)]

#[path = "../support/chaos/mod.rs"]
mod chaos;
mod contests;
#[path = "../support/depth.rs"]
mod depth;
mod disturbed;
mod faults;
mod lagging;
#[path = "../support/long_lane.rs"]
mod long_lane;
mod news;
mod past;
mod patience;
mod proxy;
mod races;
mod server;
mod setup;
mod standby;
mod suite;
mod support;
mod writes;
