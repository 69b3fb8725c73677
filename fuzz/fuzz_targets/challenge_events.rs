//! Arbitrary sequences of events, time and store faults against an independent model: no code before
//! confirmation or the slot, nor after the end, and every report on record.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/model/challenge.rs"]
mod challenge;

fuzz_target!(|data: &[u8]| {
    challenge::play(data);
});
