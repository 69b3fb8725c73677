//! Random sequences of events, clock jumps, restarts and rotations against an independent model.

use proptest::prelude::*;

use crate::support::depth::cases;

#[path = "../support/model/callback.rs"]
mod callback;

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(80, 400), ..ProptestConfig::default() })]

    #[test]
    fn the_callback_behaves_as_its_model(bytes in prop::collection::vec(any::<u8>(), 0..1200)) {
        callback::play(&bytes);
    }
}
