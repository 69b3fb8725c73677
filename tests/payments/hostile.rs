//! Attacks on the payment ceremony: races, restored stores, devices and acquirers at their worst.

use std::time::Duration;

use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::vault::{
    AcquirerAnswer, AcquirerError, Adjustment, Found, KeysHonoured, Resolution,
};
use countersign::{Error, Timestamp, Vault, Window};

use crate::habits::{Own, Refund, is_authorised, vault_from};
use crate::support::crashes::{finish, started};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

/// One call finds an approval, and is slow to note it. Meanwhile another hears that nobody understands the answer, and has
/// the acquirer give it up.
#[tokio::test]
async fn attack_what_was_given_up_is_not_reported_as_authorised() {
    let scene = scene();
    let own = Own::new(Psp::new(&scene.clock).moody(Mood::Mumbles { holds: true }));
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    own.hold(0, true);
    own.hold(1, true);
    let pay = || {
        let (vault, token) = (scene.vault.clone(), asked.token.clone());
        let (sealed, own) = (sealed.clone(), own.clone());
        tokio::spawn(async move { vault.pay(&ALICE, &token, &sealed, &own).await })
    };
    let wait = async || {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
    };
    let first = pay();
    wait().await;
    let second = pay();
    wait().await;
    assert_eq!((own.psp.called("authorise"), own.psp.called("find")), (1, 1));
    own.hold(1, false);
    let paid = first.await.unwrap().unwrap();
    let declined = ChargeOutcome::Declined(DeclineReason::Other);
    assert_eq!((paid.receipt.outcome(), own.psp.charges()), (&declined, 0));
    own.hold(0, false);
    let late = second.await.unwrap().unwrap();
    assert_eq!(*late.receipt.outcome(), declined, "it was reversed");
    let receipt = scene.vault.receipt(&asked.token).await.unwrap().unwrap();
    assert_eq!(*receipt.outcome(), declined);
}

/// A payment of which the customer authenticates after the request's own time; the store goes just after they were charged.
#[test]
fn attack_25_after_a_restore_who_authenticated_late_is_not_charged_a_second_time() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    let until = of.asked.payment.until;
    of.scene.clock.set(until.before(Duration::from_secs(1)));
    of.pay(&psp).unwrap().unwrap();
    of.scene.clock.set(until.after(2 * MINUTE));
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    of.scene.clock.advance(Duration::from_secs(10));
    psp.book().passed = Some(true);
    let paid = finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp));
    assert!(is_authorised(paid.unwrap().receipt.outcome()));
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    of.scene.clock.advance(Duration::from_secs(10));
    let paid = finish(vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp));
    assert_eq!(psp.charges(), 1, "{paid:?}");
    assert!(is_authorised(paid.unwrap().receipt.outcome()));
}

/// The authorisation that follows the challenge was on its way when the store went: the acquirer still tells the challenge.
#[test]
fn attack_25_after_a_restore_what_follows_a_challenge_is_waited_for() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    of.pay(&psp).unwrap().unwrap();
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    psp.book().passed = Some(true);
    psp.plan(1, Trouble::Late);
    let resume = |vault: &Vault| {
        finish(vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp))
            .map(|paid| paid.receipt.outcome().clone())
    };
    assert_eq!(resume(&of.scene.vault).unwrap(), ChargeOutcome::Unresolved);
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    of.scene.clock.advance(Duration::from_secs(1));
    let early = resume(&vault);
    of.scene.clock.advance(Duration::from_secs(60));
    psp.land();
    assert_eq!(psp.charges(), 1, "{early:?}");
    of.scene.clock.advance(SURELY);
    assert!(is_authorised(&resume(&vault).unwrap()));
    assert_eq!(psp.charges(), 1);
}

/// If it was not on its way, the customer is charged once that is sure.
#[test]
fn after_a_restore_who_authenticated_can_be_charged_once_that_is_sure() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    of.pay(&psp).unwrap().unwrap();
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    psp.book().passed = Some(true);
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    for (later, charges) in [(SURELY - Duration::from_secs(1), 0), (Duration::from_secs(1), 1)] {
        of.scene.clock.advance(later);
        let paid = finish(vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp)).unwrap();
        assert_eq!(is_authorised(paid.receipt.outcome()), charges == 1);
        assert_eq!(psp.charges(), charges);
    }
}

/// The same of a sweep: the challenge's time is over, and what followed it is on its way.
#[test]
fn attack_25_after_a_restore_no_challenge_is_given_up_while_it_may_be_charged() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    of.pay(&psp).unwrap().unwrap();
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    let within = of.scene.vault.policy().payments.authenticate_within;
    of.scene.clock.set(from.after(within).before(Duration::from_secs(1)));
    psp.book().passed = Some(true);
    psp.plan(1, Trouble::Late);
    finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp)).unwrap();
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    of.scene.clock.advance(Duration::from_secs(1));
    finish(vault.reconcile(HOUR, &psp)).unwrap();
    psp.land();
    of.scene.clock.advance(SURELY);
    let swept = finish(vault.reconcile(HOUR, &psp)).unwrap();
    assert_eq!(psp.charges(), 1);
    assert!(is_authorised(swept.receipts[0].1.outcome()), "{swept:?}");
}

