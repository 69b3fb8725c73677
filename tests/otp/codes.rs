//! Codes as people type them.

use countersign::otp::ocra::Response;
use countersign::otp::{Code, CodeError, Digits, DigitsError};
use proptest::prelude::*;

#[test]
fn spaces_and_hyphens_within_are_ignored_and_nothing_else_is() {
    for typed in [
        "755224",
        "755 224",
        " 755224 ",
        "7 5 5 2 2 4",
        "75  52  24",
        "755-224",
        "755\t224",
        "755224\n",
        "755\u{a0}224",
        "٧٥٥٢٢٤",
        "７５５２２４",
    ] {
        assert_eq!(typed.parse::<Code>().unwrap().expose(), "755224", "{typed:?}");
    }
    for typed in
        ["-755224", "755224-", "+755224", "75522a", "755.224", "755\u{200b}224", "七五五二二四"]
    {
        assert_eq!(typed.parse::<Code>().unwrap_err(), CodeError::NotDigits, "{typed:?}");
    }
}

#[test]
fn a_code_has_four_to_ten_digits() {
    for len in 0..=40 {
        let typed = "1".repeat(len);
        match typed.parse::<Code>() {
            Ok(code) => {
                assert!((4..=10).contains(&len));
                assert_eq!(code.expose(), typed);
            }
            Err(error) => {
                assert!(!(4..=10).contains(&len));
                assert_eq!(error, CodeError::Length);
            }
        }
    }
    // Any number of spaces is not a code either.
    assert_eq!(" ".repeat(10_000).parse::<Code>().unwrap_err(), CodeError::Length);
    assert_eq!(format!("{:40}", 755_224).parse::<Code>().unwrap_err(), CodeError::Length);
}

#[test]
fn equality_is_of_digits_and_of_length() {
    let code = |text: &str| text.parse::<Code>().unwrap();
    assert_eq!(code("012345"), code("012 345"));
    assert_ne!(code("012345"), code("12345"));
    assert_ne!(code("0123"), code("01230"));
    assert_ne!(code("0000"), code("00000"));
    assert_ne!(code("012345"), code("012346"));
}

#[test]
fn digits_are_six_to_ten() {
    for digits in 0..=u8::MAX {
        match Digits::new(digits) {
            Ok(made) => {
                assert!((6..=10).contains(&digits));
                assert_eq!(made.get(), digits);
            }
            Err(DigitsError { .. }) => assert!(!(6..=10).contains(&digits)),
        }
    }
    assert_eq!(Digits::SIX, Digits::new(6).unwrap());
    assert_eq!(Digits::SEVEN, Digits::new(7).unwrap());
    assert_eq!(Digits::EIGHT, Digits::new(8).unwrap());
}

#[test]
fn a_response_is_a_code_or_a_whole_hmac() {
    let response = |text: &str| text.parse::<Response>();
    assert_eq!(response("1234 5678").unwrap().expose(), "12345678");
    assert_eq!(response("123").unwrap_err(), CodeError::Length);
    assert_eq!(response("12345678901").unwrap_err(), CodeError::Length);
    assert_eq!(response("abcd1234").unwrap_err(), CodeError::NotDigits);
    for len in 11..=140 {
        let upper = "AB".repeat(len).chars().take(len).collect::<String>();
        match len {
            40 | 64 | 128 => {
                let made = response(&upper).unwrap();
                assert_eq!(made.expose(), upper.to_lowercase());
                assert_eq!(made, response(&upper.to_lowercase()).unwrap());
            }
            _ => assert!(response(&upper).is_err(), "{len}"),
        }
    }
    assert_eq!(response(&"g".repeat(40)).unwrap_err(), CodeError::NotDigits);
    assert_eq!(response(&" ".repeat(40)).unwrap_err(), CodeError::Length);
}

#[test]
fn they_are_read_from_json_text_alone() {
    let code: Code = serde_json::from_str("\"755 224\"").unwrap();
    assert_eq!(code.expose(), "755224");
    let response: Response = serde_json::from_str("\"75522408\"").unwrap();
    assert_eq!(response.expose(), "75522408");
    assert!(serde_json::from_str::<Code>("755224").is_err());
    assert!(serde_json::from_str::<Response>("755224").is_err());
}

proptest! {
    #[test]
    fn any_text_is_a_code_or_an_error(typed in "\\PC{0,40}|[0-9 -]{0,40}") {
        // Of ASCII: what else there is stands in `tests/api/typed.rs`.
        let digits: String = typed.chars().filter(|one| !matches!(one, ' ' | '-')).collect();
        let plain = typed.trim().trim_matches('-') == typed.trim();
        let is_code = typed.chars().count() <= 32
            && (4..=10).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && plain;
        match typed.parse::<Code>() {
            Ok(code) if typed.is_ascii() => {
                prop_assert!(is_code);
                prop_assert_eq!(code.expose(), digits);
            }
            Ok(code) => prop_assert!((4..=10).contains(&code.expose().len())),
            Err(_) => prop_assert!(!is_code),
        }
    }

    #[test]
    fn digits_in_any_grouping_are_the_same_code(number in 0..10_000_000_000_u64, at in 0..10_usize) {
        let plain = format!("{number:010}");
        let grouped = format!("{} {}", &plain[..at], &plain[at..]);
        prop_assert_eq!(grouped.parse::<Code>().unwrap(), plain.parse::<Code>().unwrap());
    }
}
