//! Cards that are kept: for once and for longer, recognised, and gone.

use countersign::card::{
    BillingAddress, Card, Cryptogram, Pan, StoredCard, StoredCredential, Wallet,
};
use countersign::card_number::{Brand, BrandRange, BrandTable};
use countersign::history::Action;
use countersign::observer::View;
use countersign::payment::PaymentRequested;
use countersign::payment::{PaymentRequest, PaymentRequestData};
use countersign::store::{Fault, FaultStore, Store};
use countersign::token::{Audience, Claims, Leeway, UntrustedToken};
use countersign::vault::CardOnFileStatus;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, Authorisation, FollowUp, Found, Sought,
};
use countersign::{Error, MemoryStore};

use crate::support::*;

async fn asked_to_keep(scene: &Scene, id: &str, days: u32) -> PaymentRequested {
    let asking = scene.asking(id).await.keep_card_for(days * 24 * HOUR);
    scene.verifier.payments().request(&bob_rings(), &asking).await.unwrap()
}

fn pan(card: &StoredCard) -> String {
    format!("{} {:02}", card.pan().expose(), card.expiry().month())
}

#[tokio::test]
async fn a_card_is_kept_for_as_long_as_the_customer_was_shown() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let asked = asked_to_keep(&scene, "p-1", 90).await;
    let until = START.after(90 * 24 * HOUR);
    let shown = phone().open_payment(&asked.token, START).unwrap();
    assert_eq!(shown.keeps_card_until(), Some(until));
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let token = paid.card_token.unwrap();
    for _ in 0..5 {
        scene.clock.advance(24 * HOUR);
        let used = scene.vault.with_card(&token, &binding(), pan).await.unwrap();
        assert_eq!(used, format!("{PAN} 12"));
    }
    let uses = scene.seen.take().into_iter().filter(|event| event.action == Action::UseCard);
    let uses: Vec<_> = uses
        .map(|event| match event.view {
            Some(View::StoredCard(card)) => (card.uses, card.status, card.once),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(uses, [1, 2, 3, 4, 5].map(|n| (n, CardOnFileStatus::Active, false)));
    // A thousand uses do not make its record grow.
    let history = scene.vault.card_history(&token, &binding()).await.unwrap();
    assert_eq!(history.events.len(), 1);
    scene.clock.set(until);
    refused(scene.vault.with_card(&token, &binding(), pan).await);
    // Soon after, the store has nothing of it.
    scene.clock.advance(2 * HOUR);
    scene.vault.purge(usize::MAX).await.unwrap();
    refused(scene.vault.fingerprint(&token, &binding()).await);
    // The payment's own record is kept for disputes, and the card does not come back with it.
    let late = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    assert_eq!((late.receipt, late.card_token), (paid.receipt, None));
}

#[tokio::test]
async fn a_reusable_token_is_revoked_for_good() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let asked = asked_to_keep(&scene, "p-1", 90).await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let token = paid.card_token.as_ref().unwrap();
    scene.vault.with_card(token, &binding(), pan).await.unwrap();
    scene.vault.revoke(token, &binding()).await.unwrap();
    refused(scene.vault.with_card(token, &binding(), pan).await);
    // The device repeats its call: the token is the same, and stays revoked.
    let again = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    assert_eq!(again, paid);
    refused(scene.vault.with_card(token, &binding(), pan).await);
}

#[tokio::test]
async fn a_single_use_token_has_a_time_too() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let acquirer = Recording::<true>::new(true);
    let token = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap().card_token;
    scene.clock.advance(scene.vault.policy().payments.single_use_for);
    refused(scene.vault.with_card(&token.unwrap(), &binding(), pan).await);
}

