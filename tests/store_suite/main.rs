//! The conformance suite: on what conforms, in use by others or not, and on stores that are broken.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub
)]

mod broken;
#[path = "../support/chaos/mod.rs"]
mod chaos;
mod conforming;
#[path = "../support/depth.rs"]
mod depth;
mod journal;
mod mutants;
