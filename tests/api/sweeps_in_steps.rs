//! A sweep in steps: each goes on where the one before stopped, and only a whole sweep retires a key.

use countersign::callback::BookingRequest;
use countersign::keyring::{KeyId, KeyringError};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::store::{Expected, Fault, News, Put, Record, Store};
use countersign::verifier::Resealed;
use countersign::{Channel, CustomerId, Keyring, MemoryStore, Policy, Verifier, Window};

use crate::support::outbox::drained;
use crate::support::outbox_bank::{bank_over, customer};
use crate::support::*;

/// More than a sweep reads at a time, twice.
const RECORDS: usize = 250;

fn copy(keyring: &Keyring) -> Keyring {
    Keyring::from_bytes(&keyring.to_bytes()).unwrap()
}

/// A bank with many bookings under the old key, the keyring with a newer one, and a verifier that has it.
struct Rotated {
    bank: Bank,
    keys: Keyring,
    old: KeyId,
    verifier: Verifier,
}

impl Rotated {
    fn process(&self, seed: u64) -> Verifier {
        process(&self.bank, &self.keys, seed)
    }

    /// How much stands under the old key.
    async fn left(&self) -> u64 {
        let counted = self.process(90).reseal(0).await.unwrap();
        assert_eq!((counted.resealed, counted.whole), (0, true));
        counted.left.get(&self.old).map_or(0, |left| left.records)
    }
}

fn process(bank: &Bank, keys: &Keyring, seed: u64) -> Verifier {
    part(copy(keys), &bank.store, &bank.clock, &bank.seen, seed).build().unwrap()
}

fn of(n: usize) -> CustomerId {
    customer(n % 40)
}

async fn rotated_over(records: usize) -> Rotated {
    let mut policy = Policy::default();
    (policy.callbacks.per_customer, policy.callbacks.per_day) = (100, 1000);
    let bank = bank_over(MemoryStore::new(), policy);
    for n in 0..records {
        let window = Window::new(START, START.after(HOUR)).unwrap();
        let booking = BookingRequest::new(
            request(&format!("r-{n}")),
            window,
            Channel::Voice,
            secret("anana"),
        );
        bank.verifier.callbacks().book(&of(n), &booking).await.unwrap();
    }
    drained(bank.verifier.outbox()).await;
    let mut keys = keyring();
    let old = keys.active();
    keys.rotate(&SeededRandom::new(99)).unwrap();
    let verifier = process(&bank, &keys, 2);
    Rotated { bank, keys, old, verifier }
}

async fn rotated() -> Rotated {
    rotated_over(RECORDS).await
}

/// Sweeps to the end, so many records a step; how many steps that took.
async fn in_steps(verifier: &Verifier, limit: u64) -> (Resealed, usize) {
    let mut swept = verifier.reseal(limit).await.unwrap();
    let mut steps = 1;
    while !swept.whole {
        swept = verifier.reseal_from(&swept, limit).await.unwrap();
        steps += 1;
        assert!(steps <= 2 * RECORDS, "it does not end");
    }
    (swept, steps)
}

/// The same calls of the store, whatever the size of the steps: no step reads anew what an earlier one has read.
#[tokio::test]
async fn a_sweep_of_many_steps_costs_as_much_as_one_of_a_single_step() {
    let mut calls = Vec::new();
    for (limit, expected) in [(10_000, 1), (100, 3), (7, 36), (1, RECORDS + 1)] {
        let rotated = rotated().await;
        let before = rotated.bank.store.calls();
        let (swept, steps) = in_steps(&rotated.verifier, limit).await;
        calls.push(rotated.bank.store.calls() - before);
        assert_eq!((swept.resealed, swept.unreadable), (RECORDS as u64, 0), "{limit}");
        assert!(swept.is_clean_of(rotated.old), "{limit}");
        assert_eq!(steps, expected, "{limit}");
        assert_eq!(rotated.left().await, 0);
    }
    assert!(calls.windows(2).all(|pair| pair[0] == pair[1]), "{calls:?}");
}

