//! An acquirer that takes no reversals: what it holds beside a payment, or may, is voided; and what it does not void is told.

use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::vault::{AcquirerAnswer, AcquirerError, Found};

use crate::habits::{Own, is_authorised};
use crate::support::crashes::{finish, started};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;
use crate::two_cards_given_up::{MUMBLES, PARTLY, Two, a_while, paying};

const NEVER: [AcquirerError; 2] = [AcquirerError::Unsupported, AcquirerError::Refused];

/// It also finds nothing: of the first card it approved a part, or all, and said so late.
async fn two_at(takes: Mood, reverses: AcquirerError) -> Two {
    Two::cards_at(takes, |own| Own { reverses: Some(reverses), ..own }).await
}

fn voids(two: &Two) -> Vec<(u64, String)> {
    let book = two.own.psp.book();
    let voids = book.acts.iter().filter(|act| act.0 == "void");
    voids.map(|act| (act.2, act.3.clone())).collect()
}

#[tokio::test]
async fn what_is_held_beside_is_voided_where_the_acquirer_takes_no_reversals() {
    for (takes, amount) in [(PARTLY, 2_000), (Mood::Approves, 4_200)] {
        for reverses in NEVER {
            let case = format!("{takes:?} {reverses:?}");
            let mut two = two_at(takes, reverses).await;
            two.own.psp.book().mood = Mood::Approves;
            assert!(is_authorised(&two.pay_second().await), "{case}");
            let (vault, psp) = (&two.of.scene.vault, two.own.psp.clone());
            let receipt = vault.receipt(&two.of.asked.token).await.unwrap().unwrap();
            vault.capture(&alice(), &receipt, 1_000, &request("c-1"), &psp).await.unwrap();
            assert!(is_authorised(&two.first_is_known().await), "{case}");
            // The first alone, by the name that the acquirer gave it, and of nothing that was done with the second.
            assert_eq!(voids(&two), [(amount, "txn-1".to_owned())], "{case}");
            assert_eq!(two.own.psp.book().captured_as, [], "{case}");
            // There was one approval, and it is given up: nothing more can come.
            assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, false), "{case}");
            two.of.scene.clock.advance(SURELY);
            assert!(matches!(two.settled().await, PaymentOutcome::Authorised { .. }), "{case}");
            assert_eq!((voids(&two).len(), two.own.psp.charges()), (1, 1), "{case}");
            assert!(!two.own.psp.book().charges[1].undone, "the second stands");
        }
    }
}

/// The answer to the void is lost. Asked once more the acquirer says that it will not; what it did can be found out.
#[tokio::test]
async fn a_void_whose_answer_was_lost_is_found_out() {
    for known_later in [false, true] {
        let mut two = two_at(PARTLY, AcquirerError::Unsupported).await;
        two.own.psp.book().mood = Mood::Approves;
        assert!(is_authorised(&two.pay_second().await));
        two.own.psp.book().finds_acts = Finds::Never;
        two.own.psp.plan(0, Trouble::After);
        assert!(is_authorised(&two.first_is_known().await));
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, true));
        two.of.scene.clock.advance(SURELY);
        if known_later {
            two.own.psp.book().finds_acts = Finds::AtOnce;
        }
        two.settled().await;
        assert_eq!(two.held_beside().await, !known_later);
        assert_eq!(voids(&two).len(), 1);
    }
}

/// Nobody has heard of the approval when the card is given up; then it is found.
#[tokio::test]
async fn what_is_found_later_of_a_card_that_is_given_up_is_voided() {
    for reverses in NEVER {
        let mut two = two_at(Mood::Approves, reverses).await;
        two.own.psp.plan(0, Trouble::After);
        two.own.psp.book().finds = Finds::Never;
        assert_eq!(two.pay_second().await, ChargeOutcome::Unresolved);
        assert!(is_authorised(&two.first_is_known().await), "{reverses:?}");
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (2, true), "{reverses:?}");
        two.own.psp.book().finds = Finds::AtOnce;
        two.finds_by_itself();
        assert!(matches!(two.settled().await, PaymentOutcome::Authorised { .. }), "{reverses:?}");
        assert_eq!(voids(&two), [(4_200, "txn-2".to_owned())], "{reverses:?}");
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, false), "{reverses:?}");
        assert!(!two.own.psp.book().charges[0].undone, "the first stands");
    }
}

