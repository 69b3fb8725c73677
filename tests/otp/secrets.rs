//! Attack 15: no secret gets out by copying, printing, serializing or through an error.

use std::fmt::{Debug, Display};

use countersign::otp::ocra::{
    ChallengeFormat, Inputs, OcraChallenge, PinHash, Response, SignatureChallenge, Suite,
};
use countersign::otp::{Algorithm, Code, Digits, Hotp, Ocra, OtpSeed, Totp};
use proptest::prelude::*;
use serde::Serialize;
use static_assertions::{assert_impl_all, assert_not_impl_any};
use zeroize::ZeroizeOnDrop;

assert_not_impl_any!(OtpSeed: Clone, Display, Serialize, AsRef<[u8]>);
assert_not_impl_any!(Code: Clone, Display, Serialize, AsRef<str>);
assert_not_impl_any!(Response: Clone, Display, Serialize, AsRef<str>);
assert_not_impl_any!(PinHash: Clone, Display, Serialize);
assert_not_impl_any!(Hotp: Clone, Display, Serialize);
assert_not_impl_any!(Totp: Clone, Display, Serialize);
assert_not_impl_any!(Ocra: Clone, Display, Serialize);
assert_impl_all!(Code: ZeroizeOnDrop, Send, Sync);
assert_impl_all!(Response: ZeroizeOnDrop, Send, Sync);
assert_impl_all!(Hotp: Send, Sync);
assert_impl_all!(Ocra: Send, Sync);

#[test]
fn debug_shows_no_secret() {
    let seed = OtpSeed::from_bytes(&[0x5a; 20]).unwrap();
    let hotp = Hotp::new(&seed, Algorithm::Sha1, Digits::SIX);
    let totp = Totp::new(&seed, Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:QN08-S004".parse().unwrap();
    let question = OcraChallenge::new(suite.challenge_format(), "11111111").unwrap();
    let signed = SignatureChallenge::new(suite.challenge_format(), "11111111").unwrap();
    let inputs = Inputs::one_way(&question).with_session(b"1111");
    let ocra = Ocra::new(&seed, suite);
    let response = ocra.respond(&inputs).unwrap();
    let code: Code = "111111".parse().unwrap();
    assert_eq!(format!("{seed:?}"), "OtpSeed([REDACTED])");
    assert_eq!(format!("{code:?}"), "Code([REDACTED])");
    assert_eq!(format!("{response:?}"), "Response([REDACTED])");
    assert_eq!(format!("{inputs:?}"), "Inputs([REDACTED])");
    assert_eq!(format!("{:?}", PinHash::of(Algorithm::Sha1, "1111")), "PinHash([REDACTED])");
    assert_eq!(format!("{hotp:?}"), "Hotp { keyed: [REDACTED], digits: Digits(6) }");
    let shown: [&dyn Debug; 4] = [&totp, &ocra, &question, &signed];
    for shown in shown {
        let shown = format!("{shown:?} {shown:#?}");
        assert!(!shown.contains("1111") && !shown.to_lowercase().contains("5a"), "{shown}");
    }
}

/// No message repeats what was typed.
fn silent(error: &(impl Display + Debug), typed: &str) {
    assert!(!format!("{error} {error:?} {error:#?}").contains(typed), "{error}");
}

proptest! {
    #[test]
    fn no_error_repeats_what_was_typed(typed in "[Q-Z]{5}[0-9a-z!? ]{2,60}") {
        silent(&OtpSeed::from_hex(&typed).unwrap_err(), &typed);
        if let Err(error) = OtpSeed::from_base32(&typed) {
            silent(&error, &typed);
        }
        silent(&typed.parse::<Code>().unwrap_err(), &typed);
        silent(&typed.parse::<Response>().unwrap_err(), &typed);
        silent(&typed.parse::<Suite>().unwrap_err(), &typed);
        silent(&OcraChallenge::new(ChallengeFormat::QH64, &typed).unwrap_err(), &typed);
        let json = serde_json::to_string(&typed).unwrap();
        if let Err(error) = serde_json::from_str::<OtpSeed>(&json) {
            silent(&error, &typed);
        }
        silent(&serde_json::from_str::<Code>(&json).unwrap_err(), &typed);
        silent(&serde_json::from_str::<Response>(&json).unwrap_err(), &typed);
    }

    #[test]
    fn nor_does_one_about_a_value_of_another_type(typed in 100_000..u64::MAX) {
        let number = typed.to_string();
        let values = [number.clone(), format!("[{number}]"), format!("{{\"{number}\":1}}"), format!("-{}", typed >> 1)];
        for json in values {
            let number = json.trim_matches(|one: char| !one.is_ascii_digit()).to_owned();
            let number = number.strip_suffix("\":1").unwrap_or(&number);
            silent(&serde_json::from_str::<OtpSeed>(&json).unwrap_err(), number);
            silent(&serde_json::from_str::<Code>(&json).unwrap_err(), number);
            silent(&serde_json::from_str::<Response>(&json).unwrap_err(), number);
        }
    }
}
