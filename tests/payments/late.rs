//! The acquirer, the device or a sweep comes late: what is known by then stands, and nothing is charged
//! twice.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use countersign::Error;
use countersign::history::Action;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::store::Fault;

use crate::support::crashes::{finish, started, until_death};
use crate::support::*;

#[test]
fn a_charge_that_lands_after_its_time_out_is_not_made_twice() {
    let started = started();
    let acquirer = Recording::<false>::new(true);
    acquirer.plan(0, Trouble::Late);
    let unresolved = started.pay(&acquirer).unwrap().unwrap();
    assert_eq!(*unresolved.receipt.outcome(), ChargeOutcome::Unresolved);
    // Not found, but perhaps only not yet: neither the device nor a sweep takes that for an answer.
    assert_eq!(started.pay(&acquirer).unwrap().unwrap(), unresolved);
    assert_eq!(started.settled(&acquirer), PaymentOutcome::Unresolved);
    started.scene.clock.advance(MINUTE);
    acquirer.land();
    started.scene.clock.advance(SURELY);
    let paid = started.pay(&acquirer).unwrap().unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!((acquirer.charges(), acquirer.book().authorised), (1, 1));
    assert!(paid.card_token.is_some());
    assert!(matches!(started.settled(&acquirer), PaymentOutcome::Authorised { .. }));
}

