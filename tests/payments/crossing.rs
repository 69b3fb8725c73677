//! Two calls, processes or answers that cross, and an enterprise that lost its rows.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use countersign::payment::ReceiptData;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome, Receipt};
use countersign::store::{Fault, FaultStore};
use countersign::token::{Audience, Leeway, UntrustedToken};
use countersign::{Error, MemoryStore};

use crate::support::crashes::{started, until_death};
use crate::support::*;

#[test]
fn a_write_that_lands_late_is_not_followed_by_a_charge() {
    let scene = scene();
    let done = |f| until_death(f).unwrap();
    let asked = done(Box::pin(scene.asked("p-1")) as std::pin::Pin<Box<dyn Future<Output = _>>>);
    let sealed = scene.sealed(&asked, &card(), 3);
    let acquirer = Recording::<false>::new(true);
    let before = scene.store.calls();
    // load keys, load charge, put charge
    scene.store.plan(2, Fault::Delay(50));
    let mut first = pin!(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..10 {
        assert!(first.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(scene.store.calls() - before, 3);
    scene.clock.advance(SURELY);
    // It lands now, when another call would find nothing and charge.
    let first = until_death(first);
    let second = until_death(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer));
    assert!(second.is_some());
    assert!(matches!(first, Some(Err(Error::Busy))), "{first:?}");
    assert_eq!(acquirer.charges(), 1);
}

/// Its record is written so late that the acquirer is not asked. Nobody could find that out later: the acquirer cannot
/// tell and must not be asked again, or the request is over by then.
fn a_late_write<const KEYS: bool>(late: Duration) {
    let started = started();
    let acquirer = Recording::<KEYS>::new(false);
    started.scene.store.plan(2, Fault::Delay(50));
    let (token, sealed) = (&started.asked.token, &started.sealed);
    let mut first = pin!(started.scene.vault.pay(&ALICE, token, sealed, &acquirer));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..10 {
        assert!(first.as_mut().poll(&mut cx).is_pending());
    }
    started.scene.clock.advance(late);
    let paid = until_death(first).unwrap().unwrap();
    let not_charged = DeclineReason::NotCharged;
    assert_eq!(*paid.receipt.outcome(), ChargeOutcome::Declined(not_charged));
    let again = started.pay(&acquirer).unwrap().unwrap();
    assert_eq!(again, paid);
    assert_eq!((acquirer.charges(), acquirer.book().authorised), (0, 0));
    assert_eq!(started.settled(&acquirer), PaymentOutcome::Declined(not_charged));
}

#[test]
fn a_write_that_lands_late_was_no_charge_though_the_acquirer_cannot_tell() {
    a_late_write::<false>(SURELY);
    a_late_write::<false>(HOUR);
    a_late_write::<true>(HOUR);
}

#[tokio::test]
async fn a_request_after_a_lost_row_is_another_payment_for_the_acquirer() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let acquirer = Recording::<true>::new(true);
    let first = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap().receipt;
    let capture = async |receipt: &Receipt| {
        scene.vault.capture(&alice(), receipt, 4_200, &request("c-1"), &acquirer).await.unwrap()
    };
    capture(&first).await;
    scene.clock.advance(HOUR);
    // A restored or emptied store; the desktop's ids begin anew.
    let store = FaultStore::new(MemoryStore::new());
    let bank = bank_on(&store, &scene.clock, &scene.bank_seen)
        .random(countersign::random::SeededRandom::new(99))
        .build()
        .unwrap();
    let key = scene.vault.public_key().await.unwrap();
    let mut dear = purchase();
    dear.amount = 999_900;
    let asking = countersign::payment::PaymentRequest::new(
        request("p-1"),
        merchant(),
        dear,
        "Bob".parse().unwrap(),
        key,
    );
    let asked = bank.payments().request(&bob_rings(), &asking).await.unwrap();
    let sealed = scene.sealed(&asked, &card_of(OTHER_PAN, "321"), 4);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let payment = bank.payments().apply_receipt(&alice(), &paid.receipt).await.unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }), "{payment:?}");
    // It says what was charged, since it was charged by itself.
    assert_eq!(acquirer.charges(), 2);
    // And it is captured by itself.
    capture(&paid.receipt).await;
    assert_eq!(acquirer.book().follow_ups.len(), 2);
}

