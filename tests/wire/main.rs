//! The customer's half, operation by operation, in cases that every client runs: `tests/vectors/wire`.
//!
//! A file is of one operation and one label. What is kept never changes: a later label adds files
//! (`COUNTERSIGN_BLESS=1 cargo test --test wire` writes those that are missing).

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_in_result,
    clippy::panic_in_result_fn
)]

mod approvals;
mod card;
mod cases;
mod contact;
mod kept;
mod manual;
mod run;
#[path = "../support/wire.rs"]
mod wire;
mod world;
