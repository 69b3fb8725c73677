//! One-time codes beside the crates that compute them and beside the raw HMAC.
//!
//! Targets: TOTP over three candidates on a miss, keying included, at most 0.8 of totp-rs and without
//! an allocation; OCRA at most 1.3 of the HMAC over the same bytes. The suite is read once for a
//! credential and the challenge once for a response; what each takes is printed by itself, and the
//! challenge also together with the response.

use std::hint::black_box;

use countersign::otp::ocra::{Inputs, OcraChallenge, PinHash, Search, Suite};
use countersign::otp::{Algorithm, Code, Digits, Hotp, Ocra, OtpSeed, StepWindow, TimeStep, Totp};
use hmac::{Hmac, KeyInit, Mac};
use side_by_side::{case, compare};

const KEY: &[u8; 20] = b"12345678901234567890";
const NOW: u64 = 1_700_000_000;
/// Right nowhere near `NOW`, as each case checks.
const MISS: &str = "000000";

fn main() {
    totp_miss(Algorithm::Sha1, totp_rs::Algorithm::SHA1);
    totp_miss(Algorithm::Sha256, totp_rs::Algorithm::SHA256);
    totp_miss(Algorithm::Sha512, totp_rs::Algorithm::SHA512);
    hotp();
    ocra::<Hmac<sha1::Sha1>>("OCRA-1:HOTP-SHA1-6:QN08", "12345678");
    ocra::<Hmac<sha2::Sha256>>("OCRA-1:HOTP-SHA256-8:QH64", &"0123456789abcdef".repeat(4));
    ocra::<Hmac<sha2::Sha256>>(
        "OCRA-1:HOTP-SHA256-8:C-QN64-PSHA256-S064-T1M",
        &"1234567890".repeat(6),
    );
    ocra::<Hmac<sha2::Sha512>>("OCRA-1:HOTP-SHA512-8:QA10-T1M", "SIG1000000");
    ocra::<Hmac<sha2::Sha512>>("OCRA-1:HOTP-SHA512-0:QH64", &"0123456789abcdef".repeat(4));
}

fn totp_miss(algorithm: Algorithm, theirs: totp_rs::Algorithm) {
    let seed = OtpSeed::from_bytes(KEY).unwrap();
    let totp_rs = totp_rs::Builder::new().with_algorithm(theirs).with_secret(*KEY).build().unwrap();
    let ours = || {
        let totp = Totp::new(black_box(&seed), algorithm, Digits::SIX, Totp::THIRTY_SECONDS);
        let code: Code = black_box(MISS).parse().unwrap();
        totp.verify(&code, black_box(NOW), StepWindow::default(), None)
    };
    assert_eq!(ours(), None);
    assert_eq!(totp_rs.check(MISS, NOW), None);
    let hash = match algorithm {
        Algorithm::Sha1 => libreauth::hash::HashFunction::Sha1,
        Algorithm::Sha256 => libreauth::hash::HashFunction::Sha256,
        _ => libreauth::hash::HashFunction::Sha512,
    };
    let mut cases = vec![
        case("totp-rs, which keys for each candidate", || {
            black_box(totp_rs.check(black_box(MISS), black_box(NOW)));
        }),
        case("countersign", || {
            black_box(ours());
        }),
        case("libreauth", || {
            let totp = libreauth::oath::TOTPBuilder::new()
                .key(black_box(KEY))
                .hash_function(hash)
                .timestamp(NOW as i64)
                .tolerance(1)
                .finalize()
                .unwrap();
            assert!(!black_box(totp.is_valid(black_box(MISS))));
        }),
    ];
    if algorithm == Algorithm::Sha1 {
        cases.push(case("otpauth, SHA-1 alone, called three times", || {
            let totp = otpauth::TOTP::from_bytes(black_box(KEY));
            for time in [NOW - 30, NOW, NOW + 30] {
                assert!(!black_box(totp.verify(0, 30, black_box(time))));
            }
        }));
    }
    compare(&format!("TOTP {algorithm:?}, a miss over three candidates, keying included"), cases);
}

