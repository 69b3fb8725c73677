//! A thief's enrolment, another customer's app, and what binding asks of both.

use countersign::credential::EnrolmentRequest;
use countersign::device::DeviceCredential;
use countersign::error::Invalid;
use countersign::otp::OtpSeed;
use countersign::random::SeededRandom;
use countersign::transaction::TransactionKind;
use countersign::{Error, Transaction};

use super::credentials::pin;
use super::step_ups::transfer;
use super::{Bank, mallory, request};

pub fn thief(id: &str) -> EnrolmentRequest {
    EnrolmentRequest::ocra(request(id))
}

pub fn needs_word<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Invalid(Invalid::AnotherCredential))), "{result:?}");
}

pub async fn app_of_mallory(bank: &Bank) {
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&mallory(), &thief("app")).await.unwrap();
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let random = SeededRandom::new(4);
    let id = given.credential.id;
    let device = DeviceCredential::enrol(id, &seed, &pin("1111"), None, &random).unwrap();
    let first = device.confirm(&pin("1111")).unwrap();
    credentials.confirm(&mallory(), &id, &first).await.unwrap();
}

/// What binds another credential.
pub fn another() -> Transaction {
    let mut another = transfer();
    (another.kind, another.amount) = (TransactionKind::NewAuthenticator, 0);
    another
}
