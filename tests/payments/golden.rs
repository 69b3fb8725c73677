//! What a release wrote of payments, in the bank's store and the vault's, opens for ever; so do its
//! receipts, requests, sealed cards and card tokens.
//!
//! The files under `tests/golden/payments/` are only ever added to. `COUNTERSIGN_BLESS=1 cargo test
//! golden` writes the file of a format anew that was never released.

use countersign::card::{CardToken, SealedCard};
use countersign::page::Page;
use countersign::payment::{ChargeOutcome, DeclineReason, Receipt};
use countersign::time::ManualClock;
use countersign::vault::Paid;
use countersign::{PaymentId, Timestamp, Verifier};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::golden::{self, Row};
use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    about: String,
    bank_keyring: String,
    vault_keyring: String,
    now: Timestamp,
    bank_rows: Vec<Row>,
    vault_rows: Vec<Row>,
    payments: Value,
    histories: Value,
    /// Each payment's request, and what the vault says of it.
    requests: Vec<(String, Option<Receipt>)>,
    /// A payment whose request can still be paid, and the card for it. Older files have it in a form of which nothing was
    /// released.
    open: (String, String),
    /// A payment that was charged, though the vault does not know it yet.
    charged: PaymentId,
    /// A token that serves once, one that serves many times, and two that are used up and revoked.
    tokens: [CardToken; 4],
    fingerprint: String,
    /// Of this payment £30 were captured, and perhaps £10 given back. Older files have none.
    #[serde(default)]
    followed_up: Option<Receipt>,
}

async fn read(verifier: &Verifier) -> (Value, Value) {
    let payments = verifier.payments().list(&alice(), Page::first()).await.unwrap().items;
    let histories = verifier.history(&alice(), Page::first()).await.unwrap().items;
    (serde_json::to_value(payments).unwrap(), serde_json::to_value(histories).unwrap())
}

/// A payment and a card in each of their states.
async fn written() -> Golden {
    let mut policy = countersign::Policy::default();
    policy.payments.per_customer = 20;
    let scene = scene_with(policy);
    let acquirer = Recording::<true>::new(true);
    let payments = scene.verifier.payments();
    let mut tokens = Vec::new();
    let mut requests = Vec::new();
    for (n, id) in ["once", "many", "used", "revoked"].into_iter().enumerate() {
        let mut asking = scene.asking(id).await;
        if id == "many" {
            asking = asking.keep_card_for(90 * 24 * HOUR);
        }
        let asked = payments.request(&bob_rings(), &asking).await.unwrap();
        let sealed = scene.sealed(&asked, &card(), u64::try_from(n).unwrap());
        let Paid { receipt, card_token, .. } =
            scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        payments.apply_receipt(&alice(), &receipt).await.unwrap();
        let token = card_token.unwrap();
        payments.keep_card_token(&alice(), &receipt, &token).await.unwrap();
        match id {
            "used" | "many" => scene.vault.with_card(&token, &binding(), |_| ()).await.unwrap(),
            "revoked" => scene.vault.revoke(&token, &binding()).await.unwrap(),
            _ => {}
        }
        tokens.push(token);
        requests.push(asked.token);
        if id == "once" {
            // What is done with this one later falls due in another hour.
            scene.clock.advance(2 * HOUR);
        }
    }
    acquirer.book().declines = Some(DeclineReason::ExpiredCard);
    for (id, found) in [("declined", true), ("unresolved", false)] {
        let asked = scene.asked(id).await;
        let sealed = scene.sealed(&asked, &card(), 20);
        if !found {
            acquirer.plan(0, Trouble::Before);
            acquirer.plan(1, Trouble::Before);
        }
        let receipt =
            scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap().receipt;
        payments.apply_receipt(&alice(), &receipt).await.unwrap();
        requests.push(asked.token);
    }
    // The vault's process dies once the card is charged.
    let charged = scene.asked("charged").await;
    let sealed = scene.sealed(&charged, &card(), 21);
    let dying = Recording::<true>::new(true);
    dying.plan(0, Trouble::DiesAfter);
    assert!(
        crate::support::crashes::until_death(scene.vault.pay(
            &ALICE,
            &charged.token,
            &sealed,
            &dying
        ))
        .is_none()
    );
    requests.push(charged.token);
    let open = scene.asked("open").await;
    let sealed = scene.sealed(&open, &card(), 22);
    requests.push(open.token.clone());
    let mut said = Vec::new();
    for request in requests {
        let receipt = scene.vault.receipt(&request).await.unwrap();
        said.push((request, receipt));
    }
    // The receipt of the one that was declined has been acknowledged.
    let declined = said
        .iter()
        .filter_map(|(_, receipt)| receipt.as_ref())
        .find(|receipt| *receipt.outcome() == ChargeOutcome::Declined(DeclineReason::ExpiredCard));
    scene.vault.acknowledge(&alice(), declined.unwrap()).await.unwrap();
    let followed_up = said[0].1.clone().unwrap();
    let vault = &scene.vault;
    vault
        .capture(&alice(), &followed_up, 3_000, &crate::support::request("c-1"), &acquirer)
        .await
        .unwrap();
    acquirer.plan(0, Trouble::Before);
    vault
        .refund(&alice(), &followed_up, 1_000, &crate::support::request("r-1"), &acquirer)
        .await
        .unwrap_err();
    // What was done with it since stands in its receipt.
    said[0].1 = vault.receipt(&said[0].0).await.unwrap();
    let (listed, histories) = read(&scene.verifier).await;
    let fingerprint = scene.vault.fingerprint(&tokens[0], &binding()).await.unwrap();
    Golden {
        about: "Record format 1: payments, charges, stored cards, opening keys; receipts"
            .to_owned(),
        bank_keyring: hex::encode(&*bank_keyring().to_bytes()),
        vault_keyring: hex::encode(&*vault_keyring().to_bytes()),
        now: scene.now(),
        bank_rows: golden::rows(&scene.bank_store),
        vault_rows: golden::rows(&scene.store),
        payments: listed,
        histories,
        requests: said,
        open: (open.token, sealed.to_text()),
        charged: charged.payment.id,
        tokens: tokens.try_into().unwrap(),
        fingerprint: fingerprint.to_string(),
        followed_up: Some(followed_up),
    }
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = written().await;
    golden::is_current("payments", &now);
}

