//! An approval of a part, or an answer that nobody understands, that comes when the payment has ended: nothing is taken of it,
//! and nothing stays held.

use std::pin::pin;

use countersign::Error;
use countersign::error::Invalid;
use countersign::history::Action;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::vault::{AcquirerAnswer, AcquirerError, Found};

use crate::habits::Own;
use crate::support::crashes::{Started, finish, started};
use crate::support::dying::polled;
use crate::support::psp::{Mood, Psp, Trouble};
use crate::support::*;

const NOT_CHARGED: ChargeOutcome = ChargeOutcome::Declined(DeclineReason::NotCharged);

const fn declined() -> PaymentOutcome {
    PaymentOutcome::Declined(DeclineReason::NotCharged)
}

fn held_beside(of: &Started) -> bool {
    finish(of.scene.vault.details(&of.asked.token)).unwrap().unwrap().held_beside
}

/// The enterprise has settled what the vault says, and the next sweep has nothing to give and nothing to ask.
fn is_over(of: &Started, own: &Own) {
    let receipt = of.receipt().unwrap();
    finish(of.scene.vault.acknowledge(&alice(), &receipt)).unwrap();
    let (rows, calls) = (of.scene.store.records(), own.psp.book().calls.len());
    for _ in 0..2 {
        of.scene.clock.advance(MINUTE);
        let swept = finish(of.scene.vault.reconcile(2 * HOUR, own)).unwrap();
        assert_eq!((swept.receipts, swept.failed.is_none()), (Vec::new(), true));
    }
    assert_eq!((of.scene.store.records(), own.psp.book().calls.len()), (rows, calls));
}

/// A sweep has said that nothing was charged, and the agent asks anew. Then a part of the first payment turns up.
#[test]
fn a_part_that_is_found_late_is_given_up_by_the_sweep_that_finds_it() {
    for part in [1, 2_000, 4_199] {
        let of = started();
        let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::ApprovesPart(part)));
        own.psp.plan(0, Trouble::Late);
        let doubt = of.pay(&own).unwrap().unwrap();
        assert_eq!(*doubt.receipt.outcome(), ChargeOutcome::Unresolved);
        of.scene.clock.advance(SURELY);
        assert_eq!(of.settled(&own), declined());
        let receipt = of.receipt().unwrap();
        finish(of.scene.vault.acknowledge(&alice(), &receipt)).unwrap();
        own.psp.land();
        assert_eq!((own.psp.charges(), own.psp.called("reverse")), (1, 0));
        of.scene.clock.advance(MINUTE);
        // As long as the acquirer does not say that it gave it up, the back end is told, and sweeps go on.
        own.psp.book().undoes = Some(AcquirerError::InDoubt);
        for asked in 1..=2 {
            assert_eq!(of.settled(&own), declined());
            let receipt = of.receipt().unwrap();
            assert_eq!(*receipt.outcome(), NOT_CHARGED);
            finish(of.scene.vault.acknowledge(&alice(), &receipt)).unwrap();
            let asked = (1, asked);
            assert_eq!((own.psp.charges(), own.psp.called("reverse")), asked, "{part}");
            assert!(held_beside(&of), "{part}");
            let erased = finish(of.scene.vault.erase(&alice()));
            assert!(matches!(erased, Err(Error::Invalid(Invalid::PaymentOpen))), "{erased:?}");
        }
        own.psp.book().undoes = None;
        assert_eq!(of.settled(&own), declined());
        assert_eq!((own.psp.charges(), own.psp.called("reverse")), (0, 3), "{part}");
        assert!(!held_beside(&of));
        // By the id that the acquirer has given since.
        assert_eq!(own.psp.book().sought_ids.last().unwrap().as_deref(), Some("txn-1"));
        assert_eq!(own.psp.called("authorise"), 1);
        let history = finish(of.scene.vault.payment_history(&of.asked.token)).unwrap();
        let actions: Vec<_> = history.events.iter().map(|event| event.action).collect();
        assert_eq!(
            actions,
            [
                Action::Pay,
                Action::LeaveUnresolved,
                Action::DeclinePayment,
                Action::AcknowledgeReceipt,
                Action::UndoPayment,
                Action::AcknowledgeReceipt,
                Action::UndoPayment,
            ]
        );
        is_over(&of, &own);
    }
}

