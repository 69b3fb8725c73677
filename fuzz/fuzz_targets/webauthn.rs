//! Whatever a browser sends for a passkey, and whatever key: no panic, what is read is one reading, and no key that is
//! read is written otherwise.
#![no_main]

use countersign::credential::{
    CredentialPublicKey, PasskeyAssertion, PasskeyRegistration, Signature,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let [attestation, assertion, client_data] = countersign::fuzzing::webauthn(data);
    // An attestation object begins with a map's head, client data with a brace.
    assert!(!(attestation && client_data));
    assert!(!assertion || data.len() >= 37);
    if let Ok(key) = CredentialPublicKey::from_cose(data) {
        assert_eq!(key.to_cose(), data);
    }
    if let Ok(key) = CredentialPublicKey::from_spki_der(data) {
        assert_eq!(CredentialPublicKey::from_cose(&key.to_cose()), Ok(key));
    }
    if let Ok(signature) = Signature::from_der(data) {
        assert_eq!(Signature::from_raw(signature.as_bytes()), Ok(signature));
    }
    let Ok(text) = core::str::from_utf8(data) else { return };
    if let Ok(key) = CredentialPublicKey::from_jwk(text) {
        assert_eq!(CredentialPublicKey::from_cose(&key.to_cose()), Ok(key));
    }
    let _ = PasskeyAssertion::from_json(text);
    let _ = PasskeyRegistration::from_json(text);
});
