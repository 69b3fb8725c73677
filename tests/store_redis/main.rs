//! The store on Redis, against servers of its own: one, and a cluster of three.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    unreachable_pub
)]

#[path = "../support/chaos/mod.rs"]
mod chaos;
mod contests;
mod damaged;
#[path = "../support/depth.rs"]
mod depth;
mod failures;
mod faults;
mod hung;
mod limits;
#[path = "../support/long_lane.rs"]
mod long_lane;
mod opening;
mod past;
mod processes;
mod proxy;
mod replica;
mod rows;
mod server;
mod slow;
mod suite;
mod trips;
