//! Signed tokens through the public API: vectors, keys, refusals, other implementations, the tool.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_in_result
)]

mod binding;
mod claims;
mod envelope;
mod json;
mod keys;
mod one_form;
mod peers;
mod secrets;
#[path = "../support/token.rs"]
mod support;
mod time;
mod tool;
mod trust;
mod vectors;
mod weak;
