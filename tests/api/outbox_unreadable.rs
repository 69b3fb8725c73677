//! News that cannot be opened, and what is held of a customer that cannot be: whoever is responsible hears of it, and
//! nobody else's news wait.

use std::sync::{Arc, Mutex};

use countersign::outbox::UnreadableNews;
use countersign::random::SeededRandom;
use countersign::store::{EntryId, Expected, Head, News, Place, Put, Record, Store};
use countersign::{Keyring, Observer, Verifier};

use crate::support::outbox::*;
use crate::support::outbox_bank::{bank, book, book_later, customer, in_lane_of};
use crate::support::*;

/// Hears of what workers passed over.
#[derive(Debug, Clone, Default)]
struct Passed(Arc<Mutex<Vec<(u8, usize)>>>);

impl Passed {
    fn take(&self) -> Vec<(u8, usize)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Observer for Passed {
    fn observe(&self, _: &countersign::observer::Observed) {}

    fn unreadable_news(&self, lane: u8, entries: usize) {
        self.0.lock().unwrap().push((lane, entries));
    }
}

/// A worker of the same bank, with these keys.
fn worker(bank: &Bank, keyring: Keyring) -> (Verifier, Passed) {
    let passed = Passed::default();
    let builder = part(keyring, &bank.store, &bank.clock, &bank.seen, 8);
    let policy = bank.verifier.policy().clone();
    // Behind an `Arc`, as a host may have it.
    let builder = builder.policy(policy).observer(Arc::new(passed.clone())).outbox();
    (builder.build().unwrap(), passed)
}

#[tokio::test]
async fn a_worker_without_the_key_says_so_although_it_has_nothing_to_deliver() {
    let bank = bank();
    let mut rotated = keyring();
    let new = rotated.rotate(&SeededRandom::new(99)).unwrap();
    let copy = Keyring::from_bytes(&rotated.to_bytes()).unwrap();
    let (ahead, passed) = worker(&bank, rotated);
    for n in 0..3 {
        ahead.callbacks().book(&alice(), &booking(&format!("r-{n}"), "anana")).await.unwrap();
    }
    let lane = bank.store.records()[0].0.lane;
    let (behind, unheard) = worker(&bank, keyring());
    let outbox = behind.outbox();
    assert!(outbox.lease(MOST, LEASE).await.unwrap().is_none());
    assert_eq!(unheard.take(), [(lane, 3)]);
    let mut wanted = UnreadableNews::default();
    wanted.missing_keys.insert(new, 3);
    assert_eq!(outbox.unreadable().await.unwrap(), wanted);
    // They are whole, and those who have the key deliver them at once.
    let (whole, _) = worker(&bank, copy);
    assert_eq!(whole.outbox().unreadable().await.unwrap(), UnreadableNews::default());
    assert_eq!(drained(whole.outbox()).await.len(), 3);
    assert_eq!((unheard.take(), passed.take()), (vec![], vec![]));
    assert!(outbox.lease(MOST, LEASE).await.unwrap().is_none());
    assert_eq!(unheard.take(), [], "nothing is left");
}

/// Puts an entry that nobody sealed into the lane of `at`.
async fn forged(bank: &Bank, at: &Place) {
    let at = Place { id: [9; 16], ..*at };
    let head = Head { version: 77, ..bank.store.records()[0].1.head };
    let record = Record { head, sealed: vec![1].into() };
    let mut sealed = bank.store.entries(None, 1).await.unwrap().rows[0].sealed.to_vec();
    *sealed.last_mut().unwrap() ^= 1;
    let news = News { entries: &[sealed.into()], reserve: false };
    let put = bank.store.put_if(&at, Expected::Absent, &record, news, START).await.unwrap();
    assert_eq!(put, Put::Stored);
}

#[tokio::test]
async fn what_somebody_changed_is_counted_and_stops_nobody() {
    let bank = bank();
    let first = book(&bank, &alice(), "r-1").await;
    let at = bank.store.records()[0].0;
    forged(&bank, &at).await;
    let second = book(&bank, &alice(), "r-2").await;
    let (verifier, passed) = worker(&bank, keyring());
    let outbox = verifier.outbox();
    let batch = leased(outbox).await;
    assert_eq!((subjects(&batch.notices), batch.unreadable), (vec![first, second], 1));
    acknowledged(outbox, batch).await;
    assert!(outbox.lease(MOST, LEASE).await.unwrap().is_none());
    assert!(passed.take().iter().all(|told| *told == (at.lane, 1)));
    let found = outbox.unreadable().await.unwrap();
    assert_eq!((found.damaged, found.holds, found.missing_keys.len()), (1, 0, 0));
    assert_eq!(outbox.backlog().await.unwrap().entries, 1, "kept for who looks into it");
}

async fn rewrite(bank: &Bank, at: &Place, over: Head, sealed: &[u8]) -> Record {
    let record = Record { head: over, sealed: sealed.into() };
    let put = bank.store.put_if(at, Expected::Head(over), &record, News::NONE, START).await;
    assert_eq!(put.unwrap(), Put::Stored);
    record
}

/// A customer of whom it cannot be read what is held: their news wait, whatever they waited for before; everybody
/// else's go on. Once the row is mended all of it comes, in order.
#[tokio::test]
async fn a_hold_that_cannot_be_opened_keeps_the_news_of_its_customer_and_no_others() {
    for parked in [false, true] {
        let bank = bank();
        let neighbour = in_lane_of(&customer(0)).await;
        let (verifier, passed) = worker(&bank, keyring());
        let outbox = verifier.outbox();
        let mut all = vec![book_later(&bank, &customer(0), "first").await];
        for _ in 0..if parked { 3 } else { 1 } {
            let batch = leased(outbox).await;
            outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
            outbox.release(batch).await.unwrap();
            bank.clock.advance(HOUR);
        }
        for n in 0..3 {
            all.push(book_later(&bank, &customer(0), &format!("more-{n}")).await);
        }
        if parked {
            assert_eq!(drained(outbox).await, []);
            outbox.resume(&customer(0)).await.unwrap();
        }
        passed.take();
        // Of these rows what is held alone stays for ever.
        let mut rows = bank.store.records();
        rows.retain(|(_, row)| row.head.live_until > START.after(500 * DAY));
        let [(at, whole)] = &rows[..] else { panic!("{rows:?}") };
        let mut sealed = whole.sealed.to_vec();
        *sealed.last_mut().unwrap() ^= 1;
        let damaged = rewrite(&bank, at, whole.head, &sealed).await;

        let others = book_later(&bank, &neighbour, "other").await;
        let lane: Vec<EntryId> = entries(&bank).await;
        assert_eq!(subjects(&drained(outbox).await), [others], "parked: {parked}");
        let told = passed.take();
        assert!(told.contains(&(at.lane, if parked { 1 } else { 4 })), "{told:?}");
        assert_eq!(outbox.unreadable().await.unwrap().holds, 1);
        let left: Vec<EntryId> = entries(&bank).await;
        assert_eq!(
            left,
            lane[..lane.len() - 1],
            "nothing has left the lane but what was delivered"
        );

        rewrite(&bank, at, damaged.head, &whole.sealed).await;
        assert_eq!(subjects(&drained(outbox).await), all, "parked: {parked}");
        assert_eq!(outbox.unreadable().await.unwrap(), UnreadableNews::default());
    }
}

async fn entries(bank: &Bank) -> Vec<EntryId> {
    bank.store.entries(None, 1000).await.unwrap().rows.iter().map(|one| one.id).collect()
}
