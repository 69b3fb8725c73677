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
mod hotp;
mod ocra;
mod random;
mod reference;
mod secrets;
mod seeds;
mod suites;
mod tool;
#[path = "../tools/mod.rs"]
mod tools;
mod totp;
mod vectors;