/// The device repeats its call once the token's time is over and the card's row is gone, while the opening key still
/// lives.
#[tokio::test]
async fn a_card_is_not_kept_again_after_its_token_s_time() {
    let mut policy = countersign::Policy::default();
    policy.payments.single_use_for = MINUTE;
    for once in [true, false] {
        let scene = scene_with(policy.clone());
        let acquirer = Recording::<true>::new(true);
        // A store keeps rows by the hour.
        scene.clock.advance(57 * MINUTE);
        let asked = if once {
            scene.asked("p-1").await
        } else {
            let asking = scene.asking("p-1").await.keep_card_for(MINUTE);
            scene.verifier.payments().request(&bob_rings(), &asking).await.unwrap()
        };
        let sealed = scene.sealed(&asked, &card(), 3);
        let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        let token = paid.card_token.unwrap();
        scene.vault.fingerprint(&token, &binding()).await.unwrap();
        scene.clock.advance(3 * MINUTE);
        scene.vault.purge(100).await.unwrap();
        refused(scene.vault.fingerprint(&token, &binding()).await);
        let rows = scene.store.records();
        let late = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        assert_eq!((late.receipt, late.card_token), (paid.receipt, None), "once {once}");
        assert_eq!(scene.store.records(), rows, "once {once}");
        refused(scene.vault.fingerprint(&token, &binding()).await);
        // Whatever a clock that goes back says later.
        scene.clock.set(START);
        refused(scene.vault.with_card(&token, &binding(), pan).await);
        assert_eq!(acquirer.charges(), 1);
    }
}

/// The enterprise's key may sign what it likes: the vault has a limit of its own.
#[tokio::test]
async fn a_request_to_keep_a_card_for_a_hundred_years_keeps_it_for_as_long_as_the_vault_allows() {
    let second = std::time::Duration::from_secs(1);
    for most in [HOUR, 30 * 24 * HOUR, 3660 * 24 * HOUR] {
        let mut policy = countersign::Policy::default();
        policy.payments.card_kept_for = most;
        let scene = scene_with(policy);
        let acquirer = Recording::<true>::new(true);
        let asked = scene.asked("p-1").await;
        let claims: Claims<PaymentRequestData> = UntrustedToken::parse(&asked.token)
            .unwrap()
            .verify(&enterprise(), &Audience::from(&alice()), START, Leeway::NONE)
            .unwrap()
            .into_claims();
        let (id, life) = (claims.id(), 10 * MINUTE);
        let mut data = claims.into_data();
        data.keep_card_until = Some(START.after(36_500 * 24 * HOUR));
        let (from, audience) = (issuer(), Audience::from(&alice()));
        let claims = Claims::new(from, audience, id, START, life, data).unwrap();
        let token = signing().issue(&claims).unwrap();
        let shown = phone().open_payment(&token, START).unwrap();
        let sealed = shown.seal(&card(), &countersign::random::SeededRandom::new(3)).unwrap();
        let paid = scene.vault.pay(&ALICE, &token, &sealed, &acquirer).await.unwrap();
        let kept = paid.card_token.unwrap();
        let until = START.after(most);
        let told = scene.seen.take().into_iter().find(|event| event.action == Action::KeepCard);
        let Some(View::StoredCard(view)) = told.and_then(|event| event.view) else { panic!() };
        assert_eq!((view.until, view.once), (until, false));
        scene.clock.set(until.before(second));
        scene.vault.with_card(&kept, &binding(), pan).await.unwrap();
        scene.clock.set(until);
        refused(scene.vault.with_card(&kept, &binding(), pan).await);
        scene.clock.advance(2 * HOUR);
        refused(scene.vault.fingerprint(&kept, &binding()).await);
    }
}