#[tokio::test]
async fn a_report_tells_of_all_steps_and_says_whether_it_is_whole() {
    let rotated = rotated().await;
    let first = rotated.verifier.reseal(30).await.unwrap();
    assert_eq!((first.whole, first.resealed), (false, 30));
    assert!(!first.is_clean_of(rotated.old));
    let second = rotated.verifier.reseal_from(&first, 30).await.unwrap();
    assert_eq!((second.whole, second.resealed), (false, 60));
    // From the same report once more: what was sealed meanwhile is not sealed again.
    let again = rotated.verifier.reseal_from(&first, 10_000).await.unwrap();
    assert_eq!((again.whole, again.resealed), (true, RECORDS as u64 - 30));
    assert!(again.is_clean_of(rotated.old), "{again:?}");
    let json = serde_json::to_string(&again).unwrap();
    assert_eq!(json, r#"{"whole":true,"resealed":220,"left":{},"unreadable":0}"#);
}

/// Two sweeps retire a key, in however many steps each was made, if both came to their ends.
#[tokio::test]
async fn a_sweep_that_stopped_retires_nothing() {
    let mut rotated = rotated_over(20).await;
    let (verifier, old) = (rotated.verifier.clone(), rotated.old);
    let whole = in_steps(&verifier, 6).await.0;
    // All is under the new key by now. So that the next one stops, something is written under the old one.
    let mut behind = copy(&rotated.keys);
    behind.activate(old).unwrap();
    let lagging = process(&rotated.bank, &behind, 3);
    lagging.callbacks().book(&customer(50), &booking("late", "anana")).await.unwrap();
    let stopped = verifier.reseal(1).await.unwrap();
    assert_eq!((stopped.whole, stopped.resealed, stopped.left.len()), (false, 1, 0));
    let not_shown = Err(KeyringError::NotShown(old));
    assert_eq!(stopped.retire(&whole, &mut rotated.keys, old), not_shown);
    let later = verifier.reseal(0).await.unwrap();
    assert_eq!(later.retire(&stopped, &mut rotated.keys, old), not_shown);
    let ended = verifier.reseal_from(&stopped, 1).await.unwrap();
    assert!(ended.whole && ended.is_clean_of(old));
    let last = in_steps(&verifier, 6).await.0;
    assert_eq!(last.retire(&ended, &mut rotated.keys, old), Ok(()));
}

/// A sweep whose first step was made before the other one's last did not follow it.
#[tokio::test]
async fn sweeps_whose_steps_take_turns_retire_nothing() {
    let mut rotated = rotated_over(20).await;
    let (verifier, old) = (rotated.verifier.clone(), rotated.old);
    let first = verifier.reseal(5).await.unwrap();
    let second = verifier.reseal(5).await.unwrap();
    let first = verifier.reseal_from(&first, 100).await.unwrap();
    let second = verifier.reseal_from(&second, 100).await.unwrap();
    assert!(first.is_clean_of(old) && second.is_clean_of(old), "{first:?} {second:?}");
    for (one, other) in [(&first, &second), (&second, &first)] {
        let retired = one.retire(other, &mut rotated.keys, old);
        assert_eq!(retired, Err(KeyringError::NotShown(old)));
    }
    let third = verifier.reseal(100).await.unwrap();
    assert_eq!(third.retire(&second, &mut rotated.keys, old), Ok(()));
}

/// Nor do two ends of one beginning.
#[tokio::test]
async fn one_sweep_that_was_ended_twice_retires_nothing() {
    let mut rotated = rotated_over(20).await;
    let (verifier, old) = (rotated.verifier.clone(), rotated.old);
    let begun = verifier.reseal(5).await.unwrap();
    let first = verifier.reseal_from(&begun, 100).await.unwrap();
    let second = verifier.reseal_from(&begun, 100).await.unwrap();
    assert!(first.is_clean_of(old) && second.is_clean_of(old));
    let retired = second.retire(&first, &mut rotated.keys, old);
    assert_eq!(retired, Err(KeyringError::NotShown(old)));
}

/// Another process has not read what the first has: it begins at the beginning.
#[tokio::test]
async fn what_another_verifier_began_is_begun_anew() {
    let rotated = rotated_over(20).await;
    let first = rotated.verifier.reseal(5).await.unwrap();
    let beside = rotated.process(4);
    let swept = beside.reseal_from(&first, 100).await.unwrap();
    assert_eq!((swept.whole, swept.resealed), (true, 15), "what the first had sealed is not in it");
    // So is one after a whole one.
    let next = beside.reseal_from(&swept, 100).await.unwrap();
    let (mut keys, old) = (copy(&rotated.keys), rotated.old);
    assert_eq!(next.retire(&swept, &mut keys, old), Ok(()));
}

/// Records stand under three keys. Each of the older ones goes when nothing is left under it, whatever is left under the other.
#[tokio::test]
async fn two_older_keys_are_retired_one_after_the_other() {
    let rotated = rotated_over(12).await;
    let (oldest, mut keys) = (rotated.old, copy(&rotated.keys));
    let older = keys.active();
    // Half of them are under the second key by now. A third one becomes active.
    let half = rotated.verifier.reseal(6).await.unwrap();
    assert_eq!((half.resealed, half.whole), (6, false));
    keys.rotate(&SeededRandom::new(98)).unwrap();
    let newest = process(&rotated.bank, &keys, 7);
    let counted = newest.reseal(0).await.unwrap();
    let left = |swept: &Resealed| {
        [oldest, older].map(|key| swept.left.get(&key).map_or(0, |left| left.records))
    };
    assert_eq!((left(&counted), counted.unreadable), ([6, 6], 0));
    // What the process before goes on with is sealed under the second key, and is not lost.
    let ended = rotated.verifier.reseal_from(&half, 100).await.unwrap();
    assert!(ended.whole && ended.is_clean_of(oldest));
    assert_eq!(ended.retire(&half, &mut keys, oldest), Err(KeyringError::InUse(oldest)));
    let (first, second) = (newest.reseal(0).await.unwrap(), newest.reseal(0).await.unwrap());
    assert_eq!(left(&second), [0, 12]);
    assert_eq!(second.retire(&first, &mut keys, older), Err(KeyringError::InUse(older)));
    assert_eq!(second.retire(&first, &mut keys, oldest), Ok(()));
    // Sweeps of a keyring that still has the oldest one go for the one that has it no more.
    let third = in_steps(&newest, 5).await.0;
    let fourth = in_steps(&newest, 5).await.0;
    assert_eq!((third.resealed, left(&fourth)), (12, [0, 0]));
    assert_eq!(fourth.retire(&third, &mut keys, older), Ok(()));
    assert_eq!(keys.root_keys().count(), 1);
    let last = process(&rotated.bank, &keys, 8);
    for n in 0..12 {
        let listed = last.callbacks().list(&of(n), Page::first()).await.unwrap();
        assert_eq!((listed.items.len(), listed.unreadable), (1, 0));
    }
}

/// What somebody wrote between two steps is neither overwritten nor taken for what is left, if it is under the new key;
/// under the old one it is left, and under one that nobody knows it is unreadable.
#[tokio::test]
async fn what_is_written_between_two_steps_stands() {
    for key in ["new", "old", "none", "gone"] {
        let rotated = rotated_over(20).await;
        let (bank, old) = (&rotated.bank, rotated.old);
        let mut behind = copy(&rotated.keys);
        behind.activate(old).unwrap();
        let first = rotated.verifier.reseal(1).await.unwrap();
        let listed = rotated.verifier.callbacks().list(&of(15), Page::first()).await.unwrap();
        let id = listed.items[0].id;
        // The row of this customer that is still to be sealed anew.
        let rows = bank.store.records();
        let writer = process(bank, if key == "old" { &behind } else { &rotated.keys }, 5);
        writer.callbacks().cancel(&of(15), &id).await.unwrap();
        let now = bank.store.records();
        let (at, row) = now.iter().find(|row| !rows.contains(row)).unwrap();
        match key {
            "none" => {
                let damaged = Record { head: row.head, sealed: [0x55; 3].into() };
                let expected = Expected::Head(row.head);
                let put = bank.store.put_if(at, expected, &damaged, News::NONE, START).await;
                assert_eq!(put.unwrap(), Put::Stored);
            }
            "gone" => assert_eq!(bank.store.delete(at, row.head).await.unwrap(), Put::Stored),
            _ => {}
        }
        let swept = rotated.verifier.reseal_from(&first, 100).await.unwrap();
        let left = swept.left.get(&old).map_or(0, |left| left.records);
        let found = (swept.resealed, left, swept.unreadable);
        let wanted = match key {
            "old" => (19, 1, 0),
            "none" => (19, 0, 1),
            _ => (19, 0, 0),
        };
        assert_eq!(found, wanted, "{key}");
        if key != "none" && key != "gone" {
            let listed = rotated.verifier.callbacks().list(&of(15), Page::first()).await.unwrap();
            assert_eq!(listed.items[0].status, writer_status(&writer, &id).await);
        }
    }
}

async fn writer_status(
    writer: &Verifier,
    id: &countersign::CallbackId,
) -> countersign::callback::CallbackStatus {
    let listed = writer.callbacks().list(&of(15), Page::first()).await.unwrap();
    listed.items.iter().find(|one| one.id == *id).unwrap().status
}

/// Each store call of a sweep fails once, in each way that a store can fail without lying. Whoever goes on from the report
/// before has everything sealed anew in the end, and a key is retired under which nothing is left.
#[tokio::test]
async fn a_step_that_fails_anywhere_is_made_again() {
    let all = {
        let rotated = rotated_over(12).await;
        let before = rotated.bank.store.calls();
        in_steps(&rotated.verifier, 5).await;
        rotated.bank.store.calls() - before
    };
    for fault in [Fault::FailBefore, Fault::LoseAnswer, Fault::Conflict, Fault::LandedConflict] {
        for call in 0..all {
            let mut rotated = rotated_over(12).await;
            let (verifier, old) = (rotated.verifier.clone(), rotated.old);
            rotated.bank.store.plan(call, fault);
            let mut swept: Option<Resealed> = None;
            let mut failed = 0;
            while !swept.as_ref().is_some_and(|swept| swept.whole) {
                let step = match &swept {
                    None => verifier.reseal(5).await,
                    Some(before) => verifier.reseal_from(before, 5).await,
                };
                match step {
                    Ok(step) => swept = Some(step),
                    Err(_) => failed += 1,
                }
                assert!(failed <= 1, "{fault:?} {call}");
            }
            let fails = matches!(fault, Fault::FailBefore | Fault::LoseAnswer);
            assert_eq!(failed, usize::from(fails), "{fault:?} {call}");
            rotated.bank.store.heal();
            let (first, _) = in_steps(&verifier, 5).await;
            let (second, _) = in_steps(&verifier, 5).await;
            assert_eq!(rotated.left().await, 0, "{fault:?} {call}");
            second.retire(&first, &mut rotated.keys, old).unwrap();
            let after = process(&rotated.bank, &rotated.keys, 6);
            for n in 0..12 {
                let listed = after.callbacks().list(&of(n), Page::first()).await.unwrap();
                assert_eq!((listed.items.len(), listed.unreadable), (1, 0), "{fault:?} {call}");
            }
        }
    }
}
