//! The vault's process dies, its store fails, the acquirer's answers are lost: before and after every
//! step. There is at most one charge, always; exactly one where the acquirer can tell; and what the
//! enterprise knows is what the vault knows.

use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::vault::Paid;

use crate::support::crashes::{Wrong, agree, finish, started};
use crate::support::*;

/// The customer's device repeats its call until it has an answer that is none of "perhaps".
fn repeated<const KEYS: bool>(finds: bool) {
    for wrong in Wrong::all() {
        let started = started();
        let acquirer = Recording::<KEYS>::new(finds);
        wrong.plan(&started, &acquirer);
        let mut last = started.pay(&acquirer);
        started.scene.store.heal();
        for _ in 0..2 {
            let settled = |paid: &Paid| *paid.receipt.outcome() != ChargeOutcome::Unresolved;
            if last.as_ref().is_some_and(|paid| paid.as_ref().is_ok_and(settled)) {
                break;
            }
            started.scene.clock.advance(SURELY);
            last = started.pay(&acquirer);
        }
        let case = format!("{wrong:?}, keys {KEYS}, find {finds}: {last:?}");
        let charges = acquirer.charges();
        assert!(charges <= 1, "{case}");
        let paid = last.expect(&case).expect(&case);
        let authorised = matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. });
        if acquirer.is_sure() {
            assert_eq!(charges, 1, "{case}");
            assert!(authorised, "{case}");
        }
        if authorised {
            assert_eq!(charges, 1, "{case}");
            // The card is kept as well, under the one token.
            let token = paid.card_token.as_ref().expect(&case);
            let again = finish(started.scene.vault.pay(
                &ALICE,
                &started.asked.token,
                &started.sealed,
                &acquirer,
            ));
            assert_eq!(again.unwrap(), paid, "{case}");
            let pan = |card: &countersign::card::StoredCard| card.pan().expose().to_owned();
            assert_eq!(finish(started.scene.vault.with_card(token, &binding(), pan)).unwrap(), PAN);
        } else {
            assert_eq!(*paid.receipt.outcome(), ChargeOutcome::Unresolved, "{case}");
        }
        // Much later, it is neither expired nor lost.
        started.scene.clock.advance(HOUR);
        let known = started.settled(&acquirer);
        assert!(agree(&known, started.receipt().as_ref()), "{case}: {known:?}");
        assert_ne!(known, PaymentOutcome::Expired, "{case}");
        assert_eq!(authorised, matches!(known, PaymentOutcome::Authorised { .. }), "{case}");
        assert!(acquirer.charges() <= 1, "{case}");
    }
}

#[test]
fn attack_20_at_most_one_charge_with_keys_and_find() {
    repeated::<true>(true);
}

#[test]
fn attack_20_at_most_one_charge_with_keys_alone() {
    repeated::<true>(false);
}

#[test]
fn attack_20_at_most_one_charge_with_find_alone() {
    repeated::<false>(true);
}

#[test]
fn attack_20_at_most_one_charge_with_neither() {
    repeated::<false>(false);
}

/// The customer's device never comes back: what happened is found out without it.
fn abandoned<const KEYS: bool>(finds: bool) {
    for wrong in Wrong::all() {
        let started = started();
        let acquirer = Recording::<KEYS>::new(finds);
        wrong.plan(&started, &acquirer);
        let _ = started.pay(&acquirer);
        started.scene.store.heal();
        started.scene.clock.advance(HOUR);
        let known = started.settled(&acquirer);
        let charges = acquirer.charges();
        let case = format!("{wrong:?}, keys {KEYS}, find {finds}: {known:?}, {charges} charged");
        assert!(charges <= 1, "{case}");
        assert!(agree(&known, started.receipt().as_ref()), "{case}");
        match known {
            PaymentOutcome::Authorised { .. } => assert_eq!(charges, 1, "{case}"),
            PaymentOutcome::Declined(DeclineReason::NotCharged) => {
                assert!(finds, "{case}");
                assert_eq!(charges, 0, "{case}");
            }
            PaymentOutcome::Expired => assert_eq!(charges, 0, "{case}"),
            PaymentOutcome::Unresolved => assert!(!finds, "{case}"),
            _ => panic!("{case}"),
        }
    }
}

#[test]
fn what_nobody_repeats_is_found_out_by_a_sweep() {
    abandoned::<true>(true);
    abandoned::<false>(true);
}

#[test]
fn what_cannot_be_found_out_stays_unresolved() {
    abandoned::<true>(false);
    abandoned::<false>(false);
}
