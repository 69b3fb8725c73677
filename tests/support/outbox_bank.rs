//! A bank with an outbox.

use countersign::callback::{AmendmentRequest, BookingRequest};
use countersign::history::Subject;
use countersign::store::FaultStore;
use countersign::time::{Clock, ManualClock};
use countersign::{CallbackId, Channel, CustomerId, MemoryStore, Policy, Window};

use crate::support::*;

pub fn bank_over(store: MemoryStore, policy: Policy) -> Bank {
    let store = FaultStore::new(store);
    let (clock, seen) = (ManualClock::new(START), Recorder::default());
    let builder = part(keyring(), &store, &clock, &seen, 1).policy(policy).outbox();
    Bank { verifier: builder.build().unwrap(), clock, store, seen }
}

pub fn bank() -> Bank {
    let mut policy = Policy::default();
    policy.callbacks.per_customer = 100;
    policy.callbacks.per_day = 1000;
    policy.outbox.attempts = 3;
    bank_over(MemoryStore::new(), policy)
}

pub fn customer(n: usize) -> CustomerId {
    CustomerId::new(format!("customer-{n}")).unwrap()
}

pub async fn book(bank: &Bank, customer: &CustomerId, id: &str) -> Subject {
    let booked = bank.verifier.callbacks().book(customer, &booking(id, "anana")).await;
    Subject::Callback(booked.unwrap().id)
}

pub async fn book_later(bank: &Bank, customer: &CustomerId, id: &str) -> Subject {
    let now = bank.clock.now().unwrap();
    let window = Window::new(now, now.after(HOUR)).unwrap();
    let booking = BookingRequest::new(request(id), window, Channel::Voice, secret("anana"));
    Subject::Callback(bank.verifier.callbacks().book(customer, &booking).await.unwrap().id)
}

/// Another secret for a callback: one more piece of news.
pub async fn amend(bank: &Bank, id: &CallbackId, word: &str) {
    let amendment = AmendmentRequest::new(request(word)).secret(secret(word));
    bank.verifier.callbacks().amend(&alice(), id, &amendment).await.unwrap();
}

/// The lane of a customer: where their first row stands.
pub async fn lane_of(customer: &CustomerId) -> u8 {
    let probe = crate::support::bank();
    probe.verifier.callbacks().book(customer, &booking("r", "anana")).await.unwrap();
    probe.store.records()[0].0.lane
}

/// Another customer in the lane of this one.
pub async fn in_lane_of(whose: &CustomerId) -> CustomerId {
    let wanted = lane_of(whose).await;
    let mut other = 1;
    while lane_of(&customer(other)).await != wanted {
        other += 1;
    }
    customer(other)
}
