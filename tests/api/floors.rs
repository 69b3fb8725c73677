//! The floor: once a customer has a key that signs, nothing less approves a new authenticator.

use std::time::Duration;

use countersign::credential::{EnrolmentRequest, ImportRequest, KeyPossession, Method};
use countersign::device::DeviceCredential;
use countersign::error::Invalid;
use countersign::history::Action;
use countersign::otp::OtpSeed;
use countersign::otp::ocra::Suite;
use countersign::random::SeededRandom;
use countersign::step_up::Redeemed;
use countersign::store::Place;
use countersign::time::ManualClock;
use countersign::{CredentialId, Error, Policy, Verifier};

use crate::support::anchors::bytes_of;
use crate::support::binding::another;
use crate::support::credentials::{app, pin, refused};
use crate::support::device_keys::{PrivateKey, bound};
use crate::support::rows::Rows;
use crate::support::step_ups::{asking, bank_of, grant, open, signing};
use crate::support::{Bank, HOUR, START, alice, bob_rings, issuer, keyring, request};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.step_ups.per_customer = 20;
    policy
}

fn phone(id: &str) -> EnrolmentRequest {
    EnrolmentRequest::device_key(request(id))
}

fn below_floor<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Invalid(Invalid::BelowFloor))), "{result:?}");
}

/// Alice has an app with a PIN and a phone with a key.
async fn both() -> (Bank, DeviceCredential, PrivateKey, CredentialId) {
    let (bank, key) = (bank_of(policy()), PrivateKey::ed25519(9));
    let (_, pin_app) = app(&bank).await;
    let credential = bound(&bank, &phone("phone").vouched_for(), &key).await;
    (bank, pin_app, key, credential.id)
}

