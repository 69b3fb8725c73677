//! Bodies that opened but are not what this crate wrote (a future version, or whoever holds the
//! keys): read or refused, never a panic; what is read is written the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(written) = countersign::fuzzing::callback_body(data) {
        assert_eq!(countersign::fuzzing::callback_body(&written), Some(written.clone()));
    }
    if let Some(written) = countersign::fuzzing::challenge_body(data) {
        assert_eq!(countersign::fuzzing::challenge_body(&written), Some(written.clone()));
    }
});
