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
#[path = "../support/depth.rs"]
mod depth;
mod failures;
mod faults;
mod limits;
#[path = "../support/long_lane.rs"]
mod long_lane;
mod opening;
mod past;
mod processes;
mod proxy;
mod rows;
mod server;
mod suite;
mod trips;
