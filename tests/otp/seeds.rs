//! Seeds: their length, and their hexadecimal and base32 text.

use countersign::otp::{OtpSeed, SeedError};
use proptest::prelude::*;

#[test]
fn a_seed_has_16_to_128_bytes() {
    for len in 0..=300 {
        let expected = match len {
            ..16 => Some(SeedError::TooShort),
            16..=128 => None,
            _ => Some(SeedError::TooLong),
        };
        let bytes = vec![0x5a; len];
        assert_eq!(OtpSeed::from_bytes(&bytes).err(), expected, "{len}");
        assert_eq!(OtpSeed::from_hex(&hex::encode(&bytes)).err(), expected, "{len}");
        let alphabet = base32::Alphabet::Rfc4648 { padding: false };
        let text = base32::encode(alphabet, &bytes);
        assert_eq!(OtpSeed::from_base32(&text).err(), expected, "{len}");
    }
}

#[test]
fn legacy_80_bit_seeds_are_refused_unless_they_are_asked_for_by_name() {
    let text = "JBSWY3DPEHPK3PXP";
    assert_eq!(OtpSeed::from_base32(text).unwrap_err(), SeedError::TooShort);
    assert!(serde_json::from_str::<OtpSeed>(&format!("\"{text}\"")).is_err());
    let seed = OtpSeed::weak_from_base32(text).unwrap();
    assert_eq!(seed, OtpSeed::weak_from_hex("48656c6c6f21deadbeef").unwrap());
    for len in 0..=300 {
        let expected = match len {
            ..10 => Some(SeedError::TooShort),
            10..=128 => None,
            _ => Some(SeedError::TooLong),
        };
        let bytes = vec![0x5a; len];
        assert_eq!(OtpSeed::weak_from_bytes(&bytes).err(), expected, "{len}");
        assert_eq!(OtpSeed::weak_from_hex(&hex::encode(&bytes)).err(), expected, "{len}");
        let alphabet = base32::Alphabet::Rfc4648 { padding: false };
        let text = base32::encode(alphabet, &bytes);
        assert_eq!(OtpSeed::weak_from_base32(&text).err(), expected, "{len}");
    }
}

#[test]
fn hexadecimal_takes_either_case_and_nothing_else() {
    let seed = OtpSeed::from_bytes(&[0xab; 16]).unwrap();
    assert_eq!(OtpSeed::from_hex(&"ab".repeat(16)).unwrap(), seed);
    assert_eq!(OtpSeed::from_hex(&"aB".repeat(16)).unwrap(), seed);
    for text in [
        "ab".repeat(16) + "a",
        "0x".to_owned() + &"ab".repeat(16),
        "ab ".repeat(16),
        "ag".repeat(16),
        "é".repeat(16),
        "+a".repeat(16),
    ] {
        assert_eq!(OtpSeed::from_hex(&text).unwrap_err(), SeedError::Hex, "{text}");
    }
}

#[test]
fn base32_is_canonical() {
    // 16 bytes are 25.6 characters: 26, whose last two bits must be zero, and six of padding.
    let seed = OtpSeed::from_bytes(&[0xff; 16]).unwrap();
    let body = "7".repeat(25) + "4";
    let padded = body.clone() + "======";
    assert_eq!(OtpSeed::from_base32(&body).unwrap(), seed);
    assert_eq!(OtpSeed::from_base32(&padded).unwrap(), seed);

    for text in [
        // Bits left over.
        "7".repeat(25) + "5",
        "7".repeat(26),
        // Lengths that no whole number of bytes has.
        "7".repeat(27),
        "7".repeat(25) + "4A",
        "A".repeat(30),
        "A".repeat(33),
        // Too little, too much, misplaced padding.
        body.clone() + "=",
        body.clone() + "=====",
        body.clone() + "=======",
        "A".repeat(32) + "========",
        "=".to_owned() + &body,
        "777=".repeat(8),
        // Characters outside the alphabet, separators.
        "7".repeat(25) + "1",
        "7".repeat(25) + "0",
        "7777 ".repeat(8),
        "7777-".repeat(8),
        "é".repeat(16),
    ] {
        assert_eq!(OtpSeed::from_base32(&text).unwrap_err(), SeedError::Base32, "{text}");
    }
    assert_eq!(OtpSeed::from_base32("").unwrap_err(), SeedError::TooShort);
    assert_eq!(OtpSeed::from_base32("========").unwrap_err(), SeedError::Base32);
    assert_eq!(OtpSeed::from_base32(&"A".repeat(1 << 20)).unwrap_err(), SeedError::TooLong);
}

#[test]
fn json_text_is_base32() {
    let seed: OtpSeed = serde_json::from_str("\"gezdgnbvgy3tqojqgezdgnbvgy3tqojq\"").unwrap();
    assert_eq!(seed, OtpSeed::from_bytes(b"12345678901234567890").unwrap());
}

proptest! {
    #[test]
    fn every_text_of_a_seed_is_the_same_seed(bytes in prop::collection::vec(any::<u8>(), 16..=128)) {
        let seed = OtpSeed::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&OtpSeed::from_hex(&hex::encode(&bytes)).unwrap(), &seed);
        for padding in [false, true] {
            let text = base32::encode(base32::Alphabet::Rfc4648 { padding }, &bytes);
            prop_assert_eq!(&OtpSeed::from_base32(&text).unwrap(), &seed);
            prop_assert_eq!(&OtpSeed::from_base32(&text.to_lowercase()).unwrap(), &seed);
        }
    }

    #[test]
    fn only_one_unpadded_text_is_a_seed(text in "[A-Z2-7]{20,60}") {
        if let Ok(seed) = OtpSeed::from_base32(&text) {
            let alphabet = base32::Alphabet::Rfc4648 { padding: false };
            let bytes = base32::decode(alphabet, &text).unwrap();
            prop_assert_eq!(base32::encode(alphabet, &bytes), text);
            prop_assert_eq!(seed, OtpSeed::from_bytes(&bytes).unwrap());
        }
    }

    #[test]
    fn any_text_is_a_seed_or_an_error(text in "\\PC{0,60}") {
        // 60 characters of anything: hexadecimal and base32 only if every character is.
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        prop_assert!(is_hex || OtpSeed::from_hex(&text).is_err());
        let is_base32 = text.bytes().all(|byte| {
            byte.is_ascii_alphabetic() || matches!(byte, b'2'..=b'7' | b'=')
        });
        prop_assert!(is_base32 || OtpSeed::from_base32(&text).is_err());
    }
}
