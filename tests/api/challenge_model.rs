//! Random sequences of events, time and store faults against an independent model.

use proptest::prelude::*;

use crate::support::depth::cases;

#[path = "../support/model/challenge.rs"]
mod challenge;

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64, 256), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_challenge_behaves_as_its_model(bytes in prop::collection::vec(any::<u8>(), 0..1500)) {
        challenge::play(&bytes);
    }
}

/// The events above come to every status, and to codes and words in number.
#[test]
fn the_model_is_not_played_in_vain() {
    let mut state = 7_u64;
    let mut byte = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let (mut codes, mut words, mut statuses) = (0, 0, std::collections::HashSet::new());
    for _ in 0..40 {
        let bytes: Vec<u8> = (0..900).map(|_| byte()).collect();
        let reached = challenge::play(&bytes);
        codes += reached.codes;
        words += reached.words;
        statuses.extend(reached.statuses);
    }
    assert_eq!(statuses.len(), 10, "{statuses:?} {codes} {words}");
    assert!(codes >= 10 && words >= 10, "{codes} codes, {words} words");
}
