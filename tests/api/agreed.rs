//! What is agreed about contact, and which call a recognition is about: as the call status has it.

use countersign::Channel;
use countersign::callback::{BookingRequest, Verdict};
use countersign::contact::Status;
use countersign::time::Clock;
use countersign::{Direction, Policy, Window};

use crate::support::challenges::{accept, appointment, challenge, fraud_rings, slot};
use crate::support::presence::{asked, bank, inbound, signing_bank, talking};
use crate::support::*;

/// Somebody rang as the customer and never hung up: with the age of the call that ends, and what is agreed shows.
#[tokio::test]
async fn a_call_that_is_older_than_calls_last_hides_no_appointment() {
    let bank = bank();
    let age = bank.verifier.policy().presence.max_age;
    let window = Window::new(START, START.after(age).after(HOUR)).unwrap();
    let booking = BookingRequest::new(request("r"), window, Channel::Voice, secret("anana"));
    bank.verifier.callbacks().book(&alice(), &booking).await.unwrap();
    bank.verifier.contact().open(&inbound("eve")).await.unwrap();
    bank.clock.set(START.after(age).before(std::time::Duration::from_secs(1)));
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Inbound, START));
    bank.clock.set(START.after(age));
    assert_eq!(asked(&bank).await, Status::Scheduled);
}

/// The word was read back in two calls. The customer recognised somebody, and does not say in which.
#[tokio::test]
async fn of_two_calls_in_which_a_callback_was_revealed_neither_is_the_recognised_one() {
    let mut policy = Policy::default();
    policy.callbacks.reveals = 2;
    let bank = signing_bank(policy);
    let (callbacks, contact) = (bank.verifier.callbacks(), bank.verifier.contact());
    let id = bank.booked().await.id;
    for call in ["call-1", "call-2"] {
        contact.open(&bob_rings(call)).await.unwrap();
        callbacks.reveal(&bob_rings(call), &id).await.unwrap();
    }
    callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    assert_eq!(asked(&bank).await, Status::Calling);
}

/// "That was you" and then, after a second thought, "that was not you".
#[tokio::test]
async fn a_caller_of_a_callback_who_is_reported_late_is_not_the_recognised_one() {
    let bank = bank();
    let (callbacks, call) = (bank.verifier.callbacks(), bob_rings("call-1"));
    let id = bank.booked().await.id;
    bank.verifier.contact().open(&call).await.unwrap();
    callbacks.reveal(&call, &id).await.unwrap();
    callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Outbound, START));
    callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
    assert_eq!(asked(&bank).await, Status::Calling);
}

#[tokio::test]
async fn a_caller_of_a_challenge_who_is_reported_late_is_not_the_recognised_one() {
    let bank = bank();
    crate::support::credentials::app(&bank).await;
    let (challenges, call) = (bank.verifier.challenges(), fraud_rings("call-1"));
    let id = challenges.issue(&alice(), &challenge("ch-1")).await.unwrap().challenge.id;
    challenges.answer(&alice(), &id, &accept("a")).await.unwrap();
    let agreed = challenges.confirm(&alice(), &id, &request("c"), &slot()).await.unwrap();
    bank.clock.set(slot().window.from());
    let now = bank.clock.now().unwrap();
    bank.verifier.contact().open(&call).await.unwrap();
    challenges.present(&call, &id).await.unwrap();
    let of = appointment(&agreed.token);
    challenges.conclude(&alice(), &id, of, Verdict::Recognised).await.unwrap();
    assert_eq!(asked(&bank).await, talking(Channel::Voice, Direction::Outbound, now));
    challenges.conclude(&alice(), &id, of, Verdict::NotRecognised).await.unwrap();
    assert_eq!(asked(&bank).await, Status::Calling);
}
