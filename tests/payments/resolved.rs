//! What a person has found out about a payment, where the acquirer's connection does not tell: what becomes of it by their
//! word, and of what nobody has asked about.

use std::pin::pin;
use std::time::Duration;

use countersign::error::Invalid;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome, Receipt};
use countersign::store::Fault;
use countersign::vault::{Acquirer, AcquirerAnswer, AcquirerError, Found, Resolution};
use countersign::{CustomerId, Error, Window};

use crate::habits::{Own, SOFT, is_authorised, vault_from};
use crate::scripted::Scripted;
use crate::support::crashes::{Started, finish, started};
use crate::support::dying::polled;
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;
use crate::two_cards_given_up::{MUMBLES, Two};

const DECLINED: ChargeOutcome = ChargeOutcome::Declined(DeclineReason::Other);

fn done(id: &str, amount: Option<u64>) -> Resolution {
    Resolution::Done { id: id.to_owned(), amount }
}

fn resolve(of: &Started, receipt: &Receipt, as_found: &Resolution) -> Result<Receipt, Error> {
    finish(of.scene.vault.resolve_payment(&alice(), receipt, as_found))
}

/// Whether a sweep tells it as in doubt; each receipt that it gives is settled.
fn in_doubt(of: &Started, acquirer: &impl Acquirer) -> bool {
    let payments = of.scene.verifier.payments();
    let swept = finish(of.scene.vault.reconcile(3 * HOUR, acquirer)).unwrap();
    assert!(swept.failed.is_none(), "{swept:?}");
    for (customer, receipt) in &swept.receipts {
        finish(payments.apply_receipt(customer, receipt)).unwrap();
        finish(of.scene.vault.acknowledge(customer, receipt)).unwrap();
    }
    !swept.in_doubt.is_empty()
}

fn known(of: &Started) -> PaymentOutcome {
    finish(of.scene.verifier.payments().outcome(&bob_rings(), &of.asked.payment.id)).unwrap()
}

/// A payment whose answer was lost, at an acquirer that finds nothing out, when nothing more can come.
fn unresolved() -> (Started, Scripted) {
    let (of, psp) = (started(), Scripted::new());
    assert_eq!(*of.pay(&psp).unwrap().unwrap().receipt.outcome(), ChargeOutcome::Unresolved);
    of.scene.clock.advance(SURELY);
    assert!(in_doubt(&of, &psp));
    (of, psp)
}

/// It is charged by the person's word, under the acquirer's id: never more than was asked for.
#[test]
fn what_was_charged_by_a_persons_word_is_authorised() {
    for (said, beyond) in [(None, None), (Some(4_200), None), (Some(5_000), Some(800))] {
        let (of, psp) = unresolved();
        let receipt = resolve(&of, &of.receipt().unwrap(), &done("txn-77", said)).unwrap();
        assert_eq!(of.receipt().unwrap(), receipt);
        assert!(!in_doubt(&of, &psp));
        match known(&of) {
            PaymentOutcome::Authorised { amount, transaction_id, .. } => {
                assert_eq!((amount, transaction_id.as_str()), (4_200, "txn-77"));
            }
            other => panic!("{other:?}"),
        }
        let details = finish(of.scene.vault.details(&of.asked.token)).unwrap().unwrap();
        assert_eq!((details.approved_beyond, details.held_beside), (beyond, false));
        // It is said once.
        refused(resolve(&of, &receipt, &done("txn-78", said)));
        assert_eq!(resolve(&of, &receipt, &Resolution::NotDone).unwrap(), receipt);
    }
}

/// The acquirer did not find it, and a person did: that nothing was charged was only inferred.
#[test]
fn what_was_only_inferred_is_corrected_by_a_persons_word() {
    let (of, psp) = unresolved();
    psp.says().finds.are([|| Ok(Found::Nothing)]);
    assert!(!in_doubt(&of, &psp));
    assert_eq!(known(&of), PaymentOutcome::Declined(DeclineReason::NotCharged));
    let receipt = of.receipt().unwrap();
    assert_eq!(resolve(&of, &receipt, &Resolution::NotDone).unwrap(), receipt);
    assert!(is_authorised(resolve(&of, &receipt, &done("txn-77", None)).unwrap().outcome()));
    assert!(!in_doubt(&of, &psp));
    assert!(matches!(known(&of), PaymentOutcome::Authorised { amount: 4_200, .. }));
}

