//! The published PASETO v4.public vectors, those that must fail included.

use countersign::token::v4_public;
use countersign::token::v4_public::Buffer;
use countersign::token::{PublicKey, Rejection, SigningKey};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    tests: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Case {
    name: String,
    expect_fail: bool,
    public_key: String,
    secret_key: String,
    secret_key_seed: String,
    secret_key_pem: String,
    public_key_pem: String,
    token: String,
    payload: Option<String>,
    footer: String,
    implicit_assertion: String,
}

fn cases() -> Vec<Case> {
    let json = include_str!("../vectors/paseto-v4-public.json");
    let cases = serde_json::from_str::<File>(json).unwrap().tests;
    assert_eq!(cases.len(), 4);
    cases
}

#[test]
fn every_token_signs_and_verifies_as_published() {
    let mut buffer = Buffer::new();
    for case in cases().iter().filter(|case| !case.expect_fail) {
        let seed: [u8; 32] = hex::decode(&case.secret_key_seed).unwrap().try_into().unwrap();
        let key = SigningKey::from_seed(&seed).unwrap();
        let payload = case.payload.as_deref().unwrap();
        let (footer, implicit) = (case.footer.as_bytes(), case.implicit_assertion.as_bytes());
        let token = v4_public::sign(&key, payload.as_bytes(), footer, implicit).unwrap();
        assert_eq!(token, case.token, "{}", case.name);

        let opened = v4_public::verify(&token, key.public_key(), implicit, &mut buffer).unwrap();
        assert_eq!((opened.message, opened.footer), (payload.as_bytes(), footer), "{}", case.name);
        for other in [b"".as_slice(), b"{\"test-vector\":\"4-S-4\"}"] {
            let verified = v4_public::verify(&token, key.public_key(), other, &mut buffer);
            assert_eq!(verified.is_ok(), other == implicit, "{}", case.name);
        }
    }
}

#[test]
fn every_case_that_must_fail_fails() {
    let mut failing = 0;
    let mut buffer = Buffer::new();
    for case in cases().iter().filter(|case| case.expect_fail) {
        let bytes: [u8; 32] = hex::decode(&case.public_key).unwrap().try_into().unwrap();
        let key = PublicKey::from_bytes(bytes).unwrap();
        let implicit = case.implicit_assertion.as_bytes();
        let refused = v4_public::verify(&case.token, &key, implicit, &mut buffer);
        assert_eq!(refused.unwrap_err().reason(), Rejection::Malformed, "{}", case.name);
        assert_eq!(case.payload, None);
        failing += 1;
    }
    assert_eq!(failing, 1);
}

#[test]
fn every_form_of_the_keys_is_the_same_key() {
    for case in cases() {
        let public: [u8; 32] = hex::decode(&case.public_key).unwrap().try_into().unwrap();
        let public = PublicKey::from_bytes(public).unwrap();
        assert_eq!(PublicKey::from_spki_pem(&case.public_key_pem).unwrap(), public);

        let secret = SigningKey::from_pkcs8_pem(&case.secret_key_pem).unwrap();
        assert_eq!(secret.public_key(), &public);
        let halves = hex::decode(&case.secret_key).unwrap();
        let paserk = secret.export_paserk();
        assert_eq!(
            *paserk,
            format!("k4.secret.{}", base64url(&halves)),
            "k4.secret is seed and public key"
        );
        assert_eq!(SigningKey::from_paserk(&paserk).unwrap().public_key(), &public);
    }
}

fn base64url(bytes: &[u8]) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::encode_string(bytes)
}
