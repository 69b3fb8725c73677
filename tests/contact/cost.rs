//! What an answer costs: store calls, and rows that are looked at. The phone waits for it.

use std::sync::atomic::{AtomicU64, Ordering};

use countersign::contact::{CallVerdict, Status};
use countersign::store::{Expected, Fault, News, Place, Put, Store as _};
use countersign::{Error, InteractionId, Policy, Timestamp};

use crate::lines::bank;
use crate::lines::*;
use crate::support::challenges::challenge;
use crate::support::depth::either;
use crate::support::*;

async fn calls_of<T>(bank: &Bank, call: impl Future<Output = T>) -> (usize, T) {
    let before = bank.store.calls();
    let answer = call.await;
    (bank.store.calls() - before, answer)
}

async fn fresh(bank: &Bank, feeds: &mut [Feed; 2]) {
    for feed in feeds {
        feed.beat(&bank.verifier).await;
    }
}

/// The three processes that ask: the one that keeps the reports, one that keeps none and knows nothing yet, and that one again.
async fn each_asks(bank: &Bank, now: Timestamp) -> [(usize, Status); 3] {
    static SEEDS: AtomicU64 = AtomicU64::new(1000);
    let other = process(bank, Policy::default(), SEEDS.fetch_add(1, Ordering::Relaxed));
    let keeps = calls_of(bank, status(&bank.verifier, now)).await;
    let first = calls_of(bank, status(&other, now)).await;
    [keeps, first, calls_of(bank, status(&other, now)).await]
}

#[tokio::test]
async fn a_status_takes_three_store_calls_at_most_in_every_process() {
    let bank = bank();
    let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
    // Nothing is said of what nobody knows, and what is agreed does not matter.
    let undetermined = each_asks(&bank, START).await;
    assert_eq!(undetermined, [2, 2, 2].map(|calls| (calls, Status::Undetermined)));
    fresh(&bank, &mut feeds).await;
    let nothing = each_asks(&bank, START).await;
    assert_eq!(nothing, [2, 3, 2].map(|calls| (calls, Status::NotUs)), "feeds, customer, agreed");
    bank.booked().await;
    let agreed = each_asks(&bank, START).await;
    assert_eq!(agreed, [2, 3, 2].map(|calls| (calls, Status::Scheduled)));
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    let calling = each_asks(&bank, START).await;
    assert_eq!(calling, [2, 3, 2].map(|calls| (calls, Status::Calling)), "was it recognised?");
    let inbound = voice("in-1");
    feeds[1].began(&bank.verifier, &inbound).await;
    let calls = each_asks(&bank, START).await.map(|(calls, _)| calls);
    assert_eq!(calls, [1, 2, 1], "whatever is agreed, an inbound one comes first");
}

/// A process that keeps no report reads how far the feeds are, once for as long as that is fresh.
#[tokio::test]
async fn another_process_learns_of_the_feeds_once_for_each_lag() {
    let bank = bank();
    let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
    fresh(&bank, &mut feeds).await;
    let other = process(&bank, Policy::default(), 9);
    let mut calls = Vec::new();
    for second in [0, 0, 1, 2, 3, 3, 4, 6, 6] {
        bank.clock.set(at(second));
        fresh(&bank, &mut feeds).await;
        let (taken, told) = calls_of(&bank, status(&other, at(second))).await;
        assert_eq!(told, Status::NotUs);
        calls.push(taken);
    }
    assert_eq!(calls, [3, 2, 2, 2, 3, 2, 2, 3, 2]);
}