/// A part that the policy does not take is given up by the next sweep, whatever the acquirer finds.
#[test]
fn a_part_that_was_charged_by_a_persons_word_is_voided() {
    let (of, psp) = unresolved();
    let receipt = resolve(&of, &of.receipt().unwrap(), &done("txn-77", Some(2_000))).unwrap();
    assert_eq!((receipt.outcome(), psp.says().voided.len()), (&ChargeOutcome::Unresolved, 0));
    assert!(!in_doubt(&of, &psp));
    assert_eq!(known(&of), PaymentOutcome::Declined(DeclineReason::PartlyApproved));
    assert_eq!(psp.says().voided, [2_000]);
}

/// Nothing was charged: whether its answer was lost, it decides later, or it is given up in vain.
#[test]
fn what_was_not_charged_by_a_persons_word_is_declined() {
    let answers: [fn() -> Result<AcquirerAnswer, AcquirerError>; 3] = [
        || Err(AcquirerError::InDoubt),
        || Ok(AcquirerAnswer::pending()),
        || Ok(AcquirerAnswer::not_approved()),
    ];
    for answer in answers {
        let (of, psp) = (started(), Scripted::new());
        psp.says().authorises.are([answer]);
        of.pay(&psp).unwrap().unwrap();
        of.scene.clock.advance(SURELY);
        for _ in 0..3 {
            assert!(in_doubt(&of, &psp));
            of.scene.clock.advance(HOUR);
        }
        let receipt = resolve(&of, &of.receipt().unwrap(), &Resolution::NotDone).unwrap();
        assert_eq!(*receipt.outcome(), DECLINED);
        for _ in 0..3 {
            of.scene.clock.advance(HOUR);
            assert!(!in_doubt(&of, &psp));
        }
        assert_eq!(known(&of), PaymentOutcome::Declined(DeclineReason::Other));
        assert_eq!(resolve(&of, &receipt, &Resolution::NotDone).unwrap(), receipt);
        assert_eq!(psp.says().voided, [0; 0]);
        finish(of.scene.vault.erase(&alice())).unwrap();
    }
}

/// As long as the acquirer may be at it, a person's word says nothing of what is still to come.
#[test]
fn nothing_is_resolved_while_it_may_be_on_its_way() {
    for as_found in [Resolution::NotDone, done("txn-77", None)] {
        let (of, psp) = (started(), Scripted::new());
        let receipt = of.pay(&psp).unwrap().unwrap().receipt;
        of.scene.clock.advance(SURELY - Duration::from_secs(1));
        let early = resolve(&of, &receipt, &as_found);
        assert!(matches!(early, Err(Error::Busy)), "{early:?}");
        assert_eq!(of.receipt().unwrap(), receipt);
        of.scene.clock.advance(Duration::from_secs(1));
        assert_ne!(resolve(&of, &receipt, &as_found).unwrap(), receipt);
    }
}

/// Nor of what waits for its customer, who may still have it charged.
#[test]
fn what_waits_for_its_customer_is_not_resolved() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    let receipt = of.pay(&psp).unwrap().unwrap().receipt;
    of.scene.clock.advance(SURELY);
    refused(resolve(&of, &receipt, &Resolution::NotDone));
    refused(resolve(&of, &receipt, &done("txn-77", None)));
    assert_eq!(of.receipt().unwrap(), receipt);
    of.scene.clock.advance(SURELY);
    let declined = resolve(&of, &receipt, &Resolution::NotDone).unwrap();
    assert_eq!(*declined.outcome(), DECLINED);
}

