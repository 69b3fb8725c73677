//! The first key that signs: whose word it needs, that everything says so, and that what is bound at the same time does
//! not slip below the floor that it brings.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use countersign::credential::{BoundBy, CredentialStatus, EnrolmentRequest, KeyPossession};
use countersign::device::DeviceCredential;
use countersign::error::{ConfigError, Invalid, Reason};
use countersign::history::{HistoryHeadData, Outcome, Subject};
use countersign::otp::OtpSeed;
use countersign::page::Page;
use countersign::policy::FirstKey;
use countersign::random::SeededRandom;
use countersign::step_up::Redeemed;
use countersign::store::{
    Expected, FaultStore, Listed, News, Place, Position, Put, Range, Record, Store as _, StoreError,
};
use countersign::token::{Audience, Leeway, Purpose, TrustedKeys, UntrustedToken};
use countersign::{CredentialId, Error, MemoryStore, Policy, Timestamp, Verifier};

use crate::support::between::{Between, Via};
use crate::support::binding::another;
use crate::support::credentials::{app, pin, refused};
use crate::support::device_keys::{PrivateKey, bound};
use crate::support::golden;
use crate::support::step_ups::{asked, asking, bank_of, grant, open, signing};
use crate::support::{Bank, HOUR, alice, bob_rings, issuer, keyring, part, request};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn phone(id: &str) -> EnrolmentRequest {
    EnrolmentRequest::device_key(request(id))
}

fn strict() -> Policy {
    let mut policy = Policy::default();
    policy.credentials.first_key = FirstKey::Vouched;
    policy.step_ups.per_customer = 20;
    policy
}

fn needs_vouching<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Invalid(Invalid::FirstKey))), "{result:?}");
}

fn below_floor<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Invalid(Invalid::BelowFloor))), "{result:?}");
}

/// The app with a PIN approves another authenticator.
async fn proof_by_pin(bank: &Bank, pin_app: &DeviceCredential) -> Redeemed {
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    let asked = step_ups.request(&call, &asking("bind", another())).await.unwrap();
    let code = open(bank, &asked).approve(pin_app, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = grant(bank, &asked).await;
    step_ups.redeem(&call, &grant, &another(), &request("k")).await.unwrap()
}

/// Neither the session nor an approval that the enterprise could have made.
#[tokio::test]
async fn the_first_key_needs_the_back_end_s_word_where_policy_says_so() {
    let bank = bank_of(strict());
    let credentials = bank.verifier.credentials();
    needs_vouching(credentials.enrol(&alice(), &phone("session")).await);
    let (_, pin_app) = app(&bank).await;
    let proof = proof_by_pin(&bank, &pin_app).await;
    needs_vouching(credentials.enrol(&alice(), &phone("pin").approved_in(&proof)).await);
    assert_eq!(credentials.list(&alice(), Page::first()).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn on_the_back_end_s_word_the_first_key_waits() {
    let bank = bank_of(strict());
    let (credentials, key) = (bank.verifier.credentials(), PrivateKey::p256());
    let given = credentials.enrol(&alice(), &phone("phone").vouched_for()).await.unwrap();
    let (id, possession): (_, KeyPossession) = (given.credential.id, key.possession(&given));
    bank.seen.take();
    refused(credentials.confirm_key(&alice(), &id, &possession, None).await);
    let seen = bank.seen.take();
    assert!(seen.iter().any(|one| one.outcome == Outcome::Refused(Reason::OutsideWindow)));
    bank.clock.advance(DAY - Duration::from_secs(1));
    refused(credentials.confirm_key(&alice(), &id, &possession, None).await);
    bank.clock.advance(Duration::from_secs(1));
    let bound_now = credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap();
    assert_eq!(bound_now.bound_by, Some(BoundBy::BackEnd));
    // The next one is approved by it, and waits for nothing.
    let call = bob_rings("call-1");
    let asked = bank.verifier.step_ups().request(&call, &asking("s", another())).await.unwrap();
    let (step_up, answer) = (asked.step_up.id, key.answer(&bank, &asked));
    let step_ups = bank.verifier.step_ups();
    let answer = open(&bank, &asked).answer_signed(answer);
    step_ups.submit(&alice(), &step_up, &answer).await.unwrap();
    let grant = grant(&bank, &asked).await;
    let proof = step_ups.redeem(&call, &grant, &another(), &request("k")).await.unwrap();
    let second = bound(&bank, &phone("tablet").approved_in(&proof), &PrivateKey::p256()).await;
    assert_eq!(second.bound_by, Some(BoundBy::SigningKey));
}

/// It does not lapse while it waits.
#[tokio::test]
async fn the_time_to_confirm_begins_after_the_wait() {
    let bank = bank_of(strict());
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &phone("phone").vouched_for()).await.unwrap();
    let (id, possession) = (given.credential.id, PrivateKey::p256().possession(&given));
    bank.clock.advance(2 * DAY - Duration::from_secs(1));
    credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap();
}

#[tokio::test]
async fn who_was_at_the_branch_waits_for_nothing() {
    let bank = bank_of(strict());
    let visit = phone("phone").vouched_for_in_person();
    let credential = bound(&bank, &visit, &PrivateKey::p256()).await;
    assert_eq!(credential.bound_by, Some(BoundBy::Visit));
}

/// Whoever tightens the policy meets what was begun before.
#[tokio::test]
async fn what_was_begun_under_another_policy_is_looked_at_when_it_is_confirmed() {
    let bank = bank_of(Policy::default());
    let given = bank.verifier.credentials().enrol(&alice(), &phone("phone")).await.unwrap();
    let (id, possession) = (given.credential.id, PrivateKey::p256().possession(&given));
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 2).policy(strict());
    let verifier = builder.signing_key(signing()).build().unwrap();
    needs_vouching(verifier.credentials().confirm_key(&alice(), &id, &possession, None).await);
}

#[test]
fn the_wait_has_limits() {
    for hours in [0, 31 * 24] {
        let mut policy = strict();
        policy.credentials.first_key_delay = hours * HOUR;
        let built = Verifier::builder(issuer(), keyring()).policy(policy).build();
        assert!(matches!(built, Err(ConfigError::OutOfRange { .. })), "{built:?}");
    }
}

/// What a receipt says, as the customer's app reads it.
async fn receipt(bank: &Bank, subject: Subject) -> HistoryHeadData {
    let token = bank.verifier.history_receipt(&alice(), subject).await.unwrap();
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::HistoryHead).unwrap();
    let now = countersign::time::Clock::now(&bank.clock).unwrap();
    let (to, leeway) = (Audience::from(&alice()), Leeway::NONE);
    let token = UntrustedToken::parse(&token).unwrap();
    token.verify::<HistoryHeadData>(&keys, &to, now, leeway).unwrap().into_claims().into_data()
}

