//! Bodies of credentials, step-ups and their counts that opened but are not what this crate wrote: read
//! or refused, never a panic; what is read is written the same again.
#![no_main]

use countersign::fuzzing::{credential_body, joint_step_up_body, step_up_body, step_up_limit_body};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for rewritten in [credential_body, step_up_body, step_up_limit_body, joint_step_up_body] {
        if let Some(written) = rewritten(data) {
            assert_eq!(rewritten(&written), Some(written.clone()));
        }
    }
});