/// A refund is asked for once more, under a key that is honoured, and is on its way while a sweep looks for it.
#[test]
fn attack_a_refund_that_is_asked_for_again_is_waited_for() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock));
    let receipt = of.pay(&own).unwrap().unwrap().receipt;
    let refund =
        |id: &str| finish(of.scene.vault.refund(&alice(), &receipt, 4_200, &request(id), &own));
    *own.refunds.lock().unwrap() = vec![Refund::Lost, Refund::Late];
    refund("r-1").unwrap_err();
    of.scene.clock.advance(SURELY);
    refund("r-1").unwrap_err();
    of.scene.clock.advance(Duration::from_secs(5));
    finish(of.scene.vault.reconcile(HOUR, &own)).unwrap();
    let another = refund("r-2");
    own.land();
    assert_eq!(own.given_back(), 4_200, "{another:?}");
    refused(another);
    of.scene.clock.advance(SURELY);
    finish(of.scene.vault.reconcile(HOUR, &own)).unwrap();
    assert_eq!(of.receipt().unwrap().totals().refunded, 4_200);
}

/// The back end says that a refund was not done, while the acquirer is being asked for it.
#[test]
fn attack_nobody_says_that_an_act_was_not_done_while_it_may_be() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock));
    let receipt = of.pay(&own).unwrap().unwrap().receipt;
    let vault = &of.scene.vault;
    let refund = |id: &str| finish(vault.refund(&alice(), &receipt, 4_200, &request(id), &own));
    let resolve = || {
        let id = request("r-1");
        let not = Resolution::NotDone;
        finish(vault.resolve(&alice(), &receipt, countersign::vault::Act::Refund, &id, &not))
    };
    *own.refunds.lock().unwrap() = vec![Refund::Late];
    refund("r-1").unwrap_err();
    of.scene.clock.advance(Duration::from_secs(5));
    let resolved = resolve();
    let another = refund("r-2");
    own.land();
    assert_eq!(own.given_back(), 4_200, "{another:?}");
    assert!(matches!(resolved, Err(Error::Busy)), "{resolved:?}");
}

/// The customer pays at the last moment, and is to authenticate; the receipt that says so is lost.
#[test]
fn a_payment_does_not_run_out_while_the_customer_may_authenticate() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    of.scene.clock.set(of.asked.payment.until.before(Duration::from_secs(1)));
    of.pay(&psp).unwrap().unwrap();
    of.scene.clock.advance(SURELY + MINUTE);
    let payments = of.scene.verifier.payments();
    let seen = finish(payments.outcome(&bob_rings(), &of.asked.payment.id)).unwrap();
    psp.book().passed = Some(true);
    let paid = finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp));
    assert!(is_authorised(paid.unwrap().receipt.outcome()));
    assert_eq!(seen, PaymentOutcome::Waiting);
}

/// A challenge that was asked for long after a restore ends as any other.
#[test]
fn a_challenge_of_after_a_restore_ends_though_the_acquirer_cannot_tell() {
    let scene = scene();
    let window = Window::new(START.before(HOUR), START.before(MINUTE)).unwrap();
    let vault = vault_on(&scene.store, &scene.clock, &scene.seen, 3).restored_from(window);
    let vault = vault.build().unwrap();
    scene.clock.advance(HOUR);
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    let psp = Psp::new(&scene.clock).moody(Mood::Challenges).finding(Finds::Never);
    finish(vault.pay(&ALICE, &asked.token, &sealed, &psp)).unwrap();
    scene.clock.advance(vault.policy().payments.authenticate_within);
    let swept = finish(vault.reconcile(HOUR, &psp)).unwrap();
    let declined = ChargeOutcome::Declined(DeclineReason::NotAuthenticated);
    assert_eq!(*swept.receipts[0].1.outcome(), declined);
}

/// What the vault hears after a restore reaches the enterprise, though it counts anew.
#[test]
fn attack_25_after_a_restore_a_chargeback_reaches_the_enterprise() {
    let of = started();
    let psp = Psp::new(&of.scene.clock);
    let receipt = of.pay(&psp).unwrap().unwrap().receipt;
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    let payments = of.scene.verifier.payments();
    let apply = |receipt: &_| finish(payments.apply_receipt(&alice(), receipt)).unwrap();
    apply(&receipt);
    of.scene.clock.advance(MINUTE);
    let refund = |id: &str| {
        finish(of.scene.vault.refund(&alice(), &receipt, 100, &request(id), &psp)).unwrap()
    };
    refund("r-1");
    refund("r-2");
    apply(&of.receipt().unwrap());
    of.scene.clock.advance(MINUTE);
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    of.scene.clock.advance(24 * HOUR);
    let back = Adjustment::chargeback(4_000, request("evt-1"));
    let told = finish(vault.adjust(&alice(), &receipt, &back)).unwrap();
    let known = apply(&told.receipt).totals;
    // And what it had forgotten stays known.
    assert_eq!((known.charged_back, known.refunded), (4_000, 200));
}

