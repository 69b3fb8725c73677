//! How far a sweep reaches: a payment that came in within the time that it looks back is found, however late under its
//! request that was; an older one is noted before it changes. By default 67 minutes and 30 seconds lie between the two.

use std::pin::pin;
use std::time::Duration;

use countersign::payment::{ChargeOutcome, DeclineReason};
use countersign::store::Fault;
use countersign::{Error, Policy};

use crate::support::crashes::{Started, finish, until_death};
use crate::support::dying::polled;
use crate::support::psp::{Finds, Psp, Trouble};
use crate::support::*;

const SECOND: Duration = Duration::from_secs(1);
/// The longest request, the time to authenticate, the acquirer's, and the leeway.
const REACH: Duration = Duration::from_secs((60 + 5 + 2) * 60 + 30);

/// A payment that is asked for in the last second of an hour, for as long as can be: whoever looks back a second too little
/// does not come by that hour.
fn at_the_end_of_an_hour() -> Started {
    let mut policy = Policy::default();
    policy.payments.valid_for = HOUR;
    let scene = scene_with(policy);
    scene.clock.set(START.after(HOUR - SECOND));
    let asked = finish(scene.asked("p-1"));
    assert_eq!(asked.payment.until, scene.now().after(HOUR));
    let sealed = scene.sealed(&asked, &card(), 3);
    Started { scene, asked, sealed }
}

/// The card comes in at the last moment, and the store takes minutes to write that down.
#[test]
fn a_payment_that_is_noted_as_late_as_can_be_is_found_by_sweeps_of_a_minute() {
    let of = at_the_end_of_an_hour();
    let (scene, psp, asked_at) = (&of.scene, Psp::new(&of.scene.clock), of.scene.now());
    scene.clock.set(of.asked.payment.until.before(SECOND));
    // The opening keys, its row, and that row once more.
    scene.store.plan(2, Fault::Delay(50));
    let mut paying = pin!(scene.vault.pay(&ALICE, &of.asked.token, &of.sealed, &psp));
    assert!(polled(paying.as_mut(), 20).is_none());
    assert!(of.receipt().is_none(), "not yet");
    scene.clock.set(asked_at.after(REACH - SECOND));
    let late = polled(paying.as_mut(), 1000).unwrap();
    assert!(matches!(late, Err(Error::Busy)), "{late:?}");
    assert_eq!(psp.called("authorise"), 0);
    scene.clock.advance(MINUTE - SECOND);
    let swept = finish(scene.vault.reconcile(MINUTE, &psp)).unwrap();
    let [(_, receipt)] = &swept.receipts[..] else { panic!("{swept:?}") };
    assert_eq!(*receipt.outcome(), ChargeOutcome::Declined(DeclineReason::NotCharged));
}

/// Whenever the process dies in an act, and whichever way the hours lie: sweeps of a minute alone find it.
#[test]
fn no_second_lies_between_what_sweeps_come_by_and_what_is_noted() {
    for seconds in (0..120).map(|n| Duration::from_secs(n) + REACH - MINUTE) {
        let of = at_the_end_of_an_hour();
        let (scene, psp) = (&of.scene, Psp::new(&of.scene.clock));
        let asked_at = scene.now();
        let receipt = of.pay(&psp).unwrap().unwrap().receipt;
        finish(scene.vault.acknowledge(&alice(), &receipt)).unwrap();
        scene.clock.set(asked_at.after(seconds));
        psp.plan(0, Trouble::DiesAfter);
        let id = request("a-1");
        let refund = scene.vault.refund(&ALICE, &receipt, 4_200, &id, &psp);
        assert!(until_death(refund).is_none());
        scene.clock.advance(MINUTE);
        let swept = finish(scene.vault.reconcile(MINUTE, &psp)).unwrap();
        let [(_, receipt)] = &swept.receipts[..] else { panic!("{seconds:?}: {swept:?}") };
        assert_eq!(receipt.totals().refunded, 4_200, "{seconds:?}");
    }
}

/// An act is tried again each hour for days, and each try writes a note; a host that sweeps once a day is left with the last
/// day's, and with none once it is known what became of it.
#[test]
fn however_often_an_act_is_tried_no_more_notes_are_left_than_of_a_day() {
    let of = crate::support::crashes::started();
    let (scene, psp) = (&of.scene, Psp::new(&of.scene.clock));
    psp.book().honours_acts = countersign::vault::KeysHonoured::Always;
    psp.book().finds_acts = Finds::Never;
    let receipt = of.pay(&psp).unwrap().unwrap().receipt;
    finish(scene.vault.acknowledge(&alice(), &receipt)).unwrap();
    scene.clock.advance(240 * HOUR);
    let rows = scene.store.records().len();
    let notes = || scene.store.records().len() - rows;
    let swept = || {
        let swept = finish(scene.vault.reconcile(24 * HOUR, &psp)).unwrap();
        assert!(swept.failed.is_none(), "{swept:?}");
        for (customer, receipt) in swept.receipts {
            finish(scene.vault.acknowledge(&customer, &receipt)).unwrap();
        }
    };
    let id = request("a-1");
    let tried = |trouble| {
        psp.plan(0, trouble);
        finish(scene.vault.refund(&ALICE, &receipt, 4_200, &id, &psp)).unwrap_err();
    };
    for day in 0..5 {
        for _ in 0..24 {
            tried(Trouble::Before);
            scene.clock.advance(HOUR);
        }
        swept();
        let notes = notes();
        assert!((1..=3).contains(&notes), "{day}: {notes}");
    }
    tried(Trouble::After);
    psp.book().finds_acts = Finds::AtOnce;
    for _ in 0..3 {
        scene.clock.advance(24 * HOUR);
        swept();
    }
    assert_eq!((of.receipt().unwrap().totals().refunded, notes()), (4_200, 0));
}

/// The receipt of a refund long after the payment is given by each sweep that looks back so far, until it is acknowledged; then
/// its note is gone.
#[test]
fn a_late_receipt_is_given_by_each_sweep_until_it_is_acknowledged() {
    let of = crate::support::crashes::started();
    let (scene, psp) = (&of.scene, Psp::new(&of.scene.clock));
    let receipt = of.pay(&psp).unwrap().unwrap().receipt;
    finish(scene.vault.acknowledge(&alice(), &receipt)).unwrap();
    scene.clock.advance(240 * HOUR);
    let rows = scene.store.records().len();
    let id = request("a-1");
    let refunded = scene.vault.refund(&ALICE, &receipt, 4_200, &id, &psp);
    let since = finish(refunded).unwrap().receipt;
    let given = |count| {
        let swept = finish(scene.vault.reconcile(24 * HOUR, &psp)).unwrap();
        assert_eq!(swept.receipts, vec![(alice(), since.clone()); count]);
        scene.clock.advance(HOUR);
    };
    for _ in 0..20 {
        given(1);
    }
    finish(scene.vault.acknowledge(&alice(), &since)).unwrap();
    given(0);
    assert_eq!(scene.store.records().len(), rows);
}
