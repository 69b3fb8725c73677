//! The grammar of suites.

use countersign::otp::Algorithm;
use countersign::otp::ocra::{
    ChallengeFormat, ChallengeKind, SessionLength, Suite, SuiteError, SuitePartError, TimeStepSize,
    Truncation,
};
use proptest::prelude::*;

fn refused(text: &str) -> SuiteError {
    text.parse::<Suite>().expect_err(text)
}

#[test]
fn every_part_is_read() {
    let suite: Suite = "OCRA-1:HOTP-SHA512-10:C-QN64-PSHA256-S512-T48H".parse().unwrap();
    assert_eq!(suite.algorithm(), Algorithm::Sha512);
    assert_eq!(suite.truncation().digits(), Some(10));
    assert!(suite.has_counter());
    assert_eq!(suite.challenge_format().kind(), ChallengeKind::Numeric);
    assert_eq!(suite.challenge_format().max_len(), 64);
    assert_eq!(suite.pin_hash(), Some(Algorithm::Sha256));
    assert_eq!(suite.session().map(SessionLength::get), Some(512));
    assert_eq!(suite.time_step().map(TimeStepSize::as_seconds), Some(172_800));
    assert_eq!(suite.time_step_at(172_800 * 7 - 1).map(|step| step.get()), Some(6));

    let suite: Suite = "OCRA-1:HOTP-SHA1-0:QA04".parse().unwrap();
    assert_eq!(suite.truncation(), Truncation::NONE);
    assert!(!suite.has_counter());
    assert_eq!(suite.pin_hash(), None);
    assert_eq!(suite.session(), None);
    assert_eq!(suite.time_step(), None);
    assert_eq!(suite.time_step_at(1_000), None);
}

#[test]
fn the_longest_of_each_part_fits() {
    let longest = "OCRA-1:HOTP-SHA512-10:C-QH64-PSHA512-S512-T59M";
    let suite =
        Suite::new(Algorithm::Sha512, Truncation::to_digits(10).unwrap(), ChallengeFormat::QH64)
            .with_time_step(TimeStepSize::minutes(59).unwrap())
            .with_session(SessionLength::new(512).unwrap())
            .with_pin_hash(Algorithm::Sha512)
            .with_counter();
    assert_eq!(suite.to_string(), longest);
    assert_eq!(suite.as_str(), longest);
    assert_eq!(longest.parse(), Ok(suite));
    assert_eq!(format!("{suite:>50}"), format!("{longest:>50}"));
    assert_eq!(format!("{suite:?}"), format!("Suite({longest:?})"));
}

#[test]
fn each_number_has_its_range() {
    for digits in 0..=300 {
        let parsed = format!("OCRA-1:HOTP-SHA1-{digits}:QN08").parse::<Suite>();
        assert_eq!(parsed.is_ok(), matches!(digits, 0 | 4..=10), "{digits}");
    }
    for length in 0..=300 {
        for kind in ["A", "N", "H"] {
            let parsed = format!("OCRA-1:HOTP-SHA1-6:Q{kind}{length:02}").parse::<Suite>();
            assert_eq!(parsed.is_ok(), (4..=64).contains(&length), "{length}");
        }
    }
    for length in 0..=1_100 {
        let parsed = format!("OCRA-1:HOTP-SHA1-6:QN08-S{length:03}").parse::<Suite>();
        assert_eq!(parsed.is_ok(), (1..=512).contains(&length), "{length}");
    }
    for count in 0..=300 {
        for (unit, most) in [("S", 59), ("M", 59), ("H", 48)] {
            let parsed = format!("OCRA-1:HOTP-SHA1-6:QN08-T{count}{unit}").parse::<Suite>();
            // Erratum 3729: there is no step of no hours.
            assert_eq!(parsed.is_ok(), (1..=most).contains(&count), "{count}{unit}");
        }
    }
}