/// Bound by OCRA alone, every receipt says so; and it names the key, so that the app notices another one.
#[tokio::test]
async fn receipts_name_the_key_and_on_whose_word_it_was_bound() {
    let bank = bank_of(Policy::default());
    let (by_code, pin_app) = app(&bank).await;
    let (call, key) = (bob_rings("call-1"), PrivateKey::p256());
    let by_pin = bank.verifier.step_ups().request(&call, &asking("pin", another())).await.unwrap();
    let proof = proof_by_pin(&bank, &pin_app).await;
    let credential = bound(&bank, &phone("phone").approved_in(&proof), &key).await;
    assert_eq!(credential.bound_by, Some(BoundBy::SharedSecret));
    let fingerprint = Some(key.public().fingerprint());
    let signed = asked(&bank, &call).await.step_up.id;
    for subject in [Subject::Credential(credential.id), Subject::StepUp(signed)] {
        let says = receipt(&bank, subject).await;
        assert_eq!((says.key, says.bound_by), (fingerprint, Some(BoundBy::SharedSecret)));
        assert_eq!(says.attested, None);
    }
    for subject in [Subject::Credential(by_code.id), Subject::StepUp(by_pin.step_up.id)] {
        let says = receipt(&bank, subject).await;
        assert_eq!((says.key, says.bound_by, says.attested), (None, None, None));
    }
}

/// A store that shows what stood there before the first write to it, as if all looks had come before what the others did.
struct Overtaken {
    then: FaultStore<MemoryStore>,
    now: FaultStore<MemoryStore>,
    written: AtomicBool,
}

impl Overtaken {
    fn seen(&self) -> &FaultStore<MemoryStore> {
        if self.written.load(Ordering::SeqCst) { &self.now } else { &self.then }
    }
}

impl Between for Overtaken {
    type Under = FaultStore<MemoryStore>;

    fn under(&self) -> &Self::Under {
        &self.now
    }

    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.seen().load(at, now).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        self.seen().list(lane, owner, range, now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.written.store(true, Ordering::SeqCst);
        self.now.put_if(at, expected, new, news, now).await
    }
}

