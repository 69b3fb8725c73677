//! Receipts that the vault did not sign, or signed for something else.

use countersign::error::{ConfigError, Reason};
use countersign::payment::ReceiptData;
use countersign::payment::{PaymentOutcome, Receipt};
use countersign::token::{
    Audience, Claims, Purpose, SigningKey, TokenId, TrustedKeys, UntrustedToken,
};
use countersign::{Error, Vault, Verifier};

use crate::support::*;

#[tokio::test]
async fn attack_17_a_receipt_signed_with_the_enterprise_s_key_settles_nothing() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let real = paid(&scene, "p-1", 3).await.receipt;
    let said: ReceiptData = UntrustedToken::parse(real.token())
        .unwrap()
        .verify(&vault_keys(), &Audience::from(&alice()), START, Default::default())
        .unwrap()
        .into_claims()
        .into_data();
    let forged = |key: &SigningKey, issuer, said: ReceiptData| -> Receipt {
        let (id, life) = (TokenId::from_bytes([1; 16]), HOUR);
        let claims = Claims::new(issuer, Audience::from(&alice()), id, START, life, said).unwrap();
        let mut json = serde_json::to_value(&real).unwrap();
        json["token"] = key.issue(&claims).unwrap().into();
        serde_json::from_value(json).unwrap()
    };
    let payments = scene.verifier.payments();
    scene.bank_seen.take();
    for issuer in [issuer(), vault_issuer()] {
        let forged = forged(&signing(), issuer, said.clone());
        refused(payments.apply_receipt(&alice(), &forged).await);
    }
    assert_eq!(reasons(&scene.bank_seen), [Reason::NotGenuine; 2]);
    let outcome = payments.outcome(&bob_rings(), &asked.payment.id).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Waiting);
    // The same words under the vault's key are a receipt.
    let genuine = forged(&receipt_signing(), vault_issuer(), said);
    payments.apply_receipt(&alice(), &genuine).await.unwrap();
}

#[test]
fn no_key_may_sign_both_requests_and_what_a_vault_signs() {
    for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
        let mut keys = TrustedKeys::new(vault_issuer());
        keys.trust(*signing().public_key(), purpose).unwrap();
        for builder in [
            Verifier::builder(issuer(), bank_keyring()).signing_key(signing()),
            Verifier::builder(issuer(), bank_keyring())
                .signing_key(receipt_signing())
                .publish(*signing().public_key()),
        ] {
            let built = builder.vault_keys(keys.clone()).build();
            assert!(matches!(built, Err(ConfigError::OneKeyForBoth)), "{purpose}: {built:?}");
        }
    }
    let built = Vault::builder(vault_issuer(), vault_keyring(), signing(), enterprise()).build();
    assert!(matches!(built, Err(ConfigError::OneKeyForBoth)), "{built:?}");
}

#[tokio::test]
async fn a_receipt_that_was_changed_or_is_for_another_is_refused() {
    let scene = scene();
    let receipt = paid(&scene, "p-1", 3).await.receipt;
    let payments = scene.verifier.payments();
    let json = serde_json::to_value(&receipt).unwrap();
    let other = scene.asked("p-2").await.payment.id;
    for (member, value) in [
        ("payment", serde_json::to_value(other).unwrap()),
        ("last_four", "1234".into()),
        ("brand", "mastercard".into()),
        ("outcome", "unresolved".into()),
        ("merchant", "bank-shop".into()),
        ("requested_at", "2027-01-15T08:00:01Z".into()),
    ] {
        let mut changed = json.clone();
        changed[member] = value;
        let changed: Receipt = serde_json::from_value(changed).unwrap();
        refused(payments.apply_receipt(&alice(), &changed).await);
    }
    refused(payments.apply_receipt(&mallory(), &receipt).await);
    // A bank that trusts no vault settles nothing, and says why.
    let trusting_nobody = Verifier::builder(issuer(), bank_keyring()).build().unwrap();
    let settled = trusting_nobody.payments().apply_receipt(&alice(), &receipt).await;
    assert!(matches!(settled, Err(Error::Config(ConfigError::NoVaultKeys))), "{settled:?}");
    payments.apply_receipt(&alice(), &receipt).await.unwrap();
}
