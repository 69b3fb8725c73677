//! Deleting what the vault keeps of a customer.

use countersign::Error;
use countersign::error::Invalid;
use countersign::vault::Erased;

use crate::support::*;

fn open(result: Result<Erased, Error>) {
    assert!(matches!(result, Err(Error::Invalid(Invalid::PaymentOpen))), "{result:?}");
}

#[tokio::test]
async fn an_erasure_waits_for_open_payments_and_then_deletes_payments_and_cards() {
    let scene = scene();
    let paid = paid(&scene, "p-1", 3).await;
    let token = paid.card_token.unwrap();
    let before = scene.store.records();
    // The request is still valid, the receipt on its way.
    open(scene.vault.erase(&alice()).await);
    scene.vault.acknowledge(&alice(), &paid.receipt).await.unwrap();
    open(scene.vault.erase(&alice()).await);
    let valid_for = scene.verifier.policy().payments.valid_for;
    scene.clock.advance(valid_for + scene.verifier.policy().leeway);
    assert_eq!(scene.vault.erase(&mallory()).await.unwrap(), Erased::default());
    let rows = |records: &[(countersign::store::Place, _)]| records.len();
    assert_eq!(rows(&scene.store.records()), rows(&before), "nothing was deleted so far");
    let erased = scene.vault.erase(&alice()).await.unwrap();
    assert_eq!((erased.payments, erased.cards), (1, 1));
    // The opening keys' record is left.
    assert_eq!(scene.store.records().len(), before.len() - 2);
    refused(scene.vault.with_card(&token, &binding(), |_| ()).await);
    refused(scene.vault.acknowledge(&alice(), &paid.receipt).await);
    let refund = scene.vault.refund(&alice(), &paid.receipt, 1, &request("r"), &acquirer()).await;
    refused(refund);
    assert_eq!(scene.vault.erase(&alice()).await.unwrap(), Erased::default());
}

/// The sealed card of an erased payment cannot be charged again, nor kept again.
#[tokio::test]
async fn an_erased_payment_is_repeated_by_nobody() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let acquirer = acquirer();
    let paid = scene.vault.pay(&asked.token, &sealed, &acquirer).await.unwrap();
    scene.vault.acknowledge(&alice(), &paid.receipt).await.unwrap();
    let valid_for = scene.verifier.policy().payments.valid_for;
    scene.clock.advance(valid_for + scene.verifier.policy().leeway);
    scene.vault.erase(&alice()).await.unwrap();
    refused(scene.vault.pay(&asked.token, &sealed, &acquirer).await);
    assert_eq!(acquirer.charges(), 1);
    assert!(scene.vault.receipt(&asked.token).await.unwrap().is_none());
}

/// One whose end is not known, whatever the time.
#[tokio::test]
async fn an_erasure_waits_for_a_payment_in_doubt() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let acquirer = Recording::<true>::new(false);
    acquirer.plan(0, Trouble::Before);
    scene.vault.pay(&asked.token, &sealed, &acquirer).await.unwrap();
    scene.clock.advance(24 * HOUR);
    open(scene.vault.erase(&alice()).await);
    // Another customer's are no business of theirs.
    assert_eq!(scene.vault.erase(&mallory()).await.unwrap(), Erased::default());
}
