//! TOTP's window, drift and watermark.

use std::num::NonZeroU32;

use countersign::otp::{Algorithm, Digits, OtpSeed, StepWindow, TimeStep, Totp};
use proptest::prelude::*;

const STEP: u64 = 30;

fn totp() -> Totp {
    let seed = OtpSeed::from_bytes(&[7; 32]).unwrap();
    Totp::new(&seed, Algorithm::Sha256, Digits::new(10).unwrap(), Totp::THIRTY_SECONDS)
}

#[test]
fn the_default_window_is_one_step_either_side() {
    assert_eq!(StepWindow::default(), StepWindow::either_side(1));
    let now = 1_000 * STEP + 29;
    for (off, found) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let step = 1_000_u64.checked_add_signed(off).unwrap();
        let code = totp().generate(step * STEP);
        let expected = found.then_some(TimeStep::new(step));
        assert_eq!(totp().verify(&code, now, StepWindow::default(), None), expected, "{off}");
    }
}

#[test]
fn attack_7_no_step_up_to_the_last_accepted_one_matches() {
    let now = 500 * STEP;
    for step in 490..=510 {
        let code = totp().generate(step * STEP);
        for last in 480..=520 {
            let window = StepWindow::either_side(10);
            let expected = (step > last).then_some(TimeStep::new(step));
            let last = Some(TimeStep::new(last));
            assert_eq!(totp().verify(&code, now, window, last), expected);
        }
    }
}

#[test]
fn the_watermark_holds_when_the_clock_goes_back() {
    let code = totp().generate(400 * STEP);
    let last = totp().verify(&code, 400 * STEP, StepWindow::default(), None);
    assert_eq!(last, Some(TimeStep::new(400)));
    for now in 390..=401 {
        for step in 389..=400 {
            let earlier = totp().generate(step * STEP);
            assert_eq!(totp().verify(&earlier, now * STEP, StepWindow::default(), last), None);
        }
    }
}

#[test]
fn drift_moves_the_window() {
    let now = 1_000 * STEP;
    let seen = totp().generate(1_007 * STEP);
    assert_eq!(totp().verify(&seen, now, StepWindow::default(), None), None);
    let window = StepWindow::default().with_drift(6);
    let found = totp().verify(&seen, now, window, None).unwrap();
    assert_eq!(found.drift_from(totp().time_step_at(now)), 7);
    assert_eq!(totp().verify(&totp().generate(now), now, window, None), None);
    let behind = StepWindow::default().with_drift(-8);
    let old = totp().generate(992 * STEP);
    let found = totp().verify(&old, now, behind, None).unwrap();
    assert_eq!(found.drift_from(totp().time_step_at(now)), -8);
}

#[test]
fn steps_before_0_and_past_the_end_do_not_exist() {
    let second = NonZeroU32::MIN;
    let seed = OtpSeed::from_bytes(&[9; 20]).unwrap();
    let totp = Totp::new(&seed, Algorithm::Sha1, Digits::new(10).unwrap(), second);
    let (first, last) = (totp.generate(0), totp.generate(u64::MAX));
    let wide = StepWindow::either_side(255);
    assert_eq!(totp.verify(&first, 3, wide, None), Some(TimeStep::new(0)));
    assert_eq!(totp.verify(&last, u64::MAX - 3, wide, None), Some(TimeStep::new(u64::MAX)));
    assert_eq!(totp.verify(&first, u64::MAX, wide, None), None);
    assert_eq!(totp.verify(&last, 0, wide, None), None);
    // Drifted out of all time: nothing to compare with, so nothing passes.
    assert_eq!(totp.verify(&first, 0, wide.with_drift(i32::MIN), None), None);
    assert_eq!(totp.verify(&last, u64::MAX, wide.with_drift(i32::MAX), None), None);
    assert_eq!(totp.verify(&last, u64::MAX, wide, Some(TimeStep::new(u64::MAX))), None);
}

#[test]
fn drift_saturates() {
    let (first, last) = (TimeStep::new(0), TimeStep::new(u64::MAX));
    assert_eq!(last.drift_from(first), i32::MAX);
    assert_eq!(first.drift_from(last), i32::MIN);
    assert_eq!(first.drift_from(first), 0);
}

proptest! {
    #[test]
    fn a_code_is_found_exactly_within_the_window(
        now in 0..1_u64 << 40,
        period in 1..=3_600_u32,
        either_side in 0..4_u8,
        drift in -5..=5_i32,
        off in -10..=10_i64,
    ) {
        let period = NonZeroU32::new(period).unwrap();
        let seed = OtpSeed::from_bytes(&[3; 20]).unwrap();
        let totp = Totp::new(&seed, Algorithm::Sha1, Digits::new(10).unwrap(), period);
        let current = totp.time_step_at(now).get();
        prop_assert_eq!(current, now / u64::from(period.get()));
        let Some(step) = current.checked_add_signed(off) else { return Ok(()) };
        let code = totp.generate(step * u64::from(period.get()));
        let window = StepWindow::either_side(either_side).with_drift(drift);
        let within = (off - i64::from(drift)).abs() <= i64::from(either_side);
        let expected = within.then_some(TimeStep::new(step));
        prop_assert_eq!(totp.verify(&code, now, window, None), expected);
    }
}
