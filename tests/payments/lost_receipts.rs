//! Receipts get lost: the device never hands one over, the enterprise's process dies, the answer of a
//! sweep goes astray. A host that sweeps, settles and acknowledges knows in the end what the vault knows.

use countersign::CustomerId;
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome, Receipt};
use countersign::random::SeededRandom;
use countersign::store::Fault;

use crate::support::crashes::{Started, Wrong, agree, finish, started, until_death};
use crate::support::depth::strided;
use crate::support::*;

type Swept = Vec<(CustomerId, Receipt)>;

/// What a sweep of everything gives.
fn swept<const KEYS: bool>(scene: &Scene, acquirer: &Recording<KEYS>) -> Swept {
    let swept = finish(scene.vault.reconcile(4 * HOUR, acquirer)).unwrap();
    assert!(swept.failed.is_none(), "{swept:?}");
    swept.receipts
}

/// What the host does with what a sweep gave: once, with whatever may fail in either store.
fn handed_over(scene: &Scene, receipts: &Swept) {
    for (customer, receipt) in receipts {
        let settled = until_death(scene.verifier.payments().apply_receipt(customer, receipt));
        if settled.is_some_and(|settled| settled.is_ok()) {
            let _ = until_death(scene.vault.acknowledge(customer, receipt));
        }
    }
}

fn known(started: &Started) -> PaymentOutcome {
    let payments = started.scene.verifier.payments();
    finish(payments.outcome(&bob_rings(), &started.asked.payment.id)).unwrap()
}

/// Every receipt is dropped until the request is long over; then the host sweeps, `swept` times at most,
/// and does nothing else.
fn all_dropped<const KEYS: bool>(finds: bool) {
    for wrong in Wrong::all() {
        let started = started();
        let scene = &started.scene;
        let acquirer = Recording::<KEYS>::new(finds);
        wrong.plan(&started, &acquirer);
        // The device pays, and perhaps repeats it; a sweep runs, whose answer is lost as well.
        drop(started.pay(&acquirer));
        scene.store.heal();
        scene.clock.advance(SURELY);
        drop(started.pay(&acquirer));
        drop(swept(scene, &acquirer));
        scene.clock.advance(HOUR);
        acquirer.heal();
        let case = format!("{wrong:?}, keys {KEYS}, find {finds}");
        // The enterprise has heard of nothing, and says that the time ran out.
        assert_eq!(known(&started), PaymentOutcome::Expired, "{case}");

        let receipts = swept(scene, &acquirer);
        handed_over(scene, &receipts);
        let known = known(&started);
        let charges = acquirer.charges();
        let case = format!("{case}: {known:?}, {charges} charged");
        assert!(agree(&known, started.receipt().as_ref()), "{case}");
        match known {
            PaymentOutcome::Authorised { .. } => assert_eq!(charges, 1, "{case}"),
            PaymentOutcome::Unresolved => assert!(!acquirer.is_sure(), "{case}"),
            PaymentOutcome::Expired | PaymentOutcome::Declined(_) => {
                assert_eq!(charges, 0, "{case}");
            }
            _ => panic!("{case}"),
        }
        // What was handed over comes no more.
        assert_eq!(swept(scene, &acquirer), [], "{case}");
    }
}

#[test]
fn attack_20_every_receipt_is_lost_and_a_sweep_tells_all() {
    all_dropped::<true>(true);
    all_dropped::<true>(false);
    all_dropped::<false>(true);
    all_dropped::<false>(false);
}