#[tokio::test]
async fn every_released_format_opens() {
    for (name, golden) in golden::released::<Golden>("payments", 3) {
        let clock = ManualClock::new(golden.now);
        let verifier = Verifier::builder(issuer(), golden::keyring(&golden.bank_keyring))
            .store(golden::filled(&golden.bank_rows, golden.now).await)
            .clock(clock.clone())
            .signing_key(signing())
            .vault_keys(vault_keys())
            .build()
            .unwrap();
        let vault = countersign::Vault::builder(
            vault_issuer(),
            golden::keyring(&golden.vault_keyring),
            receipt_signing(),
            enterprise(),
        )
        .store(golden::filled(&golden.vault_rows, golden.now).await)
        .clock(clock.clone())
        .build()
        .unwrap();
        assert_eq!(read(&verifier).await, (golden.payments, golden.histories));
        for (request, receipt) in golden.requests {
            assert_eq!(vault.receipt(&request).await.unwrap(), receipt);
            if let Some(receipt) = receipt {
                verifier.payments().apply_receipt(&alice(), &receipt).await.unwrap();
            }
        }
        let acquirer = Recording::<true>::new(true);
        let (request, sealed) = golden.open;
        let sealed: SealedCard = sealed.parse().unwrap_or_else(|_| {
            assert_ne!(name, golden::CURRENT, "the current form is read");
            let shown = phone().open_payment(&request, golden.now).unwrap();
            shown.seal(&card(), &countersign::random::SeededRandom::new(22)).unwrap()
        });
        let paid = vault.pay(&ALICE, &request, &sealed, &acquirer).await.unwrap();
        assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
        let [once, many, used, revoked] = golden.tokens;
        let print = vault.fingerprint(&once, &binding()).await.unwrap();
        assert_eq!(print.to_string(), golden.fingerprint);
        for token in [&once, &many, &many] {
            let pan = |card: &countersign::card::StoredCard| card.pan().expose().to_owned();
            assert_eq!(vault.with_card(token, &binding(), pan).await.unwrap(), PAN);
        }
        for token in [&once, &used, &revoked] {
            refused(vault.with_card(token, &binding(), |_| ()).await);
        }
        if let Some(receipt) = golden.followed_up {
            let (id, silent) = (crate::support::request("c-1"), Recording::<false>::new(false));
            let captured = vault.capture(&alice(), &receipt, 3_000, &id, &silent).await;
            let captured = captured.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!(captured.reference.unwrap().as_str(), "capture of txn-1");
            refused(
                vault
                    .refund(&alice(), &receipt, 2_001, &crate::support::request("r-2"), &silent)
                    .await,
            );
            let in_doubt = vault
                .refund(&alice(), &receipt, 1_000, &crate::support::request("r-1"), &silent)
                .await;
            let doubt = countersign::vault::AcquirerError::InDoubt;
            assert!(matches!(in_doubt, Err(countersign::Error::Acquirer(error)) if error == doubt));
            assert_eq!(silent.book().asked_to, 0);
            vault
                .refund(&alice(), &receipt, 2_000, &crate::support::request("r-3"), &silent)
                .await
                .unwrap();
        }
        // The acquirer knows nothing of two of them: neither was charged there.
        clock.advance(SURELY);
        let swept = vault.reconcile(HOUR, &acquirer).await.unwrap();
        assert!(swept.failed.is_none());
        let not_charged = ChargeOutcome::Declined(DeclineReason::NotCharged);
        let found = swept.receipts.iter().filter(|(_, receipt)| *receipt.outcome() == not_charged);
        let found: Vec<_> = found.map(|(_, receipt)| receipt.payment()).collect();
        assert!(found.len() == 2 && found.contains(&golden.charged));
        // Of what had ended when it was written, one receipt was acknowledged.
        assert_eq!(swept.receipts.len(), 7);
        for (customer, receipt) in &swept.receipts {
            verifier.payments().apply_receipt(customer, receipt).await.unwrap();
            vault.acknowledge(customer, receipt).await.unwrap();
        }
        assert_eq!(vault.reconcile(HOUR, &acquirer).await.unwrap().receipts, []);
    }
}
