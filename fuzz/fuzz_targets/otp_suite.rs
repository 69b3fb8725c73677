//! Any text is a suite that prints as it was written, or an error; so for codes, responses and seeds.
#![no_main]

#[path = "../digits.rs"]
mod digits;

use countersign::otp::ocra::{Response, Suite};
use countersign::otp::{Code, OtpSeed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(suite) = text.parse::<Suite>() {
        assert_eq!(suite.to_string(), text);
        assert_eq!(text.parse::<Suite>(), Ok(suite));
    }
    if let Ok(code) = text.parse::<Code>() {
        assert_eq!(code.expose(), digits::plain(text));
    }
    if let Ok(response) = text.parse::<Response>() {
        assert_eq!(response.expose().parse::<Response>(), Ok(response));
    }
    if let Ok(seed) = OtpSeed::from_hex(text) {
        assert_eq!(OtpSeed::from_hex(&text.to_ascii_uppercase()), Ok(seed));
    }
    if let Ok(seed) = OtpSeed::from_base32(text) {
        assert_eq!(OtpSeed::from_base32(text.trim_end_matches('=')), Ok(seed));
    }
});
