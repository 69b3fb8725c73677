//! Whatever a trusted key signs as claims: no panic, and what is accepted is one reading of an object
//! that says so.
#![no_main]

use std::sync::LazyLock;

use countersign::challenge::ChallengeData;
use countersign::token::{
    Audience, Leeway, Purpose, SigningKey, TrustedKeys, UntrustedToken, v4_public,
};
use countersign::{Issuer, Timestamp};
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[1; 32]).unwrap());

const GOOD: &str = r#"{"iss":"bank.example","aud":"customer-1","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:05:00Z","purpose":"challenge","data":{"purpose":"x","channels":["voice"]}}"#;

fn check(json: &[u8]) {
    let kid = KEY.public_key().kid();
    let footer = format!(r#"{{"kid":"{kid}"}}"#);
    let implicit = Purpose::Challenge.implicit_assertion().as_bytes();
    let Ok(token) = v4_public::sign(&KEY, json, footer.as_bytes(), implicit) else { return };

    let mut keys = TrustedKeys::new(Issuer::new("bank.example").unwrap());
    keys.trust(*KEY.public_key(), Purpose::Challenge).unwrap();
    let customer = Audience::new("customer-1").unwrap();
    let now = Timestamp::from_unix(1_769_868_000);
    let token = UntrustedToken::parse(&token).unwrap();
    let Ok(read) = token.verify::<ChallengeData>(&keys, &customer, now, Leeway::MAX) else {
        return;
    };

    let claims = read.claims();
    let value: serde_json::Value = serde_json::from_slice(json).unwrap();
    let object = value.as_object().unwrap();
    assert_eq!(object.len(), 8);
    assert_eq!(object["iss"], "bank.example");
    assert_eq!(object["aud"], "customer-1");
    assert_eq!(object["purpose"], "challenge");
    assert_eq!(object["data"]["purpose"], claims.data().purpose().as_str());
    assert!(claims.not_before() < claims.expires_at());
    assert!(claims.expires_at().since(claims.not_before()).as_secs() <= 3600);
    assert!(now.unix() + 120 >= claims.not_before().unix());
    assert!(now.unix() < claims.expires_at().unix() + 120);
}

fuzz_target!(|data: &[u8]| {
    check(data);
    // The good claims with a stretch replaced: two bytes for where, one for how much.
    if let [low, high, much, rest @ ..] = data {
        let from = usize::from(u16::from_le_bytes([*low, *high])) % GOOD.len();
        let to = (from + usize::from(*much)).min(GOOD.len());
        check(&[&GOOD.as_bytes()[..from], rest, &GOOD.as_bytes()[to..]].concat());
    }
});
