//! Redaction through the public API: forms, what must not be found, streaming, properties, the tool.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice
)]

mod forms;
mod streaming;
