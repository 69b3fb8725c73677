//! What a worker sees when a piece of news is missing: between two of a batch, and by their numbers. What was delivered,
//! parked or purged is not missing.

use std::time::Duration;

use countersign::history::Subject;
use countersign::outbox::Notice;
use countersign::random::SeededRandom;
use countersign::store::FaultStore;
use countersign::time::Clock;
use countersign::{CallbackId, Keyring, MemoryStore};

use crate::support::between::put;
use crate::support::outbox::*;
use crate::support::outbox_bank::{amend, bank, book, book_later};
use crate::support::*;

fn id(subject: Subject) -> CallbackId {
    let Subject::Callback(id) = subject else { panic!("{subject:?}") };
    id
}

/// Number, and how many are missing before it.
fn told(notices: &[Notice]) -> Vec<(u64, u64)> {
    notices.iter().map(|one| (one.number.unwrap(), one.missing_before)).collect()
}

/// A callback whose news are five, of which the store has lost some.
async fn after_losing(lost: &[u64]) -> Vec<(u64, u64)> {
    let bank = bank();
    let booked = id(book(&bank, &alice(), "r-1").await);
    let first = bank.store.records()[0].1.head.version;
    for word in ["banana", "cherry", "damson", "elderberry"] {
        amend(&bank, &booked, word).await;
        // What others have in between counts for themselves.
        book(&bank, &alice(), &format!("other-{word}")).await;
    }
    let at = bank.store.records().into_iter().find(|(_, row)| row.head.version == first + 4);
    let at = at.unwrap().0;
    lose(&bank.store, START, |one| one.place == at && lost.contains(&(one.version - first + 1)))
        .await;
    let mut news = drained(bank.verifier.outbox()).await;
    let others = news.extract_if(.., |one| one.subject != Subject::Callback(booked));
    assert_eq!(told(&others.collect::<Vec<_>>()), [(1, 0); 4]);
    told(&news)
}

#[tokio::test]
async fn what_was_lost_between_two_is_told_with_the_second() {
    assert_eq!(after_losing(&[]).await, [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]);
    assert_eq!(after_losing(&[3]).await, [(1, 0), (2, 0), (4, 1), (5, 0)]);
    assert_eq!(after_losing(&[2, 4]).await, [(1, 0), (3, 1), (5, 1)]);
    assert_eq!(after_losing(&[2, 3, 4]).await, [(1, 0), (5, 3)]);
    // Before the first of a batch and behind its last nothing is known, but by who keeps the numbers.
    assert_eq!(after_losing(&[1, 5]).await, [(2, 0), (3, 0), (4, 0)]);
}

#[tokio::test]
async fn what_was_delivered_or_has_no_news_is_not_missing() {
    let bank = bank();
    let (outbox, callbacks) = (bank.verifier.outbox(), bank.verifier.callbacks());
    let booked = id(book(&bank, &alice(), "r-1").await);
    let mut all = told(&drained(outbox).await);
    // One is acknowledged at a time, and the worker dies each time.
    amend(&bank, &booked, "banana").await;
    amend(&bank, &booked, "cherry").await;
    amend(&bank, &booked, "damson").await;
    for _ in 0..2 {
        let batch = leased(outbox).await;
        all.extend(told(&batch.notices[..1]));
        assert!(batch.notices.iter().all(|one| one.missing_before == 0));
        outbox.acknowledge(&batch, [batch.notices[0].id]).await.unwrap();
        bank.clock.advance(LEASE);
    }
    // A write without news: sealed anew, and once without an outbox.
    let mut rotated = Keyring::from_bytes(&keyring().to_bytes()).unwrap();
    rotated.rotate(&SeededRandom::new(99)).unwrap();
    let copied = Keyring::from_bytes(&rotated.to_bytes()).unwrap();
    let quiet = part(copied, &bank.store, &bank.clock, &bank.seen, 2).build().unwrap();
    assert_eq!(quiet.reseal(100).await.unwrap().resealed, 1);
    let amended = countersign::callback::AmendmentRequest::new(request("quiet"));
    quiet.callbacks().amend(&alice(), &booked, &amended.secret(secret("figtree"))).await.unwrap();
    let loud = part(rotated, &bank.store, &bank.clock, &bank.seen, 3).outbox().build().unwrap();
    loud.callbacks().cancel(&alice(), &booked).await.unwrap();
    callbacks.cancel(&alice(), &unknown_callback()).await.unwrap_err();
    all.extend(told(&drained(loud.outbox()).await));
    assert_eq!(all, [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]);
}

