//! Last contact and "we never called you": told to the customer's key, and to nobody else.

use base64ct::Encoding as _;
use countersign::contact::{
    Introduction, LastContactAnswer, LastContactChallenge, LastContactProof, StatusNonce,
};
use countersign::credential::{CredentialStatus, EnrolmentRequest, ImportRequest};
use countersign::customer::Erasure;
use countersign::device::{
    Called, DeviceCredential, LastContactQuestion, LastContactShown, NotVerified,
};
use countersign::history::{Action, Outcome};
use countersign::otp::OtpSeed;
use countersign::policy::{
    CONTACT_REMEMBERED, CONTACT_REMEMBERED_LIMIT, INTERACTION_MAX_AGE, LAST_CONTACT_ASKED_FOR,
    OPEN_EACH_WAY,
};
use countersign::random::SeededRandom;
use countersign::step_up::{Redeemed, SignedAnswer};
use countersign::time::Clock;
use countersign::{Channel, CredentialId, Direction, Error, Policy};
use static_assertions::assert_not_impl_any;

use crate::lines::bank;
use crate::lines::*;
use crate::support::binding::{another, thief};
use crate::support::credentials::{app, pin, refused};
use crate::support::device_keys::{self, PrivateKey};
use crate::support::passkeys::{self, Authenticator};
use crate::support::step_ups::{asking, grant, open};
use crate::support::*;

// Whom the enterprise called is no agent's business, nor a log's.
assert_not_impl_any!(LastContactAnswer: countersign::AgentSafe, Clone, serde::Serialize);
assert_not_impl_any!(countersign::contact::PastContact: countersign::AgentSafe);
assert_not_impl_any!(LastContactProof: Clone, serde::Serialize);

async fn challenge(bank: &Bank, of: CredentialId) -> Result<LastContactChallenge, Error> {
    bank.verifier.contact().last_contact_challenge(&alice(), &of).await
}

/// Each question has a seed of its own: answers of two are two.
async fn question(bank: &Bank, of: CredentialId, seed: u64) -> LastContactQuestion {
    let asked = challenge(bank, of).await.unwrap();
    phone_of(alice()).last_contact_question(asked, &SeededRandom::new(seed)).unwrap()
}

async fn told(bank: &Bank, proof: &LastContactProof) -> Result<LastContactAnswer, Error> {
    bank.verifier.contact().last_contact(&alice(), proof).await
}

/// What Alice's app shows after she typed her PIN.
async fn shown_to(bank: &Bank, device: &DeviceCredential) -> LastContactShown {
    let question = question(bank, device.id(), 9).await;
    let proof = question.by_code(device, &pin("2468")).unwrap();
    let answer = told(bank, &proof).await.unwrap();
    let now = bank.clock.now().unwrap();
    phone_of(alice()).open_last_contact(answer.token(), &question, now).unwrap()
}

async fn beat(bank: &Bank, feeds: &mut [Feed; 2]) {
    for feed in feeds {
        feed.beat(&bank.verifier).await;
    }
}

fn feeds() -> [Feed; 2] {
    [Feed::new(dialler()), Feed::new(pbx())]
}

/// A bank that announced a call, which was answered and ended, and Alice's app.
async fn after_a_call(policy: Policy) -> (Bank, [Feed; 2], DeviceCredential) {
    let (bank, mut feeds) = (bank_of(policy), feeds());
    let (_, device) = app(&bank).await;
    beat(&bank, &mut feeds).await;
    bank.clock.set(at(10));
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    bank.clock.set(at(70));
    feeds[0].ended(&bank.verifier, &rings("call-1")).await;
    bank.clock.set(at(100));
    beat(&bank, &mut feeds).await;
    (bank, feeds, device)
}

/// An app that is bound by this, with the PIN 2468.
async fn bound(bank: &Bank, enrolment: &EnrolmentRequest) -> DeviceCredential {
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), enrolment).await.unwrap();
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let (id, random) = (given.credential.id, SeededRandom::new(4));
    let device = DeviceCredential::enrol(id, &seed, &pin("2468"), None, &random).unwrap();
    let first = device.confirm(&pin("2468")).unwrap();
    credentials.confirm(&alice(), &id, &first).await.unwrap();
    device
}

