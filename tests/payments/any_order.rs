//! Payments, sweeps, faults and lost answers in any order.

use countersign::payment::{ChargeOutcome, PaymentOutcome, Receipt};
use countersign::store::Fault;
use proptest::prelude::*;

use crate::support::crashes::{DIES, agree, finish, started, until_death};
use crate::support::depth::cases;
use crate::support::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    Pay,
    PayWithAnother,
    Sweep,
    /// A sweep whose receipts are settled and acknowledged.
    HandOver,
    Wait(u64),
    Store(usize, Fault),
    Acquirer(usize, Trouble),
}

fn step() -> impl Strategy<Value = Step> {
    let fault = (0..=Fault::ALL.len()).prop_map(|n| Fault::ALL.get(n).copied().unwrap_or(DIES));
    let trouble = prop_oneof![
        Just(Trouble::Before),
        Just(Trouble::After),
        Just(Trouble::DiesBefore),
        Just(Trouble::DiesAfter),
    ];
    prop_oneof![
        4 => Just(Step::Pay),
        1 => Just(Step::PayWithAnother),
        2 => Just(Step::Sweep),
        1 => Just(Step::HandOver),
        3 => (1_u64..400).prop_map(Step::Wait),
        3 => (0_usize..6, fault).prop_map(|(at, fault)| Step::Store(at, fault)),
        3 => (0_usize..3, trouble).prop_map(|(at, trouble)| Step::Acquirer(at, trouble)),
    ]
}

fn any_order<const KEYS: bool>(finds: bool, steps: &[Step]) {
    let started = started();
    let scene = &started.scene;
    let acquirer = Recording::<KEYS>::new(finds);
    let another = scene.sealed(&started.asked, &card_of(OTHER_PAN, "321"), 9);
    let mut receipts: Vec<Receipt> = Vec::new();
    for step in steps {
        match *step {
            Step::Pay => {
                receipts
                    .extend(started.pay(&acquirer).and_then(Result::ok).map(|paid| paid.receipt));
            }
            Step::PayWithAnother => {
                let paid = scene.vault.pay(&ALICE, &started.asked.token, &another, &acquirer);
                receipts.extend(until_death(paid).and_then(Result::ok).map(|paid| paid.receipt));
            }
            Step::Sweep => {
                let swept = until_death(scene.vault.reconcile(HOUR, &acquirer));
                let swept = swept.and_then(Result::ok).unwrap_or_default().receipts;
                receipts.extend(swept.into_iter().map(|(_, receipt)| receipt));
            }
            Step::HandOver => {
                let swept = until_death(scene.vault.reconcile(HOUR, &acquirer));
                for (customer, receipt) in swept.and_then(Result::ok).unwrap_or_default().receipts {
                    finish(scene.verifier.payments().apply_receipt(&customer, &receipt)).unwrap();
                    let _ = until_death(scene.vault.acknowledge(&customer, &receipt));
                    receipts.push(receipt);
                }
            }
            Step::Wait(seconds) => scene.clock.advance(std::time::Duration::from_secs(seconds)),
            Step::Store(at, fault) => scene.store.plan(at, fault),
            Step::Acquirer(at, trouble) => acquirer.plan(at, trouble),
        }
        assert!(acquirer.charges() <= 1, "charged twice");
    }
    // Whatever a receipt ever said for certain is true, and there was one card.
    let last_fours: Vec<_> = receipts.iter().map(Receipt::last_four).collect();
    assert!(last_fours.windows(2).all(|pair| pair[0] == pair[1]), "two cards");
    scene.store.heal();
    scene.clock.advance(HOUR);
    acquirer.heal();
    let known = started.settled(&acquirer);
    assert!(agree(&known, started.receipt().as_ref()), "{known:?}");
    let charges = acquirer.charges();
    for receipt in &receipts {
        match receipt.outcome() {
            ChargeOutcome::Authorised { .. } => assert_eq!(charges, 1, "{receipt:?}"),
            ChargeOutcome::Declined(_) => assert_eq!(charges, 0, "{receipt:?}"),
            _ => {}
        }
        // An old receipt changes nothing any more.
        finish(scene.verifier.payments().apply_receipt(&alice(), receipt)).unwrap();
    }
    let payments = scene.verifier.payments();
    let still = finish(payments.outcome(&bob_rings(), &started.asked.payment.id)).unwrap();
    assert_eq!(still, known);
    match known {
        PaymentOutcome::Authorised { .. } => assert_eq!(charges, 1),
        PaymentOutcome::Unresolved => assert!(!finds),
        _ => assert_eq!(charges, 0, "{known:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(60, 300)) })]

    #[test]
    fn in_any_order_it_is_charged_at_most_once(
        keys: bool,
        finds: bool,
        steps in proptest::collection::vec(step(), 1..14),
    ) {
        if keys {
            any_order::<true>(finds, &steps);
        } else {
            any_order::<false>(finds, &steps);
        }
    }
}
