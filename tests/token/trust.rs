//! Trusted keys: several for a purpose, each for a time, changed over with overlap.

use std::time::Duration;

use countersign::Timestamp;
use countersign::challenge::ChallengeData;
use countersign::token::{Purpose, Rejection, TrustError, TrustedKeys};

use crate::support::{NOW, challenge, issuer, key, trusting, verify_at};

fn after(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

fn at(token: &str, keys: &TrustedKeys, now: Timestamp) -> Result<(), Rejection> {
    verify_at::<ChallengeData>(token, keys, now).map(drop)
}

#[test]
fn rotation_overlaps_and_ends_to_the_second() {
    let (old, new) = (key(1), key(2));
    let (by_old, by_new) = (challenge(&old), challenge(&new));
    let mut keys = trusting(&old, &[Purpose::Challenge]);
    assert_eq!(at(&by_new, &keys, NOW), Err(Rejection::UnknownKey));

    keys.trust_between(*new.public_key(), Purpose::Challenge, Some(after(10)), None).unwrap();
    assert!(keys.retire(old.public_key().kid(), Purpose::Challenge, after(20)));
    assert_eq!(at(&by_new, &keys, after(9)), Err(Rejection::UnknownKey));
    assert_eq!(at(&by_old, &keys, after(9)), Ok(()));
    assert_eq!(at(&by_new, &keys, after(10)), Ok(()));
    assert_eq!(at(&by_old, &keys, after(19)), Ok(()));
    assert_eq!(keys.trusted_at(after(15)).count(), 2);
    assert_eq!(at(&by_old, &keys, after(20)), Err(Rejection::UnknownKey));
    assert_eq!(at(&by_new, &keys, after(20)), Ok(()));

    // A retirement is not put off by a later one.
    assert!(keys.retire(old.public_key().kid(), Purpose::Challenge, after(200)));
    assert_eq!(at(&by_old, &keys, after(20)), Err(Rejection::UnknownKey));
    assert!(keys.retire(old.public_key().kid(), Purpose::Challenge, after(5)));
    assert_eq!(at(&by_old, &keys, after(5)), Err(Rejection::UnknownKey));
    assert_eq!(at(&by_old, &keys, after(4)), Ok(()));
}

#[test]
fn distrust_takes_effect_at_once_and_for_every_purpose() {
    let (leaked, other) = (key(1), key(2));
    let mut keys = trusting(&leaked, Purpose::ALL);
    keys.trust(*other.public_key(), Purpose::Challenge).unwrap();
    let (by_leaked, by_other) = (challenge(&leaked), challenge(&other));
    assert_eq!(at(&by_leaked, &keys, NOW), Ok(()));
    assert!(keys.distrust(leaked.public_key().kid()));
    assert!(!keys.distrust(leaked.public_key().kid()));
    assert_eq!(at(&by_leaked, &keys, NOW), Err(Rejection::UnknownKey));
    assert_eq!(at(&by_other, &keys, NOW), Ok(()));
    let left: Vec<_> = keys.trusted_at(NOW).collect();
    assert_eq!(left, [(other.public_key(), Purpose::Challenge)]);
}

#[test]
fn a_time_window_bounds_trust() {
    let key = key(1);
    let token = challenge(&key);
    let mut keys = TrustedKeys::new(issuer());
    let public = *key.public_key();
    for (from, until) in [(after(5), after(5)), (after(6), after(5))] {
        let refused = keys.trust_between(public, Purpose::Challenge, Some(from), Some(until));
        assert_eq!(refused, Err(TrustError::EmptyWindow));
    }
    keys.trust_between(public, Purpose::Challenge, Some(after(5)), Some(after(6))).unwrap();
    assert_eq!(at(&token, &keys, after(4)), Err(Rejection::UnknownKey));
    assert_eq!(at(&token, &keys, after(5)), Ok(()));
    assert_eq!(at(&token, &keys, after(6)), Err(Rejection::UnknownKey));
}

#[test]
fn a_key_stands_once_for_a_purpose() {
    let key = key(1);
    let mut keys = trusting(&key, &[Purpose::Challenge]);
    assert_eq!(keys.trust(*key.public_key(), Purpose::Challenge), Err(TrustError::AlreadyTrusted));
    assert_eq!(keys.trust(*key.public_key(), Purpose::Grant), Ok(()));
    assert!(!keys.retire(key.public_key().kid(), Purpose::Receipt, NOW));
    assert!(!keys.retire(stranger().kid(), Purpose::Grant, NOW));
    assert_eq!(keys.issuer(), &issuer());
}

fn stranger() -> countersign::token::PublicKey {
    *key(9).public_key()
}
