//! What is given up is given up as a whole, whoever hears of it when: a void of a part, a greater amount that shows later, an
//! approval that comes while it is being given up, a later word that says the contrary.

use std::pin::pin;
use std::time::Duration;

use countersign::Window;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::vault::{
    AcquirerAnswer, AcquirerError, ActAnswer, AuthenticationChallenge, ChallengeFlow, Found,
    FoundAct,
};

use crate::habits::{Own, is_authorised, vault_from};
use crate::scripted::{NOT_SO, Scripted, approved};
use crate::support::crashes::{Started, finish, started};
use crate::support::dying::polled;
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;
use crate::two_cards_given_up::{MUMBLES, PARTLY, Two};

const NOT_CHARGED: PaymentOutcome = PaymentOutcome::Declined(DeclineReason::NotCharged);

/// What the enterprise knows after a sweep, and whether the sweep told it as in doubt.
fn swept(of: &Started, psp: &Scripted) -> (PaymentOutcome, bool) {
    let (vault, payments) = (&of.scene.vault, of.scene.verifier.payments());
    let swept = finish(vault.reconcile(3 * HOUR, psp)).unwrap();
    assert!(swept.failed.is_none(), "{swept:?}");
    for (customer, receipt) in &swept.receipts {
        finish(payments.apply_receipt(customer, receipt)).unwrap();
        finish(vault.acknowledge(customer, receipt)).unwrap();
    }
    let known = finish(payments.outcome(&bob_rings(), &of.asked.payment.id)).unwrap();
    (known, !swept.in_doubt.is_empty())
}

/// A payment of which a sweep has said that nothing was charged.
fn not_charged(psp: &Scripted) -> Started {
    let of = started();
    of.pay(psp).unwrap().unwrap();
    of.scene.clock.advance(SURELY);
    psp.says().finds.are([|| Ok(Found::Nothing)]);
    assert_eq!(swept(&of, psp), (NOT_CHARGED, false));
    of
}

const PART: fn() -> Result<ActAnswer, AcquirerError> =
    || Ok(ActAnswer::done("void").for_amount(1_500));
const WHOLE: fn() -> Result<ActAnswer, AcquirerError> =
    || Ok(ActAnswer::done("void").for_amount(2_000));
const LOST: fn() -> Result<ActAnswer, AcquirerError> = || Err(AcquirerError::InDoubt);

/// Of 2000 that were approved the acquirer voids 1500, by its answer or as it is found out.
#[test]
fn a_void_of_a_part_leaves_the_rest_held_and_told() {
    for found_out in [false, true] {
        let voids_a_part = |psp: &Scripted| {
            if found_out {
                psp.says().voids.are([LOST]);
                let part = || Ok(FoundAct::Done(ActAnswer::done("void").for_amount(1_500)));
                psp.says().finds_act.are([part]);
            } else {
                psp.says().voids.are([PART]);
                // Whatever it says of it later: its answer says a part.
                psp.says().finds_act.are([|| Ok(FoundAct::Done(ActAnswer::done("void")))]);
            }
        };
        // The payment itself.
        let psp = Scripted::new();
        psp.says().authorises.are([|| Ok(approved(2_000))]);
        voids_a_part(&psp);
        let of = started();
        of.pay(&psp).unwrap().unwrap();
        for _ in 0..3 {
            of.scene.clock.advance(SURELY);
            assert_eq!(swept(&of, &psp), (PaymentOutcome::Unresolved, true), "{found_out}");
        }
        psp.says().voids.are([WHOLE]);
        let declined = PaymentOutcome::Declined(DeclineReason::PartlyApproved);
        assert_eq!(swept(&of, &psp), (declined.clone(), false), "{found_out}");
        // Or it is reversed: the void was not one.
        let psp = Scripted::new();
        psp.says().authorises.are([|| Ok(approved(2_000))]);
        psp.says().reverses.are([|| Ok(())]);
        voids_a_part(&psp);
        let of = started();
        of.pay(&psp).unwrap().unwrap();
        assert_eq!((swept(&of, &psp), psp.says().reversed), ((declined, false), 1));
        // Beside the payment.
        let psp = Scripted::new();
        let of = not_charged(&psp);
        psp.says().finds.are([|| Ok(Found::Answered(approved(2_000)))]);
        voids_a_part(&psp);
        for _ in 0..3 {
            of.scene.clock.advance(SURELY);
            assert_eq!(swept(&of, &psp), (NOT_CHARGED, true), "{found_out}");
        }
        psp.says().voids.are([WHOLE]);
        assert_eq!(swept(&of, &psp), (NOT_CHARGED, false), "{found_out}");
        assert!(psp.says().voided.iter().all(|amount| *amount == 2_000));
    }
}

