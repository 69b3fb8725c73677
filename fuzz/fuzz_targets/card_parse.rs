//! Whatever is typed as card data: no panic, and what is accepted is canonical and reads as itself.
#![no_main]

#[path = "../digits.rs"]
mod digits;

use countersign::card::{CardToken, CardVerificationCode, Cardholder, Expiry, Pan};
use libfuzzer_sys::fuzz_target;

/// Luhn's formula by the textbook, for the crate's to be compared with.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 1 { 2 } else { 1 })
        .map(|weighed| weighed / 10 + weighed % 10)
        .sum();
    sum.is_multiple_of(10)
}

fuzz_target!(|text: &str| {
    if let Ok(pan) = text.parse::<Pan>() {
        let digits = pan.expose();
        assert_eq!(digits, digits::plain(text));
        assert!((12..=19).contains(&digits.len()) && luhn(digits));
        assert!(digits.parse::<Pan>().unwrap() == pan);
        assert!(digits.starts_with(pan.bin()) && digits.ends_with(pan.last_four().as_str()));
        assert_eq!(format!("{pan:?}"), "[REDACTED]");
    }
    if let Ok(expiry) = text.parse::<Expiry>() {
        let written = format!("{:02}/{}", expiry.month(), expiry.year());
        assert_eq!(written.parse::<Expiry>().unwrap(), expiry);
    }
    if let Ok(code) = text.parse::<CardVerificationCode>() {
        assert_eq!(code.expose(), digits::plain(text));
        assert!(code.expose().parse::<CardVerificationCode>().unwrap() == code);
    }
    if let Ok(name) = text.parse::<Cardholder>() {
        assert!(name.expose().parse::<Cardholder>().unwrap() == name);
        assert!(
            !name.expose().contains("  ") && !name.expose().starts_with(['\u{200c}', '\u{200d}'])
        );
    }
    if let Ok(token) = text.parse::<CardToken>() {
        assert!(token.expose().parse::<CardToken>().unwrap() == token);
        assert!(token.expose().parse::<Pan>().is_err());
    }
});