/// A store that takes so many writes and no more.
struct Dying(FaultStore<MemoryStore>, AtomicUsize);

impl Between for Dying {
    type Under = FaultStore<MemoryStore>;

    fn under(&self) -> &Self::Under {
        &self.0
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let left =
            self.1.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_err() {
            return Err(StoreError::Unavailable("it died".into()));
        }
        self.0.put_if(at, expected, new, news, now).await
    }
}

/// A bank at which the back end has vouched for an app with a PIN and for a phone with a key, neither confirmed; the app's
/// first code, and what the key shows.
async fn both_vouched_for() -> (Bank, DeviceCredential, (CredentialId, KeyPossession)) {
    let bank = bank_of(Policy::default());
    let credentials = bank.verifier.credentials();
    let vouched = EnrolmentRequest::ocra(request("app")).vouched_for();
    let given = credentials.enrol(&alice(), &vouched).await.unwrap();
    let (id, random) = (given.credential.id, SeededRandom::new(3));
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let device = DeviceCredential::enrol(id, &seed, &pin("2468"), None, &random).unwrap();
    let given = credentials.enrol(&alice(), &phone("phone").vouched_for()).await.unwrap();
    let possession = PrivateKey::p256().possession(&given);
    (bank, device, (given.credential.id, possession))
}

/// Confirms the app at a process that looked before the key was bound, and writes after.
async fn confirmed_late(
    bank: &Bank,
    then: FaultStore<MemoryStore>,
    device: &DeviceCredential,
) -> Result<CredentialStatus, Error> {
    let now = bank.store.clone();
    let store = Via(Overtaken { then, now, written: AtomicBool::new(false) });
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 9);
    let late = builder.store(store).signing_key(signing()).build().unwrap();
    let first = device.confirm(&pin("2468")).unwrap();
    let confirmed = late.credentials().confirm(&alice(), &device.id(), &first).await;
    confirmed.map(|credential| credential.status)
}

async fn as_it_stands(bank: &Bank) -> FaultStore<MemoryStore> {
    let now = countersign::time::Clock::now(&bank.clock).unwrap();
    golden::filled(&golden::rows(&bank.store), now).await
}

/// The anchor decides, not what was read before.
#[tokio::test]
async fn a_key_that_is_bound_while_another_authenticator_is_confirmed_comes_first() {
    let (bank, device, (id, possession)) = both_vouched_for().await;
    // The anchor is there, so that both change the same row.
    bank.verifier.customers().reconcile(&alice()).await.unwrap();
    let then = as_it_stands(&bank).await;
    bank.verifier.credentials().confirm_key(&alice(), &id, &possession, None).await.unwrap();
    below_floor(confirmed_late(&bank, then, &device).await);
    let held = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap().items;
    let active = held.iter().filter(|one| one.status == CredentialStatus::Active);
    assert_eq!(active.map(|one| one.id).collect::<Vec<_>>(), [id]);
}

/// The same if the process died that bound the key, before the anchor said so.
#[tokio::test]
async fn a_key_whose_binding_was_not_settled_comes_first_too() {
    let (bank, device, (id, possession)) = both_vouched_for().await;
    bank.verifier.customers().reconcile(&alice()).await.unwrap();
    let then = as_it_stands(&bank).await;
    // The anchor, and the key's row; then it dies.
    let dying = Via(Dying(bank.store.clone(), AtomicUsize::new(2)));
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 8);
    let dying = builder.store(dying).signing_key(signing()).build().unwrap();
    let died = dying.credentials().confirm_key(&alice(), &id, &possession, None).await;
    assert!(matches!(died, Err(Error::Store(_))), "{died:?}");
    below_floor(confirmed_late(&bank, then, &device).await);
}

/// A key that is not bound yet stops nobody.
#[tokio::test]
async fn a_key_that_was_only_begun_stops_no_other() {
    let (bank, device, (id, possession)) = both_vouched_for().await;
    bank.verifier.customers().reconcile(&alice()).await.unwrap();
    let then = as_it_stands(&bank).await;
    let dying = Via(Dying(bank.store.clone(), AtomicUsize::new(1)));
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 8);
    let dying = builder.store(dying).signing_key(signing()).build().unwrap();
    assert!(dying.credentials().confirm_key(&alice(), &id, &possession, None).await.is_err());
    assert_eq!(confirmed_late(&bank, then, &device).await.unwrap(), CredentialStatus::Active);
}
