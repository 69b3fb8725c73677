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

mod fields;
mod keys;
mod pan;
mod published;
mod sealing;
mod secrets;
mod support;
mod tokens;
mod tool;
#[path = "../tools/mod.rs"]
mod tools;
#[path = "../tools/unicode.rs"]
mod unicode;
mod vectors;
