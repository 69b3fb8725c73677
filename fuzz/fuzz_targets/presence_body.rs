//! Bodies of open interactions that opened but are not what this crate wrote: read or refused, never a
//! panic; what is read is written the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(written) = countersign::fuzzing::presence_body(data) {
        assert_eq!(countersign::fuzzing::presence_body(&written), Some(written.clone()));
    }
});