fn hotp() {
    let seed = OtpSeed::from_bytes(KEY).unwrap();
    let hotp = Hotp::new(&seed, Algorithm::Sha1, Digits::SIX);
    let raw = Hmac::<sha1::Sha1>::new_from_slice(KEY).unwrap();
    compare(
        "HOTP SHA-1, one code, keyed before",
        vec![
            case("raw HMAC", || {
                let mut mac = black_box(&raw).clone();
                mac.update(&black_box(7_u64).to_be_bytes());
                black_box(mac.finalize());
            }),
            case("countersign", || {
                let _ = black_box(black_box(&hotp).generate(black_box(7)));
            }),
        ],
    );
}

fn ocra<H: KeyInit + Mac + Clone>(suite: &str, question: &str) {
    let text = suite;
    let suite: Suite = text.parse().unwrap();
    let key = &b"1234567890123456789012345678901234567890123456789012345678901234"
        [..suite.algorithm().output_len()];
    let seed = OtpSeed::from_bytes(key).unwrap();
    let challenge = OcraChallenge::new(suite.challenge_format(), question).unwrap();
    let pin_hash = suite.pin_hash().map(|algorithm| PinHash::of(algorithm, "1234"));
    let session = suite.session().map(|length| vec![7; usize::from(length.get())]);
    let inputs_for = |challenge: &OcraChallenge| {
        let mut inputs = Inputs::one_way(challenge);
        if suite.has_counter() {
            inputs = inputs.with_counter(7);
        }
        if let Some(pin_hash) = &pin_hash {
            inputs = inputs.with_pin_hash(pin_hash);
        }
        if let Some(session) = &session {
            inputs = inputs.with_session(session);
        }
        if suite.time_step().is_some() {
            inputs = inputs.with_time_step(TimeStep::new(20_107_446));
        }
        inputs
    };
    let inputs = inputs_for(&challenge);
    // As many bytes as the data input has.
    let len = text.len()
        + 1
        + 128
        + 8 * usize::from(suite.has_counter())
        + suite.pin_hash().map_or(0, Algorithm::output_len)
        + session.as_ref().map_or(0, Vec::len)
        + 8 * usize::from(suite.time_step().is_some());
    let data = vec![7; len];
    let ocra = Ocra::new(&seed, suite);
    let raw = <H as KeyInit>::new_from_slice(key).unwrap();
    let right = ocra.respond(&inputs).unwrap();
    compare(
        &format!("{text}, keying included"),
        vec![
            case("raw HMAC over as many bytes", || {
                let mut mac = <H as KeyInit>::new_from_slice(black_box(key)).unwrap();
                mac.update(black_box(&data));
                black_box(mac.finalize());
            }),
            case("countersign, respond", || {
                let ocra = Ocra::new(black_box(&seed), suite);
                let _ = black_box(ocra.respond(black_box(&inputs)).unwrap());
            }),
            case("countersign, suite, once per credential", || {
                black_box(black_box(text).parse::<Suite>().unwrap());
            }),
            case("countersign, challenge, once per response", || {
                black_box(
                    OcraChallenge::new(suite.challenge_format(), black_box(question)).unwrap(),
                );
            }),
        ],
    );
    compare(
        &format!("{text}, keyed before"),
        vec![
            case("raw HMAC over as many bytes", || {
                let mut mac = black_box(&raw).clone();
                mac.update(black_box(&data));
                black_box(mac.finalize());
            }),
            case("countersign, respond", || {
                let _ = black_box(black_box(&ocra).respond(black_box(&inputs)).unwrap());
            }),
            case("countersign, challenge + respond", || {
                let challenge = OcraChallenge::new(suite.challenge_format(), black_box(question));
                let inputs = inputs_for(&challenge.unwrap());
                let _ = black_box(black_box(&ocra).respond(&inputs).unwrap());
            }),
            case("countersign, verify", || {
                let found = ocra.verify(black_box(&inputs), Search::EXACT, black_box(&right));
                assert!(found.unwrap().is_some());
            }),
        ],
    );
}
