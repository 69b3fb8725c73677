//! Whatever a customer types: a secret that is read back speakably and stays itself, or an error.
#![no_main]

use countersign::callback::CallbackSecret;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| {
    let Ok(secret) = CallbackSecret::new(typed) else { return };
    assert!(secret.matches(typed));
    let said = countersign::fuzzing::secret_text(&secret);
    assert!(secret.matches(said));
    assert!(said.chars().count() <= countersign::callback::MAX_SECRET_CHARS);
    assert!(!said.starts_with(' ') && !said.ends_with(' ') && !said.contains("  "));
    assert!(said.chars().any(char::is_alphabetic));
    assert!(!said.chars().any(char::is_control));
    // Nothing to join stands before a joiner at the beginning.
    assert!(!said.starts_with(['\u{200c}', '\u{200d}']));
    // Typed as it was read back, it is the same secret.
    let again = CallbackSecret::new(said).expect("what is read back can be typed");
    assert_eq!(countersign::fuzzing::secret_text(&again), said);
    assert!(again.matches(typed));
    assert!(!format!("{secret:?}").contains(said) || "CallbackSecret([REDACTED])".contains(said));
});
