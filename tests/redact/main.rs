//! Redaction through the public API: forms, what must not be found, streaming, properties, the tool.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::cast_precision_loss
)]

#[path = "../support/examples.rs"]
mod examples;

#[path = "../support/depth.rs"]
mod depth;
#[path = "../support/numbers.rs"]
mod numbers;

mod conversations;
mod corpora;
mod defences;
mod details;
mod escapes;
mod formats;
mod forms;
mod innocent;
mod kinds;
mod languages;
mod members;
mod negatives;
mod properties;
mod recall;
mod sayings;
mod schemes;
mod scraps;
mod streaming;
mod talk;
mod tool;
#[cfg(feature = "tracing")]
mod tracing;
