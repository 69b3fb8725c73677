//! What is over costs no call anything: neither what nobody has ended, nor what ended well and counts for a while.

use std::num::NonZeroU16;

use countersign::callback::{BookingRequest, CallbackStatus, Verdict};
use countersign::challenge::ChallengeStatus;
use countersign::contact::StatusNonce;
use countersign::page::Page;
use countersign::time::Clock;
use countersign::{Channel, Policy, Window};

use crate::support::challenges::{bank_of, challenge};
use crate::support::*;

/// More than a store passes over at once.
const PAST: u32 = 1500;
const A_DAY: u32 = 100;
const A_PAGE: usize = 100;

/// Booked from now on, for an hour.
fn from_now(bank: &Bank, id: &str) -> BookingRequest {
    let now = bank.clock.now().unwrap();
    let window = Window::new(now, now.after(HOUR)).unwrap();
    BookingRequest::new(request(id), window, Channel::Voice, secret("anana"))
}

/// How many calls of the store, and rows of lists, it takes to see whether somebody rings, what is pending, and to book.
async fn cost(bank: &Bank, id: &str) -> (usize, usize) {
    let before = (bank.store.calls(), bank.store.listed());
    let nonce = StatusNonce::from_bytes([1; 16]);
    drop(bank.verifier.contact().status(&alice(), nonce).await.unwrap());
    assert!(bank.verifier.pending(&alice()).await.unwrap().challenges.is_empty());
    let booked = bank.verifier.callbacks().book(&alice(), &from_now(bank, id)).await.unwrap();
    let cost = (bank.store.calls() - before.0, bank.store.listed() - before.1);
    bank.verifier.callbacks().cancel(&alice(), &booked.id).await.unwrap();
    cost
}

async fn costs_nothing_once_over(some: impl AsyncFn(&Bank, &str)) -> Bank {
    let mut policy = Policy::default();
    policy.callbacks.per_customer = 100;
    policy.callbacks.per_day = 1000;
    let bank = bank_of(policy);
    // What is booked is sorted behind what was booked before.
    cost(&bank, "none").await;
    let first = cost(&bank, "first").await;
    for n in 0..PAST {
        some(&bank, &format!("past-{n}")).await;
        // All windows are over, and the time for which a recognised call counts.
        if n % A_DAY == A_DAY - 1 {
            bank.clock.advance(DAY);
        }
    }
    let last = cost(&bank, "last").await;
    assert_eq!(last.0, first.0);
    // What was booked within a day is counted from the newest on, a page at a time.
    assert!(last.1 <= first.1 + A_PAGE, "{last:?} {first:?}");
    bank
}

fn newest_two() -> Page {
    Page::first().at_most(NonZeroU16::new(2).unwrap())
}

#[tokio::test]
async fn bookings_that_nobody_ended_cost_nothing_once_they_have_lapsed() {
    let bank = costs_nothing_once_over(async |bank, id| {
        bank.verifier.callbacks().book(&alice(), &from_now(bank, id)).await.unwrap();
    })
    .await;
    let listed = bank.verifier.callbacks().list(&alice(), newest_two()).await.unwrap();
    let found: Vec<_> = listed.items.iter().map(|callback| callback.status).collect();
    assert_eq!(found, [CallbackStatus::Cancelled, CallbackStatus::Expired]);
}

#[tokio::test]
async fn callbacks_that_were_recognised_cost_nothing_once_their_call_is_over() {
    let bank = costs_nothing_once_over(async |bank, id| {
        let callbacks = bank.verifier.callbacks();
        let booked = callbacks.book(&alice(), &from_now(bank, id)).await.unwrap();
        callbacks.reveal(&bob_rings(&format!("call-{id}")), &booked.id).await.unwrap();
        callbacks.conclude(&alice(), &booked.id, Verdict::Recognised).await.unwrap();
    })
    .await;
    let listed = bank.verifier.callbacks().list(&alice(), newest_two()).await.unwrap();
    let found: Vec<_> = listed.items.iter().map(|callback| callback.status).collect();
    assert_eq!(found, [CallbackStatus::Cancelled, CallbackStatus::Recognised]);
}

#[tokio::test]
async fn challenges_that_nobody_answered_cost_nothing_once_they_have_lapsed() {
    let bank = costs_nothing_once_over(async |bank, id| {
        bank.verifier.challenges().issue(&alice(), &challenge(id)).await.unwrap();
        bank.clock.advance(HOUR);
    })
    .await;
    let listed = bank.verifier.challenges().list(&alice(), newest_two()).await.unwrap();
    assert!(listed.items.iter().all(|challenge| challenge.status == ChallengeStatus::Expired));
    assert_eq!(listed.items.len(), 2);
}
