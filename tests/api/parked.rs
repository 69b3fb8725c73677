//! News of one customer that nobody can deliver: they leave room for others', can be given up whatever became of their
//! record, and are not kept when the customer is erased.

use countersign::callback::BookingRequest;
use countersign::error::Invalid;
use countersign::history::Action;
use countersign::outbox::GivenBack;
use countersign::store::{Expected, Head, News, Place, Put, Record, Store};
use countersign::{Channel, CustomerId, Error, Keyring, MemoryStore, Policy, Window};

use crate::support::outbox::*;
use crate::support::outbox_bank::{bank, bank_over, book_later, customer, in_lane_of};
use crate::support::*;

/// Gives the customer's first one back until all are parked.
async fn parked(bank: &Bank) {
    for _ in 0..bank.verifier.policy().outbox.attempts {
        let batch = leased(bank.verifier.outbox()).await;
        let given = bank.verifier.outbox().give_back(&batch, batch.notices[0].id, "no").await;
        bank.verifier.outbox().release(batch).await.unwrap();
        bank.clock.advance(HOUR);
        if given.unwrap() == GivenBack::Parked {
            return;
        }
    }
    panic!("it was not parked");
}

/// The row of what is held: of these rows it alone stays for ever.
fn hold(bank: &Bank) -> (Place, Record) {
    let mut rows = bank.store.records();
    rows.retain(|(_, row)| row.head.retain_until > START.after(5000 * DAY));
    let [row] = &rows[..] else { panic!("{rows:?}") };
    row.clone()
}

/// Whether a row is there, retained or not.
async fn stands(bank: &Bank, at: &Place) -> bool {
    bank.store.scan(None, 1000).await.unwrap().rows.iter().any(|(place, _)| place == at)
}

async fn damage(bank: &Bank) -> (Place, Head) {
    let (at, whole) = hold(bank);
    let mut sealed = whole.sealed.to_vec();
    *sealed.last_mut().unwrap() ^= 1;
    let broken = Record { head: whole.head, sealed: sealed.into() };
    let put = bank.store.put_if(&at, Expected::Head(whole.head), &broken, News::NONE, START).await;
    assert_eq!(put.unwrap(), Put::Stored);
    (at, whole.head)
}

/// What was taken out of the lane is lost with it. What stands there is delivered.
#[tokio::test]
async fn a_hold_that_is_damaged_for_good_can_be_given_up() {
    for is_parked in [false, true] {
        let bank = bank();
        let outbox = bank.verifier.outbox();
        let first = book_later(&bank, &customer(0), "first").await;
        let mut stands = vec![first];
        if is_parked {
            parked(&bank).await;
            // This one is taken out of the lane.
            book_later(&bank, &customer(0), "second").await;
            assert_eq!(drained(outbox).await, []);
        } else {
            let batch = leased(outbox).await;
            outbox.give_back(&batch, batch.notices[0].id, "no").await.unwrap();
            outbox.release(batch).await.unwrap();
        }
        let third = book_later(&bank, &customer(0), "third").await;
        stands.push(third);
        damage(&bank).await;
        bank.clock.advance(2 * HOUR);
        assert_eq!(drained(outbox).await, [], "nobody knows what comes first");
        assert!(matches!(outbox.resume(&customer(0)).await, Err(Error::Record(_))));
        outbox.discard(&customer(0)).await.unwrap();
        assert_eq!(outbox.unreadable().await.unwrap().holds, 0);
        assert_eq!(subjects(&drained(outbox).await), stands, "parked: {is_parked}");
        assert!(matches!(outbox.discard(&customer(0)).await, Err(Error::Refused(_))));
    }
}

/// Another process may have the key.
#[tokio::test]
async fn a_hold_whose_key_is_missing_is_not_given_up() {
    let bank = bank();
    book_later(&bank, &alice(), "first").await;
    parked(&bank).await;
    let mut newer = keyring();
    let old = newer.active();
    newer.rotate(&countersign::random::SeededRandom::new(99)).unwrap();
    newer.remove(old).unwrap();
    let without = Keyring::from_bytes(&newer.to_bytes()).unwrap();
    let builder = part(without, &bank.store, &bank.clock, &bank.seen, 8);
    let without = builder.outbox().build().unwrap();
    assert!(matches!(without.outbox().discard(&alice()).await, Err(Error::Record(_))));
    hold(&bank);
}

