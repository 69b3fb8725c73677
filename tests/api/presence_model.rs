//! Random reports, questions, clock jumps, rotations and store faults: what the customer is told always
//! follows from what was reported.

use proptest::prelude::*;

use crate::support::depth::cases;

#[path = "../support/model/presence.rs"]
mod presence;

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(60, 400), ..ProptestConfig::default() })]

    #[test]
    fn the_status_follows_from_the_reports(bytes in prop::collection::vec(any::<u8>(), 0..700)) {
        presence::play(&bytes);
    }
}