#[test]
fn an_authorisation_that_comes_after_all_outweighs_what_was_not_found() {
    let started = started();
    let acquirer = Recording::<false>::new(true);
    acquirer.plan(0, Trouble::Slow);
    let mut paying =
        pin!(started.scene.vault.pay(&ALICE, &started.asked.token, &started.sealed, &acquirer));
    for _ in 0..20 {
        assert!(paying.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    // The acquirer takes far longer than it may. A sweep finds nothing.
    started.scene.clock.advance(HOUR);
    let declined = PaymentOutcome::Declined(DeclineReason::NotCharged);
    assert_eq!(started.settled(&acquirer), declined);
    acquirer.book().released = true;
    let paid = finish(paying).unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert!(paid.card_token.is_some());
    assert!(matches!(started.settled(&acquirer), PaymentOutcome::Authorised { .. }));
    assert_eq!(acquirer.charges(), 1);
}

#[test]
fn a_resume_that_finds_no_charge_asks_the_customer_again() {
    let started = started();
    let acquirer = Recording::<true>::new(true);
    acquirer.plan(0, Trouble::DiesBefore);
    assert!(started.pay(&acquirer).is_none());
    let busy = started.pay(&acquirer).unwrap();
    assert!(matches!(busy, Err(Error::Busy)), "{busy:?}");
    started.scene.clock.advance(SURELY);
    let declined = PaymentOutcome::Declined(DeclineReason::NotCharged);
    assert_eq!(started.settled(&acquirer), declined);
    // That request is done with, for the same card as for another.
    let paid = started.pay(&acquirer).unwrap().unwrap();
    assert_eq!((acquirer.charges(), paid.card_token), (0, None));
    // The agent asks again, and the customer pays.
    let asked = finish(started.scene.asked("p-2"));
    let sealed = started.scene.sealed(&asked, &card(), 4);
    let paid = finish(started.scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!(acquirer.charges(), 1);
}

#[test]
fn a_sweep_leaves_alone_what_another_call_began_again() {
    let started = started();
    let acquirer = Recording::<true>::new(true);
    acquirer.plan(0, Trouble::DiesBefore);
    assert!(started.pay(&acquirer).is_none());
    started.scene.clock.advance(SURELY);
    // A sweep looks for the charge, and while it waits for the answer the device's second call comes.
    let sweep = started.scene.vault.reconcile(HOUR, &acquirer);
    let mut sweep = pin!(sweep);
    let mut cx = Context::from_waker(Waker::noop());
    while acquirer.book().sought == 0 {
        assert!(sweep.as_mut().poll(&mut cx).is_pending());
    }
    let paid = started.pay(&acquirer).unwrap().unwrap();
    let swept = finish(sweep).unwrap();
    assert_eq!(swept.receipts, [(alice(), paid.receipt.clone())]);
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!(acquirer.charges(), 1);
}

#[test]
fn what_a_sweep_did_not_find_says_nothing_of_an_attempt_that_began_since() {
    // The acquirer finds nothing, or does not say.
    sweeps_beside_a_second_attempt(true);
    sweeps_beside_a_second_attempt(false);
}

fn sweeps_beside_a_second_attempt(finds: bool) {
    let started = started();
    let acquirer = Recording::<true>::new(finds);
    acquirer.plan(0, Trouble::DiesBefore);
    assert!(started.pay(&acquirer).is_none());
    started.scene.clock.advance(SURELY);
    let mut cx = Context::from_waker(Waker::noop());
    let mut sweep = pin!(started.scene.vault.reconcile(HOUR, &acquirer));
    while acquirer.book().sought == 0 {
        assert!(sweep.as_mut().poll(&mut cx).is_pending());
    }
    // The device's second call looks for the charge as well, and then waits for the acquirer.
    acquirer.plan(1, Trouble::Slow);
    let (token, sealed) = (&started.asked.token, &started.sealed);
    let mut paying = pin!(started.scene.vault.pay(&ALICE, token, sealed, &acquirer));
    for _ in 0..50 {
        assert!(paying.as_mut().poll(&mut cx).is_pending());
    }
    let swept = finish(sweep).unwrap().receipts;
    assert_eq!(*swept[0].1.outcome(), ChargeOutcome::Unresolved, "and not declined");
    let busy = started.pay(&acquirer).unwrap();
    assert!(matches!(busy, Err(Error::Busy)), "finds {finds}: {busy:?}");
    acquirer.book().released = true;
    let paid = finish(paying).unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    let history = finish(started.scene.vault.payment_history(token)).unwrap();
    let actions: Vec<_> = history.events.iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::Pay, Action::Pay, Action::Authorise]);
}

#[test]
fn a_decline_that_comes_late_takes_no_authorisation_back() {
    let started = started();
    let acquirer = Recording::<false>::new(true);
    acquirer.plan(0, Trouble::Slow);
    let mut cx = Context::from_waker(Waker::noop());
    let (token, sealed) = (&started.asked.token, &started.sealed);
    let mut slow = pin!(started.scene.vault.pay(&ALICE, token, sealed, &acquirer));
    for _ in 0..50 {
        assert!(slow.as_mut().poll(&mut cx).is_pending());
    }
    started.scene.clock.advance(SURELY);
    let paid = started.pay(&acquirer).unwrap().unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    acquirer.book().declines = Some(DeclineReason::Other);
    acquirer.book().released = true;
    assert_eq!(finish(slow).unwrap(), paid);
    assert_eq!(acquirer.charges(), 1);
}

/// The first call is the last to hear of the charge. Meanwhile a second one kept the card, and its token has served or
/// was revoked.
#[test]
fn attack_6_a_slow_call_does_not_keep_a_card_again_that_is_gone() {
    for revoked in [false, true] {
        let started = started();
        let acquirer = Recording::<true>::new(true);
        acquirer.plan(0, Trouble::Slow);
        let mut cx = Context::from_waker(Waker::noop());
        let (vault, binding) = (&started.scene.vault, binding());
        let mut slow = pin!(vault.pay(&ALICE, &started.asked.token, &started.sealed, &acquirer));
        for _ in 0..50 {
            assert!(slow.as_mut().poll(&mut cx).is_pending());
        }
        started.scene.clock.advance(SURELY);
        let paid = started.pay(&acquirer).unwrap().unwrap();
        let token = paid.card_token.as_ref().unwrap();
        if revoked {
            finish(vault.revoke(token, &binding)).unwrap();
        } else {
            finish(vault.with_card(token, &binding, |_| ())).unwrap();
        }
        let rows = started.scene.store.records();
        acquirer.book().released = true;
        assert_eq!(finish(slow).unwrap(), paid);
        assert_eq!(started.scene.store.records(), rows, "revoked {revoked}");
        refused(finish(vault.with_card(token, &binding, |_| ())));
        assert_eq!(acquirer.charges(), 1);
    }
}

#[test]
fn after_the_request_has_expired_nothing_is_charged_any_more() {
    for finds in [true, false] {
        let started = started();
        let acquirer = Recording::<true>::new(finds);
        acquirer.plan(0, Trouble::DiesBefore);
        assert!(started.pay(&acquirer).is_none());
        started.scene.clock.advance(20 * MINUTE);
        let paid = started.pay(&acquirer).unwrap().unwrap();
        let wanted = match finds {
            true => ChargeOutcome::Declined(DeclineReason::NotCharged),
            false => ChargeOutcome::Unresolved,
        };
        assert_eq!(*paid.receipt.outcome(), wanted);
        assert_eq!((acquirer.charges(), acquirer.book().authorised), (0, 0));
    }
}

#[test]
fn a_sweep_goes_on_after_a_record_that_does_not_open() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    for n in 0..3 {
        let asked = finish(scene.asked(&format!("p-{n}")));
        let sealed = scene.sealed(&asked, &card(), n);
        acquirer.plan(0, Trouble::DiesBefore);
        assert!(until_death(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).is_none());
    }
    scene.clock.advance(SURELY);
    // Keys, then the lists of each hour; then each payment's own record.
    let mut failed = 0;
    for call in 0..50 {
        scene.store.plan(call, Fault::BitFlipped);
        match finish(scene.vault.reconcile(HOUR, &acquirer)) {
            Ok(swept) => failed += swept.failed.map_or(0, |missed| missed.count),
            Err(error) => assert!(matches!(error, Error::Record(_)), "{error:?}"),
        }
        scene.store.heal();
    }
    assert!(failed > 0);
    let swept = finish(scene.vault.reconcile(HOUR, &acquirer)).unwrap();
    assert!(swept.failed.is_none(), "{swept:?}");
    let not_charged = ChargeOutcome::Declined(DeclineReason::NotCharged);
    let outcomes = swept.receipts.iter().map(|(_, receipt)| receipt.outcome().clone());
    assert_eq!(outcomes.collect::<Vec<_>>(), vec![not_charged; 3]);
}

