//! A thief's enrolment, another customer's app, and what binding asks of both.

use countersign::credential::EnrolmentRequest;
use countersign::error::Invalid;
use countersign::transaction::TransactionKind;
use countersign::{Error, Transaction};

use super::credentials::held;
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
    let (device, first) = held(&given, "1111", None, 4);
    credentials.confirm(&mallory(), &device.id(), &first).await.unwrap();
}

/// What binds another credential.
pub fn another() -> Transaction {
    let mut another = transfer();
    (another.kind, another.amount) = (TransactionKind::NewAuthenticator, 0);
    another
}