/// The receipt is the newest, and the customer's own.
#[test]
fn nothing_is_resolved_with_an_older_receipt_or_for_another_customer() {
    let (of, psp) = (started(), Scripted::new());
    let older = of.pay(&psp).unwrap().unwrap().receipt;
    of.scene.clock.advance(SURELY);
    psp.says().finds.are([|| Ok(Found::Answered(AcquirerAnswer::not_approved()))]);
    assert!(in_doubt(&of, &psp));
    let newest = of.receipt().unwrap();
    assert_ne!(older, newest);
    of.scene.clock.advance(SURELY);
    refused(resolve(&of, &older, &Resolution::NotDone));
    let vault = &of.scene.vault;
    // Some of them share its place.
    for n in 0..20 {
        let other = CustomerId::new(format!("other-{n}")).unwrap();
        refused(finish(vault.resolve_payment(&other, &newest, &Resolution::NotDone)));
    }
    assert_eq!(of.receipt().unwrap(), newest);
    assert_eq!(*resolve(&of, &newest, &Resolution::NotDone).unwrap().outcome(), DECLINED);
}

/// Money is held beside a payment, at an acquirer that takes neither reversals nor voids of what it does not find: it is told,
/// and the customer's data stays, until a person has asked.
#[tokio::test]
async fn what_is_held_beside_is_settled_by_a_persons_word() {
    let habits = |own| Own { reverses: Some(AcquirerError::Unsupported), ..own };
    let mut two = Two::cards_at(MUMBLES, habits).await;
    two.own.psp.book().mood = Mood::Approves;
    assert!(is_authorised(&two.pay_second().await));
    assert!(is_authorised(&two.first_is_known().await));
    two.of.scene.clock.advance(HOUR);
    let told = two.settled().await;
    assert!(matches!(told, PaymentOutcome::Authorised { amount: 4_200, .. }));
    assert!(two.held_beside().await);
    assert!(in_doubt(&two.of, &two.own));
    let erased = two.of.scene.vault.erase(&alice()).await;
    assert!(matches!(erased, Err(Error::Invalid(Invalid::PaymentOpen))), "{erased:?}");
    // What it charged is known already, and says nothing of the other card.
    let receipt = two.of.receipt().unwrap();
    refused(resolve(&two.of, &receipt, &done("txn-77", None)));
    assert!(two.held_beside().await);
    let since = resolve(&two.of, &receipt, &Resolution::NotDone).unwrap();
    assert!(since.count() > receipt.count());
    assert_eq!(since.outcome(), receipt.outcome());
    assert!(!two.held_beside().await);
    assert!(!in_doubt(&two.of, &two.own));
    assert_eq!(known(&two.of), told);
    assert_eq!(two.of.scene.vault.erase(&alice()).await.unwrap().payments, 1);
}

/// The vault was restored, and the acquirer does not say what became of cards that may have been sealed later.
#[test]
fn cards_that_were_forgotten_are_ruled_out_by_a_persons_word() {
    let mut of = started();
    let psp = Psp::new(&of.scene.clock).moody(SOFT);
    of.pay(&psp).unwrap().unwrap();
    of.scene.clock.advance(Duration::from_secs(1));
    let lost = Window::new(START, of.scene.now()).unwrap();
    of.scene.vault = vault_from(&of.scene, &of.scene.store.records(), lost);
    psp.book().finds = Finds::Never;
    of.scene.clock.advance(HOUR);
    assert!(in_doubt(&of, &psp));
    let receipt = of.receipt().unwrap();
    assert_eq!(resolve(&of, &receipt, &Resolution::NotDone).unwrap(), receipt);
    for _ in 0..3 {
        of.scene.clock.advance(HOUR);
        assert!(!in_doubt(&of, &psp));
    }
    assert_eq!(known(&of), PaymentOutcome::Declined(DeclineReason::WrongDetails));
}

/// The person was wrong: a call that was slow to note it brings the approval. Money that was taken was taken.
#[test]
fn an_approval_outweighs_a_persons_word() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).finding(Finds::Never));
    own.hold(1, true);
    let mut slow = pin!(of.scene.vault.pay(&ALICE, &of.asked.token, &of.sealed, &own));
    assert!(polled(slow.as_mut(), 50).is_none());
    of.scene.clock.advance(SURELY);
    let receipt = of.receipt().unwrap();
    assert_eq!(*resolve(&of, &receipt, &Resolution::NotDone).unwrap().outcome(), DECLINED);
    own.hold(1, false);
    assert!(is_authorised(polled(slow, 1000).unwrap().unwrap().receipt.outcome()));
    assert!(is_authorised(of.receipt().unwrap().outcome()));
}