/// An acquirer takes its time to say that it knows nothing. What it says is of before it was asked: if another call asked it
/// to authorise meanwhile, it is not asked once more.
fn a_slow_find<const KEYS: bool>() {
    for taken_up in [false, true] {
        let started = started();
        let acquirer = Recording::<KEYS>::new(true);
        acquirer.plan(0, Trouble::DiesBefore);
        assert!(started.pay(&acquirer).is_none());
        started.scene.clock.advance(SURELY);
        acquirer.plan(0, Trouble::Slow);
        let (token, sealed) = (&started.asked.token, &started.sealed);
        let mut second = pin!(started.scene.vault.pay(&ALICE, token, sealed, &acquirer));
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..20 {
            assert!(second.as_mut().poll(&mut cx).is_pending());
        }
        started.scene.clock.advance(Duration::from_secs(100));
        if taken_up {
            // It finds nothing, asks, and has no answer yet.
            acquirer.plan(1, Trouble::DiesBefore);
            assert!(started.pay(&acquirer).is_none());
        }
        acquirer.book().released = true;
        let last = finish(second);
        assert_eq!(matches!(last, Err(Error::Busy)), taken_up, "{last:?}");
        assert_eq!(acquirer.charges(), usize::from(!taken_up));
        started.scene.clock.advance(SURELY);
        let paid = started.pay(&acquirer).unwrap().unwrap();
        assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
        assert!(matches!(started.settled(&acquirer), PaymentOutcome::Authorised { .. }));
        assert_eq!(acquirer.charges(), 1);
    }
}

#[test]
fn attack_20_after_a_slow_find_nobody_is_asked_beside_another_call() {
    a_slow_find::<true>();
    a_slow_find::<false>();
}
