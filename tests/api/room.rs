//! How many credentials a customer may have: what the session alone began is in the way of nothing that somebody answers
//! for.

use countersign::Error;
use countersign::credential::{CredentialStatus, EnrolmentRequest, ImportRequest, Provisioning};
use countersign::device::DeviceCredential;
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Actor, Outcome};
use countersign::otp::OtpSeed;
use countersign::page::Page;
use countersign::policy::CREDENTIALS_PER_CUSTOMER;
use countersign::random::SeededRandom;
use countersign::transaction::TransactionKind;

use crate::support::credentials::{app, pin, refused};
use crate::support::step_ups::{asking, bank, grant, open, transfer};
use crate::support::*;

const MOST: usize = CREDENTIALS_PER_CUSTOMER as usize;

/// The session begins as many as it may, one a second.
async fn filled(bank: &Bank) -> Vec<Provisioning> {
    let mut begun = Vec::new();
    for n in 0..MOST {
        let enrolment = EnrolmentRequest::ocra(request(&format!("session-{n}")));
        begun.push(bank.verifier.credentials().enrol(&alice(), &enrolment).await.unwrap());
        bank.clock.advance(std::time::Duration::from_secs(1));
    }
    let more = EnrolmentRequest::ocra(request("session-more"));
    full(bank.verifier.credentials().enrol(&alice(), &more).await);
    begun
}

fn full<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Invalid(Invalid::TooManyCredentials))), "{result:?}");
}

fn fob(n: u8) -> ImportRequest {
    ImportRequest::hotp(OtpSeed::from_bytes(&[n + 1; 20]).unwrap(), 0)
}

async fn statuses(bank: &Bank) -> Vec<CredentialStatus> {
    let listed = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
    listed.items.iter().map(|one| one.status).collect()
}

async fn open_ones(bank: &Bank) -> usize {
    let open = [CredentialStatus::Pending, CredentialStatus::Active];
    statuses(bank).await.iter().filter(|status| open.contains(status)).count()
}

fn first_code(given: &Provisioning) -> countersign::otp::ocra::Response {
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let (id, random) = (given.credential.id, SeededRandom::new(4));
    let device = DeviceCredential::enrol(id, &seed, &pin("1111"), None, &random).unwrap();
    device.confirm(&pin("1111")).unwrap()
}

#[tokio::test]
async fn what_the_session_began_gives_way_to_imports_and_to_the_back_end_s_word() {
    let bank = bank();
    let begun = filled(&bank).await;
    let credentials = bank.verifier.credentials();
    for (n, oldest) in begun.iter().enumerate() {
        bank.seen.take();
        if n % 2 == 0 {
            credentials.import(&alice(), &fob(n.try_into().unwrap())).await.unwrap();
        } else {
            let word = EnrolmentRequest::ocra(request(&format!("word-{n}"))).vouched_for();
            credentials.enrol(&alice(), &word).await.unwrap();
        }
        assert_eq!(open_ones(&bank).await, MOST, "the bound holds");
        let seen = bank.seen.take();
        assert_eq!((seen[0].action, seen[0].outcome), (Action::Revoke, Outcome::Done));
        assert_eq!(seen[0].actor, Actor::BackEnd);
        // The oldest first, and its seed is burnt.
        assert_eq!(
            seen[0].subject,
            countersign::history::Subject::Credential(oldest.credential.id)
        );
        refused(credentials.confirm(&alice(), &oldest.credential.id, &first_code(oldest)).await);
    }
    // Nothing gives way to more of them.
    let written = bank.store.records();
    full(credentials.import(&alice(), &fob(100)).await);
    full(credentials.enrol(&alice(), &EnrolmentRequest::ocra(request("word")).vouched_for()).await);
    assert_eq!(bank.store.records(), written);
}