#[tokio::test]
async fn attack_14_the_same_card_is_recognised_by_the_vault_alone() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let mut prints = Vec::new();
    let cards = [(PAN, "123"), (PAN, "321"), (OTHER_PAN, "123")];
    for (n, (pan, code)) in cards.into_iter().enumerate() {
        let asked = scene.asked(&format!("p-{n}")).await;
        let sealed = scene.sealed(&asked, &card_of(pan, code), 3);
        let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        let token = paid.card_token.unwrap();
        prints.push(scene.vault.fingerprint(&token, &binding()).await.unwrap());
    }
    assert_eq!(prints[0], prints[1], "the same number, sealed and paid twice");
    assert_ne!(prints[0], prints[2]);
    // It survives a rotation of the roots, and another vault's is another.
    let mut rotated = vault_keyring();
    rotated.rotate(&countersign::random::SeededRandom::new(50)).unwrap();
    let later =
        countersign::Vault::builder(vault_issuer(), rotated, receipt_signing(), enterprise())
            .store(scene.store.clone())
            .clock(scene.clock.clone())
            .build()
            .unwrap();
    let asked = scene.asked("p-3").await;
    let sealed = scene.sealed(&asked, &card(), 4);
    let token =
        later.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap().card_token.unwrap();
    assert_eq!(later.fingerprint(&token, &binding()).await.unwrap(), prints[0]);
    let elsewhere = crate::support::scene();
    let other = countersign::Vault::builder(
        vault_issuer(),
        countersign::Keyring::generate(&countersign::random::SeededRandom::new(60)).unwrap(),
        receipt_signing(),
        enterprise(),
    )
    .clock(elsewhere.clock.clone())
    .build()
    .unwrap();
    let key = other.public_key().await.unwrap();
    let asking = countersign::payment::PaymentRequest::new(
        request("p-1"),
        merchant(),
        purchase(),
        "Bob".parse().unwrap(),
        key,
    );
    let asked = elsewhere.verifier.payments().request(&bob_rings(), &asking).await.unwrap();
    let sealed = elsewhere.sealed(&asked, &card(), 4);
    let token =
        other.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap().card_token.unwrap();
    assert_ne!(other.fingerprint(&token, &binding()).await.unwrap(), prints[0]);
}

/// Two enterprises pay through one vault: what they are told of one card is not the same.
#[tokio::test]
async fn a_card_is_told_apart_from_itself_at_another_enterprise() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let paid = crate::support::paid(&scene, "p-1", 3).await;
    let token = paid.card_token.unwrap();
    let here = scene.vault.fingerprint(&token, &binding()).await.unwrap();

    let other = countersign::Issuer::new("other.example").unwrap();
    let key = countersign::token::SigningKey::from_seed(&[77; 32]).unwrap();
    let mut keys = countersign::token::TrustedKeys::new(other.clone());
    keys.trust(*key.public_key(), countersign::token::Purpose::PaymentRequest).unwrap();
    let (keyring, signing) = (vault_keyring(), receipt_signing());
    let vault = countersign::Vault::builder(vault_issuer(), keyring, signing, keys.clone());
    let vault = vault.store(scene.store.clone()).clock(scene.clock.clone()).build().unwrap();
    let verifier = countersign::Verifier::builder(other, bank_keyring())
        .clock(scene.clock.clone())
        .signing_key(key)
        .vault_keys(vault_keys())
        .build()
        .unwrap();
    let (name, key) = ("Bob".parse().unwrap(), vault.public_key().await.unwrap());
    let asking = PaymentRequest::new(request("p-1"), merchant(), purchase(), name, key);
    let asked = verifier.payments().request(&bob_rings(), &asking).await.unwrap();
    let phone = countersign::Device::new(keys, alice()).with_vault_keys(vault_keys());
    let shown = phone.open_payment(&asked.token, START).unwrap();
    let sealed = shown.seal(&card(), &countersign::random::SeededRandom::new(4)).unwrap();
    let paid = vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let there = vault.fingerprint(&paid.card_token.unwrap(), &binding()).await.unwrap();
    assert_ne!(here, there);
}