/// It says 2000 first and 4200 later: a void of the first would leave 2200 held.
#[test]
fn the_greater_of_two_amounts_is_voided() {
    // Beside the payment.
    let psp = Scripted::new();
    let of = not_charged(&psp);
    psp.says().finds.are([|| Ok(Found::Answered(approved(2_000)))]);
    psp.says().voids.are([LOST]);
    assert_eq!(swept(&of, &psp), (NOT_CHARGED, true));
    psp.says().finds.are([|| Ok(Found::Answered(approved(4_200)))]);
    psp.says().voids.are([|| Ok(ActAnswer::done("void"))]);
    assert_eq!(swept(&of, &psp), (NOT_CHARGED, false));
    assert_eq!(psp.says().voided, [2_000, 4_200]);

    // The payment itself.
    let psp = Scripted::new();
    psp.says().authorises.are([|| Ok(AcquirerAnswer::not_approved())]);
    psp.says().finds.are([|| Ok(Found::Answered(approved(2_000)))]);
    psp.says().voids.are([LOST]);
    let of = started();
    of.pay(&psp).unwrap().unwrap();
    assert_eq!(psp.says().voided, [2_000]);
    psp.says().finds.are([|| Ok(Found::Answered(approved(4_200)))]);
    assert_eq!(swept(&of, &psp), (PaymentOutcome::Unresolved, true));
    psp.says().voids.are([|| Ok(ActAnswer::done("void"))]);
    let declined = PaymentOutcome::Declined(DeclineReason::Other);
    assert_eq!(swept(&of, &psp), (declined, false));
    assert_eq!(psp.says().voided, [2_000, 2_000, 4_200]);
}

/// A void of another amount is another void: under one key an acquirer would give its first answer again.
#[test]
fn a_void_of_another_amount_has_a_key_of_its_own() {
    let of = started();
    let own =
        Own { reverses: Some(AcquirerError::Unsupported), ..Own::new(Psp::new(&of.scene.clock)) };
    own.psp.plan(0, Trouble::Before);
    of.pay(&own).unwrap().unwrap();
    of.scene.clock.advance(SURELY);
    assert_eq!(of.settled(&own), NOT_CHARGED);
    own.psp.book().finds_acts = Finds::Never;
    own.psp.plan(0, Trouble::After);
    for found in [(|| Found::Answered(approved(2_000))) as fn() -> Found, || {
        Found::Answered(approved(4_200))
    }] {
        *own.finds.lock().unwrap() = Some(found);
        of.settled(&own);
    }
    let book = own.psp.book();
    let voids: Vec<_> = book.acts.iter().map(|act| (act.0, act.2)).collect();
    assert_eq!(voids, [("void", 2_000), ("void", 4_200)]);
    assert_ne!(book.acts[0].1, book.acts[1].1);
}

