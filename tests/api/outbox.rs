//! The outbox: no news is lost, none overtakes another of its customer, and one that cannot be delivered stops
//! nobody else's.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use std::time::Duration;

use countersign::history::{Action, Outcome, Subject};
use countersign::outbox::GivenBack;
use countersign::page::Page;
use countersign::store::{Fault, FaultStore, Store, StoreError};
use countersign::{CustomerId, Error, MemoryStore, Policy};

use crate::support::outbox::*;
use crate::support::outbox_bank::{bank, bank_over, book, book_later, customer, in_lane_of};
use crate::support::*;

#[tokio::test]
async fn a_change_and_its_news_are_one_write() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    let before = bank.store.calls();
    let subject = book(&bank, &alice(), "r-1").await;
    let writes: usize = bank.store.records().iter().map(|(at, _)| bank.store.writes(at)).sum();
    assert_eq!(writes, 1, "in {} calls", bank.store.calls() - before);
    assert_eq!(outbox.backlog().await.unwrap().entries, 1);
    let batch = leased(outbox).await;
    let [notice] = &batch.notices[..] else { panic!("{batch:?}") };
    let head = bank.store.records()[0].1.head;
    assert_eq!((notice.subject, notice.version), (subject, head.version));
    assert_eq!((notice.action, notice.outcome), (Action::Book, Outcome::Done));
    assert_eq!((notice.at, &notice.customer), (START, &alice()));
    // Nobody else gets the lane meanwhile; when the lease is over it is the same notice again.
    assert!(outbox.lease(MOST, LEASE).await.unwrap().is_none());
    bank.clock.advance(LEASE);
    let again = leased(outbox).await;
    assert_eq!(again.notices, batch.notices);
    // The first worker wakes up: its lease is another's.
    assert!(!outbox.acknowledge(&batch, [notice.id]).await.unwrap());
    assert_eq!(outbox.backlog().await.unwrap().entries, 1);
    acknowledged(outbox, again).await;
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
    assert!(outbox.lease(MOST, LEASE).await.unwrap().is_none());
}

#[tokio::test]
async fn repetitions_refusals_and_looks_are_no_news() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    drained(bank.verifier.outbox()).await;
    bank.booked().await;
    callbacks.list(&alice(), Page::first()).await.unwrap();
    callbacks.reveal(&bob_rings("call-1"), &unknown_callback()).await.unwrap_err();
    assert_eq!(bank.verifier.outbox().backlog().await.unwrap().entries, 0);
    // A refusal that is counted is written, and told.
    let inbound = countersign::Interaction::inbound(
        countersign::InteractionId::new("call-2").unwrap(),
        alice(),
        agent("bob"),
        countersign::Channel::Voice,
    );
    callbacks.reveal(&inbound, &id).await.unwrap_err();
    let news = drained(bank.verifier.outbox()).await;
    assert_eq!(news.len(), 1);
    assert!(matches!(news[0].outcome, Outcome::Refused(_)));
}

#[tokio::test]
async fn a_bank_without_an_outbox_fills_none() {
    let bank = crate::support::bank();
    bank.booked().await;
    assert_eq!(bank.verifier.outbox().backlog().await.unwrap().entries, 0);
}

#[tokio::test]
async fn each_customer_s_news_come_in_order_and_once() {
    let bank = bank();
    let mut wanted: BTreeMap<CustomerId, Vec<Subject>> = BTreeMap::new();
    for n in 0..300 {
        let whose = customer(n * 7 % 20);
        let subject = book(&bank, &whose, &format!("r-{n}")).await;
        wanted.entry(whose).or_default().push(subject);
    }
    let outbox = bank.verifier.outbox();
    assert_eq!(outbox.backlog().await.unwrap().entries, 300);
    let mut found: BTreeMap<CustomerId, Vec<Subject>> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    let four = NonZeroU16::new(4).unwrap();
    while let Some(batch) = outbox.lease(four, LEASE).await.unwrap() {
        assert!(batch.notices.len() <= 4);
        for notice in &batch.notices {
            assert!(ids.insert(notice.id));
            found.entry(notice.customer.clone()).or_default().push(notice.subject);
        }
        acknowledged(outbox, batch).await;
    }
    assert_eq!(found, wanted);
}