#[tokio::test]
async fn a_verdict_takes_three_store_calls_at_most_in_every_process() {
    let bank = bank();
    let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
    fresh(&bank, &mut feeds).await;
    let other = process(&bank, Policy::default(), 9);
    let mut taken = Vec::new();
    for call in ["call-1", "call-2", "call-3"] {
        feeds[0].announce(&bank.verifier, &rings(call), ours()).await;
    }
    for (query, of) in [(1, &bank.verifier), (2, &other), (3, &other), (4, &other)] {
        let asked = Ringing::of(ours(), query, START);
        taken.push(calls_of(&bank, asked.asked(of, START)).await);
    }
    let (yes, no) = (CallVerdict::Legitimate, CallVerdict::Undetermined);
    assert_eq!(taken, [(2, yes), (3, yes), (2, yes), (1, no)], "feeds, customer, its write");
    // Nothing is denied before it is known that nothing was reported.
    bank.clock.set(at(60));
    for call in ["call-1", "call-2", "call-3"] {
        feeds[0].ended(&bank.verifier, &rings(call)).await;
    }
    bank.clock.set(at(70));
    fresh(&bank, &mut feeds).await;
    let denied = Ringing::of(ours(), 9, at(65));
    let no = CallVerdict::NotLegitimate;
    assert_eq!(calls_of(&bank, denied.asked(&other, at(70))).await, (2, no));
    assert_eq!(calls_of(&bank, denied.asked(&bank.verifier, at(70))).await, (1, no));
}

/// Past records of each kind on which nothing depends, as many as are asked for: of a callback that was cancelled and a
/// challenge that was revoked, copied. Whoever reads one of the copies fails: each is sealed for another place.
async fn filled(bank: &Bank, past: usize) {
    let callbacks = bank.verifier.callbacks();
    let booked = callbacks.book(&alice(), &booking("r-1", "anana")).await.unwrap();
    callbacks.cancel(&alice(), &booked.id).await.unwrap();
    let challenges = bank.verifier.challenges();
    let issued = challenges.issue(&alice(), &challenge("c-1")).await.unwrap();
    challenges.revoke(&alice(), &issued.challenge.id).await.unwrap();
    let ended = bank.store.records();
    let ended: Vec<_> = ended.into_iter().filter(|(_, of)| of.head.live_until <= START).collect();
    assert!(ended.len() >= 2, "one of each kind");
    for (at, record) in ended {
        for n in 0..past {
            let copy = Place { id: (n as u128 + 1).to_be_bytes(), ..at };
            let put = bank.store.put_if(&copy, Expected::Absent, &record, News::NONE, START);
            assert_eq!(put.await.unwrap(), Put::Stored);
        }
    }
}

#[tokio::test]
async fn what_is_past_costs_nothing_in_any_process() {
    let mut costs = Vec::new();
    for past in [10, 10_000] {
        let bank = bank_of(Policy::default());
        let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
        filled(&bank, past).await;
        for n in 0..either(40, 1000) {
            let mut call = voice("x");
            call.id = InteractionId::new(format!("past-{n}")).unwrap();
            feeds[1].began(&bank.verifier, &call).await;
            feeds[1].ended(&bank.verifier, &call).await;
        }
        fresh(&bank, &mut feeds).await;
        let before = bank.store.listed();
        costs.push((each_asks(&bank, START).await, bank.store.listed() - before));
    }
    let three = [2, 3, 2].map(|calls| (calls, Status::NotUs));
    assert_eq!(costs, [(three, 2), (three, 2)], "store calls; the rows listed are those of feeds");
}

/// As many as may be agreed at once are found in the one call.
#[tokio::test]
async fn all_that_is_agreed_is_read_in_one_call() {
    let mut policy = Policy::default();
    policy.callbacks.per_customer = 100;
    policy.callbacks.per_day = 1000;
    let bank = bank_of(policy);
    let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
    for n in 0..100 {
        let new = booking(&format!("r-{n}"), "anana");
        bank.verifier.callbacks().book(&alice(), &new).await.unwrap();
    }
    fresh(&bank, &mut feeds).await;
    let agreed = each_asks(&bank, START).await;
    assert_eq!(agreed, [2, 3, 2].map(|calls| (calls, Status::Scheduled)));
}

/// What cannot be read may be what was agreed: an error, and nothing is denied.
#[tokio::test]
async fn what_is_agreed_and_does_not_open_is_an_error() {
    let bank = bank();
    let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
    fresh(&bank, &mut feeds).await;
    bank.booked().await;
    for fault in [Fault::Garbage, Fault::BitFlipped, Fault::Truncated, Fault::FailBefore] {
        bank.store.plan(1, fault);
        let asked = bank.verifier.contact().status(&alice(), nonce(1)).await;
        assert!(matches!(asked, Err(Error::Record(_) | Error::Store(_))), "{fault:?}: {asked:?}");
        assert_eq!(status(&bank.verifier, START).await, Status::Scheduled, "the next: {fault:?}");
    }
}
