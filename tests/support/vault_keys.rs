//! A vault's keys without the vault: who trusts them, and opening keys that they sign.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use std::time::Duration;

use countersign::card::{OpeningKey, SealingKey};
use countersign::payment::{OpeningKeyData, SignedSealingKey};
use countersign::random::SeededRandom;
use countersign::token::{Audience, Claims, Purpose, SigningKey, TokenId, TrustedKeys};
use countersign::{Issuer, Timestamp};

/// How long an opening key lives by default: ten minutes in which it is given out, twenty for the longest request, and the
/// leeway.
pub const LIVES: Duration = Duration::from_secs((10 + 20) * 60 + 30);

/// How far clocks may differ by default.
pub const LEEWAY: Duration = Duration::from_secs(30);

/// A vault of the tests that have none.
pub fn issuer() -> Issuer {
    Issuer::new("vault.bank.example").unwrap()
}

/// What it signs with.
pub fn signing() -> SigningKey {
    SigningKey::from_seed(&[66; 32]).unwrap()
}

/// Its keys, as the enterprise and its apps trust them.
pub fn trusted() -> TrustedKeys {
    trusting(&signing(), issuer())
}

/// Trust in a vault's key, for all that a vault signs.
pub fn trusting(key: &SigningKey, vault: Issuer) -> TrustedKeys {
    let mut keys = TrustedKeys::new(vault);
    for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
        keys.trust(*key.public_key(), purpose).unwrap();
    }
    keys
}

/// The public half of the opening key of this seed.
pub fn sealing_key(seed: u64) -> SealingKey {
    *OpeningKey::generate(&SeededRandom::new(seed)).unwrap().public()
}

/// What the vault of these tests gives to `enterprise` at `now`.
pub fn signed_key(enterprise: &Issuer, now: Timestamp) -> SignedSealingKey {
    signed(&signing(), &claims([&issuer(), enterprise], now, LIVES, sealing_key(5)))
}

/// What a vault says of `key`: `of` are the vault and the enterprise.
pub fn claims(
    of: [&Issuer; 2],
    from: Timestamp,
    lives: Duration,
    key: SealingKey,
) -> Claims<OpeningKeyData> {
    let [vault, enterprise] = of;
    let (audience, id) = (Audience::from(enterprise), TokenId::from_bytes([7; 16]));
    Claims::new(vault.clone(), audience, id, from, lives, OpeningKeyData::new(key)).unwrap()
}

/// The same, signed.
pub fn signed(key: &SigningKey, claims: &Claims<OpeningKeyData>) -> SignedSealingKey {
    key.issue(claims).unwrap().parse().unwrap()
}