/// Nobody knows what the answer was, so that it is given up; then the call that was slow brings the approval, which no search
/// finds.
#[test]
fn an_approval_that_comes_while_it_is_given_up_is_voided() {
    // Of more than was asked for the rest is held, too.
    for (amount, says) in [
        (4_200, (|| Ok(approved(4_200))) as fn() -> _),
        (2_000, || Ok(approved(2_000))),
        (5_000, || Ok(approved(5_000))),
    ] {
        let of = started();
        let psp = Scripted::new();
        psp.says().authorises.are([says]);
        psp.says().is_slow = true;
        let mut slow = pin!(of.scene.vault.pay(&ALICE, &of.asked.token, &of.sealed, &psp));
        assert!(polled(slow.as_mut(), 20).is_none());
        psp.says()
            .finds
            .are([|| Ok(Found::Answered(AcquirerAnswer::not_approved())), || Ok(Found::Unknown)]);
        let known = of.pay(&psp).unwrap().unwrap();
        assert_eq!(*known.receipt.outcome(), ChargeOutcome::Unresolved);
        psp.says().is_slow = false;
        let known = polled(slow, 1000).unwrap().unwrap();
        let declined = ChargeOutcome::Declined(DeclineReason::Other);
        assert_eq!(*known.receipt.outcome(), declined, "{amount}");
        assert_eq!(psp.says().voided, [amount]);
    }
}

/// The same where its void is lost: what was heard is remembered, though it is never found again.
#[test]
fn an_approval_that_is_heard_once_is_voided_later() {
    let psp = Scripted::new();
    psp.says().authorises.are([|| Ok(AcquirerAnswer::not_approved())]);
    psp.says().finds.are([|| Ok(Found::Answered(approved(2_000))), || Ok(Found::Unknown)]);
    psp.says().voids.are([LOST]);
    let of = started();
    of.pay(&psp).unwrap().unwrap();
    assert_eq!(swept(&of, &psp), (PaymentOutcome::Unresolved, true));
    psp.says().voids.are([WHOLE]);
    let declined = PaymentOutcome::Declined(DeclineReason::Other);
    assert_eq!(swept(&of, &psp), (declined, false));
    assert_eq!(psp.says().voided, [2_000; 3]);
}

fn challenge() -> Result<AcquirerAnswer, AcquirerError> {
    let flow = ChallengeFlow::Redirect { url: "https://a.example".to_owned() };
    let challenge = AuthenticationChallenge::new("3ds-1", flow).unwrap();
    Ok(AcquirerAnswer::challenge(challenge))
}

/// The customer did not authenticate, as far as the vault knew when it gave the payment up. The acquirer, which takes no
/// reversals, has charged by itself since.
#[test]
fn what_is_charged_though_nobody_authenticated_is_found_and_voided() {
    let of = started();
    let psp = Scripted::new();
    psp.says().authorises.are([challenge]);
    of.pay(&psp).unwrap().unwrap();
    of.scene.clock.advance(HOUR);
    psp.says().finds.are([|| Ok(Found::Nothing), || Ok(Found::Answered(approved(4_200)))]);
    psp.says().voids.are([LOST]);
    assert_eq!(swept(&of, &psp), (PaymentOutcome::Unresolved, true));
    psp.says().voids.are([|| Ok(ActAnswer::done("void"))]);
    let declined = PaymentOutcome::Declined(DeclineReason::NotAuthenticated);
    assert_eq!(swept(&of, &psp), (declined, false));
    assert_eq!(psp.says().voided, [4_200; 2]);
}

/// The same, and nobody understands what it says, or it says that it decides later: until it has, it is told.
#[test]
fn what_may_be_charged_though_nobody_authenticated_does_not_end_by_itself() {
    let mumbles: fn() -> _ = || Ok(Found::Answered(AcquirerAnswer::not_approved()));
    for says in [mumbles, || Ok(Found::Answered(AcquirerAnswer::pending()))] {
        let of = started();
        let psp = Scripted::new();
        psp.says().authorises.are([challenge]);
        of.pay(&psp).unwrap().unwrap();
        of.scene.clock.advance(HOUR);
        psp.says().finds.are([|| Ok(Found::Nothing), says]);
        for _ in 0..3 {
            assert_eq!(swept(&of, &psp), (PaymentOutcome::Unresolved, true));
            of.scene.clock.advance(HOUR);
        }
        let declined = || Ok(Found::Answered(AcquirerAnswer::declined(DeclineReason::Other)));
        psp.says().finds.are([declined]);
        let declined = PaymentOutcome::Declined(DeclineReason::NotAuthenticated);
        assert_eq!(swept(&of, &psp), (declined, false));
    }
}

