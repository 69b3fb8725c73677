//! HOTP's look-ahead and its edges.

use countersign::otp::{Algorithm, Code, Digits, Hotp, OtpSeed};
use proptest::prelude::*;

fn hotp(seed: &[u8], algorithm: Algorithm, digits: Digits) -> Hotp {
    Hotp::new(&OtpSeed::from_bytes(seed).unwrap(), algorithm, digits)
}

fn rfc() -> Hotp {
    hotp(b"12345678901234567890", Algorithm::Sha1, Digits::SIX)
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

#[test]
fn the_look_ahead_counts_from_the_expected_counter() {
    // 254676 is the code at counter 5 (RFC 4226 D).
    assert_eq!(rfc().verify(&code("254676"), 5, 0), Some(5));
    assert_eq!(rfc().verify(&code("254676"), 2, 3), Some(5));
    assert_eq!(rfc().verify(&code("254676"), 2, 2), None);
    assert_eq!(rfc().verify(&code("254676"), 6, 100), None);
}

#[test]
fn no_counter_past_the_last_one_exists() {
    let hotp = rfc();
    let last = hotp.generate(u64::MAX);
    assert_eq!(hotp.verify(&last, u64::MAX, u16::MAX), Some(u64::MAX));
    assert_eq!(hotp.verify(&last, u64::MAX - 3, 3), Some(u64::MAX));
    assert_eq!(hotp.verify(&last, u64::MAX - 3, 2), None);
    // The search does not come round to 0.
    assert_eq!(hotp.verify(&hotp.generate(0), u64::MAX, u16::MAX), None);
}

#[test]
fn a_code_that_fits_two_counters_is_used_up_for_both() {
    let hotp = rfc();
    let mut seen = std::collections::HashMap::new();
    let (first, second) = (0..)
        .find_map(|at| seen.insert(hotp.generate(at).expose().to_owned(), at).zip(Some(at)))
        .unwrap();
    let ahead = u16::try_from(second - first).unwrap();
    let twice = hotp.generate(first);
    assert_eq!(hotp.verify(&twice, first, ahead), Some(second));
    assert_eq!(hotp.verify(&twice, first, ahead - 1), Some(first));
}

#[test]
fn another_length_is_a_mismatch_even_if_the_number_is_the_same() {
    let mut with_zero = None;
    for counter in 0..1_000 {
        if rfc().generate(counter).expose().starts_with('0') {
            with_zero = Some(counter);
            break;
        }
    }
    let counter = with_zero.unwrap();
    let right = rfc().generate(counter);
    assert_eq!(rfc().verify(&right, counter, 0), Some(counter));
    assert_eq!(rfc().verify(&code(&right.expose()[1..]), counter, 0), None);
    assert_eq!(rfc().verify(&code(&format!("0{}", right.expose())), counter, 0), None);
}

#[test]
fn every_changed_digit_is_a_mismatch() {
    let right = rfc().generate(7).expose().to_owned();
    for at in 0..right.len() {
        for digit in b'0'..=b'9' {
            let mut other = right.clone().into_bytes();
            other[at] = digit;
            let other = String::from_utf8(other).unwrap();
            let expected = (other == right).then_some(7);
            assert_eq!(rfc().verify(&code(&other), 7, 0), expected, "{other}");
        }
    }
}

fn algorithms() -> impl Strategy<Value = Algorithm> {
    prop_oneof![Just(Algorithm::Sha1), Just(Algorithm::Sha256), Just(Algorithm::Sha512)]
}

proptest! {
    #[test]
    fn a_code_is_found_exactly_where_it_is(
        seed in prop::collection::vec(any::<u8>(), 16..=128),
        algorithm in algorithms(),
        counter in prop_oneof![any::<u64>(), u64::MAX - 40..=u64::MAX, 0..40_u64],
        ahead in 0..20_u16,
        at in 0..20_u64,
    ) {
        // Ten digits, so that a chance match is out of the question.
        let hotp = hotp(&seed, algorithm, Digits::new(10).unwrap());
        let Some(there) = counter.checked_add(at) else { return Ok(()) };
        let expected = (at <= u64::from(ahead)).then_some(there);
        prop_assert_eq!(hotp.verify(&hotp.generate(there), counter, ahead), expected);
    }

    #[test]
    fn fewer_digits_are_the_last_of_more(
        seed in prop::collection::vec(any::<u8>(), 16..=64),
        algorithm in algorithms(),
        counter: u64,
    ) {
        let whole = hotp(&seed, algorithm, Digits::new(10).unwrap()).generate(counter);
        prop_assert!(whole.expose().parse::<u64>().unwrap() < 1 << 31);
        for digits in 6..=10 {
            let code = hotp(&seed, algorithm, Digits::new(digits).unwrap()).generate(counter);
            prop_assert_eq!(code.expose(), &whole.expose()[10 - usize::from(digits)..]);
        }
    }
}
