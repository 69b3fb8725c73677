//! Keys of the enterprise and the vault that key management services keep: when one does not sign, no receipt and no
//! request leave, the card is charged once, and repeating the call gives what was missing.

use std::future::Future as _;

use countersign::error::ConfigError;
use countersign::token::SignerError;
use countersign::vault::Paid;
use countersign::{Error, Vault, Verifier};

use crate::support::kms::{Does, Kms};
use crate::support::*;

/// A scene whose enterprise and vault have their keys elsewhere.
fn scene_of(bank: &Kms, vault: &Kms) -> Scene {
    let mut scene = scene();
    let Scene { bank_store, store, clock, .. } = &scene;
    let verifier = bank_on(bank_store, clock, &scene.bank_seen).signer(bank.clone());
    let (verifier, random) = (verifier.build().unwrap(), countersign::random::SeededRandom::new(2));
    let built =
        Vault::builder_with_signer(vault_issuer(), vault_keyring(), vault.clone(), enterprise())
            .store(store.clone())
            .clock(clock.clone())
            .random(random)
            .build();
    (scene.verifier, scene.vault) = (verifier, built.unwrap());
    scene
}

fn not_signed<T: std::fmt::Debug>(does: Does, result: Result<T, Error>) {
    match result {
        Err(Error::Signer(SignerError::Failed(_))) if does == Does::Fail => {}
        Err(Error::Signer(SignerError::WrongSignature)) if does != Does::Fail => {}
        other => panic!("{does:?}: {other:?}"),
    }
}

#[tokio::test]
async fn services_sign_the_same_requests_and_receipts_as_keys_in_memory() {
    let (with_kms, in_memory) = (scene_of(&Kms::of(5), &Kms::of(6)), scene());
    let mut told = Vec::new();
    for scene in [&with_kms, &in_memory] {
        let asked = scene.asked("p-1").await;
        let sealed = scene.sealed(&asked, &card(), 3);
        let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer()).await.unwrap();
        assert_eq!(scene.vault.receipt(&asked.token).await.unwrap().as_ref(), Some(&paid.receipt));
        told.push((asked.token, paid));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(with_kms.vault.receipt_key(), in_memory.vault.receipt_key());
}

#[tokio::test]
async fn a_request_that_was_not_signed_stands_and_is_signed_when_it_is_repeated() {
    for does in Does::WRONG {
        let bank = Kms::of(5);
        let scene = scene_of(&bank, &Kms::of(6));
        let asking = scene.asking("p-1").await;
        bank.does(does);
        not_signed(does, scene.verifier.payments().request(&bob_rings(), &asking).await);
        let left = scene.bank_store.records();
        not_signed(does, scene.verifier.payments().request(&bob_rings(), &asking).await);
        bank.does(Does::Sign);
        let asked = scene.verifier.payments().request(&bob_rings(), &asking).await.unwrap();
        assert_eq!(scene.bank_store.records(), left, "written and counted once");
        phone().open_payment(&asked.token, scene.now()).unwrap();
    }
}

#[tokio::test]
async fn an_opening_key_that_was_not_signed_is_signed_when_it_is_asked_for_again() {
    let in_memory = scene().vault.public_key().await.unwrap();
    for does in Does::WRONG {
        let vault = Kms::of(6);
        let scene = scene_of(&Kms::of(5), &vault);
        vault.does(does);
        not_signed(does, scene.vault.public_key().await);
        let drawn = scene.store.records();
        assert_eq!(drawn.len(), 1);
        vault.does(Does::Sign);
        assert_eq!(scene.vault.public_key().await.unwrap(), in_memory, "{does:?}");
        assert_eq!(scene.store.records(), drawn, "drawn once");
    }
}

/// The card is kept before the receipt is signed: the device may never come back.
#[tokio::test]
async fn a_payment_whose_receipt_was_not_signed_is_charged_once_and_keeps_its_card() {
    for does in Does::WRONG {
        let vault = Kms::of(6);
        let scene = scene_of(&Kms::of(5), &vault);
        let asked = scene.asked("p-1").await;
        let sealed = scene.sealed(&asked, &card(), 3);
        let acquirer = acquirer();
        vault.does(does);
        not_signed(does, scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
        assert_eq!(acquirer.charges(), 1);
        let left = scene.store.records();
        let kept = scene.vault.card_token(&asked.token).await.unwrap();
        assert!(kept.is_some(), "{does:?}");
        not_signed(does, scene.vault.receipt(&asked.token).await);
        not_signed(does, scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
        let swept = scene.vault.reconcile(HOUR, &acquirer).await.unwrap();
        assert!(swept.receipts.is_empty());
        let missed = swept.failed.unwrap();
        assert_eq!((missed.count, missed.unreadable), (1, Vec::new()));
        not_signed::<()>(does, Err(missed.error));
        // The sweep has looked after the opening keys.
        assert!(scene.store.records().len() >= left.len());

        vault.does(Does::Sign);
        let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        let Paid { receipt, card_token, .. } = &paid;
        assert_eq!(card_token, &kept);
        assert_eq!(acquirer.charges(), 1, "{does:?}");
        scene.verifier.payments().apply_receipt(&alice(), receipt).await.unwrap();
    }
}

/// A host that gives up on the service of its vault drops the call.
#[tokio::test]
async fn a_payment_that_is_dropped_while_its_receipt_is_signed_has_been_made() {
    let vault = Kms::of(6);
    let scene = scene_of(&Kms::of(5), &vault);
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let acquirer = acquirer();
    vault.does(Does::NeverAnswer);
    {
        let mut paying = std::pin::pin!(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer));
        for _ in 0..99 {
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(paying.as_mut().poll(&mut cx).is_pending());
        }
    }
    // For the opening key, and for the receipt.
    assert_eq!((acquirer.charges(), vault.asked()), (1, 2));
    vault.does(Does::Sign);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    assert_eq!(acquirer.charges(), 1);
    assert_eq!(paid.card_token, scene.vault.card_token(&asked.token).await.unwrap());
}

#[test]
fn no_service_may_sign_both_requests_and_receipts() {
    let mut keys = vault_keys();
    let bank = Kms::of(5);
    let own = countersign::token::Signer::public_key(&bank);
    keys.trust(own, countersign::token::Purpose::Receipt).unwrap();
    let built = Verifier::builder(issuer(), bank_keyring()).signer(bank.clone());
    let built = built.vault_keys(keys).build();
    assert!(matches!(built, Err(ConfigError::OneKeyForBoth)), "{built:?}");
    let built = Vault::builder_with_signer(vault_issuer(), vault_keyring(), bank, enterprise());
    let built = built.build();
    assert!(matches!(built, Err(ConfigError::OneKeyForBoth)), "{built:?}");
}
