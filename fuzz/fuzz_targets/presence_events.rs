//! Arbitrary sequences of telephony's reports, questions, clock jumps, restarts and store faults against
//! an independent model: what the customer is told follows from what was reported.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/model/presence.rs"]
mod presence;

fuzz_target!(|data: &[u8]| {
    presence::play(data);
});
