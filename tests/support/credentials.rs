//! An app that is bound, its PIN, and what a refusal is.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::support::*;
use countersign::credential::{Credential, EnrolmentRequest, Provisioning};
use countersign::device::{DeviceCredential, SmartPin};
use countersign::otp::ocra::Response;
use countersign::otp::{Code, OtpSeed};
use countersign::random::SeededRandom;
use countersign::{CredentialId, Error};

pub fn pin(text: &str) -> SmartPin {
    text.parse().unwrap()
}

pub fn response(code: &Code) -> Response {
    code.expose().parse().unwrap()
}

/// The phone with this seed and these PINs, and the code that binds it. PINs are stretched slowly on purpose: what is the
/// same in many tests is made once.
pub fn made(
    id: CredentialId,
    seed: &str,
    own: &str,
    duress: Option<&str>,
    salt: u64,
) -> (DeviceCredential, Response) {
    static MADE: Mutex<BTreeMap<String, (Vec<u8>, String)>> = Mutex::new(BTreeMap::new());
    let named = format!("{id} {seed} {own} {duress:?} {salt}");
    let known = MADE.lock().unwrap().get(&named).cloned();
    let (bytes, code) = known.unwrap_or_else(|| {
        let (seed, random) = (OtpSeed::from_base32(seed).unwrap(), SeededRandom::new(salt));
        let duress = duress.map(pin);
        let device = DeviceCredential::enrol(id, &seed, &pin(own), duress.as_ref(), &random);
        let device = device.unwrap();
        let code = device.confirm(&pin(own)).unwrap().expose().to_owned();
        let made = (device.to_bytes().to_vec(), code);
        MADE.lock().unwrap().insert(named, made.clone());
        made
    });
    (DeviceCredential::from_bytes(&bytes).unwrap(), code.parse().unwrap())
}

/// A seed as it is typed.
pub fn in_base32(seed: &[u8]) -> String {
    base32::encode(base32::Alphabet::Rfc4648 { padding: false }, seed)
}

/// The phone that was given this.
pub fn held(
    given: &Provisioning,
    own: &str,
    duress: Option<&str>,
    salt: u64,
) -> (DeviceCredential, Response) {
    made(given.credential.id, given.base32().unwrap(), own, duress, salt)
}

/// Alice's app, confirmed, with the PINs 2468 and 1357.
pub async fn app(bank: &Bank) -> (Credential, DeviceCredential) {
    let credentials = bank.verifier.credentials();
    let enrolment = EnrolmentRequest::ocra(request("app")).vouched_for();
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    let (device, first) = held(&given, "2468", Some("1357"), 3);
    let confirmed = credentials.confirm(&alice(), &device.id(), &first).await.unwrap();
    (confirmed, device)
}

pub fn refused<T: std::fmt::Debug>(result: Result<T, Error>) {
    match result {
        Err(Error::Refused(refused)) => {
            assert_eq!(format!("{refused}|{refused:?}"), "refused|Refused");
            assert_eq!(serde_json::to_string(&refused).unwrap(), "\"refused\"");
        }
        other => panic!("{other:?}"),
    }
}