/// The second card is given up while its own call is slow; that call brings the approval.
#[tokio::test]
async fn what_a_slow_call_brings_of_a_card_that_is_given_up_is_voided() {
    let mut two = two_at(Mood::Approves, AcquirerError::Unsupported).await;
    let slow = Own { holds: std::sync::Arc::default(), ..two.own.clone() };
    slow.hold(1, true);
    let second = paying(&two.of, &slow, &two.second);
    a_while().await;
    assert!(is_authorised(&two.first_is_known().await));
    assert_eq!((two.own.psp.charges(), two.held_beside().await), (2, true));
    slow.hold(1, false);
    assert!(is_authorised(second.await.unwrap().unwrap().receipt.outcome()));
    assert_eq!(voids(&two), [(4_200, "txn-2".to_owned())]);
    assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, false));
    assert!(!two.own.psp.book().charges[0].undone, "the first stands");
}

/// The acquirer says in the end that it declined the card: there is nothing to void, once no more can come.
#[tokio::test]
async fn what_was_declined_holds_nothing_beside() {
    for reverses in NEVER {
        let mut two = two_at(Mood::Approves, reverses).await;
        two.own.psp.book().mood = Mood::Declines(DeclineReason::InsufficientFunds);
        two.own.psp.plan(0, Trouble::After);
        two.own.psp.book().finds = Finds::Never;
        assert_eq!(two.pay_second().await, ChargeOutcome::Unresolved);
        assert!(is_authorised(&two.first_is_known().await), "{reverses:?}");
        two.own.psp.book().finds = Finds::AtOnce;
        two.finds_by_itself();
        two.settled().await;
        assert!(two.held_beside().await, "it may still come");
        two.of.scene.clock.advance(SURELY);
        assert!(matches!(two.settled().await, PaymentOutcome::Authorised { .. }), "{reverses:?}");
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, false), "{reverses:?}");
        assert_eq!(voids(&two), [], "{reverses:?}");
    }
}

/// It takes neither, and says of what it has approved that it was declined: that is told in each sweep, for ever.
#[tokio::test]
async fn what_is_never_given_up_is_told_by_every_sweep() {
    let mut two = two_at(PARTLY, AcquirerError::Unsupported).await;
    two.own.psp.book().mood = Mood::Approves;
    assert!(is_authorised(&two.pay_second().await));
    two.own.psp.book().undoes = Some(AcquirerError::Unsupported);
    assert!(is_authorised(&two.first_is_known().await));
    two.finds(|| Found::Answered(AcquirerAnswer::declined(DeclineReason::WrongDetails)));
    let (scene, customer) = (&two.of.scene, alice());
    let receipt = scene.vault.receipt(&two.of.asked.token).await.unwrap().unwrap();
    scene.vault.acknowledge(&customer, &receipt).await.unwrap();
    for _ in 0..100 {
        scene.clock.advance(HOUR);
        let swept = scene.vault.reconcile(3 * HOUR, &two.own).await.unwrap();
        assert_eq!((swept.receipts.len(), swept.failed.is_none()), (0, true));
        let [(whose, payment, at)] = &swept.in_doubt[..] else { panic!("{swept:?}") };
        let seen = scene.vault.look_up(whose, *payment, *at).await.unwrap().unwrap();
        assert!(seen.details.held_beside);
        assert_eq!(seen.receipt, receipt);
    }
    assert_eq!(two.own.psp.charges(), 2);
}

/// Nobody knows what the answer was, and the acquirer says later what it approved.
#[test]
fn what_may_have_been_authorised_is_voided_once_it_is_found() {
    for reverses in NEVER {
        let of = started();
        let own = Own { reverses: Some(reverses), ..Own::new(Psp::new(&of.scene.clock)) };
        own.psp.book().mood = MUMBLES;
        own.psp.book().finds = Finds::Never;
        let paid = of.pay(&own).unwrap().unwrap();
        assert_eq!(*paid.receipt.outcome(), ChargeOutcome::Unresolved);
        of.scene.clock.advance(SURELY);
        let swept = finish(of.scene.vault.reconcile(HOUR, &own)).unwrap();
        assert_eq!((swept.in_doubt.len(), own.psp.charges()), (1, 1), "{reverses:?}");
        own.psp.book().finds = Finds::AtOnce;
        let declined = PaymentOutcome::Declined(DeclineReason::Other);
        assert_eq!(of.settled(&own), declined, "{reverses:?}");
        assert_eq!((own.psp.charges(), own.psp.called("void")), (0, 1), "{reverses:?}");
    }
}
