//! Clocks that are wrong for a moment, or differ: no key outlives its day, and no charge is lost.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use countersign::Error;
use countersign::payment::ChargeOutcome;
use countersign::time::ManualClock;

use crate::support::crashes::finish;
use crate::support::*;

#[tokio::test]
async fn a_key_drawn_while_the_clock_was_ahead_is_drawn_anew() {
    for ahead in [MINUTE, 13 * HOUR, 365 * 24 * HOUR] {
        let scene = scene();
        let first = scene.vault.public_key().await.unwrap();
        scene.clock.set(START.after(13 * HOUR).after(ahead));
        let second = scene.vault.public_key().await.unwrap();
        assert_ne!(first, second);
        // A card sealed while the clock was ahead.
        let asked = scene.asked("p-1").await;
        let sealed = scene.sealed(&asked, &card(), 3);
        scene.clock.set(START.after(13 * HOUR));
        scene.vault.purge(100).await.unwrap();
        let third = scene.vault.public_key().await.unwrap();
        assert_ne!(third, second, "{ahead:?} ahead");
        // It was destroyed, and not only left out: nothing opens with it when its time comes.
        scene.clock.set(START.after(13 * HOUR).after(ahead));
        let acquirer = Recording::<true>::new(true);
        refused(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
        assert_eq!(acquirer.book().authorised, 0);
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_by_less_than_the_leeway_destroys_no_key() {
    let scene = scene();
    scene.clock.set(START.after(std::time::Duration::from_secs(30)));
    let first = scene.vault.public_key().await.unwrap();
    let behind = vault_on(&scene.store, &ManualClock::new(START), &scene.seen, 9).build().unwrap();
    assert_eq!(behind.public_key().await.unwrap(), first);
    behind.purge(100).await.unwrap();
    assert_eq!(scene.vault.public_key().await.unwrap(), first);
}

/// The second machine would find nothing, and charge while the first one's authorisation is on its way; or its sweep
/// would tell the bank that nothing was charged.
#[test]
fn a_machine_that_is_ahead_by_less_than_the_leeway_charges_no_second_time() {
    let second = Duration::from_secs(1);
    for leeway in [10 * second, 30 * second, 2 * MINUTE] {
        let mut policy = countersign::Policy::default();
        policy.leeway = leeway;
        let scene = scene_with(policy.clone());
        let acquirer = Recording::<false>::new(true);
        let asked = finish(scene.asked("p-1"));
        let sealed = scene.sealed(&asked, &card(), 3);
        acquirer.plan(0, Trouble::Slow);
        let mut first = pin!(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer));
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..20 {
            assert!(first.as_mut().poll(&mut cx).is_pending());
        }
        // The last second of the acquirer's time, by a clock that is ahead.
        let over = START.after(scene.vault.policy().payments.authorise_within).after(leeway);
        let ahead = ManualClock::new(over.before(second));
        let other = vault_on(&scene.store, &ahead, &scene.seen, 9).policy(policy).build().unwrap();
        let rows = scene.store.records();
        for _ in 0..2 {
            let busy = finish(other.pay(&ALICE, &asked.token, &sealed, &acquirer));
            assert!(matches!(busy, Err(Error::Busy)), "{leeway:?}: {busy:?}");
            let swept = finish(other.reconcile(HOUR, &acquirer)).unwrap();
            assert!(swept.receipts.is_empty() && swept.failed.is_none(), "{leeway:?}: {swept:?}");
        }
        assert_eq!(scene.store.records(), rows, "{leeway:?}");
        // What it knows it may say at any time; to authorise it is not asked.
        assert_eq!(acquirer.book().authorised, 0, "{leeway:?}");
        acquirer.book().released = true;
        let paid = finish(first).unwrap();
        assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
        ahead.set(over);
        assert_eq!(finish(other.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap(), paid);
        assert_eq!(acquirer.charges(), 1, "{leeway:?}");
    }
}

#[test]
fn at_the_end_of_the_acquirer_s_time_and_the_leeway_a_payment_is_taken_up() {
    let scene = scene();
    let acquirer = Recording::<false>::new(true);
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    acquirer.plan(0, Trouble::DiesBefore);
    assert!(
        crate::support::crashes::until_death(scene.vault.pay(
            &ALICE,
            &asked.token,
            &sealed,
            &acquirer
        ))
        .is_none()
    );
    scene.clock.set(START.after(SURELY).before(Duration::from_secs(1)));
    let busy = finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer));
    assert!(matches!(busy, Err(Error::Busy)), "{busy:?}");
    scene.clock.set(START.after(SURELY));
    let paid = finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!(acquirer.charges(), 1);
}

/// The bank's clock is ahead, and by it the next hour has begun.
#[test]
fn a_sweep_finds_what_a_bank_whose_clock_is_ahead_has_asked_for() {
    let second = Duration::from_secs(1);
    for leeway in [10 * second, 30 * second, 2 * MINUTE] {
        let mut policy = countersign::Policy::default();
        policy.leeway = leeway;
        let scene = scene_with(policy.clone());
        let behind = ManualClock::new(START.before(leeway));
        let vault = vault_on(&scene.store, &behind, &scene.seen, 9).policy(policy).build().unwrap();
        let acquirer = Recording::<true>::new(true);
        let asked = finish(scene.asked("p-1"));
        let sealed = scene.sealed(&asked, &card(), 3);
        let paid = finish(vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
        let swept = finish(vault.reconcile(MINUTE, &acquirer)).unwrap();
        assert_eq!(swept.receipts, [(alice(), paid.receipt)], "{leeway:?}");
    }
}

/// A card comes in at the very end of its request, at a machine whose clock lags; another one sweeps.
#[test]
fn a_sweep_finds_what_came_in_at_a_machine_that_lags() {
    let second = Duration::from_secs(1);
    for leeway in [10 * second, 30 * second, 2 * MINUTE] {
        let mut policy = countersign::Policy::default();
        policy.leeway = leeway;
        policy.payments.valid_for = HOUR;
        policy.payments.authorise_within = 12 * second;
        let scene = scene_with(policy.clone());
        let acquirer = Recording::<true>::new(true);
        // The last second of an hour.
        scene.clock.set(START.after(HOUR).before(second));
        let asked = finish(scene.asked("p-1"));
        let sealed = scene.sealed(&asked, &card(), 3);
        let lags = ManualClock::new(asked.payment.until.before(second));
        let vault = vault_on(&scene.store, &lags, &scene.seen, 9).policy(policy).build().unwrap();
        let paid = finish(vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
        // A second after it came in, by the clock that does not lag.
        scene.clock.set(asked.payment.until.after(leeway));
        let swept = finish(scene.vault.reconcile(second, &acquirer)).unwrap();
        assert_eq!(swept.receipts, [(alice(), paid.receipt)], "{leeway:?}");
    }
}
