//! Which credentials learn of past contacts: whose word stands behind each of those that approved one another.

use countersign::credential::EnrolmentRequest;
use countersign::device::{Called, DeviceCredential, LastContactShown};
use countersign::random::SeededRandom;
use countersign::step_up::Redeemed;
use countersign::store::{Put, Store as _};
use countersign::time::Clock as _;
use countersign::{CredentialId, Timestamp};

use crate::lines::bank;
use crate::lines::*;
use crate::support::binding::{another, thief};
use crate::support::credentials::{held, pin, refused};
use crate::support::rows::is_anchor;
use crate::support::step_ups::{asking, grant, open};
use crate::support::*;

/// A bank that rang Alice before she had any credential.
async fn after_a_call() -> (Bank, [Feed; 2]) {
    let (bank, mut feeds) = (bank(), [Feed::new(dialler()), Feed::new(pbx())]);
    beat(&bank, &mut feeds).await;
    bank.clock.set(at(10));
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    feeds[0].ended(&bank.verifier, &rings("call-1")).await;
    bank.clock.set(at(50));
    (bank, feeds)
}

async fn beat(bank: &Bank, feeds: &mut [Feed; 2]) {
    for feed in feeds {
        feed.beat(&bank.verifier).await;
    }
}

async fn bound(bank: &Bank, enrolment: &EnrolmentRequest) -> DeviceCredential {
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), enrolment).await.unwrap();
    let (device, first) = held(&given, "2468", None, 4);
    credentials.confirm(&alice(), &device.id(), &first).await.unwrap();
    device
}

async fn approval(bank: &Bank, by: &DeviceCredential, name: &str) -> Redeemed {
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    let asked = step_ups.request(&call, &asking(name, another())).await.unwrap();
    let code = open(bank, &asked).approve(by, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = grant(bank, &asked).await;
    step_ups.redeem(&call, &grant, &another(), &request(name)).await.unwrap()
}

/// Its row is gone, and the anchor that would miss it.
async fn lose(bank: &Bank, id: CredentialId) {
    let id = base32::decode(base32::Alphabet::Crockford, &id.to_string().to_uppercase()).unwrap();
    for (at, record) in bank.store.records() {
        if at.id[..] == id[..16] || is_anchor(&at) {
            assert_eq!(bank.store.delete(&at, record.head).await.unwrap(), Put::Stored);
        }
    }
}

async fn shown_to(bank: &Bank, device: &DeviceCredential) -> LastContactShown {
    let contact = bank.verifier.contact();
    let asked = contact.last_contact_challenge(&alice(), &device.id()).await.unwrap();
    let question = phone_of(alice()).last_contact_question(asked, &SeededRandom::new(9)).unwrap();
    let proof = question.by_code(device, &pin("2468")).unwrap();
    let answer = contact.last_contact(&alice(), &proof).await.unwrap();
    let now = bank.clock.now().unwrap();
    phone_of(alice()).open_last_contact(answer.token(), &question, now).unwrap()
}

/// What it is told is of `from` on alone: nothing of the call before.
async fn learns_of_nothing_before(bank: &Bank, device: &DeviceCredential, from: Timestamp) {
    let shown = shown_to(bank, device).await;
    assert_eq!((shown.last_call(), shown.last_contact()), (None, None));
    assert_eq!(shown.reported().unwrap().from, from);
}

/// The first on the session's word, and the second that it approved, both since the same second.
async fn two_of_the_session_s(bank: &Bank) -> (DeviceCredential, DeviceCredential) {
    let first = bound(bank, &thief("first")).await;
    let second = thief("second").approved_in(&approval(bank, &first, "second").await);
    let second = bound(bank, &second).await;
    (first, second)
}

/// The word for another phone, which has the id of the one that approved, is no word for what that one approved.
#[tokio::test]
async fn the_word_for_another_key_under_the_approver_s_id_vouches_for_nothing_of_before() {
    let (bank, mut feeds) = after_a_call().await;
    let (first, second) = two_of_the_session_s(&bank).await;
    lose(&bank, first.id()).await;
    let other = bound(&bank, &thief("first").vouched_for()).await;
    assert_eq!(other.id(), first.id());
    bank.clock.set(at(60));
    beat(&bank, &mut feeds).await;
    learns_of_nothing_before(&bank, &second, at(50)).await;
    assert_eq!(shown_to(&bank, &other).await.called(), Called::Yes);
}

/// The same where the other one has ended, so that nobody knows which key it was: it came later.
#[tokio::test]
async fn what_came_after_the_approval_under_the_approver_s_id_vouches_for_nothing() {
    let (bank, mut feeds) = after_a_call().await;
    let (first, second) = two_of_the_session_s(&bank).await;
    lose(&bank, first.id()).await;
    bank.clock.set(at(60));
    let other = bound(&bank, &thief("first").vouched_for()).await;
    bank.verifier.credentials().revoke(&alice(), &other.id()).await.unwrap();
    bank.clock.set(at(70));
    beat(&bank, &mut feeds).await;
    learns_of_nothing_before(&bank, &second, at(50)).await;
}

#[tokio::test]
async fn where_the_approver_s_row_is_gone_nobody_vouched() {
    let (bank, mut feeds) = after_a_call().await;
    let (first, second) = two_of_the_session_s(&bank).await;
    lose(&bank, first.id()).await;
    bank.clock.set(at(60));
    beat(&bank, &mut feeds).await;
    learns_of_nothing_before(&bank, &second, at(50)).await;
}

/// Codes that are sent pass through others' hands, and are bound like an app: by their method alone they are told nothing.
#[tokio::test]
async fn a_code_that_is_sent_is_asked_nothing_of_past_contacts() {
    let (bank, _) = after_a_call().await;
    let credentials = bank.verifier.credentials();
    let enrolment = EnrolmentRequest::delivered(request("sms")).vouched_for();
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    let first = given.code_to_deliver().unwrap().expose().parse().unwrap();
    let id = credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap().id;
    let before = bank.store.records();
    refused(bank.verifier.contact().last_contact_challenge(&alice(), &id).await);
    assert_eq!(bank.store.records(), before, "nothing was asked");
}
