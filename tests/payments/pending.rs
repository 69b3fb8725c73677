//! What waits for an app that was off, of payments: until it is known how they ended, and with a token for as long
//! as a card may be given.

use std::time::Duration;

use countersign::payment::{DeclineReason, PaymentStatus};
use countersign::pending::PendingPayment;
use countersign::{Interaction, Timestamp};

use crate::support::*;

const SECOND: Duration = Duration::from_secs(1);

async fn waiting(scene: &Scene) -> Vec<PendingPayment> {
    let pending = scene.verifier.pending(&alice()).await.unwrap();
    assert_eq!((pending.challenges, pending.step_ups, pending.unreadable), (vec![], vec![], 0));
    pending.payments
}

/// Status and whether there is a token, of the only payment that waits.
async fn at(scene: &Scene, at: Timestamp) -> Option<(PaymentStatus, bool)> {
    scene.clock.set(at);
    let waiting = waiting(scene).await;
    assert!(waiting.len() < 2);
    waiting.first().map(|one| (one.payment.status, one.token.is_some()))
}

#[tokio::test]
async fn a_payment_waits_with_the_token_that_the_agent_got() {
    let scene = scene();
    let (first, second) = (scene.asked("p-1").await, scene.asked("p-2").await);
    scene.clock.advance(MINUTE);
    let (rows, _) = (scene.bank_store.records(), scene.bank_seen.take());
    let found = waiting(&scene).await;
    let tokens: Vec<_> = found.iter().map(|one| one.token.clone().unwrap()).collect();
    assert_eq!(tokens, [second.token, first.token], "newest first");
    assert_eq!(found[1].payment, first.payment);
    assert_eq!(scene.bank_store.records(), rows);
    assert_eq!(scene.bank_seen.take().len(), 0);
    assert_eq!(scene.verifier.pending(&mallory()).await.unwrap().payments, []);
    assert!(phone_of(mallory()).open_payment(&tokens[0], scene.now()).is_err());

    // It is one that the vault takes: she pays with it.
    let shown = phone().open_payment(&tokens[0], scene.now()).unwrap();
    let sealed = shown.seal(&card(), &countersign::random::SeededRandom::new(3)).unwrap();
    let paid = scene.vault.pay(&ALICE, &tokens[0], &sealed, &acquirer()).await.unwrap();
    // Until the receipt has come the enterprise does not know, and the same card goes the same way.
    assert_eq!(waiting(&scene).await, found);
    let again = scene.vault.pay(&ALICE, &tokens[0], &sealed, &acquirer()).await.unwrap();
    assert_eq!(again.receipt.outcome(), paid.receipt.outcome());
    scene.verifier.payments().apply_receipt(&alice(), &paid.receipt).await.unwrap();
    assert_eq!(waiting(&scene).await, found[1..]);
}

#[tokio::test]
async fn a_payment_is_in_flight_when_no_card_may_be_given_any_more() {
    let scene = scene();
    let until = scene.asked("p-1").await.payment.until;
    assert_eq!(at(&scene, until.before(SECOND)).await, Some((PaymentStatus::Requested, true)));
    let token = waiting(&scene).await[0].token.clone().unwrap();
    let _ = phone().open_payment(&token, scene.now()).unwrap();
    assert_eq!(at(&scene, until).await, Some((PaymentStatus::Requested, false)));
    let policy = scene.verifier.policy();
    let late = until.after(policy.payments.authenticate_within);
    let over = late.after(policy.payments.authorise_within).after(policy.leeway);
    assert_eq!(at(&scene, over.before(SECOND)).await, Some((PaymentStatus::Requested, false)));
    assert_eq!(at(&scene, over).await, None);
}

#[tokio::test]
async fn one_in_doubt_waits_until_it_is_settled_and_a_declined_one_no_more() {
    let scene = scene();
    let acquirer = Recording::<false>::new(false);
    acquirer.plan(0, Trouble::After);
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    scene.verifier.payments().apply_receipt(&alice(), &paid.receipt).await.unwrap();
    let doubt = Some((PaymentStatus::Unresolved, false));
    assert_eq!(at(&scene, scene.now()).await, doubt, "no other card may be given for it");
    assert_eq!(at(&scene, scene.now().after(30 * 24 * HOUR)).await, doubt);

    let scene = crate::support::scene();
    let acquirer = crate::support::acquirer();
    acquirer.book().declines = Some(DeclineReason::InsufficientFunds);
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    scene.verifier.payments().apply_receipt(&alice(), &paid.receipt).await.unwrap();
    assert_eq!(waiting(&scene).await, []);
}

#[tokio::test]
async fn a_payment_of_an_interaction_that_has_ended_says_so() {
    let scene = scene();
    scene.asked("p-1").await;
    assert!(!waiting(&scene).await[0].interaction_ended);
    let call: Interaction = bob_rings();
    scene.verifier.contact().close(&call).await.unwrap();
    assert!(waiting(&scene).await[0].interaction_ended);
}

#[tokio::test]
async fn a_payment_of_a_clock_far_ahead_has_no_token_yet() {
    let scene = scene();
    scene.clock.set(START.after(HOUR));
    scene.asked("p-1").await;
    let early = START.after(HOUR).before(scene.verifier.policy().leeway);
    let requested = |token| Some((PaymentStatus::Requested, token));
    assert_eq!(at(&scene, early.before(SECOND)).await, requested(false));
    assert_eq!(at(&scene, early).await, requested(true));
    let token = waiting(&scene).await[0].token.clone().unwrap();
    let _ = phone().open_payment(&token, early).unwrap();
}
