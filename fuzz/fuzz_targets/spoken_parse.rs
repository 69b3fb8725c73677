//! Whatever is heard: a code or words that are said again as they were meant, or an error.
#![no_main]

#[path = "../digits.rs"]
mod digits;

use countersign::spoken::{SpokenCode, SpokenWords};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|heard: &str| {
    let code = heard.parse::<SpokenCode>();
    let words = heard.parse::<SpokenWords>();
    if let Ok(code) = &code {
        let digits = code.digits();
        assert_eq!(digits.len(), 9);
        assert!(digits.bytes().filter(u8::is_ascii_digit).count() == 8);
        assert_eq!(digits.parse::<SpokenCode>().as_ref(), Ok(code));
        assert_eq!(code.words().parse::<SpokenCode>().as_ref(), Ok(code));
        // Nothing but case, scripts of digits, spaces, hyphens and what shows nothing was folded.
        let folded = |text: &str| digits::plain(text).to_ascii_lowercase();
        let heard = folded(heard);
        assert!(heard == folded(&digits) || heard == folded(&code.words()));
    }
    if let Ok(words) = &words {
        assert_eq!(words.words().parse::<SpokenWords>().as_ref(), Ok(words));
    }
    // A code that was heard as words is words.
    if heard.contains(|c: char| c.is_ascii_alphabetic()) && code.is_ok() {
        assert_eq!(*code.unwrap().words(), *words.unwrap().words());
    }
});