#[tokio::test]
async fn what_is_parked_and_delivered_later_is_not_missing() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    let booked = id(book_later(&bank, &alice(), "r-1").await);
    for _ in 0..3 {
        let batch = leased(outbox).await;
        outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
        outbox.release(batch).await.unwrap();
        bank.clock.advance(10 * MINUTE);
    }
    amend(&bank, &booked, "banana").await;
    amend(&bank, &booked, "cherry").await;
    assert_eq!(drained(outbox).await, [], "taken out of the lane");
    amend(&bank, &booked, "damson").await;
    outbox.resume(&alice()).await.unwrap();
    assert_eq!(told(&drained(outbox).await), [(1, 0), (2, 0), (3, 0), (4, 0)]);

    // Nor is it what was dropped, for what comes after it.
    let bank = bank_with_two_given_back().await;
    bank.verifier.outbox().discard(&alice()).await.unwrap();
    bank.clock.advance(Duration::from_secs(1));
    let listed = bank.verifier.callbacks().list(&alice(), countersign::page::Page::first()).await;
    amend(&bank, &listed.unwrap().items[0].id, "damson").await;
    assert_eq!(told(&drained(bank.verifier.outbox()).await), [(3, 0)]);
}

async fn bank_with_two_given_back() -> Bank {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    let booked = id(book_later(&bank, &alice(), "r-1").await);
    amend(&bank, &booked, "banana").await;
    let batch = leased(outbox).await;
    outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    outbox.release(batch).await.unwrap();
    bank.clock.advance(bank.verifier.policy().leeway + Duration::from_secs(1));
    bank
}

#[tokio::test]
async fn a_ceremony_that_was_purged_and_begun_anew_begins_with_one() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    let booked = id(book_later(&bank, &alice(), "r-1").await);
    amend(&bank, &booked, "banana").await;
    bank.clock.advance(500 * DAY);
    assert_eq!(bank.verifier.purge(100).await.unwrap(), 1);
    let again = id(book_later(&bank, &alice(), "r-1").await);
    assert_eq!(again, booked, "the same id, after all that time");
    amend(&bank, &booked, "cherry").await;
    assert_eq!(told(&drained(outbox).await), [(1, 0), (2, 0), (1, 0), (2, 0)]);
}

/// A failover to a copy that had not heard of the last write: what is written then has the number of what was
/// lost, and another name. A platform that drops repetitions by name does not drop it.
#[tokio::test]
async fn after_a_failover_the_same_number_has_another_name() {
    let bank = bank();
    let booked = id(book(&bank, &alice(), "r-1").await);
    let copy = FaultStore::new(MemoryStore::new());
    for (at, row) in bank.store.records() {
        put(&copy, &at, &row, bank.clock.now().unwrap()).await;
    }
    amend(&bank, &booked, "banana").await;
    let before = drained(bank.verifier.outbox()).await;

    let after = part(keyring(), &copy, &bank.clock, &bank.seen, 5).outbox().build().unwrap();
    let amended = countersign::callback::AmendmentRequest::new(request("cherry"));
    after.callbacks().amend(&alice(), &booked, &amended.secret(secret("cherry"))).await.unwrap();
    let after = drained(after.outbox()).await;
    assert_eq!(told(&before), [(1, 0), (2, 0)]);
    assert_eq!(told(&after), [(2, 0)]);
    assert_eq!(after[0].version, before[1].version);
    assert_ne!(after[0].id, before[1].id);
}