#[tokio::test]
async fn nothing_has_expired_while_the_acquirer_may_still_answer() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let late =
        countersign::time::ManualClock::new(asked.payment.until.before(Duration::from_secs(1)));
    let vault = vault_on(&scene.store, &late, &scene.seen, 2).build().unwrap();
    // The bank's clock is 29 s ahead of the vault's.
    scene.clock.set(asked.payment.until.after(Duration::from_secs(28)));
    let acquirer = Recording::<true>::new(true);
    acquirer.plan(0, Trouble::Slow);
    let mut paying = Box::pin(vault.pay(&ALICE, &asked.token, &sealed, &acquirer));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..20 {
        assert!(paying.as_mut().poll(&mut cx).is_pending());
    }
    scene.clock.advance(Duration::from_secs(100));
    late.advance(Duration::from_secs(100));
    let outcome = scene.verifier.payments().outcome(&bob_rings(), &asked.payment.id).await.unwrap();
    acquirer.book().released = true;
    paying.await.unwrap();
    assert_eq!(acquirer.charges(), 1);
    assert_ne!(outcome, PaymentOutcome::Expired, "100 of 120 s after it was begun");
}

#[tokio::test]
async fn what_the_acquirer_finds_late_was_charged_all_the_same() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let acquirer = Recording::<true>::new(true);
    acquirer.plan(0, Trouble::Late);
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    scene.clock.advance(SURELY);
    scene.vault.reconcile(HOUR, &acquirer).await.unwrap();
    acquirer.land();
    scene.clock.advance(MINUTE);
    let swept = scene.vault.reconcile(HOUR, &acquirer).await.unwrap();
    let again = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    assert!(
        matches!(again.receipt.outcome(), ChargeOutcome::Authorised { .. }),
        "{swept:?} {:?} {}",
        again.receipt.outcome(),
        acquirer.charges()
    );
}

#[tokio::test]
async fn a_vault_that_is_ahead_within_the_leeway_is_believed() {
    let mut policy = countersign::Policy::default();
    policy.leeway = Duration::from_secs(120);
    let scene = scene_with(policy.clone());
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let ahead = countersign::time::ManualClock::new(START.after(MINUTE));
    let vault = vault_on(&scene.store, &ahead, &scene.seen, 2).policy(policy).build().unwrap();
    let paid =
        vault.pay(&ALICE, &asked.token, &sealed, &Recording::<true>::new(true)).await.unwrap();
    scene.verifier.payments().apply_receipt(&alice(), &paid.receipt).await.unwrap();
}

#[tokio::test]
async fn a_receipt_from_a_moment_ahead_is_no_receipt_from_the_future() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let own = countersign::time::ManualClock::new(START);
    let vault = vault_on(&scene.store, &own, &scene.seen, 2).build().unwrap();
    let acquirer = Recording::<true>::new(true);
    acquirer.plan(0, Trouble::Slow);
    let mut paying = Box::pin(vault.pay(&ALICE, &asked.token, &sealed, &acquirer));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..20 {
        assert!(paying.as_mut().poll(&mut cx).is_pending());
    }
    own.advance(30 * 24 * HOUR);
    acquirer.book().released = true;
    let paid = paying.await.unwrap();
    // At once, too: the request that it answers is the one that was asked, whatever the vault's clock says.
    let settled = scene.verifier.payments().apply_receipt(&alice(), &paid.receipt).await.unwrap();
    assert_eq!(settled.status, countersign::payment::PaymentStatus::Authorised);
    own.set(START.after(MINUTE));
    scene.clock.set(START.after(24 * HOUR));
    let receipt = vault.receipt(&asked.token).await.unwrap().unwrap();
    assert_eq!(receipt, paid.receipt);
    scene.verifier.payments().apply_receipt(&alice(), &receipt).await.unwrap();
    // Whoever else verifies it goes by its time.
    let (audience, token) = (Audience::from(&alice()), UntrustedToken::parse(receipt.token()));
    let read =
        token.unwrap().verify::<ReceiptData>(&vault_keys(), &audience, scene.now(), Leeway::NONE);
    assert!(read.is_ok(), "{read:?}");
}
