//! Any text or bytes as a key: no panic, and a key that was read prints as what reads back the same.
#![no_main]

use countersign::token::{KeyError, PublicKey, SigningKey};
use libfuzzer_sys::fuzz_target;

fn public(read: Result<PublicKey, KeyError>) {
    let Ok(key) = read else { return };
    assert_eq!(key.to_string().parse::<PublicKey>().as_ref(), Ok(&key));
    assert_eq!(PublicKey::from_jwk(&key.to_jwk()).as_ref(), Ok(&key));
    assert_eq!(PublicKey::from_bytes(*key.as_bytes()).as_ref(), Ok(&key));
    assert_eq!(key.kid().as_str().len(), 43);
}

fn secret(read: Result<SigningKey, KeyError>) {
    let Ok(key) = read else { return };
    public(Ok(*key.public_key()));
    let text = key.export_paserk();
    let again = SigningKey::from_paserk(&text).unwrap();
    assert_eq!(again.export_paserk(), text);
    assert!(!format!("{key:?}").contains(&text[10..]));
}

fn all(text: &str) {
    let read = text.parse::<PublicKey>();
    // There is one text for a key.
    assert!(read.is_err() || read.unwrap().to_string() == text);
    public(read);
    public(PublicKey::from_jwk(text));
    public(PublicKey::from_spki_pem(text));
    let read = SigningKey::from_paserk(text);
    assert!(read.as_ref().is_err() || *read.as_ref().unwrap().export_paserk() == text);
    secret(read);
    secret(SigningKey::from_pkcs8_pem(text));
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = core::str::from_utf8(data) {
        all(text);
        all(&format!("k4.public.{text}"));
        all(&format!("k4.secret.{text}"));
        all(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{text}"}}"#));
        all(&format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----"));
    }
    public(PublicKey::from_spki_der(data));
    secret(SigningKey::from_pkcs8_der(data));
    if let Some((seed, rest)) = data.split_first_chunk::<32>() {
        public(PublicKey::from_bytes(*seed));
        secret(SigningKey::from_seed(seed));
        let frame = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
        secret(SigningKey::from_pkcs8_der(&[&frame[..], seed, rest].concat()));
    }
});