/// This app approves another one.
async fn approval(bank: &Bank, by: &DeviceCredential, name: &str) -> Redeemed {
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    let asked = step_ups.request(&call, &asking(name, another())).await.unwrap();
    let code = open(bank, &asked).approve(by, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = grant(bank, &asked).await;
    step_ups.redeem(&call, &grant, &another(), &request(name)).await.unwrap()
}

#[tokio::test]
async fn who_called_last_when_and_why() {
    let (bank, mut feeds, device) = after_a_call(Policy::default()).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!((shown.called(), shown.headline_id()), (Called::Yes, "called"));
    let call = shown.last_call().unwrap();
    assert_eq!(
        serde_json::to_string(call).unwrap(),
        r#"{"agent_name":"Bob from cards","purpose":"About a card payment","channel":"voice","direction":"outbound","since":"2027-01-15T08:00:10Z","ended":"2027-01-15T08:01:10Z"}"#
    );
    assert_eq!(shown.last_contact(), Some(call));
    let reported = shown.reported().unwrap();
    assert_eq!((reported.from, reported.until), (START, at(100)));
    // Somebody rang the bank as Alice: the last contact, and no call of the bank's.
    bank.clock.set(at(200));
    feeds[1].began(&bank.verifier, &voice("in-1")).await;
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!(shown.last_call().map(|call| call.since), Some(at(10)));
    let last = shown.last_contact().unwrap();
    assert_eq!((last.direction, last.since, last.ended), (Direction::Inbound, at(200), None));
    // A chat that the bank began is no call.
    let mut chat = rings("chat-1");
    chat.channel = Channel::Chat;
    bank.clock.set(at(300));
    feeds[1].began(&bank.verifier, &chat).await;
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!(shown.last_call().map(|call| call.since), Some(at(10)));
    assert_eq!(shown.last_contact().map(|last| last.channel), Some(Channel::Chat));
}

#[tokio::test]
async fn never_is_said_of_the_time_in_which_all_is_known_and_only_if_that_reaches_to_now() {
    let (bank, mut feeds) = (bank(), feeds());
    let (_, device) = app(&bank).await;
    let of = async || {
        let shown = shown_to(&bank, &device).await;
        let span = shown.reported().map(|span| (span.from, span.until));
        (shown.called(), shown.headline_id(), span)
    };
    let unknown = (Called::Undetermined, "undetermined", None);
    assert_eq!(of().await, unknown, "no feed has reported");
    feeds[0].beat(&bank.verifier).await;
    bank.clock.set(at(30));
    feeds[0].beat(&bank.verifier).await;
    assert_eq!(of().await, unknown, "one of two has");
    bank.clock.set(at(60));
    beat(&bank, &mut feeds).await;
    assert_eq!(of().await, unknown, "of no time is everything known yet");
    bank.clock.set(at(90));
    beat(&bank, &mut feeds).await;
    let span = Some((at(60), at(90)));
    assert_eq!(of().await, (Called::Never, "never_called", span), "since the second feed began");
    // A feed that falls silent.
    bank.clock.set(at(120));
    assert_eq!(of().await, (Called::Never, "never_called", span));
    bank.clock.set(at(121));
    assert_eq!(of().await, (Called::Undetermined, "undetermined", span));
    // One that lost reports, and began anew: what was between is not known.
    bank.clock.set(at(200));
    feeds[0].skip();
    let anew = feeds[0].report();
    bank.verifier.contact().resync(&anew).await.unwrap();
    feeds[0].acknowledged = at(200);
    bank.clock.set(at(210));
    beat(&bank, &mut feeds).await;
    let span = Some((at(200), at(210)));
    assert_eq!(of().await, (Called::Never, "never_called", span));
}

#[tokio::test]
async fn a_gap_ends_the_time_of_which_all_is_known() {
    let (bank, mut feeds) = (bank(), feeds());
    let (_, device) = app(&bank).await;
    beat(&bank, &mut feeds).await;
    bank.clock.set(at(10));
    beat(&bank, &mut feeds).await;
    let missing = feeds[1].report();
    bank.clock.set(at(100));
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!(shown.called(), Called::Undetermined);
    assert_eq!(shown.reported().unwrap().until, at(10));
    // It comes after all.
    let call = rings("late");
    bank.verifier.contact().began(&missing, &call, &Introduction::none()).await.unwrap();
    assert_eq!(shown_to(&bank, &device).await.called(), Called::Yes);
}

#[tokio::test]
async fn reports_in_any_order_leave_the_call_that_began_last() {
    let (bank, mut feeds) = (bank(), feeds());
    let (_, device) = app(&bank).await;
    beat(&bank, &mut feeds).await;
    bank.clock.set(at(10));
    feeds[1].began(&bank.verifier, &rings("call-1")).await;
    bank.clock.set(at(20));
    feeds[1].began(&bank.verifier, &rings("call-2")).await;
    bank.clock.set(at(30));
    feeds[1].ended(&bank.verifier, &rings("call-2")).await;
    bank.clock.set(at(40));
    feeds[1].ended(&bank.verifier, &rings("call-1")).await;
    let last = |shown: LastContactShown| {
        let call = shown.last_call().unwrap();
        (call.since, call.ended)
    };
    assert_eq!(last(shown_to(&bank, &device).await), (at(20), Some(at(30))));
    // Its end once more, after it was forgotten that there was one.
    let later = START.after(2 * INTERACTION_MAX_AGE);
    bank.clock.set(later);
    feeds[1].ended(&bank.verifier, &rings("call-2")).await;
    assert_eq!(last(shown_to(&bank, &device).await), (at(20), Some(at(30))));
    // An end whose beginning was lost is all that is known of that call.
    feeds[1].ended(&bank.verifier, &rings("call-3")).await;
    assert_eq!(last(shown_to(&bank, &device).await), (later, Some(later)));
    // One that never ended.
    bank.clock.set(later.after(MINUTE));
    feeds[1].began(&bank.verifier, &rings("call-4")).await;
    bank.clock.set(later.after(MINUTE).after(INTERACTION_MAX_AGE));
    assert_eq!(last(shown_to(&bank, &device).await), (later.after(MINUTE), None));
}

#[tokio::test]
async fn a_call_that_found_no_room_is_remembered() {
    let (bank, mut feeds) = (bank(), feeds());
    let (_, device) = app(&bank).await;
    for n in 0..OPEN_EACH_WAY {
        feeds[1].began(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    bank.clock.set(at(10));
    feeds[1].began(&bank.verifier, &rings("one-more")).await;
    let shown = shown_to(&bank, &device).await;
    let call = shown.last_call().unwrap();
    assert_eq!(call.since, at(10));
    assert_eq!(call.agent_name.as_ref().unwrap().as_str(), "Bob from cards");
}

#[tokio::test]
async fn a_contact_is_remembered_for_its_time_and_no_longer() {
    let (bank, mut feeds, device) = after_a_call(Policy::default()).await;
    let forgotten = at(10).after(CONTACT_REMEMBERED);
    bank.clock.set(forgotten.before(SECOND));
    bank.verifier.purge(100).await.unwrap();
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!(shown.last_call().map(|call| call.since), Some(at(10)));
    bank.clock.set(forgotten);
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!((shown.last_call(), shown.last_contact()), (None, None));
    // Nothing is said of the time before.
    assert_eq!(shown.called(), Called::Never);
    assert_eq!(shown.reported().unwrap().from, at(10));
    // Or not at all.
    let mut none = Policy::default();
    none.presence.contact_remembered = std::time::Duration::ZERO;
    let (bank, _, device) = after_a_call(none).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!((shown.called(), shown.last_contact()), (Called::Undetermined, None));
    let mut long = Policy::default();
    long.presence.contact_remembered = CONTACT_REMEMBERED_LIMIT;
    assert!(long.check().is_ok());
    long.presence.contact_remembered += SECOND;
    assert!(long.check().is_err());
}

#[tokio::test]
async fn a_session_without_the_key_learns_nothing() {
    let (bank, _, device) = after_a_call(Policy::default()).await;
    let contact = bank.verifier.contact();
    // Nothing was asked.
    let query = nonce(1);
    refused(told(&bank, &LastContactProof::new(device.id(), query)).await);
    // Asked, and no answer, or a wrong one.
    let asked = question(&bank, device.id(), 1).await;
    refused(told(&bank, &LastContactProof::new(device.id(), query)).await);
    refused(told(&bank, &asked.by_code(&device, &pin("9999")).unwrap()).await);
    // Another question of the app's, answered for the first: what was typed is of one question.
    let right = asked.by_code(&device, &pin("2468")).unwrap();
    let code = serde_json::from_str(r#""12345678""#).unwrap();
    refused(told(&bank, &LastContactProof::new(device.id(), nonce(2)).with_code(code)).await);
    // Another customer's session.
    refused(contact.last_contact(&mallory(), &right).await);
    refused(contact.last_contact_challenge(&mallory(), &device.id()).await);
    // And the right answer counts.
    told(&bank, &right).await.unwrap();
}

#[tokio::test]
async fn the_pin_of_one_question_answers_no_other() {
    let (bank, _, device) = after_a_call(Policy::default()).await;
    let first = question(&bank, device.id(), 1).await;
    let recorded = first.by_code(&device, &pin("2468")).unwrap();
    told(&bank, &recorded).await.unwrap();
    told(&bank, &recorded).await.expect("an answer that was lost is asked for again");
    let _ = question(&bank, device.id(), 2).await;
    refused(told(&bank, &recorded).await);
}

#[tokio::test]
async fn the_key_answers_within_two_minutes() {
    for (after, counts) in
        [(LAST_CONTACT_ASKED_FOR - SECOND, true), (LAST_CONTACT_ASKED_FOR, false)]
    {
        let (bank, _, device) = after_a_call(Policy::default()).await;
        let asked = question(&bank, device.id(), 1).await;
        bank.clock.set(at(100).after(after));
        // A wrong PIN is not counted either when the question is over.
        let wrong = asked.by_code(&device, &pin("9999")).unwrap();
        let right = asked.by_code(&device, &pin("2468")).unwrap();
        bank.seen.take();
        if counts {
            told(&bank, &right).await.unwrap();
        } else {
            refused(told(&bank, &right).await);
            refused(told(&bank, &wrong).await);
            assert_eq!(bank.seen.take(), [], "no code was looked at");
        }
    }
}

#[tokio::test]
async fn a_wrong_pin_counts_and_locks_as_it_does_in_a_step_up() {
    let (bank, _, device) = after_a_call(Policy::default()).await;
    let most = Policy::default().credentials.failures_to_lock;
    for n in 0..u64::from(most) {
        let asked = question(&bank, device.id(), n).await;
        refused(told(&bank, &asked.by_code(&device, &pin("9999")).unwrap()).await);
    }
    let held = bank.verifier.credentials().list(&alice(), countersign::page::Page::first()).await;
    assert_eq!(held.unwrap().items[0].status, CredentialStatus::Locked);
    refused(challenge(&bank, device.id()).await);
}

#[tokio::test]
async fn a_device_key_answers_and_another_key_does_not() {
    let (bank, mut feeds) = (bank(), feeds());
    let key = PrivateKey::p256();
    let enrolment = EnrolmentRequest::device_key(request("key")).vouched_for();
    let id = device_keys::bound(&bank, &enrolment, &key).await.id;
    beat(&bank, &mut feeds).await;
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    let asked = question(&bank, id, 1).await;
    let other = PrivateKey::ed25519(3);
    assert!(asked.message_to_sign(&other.public()).is_none() && !asked.asks_code());
    assert!(asked.passkey_challenge().is_none());
    let message = asked.message_to_sign(&key.public()).unwrap();
    let by = |key: &PrivateKey| asked.signed(SignedAnswer::by_device_key(key.sign(&message)));
    refused(told(&bank, &by(&other)).await);
    bank.seen.take();
    let answer = told(&bank, &by(&key)).await.unwrap();
    let seen: Vec<_> = bank.seen.take().into_iter().map(|of| (of.action, of.outcome)).collect();
    let done = |action| (action, Outcome::Done);
    assert_eq!(seen, [done(Action::Verify), done(Action::TellLastContact)]);
    let phone = phone_of(alice());
    let shown = phone.open_last_contact(answer.token(), &asked, START).unwrap();
    assert_eq!(shown.called(), Called::Yes);
    // An approval's signature is none of this, and the other way round: the labels differ.
    let next = question(&bank, id, 2).await;
    let elsewhere = next.message_to_sign(&key.public()).unwrap();
    assert_ne!(elsewhere, message);
    let stale = next.signed(SignedAnswer::by_device_key(key.sign(&message)));
    refused(told(&bank, &stale).await);
    // The answer is nobody else's, and of no other question.
    let opened = phone.open_last_contact(answer.token(), &next, START);
    assert_eq!(opened, Err(NotVerified::OtherQuestion));
    let opened = phone_of(mallory()).open_last_contact(answer.token(), &asked, START);
    assert_eq!(opened, Err(NotVerified::NotGenuine));
}

#[tokio::test]
async fn a_key_with_a_pin_needs_both() {
    let (bank, key) = (bank(), PrivateKey::p256());
    let enrolment = EnrolmentRequest::device_key(request("key")).vouched_for();
    let device = device_keys::bound_with_pin(&bank, enrolment, &key).await;
    let asked = question(&bank, device.id(), 1).await;
    assert!(asked.asks_code());
    let message = asked.message_to_sign(&key.public()).unwrap();
    let signed = || SignedAnswer::by_device_key(key.sign(&message));
    refused(told(&bank, &asked.signed(signed())).await);
    refused(told(&bank, &asked.by_code(&device, &pin("2468")).unwrap()).await);
    let both = asked.by_code(&device, &pin("2468")).unwrap().signed(signed());
    told(&bank, &both).await.unwrap();
}

#[tokio::test]
async fn a_passkey_answers() {
    let bank = bank_of(passkeys::policy());
    let authenticator = Authenticator::of(PrivateKey::p256());
    let enrolment = EnrolmentRequest::passkey(request("pass")).vouched_for();
    let id = passkeys::bound(&bank, &enrolment, &authenticator).await.id;
    let asked = question(&bank, id, 1).await;
    assert!(asked.message_to_sign(&authenticator.key.public()).is_none());
    let by = |challenge: &[u8]| {
        asked.signed(SignedAnswer::by_passkey(authenticator.assertion(challenge)))
    };
    refused(told(&bank, &by(&[7; 32])).await);
    told(&bank, &by(&asked.passkey_challenge().unwrap())).await.unwrap();
}

/// Each part of what is answered has its place, computed here by itself.
#[tokio::test]
async fn what_the_key_answers_names_issuer_customer_credential_key_and_both_draws() {
    let bank = bank_of(passkeys::policy());
    let authenticator = Authenticator::of(PrivateKey::p256());
    let enrolment = EnrolmentRequest::passkey(request("pass")).vouched_for();
    let credential = passkeys::bound(&bank, &enrolment, &authenticator).await;
    let asked = challenge(&bank, credential.id).await.unwrap();
    let drawn = serde_json::to_value(&asked).unwrap()["challenge"].as_str().unwrap().to_owned();
    let drawn = base64ct::Base64UrlUnpadded::decode_vec(&drawn).unwrap();
    let question = phone_of(alice()).last_contact_question(asked, &SeededRandom::new(1)).unwrap();
    let query = StatusNonce::draw(&SeededRandom::new(1)).unwrap();
    let print = serde_json::to_value(credential.key_fingerprint.unwrap()).unwrap();
    let print = base64ct::Base64UrlUnpadded::decode_vec(print.as_str().unwrap()).unwrap();
    let key = [vec![1], print].concat();
    // Sixteen bytes in base32: of the last character's five bits, two are filling.
    let text = credential.id.to_string().to_uppercase();
    let id = base32::decode(base32::Alphabet::Crockford, &text).unwrap();
    let pieces: [&[u8]; 7] = [
        b"countersign last contact v1",
        b"bank.example",
        b"alice",
        &id[..16],
        &key,
        &drawn,
        query.as_bytes(),
    ];
    let mut pae = 7_u64.to_le_bytes().to_vec();
    for piece in pieces {
        pae.extend(u64::try_from(piece.len()).unwrap().to_le_bytes());
        pae.extend(piece);
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, &pae);
    assert_eq!(question.passkey_challenge().unwrap(), digest.as_ref());
}

#[tokio::test]
async fn an_answer_in_another_credential_s_name_is_none() {
    let (bank, key) = (bank(), PrivateKey::p256());
    let enrolment = EnrolmentRequest::device_key(request("key")).vouched_for();
    let id = device_keys::bound(&bank, &enrolment, &key).await.id;
    let asked = question(&bank, id, 1).await;
    let message = asked.message_to_sign(&key.public()).unwrap();
    let query = StatusNonce::draw(&SeededRandom::new(1)).unwrap();
    let by = |of| {
        LastContactProof::new(of, query).signed(SignedAnswer::by_device_key(key.sign(&message)))
    };
    refused(told(&bank, &by(crate::lines::app())).await);
    told(&bank, &by(id)).await.unwrap();
}

/// The process died when the customer was marked as erased, and the credential is still there.
#[tokio::test]
async fn nothing_is_asked_of_a_customer_who_is_being_erased() {
    let mut half_way = 0;
    for died_at in 0..20 {
        let (bank, _, device) = after_a_call(Policy::default()).await;
        bank.store.plan(died_at, countersign::store::Fault::FailBefore);
        let erased = bank.verifier.customers().erase(&alice()).await;
        bank.store.heal();
        let standing = bank.verifier.customers().standing(&alice()).await.unwrap();
        if erased.is_err() && standing.erased.is_some() {
            half_way += 1;
            let before = bank.store.records();
            refused(challenge(&bank, device.id()).await);
            assert_eq!(bank.store.records(), before, "{died_at}");
        }
    }
    assert!(half_way > 0);
}

#[tokio::test]
async fn a_code_that_says_nothing_of_what_it_is_for_is_not_asked() {
    let (bank, _, device) = after_a_call(Policy::default()).await;
    let seed = |byte| OtpSeed::from_bytes(&[byte; 32]).unwrap();
    let suite = "OCRA-1:HOTP-SHA256-8:QN08".parse().unwrap();
    for fob in [ImportRequest::totp(seed(8)), ImportRequest::ocra(seed(9), &suite).unwrap()] {
        let id = bank.verifier.credentials().import(&alice(), &fob).await.unwrap().id;
        refused(challenge(&bank, id).await);
        bank.verifier.credentials().revoke(&alice(), &id).await.unwrap();
    }
    bank.verifier.credentials().revoke(&alice(), &device.id()).await.unwrap();
    refused(challenge(&bank, device.id()).await);
}

/// Whoever steals the session of a customer who has no credential binds the first one.
#[tokio::test]
async fn a_credential_of_the_session_s_word_learns_nothing_of_before() {
    let (bank, mut feeds) = (bank(), feeds());
    beat(&bank, &mut feeds).await;
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    feeds[0].ended(&bank.verifier, &rings("call-1")).await;
    bank.clock.set(at(50));
    let device = bound(&bank, &thief("first")).await;
    bank.clock.set(at(60));
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!((shown.last_call(), shown.last_contact()), (None, None));
    assert_eq!(shown.reported().unwrap().from, at(50));
    // Nor does what it approves, nor what that approves.
    let mut by = device;
    for (name, second) in [("second", 70), ("third", 90)] {
        bank.clock.set(at(second));
        let approved = thief(name).approved_in(&approval(&bank, &by, name).await);
        let next = bound(&bank, &approved).await;
        // Or it would be asked again, before the next one.
        bank.verifier.credentials().revoke(&alice(), &by.id()).await.unwrap();
        by = next;
        bank.clock.set(at(second + 10));
        beat(&bank, &mut feeds).await;
        let shown = shown_to(&bank, &by).await;
        assert_eq!((shown.last_call(), shown.last_contact()), (None, None), "{name}");
        assert_eq!(shown.reported().unwrap().from, at(second), "{name}");
    }
}

/// A new phone of the customer's, after the old one is gone too.
#[tokio::test]
async fn what_a_vouched_credential_approved_learns_of_before() {
    let (bank, mut feeds, device) = after_a_call(Policy::default()).await;
    let new = bound(&bank, &thief("new").approved_in(&approval(&bank, &device, "new").await)).await;
    beat(&bank, &mut feeds).await;
    assert_eq!(shown_to(&bank, &new).await.called(), Called::Yes);
    bank.verifier.credentials().revoke(&alice(), &device.id()).await.unwrap();
    assert_eq!(shown_to(&bank, &new).await.called(), Called::Yes);
}

/// The first credential is bound while the bank is on the line: that call is not told, nor is it denied.
#[tokio::test]
async fn the_call_in_which_the_first_credential_is_bound_is_not_denied() {
    let (bank, mut feeds) = (bank(), feeds());
    beat(&bank, &mut feeds).await;
    bank.clock.set(at(10));
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    feeds[0].began(&bank.verifier, &rings("call-1")).await;
    // A later one that is over does not hide it.
    bank.clock.set(at(20));
    feeds[1].began(&bank.verifier, &rings("call-2")).await;
    feeds[1].ended(&bank.verifier, &rings("call-2")).await;
    bank.clock.set(at(50));
    let device = bound(&bank, &thief("first")).await;
    bank.clock.set(at(60));
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!((shown.called(), shown.last_call()), (Called::Undetermined, None));
    // Nor when it is just over.
    feeds[0].ended(&bank.verifier, &rings("call-1")).await;
    bank.clock.set(at(70));
    beat(&bank, &mut feeds).await;
    assert_eq!(shown_to(&bank, &device).await.called(), Called::Undetermined);
}

/// A call of which nobody is named may be this one's.
#[tokio::test]
async fn never_is_not_said_while_a_call_may_reach_anybody() {
    let (bank, mut feeds) = (bank(), feeds());
    let (_, device) = app(&bank).await;
    beat(&bank, &mut feeds).await;
    bank.clock.set(at(10));
    let (report, by_hand) = (feeds[1].report(), rings("by-hand").id);
    let contact = bank.verifier.contact();
    contact.began_unidentified(&report, &by_hand, Some(&ours())).await.unwrap();
    bank.clock.set(at(20));
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!((shown.called(), shown.reported()), (Called::Undetermined, None));
    contact.ended_unidentified(&feeds[1].report(), &by_hand).await.unwrap();
    bank.clock.set(at(30));
    beat(&bank, &mut feeds).await;
    assert_eq!(shown_to(&bank, &device).await.called(), Called::Never);
}

#[tokio::test]
async fn duress_is_told_beside_the_same_answer() {
    let (bank, _, device) = after_a_call(Policy::default()).await;
    let mut seen = Vec::new();
    for (seed, pin_of) in [(1, "2468"), (2, "1357")] {
        let asked = question(&bank, device.id(), seed).await;
        let answer = told(&bank, &asked.by_code(&device, &pin(pin_of)).unwrap()).await.unwrap();
        let opened = phone_of(alice()).open_last_contact(answer.token(), &asked, at(100)).unwrap();
        assert_eq!(format!("{answer:?}"), "LastContactAnswer { .. }");
        seen.push((answer.duress(), opened.last_call().cloned()));
    }
    assert!(!seen[0].0 && seen[1].0);
    assert_eq!(seen[0].1, seen[1].1);
}

/// After an erasure nothing stands of what was before: "never" begins with the readmission.
#[tokio::test]
async fn never_does_not_reach_behind_an_erasure() {
    let (bank, mut feeds, device) = after_a_call(Policy::default()).await;
    let customers = bank.verifier.customers();
    assert!(matches!(customers.erase(&alice()).await.unwrap(), Erasure { .. }));
    refused(challenge(&bank, device.id()).await);
    bank.clock.set(START.after(2 * HOUR));
    customers.erase_remainder(&alice()).await.unwrap();
    customers.readmit(&alice()).await.unwrap();
    let (_, device) = app(&bank).await;
    bank.clock.set(START.after(3 * HOUR));
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!(shown.called(), Called::Never);
    assert_eq!(shown.reported().unwrap().from, START.after(2 * HOUR));
}

/// What was written in the lost time may have been the call.
#[tokio::test]
async fn never_does_not_reach_behind_what_a_restore_lost() {
    let (mut bank, mut feeds) = (bank(), feeds());
    let (_, device) = app(&bank).await;
    beat(&bank, &mut feeds).await;
    let lost = countersign::Window::new(at(20), at(40)).unwrap();
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 5);
    let builder = builder.telephony(telephony()).signing_key(signing()).restored_from(lost);
    bank.verifier = builder.build().unwrap();
    bank.clock.set(at(100));
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!(shown.called(), Called::Never);
    assert_eq!(shown.reported().unwrap().from, at(40));
}

/// A call whose end was never reported was on when the first credential was bound, and has aged since.
#[tokio::test]
async fn a_call_of_before_whose_end_was_lost_is_not_denied() {
    let (bank, mut feeds) = (bank(), feeds());
    beat(&bank, &mut feeds).await;
    bank.clock.set(at(10));
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    bank.clock.set(at(50));
    let device = bound(&bank, &thief("first")).await;
    bank.clock.set(at(11).after(INTERACTION_MAX_AGE));
    beat(&bank, &mut feeds).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!((shown.called(), shown.last_call()), (Called::Undetermined, None));
}

/// What others began says nothing of the enterprise's calls.
#[tokio::test]
async fn a_call_as_the_customer_that_ended_withholds_no_never() {
    let (bank, mut feeds) = (bank(), feeds());
    beat(&bank, &mut feeds).await;
    let device = bound(&bank, &thief("first")).await;
    bank.clock.set(at(10));
    feeds[1].ended(&bank.verifier, &voice("as-alice")).await;
    bank.clock.set(at(20));
    beat(&bank, &mut feeds).await;
    assert_eq!(shown_to(&bank, &device).await.called(), Called::Never);
}

/// Its end comes after it was put among those that are over.
#[tokio::test]
async fn the_end_of_a_call_that_found_no_room_is_news() {
    let (bank, mut feeds) = (bank(), feeds());
    let (_, device) = app(&bank).await;
    for n in 0..OPEN_EACH_WAY {
        feeds[1].began(&bank.verifier, &rings(&format!("call-{n}"))).await;
    }
    bank.clock.set(at(10));
    feeds[1].began(&bank.verifier, &rings("one-more")).await;
    bank.clock.set(at(20));
    feeds[1].ended(&bank.verifier, &rings("one-more")).await;
    let shown = shown_to(&bank, &device).await;
    let call = shown.last_call().unwrap();
    assert_eq!((call.since, call.ended), (at(10), Some(at(20))));
}

/// Two systems that give the same id to a call to the bank and to one of the bank's.
#[tokio::test]
async fn the_same_id_the_other_way_is_another_contact() {
    let (bank, mut feeds) = (bank(), feeds());
    let (_, device) = app(&bank).await;
    feeds[0].ended(&bank.verifier, &rings("17")).await;
    bank.clock.set(at(30));
    feeds[1].ended(&bank.verifier, &voice("17")).await;
    let shown = shown_to(&bank, &device).await;
    assert_eq!(shown.last_call().map(|call| call.since), Some(START));
    let last = shown.last_contact().unwrap();
    assert_eq!((last.direction, last.since), (Direction::Inbound, at(30)));
}

/// The machine that keeps the reports is ahead.
#[tokio::test]
async fn what_is_reported_does_not_reach_beyond_now() {
    let (bank, mut feeds) = (bank(), feeds());
    let (_, device) = app(&bank).await;
    beat(&bank, &mut feeds).await;
    bank.clock.set(at(60));
    let clock = countersign::time::ManualClock::new(at(62));
    let ahead = process_at(&bank, Policy::default(), 9, &clock);
    for feed in &mut feeds {
        feed.beat(&ahead).await;
    }
    let shown = shown_to(&bank, &device).await;
    assert_eq!(shown.reported().unwrap().until, at(60));
}

#[tokio::test]
async fn what_is_kept_is_exported() {
    let (bank, ..) = after_a_call(Policy::default()).await;
    let export = bank.verifier.customers().export(&alice()).await.unwrap();
    let text = serde_json::to_string(&export).unwrap();
    assert!(text.contains(r#""presence":{"open":[],"last_call":{"agent_name":"Bob"#), "{text}");
}

#[test]
fn names_and_forms_are_fixed() {
    let id = app_id();
    let asked =
        format!(r#"{{"credential":"{id}","method":"ocra","challenge":"AQEBAQEBAQEBAQEBAQEBAQ"}}"#);
    let read: LastContactChallenge = serde_json::from_str(&asked).unwrap();
    assert_eq!((read.credential(), serde_json::to_string(&read).unwrap()), (id, asked));
    for bad in ["{}", "null", r#"{"credential":"x"}"#] {
        assert!(serde_json::from_str::<LastContactChallenge>(bad).is_err(), "{bad}");
    }
}

fn app_id() -> CredentialId {
    crate::lines::app()
}