/// Whatever goes wrong in the store: it is resolved, or is not, and is resolved with the newest receipt then.
#[test]
fn a_resolution_that_the_store_interrupts_is_made_whole_by_the_next() {
    for as_found in [Resolution::NotDone, done("txn-77", None)] {
        for fault in Fault::ALL {
            for at in 0..8 {
                let (of, psp) = unresolved();
                let receipt = of.receipt().unwrap();
                of.scene.store.plan(at, fault);
                let _ = resolve(&of, &receipt, &as_found);
                of.scene.store.heal();
                let receipt = of.receipt().unwrap();
                if *receipt.outcome() == ChargeOutcome::Unresolved {
                    resolve(&of, &receipt, &as_found).unwrap();
                }
                assert!(!in_doubt(&of, &psp), "{fault:?} {at}");
                let is_done = matches!(as_found, Resolution::Done { .. });
                assert_eq!(is_authorised(of.receipt().unwrap().outcome()), is_done);
            }
        }
    }
}

/// Where the acquirer has said it itself, a person's word adds nothing.
#[test]
fn a_payment_that_has_ended_is_left_as_it_is() {
    let of = started();
    let psp = Psp::new(&of.scene.clock);
    psp.plan(0, Trouble::After);
    let receipt = of.pay(&psp).unwrap().unwrap().receipt;
    assert!(is_authorised(receipt.outcome()));
    of.scene.clock.advance(SURELY);
    let before = of.scene.store.records();
    assert_eq!(resolve(&of, &receipt, &Resolution::NotDone).unwrap(), receipt);
    refused(resolve(&of, &receipt, &done("txn-1", Some(4_200))));
    assert_eq!(of.scene.store.records(), before);
}

/// The same of a payment that was being given up: what came of it before the person asked is given up by now.
#[test]
fn an_approval_of_what_was_given_up_by_a_persons_word_is_none() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock));
    let own = Own { reverses: Some(AcquirerError::Unsupported), ..own };
    own.hold(1, true);
    let mut slow = pin!(of.scene.vault.pay(&ALICE, &of.asked.token, &of.sealed, &own));
    assert!(polled(slow.as_mut(), 50).is_none());
    of.scene.clock.advance(SURELY);
    *own.finds.lock().unwrap() = Some(|| Found::Answered(AcquirerAnswer::not_approved()));
    assert!(in_doubt(&of, &own));
    of.scene.clock.advance(SURELY);
    let declined = resolve(&of, &of.receipt().unwrap(), &Resolution::NotDone).unwrap();
    assert_eq!(*declined.outcome(), DECLINED);
    own.hold(1, false);
    assert_eq!(polled(slow, 1000).unwrap().unwrap().receipt, declined);
    assert_eq!(of.receipt().unwrap(), declined);
}

/// While one card is given up, something nobody understands is held of another: what a person found out about the first says
/// nothing of that.
#[test]
fn what_was_charged_of_one_card_says_nothing_of_another() {
    let mut of = started();
    let psp = Scripted::new();
    psp.says().authorises.are([|| Ok(AcquirerAnswer::not_approved())]);
    of.pay(&psp).unwrap().unwrap();
    of.scene.clock.advance(Duration::from_secs(1));
    let lost = Window::new(START, of.scene.now()).unwrap();
    of.scene.vault = vault_from(&of.scene, &of.scene.store.records(), lost);
    of.scene.clock.advance(HOUR);
    let mumbles = || Ok(Found::Answered(AcquirerAnswer::not_approved()));
    psp.says().finds.are([|| Ok(Found::Nothing), mumbles]);
    assert!(in_doubt(&of, &psp));
    let held = || {
        let details = finish(of.scene.vault.details(&of.asked.token));
        details.unwrap().unwrap().held_beside
    };
    assert!(held());
    of.scene.clock.advance(SURELY);
    resolve(&of, &of.receipt().unwrap(), &done("txn-77", None)).unwrap();
    psp.says().finds.are([|| Ok(Found::Unknown)]);
    assert!(in_doubt(&of, &psp));
    // The first is voided, as it was found; of the second nobody knows what to void.
    assert_eq!((psp.says().voided.clone(), held()), (vec![4_200], true));
}
