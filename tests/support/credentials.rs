//! An app that is bound, its PIN, and what a refusal is.

use crate::support::*;
use countersign::Error;
use countersign::credential::{Credential, EnrolmentRequest};
use countersign::device::{DeviceCredential, SmartPin};
use countersign::otp::ocra::Response;
use countersign::otp::{Code, OtpSeed};
use countersign::random::SeededRandom;

pub fn pin(text: &str) -> SmartPin {
    text.parse().unwrap()
}

pub fn response(code: &Code) -> Response {
    code.expose().parse().unwrap()
}

/// Alice's app, confirmed, with the PINs 2468 and 1357.
pub async fn app(bank: &Bank) -> (Credential, DeviceCredential) {
    let credentials = bank.verifier.credentials();
    let enrolment = EnrolmentRequest::ocra(request("app")).vouched_for();
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let device = DeviceCredential::enrol(
        given.credential.id,
        &seed,
        &pin("2468"),
        Some(&pin("1357")),
        &SeededRandom::new(3),
    )
    .unwrap();
    let first = device.confirm(&pin("2468")).unwrap();
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
