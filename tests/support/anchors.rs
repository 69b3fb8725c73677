//! Phones that wait for their first code, and the bank over other rows than it wrote.

use countersign::credential::{CredentialStatus, ImportRequest, Provisioning};
use countersign::device::DeviceCredential;
use countersign::error::Invalid;
use countersign::otp::OtpSeed;
use countersign::otp::ocra::Response;
use countersign::page::Page;
use countersign::store::{FaultStore, Place, Record};
use countersign::time::Clock;
use countersign::{CredentialId, Error, MemoryStore, Window};

use super::between::put;
use super::binding::thief;
use super::credentials::{held, pin};
use super::step_ups::signing;
use super::*;

/// The phone that was given this, with the PIN 2468.
pub fn device_of(given: &Provisioning, seed: u64) -> DeviceCredential {
    held(given, "2468", None, seed).0
}

/// One that was enrolled on the session's word alone.
pub fn begun(bank: &Bank, name: &str, seed: u64) -> DeviceCredential {
    let given = block_on(bank.verifier.credentials().enrol(&alice(), &thief(name))).unwrap();
    device_of(&given, seed)
}

/// Its first code, if that PIN is typed.
pub fn first_code(app: &DeviceCredential, typed: &str) -> Response {
    app.confirm(&pin(typed)).unwrap()
}

pub fn confirm(bank: &Bank, app: &DeviceCredential) -> Result<CredentialStatus, Error> {
    let code = first_code(app, "2468");
    Ok(block_on(bank.verifier.credentials().confirm(&alice(), &app.id(), &code))?.status)
}

pub fn statuses(bank: &Bank) -> Vec<(CredentialId, CredentialStatus)> {
    let page = block_on(bank.verifier.credentials().list(&alice(), Page::first())).unwrap();
    page.items.iter().map(|one| (one.id, one.status)).collect()
}

/// A counting fob.
pub fn fob() -> ImportRequest {
    ImportRequest::hotp(OtpSeed::from_bytes(&[0x5a; 20]).unwrap(), 7)
}

/// The id of a credential as places have it.
pub fn bytes_of(id: CredentialId) -> Vec<u8> {
    base32::decode(base32::Alphabet::Crockford, &id.to_string()).unwrap()
}

pub fn not_reconciled<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Invalid(Invalid::NotReconciled))), "{result:?}");
}

/// The bank over these rows, as another process finds them; told of a loss, or not.
pub async fn over(
    bank: &Bank,
    rows: impl IntoIterator<Item = (Place, Record)>,
    lost: Option<Window>,
) -> Bank {
    let (store, now) = (FaultStore::new(MemoryStore::new()), bank.clock.now().unwrap());
    for (at, row) in rows {
        put(&store, &at, &row, now).await;
    }
    let (clock, seen) = (bank.clock.clone(), bank.seen.clone());
    let mut builder = part(keyring(), &store, &clock, &seen, 9).signing_key(signing());
    if let Some(lost) = lost {
        builder = builder.restored_from(lost);
    }
    Bank { verifier: builder.build().unwrap(), clock, store, seen }
}
