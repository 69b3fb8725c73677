//! TOTP beside totp-rs.
#![no_main]

use std::num::NonZeroU32;

use arbitrary::Arbitrary;
use countersign::otp::{Algorithm, Code, Digits, OtpSeed, StepWindow, Totp};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    time: u64,
    period: NonZeroU32,
    digits: u8,
    algorithm: u8,
    either_side: u8,
    guess: &'a str,
    now: u64,
    seed: &'a [u8],
}

fuzz_target!(|case: Case<'_>| {
    let Ok(seed) = OtpSeed::from_bytes(case.seed) else { return };
    // totp-rs panics at ten digits, and near the end of time.
    let digits = 6 + case.digits % 4;
    let (time, now) = (case.time >> 2, case.now >> 2);
    let either_side = case.either_side % 4;
    let (ours, theirs) = [
        (Algorithm::Sha1, totp_rs::Algorithm::SHA1),
        (Algorithm::Sha256, totp_rs::Algorithm::SHA256),
        (Algorithm::Sha512, totp_rs::Algorithm::SHA512),
    ][usize::from(case.algorithm % 3)];
    let ours = Totp::new(&seed, ours, Digits::new(digits).unwrap(), case.period);
    let theirs = totp_rs::Builder::new()
        .with_algorithm(theirs)
        .with_digits(digits)
        .with_skew(u16::from(either_side))
        .with_step_duration(u64::from(case.period.get()))
        .with_secret(case.seed)
        .build_noncompliant();
    let right = ours.generate(time);
    assert_eq!(right.expose(), theirs.generate(time).to_string());

    let window = StepWindow::either_side(either_side);
    let guess = case.guess.parse::<Code>();
    for code in [Ok(right), guess].into_iter().flatten() {
        let found = ours.verify(&code, now, window, None);
        assert_eq!(found.is_some(), theirs.check(code.expose(), now).is_some());
        if let Some(step) = found {
            assert_eq!(ours.generate(step.get() * u64::from(case.period.get())), code);
            assert_eq!(ours.verify(&code, now, window, Some(step)), None);
        }
    }
});