#[test]
fn each_refusal_says_what_to_mend() {
    use SuiteError::*;
    for (text, expected) in [
        ("", Version),
        ("OCRA-2:HOTP-SHA1-6:QN08", Version),
        ("ocra-1:HOTP-SHA1-6:QN08", Version),
        (" OCRA-1:HOTP-SHA1-6:QN08", Version),
        ("OCRA-1:HOTP-SHA1-6", Shape),
        ("OCRA-1:TOTP-SHA1-6:QN08", Function),
        ("OCRA-1:HOTP-SHA1:QN08", Function),
        ("OCRA-1:HOTP-MD5-6:QN08", Function),
        ("OCRA-1:HOTP-SHA-6:QN08", Function),
        ("OCRA-1:HOTP-sha1-6:QN08", Function),
        ("OCRA-1:HOTP-SHA384-6:QN08", Function),
        ("OCRA-1:HOTP-SHA1-:QN08", Number),
        ("OCRA-1:HOTP-SHA1-six:QN08", Number),
        ("OCRA-1:HOTP-SHA1--6:QN08", Number),
        ("OCRA-1:HOTP-SHA1-3:QN08", Part(SuitePartError::Truncation)),
        ("OCRA-1:HOTP-SHA1-11:QN08", Part(SuitePartError::Truncation)),
        ("OCRA-1:HOTP-SHA1-06:QN08", Spelling),
        ("OCRA-1:HOTP-SHA1-+6:QN08", Spelling),
        ("OCRA-1:HOTP-SHA1-00:QN08", Spelling),
        ("OCRA-1:HOTP-SHA1-6:", Challenge),
        ("OCRA-1:HOTP-SHA1-6:C", Challenge),
        ("OCRA-1:HOTP-SHA1-6:C-", Challenge),
        ("OCRA-1:HOTP-SHA1-6:C-C-QN08", Challenge),
        ("OCRA-1:HOTP-SHA1-6:PSHA1-QN08", Challenge),
        ("OCRA-1:HOTP-SHA1-6:QB08", Challenge),
        ("OCRA-1:HOTP-SHA1-6:qN08", Challenge),
        ("OCRA-1:HOTP-SHA1-6:Qn08", Challenge),
        ("OCRA-1:HOTP-SHA1-6:Q", Challenge),
        ("OCRA-1:HOTP-SHA1-6:QN", Number),
        ("OCRA-1:HOTP-SHA1-6:QN256", Number),
        ("OCRA-1:HOTP-SHA1-6:QN03", Part(SuitePartError::ChallengeLength)),
        ("OCRA-1:HOTP-SHA1-6:QN65", Part(SuitePartError::ChallengeLength)),
        ("OCRA-1:HOTP-SHA1-6:QN8", Spelling),
        ("OCRA-1:HOTP-SHA1-6:QN008", Spelling),
        ("OCRA-1:HOTP-SHA1-6:QN08-P", PinHash),
        ("OCRA-1:HOTP-SHA1-6:QN08-PSHA", PinHash),
        ("OCRA-1:HOTP-SHA1-6:QN08-PMD5", PinHash),
        ("OCRA-1:HOTP-SHA1-6:QN08-S", Number),
        ("OCRA-1:HOTP-SHA1-6:QN08-S000", Part(SuitePartError::SessionLength)),
        ("OCRA-1:HOTP-SHA1-6:QN08-S513", Part(SuitePartError::SessionLength)),
        ("OCRA-1:HOTP-SHA1-6:QN08-S64", Spelling),
        ("OCRA-1:HOTP-SHA1-6:QN08-S0064", Spelling),
        ("OCRA-1:HOTP-SHA1-6:QN08-T", Part(SuitePartError::TimeStepSize)),
        ("OCRA-1:HOTP-SHA1-6:QN08-TM", Number),
        ("OCRA-1:HOTP-SHA1-6:QN08-T0H", Part(SuitePartError::TimeStepSize)),
        ("OCRA-1:HOTP-SHA1-6:QN08-T60S", Part(SuitePartError::TimeStepSize)),
        ("OCRA-1:HOTP-SHA1-6:QN08-T49H", Part(SuitePartError::TimeStepSize)),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1D", Part(SuitePartError::TimeStepSize)),
        ("OCRA-1:HOTP-SHA1-6:QN08-T01M", Spelling),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1H30M", Number),
        ("OCRA-1:HOTP-SHA1-6:QN08-", Inputs),
        ("OCRA-1:HOTP-SHA1-6:QN08-C", Inputs),
        ("OCRA-1:HOTP-SHA1-6:QN08-QN08", Inputs),
        ("OCRA-1:HOTP-SHA1-6:QN08-S064-PSHA1", Inputs),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1M-S064", Inputs),
        ("OCRA-1:HOTP-SHA1-6:QN08-PSHA1-PSHA1", Inputs),
        ("OCRA-1:HOTP-SHA1-6:QN08-X", Inputs),
        ("OCRA-1:HOTP-SHA1-6:QN08\0", Number),
        ("OCRA-1:HOTP-SHA1-6:QN08 ", Number),
        ("OCRA-1:HOTP-SHA1-6:QN08:", Number),
        ("OCRA-1:HOTP-SHA1-6:QN0８", Number),
    ] {
        assert_eq!(refused(text), expected, "{text:?}");
    }
}