/// The booking whose notice is poison fails; the customer's others wait behind it.
#[tokio::test]
async fn one_that_fails_again_and_again_is_parked_with_all_later_ones_of_its_customer() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    let first = book(&bank, &alice(), "r-1").await;
    let second = book(&bank, &alice(), "r-2").await;
    let batch = leased(outbox).await;
    assert_eq!(subjects(&batch.notices), [first, second]);
    let poison = batch.notices[0].id;
    let back = outbox.give_back(&batch, poison, "the dialler answers 500").await.unwrap();
    let at = START.after(bank.verifier.policy().outbox.retry_after);
    assert_eq!(back, GivenBack::Until(at));
    outbox.release(batch).await.unwrap();
    // Alice's wait; Mallory's do not.
    let mallorys = book(&bank, &mallory(), "r-3").await;
    assert_eq!(subjects(&drained(outbox).await), [mallorys]);
    bank.clock.set(at.before(Duration::from_secs(1)));
    assert!(outbox.lease(MOST, LEASE).await.unwrap().is_none(), "not yet");
    bank.clock.set(at);
    let batch = leased(outbox).await;
    assert_eq!(subjects(&batch.notices), [first, second]);
    assert_eq!(batch.notices[0].id, poison, "the same name again");
    let again = outbox.give_back(&batch, poison, "500").await.unwrap();
    let at = at.after(2 * bank.verifier.policy().outbox.retry_after);
    assert_eq!(again, GivenBack::Until(at), "twice as long");
    outbox.release(batch).await.unwrap();
    bank.clock.set(at);
    bank.seen.take();
    let batch = leased(outbox).await;
    let last = outbox.give_back(&batch, poison, "still 500").await.unwrap();
    assert_eq!(last, GivenBack::Parked);
    outbox.release(batch).await.unwrap();
    let told = bank.seen.take();
    assert_eq!((told.len(), told[0].action, &told[0].customer), (1, Action::ParkNews, &alice()));

    // Days later: nothing of Alice's comes, all of Mallory's does, and the lane is not in the way.
    bank.clock.advance(3 * DAY);
    let third = book_later(&bank, &alice(), "r-4").await;
    let mallorys = book_later(&bank, &mallory(), "r-5").await;
    assert_eq!(subjects(&drained(outbox).await), [mallorys]);
    assert_eq!(outbox.backlog().await.unwrap().entries, 1, "the first alone stays in the lane");
    let parked = outbox.parked().await.unwrap();
    assert_eq!((parked.len(), &parked[0].customer, parked[0].attempts), (1, &alice(), 3));
    assert_eq!((parked[0].reason.as_str(), parked[0].waiting), ("still 500", 2));
    assert_eq!(parked[0].since, START);

    // The host resumes: the first one first, and what comes meanwhile last.
    outbox.resume(&alice()).await.unwrap();
    let fourth = book_later(&bank, &alice(), "r-6").await;
    let news = drained(outbox).await;
    assert_eq!(subjects(&news), [first, second, third, fourth]);
    assert_eq!(news[0].id, poison);
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
    assert_eq!(outbox.parked().await.unwrap(), []);
    assert!(matches!(outbox.resume(&mallory()).await, Err(Error::Refused(_))), "nothing waits");
}

/// Parks what Alice has, with `more` behind it.
async fn parked(bank: &Bank, more: usize) -> Vec<Subject> {
    let outbox = bank.verifier.outbox();
    let mut all = vec![book_later(bank, &alice(), "first").await];
    for _ in 0..3 {
        let batch = leased(outbox).await;
        outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
        outbox.release(batch).await.unwrap();
        bank.clock.advance(HOUR);
    }
    for n in 0..more {
        all.push(book_later(bank, &alice(), &format!("more-{n}")).await);
    }
    assert_eq!(drained(outbox).await, [], "all of it waits");
    all
}

#[tokio::test]
async fn what_is_parked_survives_a_worker_that_dies_anywhere() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    let all = parked(&bank, 5).await;
    outbox.resume(&alice()).await.unwrap();
    // One notice is acknowledged at a time, and the worker dies each time.
    let mut found = Vec::new();
    for _ in 0..all.len() {
        let batch = leased(outbox).await;
        assert_eq!(subjects(&batch.notices), all[found.len()..], "nothing is lost or overtaken");
        found.push(batch.notices[0].subject);
        assert!(outbox.acknowledge(&batch, [batch.notices[0].id]).await.unwrap());
        bank.clock.advance(LEASE);
    }
    assert_eq!(found, all);
    assert!(outbox.lease(MOST, LEASE).await.unwrap().is_none());
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
}

