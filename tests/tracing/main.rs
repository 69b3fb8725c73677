//! What a `tracing` subscriber is told: a span for each public call, an event when it ends, an event for each call of
//! the store, with outcomes and counts that are true, and nothing else.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_in_result,
    clippy::panic_in_result_fn,
    dead_code,
    reason = "a test that panics fails, as it should"
)]

mod calls;
mod collector;
mod outcomes;
mod play;
mod secrets;
#[path = "../support/sources.rs"]
mod sources;
#[path = "../support/payments.rs"]
mod support;
