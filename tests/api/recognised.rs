//! A callback or challenge that ended well counts for as long as its call may go on, and no longer, however long its window is.

use countersign::callback::{BookingRequest, Verdict};
use countersign::challenge::Slot;
use countersign::contact::Status;
use countersign::store::Place;
use countersign::{Channel, Timestamp, Window};

use crate::support::challenges::{accept, appointment, challenge};
use crate::support::presence::{asked, bank};
use crate::support::*;

/// Until when those of the rows count that are written beside `before` and count at all.
fn counts_until(bank: &Bank, before: &[Place]) -> Vec<Timestamp> {
    let rows = bank.store.records();
    let new = rows.iter().filter(|(at, _)| !before.contains(at));
    let until = new.map(|(_, row)| row.head.live_until);
    until.filter(|until| *until > Timestamp::EPOCH).collect()
}

fn full_hour(at: Timestamp) -> Timestamp {
    Timestamp::from_unix(at.unix().div_ceil(3600) * 3600)
}

/// For a whole month, if it could be recognised all that time.
fn month() -> Window {
    Window::new(START, START.after(30 * DAY)).unwrap()
}

#[tokio::test]
async fn a_callback_that_was_recognised_counts_while_its_call_may_go_on_and_no_longer() {
    let bank = bank();
    let (callbacks, contact) = (bank.verifier.callbacks(), bank.verifier.contact());
    let call = bob_rings("call-1");
    contact.open(&call).await.unwrap();
    let before: Vec<_> = bank.store.records().iter().map(|(at, _)| *at).collect();
    let request = request("long");
    let new = BookingRequest::new(request, month(), Channel::Voice, secret("anana"));
    let booked = callbacks.book(&alice(), &new).await.unwrap();
    let policy = bank.verifier.policy().clone();
    let booked_until = month().until().after(policy.leeway);
    assert_eq!(counts_until(&bank, &before), [full_hour(booked_until)]);
    callbacks.reveal(&call, &booked.id).await.unwrap();
    bank.clock.advance(MINUTE);
    callbacks.conclude(&alice(), &booked.id, Verdict::Recognised).await.unwrap();
    let over = START.after(MINUTE).after(policy.presence.max_age).after(policy.leeway);
    assert_eq!(counts_until(&bank, &before), [full_hour(over)]);
    // As long as the call may go on, the status says whose it is.
    bank.clock.set(START.after(policy.presence.max_age).before(MINUTE));
    assert!(matches!(asked(&bank).await, Status::TalkingToYou { .. }));
    bank.clock.advance(MINUTE);
    assert_eq!(asked(&bank).await, Status::NotUs);
}

#[tokio::test]
async fn a_challenge_that_was_recognised_counts_while_its_call_may_go_on_and_no_longer() {
    let bank = bank();
    crate::support::credentials::app(&bank).await;
    let (challenges, contact) = (bank.verifier.challenges(), bank.verifier.contact());
    let call = crate::support::challenges::fraud_rings("call-1");
    contact.open(&call).await.unwrap();
    let before: Vec<_> = bank.store.records().iter().map(|(at, _)| *at).collect();
    let policy = bank.verifier.policy().clone();
    let id = challenges.issue(&alice(), &challenge("ch-1")).await.unwrap().challenge.id;
    challenges.answer(&alice(), &id, &accept("a")).await.unwrap();
    let mut slot: Slot = crate::support::challenges::slot();
    slot.window = Window::new(START, START.after(policy.challenges.max_slot)).unwrap();
    let agreed = challenges.confirm(&alice(), &id, &request("c"), &slot).await.unwrap();
    challenges.present(&call, &id).await.unwrap();
    bank.clock.advance(MINUTE);
    let of = appointment(&agreed.token);
    challenges.conclude(&alice(), &id, of, Verdict::Recognised).await.unwrap();
    let over = START.after(MINUTE).after(policy.presence.max_age).after(policy.leeway);
    assert!(over < slot.window.until().after(policy.presence.max_age), "or nothing is shown");
    assert_eq!(counts_until(&bank, &before), [full_hour(over)]);
    bank.clock.set(START.after(policy.presence.max_age).before(MINUTE));
    assert!(matches!(asked(&bank).await, Status::TalkingToYou { .. }));
}