#[tokio::test]
async fn what_is_discarded_never_comes_and_what_is_new_does() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    parked(&bank, 5).await;
    outbox.discard(&alice()).await.unwrap();
    let new = book_later(&bank, &alice(), "new").await;
    assert_eq!(subjects(&drained(outbox).await), [new]);
    assert_eq!(outbox.parked().await.unwrap(), []);
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
}

#[tokio::test]
async fn a_full_outbox_refuses_before_anything_is_written_but_not_what_ends_something() {
    let bank = bank_over(MemoryStore::with_capacity(8), Policy::default());
    let callbacks = bank.verifier.callbacks();
    let mut booked = Vec::new();
    for n in 0..4 {
        let booking = booking(&format!("r-{n}"), "anana");
        booked.push(callbacks.book(&alice(), &booking).await.unwrap().id);
    }
    for (n, id) in booked.iter().enumerate() {
        let amended = countersign::callback::AmendmentRequest::new(request(&format!("a-{n}")))
            .secret(secret("banana"));
        callbacks.amend(&alice(), id, &amended).await.unwrap();
    }
    let before = bank.store.records();
    let full = callbacks.book(&alice(), &booking("r-9", "anana")).await;
    assert!(matches!(full, Err(Error::Store(StoreError::Full))), "{full:?}");
    assert_eq!(bank.store.records(), before);
    callbacks.cancel(&alice(), &booked[0]).await.unwrap();
    let full = callbacks.cancel(&alice(), &booked[1]).await;
    assert!(matches!(full, Err(Error::Store(StoreError::Full))), "the reserve has an end");
    drained(bank.verifier.outbox()).await;
    callbacks.cancel(&alice(), &booked[1]).await.unwrap();
    let news = drained(bank.verifier.outbox()).await;
    assert_eq!((news.len(), news[0].action), (1, Action::Cancel));
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_has_its_news_once() {
    for fault in [Fault::LoseAnswer, Fault::LandedConflict, Fault::Conflict, Fault::FailBefore] {
        for call in 0..5 {
            let bank = bank();
            bank.store.plan(call, fault);
            let first = bank.verifier.callbacks().book(&alice(), &booking("r-1", "anana")).await;
            bank.store.heal();
            // Whatever became of it, the caller repeats it.
            let again = bank.verifier.callbacks().book(&alice(), &booking("r-1", "anana")).await;
            assert_eq!(again.as_ref().ok().map(|one| one.reveals), Some(0), "{first:?}");
            let news = drained(bank.verifier.outbox()).await;
            assert_eq!(news.len(), 1, "{fault:?} in call {call}");
        }
    }
}

#[tokio::test]
async fn a_thief_of_the_outbox_learns_nothing_and_forges_nothing() {
    let bank = bank();
    book(&bank, &alice(), "r-1").await;
    let store = bank.store.clone();
    let entries = store.entries(None, 10).await.unwrap().rows;
    let [entry] = &entries[..] else { panic!("{entries:?}") };
    for needle in ["anana", "alice", "bank.example", "r-1"] {
        let found = entry.sealed.windows(needle.len()).any(|part| part == needle.as_bytes());
        assert!(!found, "{needle}");
    }
    // Sealed for this write alone: put behind another one it does not open, and stops nobody's news.
    let mut forged = entry.clone();
    let flipped: Vec<u8> = forged.sealed.iter().map(|byte| byte ^ 1).collect();
    forged.sealed = flipped.into();
    for sealed in [entry.sealed.clone(), forged.sealed] {
        let head = countersign::store::Head { version: 77, ..bank.store.records()[0].1.head };
        let at = countersign::store::Place { id: [9; 16], ..entry.id.place };
        let record = countersign::store::Record { head, sealed: vec![1].into() };
        let news = countersign::store::News { entries: &[sealed], reserve: false };
        let absent = countersign::store::Expected::Absent;
        let other = FaultStore::new(MemoryStore::new());
        let put = other.put_if(&at, absent, &record, news, START).await.unwrap();
        assert_eq!(put, countersign::store::Put::Stored);
        let verifier =
            part(keyring(), &other, &bank.clock, &bank.seen, 3).outbox().build().unwrap();
        assert!(verifier.outbox().lease(MOST, LEASE).await.unwrap().is_none());
        assert_eq!(
            verifier.outbox().backlog().await.unwrap().entries,
            1,
            "kept for who looks into it"
        );
    }
}

/// A worker that gives back before it acknowledges what it delivered before, and parks what follows by it.
#[tokio::test]
async fn what_is_parked_behind_a_first_one_that_was_delivered_is_not_lost() {
    let mut policy = Policy::default();
    policy.callbacks.per_customer = 100;
    policy.callbacks.per_day = 1000;
    policy.outbox.attempts = 1;
    let bank = bank_over(MemoryStore::new(), policy);
    let outbox = bank.verifier.outbox();
    let first = book_later(&bank, &alice(), "a").await;
    let batch = leased(outbox).await;
    let parks = outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    assert_eq!(parks, GivenBack::Parked);
    outbox.release(batch).await.unwrap();
    let second = book_later(&bank, &alice(), "b").await;
    assert_eq!(drained(outbox).await, []);
    outbox.resume(&alice()).await.unwrap();

    let batch = leased(outbox).await;
    assert_eq!(subjects(&batch.notices), [first, second]);
    outbox.give_back(&batch, batch.notices[1].id, "no").await.unwrap();
    assert!(outbox.acknowledge(&batch, [batch.notices[0].id]).await.unwrap());
    outbox.release(batch).await.unwrap();
    let third = book_later(&bank, &alice(), "c").await;
    assert_eq!(drained(outbox).await, [], "it is parked again");
    outbox.resume(&alice()).await.unwrap();
    assert_eq!(subjects(&drained(outbox).await), [second, third]);
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
}

#[tokio::test]
async fn a_customer_whose_first_was_delivered_while_it_was_discarded_goes_on_as_before() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    book_later(&bank, &alice(), "a").await;
    let batch = leased(outbox).await;
    outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    outbox.release(batch).await.unwrap();
    bank.clock.advance(HOUR);
    let batch = leased(outbox).await;
    outbox.discard(&alice()).await.unwrap();
    acknowledged(outbox, batch).await;
    bank.clock.advance(HOUR);
    let next = book_later(&bank, &alice(), "b").await;
    assert_eq!(subjects(&drained(outbox).await), [next]);
    // Whatever fails then is tried again and parked as at first.
    let poison = book_later(&bank, &alice(), "c").await;
    for _ in 0..3 {
        let batch = leased(outbox).await;
        assert_eq!(subjects(&batch.notices), [poison]);
        outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
        outbox.release(batch).await.unwrap();
        bank.clock.advance(HOUR);
    }
    assert_eq!(outbox.parked().await.unwrap().len(), 1);
}