/// It approves more than it was asked for: no more is taken, and the back end is told.
#[test]
fn what_is_approved_beyond_what_was_asked_for_is_told() {
    for (amount, beyond) in
        [(4_199, None), (4_200, None), (4_201, Some(1)), (u64::MAX, Some(u64::MAX - 4_200))]
    {
        let of = started();
        let psp = Scripted::new();
        psp.says().authorises.are([match amount {
            4_199 => || Ok(approved(4_199)),
            4_200 => || Ok(approved(4_200)),
            4_201 => || Ok(approved(4_201)),
            _ => || Ok(approved(u64::MAX)),
        }]);
        let paid = of.pay(&psp).unwrap().unwrap().receipt;
        let details = finish(of.scene.vault.details(&of.asked.token)).unwrap().unwrap();
        assert_eq!(details.approved_beyond, beyond, "{amount}");
        if amount >= 4_200 {
            let ChargeOutcome::Authorised { amount: taken, .. } = paid.outcome() else {
                panic!("{paid:?}")
            };
            assert_eq!(*taken, 4_200);
        }
    }
}

/// The acquirer says "nothing" first, and then that it will decide: the agent may have asked anew by then.
#[test]
fn what_is_decided_later_of_a_payment_that_was_not_charged_is_given_up() {
    let psp = Scripted::new();
    let of = not_charged(&psp);
    psp.says().finds.are([|| Ok(Found::Answered(AcquirerAnswer::pending()))]);
    for _ in 0..40 {
        of.scene.clock.advance(HOUR);
        assert_eq!(swept(&of, &psp), (NOT_CHARGED, true));
    }
    assert!(psp.says().voided.is_empty());
    psp.says().finds.are([|| Ok(Found::Answered(approved(4_200)))]);
    assert_eq!(swept(&of, &psp), (NOT_CHARGED, false));
    assert_eq!(psp.says().voided, [4_200]);

    // One that takes reversals will not decide it any more.
    let psp = Scripted::new();
    let of = not_charged(&psp);
    psp.says().finds.are([|| Ok(Found::Answered(AcquirerAnswer::pending()))]);
    psp.says().reverses.are([|| Ok(())]);
    for _ in 0..2 {
        assert_eq!(swept(&of, &psp), (NOT_CHARGED, false));
    }
    assert_eq!(psp.says().reversed, 1);
}

/// A sweep says that nothing was charged while a repeated call hears of the approval.
#[test]
fn an_approval_that_is_heard_of_what_has_ended_meanwhile_counts() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock));
    own.psp.plan(0, Trouble::Late);
    of.pay(&own).unwrap().unwrap();
    of.scene.clock.advance(SURELY);
    own.psp.land();
    own.hold(0, true);
    let mut again = pin!(of.scene.vault.pay(&ALICE, &of.asked.token, &of.sealed, &own));
    assert!(polled(again.as_mut(), 50).is_none());
    *own.finds.lock().unwrap() = Some(|| Found::Nothing);
    assert_eq!(of.settled(&own), NOT_CHARGED);
    own.hold(0, false);
    let known = polled(again, 1000).unwrap().unwrap();
    assert!(is_authorised(known.receipt.outcome()), "{known:?}");
    assert!(known.card_token.is_some());
    assert_eq!(own.psp.charges(), 1);
}

/// The same, but meanwhile the acquirer said that it decides later, and gave it up: nothing is charged any more.
#[test]
fn an_approval_that_is_heard_of_what_was_given_up_meanwhile_is_none() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock));
    own.psp.plan(0, Trouble::Late);
    of.pay(&own).unwrap().unwrap();
    of.scene.clock.advance(SURELY);
    own.psp.land();
    own.hold(0, true);
    let mut again = pin!(of.scene.vault.pay(&ALICE, &of.asked.token, &of.sealed, &own));
    assert!(polled(again.as_mut(), 50).is_none());
    for says in [|| Found::Nothing, || Found::Answered(AcquirerAnswer::pending())] {
        *own.finds.lock().unwrap() = Some(says);
        assert_eq!(of.settled(&own), NOT_CHARGED);
    }
    assert_eq!(own.psp.charges(), 0);
    own.hold(0, false);
    let known = polled(again, 1000).unwrap().unwrap();
    let declined = ChargeOutcome::Declined(DeclineReason::NotCharged);
    assert_eq!(*known.receipt.outcome(), declined);
    assert_eq!(own.psp.charges(), 0);
}