/// The acquirer does not void what it has settled, and reverses it.
#[test]
fn what_cannot_be_voided_is_reversed() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::ApprovesPart(2_000)));
    own.psp.book().undoes = Some(AcquirerError::Refused);
    let paid = of.pay(&own).unwrap().unwrap();
    assert_eq!(*paid.receipt.outcome(), ChargeOutcome::Unresolved);
    assert_eq!((own.psp.called("void"), own.psp.called("reverse")), (1, 1));
}

/// An index that lags tells the challenge when the authorisation that followed it is done.
#[test]
fn attack_a_challenge_from_an_index_that_lags_charges_nobody_twice() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::Challenges));
    of.pay(&own).unwrap().unwrap();
    own.psp.book().passed = Some(true);
    own.psp.plan(1, Trouble::After);
    *own.finds.lock().unwrap() = Some(|| {
        let flow = countersign::vault::ChallengeFlow::Redirect { url: "https://a.example".into() };
        let challenge = countersign::vault::AuthenticationChallenge::new("3ds-1", flow);
        Found::AnsweredAsOf(AcquirerAnswer::challenge(challenge.unwrap()), START)
    });
    let resume =
        || finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &own)).unwrap();
    assert_eq!(*resume().receipt.outcome(), ChargeOutcome::Unresolved);
    of.scene.clock.advance(SURELY);
    resume();
    assert_eq!(own.psp.charges(), 1);
}

/// What a host hands in is an acquirer's own text.
#[test]
fn attack_what_a_host_hands_in_does_not_show_an_acquirer_s_text() {
    let done = Resolution::Done { id: format!("refund of {PAN}"), amount: None };
    let told = Adjustment::refund(1, request("e-1")).reference(format!("refund of {PAN}"));
    for shown in [format!("{done:?}"), format!("{told:?}")] {
        assert!(!shown.contains(PAN), "{shown}");
    }
}

/// The acquirer is slow to decide, and wants the customer to authenticate then.
#[test]
fn a_challenge_may_follow_a_decision_that_took_its_time() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Thinks);
    of.pay(&psp).unwrap().unwrap();
    psp.forget();
    psp.decides(Mood::Challenges);
    let paid = of.pay(&psp).unwrap().unwrap();
    assert_eq!(*paid.receipt.outcome(), ChargeOutcome::Authenticating);
    psp.book().mood = Mood::Challenges;
    psp.book().passed = Some(true);
    let paid = finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp));
    assert!(is_authorised(paid.unwrap().receipt.outcome()));
    assert_eq!(psp.charges(), 1);
}

/// No index knows what it is asked later, whatever it says.
#[test]
fn attack_an_index_that_says_to_be_ahead_of_time_is_not_believed() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock));
    own.psp.plan(0, Trouble::Late);
    *own.finds.lock().unwrap() = Some(|| Found::NothingUntil(Timestamp::MAX));
    for _ in 0..3 {
        assert_eq!(*of.pay(&own).unwrap().unwrap().receipt.outcome(), ChargeOutcome::Unresolved);
    }
    assert_eq!(own.psp.called("authorise"), 1);
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::Challenges));
    of.pay(&own).unwrap().unwrap();
    own.psp.book().passed = Some(true);
    own.psp.plan(1, Trouble::After);
    *own.finds.lock().unwrap() = Some(|| {
        let flow = countersign::vault::ChallengeFlow::Redirect { url: "https://a.example".into() };
        let challenge = countersign::vault::AuthenticationChallenge::new("3ds-1", flow);
        Found::AnsweredAsOf(AcquirerAnswer::challenge(challenge.unwrap()), Timestamp::MAX)
    });
    for _ in 0..3 {
        let paid = finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &own));
        assert_eq!(*paid.unwrap().receipt.outcome(), ChargeOutcome::Unresolved);
    }
    assert_eq!(own.psp.charges(), 1);
}

/// An acquirer that honours keys gives a repeated call its first answer: the challenge.
#[test]
fn the_call_after_an_authentication_has_a_key_of_its_own() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges).honouring(KeysHonoured::Always);
    of.pay(&psp).unwrap().unwrap();
    psp.book().passed = Some(true);
    let paid = finish(of.scene.vault.resume(&ALICE, &of.asked.token, &of.sealed, None, &psp));
    assert!(is_authorised(paid.unwrap().receipt.outcome()));
    assert_eq!(psp.book().used_keys(), 2);
}