/// A proof by the app with a PIN, asked for before there was a key.
async fn proof_by_pin(bank: &Bank, pin_app: &DeviceCredential) -> Redeemed {
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    let asked = step_ups.request(&call, &asking("bind", another())).await.unwrap();
    let code = open(bank, &asked).approve(pin_app, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = grant(bank, &asked).await;
    step_ups.redeem(&call, &grant, &another(), &request("k")).await.unwrap()
}

#[tokio::test]
async fn no_name_of_a_method_leads_below_the_floor() {
    let (bank, ..) = both().await;
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    let by = |method| asking("named", another()).by(method);
    for method in [Method::Ocra, Method::Totp, Method::Delivered] {
        refused(step_ups.request(&call, &by(method)).await);
    }
    let asked = step_ups.request(&call, &asking("unnamed", another())).await.unwrap();
    assert_eq!(asked.step_up.method, Method::DeviceKey);
}

/// Before the first key that signs, OCRA binds whatever it did.
#[tokio::test]
async fn before_there_is_a_key_there_is_no_floor() {
    let bank = bank_of(policy());
    let (_, pin_app) = app(&bank).await;
    let proof = proof_by_pin(&bank, &pin_app).await;
    let standing = bank.verifier.customers().standing(&alice()).await.unwrap();
    assert!(!standing.floor);
    assert_eq!(bank.verifier.customers().lower_floor(&alice()).await.unwrap(), None);
    let key = PrivateKey::p256();
    bound(&bank, &phone("phone").approved_in(&proof), &key).await;
    assert!(bank.verifier.customers().standing(&alice()).await.unwrap().floor);
}

/// With a proof that OCRA gave before the key was bound: the enterprise could have made that by itself.
#[tokio::test]
async fn an_ocra_approval_binds_no_key_beside_a_key() {
    let bank = bank_of(policy());
    let (_, pin_app) = app(&bank).await;
    let proof = proof_by_pin(&bank, &pin_app).await;
    let waiting = EnrolmentRequest::ocra(request("waiting")).vouched_for();
    let credentials = bank.verifier.credentials();
    let waiting = credentials.enrol(&alice(), &waiting).await.unwrap();
    bound(&bank, &phone("phone").vouched_for(), &PrivateKey::p256()).await;
    below_floor(credentials.enrol(&alice(), &phone("mallory").approved_in(&proof)).await);
    below_floor(credentials.enrol(&alice(), &phone("mallory").vouched_for()).await);
    // What was begun before is not confirmed now.
    let (id, random) = (waiting.credential.id, SeededRandom::new(3));
    let seed = OtpSeed::from_base32(waiting.base32().unwrap()).unwrap();
    let device = DeviceCredential::enrol(id, &seed, &pin("1111"), None, &random).unwrap();
    let first = device.confirm(&pin("1111")).unwrap();
    below_floor(credentials.confirm(&alice(), &id, &first).await);
}

/// Neither a lock of the key nor its revocation.
#[tokio::test]
async fn a_key_that_is_gone_leaves_the_floor() {
    let (bank, pin_app, _, id) = both().await;
    bank.verifier.credentials().revoke(&alice(), &id).await.unwrap();
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    refused(step_ups.request(&call, &asking("unnamed", another())).await);
    refused(step_ups.request(&call, &asking("named", another()).by(Method::Ocra)).await);
    let credentials = bank.verifier.credentials();
    below_floor(credentials.enrol(&alice(), &phone("new").vouched_for()).await);
    bank.verifier.credentials().revoke(&alice(), &pin_app.id()).await.unwrap();
    // With nothing left, a session begins as little.
    below_floor(credentials.enrol(&alice(), &phone("thief")).await);
    bank.verifier.customers().reconcile(&alice()).await.unwrap();
    below_floor(credentials.enrol(&alice(), &phone("thief")).await);
}

#[tokio::test]
async fn a_lost_row_leaves_the_floor() {
    let (rows, clock) = (Rows::default(), ManualClock::new(START));
    let verifier = Verifier::builder(issuer(), keyring())
        .store(rows.clone())
        .clock(clock.clone())
        .random(SeededRandom::new(1))
        .policy(policy())
        .signing_key(signing())
        .build()
        .unwrap();
    let credentials = verifier.credentials();
    let given = credentials.enrol(&alice(), &phone("phone")).await.unwrap();
    let (id, possession) = (given.credential.id, PrivateKey::p256().possession(&given));
    credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap();
    let at: Place = *rows.places().iter().find(|at| at.id[..] == bytes_of(id)[..]).unwrap();
    rows.vanish(&at);
    below_floor(credentials.enrol(&alice(), &phone("new").vouched_for()).await);
    verifier.customers().reconcile(&alice()).await.unwrap();
    below_floor(credentials.enrol(&alice(), &phone("new").vouched_for()).await);
    below_floor(credentials.enrol(&alice(), &phone("new")).await);
}

#[tokio::test]
async fn an_imported_fob_approves_no_authenticator() {
    let (bank, key) = (bank_of(policy()), PrivateKey::p256());
    bound(&bank, &phone("phone"), &key).await;
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:QN08".parse().unwrap();
    let fob = ImportRequest::ocra(OtpSeed::from_bytes(&[9; 32]).unwrap(), &suite).unwrap();
    bank.verifier.credentials().import(&alice(), &fob).await.unwrap();
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    refused(step_ups.request(&call, &asking("named", another()).by(Method::Ocra)).await);
    assert!(bank.verifier.customers().standing(&alice()).await.unwrap().floor);
}

/// On the back end's word alone, after its delay, which every device is told of; and another key puts it back.
#[tokio::test]
async fn the_floor_is_lowered_after_a_delay() {
    let (bank, pin_app, _, id) = both().await;
    let (credentials, customers) = (bank.verifier.credentials(), bank.verifier.customers());
    credentials.revoke(&alice(), &id).await.unwrap();
    let changes = customers.standing(&alice()).await.unwrap().changes;
    bank.seen.take();
    let ends = START.after(3 * DAY);
    for told in [1, 1] {
        assert_eq!(customers.lower_floor(&alice()).await.unwrap(), Some(ends));
        let lowered = |seen: &countersign::observer::Observed| seen.action == Action::LowerFloor;
        assert_eq!(bank.seen.take().iter().filter(|seen| lowered(seen)).count(), told);
    }
    let standing = customers.standing(&alice()).await.unwrap();
    assert_eq!((standing.floor_ends, standing.changes), (Some(ends), changes + 1));
    bank.clock.advance(3 * DAY - Duration::from_secs(1));
    below_floor(credentials.enrol(&alice(), &phone("new").vouched_for()).await);
    // The customer, who was told, did not ask for it.
    customers.keep_floor(&alice()).await.unwrap();
    bank.clock.advance(HOUR);
    below_floor(credentials.enrol(&alice(), &phone("new").vouched_for()).await);
    customers.lower_floor(&alice()).await.unwrap();
    bank.clock.advance(3 * DAY);
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-2"));
    let asked = step_ups.request(&call, &asking("named", another())).await.unwrap();
    assert_eq!(open(&bank, &asked).credential(), pin_app.id());
    let given = credentials.enrol(&alice(), &phone("new").vouched_for()).await.unwrap();
    let possession: KeyPossession = PrivateKey::p256().possession(&given);
    let id = given.credential.id;
    credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap();
    let standing = customers.standing(&alice()).await.unwrap();
    assert!(standing.floor && standing.floor_ends.is_none());
    below_floor(credentials.enrol(&alice(), &phone("third").vouched_for()).await);
}

/// Who was erased begins anew on the back end's word.
#[tokio::test]
async fn an_erased_customer_has_no_floor() {
    let (bank, ..) = both().await;
    bank.verifier.customers().erase(&alice()).await.unwrap();
    bank.verifier.customers().readmit(&alice()).await.unwrap();
    assert!(!bank.verifier.customers().standing(&alice()).await.unwrap().floor);
    bound(&bank, &phone("new"), &PrivateKey::p256()).await;
}
