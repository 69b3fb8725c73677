//! Lanes that many share: other customers with much that waits, other banks, stores that give less than is asked for.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::sync::Arc;

use countersign::callback::BookingRequest;
use countersign::history::Subject;
use countersign::outbox::GivenBack;
use countersign::random::SeededRandom;
use countersign::store::{
    Entry, Expected, Head, Lease, Listed, News, Place, Put, Record, ScanCursor, Store, StoreError,
};
use countersign::time::{Clock, ManualClock};
use countersign::{Channel, CustomerId, Issuer, MemoryStore, Policy, Timestamp, Verifier, Window};

use crate::support::between::{Between, Via};
use crate::support::outbox::*;
use crate::support::outbox_bank::{bank, book, book_later, customer, in_lane_of};
use crate::support::*;

/// Gives so many entries at most, however many are asked for.
#[derive(Clone)]
struct Sparing {
    store: MemoryStore,
    most: usize,
    /// While a worker reads on, the clock passes the end of its lease, and another leases the lane.
    overtaken_by: Option<ManualClock>,
}

impl Between for Sparing {
    type Under = MemoryStore;

    fn under(&self) -> &MemoryStore {
        &self.store
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        self.store.lease(token, limit.min(self.most), now, until).await
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        if let Some(clock) = &self.overtaken_by {
            clock.advance(2 * LEASE);
            let now = clock.now().unwrap();
            drop(self.store.lease(&[9; 16], 1, now, now.after(LEASE)).await?);
        }
        self.store.entries(after, limit.min(self.most)).await
    }
}

struct Spared {
    verifier: Verifier,
    clock: ManualClock,
}

fn spared(most: usize) -> Spared {
    let mut policy = Policy::default();
    policy.callbacks.per_customer = 100;
    policy.callbacks.per_day = 1000;
    let clock = ManualClock::new(START);
    let verifier = Verifier::builder(Issuer::new("bank.example").unwrap(), keyring())
        .store(Via(Sparing { store: MemoryStore::new(), most, overtaken_by: None }))
        .clock(clock.clone())
        .random(SeededRandom::new(1))
        .policy(policy)
        .outbox()
        .build()
        .unwrap();
    Spared { verifier, clock }
}

impl Spared {
    async fn book(&self, customer: &CustomerId, id: &str) -> Subject {
        let now = self.clock.now().unwrap();
        let window = Window::new(now, now.after(HOUR)).unwrap();
        let booking = BookingRequest::new(request(id), window, Channel::Voice, secret("anana"));
        Subject::Callback(self.verifier.callbacks().book(customer, &booking).await.unwrap().id)
    }

    /// So many news of one customer, who books and cancels.
    async fn much(&self, customer: &CustomerId, count: usize) {
        let mut booked = None;
        for n in 0..count {
            let Some(id) = booked.take() else {
                let Subject::Callback(id) = self.book(customer, &format!("r-{n}")).await else {
                    panic!("a callback was booked")
                };
                booked = Some(id);
                continue;
            };
            self.verifier.callbacks().cancel(customer, &id).await.unwrap();
        }
    }

    /// The first of the lane is given back until it is parked.
    async fn park(&self) {
        let outbox = self.verifier.outbox();
        for _ in 0..self.verifier.policy().outbox.attempts {
            let batch = leased(outbox).await;
            outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
            outbox.release(batch).await.unwrap();
            self.clock.advance(HOUR / 2);
        }
    }
}

const FIVE_HUNDRED: usize = 500;

#[tokio::test]
async fn what_waits_stops_nobody_behind_it_though_the_store_gives_little_at_a_time() {
    for most in [7, 200, 256] {
        let bank = spared(most);
        let outbox = bank.verifier.outbox();
        let (busy, other) = (customer(0), in_lane_of(&customer(0)).await);
        bank.much(&busy, FIVE_HUNDRED).await;
        let batch = leased(outbox).await;
        outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
        outbox.release(batch).await.unwrap();
        let new = bank.book(&other, "new").await;
        let batch = leased(outbox).await;
        assert_eq!(subjects(&batch.notices), [new], "{most} at a time");
        acknowledged(outbox, batch).await;
        assert!(outbox.lease(MOST, LEASE).await.unwrap().is_none());
        bank.clock.advance(HOUR / 4);
        assert_eq!(drained(outbox).await.len(), 500);
    }
}