#[tokio::test]
async fn used_up_and_revoked_cards_are_gone_from_their_records() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let mut sizes = Vec::new();
    for n in 0..2 {
        let asked = scene.asked(&format!("p-{n}")).await;
        let sealed = scene.sealed(&asked, &card(), n);
        let before: Vec<_> = scene.store.records().into_iter().map(|(at, _)| at).collect();
        let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        let token = paid.card_token.unwrap();
        // Of the two new records the card's has the shorter retention.
        let new = scene.store.records().into_iter().filter(|(at, _)| !before.contains(at));
        let (at, record) = new.min_by_key(|(_, record)| record.head.retain_until).unwrap();
        if n == 0 {
            scene.vault.with_card(&token, &binding(), |_| ()).await.unwrap();
        } else {
            scene.vault.revoke(&token, &binding()).await.unwrap();
        }
        let after = scene.store.load(&at, scene.now()).await.unwrap().unwrap();
        assert_eq!(after.head.version, record.head.version + 1, "the row changed and did not go");
        sizes.push((record.sealed.len(), after.sealed.len()));
    }
    // An event more stands in it, and a card less, which is longer.
    assert!(sizes.iter().all(|(before, after)| after < before), "{sizes:?}");
}

#[tokio::test]
async fn attack_20_every_fault_at_every_call_of_with_card_and_revoke() {
    for fault in Fault::ALL {
        for at in 0..3 {
            for revoke in [false, true] {
                let scene = scene();
                let acquirer = Recording::<true>::new(true);
                let asked = scene.asked("p-1").await;
                let sealed = scene.sealed(&asked, &card(), 3);
                let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
                let token = paid.card_token.unwrap();
                let case = format!("{fault:?} at {at}, revoke {revoke}");
                scene.store.plan(at, fault);
                let mut given = 0;
                let first = if revoke {
                    scene.vault.revoke(&token, &binding()).await
                } else {
                    scene.vault.with_card(&token, &binding(), |_| given += 1).await
                };
                scene.store.heal();
                assert!(!matches!(first, Err(Error::Refused(_))), "{case}: {first:?}");
                let second = scene.vault.with_card(&token, &binding(), |_| given += 1).await;
                match (revoke, first.is_ok()) {
                    // Done, and the card is gone.
                    (true, true) => assert_eq!(given, 0, "{case}"),
                    (false, true) => assert_eq!(given, 1, "{case}"),
                    // Not done, or its answer was lost: then the card is gone, or given out once.
                    (_, false) => assert_eq!(given, usize::from(second.is_ok()), "{case}"),
                }
                if first.is_ok() {
                    refused(second);
                }
            }
        }
    }
}

#[tokio::test]
async fn an_acquirer_that_repeats_the_card_number_gives_nothing_away() {
    for finds in [false, true] {
        let scene = scene();
        let acquirer = Recording::<true>::new(true);
        acquirer.book().says = Some(format!("99{PAN}/4242 4242 4242 4242"));
        if finds {
            acquirer.plan(0, Trouble::After);
        }
        let asked = scene.asked("p-1").await;
        let sealed = scene.sealed(&asked, &card(), 3);
        let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        let shown = serde_json::to_string(&paid.receipt).unwrap();
        assert!(shown.contains(r#""transaction_id":"******************/**** **** **** ****""#));
        assert!(!shown.contains("42424"), "{shown}");
    }
}

/// Wherever it repeats it: in the authorisation code, and in what it calls a capture.
#[tokio::test]
async fn an_acquirer_that_repeats_the_card_number_elsewhere_gives_nothing_away() {
    struct Repeating;

    impl Acquirer for Repeating {
        async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
            let number = of.card().pan().expose();
            Ok(AcquirerAnswer::approved(format!("ok {number}"), format!("of {number}")))
        }

        async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
            Ok(Found::Unknown)
        }

        async fn capture(
            &self,
            _: &FollowUp<'_>,
        ) -> Result<countersign::vault::ActAnswer, AcquirerError> {
            Ok(countersign::vault::ActAnswer::done(format!("captured {PAN}")))
        }
    }

    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let receipt = scene.vault.pay(&ALICE, &asked.token, &sealed, &Repeating).await.unwrap().receipt;
    let json = serde_json::to_value(&receipt).unwrap();
    let masked = serde_json::json!({"authorised": {
        "authorisation_code": "ok ****************",
        "transaction_id": "of ****************",
        "amount": 4_200,
    }});
    assert_eq!(json["outcome"], masked);
    let id = request("c-1");
    let captured = scene.vault.capture(&alice(), &receipt, 1, &id, &Repeating).await.unwrap();
    assert_eq!(captured.reference.unwrap().as_str(), "captured ****************");
}