/// An acquirer whose search tells the first answer for ever, given up or not.
#[test]
fn what_was_given_up_is_not_found_and_given_up_for_ever() {
    for finds in [
        (|| Found::Answered(AcquirerAnswer::approved("A1", "txn-1").for_amount(2_000)))
            as fn() -> _,
        || Found::Answered(AcquirerAnswer::not_approved()),
    ] {
        let of = started();
        let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::ApprovesPart(2_000)));
        own.psp.plan(0, Trouble::Late);
        of.pay(&own).unwrap().unwrap();
        of.scene.clock.advance(SURELY);
        assert_eq!(of.settled(&own), declined());
        own.psp.land();
        *own.finds.lock().unwrap() = Some(finds);
        assert_eq!(of.settled(&own), declined());
        assert_eq!((own.psp.charges(), own.psp.called("reverse")), (0, 1));
        assert!(!held_beside(&of));
        is_over(&of, &own);
    }
}

/// A call that takes far longer than it may brings the part itself.
#[test]
fn a_part_that_a_slow_call_brings_late_is_given_up() {
    let moods = [Mood::ApprovesPart(2_000), Mood::Mumbles { holds: true }];
    let undoes = [None, Some(AcquirerError::InDoubt), Some(AcquirerError::Unsupported)];
    for (mood, undoes) in moods.map(|mood| undoes.map(|undoes| (mood, undoes))).concat() {
        let of = started();
        let own = Own::new(Psp::new(&of.scene.clock).moody(mood));
        own.hold(1, true);
        let mut paying = pin!(of.scene.vault.pay(&ALICE, &of.asked.token, &of.sealed, &own));
        assert!(polled(paying.as_mut(), 20).is_none());
        *own.finds.lock().unwrap() = Some(|| Found::Nothing);
        of.scene.clock.advance(HOUR);
        assert_eq!(of.settled(&own), declined());
        assert_eq!(own.psp.charges(), 1);
        own.hold(1, false);
        own.psp.book().undoes = undoes;
        let paid = polled(paying, 1000).unwrap().unwrap();
        assert_eq!((paid.receipt.outcome(), &paid.card_token), (&NOT_CHARGED, &None), "{mood:?}");
        let held = undoes.is_some();
        let calls = (own.psp.charges(), own.psp.called("reverse"));
        assert_eq!(calls, (usize::from(held), 1), "{mood:?}");
        assert_eq!(held_beside(&of), held, "{mood:?}");
        // A sweep finds nothing, and has it given up all the same.
        own.psp.book().undoes = None;
        assert_eq!(of.settled(&own), declined());
        let calls = (own.psp.charges(), own.psp.called("reverse"));
        assert_eq!((calls, held_beside(&of)), ((0, 1 + usize::from(held)), false), "{mood:?}");
        is_over(&of, &own);
    }
}

/// The same of a challenge: nothing is charged before the customer has authenticated, so nothing is to be given up.
#[test]
fn a_challenge_that_comes_late_holds_nothing() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::Challenges));
    own.psp.plan(0, Trouble::Before);
    of.pay(&own).unwrap().unwrap();
    of.scene.clock.advance(SURELY);
    assert_eq!(of.settled(&own), declined());
    *own.finds.lock().unwrap() = Some(|| {
        let flow = countersign::vault::ChallengeFlow::Browser {
            acs_url: "https://acs.example/challenge".to_owned(),
            creq: "e30".to_owned(),
        };
        let challenge = countersign::vault::AuthenticationChallenge::new(PAN, flow).unwrap();
        Found::Answered(AcquirerAnswer::challenge(challenge))
    });
    assert_eq!(of.settled(&own), declined());
    assert_eq!(own.psp.called("reverse"), 0);
    assert!(!held_beside(&of));
}
