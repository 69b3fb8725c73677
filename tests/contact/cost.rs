//! What an answer costs: store calls, and rows that are looked at. The phone waits for it.

use countersign::contact::Status;
use countersign::{InteractionId, Policy};

use crate::lines::bank;
use crate::lines::*;
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

#[tokio::test]
async fn a_status_takes_three_store_calls_at_most() {
    let bank = bank();
    let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
    fresh(&bank, &mut feeds).await;
    bank.booked().await;
    let (calls, told) = calls_of(&bank, status(&bank.verifier, START)).await;
    assert_eq!((calls, told), (3, Status::Scheduled), "open interactions, callbacks, challenges");
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    let (calls, told) = calls_of(&bank, status(&bank.verifier, START)).await;
    assert_eq!((calls, told), (3, Status::Calling), "is it one whose agent was recognised?");
    let inbound = voice("in-1");
    feeds[1].began(&bank.verifier, &inbound).await;
    let (calls, _) = calls_of(&bank, status(&bank.verifier, START)).await;
    assert_eq!(calls, 1, "whatever is agreed, an inbound one comes first");
}

/// A process that keeps no report reads how far the feeds are, once for as long as that is fresh.
#[tokio::test]
async fn another_process_learns_of_the_feeds_with_one_call_more() {
    let bank = bank();
    let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
    fresh(&bank, &mut feeds).await;
    let other = process(&bank, Policy::default(), 9);
    let mut calls = Vec::new();
    for second in [0, 0, 1, 2] {
        bank.clock.set(at(second));
        let (taken, told) = calls_of(&bank, status(&other, at(second))).await;
        assert_eq!(told, Status::NotUs);
        calls.push(taken);
    }
    assert_eq!(calls, [4, 3, 3, 3]);
    // Nothing is said of what nobody knows: two calls, and no list.
    bank.clock.set(at(3));
    let (taken, told) = calls_of(&bank, status(&other, at(3))).await;
    assert_eq!((taken, told), (2, Status::Undetermined));
}

#[tokio::test]
async fn a_verdict_takes_one_call_and_one_write() {
    let bank = bank();
    let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
    fresh(&bank, &mut feeds).await;
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    let (calls, _) = calls_of(&bank, ask(&bank, ours(), 1, START)).await;
    assert_eq!(calls, 2);
    let (calls, _) = calls_of(&bank, ask(&bank, ours(), 2, START)).await;
    assert_eq!(calls, 1);
}

/// Full: 10 000 past calls, callbacks and challenges; the same as with ten.
#[tokio::test]
async fn what_is_past_costs_nothing() {
    let mut costs = Vec::new();
    let mut policy = Policy::default();
    policy.callbacks.per_day = 10_000;
    for past in [10, either(300, 10_000)] {
        let bank = bank_of(policy.clone());
        let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
        let callbacks = bank.verifier.callbacks();
        for n in 0..past {
            let booked =
                callbacks.book(&alice(), &booking(&format!("r-{n}"), "anana")).await.unwrap();
            callbacks.cancel(&alice(), &booked.id).await.unwrap();
            let mut call = voice("x");
            call.id = InteractionId::new(format!("past-{n}")).unwrap();
            feeds[1].began(&bank.verifier, &call).await;
            feeds[1].ended(&bank.verifier, &call).await;
        }
        fresh(&bank, &mut feeds).await;
        let lists = bank.store.listed();
        let (calls, told) = calls_of(&bank, status(&bank.verifier, START)).await;
        assert_eq!(told, Status::NotUs);
        costs.push((calls, bank.store.listed() - lists));
    }
    assert_eq!(costs, [(3, 0), (3, 0)], "store calls, and rows that were listed");
}