/// Somebody with a session books and cancels without end while nobody can deliver it: others of the lane are let in.
#[tokio::test]
async fn what_is_parked_of_one_customer_leaves_room_for_the_others() {
    let mut policy = Policy::default();
    policy.outbox.attempts = 1;
    let most = usize::from(policy.callbacks.per_day);
    let bank = bank_over(MemoryStore::with_capacity(3000), policy);
    let neighbour = in_lane_of(&customer(0)).await;
    let callbacks = bank.verifier.callbacks();
    book_later(&bank, &customer(0), "first").await;
    parked(&bank).await;
    let begun = bank.clock.clone();
    for day in 0..3 {
        let now = countersign::time::Clock::now(&begun).unwrap();
        let booking = |n: usize| {
            let window = Window::new(now, now.after(HOUR)).unwrap();
            let request = request(&format!("{day}-{n}"));
            BookingRequest::new(request, window, Channel::Voice, secret("anana"))
        };
        // One was booked before, the first day.
        let left = most - usize::from(day == 0);
        for n in 0..left {
            let booked = callbacks.book(&customer(0), &booking(n)).await.unwrap();
            callbacks.cancel(&customer(0), &booked.id).await.unwrap();
        }
        for n in left..3000 {
            let refused = callbacks.book(&customer(0), &booking(n)).await;
            assert!(
                matches!(refused, Err(Error::Invalid(Invalid::TooManyCallbacksInADay))),
                "{refused:?}"
            );
        }
        // What is repeated is none more.
        callbacks.book(&customer(0), &booking(0)).await.unwrap();
        let others = booking_of(&bank, &neighbour, day).await;
        assert!(others.is_ok(), "{others:?}");
        // The hour in which the first one was booked counts as a whole.
        begun.advance(25 * HOUR);
    }
}

async fn booking_of(bank: &Bank, customer: &CustomerId, day: usize) -> Result<(), Error> {
    let now = countersign::time::Clock::now(&bank.clock).unwrap();
    let window = Window::new(now, now.after(HOUR)).unwrap();
    let request = request(&format!("other-{day}"));
    let booking = BookingRequest::new(request, window, Channel::Voice, secret("anana"));
    bank.verifier.callbacks().book(customer, &booking).await.map(drop)
}

/// Neither kept with their name for ever, nor left out of what is exported.
#[tokio::test]
async fn what_is_parked_of_an_erased_customer_is_not_kept_for_ever() {
    for is_damaged in [false, true] {
        let bank = signing();
        let (outbox, customers) = (bank.verifier.outbox(), bank.verifier.customers());
        book_later(&bank, &alice(), "first").await;
        assert_eq!(customers.export(&alice()).await.unwrap().parked, None);
        parked(&bank).await;
        let listed = outbox.parked().await.unwrap();
        assert_eq!((listed.len(), &listed[0].customer), (1, &alice()));
        let export = customers.export(&alice()).await.unwrap();
        assert_eq!((export.parked.as_ref(), export.unreadable), (listed.first(), 0));
        let (at, _) = hold(&bank);
        if is_damaged {
            damage(&bank).await;
            let export = customers.export(&alice()).await.unwrap();
            assert_eq!((export.parked, export.unreadable), (None, 1));
        }

        customers.erase(&alice()).await.unwrap();
        assert_eq!(outbox.parked().await.unwrap(), []);
        assert_eq!(outbox.unreadable().await.unwrap().holds, 0);
        // What was written since is news as any other.
        let told = drained(outbox).await;
        let actions: Vec<_> = told.iter().map(|notice| notice.action).collect();
        assert!(actions.ends_with(&[Action::BeginErasure, Action::Erase]), "{actions:?}");
        assert_eq!(actions.contains(&Action::Book), is_damaged, "{actions:?}");
        bank.clock.advance(HOUR);
        bank.verifier.purge(1000).await.unwrap();
        assert!(!stands(&bank, &at).await);
    }
}

/// No worker comes any more: a discarded one ends with its retention.
#[tokio::test]
async fn what_was_discarded_is_kept_no_longer_than_a_history() {
    let bank = bank();
    book_later(&bank, &alice(), "first").await;
    parked(&bank).await;
    let (at, _) = hold(&bank);
    bank.verifier.outbox().discard(&alice()).await.unwrap();
    bank.clock.advance(bank.verifier.policy().retention);
    bank.verifier.purge(1000).await.unwrap();
    assert!(stands(&bank, &at).await);
    bank.clock.advance(2 * HOUR);
    bank.verifier.purge(1000).await.unwrap();
    assert!(!stands(&bank, &at).await);
}

/// A bank that signs, since an erasure is signed.
fn signing() -> Bank {
    let plain = bank();
    let builder = part(keyring(), &plain.store, &plain.clock, &plain.seen, 5);
    let builder = builder.policy(plain.verifier.policy().clone()).outbox();
    let verifier = builder.signing_key(crate::support::challenges::signing()).build().unwrap();
    Bank { verifier, clock: plain.clock, store: plain.store, seen: plain.seen }
}