#[tokio::test]
async fn what_is_there_already_takes_nothing_s_place() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let held = credentials.import(&alice(), &fob(0)).await.unwrap();
    credentials.revoke(&alice(), &held.id).await.unwrap();
    let begun = filled(&bank).await;
    let written = bank.store.records();
    credentials.import(&alice(), &fob(0)).await.unwrap();
    assert_eq!(bank.store.records(), written);
    // The back end's word for one that the session began, which gets another seed.
    let word = EnrolmentRequest::ocra(request("session-3")).vouched_for();
    let vouched = credentials.enrol(&alice(), &word).await.unwrap();
    assert_eq!(vouched.credential.id, begun[3].credential.id);
    assert_eq!(open_ones(&bank).await, MOST);
}

/// One that was confirmed in time stays.
#[tokio::test]
async fn an_active_credential_gives_way_to_nothing() {
    let bank = bank();
    let begun = filled(&bank).await;
    let credentials = bank.verifier.credentials();
    let first = begun[0].credential.id;
    credentials.confirm(&alice(), &first, &first_code(&begun[0])).await.unwrap();
    credentials.import(&alice(), &fob(0)).await.unwrap();
    let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
    let status =
        |n: usize| listed.iter().find(|one| one.id == begun[n].credential.id).map(|one| one.status);
    assert_eq!(status(0), Some(CredentialStatus::Active));
    assert_eq!(status(1), Some(CredentialStatus::Revoked));
    assert_eq!(status(2), Some(CredentialStatus::Pending));
}

#[tokio::test]
async fn what_the_session_began_gives_way_to_a_proof() {
    let bank = bank();
    // Begun before the customer had any.
    filled(&bank).await;
    let (_, device) = app(&bank).await;
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let mut another = transfer();
    (another.kind, another.amount) = (TransactionKind::NewAuthenticator, 0);
    let asked = step_ups.request(&call, &asking("s", another.clone())).await.unwrap();
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = grant(&bank, &asked).await;
    let proof = step_ups.redeem(&call, &grant, &another, &request("k")).await.unwrap();
    bank.seen.take();
    let enrolment = EnrolmentRequest::ocra(request("second")).approved_in(&proof);
    let given = bank.verifier.credentials().enrol(&alice(), &enrolment).await.unwrap();
    let seen = bank.seen.take();
    assert_eq!((seen[0].action, &seen[0].actor), (Action::Revoke, &Actor::Customer));
    assert_eq!(open_ones(&bank).await, MOST);
    let confirmed = bank
        .verifier
        .credentials()
        .confirm(&alice(), &given.credential.id, &first_code(&given))
        .await
        .unwrap();
    assert_eq!(confirmed.status, CredentialStatus::Active);
    // The session itself may do none of that.
    let alone =
        bank.verifier.credentials().enrol(&alice(), &EnrolmentRequest::ocra(request("x"))).await;
    assert!(matches!(alone, Err(Error::Invalid(Invalid::AnotherCredential))), "{alone:?}");
    let last = bank.seen.take().pop().unwrap();
    assert_eq!(last.outcome, Outcome::Refused(Reason::AnotherCredential));
}

#[tokio::test]
async fn what_is_refused_takes_nobody_s_room() {
    let bank = bank();
    filled(&bank).await;
    let written = bank.store.records();
    let credentials = bank.verifier.credentials();
    let last = ImportRequest::hotp(OtpSeed::from_bytes(&[1; 20]).unwrap(), u64::MAX);
    let refused = credentials.import(&alice(), &last).await;
    assert!(matches!(refused, Err(Error::Invalid(Invalid::LastCounter))), "{refused:?}");
    let slow = std::num::NonZeroU32::new(3600).unwrap();
    let slow = EnrolmentRequest::totp(request("slow")).period(slow).vouched_for();
    let refused = credentials.enrol(&alice(), &slow).await;
    assert!(matches!(refused, Err(Error::Invalid(Invalid::TimeStep))), "{refused:?}");
    assert_eq!(bank.store.records(), written);
}
