//! Two things go wrong: one while the customer pays, and another while the call is repeated, swept or settled.

use countersign::payment::{ChargeOutcome, PaymentOutcome};
use countersign::store::Fault;

use crate::support::crashes::{DIES, Wrong, agree, started, until_death};
use crate::support::depth::either;
use crate::support::*;

/// Faults that stand for the others: nothing is written, all is written and nobody hears of it, the process dies
/// before, and after.
fn some() -> Vec<Wrong> {
    [Wrong::stores([Fault::FailBefore, Fault::LoseAnswer, DIES]).collect(), Wrong::acquirers()]
        .concat()
}

/// What the second goes wrong in.
#[derive(Debug, Clone, Copy)]
enum Second {
    Repeated,
    Swept,
    Settled,
}

fn twice<const KEYS: bool>(finds: bool, second_in: Second) {
    let mut charged = 0;
    for (n, first) in some().into_iter().enumerate() {
        for (m, second) in some().into_iter().enumerate() {
            // Every other pair: the neighbours differ by one call. In a quick run every 26th: each of the list comes
            // first once or twice, and second.
            if (n + m) % either(26, 2) != 0 {
                continue;
            }
            let started = started();
            let acquirer = Recording::<KEYS>::new(finds);
            first.plan(&started, &acquirer);
            let _ = started.pay(&acquirer);
            started.scene.store.heal();
            started.scene.clock.advance(SURELY);
            match (second_in, second) {
                // Settling writes to the bank's store.
                (Second::Settled, Wrong::Store(at, fault)) => {
                    started.scene.bank_store.plan(at, fault);
                }
                _ => second.plan(&started, &acquirer),
            }
            match second_in {
                Second::Repeated => drop(started.pay(&acquirer)),
                Second::Swept => {
                    drop(until_death(started.scene.vault.reconcile(2 * HOUR, &acquirer)));
                }
                Second::Settled => {
                    let _ = until_death(async {
                        let receipt = started.scene.vault.receipt(&started.asked.token).await;
                        if let Ok(Some(receipt)) = receipt {
                            let payments = started.scene.verifier.payments();
                            drop(payments.apply_receipt(&alice(), &receipt).await);
                        }
                    });
                }
            }
            started.scene.store.heal();
            started.scene.bank_store.heal();
            acquirer.heal();
            started.scene.clock.advance(SURELY);
            let case =
                format!("{first:?}, then {second:?} {second_in:?}, keys {KEYS}, find {finds}");
            assert!(acquirer.charges() <= 1, "{case}");

            // Then all goes well, and the device asks again.
            let paid = started.pay(&acquirer).expect(&case).expect(&case);
            assert!(acquirer.charges() <= 1, "{case}");
            if acquirer.is_sure() {
                let outcome = paid.receipt.outcome();
                let authorised = matches!(outcome, ChargeOutcome::Authorised { .. });
                // A sweep may have found, rightly, that nothing was charged: that stands.
                assert_eq!(acquirer.charges(), usize::from(authorised), "{case}: {outcome:?}");
            }
            started.scene.clock.advance(HOUR);
            let known = started.settled(&acquirer);
            assert!(agree(&known, started.receipt().as_ref()), "{case}: {known:?}");
            assert_ne!(known, PaymentOutcome::Expired, "{case}");
            let authorised = matches!(known, PaymentOutcome::Authorised { .. });
            assert!(!authorised || acquirer.charges() == 1, "{case}");
            assert!(acquirer.charges() <= 1, "{case}");
            charged += acquirer.charges();
        }
    }
    assert!(charged > either(7, 100), "{charged}");
}

#[test]
fn attack_20_at_most_one_charge_though_the_repeated_call_fails_too() {
    twice::<true>(true, Second::Repeated);
}

#[test]
fn attack_20_at_most_one_charge_though_the_sweep_fails_too() {
    twice::<false>(true, Second::Swept);
}

#[test]
fn attack_20_at_most_one_charge_though_nothing_can_be_found_out() {
    twice::<false>(false, Second::Repeated);
}

#[test]
fn attack_20_at_most_one_charge_with_keys_alone_though_both_fail() {
    twice::<true>(false, Second::Repeated);
    twice::<true>(false, Second::Swept);
}

#[test]
fn a_receipt_whose_settling_fails_is_settled_by_the_next() {
    twice::<true>(false, Second::Settled);
    twice::<false>(true, Second::Settled);
}
