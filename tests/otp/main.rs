//! HOTP, TOTP and OCRA through the public API, and the `otp` example.
#![allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::cast_possible_truncation
)]

mod codes;
mod differential;
#[path = "../support/examples.rs"]
mod examples;
mod hotp;
mod ocra;
mod random;
mod reference;
mod secrets;
mod seeds;
mod suites;
mod tool;
mod totp;
mod vectors;
