//! Card data through the public API: what people type, published cards, sealing, tokens, the tool.

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

mod billing;
mod brands;
mod cryptograms;
mod fields;
mod keys;
mod pan;
mod published;
mod sealing;
mod secrets;
#[path = "../support/card.rs"]
mod support;
mod tokens;
mod tool;
mod vectors;