#[test]
fn attack_20_the_hand_over_fails_at_any_step_and_the_next_sweep_mends_it() {
    let faults = || Fault::ALL.into_iter().chain([Fault::Delay(u32::MAX)]);
    let each = faults().flat_map(|fault| [(true, fault), (false, fault)]);
    let each = each.flat_map(|(bank, fault)| (0..4).map(move |at| (bank, fault, at)));
    for (bank, fault, at) in strided(each, 3) {
        let started = started();
        let scene = &started.scene;
        let acquirer = Recording::<true>::new(true);
        drop(started.pay(&acquirer));
        scene.clock.advance(HOUR);
        let receipts = swept(scene, &acquirer);
        let case = format!("{fault:?} at {at} of the {}", if bank { "bank" } else { "vault" });
        assert_eq!(receipts.len(), 1, "{case}");
        let store = if bank { &scene.bank_store } else { &scene.store };
        store.plan(at, fault);
        handed_over(scene, &receipts);
        store.heal();
        handed_over(scene, &swept(scene, &acquirer));
        assert!(agree(&known(&started), started.receipt().as_ref()), "{case}");
        assert!(matches!(known(&started), PaymentOutcome::Authorised { .. }), "{case}");
        assert_eq!(swept(scene, &acquirer), [], "{case}");
        let history = finish(scene.vault.payment_history(&started.asked.token)).unwrap();
        let acknowledged = |event: &&countersign::history::HistoryEvent| {
            event.action == Action::AcknowledgeReceipt
        };
        assert_eq!(history.events.iter().filter(acknowledged).count(), 1, "{case}");
        history.verify().unwrap();
    }
}

#[test]
fn a_receipt_that_comes_after_the_time_ran_out_turns_it_into_what_was_charged() {
    let started = started();
    let scene = &started.scene;
    let acquirer = Recording::<true>::new(true);
    let paid = started.pay(&acquirer).unwrap().unwrap();
    scene.clock.advance(HOUR);
    assert_eq!(known(&started), PaymentOutcome::Expired);
    let receipts = swept(scene, &acquirer);
    assert_eq!(receipts, [(alice(), paid.receipt.clone())], "the very same");
    // Settled and not acknowledged, it comes again, and again changes nothing.
    finish(scene.verifier.payments().apply_receipt(&alice(), &paid.receipt)).unwrap();
    assert!(matches!(known(&started), PaymentOutcome::Authorised { .. }));
    assert_eq!(swept(scene, &acquirer), receipts);
    handed_over(scene, &receipts);
    assert_eq!(swept(scene, &acquirer), []);
    // The vault itself still gives it.
    assert_eq!(started.receipt(), Some(paid.receipt));
    assert_eq!((acquirer.charges(), acquirer.book().authorised), (1, 1));
}

#[test]
fn acknowledging_an_older_receipt_does_not_hide_the_newer_one() {
    let started = started();
    let scene = &started.scene;
    let acquirer = Recording::<true>::new(true);
    acquirer.plan(0, Trouble::After);
    acquirer.plan(1, Trouble::Before);
    let unresolved = started.pay(&acquirer).unwrap().unwrap().receipt;
    assert_eq!(*unresolved.outcome(), ChargeOutcome::Unresolved);
    handed_over(scene, &vec![(alice(), unresolved.clone())]);
    acquirer.plan(0, Trouble::Before);
    assert_eq!(swept(scene, &acquirer), [], "it is still unresolved, and the enterprise knows");
    // The next sweep finds the charge, and its answer is lost.
    let authorised = swept(scene, &acquirer);
    assert!(matches!(authorised[0].1.outcome(), ChargeOutcome::Authorised { .. }));
    finish(scene.vault.acknowledge(&alice(), &unresolved)).unwrap();
    assert_eq!(swept(scene, &acquirer), authorised);
    handed_over(scene, &authorised);
    assert_eq!(swept(scene, &acquirer), []);
    assert!(matches!(known(&started), PaymentOutcome::Authorised { .. }));
}

