//! Validity, to the second.

use std::time::Duration;

use countersign::Timestamp;
use countersign::challenge::{ChallengeData, MAX_CHALLENGE_LIFETIME};
use countersign::token::{Leeway, Purpose, Rejection, TooMuchLeeway, UntrustedToken};
use proptest::prelude::*;

use crate::support::{NOW, challenge, claims_of, customer, data, key, sign_json, trusting};

fn at(token: &str, now: u64, leeway: u64) -> Result<(), Rejection> {
    let keys = trusting(&key(1), &[Purpose::Challenge]);
    let leeway = Leeway::new(Duration::from_secs(leeway)).unwrap();
    UntrustedToken::parse(token)
        .and_then(|token| {
            let now = Timestamp::from_unix(now);
            token.verify::<ChallengeData>(&keys, &customer(), now, leeway).map(drop)
        })
        .map_err(|error| error.reason())
}

#[test]
fn valid_from_not_before_until_just_before_expiry() {
    let token = challenge(&key(1));
    let start = NOW.unix();
    for leeway in [0, 1, 30, 120] {
        let first = start - leeway;
        let end = start + 300 + leeway;
        assert_eq!(at(&token, first - 1, leeway), Err(Rejection::NotYetValid));
        assert_eq!(at(&token, first, leeway), Ok(()));
        assert_eq!(at(&token, end - 1, leeway), Ok(()));
        assert_eq!(at(&token, end, leeway), Err(Rejection::Expired));
    }
    assert_eq!(at(&token, 0, 120), Err(Rejection::NotYetValid));
    assert_eq!(at(&token, u64::MAX, 120), Err(Rejection::Expired));
}

#[test]
fn not_before_may_lie_after_the_issue() {
    let key = key(1);
    let later = NOW.after(Duration::from_secs(3600));
    let claims = claims_of(data()).starting(later).unwrap();
    assert_eq!(claims.issued_at(), NOW);
    assert_eq!(claims.not_before(), later);
    assert_eq!(claims.expires_at().unix(), later.unix() + 300);
    let token = key.issue(&claims).unwrap();
    assert_eq!(at(&token, NOW.unix(), 0), Err(Rejection::NotYetValid));
    assert_eq!(at(&token, later.unix() - 1, 0), Err(Rejection::NotYetValid));
    assert_eq!(at(&token, later.unix(), 0), Ok(()));
    assert_eq!(at(&token, later.unix() + 299, 0), Ok(()));
    assert_eq!(at(&token, later.unix() + 300, 0), Err(Rejection::Expired));
}

/// A challenge whose times are what a faulty signer with a trusted key may write.
fn with_times(iat: u64, nbf: u64, exp: u64) -> String {
    let time = |at: u64| Timestamp::from_unix(at).to_string();
    let json = format!(
        r#"{{"iss":"bank.example","aud":"customer-1","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"{}","nbf":"{}","exp":"{}","purpose":"challenge","data":{{"purpose":"x","channels":["voice"]}}}}"#,
        time(iat),
        time(nbf),
        time(exp)
    );
    sign_json(&key(1), Purpose::Challenge, &json)
}

#[test]
fn a_trusted_key_cannot_stretch_or_turn_round_the_validity() {
    let now = NOW.unix();
    let longest = MAX_CHALLENGE_LIFETIME.as_secs();
    assert_eq!(longest, 3600);
    assert_eq!(at(&with_times(now, now, now + longest), now, 0), Ok(()));
    assert_eq!(at(&with_times(now, now, now + longest + 1), now, 0), Err(Rejection::Lifetime));
    assert_eq!(at(&with_times(now, now, now), now, 30), Err(Rejection::Lifetime));
    assert_eq!(at(&with_times(now, now + 1, now), now, 30), Err(Rejection::Lifetime));
    assert_eq!(at(&with_times(now + 20, now, now + 20), now, 30), Err(Rejection::Lifetime));
    // Expired before it starts, within what the leeway forgives at each end.
    assert_eq!(at(&with_times(now - 10, now + 10, now + 5), now, 30), Err(Rejection::Lifetime));
    // Issued in the future, though valid already.
    assert_eq!(at(&with_times(now + 10, now, now + 60), now, 9), Err(Rejection::NotYetValid));
    assert_eq!(at(&with_times(now + 10, now, now + 60), now, 10), Ok(()));
    // Backdated, as issuers with a fast verifier in mind do.
    assert_eq!(at(&with_times(now, now - 30, now + 60), now, 0), Ok(()));
}

#[test]
fn leeway_is_capped() {
    assert_eq!(Leeway::default().duration(), Duration::from_secs(30));
    assert_eq!(Leeway::new(Duration::from_secs(120)), Ok(Leeway::MAX));
    assert!(matches!(Leeway::new(Duration::from_secs(121)), Err(TooMuchLeeway { .. })));
    assert!(matches!(Leeway::new(Duration::MAX), Err(TooMuchLeeway { .. })));
    assert_eq!(Leeway::new(Duration::from_millis(1999)).unwrap().duration().as_secs(), 1);
}

proptest! {
    #[test]
    fn acceptance_is_exactly_the_window(
        start in 1_000_000_u64..4_000_000_000,
        life in 1_u64..=3600,
        leeway in 0_u64..=120,
        offset in -4000_i64..4000,
    ) {
        let token = with_times(start, start, start + life);
        let now = start.checked_add_signed(offset).unwrap();
        let expected = if now + leeway < start {
            Err(Rejection::NotYetValid)
        } else if now >= start + life + leeway {
            Err(Rejection::Expired)
        } else {
            Ok(())
        };
        prop_assert_eq!(at(&token, now, leeway), expected);
    }
}