/// All that waits when the host gives it up is dropped, whether it was taken out of the lane or not.
#[tokio::test]
async fn what_waited_in_the_lane_is_discarded_too() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    for id in ["a", "b", "c"] {
        book_later(&bank, &alice(), id).await;
    }
    let batch = leased(outbox).await;
    outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    outbox.release(batch).await.unwrap();
    bank.clock.advance(bank.verifier.policy().leeway + Duration::from_secs(1));
    outbox.discard(&alice()).await.unwrap();
    let new = book_later(&bank, &alice(), "d").await;
    assert_eq!(subjects(&drained(outbox).await), [new]);
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
}

/// More entries than a worker looks at wait at the head of a lane: what comes behind them is delivered.
#[tokio::test]
async fn a_lane_that_is_full_of_what_waits_lets_others_through() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    let busy = customer(0);
    let other = in_lane_of(&busy).await;
    let first = book_later(&bank, &busy, "first").await;
    let batch = leased(outbox).await;
    outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    outbox.release(batch).await.unwrap();
    for n in 0..90 {
        let id = format!("more-{n}");
        let booked = book_later(&bank, &busy, &id).await;
        let Subject::Callback(booked) = booked else { panic!("{booked:?}") };
        for word in ["banana", "cherry", "damson", "elderberry"] {
            let amendment =
                countersign::callback::AmendmentRequest::new(request(&format!("{id}-{word}")));
            let amendment = amendment.secret(secret(word));
            bank.verifier.callbacks().amend(&busy, &booked, &amendment).await.unwrap();
        }
    }
    let new = book_later(&bank, &other, "new").await;
    let batch = leased(outbox).await;
    assert_eq!(subjects(&batch.notices), [new], "{first:?} and 450 others wait");
    acknowledged(outbox, batch).await;
    bank.clock.advance(HOUR);
    assert_eq!(drained(outbox).await.len(), 451);
}