#[tokio::test]
async fn what_is_no_receipt_of_the_payment_acknowledges_nothing() {
    let scene = scene();
    let receipt = paid(&scene, "p-1", 3).await.receipt;
    let acquirer = Recording::<true>::new(true);
    scene.seen.take();
    refused(scene.vault.acknowledge(&mallory(), &receipt).await);
    let json = serde_json::to_value(&receipt).unwrap();
    let other = scene.asked("p-2").await.payment.id;
    for (member, value) in [
        ("payment", serde_json::to_value(other).unwrap()),
        ("requested_at", "2027-01-15T11:00:00Z".into()),
        ("merchant", "bank-shop".into()),
        ("last_four", "1234".into()),
        ("brand", "mastercard".into()),
    ] {
        let mut changed = json.clone();
        changed[member] = value;
        let changed: Receipt = serde_json::from_value(changed).unwrap();
        refused(scene.vault.acknowledge(&alice(), &changed).await);
    }
    let unknown = [Reason::Unknown; 3];
    assert_eq!(reasons(&scene.seen), [&unknown[..], &[Reason::NotGenuine; 3]].concat());
    // Another outcome than the vault knows: there is nothing to refuse, and nothing is acknowledged.
    let mut changed = json.clone();
    changed["outcome"] = serde_json::json!({"declined": "other"});
    let changed: Receipt = serde_json::from_value(changed).unwrap();
    assert_eq!(*changed.outcome(), ChargeOutcome::Declined(DeclineReason::Other));
    scene.vault.acknowledge(&alice(), &changed).await.unwrap();
    let swept = scene.vault.reconcile(HOUR, &acquirer).await.unwrap().receipts;
    assert_eq!(swept, [(alice(), receipt.clone())]);
    // Acknowledged twice, it is told and written once.
    scene.seen.take();
    scene.vault.acknowledge(&alice(), &receipt).await.unwrap();
    scene.vault.acknowledge(&alice(), &receipt).await.unwrap();
    let seen = scene.seen.take();
    assert!(seen.iter().all(|event| event.action == Action::AcknowledgeReceipt));
    assert!(seen.iter().all(|event| event.outcome == Outcome::Done));
    assert_eq!(seen.iter().map(|event| event.repeated).collect::<Vec<_>>(), [false, true]);
    assert_eq!(scene.vault.reconcile(HOUR, &acquirer).await.unwrap().receipts, []);
}

#[test]
fn a_sweep_asks_nobody_about_payments_that_have_ended() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let mut receipts = Vec::new();
    for n in 0..3 {
        let asked = finish(scene.asked(&format!("p-{n}")));
        let shown = phone().open_payment(&asked.token, scene.now()).unwrap();
        let sealed = shown.seal(&card(), &SeededRandom::new(n)).unwrap();
        receipts.push(
            finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer)).unwrap().receipt,
        );
    }
    let rows = scene.store.records();
    let mut given: Vec<_> =
        swept(&scene, &acquirer).into_iter().map(|(_, receipt)| receipt).collect();
    given.sort_by_key(|receipt| receipts.iter().position(|known| known == receipt));
    assert_eq!(given, receipts);
    assert_eq!(acquirer.book().sought, 0);
    let changed = scene.store.records().into_iter().zip(rows).filter(|(one, two)| one != two);
    assert_eq!(changed.count(), 0, "and writes nothing of them");
}

/// A store lists 500 rows at once, and more came in within the hour.
#[test]
fn a_sweep_leaves_out_no_receipt_however_many_there_are() {
    let mut policy = countersign::Policy::default();
    (policy.payments.per_customer, policy.payments.per_agent) = (20, 200);
    let scene = scene_with(policy);
    let acquirer = Recording::<true>::new(true);
    let key = finish(scene.vault.public_key()).unwrap();
    for n in 0..501 {
        let customer = CustomerId::new(format!("c-{}", n / 20)).unwrap();
        let call = call(&customer, &format!("a-{}", n / 200));
        let (id, name) = (request(&format!("p-{n}")), "Bob".parse().unwrap());
        let asking = countersign::payment::PaymentRequest::new(
            id,
            merchant(),
            purchase(),
            name,
            key.clone(),
        );
        let asked = finish(scene.verifier.payments().request(&call, &asking)).unwrap();
        let shown = phone_of(customer.clone()).open_payment(&asked.token, scene.now()).unwrap();
        let sealed = shown.seal(&card(), &SeededRandom::new(3)).unwrap();
        finish(scene.vault.pay(&customer, &asked.token, &sealed, &acquirer)).unwrap();
    }
    let receipts = swept(&scene, &acquirer);
    let mut payments: Vec<_> = receipts.iter().map(|(_, receipt)| receipt.payment()).collect();
    payments.sort_unstable();
    payments.dedup();
    assert_eq!((receipts.len(), payments.len()), (501, 501));
}