/// Of what is parked a thousand leave the lane, and the rest stays in it.
#[tokio::test]
async fn more_than_can_be_taken_out_of_the_lane_stops_nobody_either() {
    let bank = spared(300);
    let outbox = bank.verifier.outbox();
    let (busy, other) = (customer(0), in_lane_of(&customer(0)).await);
    bank.much(&busy, 1400).await;
    bank.park().await;
    assert_eq!(drained(outbox).await, []);
    assert_eq!(outbox.parked().await.unwrap()[0].waiting, 1000);
    assert_eq!(outbox.backlog().await.unwrap().entries, 400, "the first, and what is left over");
    let new = bank.book(&other, "new").await;
    assert_eq!(subjects(&drained(outbox).await), [new]);
    outbox.resume(&busy).await.unwrap();
    assert_eq!(drained(outbox).await.len(), 1400);
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
}

#[tokio::test]
async fn all_that_is_discarded_is_dropped_though_the_store_gives_little_at_a_time() {
    let bank = spared(200);
    let outbox = bank.verifier.outbox();
    bank.much(&alice(), FIVE_HUNDRED).await;
    let batch = leased(outbox).await;
    outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    outbox.release(batch).await.unwrap();
    bank.clock.advance(HOUR / 4);
    outbox.discard(&alice()).await.unwrap();
    let new = bank.book(&alice(), "new").await;
    assert_eq!(subjects(&drained(outbox).await), [new]);
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
}

#[tokio::test]
async fn a_batch_is_as_large_as_asked_for_though_the_store_gives_little_at_a_time() {
    let bank = spared(50);
    let outbox = bank.verifier.outbox();
    bank.much(&alice(), FIVE_HUNDRED).await;
    let batch = outbox.lease(NonZeroU16::new(450).unwrap(), LEASE).await.unwrap().unwrap();
    assert_eq!(batch.notices.len(), 450);
    acknowledged(outbox, batch).await;
    assert_eq!(leased(outbox).await.notices.len(), 50);
}

/// Two banks that share a store and its keys: each one's worker gets its own bank's news, and holds nobody else's.
#[tokio::test]
async fn a_worker_gets_no_news_of_another_bank_that_shares_the_store() {
    let (store, clock) = (MemoryStore::new(), ManualClock::new(START));
    let bank = |name: &str, seed| {
        let builder = Verifier::builder(Issuer::new(name).unwrap(), keyring());
        let builder = builder.store(store.clone()).clock(clock.clone());
        builder.random(SeededRandom::new(seed)).outbox().build().unwrap()
    };
    let (one, other) = (bank("bank.example", 1), bank("other.example", 2));
    let mut wanted = BTreeMap::new();
    for n in 0..40 {
        let customer = customer(n);
        for (bank, told) in [(&one, 0), (&other, 1)] {
            let booked = bank.callbacks().book(&customer, &booking("r-1", "anana")).await.unwrap();
            let subject = Subject::Callback(booked.id);
            wanted.entry(told).or_insert_with(Vec::new).push((customer.clone(), subject));
        }
    }
    for (bank, own) in [(&one, 0), (&other, 1)] {
        let told = drained(bank.outbox()).await;
        let mut told: Vec<_> = told.into_iter().map(|one| (one.customer, one.subject)).collect();
        told.sort_by_key(|(customer, _)| customer.clone());
        let mut own = wanted[&own].clone();
        own.sort_by_key(|(customer, _)| customer.clone());
        assert_eq!(told, own);
        let left = bank.outbox().unreadable().await.unwrap();
        assert_eq!((left.damaged, left.missing_keys.len()), (0, 0));
    }
    assert_eq!(one.outbox().backlog().await.unwrap().entries, 0);
}

/// STANDARDS: twenty tries before news are parked; after an outage all go on by one call.
#[tokio::test]
async fn an_outage_of_hours_parks_nobody_and_one_call_ends_a_longer_one() {
    let bank = spared(256);
    let outbox = bank.verifier.outbox();
    let mut wanted = BTreeMap::new();
    for n in 0..30 {
        wanted.insert(customer(n), bank.book(&customer(n), "r-1").await);
    }
    for attempt in 1..=20 {
        let mut given_back = 0;
        while let Some(batch) = outbox.lease(MOST, LEASE).await.unwrap() {
            for notice in &batch.notices {
                let back = outbox.give_back(&batch, notice.id, "500").await.unwrap();
                assert_eq!(back == GivenBack::Parked, attempt == 20, "{attempt}");
                given_back += 1;
            }
            outbox.release(batch).await.unwrap();
        }
        assert_eq!(given_back, 30, "{attempt}");
        bank.clock.advance(HOUR / 6);
    }
    bank.clock.advance(DAY);
    assert_eq!(drained(outbox).await, []);
    assert_eq!(outbox.parked().await.unwrap().len(), 30);
    assert_eq!(outbox.resume_all().await.unwrap(), 30);
    assert_eq!(outbox.resume_all().await.unwrap(), 0, "nobody's are parked any more");
    let told: BTreeMap<_, _> =
        drained(outbox).await.into_iter().map(|one| (one.customer, one.subject)).collect();
    assert_eq!(told, wanted);
}

