//! Deleting what the vault keeps of a customer.

use countersign::error::{Invalid, RecordError};
use countersign::random::SeededRandom;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::vault::Erased;
use countersign::{Error, Vault};

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
    let payments = &scene.verifier.policy().payments;
    let repeatable = payments.valid_for + payments.authenticate_within;
    let second = std::time::Duration::from_secs(1);
    // By a clock that is ahead, the request is over; by another it is not.
    scene.clock.advance(repeatable + scene.verifier.policy().leeway - second);
    open(scene.vault.erase(&alice()).await);
    scene.clock.advance(second);
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
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    scene.vault.acknowledge(&alice(), &paid.receipt).await.unwrap();
    let payments = &scene.verifier.policy().payments;
    let repeatable = payments.valid_for + payments.authenticate_within;
    scene.clock.advance(repeatable + scene.verifier.policy().leeway);
    scene.vault.erase(&alice()).await.unwrap();
    refused(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
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
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    scene.clock.advance(24 * HOUR);
    open(scene.vault.erase(&alice()).await);
    // Another customer's are no business of theirs.
    assert_eq!(scene.vault.erase(&mallory()).await.unwrap(), Erased::default());
}

/// Several enterprises may have one vault: the cards of another stay.
#[tokio::test]
async fn an_erasure_takes_no_card_of_another_enterprise() {
    let scene = scene();
    let paid = paid(&scene, "p-1", 3).await;
    let token = paid.card_token.unwrap();
    let key = SigningKey::from_seed(&[77; 32]).unwrap();
    let mut keys = TrustedKeys::new("other.example".parse().unwrap());
    keys.trust(*key.public_key(), Purpose::PaymentRequest).unwrap();
    let other = Vault::builder(vault_issuer(), vault_keyring(), receipt_signing(), keys)
        .store(scene.store.clone())
        .clock(scene.clock.clone())
        .build()
        .unwrap();
    assert_eq!(other.erase(&alice()).await.unwrap(), Erased::default());
    scene.vault.with_card(&token, &binding(), |_| ()).await.unwrap();
}

/// What was never charged, and is known to everybody, does not stand in the way for ever.
#[tokio::test]
async fn a_payment_that_was_not_charged_can_be_erased_once_that_is_settled() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let acquirer = Recording::<true>::new(true);
    acquirer.plan(0, Trouble::Before);
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    scene.clock.advance(24 * HOUR);
    let swept = scene.vault.reconcile(48 * HOUR, &acquirer).await.unwrap();
    for (customer, receipt) in &swept.receipts {
        scene.vault.acknowledge(customer, receipt).await.unwrap();
    }
    assert_eq!(scene.vault.erase(&alice()).await.unwrap().payments, 1);
}

/// A payment whose key this process does not know may be the customer's.
#[tokio::test]
async fn a_vault_without_the_newest_key_erases_nothing() {
    let scene = scene();
    let paid = paid(&scene, "p-1", 3).await;
    scene.vault.acknowledge(&alice(), &paid.receipt).await.unwrap();
    scene.clock.advance(24 * HOUR);
    let old = vault_on(&scene.store, &scene.clock, &scene.seen, 3).build().unwrap();
    let mut newer = vault_keyring();
    newer.rotate(&SeededRandom::new(99)).unwrap();
    let newer = Vault::builder(vault_issuer(), newer, receipt_signing(), enterprise())
        .store(scene.store.clone())
        .clock(scene.clock.clone())
        .build()
        .unwrap();
    newer.reseal(100).await.unwrap();
    let before = scene.store.records();
    let erased = old.erase(&alice()).await;
    assert!(matches!(erased, Err(Error::Record(RecordError::UnknownKey(_)))), "{erased:?}");
    assert_eq!(scene.store.records(), before);
    assert_eq!(newer.erase(&alice()).await.unwrap().payments, 1);
}

/// The enterprise's half waits for a receipt that is on its way, and nothing is lost.
#[tokio::test]
async fn the_enterprise_erases_no_payment_whose_receipt_is_on_its_way() {
    let scene = scene();
    let paid = paid(&scene, "p-1", 3).await;
    scene.clock.advance(23 * HOUR);
    let erased = scene.verifier.customers().erase(&alice()).await;
    assert!(matches!(erased, Err(Error::Invalid(Invalid::PaymentOpen))), "{erased:?}");
    scene.verifier.payments().apply_receipt(&alice(), &paid.receipt).await.unwrap();
    assert_eq!(scene.verifier.customers().erase(&alice()).await.unwrap().records, 1);
}

/// Finding 8: what was written meanwhile stays, and that is told.
#[test]
fn an_erasure_that_a_write_overtook_says_so_and_is_called_again() {
    use crate::support::crashes::{finish, started};
    use countersign::store::Fault;

    let mut overtaken = 0;
    for at in 0.. {
        let of = started();
        let (scene, vault) = (&of.scene, &of.scene.vault);
        let paid = of.pay(&acquirer()).unwrap().unwrap();
        finish(vault.acknowledge(&alice(), &paid.receipt)).unwrap();
        scene.clock.advance(24 * HOUR);
        let (before, calls) = (scene.store.records().len(), scene.store.calls());
        scene.store.plan(at, Fault::Conflict);
        let erased = finish(vault.erase(&alice()));
        let asked = scene.store.calls() - calls;
        scene.store.heal();
        match erased {
            Ok(erased) => assert_eq!((erased.payments, erased.cards), (1, 1), "{at}"),
            Err(Error::Busy) => {
                overtaken += 1;
                assert!(scene.store.records().len() > before - 2);
                finish(vault.erase(&alice())).unwrap();
            }
            Err(error) => panic!("{error:?}"),
        }
        assert_eq!(scene.store.records().len(), before - 2, "{at}");
        if at >= asked {
            break;
        }
    }
    assert_eq!(overtaken, 2, "the payment, and the card");
}