/// After a restore: while one card is being given up, the acquirer shows what it approved of another. That is given up, too.
#[test]
fn another_card_that_shows_while_one_is_given_up_is_given_up_as_well() {
    let mut of = started();
    let psp = Scripted::new();
    psp.says().authorises.are([challenge]);
    of.pay(&psp).unwrap().unwrap();
    of.scene.clock.advance(Duration::from_secs(1));
    let lost = Window::new(START, of.scene.now()).unwrap();
    of.scene.vault = vault_from(&of.scene, &of.scene.store.records(), lost);
    of.scene.clock.advance(3 * HOUR);
    let nothing: fn() -> _ = || Ok(Found::Nothing);
    let second = || Ok(Found::Answered(approved(4_200)));
    // Of each of three cards, when the first is abandoned; then of the first, and of the second.
    psp.says().finds.are([nothing, nothing, nothing, nothing, second, nothing]);
    let (known, in_doubt) = swept(&of, &psp);
    assert_eq!((known, in_doubt), (PaymentOutcome::Unresolved, true));
    assert_eq!(psp.says().voided, [4_200]);
    let declined = PaymentOutcome::Declined(DeclineReason::NotAuthenticated);
    assert_eq!(swept(&of, &psp), (declined, false));
    assert_eq!(psp.says().voided, [4_200]);
}

async fn two_at(takes: Mood) -> Two {
    let two = Two::cards_at(takes, |own| Own { reverses: NOT_SO.err(), ..own }).await;
    two.own.psp.book().mood = Mood::Approves;
    two
}

fn voided(two: &Two) -> Vec<(u64, String)> {
    let book = two.own.psp.book();
    let voids = book.acts.iter().filter(|act| act.0 == "void");
    voids.map(|act| (act.2, act.3.clone())).collect()
}

/// A search has shown once what was approved of the first card; its void was lost, and the next search says that it was
/// declined.
#[tokio::test]
async fn what_was_found_once_of_a_card_that_is_given_up_is_not_taken_for_declined() {
    let mut two = two_at(MUMBLES).await;
    assert!(is_authorised(&two.pay_second().await));
    two.own.psp.book().undoes = Some(AcquirerError::InDoubt);
    assert!(is_authorised(&two.first_is_known().await));
    two.finds(|| Found::Answered(AcquirerAnswer::approved("A1", "txn-1").for_amount(2_000)));
    two.settled().await;
    two.finds(|| Found::Answered(AcquirerAnswer::declined(DeclineReason::WrongDetails)));
    two.of.scene.clock.advance(SURELY);
    two.settled().await;
    assert!(two.held_beside().await);
    assert_eq!(voided(&two), []);
    two.own.psp.book().undoes = None;
    two.settled().await;
    assert_eq!(voided(&two), [(2_000, "txn-1".to_owned())]);
    assert!(!two.held_beside().await);
}

/// Of the second card nobody knows what it came to, and nobody ever will; what the first holds is voided all the same.
#[tokio::test]
async fn what_is_held_beside_is_given_up_though_the_payment_never_ends() {
    let mut two = two_at(PARTLY).await;
    {
        let mut book = two.own.psp.book();
        (book.mood, book.finds) = (MUMBLES, Finds::Never);
        book.undoes = Some(AcquirerError::InDoubt);
    }
    assert_eq!(two.pay_second().await, ChargeOutcome::Unresolved);
    assert_eq!(two.first_is_known().await, ChargeOutcome::Unresolved);
    assert!(two.held_beside().await);
    two.own.psp.book().undoes = None;
    assert_eq!(two.settled().await, PaymentOutcome::Unresolved);
    assert_eq!(voided(&two), [(2_000, "txn-1".to_owned())]);
    assert!(!two.held_beside().await);
}
