//! A signing key shows its secret in one place only, and only verification makes a proof.

use countersign::challenge::ChallengeData;
use countersign::token::{
    Claims, Kid, PublicKey, SignedForSomeone, SigningKey, TokenError, Verified,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::support::key;

assert_not_impl_any!(SigningKey: Clone, Copy, std::fmt::Display, Serialize, DeserializeOwned, AsRef<[u8]>, PartialEq);
assert_impl_all!(SigningKey: Send, Sync, std::fmt::Debug);
assert_impl_all!(PublicKey: Send, Sync, Copy, std::fmt::Display);
assert_not_impl_any!(Verified<ChallengeData>: DeserializeOwned, Default, From<Claims<ChallengeData>>, From<SignedForSomeone<ChallengeData>>);
assert_not_impl_any!(SignedForSomeone<ChallengeData>: DeserializeOwned, Default, From<Claims<ChallengeData>>);
assert_not_impl_any!(Kid: DeserializeOwned, Default);
assert_impl_all!(TokenError: std::error::Error, Send, Sync);

#[test]
fn debug_shows_the_id_and_no_secret() {
    let seed: [u8; 32] = std::array::from_fn(|at| 200 - u8::try_from(at).unwrap());
    let key = SigningKey::from_seed(&seed).unwrap();
    let shown = format!("{key:?} {key:#?}");
    assert_eq!(
        format!("{key:?}"),
        format!("SigningKey {{ kid: {:?}, seed: [REDACTED] }}", key.public_key().kid())
    );
    let decimal = seed.map(|byte| byte.to_string()).join(", ");
    for secret in [hex::encode(seed), decimal, key.export_paserk()[10..50].to_owned()] {
        assert!(!shown.contains(&secret));
    }
}

#[test]
fn errors_repeat_nothing() {
    let planted = "5ecretSecretSecretSecretSecretSecretSecret0";
    let texts = [
        planted.to_owned(),
        format!("k4.public.{planted}!"),
        format!("k4.secret.{planted}"),
        format!(r#"{{"kty":"{planted}","crv":"{planted}","x":"{planted}"}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"x","d":"{planted}"}}"#),
        format!("-----BEGIN PRIVATE KEY-----\n{planted}\n-----END PRIVATE KEY-----"),
    ];
    for text in texts {
        let errors = [
            text.parse::<PublicKey>().unwrap_err(),
            PublicKey::from_jwk(&text).unwrap_err(),
            PublicKey::from_spki_pem(&text).unwrap_err(),
            SigningKey::from_paserk(&text).unwrap_err(),
            SigningKey::from_pkcs8_pem(&text).unwrap_err(),
        ];
        for error in errors {
            assert!(!format!("{error} {error:?}").contains(planted));
        }
    }
}

#[test]
fn the_export_is_the_key() {
    let key = key(5);
    let exported: zeroize::Zeroizing<String> = key.export_paserk();
    assert_eq!(exported.len(), 10 + 86);
    assert_eq!(SigningKey::from_paserk(&exported).unwrap().export_paserk(), exported);
}