pub(crate) fn algorithms() -> impl Strategy<Value = Algorithm> {
    prop_oneof![Just(Algorithm::Sha1), Just(Algorithm::Sha256), Just(Algorithm::Sha512)]
}

fn formats() -> impl Strategy<Value = ChallengeFormat> {
    (0..3, 4..=64_u8).prop_map(|(kind, length)| match kind {
        0 => ChallengeFormat::alphanumeric(length).unwrap(),
        1 => ChallengeFormat::numeric(length).unwrap(),
        _ => ChallengeFormat::hexadecimal(length).unwrap(),
    })
}

fn steps() -> impl Strategy<Value = TimeStepSize> {
    prop_oneof![
        (1..=59_u8).prop_map(|count| TimeStepSize::seconds(count).unwrap()),
        (1..=59_u8).prop_map(|count| TimeStepSize::minutes(count).unwrap()),
        (1..=48_u8).prop_map(|count| TimeStepSize::hours(count).unwrap()),
    ]
}

proptest! {
    #[test]
    fn what_is_put_together_reads_back(
        algorithm in algorithms(),
        digits in prop_oneof![Just(0), 4..=10_u8],
        counter: bool,
        format in formats(),
        pin_hash in prop::option::of(algorithms()),
        session in prop::option::of(1..=512_u16),
        step in prop::option::of(steps()),
    ) {
        let truncation = Truncation::to_digits(digits).unwrap_or(Truncation::NONE);
        let mut suite = Suite::new(algorithm, truncation, format);
        if counter {
            suite = suite.with_counter();
        }
        if let Some(algorithm) = pin_hash {
            suite = suite.with_pin_hash(algorithm);
        }
        if let Some(length) = session {
            suite = suite.with_session(SessionLength::new(length).unwrap());
        }
        if let Some(size) = step {
            suite = suite.with_time_step(size);
        }
        let read: Suite = suite.to_string().parse().unwrap();
        prop_assert_eq!(read, suite);
        prop_assert_eq!(read.algorithm(), algorithm);
        prop_assert_eq!(read.truncation(), truncation);
        prop_assert_eq!(read.has_counter(), counter);
        prop_assert_eq!(read.challenge_format(), format);
        prop_assert_eq!(read.pin_hash(), pin_hash);
        prop_assert_eq!(read.session().map(SessionLength::get), session);
        prop_assert_eq!(read.time_step(), step);
    }

    #[test]
    fn near_suites_are_suites_only_as_they_print(
        text in "OCRA-1:HOTP-SHA(1|256|512|)-[0-9+]{0,3}:(C-)?Q[ANHX]?[0-9]{1,3}(-PSHA(1|256)?)?(-S[0-9]{0,4})?(-T[0-9]{1,3}[SMHD])?"
    ) {
        if let Ok(suite) = text.parse::<Suite>() {
            prop_assert_eq!(suite.to_string(), text);
        }
    }

    #[test]
    fn any_text_is_a_suite_or_an_error(text in "\\PC{0,80}") {
        prop_assert!(text.parse::<Suite>().is_err());
    }
}
