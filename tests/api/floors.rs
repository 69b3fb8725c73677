//! The floor: once a customer has a key that signs, nothing less approves a new authenticator.

use std::time::Duration;

use countersign::credential::{
    CredentialStatus, EnrolmentRequest, ImportRequest, KeyPossession, Method,
};
use countersign::device::DeviceCredential;
use countersign::error::{Invalid, RecordError};
use countersign::history::Action;
use countersign::otp::OtpSeed;
use countersign::otp::ocra::Suite;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::step_up::Redeemed;
use countersign::store::{Place, Put, Record, Store as _, StoreError};
use countersign::time::{Clock as _, ManualClock};
use countersign::{CredentialId, Error, MemoryStore, Policy, Verifier};

use crate::support::anchors::{bytes_of, device_of, first_code};
use crate::support::between::put;
use crate::support::binding::another;
use crate::support::credentials::{app, pin, refused, response};
use crate::support::device_keys::{PrivateKey, bound, bound_with_pin};
use crate::support::rows::{Rows, is_anchor};
use crate::support::step_ups::{asking, bank_of, change, grant, open, signing};
use crate::support::{Bank, HOUR, START, alice, bob_rings, booking, issuer, keyring, request};

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

/// With every method that the policy lets approve: a fob that counts, and messages.
async fn all_methods() -> Bank {
    let mut policy = policy();
    policy.step_ups.other_methods.push(Method::Delivered);
    let bank = bank_of(policy);
    app(&bank).await;
    let credentials = bank.verifier.credentials();
    let fob = ImportRequest::totp(OtpSeed::from_bytes(&[9; 32]).unwrap());
    credentials.import(&alice(), &fob).await.unwrap();
    let by_message = EnrolmentRequest::delivered(request("number")).vouched_for();
    let given = credentials.enrol(&alice(), &by_message).await.unwrap();
    let code = response(given.code_to_deliver().unwrap());
    credentials.confirm(&alice(), &given.credential.id, &code).await.unwrap();
    bound(&bank, &phone("phone").vouched_for(), &PrivateKey::p256()).await;
    bank
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
    let bank = all_methods().await;
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    for method in [Method::Ocra, Method::Totp, Method::Delivered] {
        // She has it, and it approves what binds nothing.
        let known = format!("known-{method:?}");
        let asked = step_ups.request(&call, &asking(&known, change()).by(method)).await.unwrap();
        assert_eq!(asked.step_up.method, method);
        refused(step_ups.request(&call, &asking("named", another()).by(method)).await);
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

/// A key that is locked is still the better one.
#[tokio::test]
async fn a_locked_key_leaves_the_floor() {
    let bank = bank_of(policy());
    app(&bank).await;
    let key = PrivateKey::p256();
    let device = bound_with_pin(&bank, phone("phone").vouched_for(), &key).await;
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    let asked = step_ups.request(&call, &asking("s", change())).await.unwrap();
    for n in 0..5 {
        let (answer, wrong) = (key.answer(&bank, &asked), format!("{n:08}").parse().unwrap());
        let id = &asked.step_up.id;
        refused(step_ups.submit_signed(&alice(), id, &answer, Some(&wrong)).await);
    }
    let listed = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap().items;
    let locked = listed.iter().filter(|one| one.status == CredentialStatus::Locked);
    assert_eq!(locked.map(|one| one.id).collect::<Vec<_>>(), [device.id()]);
    step_ups.request(&call, &asking("change", change()).by(Method::Ocra)).await.unwrap();
    refused(step_ups.request(&call, &asking("unnamed", another())).await);
    refused(step_ups.request(&call, &asking("named", another()).by(Method::Ocra)).await);
    below_floor(bank.verifier.credentials().enrol(&alice(), &phone("n").vouched_for()).await);
}

/// Nor does its revocation take it away.
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

fn over_rows(rows: &Rows, clock: &ManualClock) -> Verifier {
    Verifier::builder(issuer(), keyring())
        .store(rows.clone())
        .clock(clock.clone())
        .random(SeededRandom::new(1))
        .policy(policy())
        .signing_key(signing())
        .build()
        .unwrap()
}

fn ocra_fob(byte: u8) -> ImportRequest {
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:QN08".parse().unwrap();
    ImportRequest::ocra(OtpSeed::from_bytes(&[byte; 32]).unwrap(), &suite).unwrap()
}

#[tokio::test]
async fn a_lost_row_leaves_the_floor() {
    let (rows, clock) = (Rows::default(), ManualClock::new(START));
    let verifier = over_rows(&rows, &clock);
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

/// It is on the back end's word alone, as any other that nobody approved.
#[tokio::test]
async fn a_fob_is_imported_below_the_floor_only_while_that_is_lowered() {
    let (bank, key) = (bank_of(policy()), PrivateKey::p256());
    let (credentials, customers) = (bank.verifier.credentials(), bank.verifier.customers());
    let before = credentials.import(&alice(), &ocra_fob(9)).await.unwrap();
    bound(&bank, &phone("phone").vouched_for(), &key).await;
    below_floor(credentials.import(&alice(), &ocra_fob(8)).await);
    // The one that was there before is the one that there is.
    assert_eq!(credentials.import(&alice(), &ocra_fob(9)).await.unwrap().id, before.id);
    customers.lower_floor(&alice()).await.unwrap();
    bank.clock.advance(3 * DAY - Duration::from_secs(1));
    below_floor(credentials.import(&alice(), &ocra_fob(8)).await);
    bank.clock.advance(Duration::from_secs(1));
    let fob = credentials.import(&alice(), &ocra_fob(8)).await.unwrap();
    assert_eq!(fob.status, CredentialStatus::Active);
    // One, and no more.
    below_floor(credentials.import(&alice(), &ocra_fob(7)).await);
}

#[tokio::test]
async fn an_imported_fob_approves_no_authenticator() {
    let (bank, key) = (bank_of(policy()), PrivateKey::p256());
    bank.verifier.credentials().import(&alice(), &ocra_fob(9)).await.unwrap();
    bound(&bank, &phone("phone").vouched_for(), &key).await;
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    refused(step_ups.request(&call, &asking("named", another()).by(Method::Ocra)).await);
    assert!(bank.verifier.customers().standing(&alice()).await.unwrap().floor);
}

/// On the back end's word alone, after its delay, which every device is told of; and another key puts it back.
#[tokio::test]
async fn the_floor_is_lowered_after_a_delay() {
    let (bank, _, _, id) = both().await;
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
    // The back end's word is enough now, and no other: the app with a PIN is not even asked.
    refused(step_ups.request(&call, &asking("unnamed", another())).await);
    refused(step_ups.request(&call, &asking("named", another()).by(Method::Ocra)).await);
    let given = credentials.enrol(&alice(), &phone("new").vouched_for()).await.unwrap();
    let possession: KeyPossession = PrivateKey::p256().possession(&given);
    let id = given.credential.id;
    credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap();
    let standing = customers.standing(&alice()).await.unwrap();
    assert!(standing.floor && standing.floor_ends.is_none());
    below_floor(credentials.enrol(&alice(), &phone("third").vouched_for()).await);
}

/// It is down for as long again as the delay was, and then back by itself.
#[tokio::test]
async fn a_lowered_floor_comes_back() {
    let (bank, _, _, _) = both().await;
    let (credentials, customers) = (bank.verifier.credentials(), bank.verifier.customers());
    let (ends, second) = (START.after(3 * DAY), Duration::from_secs(1));
    customers.lower_floor(&alice()).await.unwrap();
    bank.clock.advance(6 * DAY - second);
    let standing = customers.standing(&alice()).await.unwrap();
    let returns = Some(START.after(6 * DAY));
    assert_eq!((standing.floor_ends, standing.floor_returns), (Some(ends), returns));
    // Begun in time, confirmed too late.
    let given = credentials.enrol(&alice(), &phone("new").vouched_for()).await.unwrap();
    let (late, possession) = (given.credential.id, PrivateKey::p256().possession(&given));
    bank.clock.advance(second);
    below_floor(credentials.confirm_key(&alice(), &late, &possession, None).await);
    below_floor(credentials.enrol(&alice(), &phone("newer").vouched_for()).await);
    let standing = customers.standing(&alice()).await.unwrap();
    assert!(standing.floor);
    assert_eq!((standing.floor_ends, standing.floor_returns), (None, None));
    // There is nothing to keep, and lowering it once more takes the delay once more.
    bank.seen.take();
    customers.keep_floor(&alice()).await.unwrap();
    assert!(bank.seen.take().is_empty());
    bank.clock.advance(360 * DAY);
    let ends = START.after(369 * DAY);
    assert_eq!(customers.lower_floor(&alice()).await.unwrap(), Some(ends));
    below_floor(credentials.enrol(&alice(), &phone("newer").vouched_for()).await);
}

/// However long the delay is: it is no standing permission.
#[tokio::test]
async fn a_lowered_floor_is_back_after_a_week_at_the_latest() {
    let mut policy = policy();
    policy.credentials.floor_delay = 30 * DAY;
    let bank = bank_of(policy);
    bound(&bank, &phone("phone"), &PrivateKey::p256()).await;
    bank.verifier.customers().lower_floor(&alice()).await.unwrap();
    bank.clock.advance(37 * DAY);
    below_floor(bank.verifier.credentials().enrol(&alice(), &phone("n").vouched_for()).await);
}

/// A session that binds by itself is never what the back end vouches for.
#[tokio::test]
async fn a_session_alone_binds_nothing_while_the_floor_is_lowered() {
    let mut policy = policy();
    policy.credentials.confirm_within = 30 * DAY;
    let (bank, key) = (bank_of(policy), PrivateKey::p256());
    let (credentials, customers) = (bank.verifier.credentials(), bank.verifier.customers());
    let enrolment = EnrolmentRequest::ocra(request("early"));
    let early = device_of(&credentials.enrol(&alice(), &enrolment).await.unwrap(), 3);
    let id = bound(&bank, &phone("phone").vouched_for(), &key).await.id;
    credentials.revoke(&alice(), &id).await.unwrap();
    customers.lower_floor(&alice()).await.unwrap();
    bank.clock.advance(3 * DAY);
    below_floor(credentials.enrol(&alice(), &phone("thief")).await);
    below_floor(credentials.enrol(&alice(), &EnrolmentRequest::ocra(request("thief"))).await);
    let first = first_code(&early, "2468");
    below_floor(credentials.confirm(&alice(), &early.id(), &first).await);
    // Whatever was bound on the back end's word puts it back, though it does not sign.
    let enrolment = EnrolmentRequest::ocra(request("app")).vouched_for();
    let app = device_of(&credentials.enrol(&alice(), &enrolment).await.unwrap(), 3);
    credentials.confirm(&alice(), &app.id(), &first_code(&app, "2468")).await.unwrap();
    let standing = customers.standing(&alice()).await.unwrap();
    assert!(standing.floor && standing.floor_ends.is_none());
    below_floor(credentials.enrol(&alice(), &phone("next").vouched_for()).await);
}

/// Nobody can say any more whether there was one.
#[tokio::test]
async fn after_a_damaged_anchor_the_floor_is_up() {
    let bank = bank_of(policy());
    let id = bound(&bank, &phone("phone"), &PrivateKey::p256()).await.id;
    let (credentials, customers) = (bank.verifier.credentials(), bank.verifier.customers());
    credentials.revoke(&alice(), &id).await.unwrap();
    let now = bank.clock.now().unwrap();
    let records = bank.store.records();
    for (at, row) in records {
        assert_eq!(bank.store.delete(&at, row.head).await.unwrap(), Put::Stored);
        if is_anchor(&at) {
            // No record of a credential tells of the key either.
            let mut sealed = row.sealed.to_vec();
            *sealed.last_mut().unwrap() ^= 1;
            put(&bank.store, &at, &Record { sealed: sealed.into(), ..row }, now).await;
        }
    }
    let thief = EnrolmentRequest::ocra(request("thief"));
    let damaged = credentials.enrol(&alice(), &thief).await;
    assert!(matches!(damaged, Err(Error::Record(RecordError::Damaged))), "{damaged:?}");
    assert!(customers.reconcile(&alice()).await.unwrap().floor);
    below_floor(credentials.enrol(&alice(), &thief).await);
    below_floor(credentials.enrol(&alice(), &phone("new").vouched_for()).await);
    customers.lower_floor(&alice()).await.unwrap();
    bank.clock.advance(3 * DAY);
    bound(&bank, &phone("new").vouched_for(), &PrivateKey::p256()).await;
}

/// What is left of a key's record, also of one that was revoked, says that there was one.
#[tokio::test]
async fn a_lost_anchor_leaves_the_floor() {
    for revoked in [false, true] {
        let (rows, clock) = (Rows::default(), ManualClock::new(START));
        let verifier = over_rows(&rows, &clock);
        let (credentials, customers) = (verifier.credentials(), verifier.customers());
        let given = credentials.enrol(&alice(), &phone("phone")).await.unwrap();
        let (id, possession) = (given.credential.id, PrivateKey::p256().possession(&given));
        credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap();
        if revoked {
            credentials.revoke(&alice(), &id).await.unwrap();
        }
        let anchor = *rows.places().iter().find(|at| is_anchor(at)).unwrap();
        rows.vanish(&anchor);
        assert!(customers.standing(&alice()).await.unwrap().floor);
        below_floor(credentials.enrol(&alice(), &phone("new").vouched_for()).await);
        let thief = credentials.enrol(&alice(), &EnrolmentRequest::ocra(request("thief"))).await;
        assert!(matches!(thief, Err(Error::Invalid(_))), "{thief:?}");
        // So does the anchor that is written next, when the record has ended too.
        customers.hold(&alice()).await.unwrap();
        let of = *rows.places().iter().find(|at| at.id[..] == bytes_of(id)[..]).unwrap();
        rows.vanish(&of);
        below_floor(credentials.enrol(&alice(), &phone("new").vouched_for()).await);
    }
}

/// What a session alone has begun is no key: it would take the floor where nobody asked for one.
#[tokio::test]
async fn a_key_that_was_only_begun_raises_no_floor() {
    let bank = bank_of(policy());
    bank.verifier.credentials().enrol(&alice(), &phone("thief")).await.unwrap();
    assert!(!bank.verifier.customers().standing(&alice()).await.unwrap().floor);
    app(&bank).await;
}

/// An erasure is no way below the floor: who begins anew waits as any other.
#[tokio::test]
async fn the_floor_survives_an_erasure() {
    let (bank, ..) = both().await;
    let (credentials, customers) = (bank.verifier.credentials(), bank.verifier.customers());
    customers.lower_floor(&alice()).await.unwrap();
    bank.clock.advance(3 * DAY);
    customers.erase(&alice()).await.unwrap();
    let standing = customers.standing(&alice()).await.unwrap();
    assert!(standing.floor && standing.floor_ends.is_none());
    below_floor(credentials.enrol(&alice(), &phone("new").vouched_for()).await);
    below_floor(credentials.import(&alice(), &ocra_fob(9)).await);
    // What is refused readmits nobody.
    assert!(customers.standing(&alice()).await.unwrap().erased.is_some());
    customers.readmit(&alice()).await.unwrap();
    below_floor(credentials.enrol(&alice(), &phone("new")).await);
    customers.lower_floor(&alice()).await.unwrap();
    bank.clock.advance(3 * DAY);
    bound(&bank, &phone("new").vouched_for(), &PrivateKey::p256()).await;
}

/// It takes something from somebody, so a full outbox does not stop it.
#[tokio::test]
async fn the_floor_is_kept_though_the_outbox_is_full() {
    let store = MemoryStore::with_capacity(8);
    let clock = ManualClock::new(START);
    let verifier = Verifier::builder(issuer(), keyring())
        .store(store)
        .clock(clock.clone())
        .random(SeededRandom::new(1))
        .policy(policy())
        .signing_key(signing())
        .outbox()
        .build()
        .unwrap();
    let (credentials, customers) = (verifier.credentials(), verifier.customers());
    let given = credentials.enrol(&alice(), &phone("phone")).await.unwrap();
    let (id, possession) = (given.credential.id, PrivateKey::p256().possession(&given));
    credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap();
    customers.lower_floor(&alice()).await.unwrap();
    let mut full = None;
    for n in 0..20 {
        let booked = booking(&format!("b-{n}"), "anana");
        full = verifier.callbacks().book(&alice(), &booked).await.err();
        if full.is_some() {
            break;
        }
    }
    assert!(matches!(full, Some(Error::Store(StoreError::Full))), "{full:?}");
    customers.keep_floor(&alice()).await.unwrap();
    assert_eq!(customers.standing(&alice()).await.unwrap().floor_ends, None);
}
