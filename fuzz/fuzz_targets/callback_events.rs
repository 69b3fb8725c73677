//! Arbitrary sequences of events, clock jumps, restarts and rotations against an independent model:
//! no reveal outside its rules, nothing after the end, every count right.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/model/callback.rs"]
mod callback;

fuzz_target!(|data: &[u8]| {
    callback::play(data);
});