/// The clocks of two instances differ: what one of them does after another has discarded is delivered.
#[tokio::test]
async fn what_an_instance_with_a_slow_clock_does_after_a_discard_is_delivered() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    let poison = book(&bank, &alice(), "r-1").await;
    let batch = leased(outbox).await;
    assert_eq!(subjects(&batch.notices), [poison]);
    outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    outbox.release(batch).await.unwrap();
    bank.clock.advance(HOUR);
    outbox.discard(&alice()).await.unwrap();
    let discarded = START.after(HOUR);
    bank.clock.set(discarded.before(bank.verifier.policy().leeway));
    let new = book_later(&bank, &alice(), "r-2").await;
    bank.clock.set(discarded);
    assert_eq!(subjects(&drained(outbox).await), [new]);
    assert_eq!(outbox.backlog().await.unwrap().entries, 0);
}

/// A worker whose clock is a year ahead leases a lane and dies. The lane is not lost for a year.
#[tokio::test]
async fn a_lease_of_a_clock_that_was_far_ahead_keeps_nobody_out() {
    let bank = bank();
    let outbox = bank.verifier.outbox();
    let new = book(&bank, &alice(), "r-1").await;
    bank.clock.advance(365 * DAY);
    let far = leased(outbox).await;
    bank.clock.set(START);
    let batch = leased(outbox).await;
    assert_eq!(subjects(&batch.notices), [new]);
    // The dead worker wakes: the lease is another's.
    let id = far.notices[0].id;
    assert!(!outbox.acknowledge(&far, [id]).await.unwrap());
    acknowledged(outbox, batch).await;
}

/// Entries that go while others are looked through make nobody pass over any that stay.
#[tokio::test]
async fn entries_that_are_acknowledged_meanwhile_shift_nothing() {
    let store = MemoryStore::new();
    let until = START.after(HOUR);
    let head = |version| Head { version, created: START, live_until: until, retain_until: until };
    let at = Place { lane: 7, owner: [1; 16], id: [1; 16] };
    let news: Vec<Arc<[u8]>> = (0..10).map(|n| Arc::from([n])).collect();
    let new = Record { head: head(1), sealed: Arc::from([0]) };
    let news = News { entries: &news, reserve: false };
    let put = store.put_if(&at, Expected::Absent, &new, news, START).await.unwrap();
    assert_eq!(put, Put::Stored);
    let first = store.entries(None, 4).await.unwrap();
    let lease = store.lease(&[1; 16], 3, START, until).await.unwrap().unwrap();
    let gone: Vec<_> = lease.entries.iter().map(|entry| entry.id).collect();
    assert!(store.acknowledge(&lease, &gone, START).await.unwrap());
    let rest = store.entries(first.next.as_ref(), 100).await.unwrap();
    let indexes: Vec<_> = rest.rows.iter().map(|entry| entry.id.index).collect();
    assert_eq!((indexes, rest.next), ((4..10).collect(), None));
}

/// What it read is another worker's by then: it delivers none of it, and what was discarded stays so.
#[tokio::test]
async fn a_worker_that_is_overtaken_while_it_reads_on_decides_nothing() {
    let (store, clock) = (MemoryStore::new(), ManualClock::new(START));
    let build = |slow: bool| {
        let mut policy = Policy::default();
        policy.callbacks.per_customer = 100;
        policy.callbacks.per_day = 1000;
        let builder = Verifier::builder(Issuer::new("bank.example").unwrap(), keyring());
        let builder = builder.clock(clock.clone()).policy(policy).outbox();
        let builder = if slow {
            let overtaken_by = Some(clock.clone());
            builder.store(Via(Sparing { store: store.clone(), most: 200, overtaken_by }))
        } else {
            builder.store(store.clone())
        };
        builder.random(SeededRandom::new(1 + u64::from(slow))).build().unwrap()
    };
    let bank = Spared { verifier: build(false), clock: clock.clone() };
    bank.much(&alice(), 300).await;
    let outbox = bank.verifier.outbox();
    let batch = leased(outbox).await;
    outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
    outbox.release(batch).await.unwrap();
    clock.advance(HOUR / 4);
    outbox.discard(&alice()).await.unwrap();

    assert!(build(true).outbox().lease(MOST, LEASE).await.unwrap().is_none());
    assert_eq!(outbox.backlog().await.unwrap().entries, 300, "nothing has left the lane");
    clock.advance(HOUR / 4);
    assert_eq!(drained(outbox).await, []);
    assert_eq!(outbox.backlog().await.unwrap().entries, 0, "all of it was dropped");
}