/// Nor one that repeats the verification code, if it says that it is one.
#[tokio::test]
async fn an_acquirer_that_repeats_the_verification_code_gives_nothing_away() {
    let mut shown = Vec::new();
    for code in ["737", "901"] {
        let scene = scene();
        let acquirer = Recording::<true>::new(true);
        acquirer.book().says = Some(format!("cvv {code} ok"));
        let asked = scene.asked("p-1").await;
        let sealed = scene.sealed(&asked, &card_of(PAN, code), 3);
        let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        let payment =
            scene.verifier.payments().apply_receipt(&alice(), &paid.receipt).await.unwrap();
        let receipt = serde_json::to_string(&paid.receipt).unwrap();
        assert!(receipt.contains(r#""transaction_id":"cvv *** ok""#), "{receipt}");
        let rows = |store: &FaultStore<MemoryStore>| store.records();
        shown.push((receipt, format!("{payment:?}"), rows(&scene.bank_store)));
    }
    assert_eq!(shown[0], shown[1]);
}

fn longest_address() -> BillingAddress {
    let line = "𝕄".repeat(50);
    let address = BillingAddress::new("US".parse().unwrap()).with_region("CAL").unwrap();
    let address = address.with_postcode("12345-678901").unwrap().with_city(&line).unwrap();
    (0..3).fold(address, |address, _| address.with_line(&line).unwrap())
}

/// The customer says whether the card is kept, and the enterprise whether it asks for that.
#[tokio::test]
async fn a_card_is_kept_only_if_the_customer_agrees_and_the_request_asks() {
    for (asks, agrees) in [(true, true), (true, false), (false, true), (false, false)] {
        let scene = scene();
        let asked = match asks {
            true => asked_to_keep(&scene, "p-1", 90).await,
            false => scene.asked("p-1").await,
        };
        let (expiry, code) = ("12/34".parse().unwrap(), "123".parse().unwrap());
        let name = "Alice Jones".parse().unwrap();
        let mut card = Card::new(PAN.parse().unwrap(), expiry, code, name).unwrap();
        if agrees {
            card = card.with_stored_credential(StoredCredential::Instalment);
        }
        let sealed = scene.sealed(&asked, &card, 3);
        let acquirer = Recording::<true>::new(true);
        let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        let token = paid.card_token.unwrap();
        let case = format!("asks {asks}, agrees {agrees}");
        let agreed = scene.vault.with_card(&token, &binding(), StoredCard::stored_credential).await;
        let both = asks && agrees;
        assert_eq!(agreed.unwrap(), both.then_some(StoredCredential::Instalment), "{case}");
        let again = scene.vault.with_card(&token, &binding(), pan).await;
        assert_eq!(again.is_ok(), both, "{case}");
    }
}

/// Later payments need what stands with a card; its code and cryptogram they cannot have.
#[tokio::test]
async fn a_network_token_is_kept_without_its_cryptogram() {
    let scene = scene();
    let asked = asked_to_keep(&scene, "p-1", 90).await;
    let cryptogram = Cryptogram::new("AgAAAAAAAIR8CQrXcIhbQAAAAAA=", None, Wallet::NetworkToken);
    let (expiry, name) = ("12/34".parse().unwrap(), "Alice Jones".parse().unwrap());
    let card = Card::with_cryptogram(PAN.parse().unwrap(), expiry, cryptogram.unwrap(), name);
    let card = card.with_stored_credential(StoredCredential::Recurring);
    let sealed = scene.sealed(&asked, &card.with_billing_address(longest_address()), 3);
    let acquirer = Recording::<true>::new(true);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let (token, binding) = (paid.card_token.unwrap(), binding());
    let used = scene.vault.with_card(&token, &binding, |card| {
        assert!(card.billing_address() == Some(&longest_address()));
        (card.wallet(), card.stored_credential())
    });
    let both = (Some(Wallet::NetworkToken), Some(StoredCredential::Recurring));
    assert_eq!(used.await.unwrap(), both);
    assert_eq!(
        acquirer.book().charges[0].2.split(' ').next(),
        Some("AgAAAAAAAIR8CQrXcIhbQAAAAAA=")
    );
}

/// A shop's own cards are paid with where the host gives their range, and a kept one stays what it was.
#[tokio::test]
async fn a_card_of_a_range_that_the_host_gives_is_charged_and_kept() {
    let range = BrandRange::new("982616", "982616", &[16], &[Brand::PrivateLabel]).unwrap();
    let table = BrandTable::new([range]).unwrap();
    let scene = scene();
    let vault = |ranges: Option<&BrandTable>| {
        let (keyring, signing) = (vault_keyring(), receipt_signing());
        let builder = countersign::Vault::builder(vault_issuer(), keyring, signing, enterprise());
        let builder = builder.store(scene.store.clone()).clock(scene.clock.clone());
        let builder = match ranges {
            Some(table) => builder.card_ranges(table.clone()),
            None => builder,
        };
        builder.build().unwrap()
    };
    let asked = asked_to_keep(&scene, "p-1", 90).await;
    let pan = Pan::read("9826 1600 0000 0005", &table).unwrap();
    let (expiry, name) = ("12/34".parse().unwrap(), "Alice Jones".parse().unwrap());
    let card = Card::without_code(pan, expiry, name).unwrap();
    let card = card.with_stored_credential(StoredCredential::CustomerInitiated);
    let sealed = scene.sealed(&asked, &card, 3);
    let acquirer = Recording::<true>::new(true);
    refused(vault(None).pay(&ALICE, &asked.token, &sealed, &acquirer).await);
    let paid = vault(Some(&table)).pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    assert_eq!(paid.receipt.brand(), Brand::PrivateLabel);
    let digits = |card: &StoredCard| (card.pan().expose().to_owned(), card.brand());
    let token = paid.card_token.unwrap();
    let lent = vault(None).with_card(&token, &binding(), digits).await.unwrap();
    assert_eq!(lent, ("9826160000000005".to_owned(), Brand::PrivateLabel));
}

/// The receipt names the scheme that the customer chose, and the kept card has both.
#[tokio::test]
async fn a_co_badged_card_is_paid_over_the_scheme_that_was_chosen() {
    for choice in [None, Some(Brand::Mada)] {
        let scene = scene();
        let asked = asked_to_keep(&scene, "p-1", 90).await;
        let mut card = card_of("4406470000000015", "123");
        if let Some(brand) = choice {
            card = card.with_brand(brand).unwrap();
        }
        let sealed = scene.sealed(&asked, &card, 3);
        let acquirer = Recording::<true>::new(true);
        let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        let brand = choice.unwrap_or(Brand::Visa);
        assert_eq!(paid.receipt.brand(), brand);
        let kept = |card: &StoredCard| (card.brand(), card.pan().brands().to_vec());
        let token = paid.card_token.unwrap();
        let lent = scene.vault.with_card(&token, &binding(), kept).await.unwrap();
        assert_eq!(lent, (brand, vec![Brand::Visa, Brand::Mada]));
    }
}

/// A thief of the rows learns from their lengths neither how long a card's number, name and billing address are nor which
/// of its parts there are. (All are Maestro's: the scheme and the last four digits stand in the payment's own row.)
#[tokio::test]
async fn a_row_s_length_tells_nothing_of_the_card() {
    let mut lengths = Vec::new();
    for number in ["501800000009", "5018000000091222", "6703000000000000003"] {
        for name in ["A J", &"A".repeat(23), &"A".repeat(24), &"Ä".repeat(45)] {
            let scene = scene();
            let asked = asked_to_keep(&scene, "p-1", 90).await;
            let (expiry, code) = ("12/34".parse().unwrap(), "123".parse().unwrap());
            let card = Card::new(number.parse().unwrap(), expiry, code, name.parse().unwrap());
            let card = card.unwrap().with_stored_credential(StoredCredential::Recurring);
            let card = match name.len() {
                3 => card,
                23 => card.with_brand(Brand::Maestro).unwrap(),
                24 => card.with_billing_address(BillingAddress::new("GB".parse().unwrap())),
                _ => card.with_billing_address(longest_address()),
            };
            let sealed = scene.sealed(&asked, &card, 3);
            let acquirer = Recording::<true>::new(true);
            let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
            let token = paid.card_token.unwrap();
            let kept = |kept: &StoredCard| {
                assert_eq!(kept.billing_address(), card.billing_address());
                assert_eq!(kept.stored_credential(), card.stored_credential());
                assert_eq!(kept.brand(), card.brand());
                (kept.pan().expose().to_owned(), kept.cardholder().expose().to_owned())
            };
            let read = scene.vault.with_card(&token, &binding(), kept).await.unwrap();
            assert_eq!(read, (number.to_owned(), name.to_owned()));
            let rows = scene.store.records().into_iter();
            lengths.push(rows.map(|(_, row)| row.sealed.len()).collect::<Vec<_>>());
        }
    }
    assert!(lengths.iter().all(|one| *one == lengths[0]), "{lengths:?}");
}

/// Two enterprises pay through one vault and one store, with customers and merchant accounts of the same names.
#[tokio::test]
async fn another_enterprise_s_token_is_unknown() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let asked = asked_to_keep(&scene, "p-1", 90).await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let token = paid.card_token.unwrap();
    let key = countersign::token::SigningKey::from_seed(&[77; 32]).unwrap();
    let mut keys = countersign::token::TrustedKeys::new("other.example".parse().unwrap());
    keys.trust(*key.public_key(), countersign::token::Purpose::PaymentRequest).unwrap();
    let builder =
        countersign::Vault::builder(vault_issuer(), vault_keyring(), receipt_signing(), keys);
    let other = builder.store(scene.store.clone()).clock(scene.clock.clone()).build().unwrap();
    let written = scene.store.records();
    refused(other.with_card(&token, &binding(), pan).await);
    refused(other.revoke(&token, &binding()).await);
    refused(other.fingerprint(&token, &binding()).await);
    refused(other.card_history(&token, &binding()).await);
    refused(other.card_token(&asked.token).await);
    // Nor does its sweep give receipts of payments that are not its own.
    let swept = other.reconcile(HOUR, &acquirer).await.unwrap();
    assert!(swept.receipts.is_empty() && swept.failed.is_none(), "{swept:?}");
    assert_eq!(scene.store.records(), written);
    assert_eq!(scene.vault.with_card(&token, &binding(), pan).await.unwrap(), format!("{PAN} 12"));
}

/// The host's process waits for the acquirer with the card in hand.
#[tokio::test]
async fn a_card_is_lent_for_as_long_as_the_acquirer_takes() {
    async fn charged(card: &StoredCard) -> String {
        tokio::task::yield_now().await;
        card.pan().expose().to_owned()
    }

    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    assert_eq!(scene.vault.card_token(&asked.token).await.unwrap(), None, "not paid yet");
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    // Though the answer was lost.
    let token = scene.vault.card_token(&asked.token).await.unwrap();
    assert_eq!(token, paid.card_token);
    let token = token.unwrap();
    let binding = binding();
    let lent = scene.vault.with_card_async(&token, &binding, |card| Box::pin(charged(card)));
    // It may be spawned.
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    assert_eq!(is_send(lent).await.unwrap(), PAN);
    // It serves once.
    refused(scene.vault.with_card_async(&token, &binding, |card| Box::pin(charged(card))).await);

    let declining = Recording::<true>::new(true);
    declining.book().declines = Some(countersign::payment::DeclineReason::InsufficientFunds);
    let asked = scene.asked("p-2").await;
    let sealed = scene.sealed(&asked, &card(), 4);
    scene.vault.pay(&ALICE, &asked.token, &sealed, &declining).await.unwrap();
    assert_eq!(scene.vault.card_token(&asked.token).await.unwrap(), None, "declined");
}