/// A worker that acknowledges late: what failed after the first one waits for its own time.
#[tokio::test]
async fn a_later_one_that_was_given_back_waits_although_the_first_is_acknowledged_after_it() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    let wait = bank.verifier.policy().outbox.retry_after;
    let first = book_later(&bank, &alice(), "a").await;
    let second = book_later(&bank, &alice(), "b").await;
    let batch = leased(outbox).await;
    outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    outbox.release(batch).await.unwrap();
    bank.clock.advance(wait);
    let batch = leased(outbox).await;
    assert_eq!(subjects(&batch.notices), [first, second]);
    let back = outbox.give_back(&batch, batch.notices[1].id, "no").await.unwrap();
    let at = START.after(3 * wait);
    assert_eq!(back, GivenBack::Until(at));
    assert!(outbox.acknowledge(&batch, [batch.notices[0].id]).await.unwrap());
    outbox.release(batch).await.unwrap();
    let third = book_later(&bank, &alice(), "c").await;
    bank.clock.set(at.before(Duration::from_secs(1)));
    assert_eq!(drained(outbox).await, [], "not yet, and what follows it neither");
    bank.clock.set(at);
    let batch = leased(outbox).await;
    assert_eq!(subjects(&batch.notices), [second, third]);
    // It has failed once, not twice: it is tried again before it is parked.
    let again = outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    assert_eq!(again, GivenBack::Until(at.after(2 * wait)));
    outbox.release(batch).await.unwrap();
    bank.clock.advance(HOUR);
    assert_eq!(subjects(&drained(outbox).await), [second, third]);
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
    // Nothing is left of it.
    let fourth = book_later(&bank, &alice(), "d").await;
    assert_eq!(subjects(&drained(outbox).await), [fourth]);
}

/// The same if what was given back is delivered first, out of its order.
#[tokio::test]
async fn what_was_given_back_and_delivered_nonetheless_makes_nobody_wait() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    book_later(&bank, &alice(), "a").await;
    book_later(&bank, &alice(), "b").await;
    let batch = leased(outbox).await;
    outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    outbox.release(batch).await.unwrap();
    bank.clock.advance(HOUR);
    let batch = leased(outbox).await;
    let [first, second] = [batch.notices[0].id, batch.notices[1].id];
    outbox.give_back(&batch, second, "no").await.unwrap();
    assert!(outbox.acknowledge(&batch, [second]).await.unwrap());
    assert!(outbox.acknowledge(&batch, [first]).await.unwrap());
    outbox.release(batch).await.unwrap();
    let third = book_later(&bank, &alice(), "c").await;
    let batch = leased(outbox).await;
    assert_eq!(subjects(&batch.notices), [third]);
}

/// A worker that dies after it gave one back, and before it acknowledged those before it.
#[tokio::test]
async fn what_stands_before_a_parked_one_is_not_overtaken_by_what_follows_it() {
    let mut policy = Policy::default();
    policy.callbacks.per_customer = 100;
    policy.callbacks.per_day = 1000;
    policy.outbox.attempts = 1;
    let bank = bank_over(MemoryStore::new(), policy);
    let outbox = bank.verifier.outbox();
    let mut all = Vec::new();
    for id in ["a", "b", "c", "d"] {
        all.push(book_later(&bank, &alice(), id).await);
    }
    let batch = leased(outbox).await;
    let parks = outbox.give_back(&batch, batch.notices[1].id, "no").await.unwrap();
    assert_eq!(parks, GivenBack::Parked);
    bank.clock.advance(LEASE);
    assert_eq!(drained(outbox).await, []);
    assert_eq!(outbox.parked().await.unwrap()[0].waiting, 2, "behind the second");
    outbox.resume(&alice()).await.unwrap();
    assert_eq!(subjects(&drained(outbox).await), all);
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
}
