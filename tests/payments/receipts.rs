//! Receipts: in any order, late, asked for again; and the histories of what they settled.

use countersign::history::{Action, Actor, Subject};
use countersign::observer::View;
use countersign::page::Page;
use countersign::payment::ReceiptData;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome, PaymentStatus, Receipt};
use countersign::store::Fault;
use countersign::token::{Audience, Claims, TokenId};
use countersign::{CustomerId, Error, Timestamp};

use crate::support::*;

/// The receipt of a payment that was made, and asked for under `id`.
async fn paid(scene: &Scene, id: &str) -> serde_json::Value {
    let asked = scene.asked(id).await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &Recording::<true>::new(true)).await;
    serde_json::to_value(&paid.unwrap().receipt).unwrap()
}

/// What `json` says, signed by the vault.
fn signed(json: serde_json::Value) -> Receipt {
    signed_for(&alice(), json)
}

fn signed_for(customer: &CustomerId, mut json: serde_json::Value) -> Receipt {
    let said: ReceiptData = serde_json::from_value(json.clone()).unwrap();
    let (id, audience) = (TokenId::from_bytes([1; 16]), Audience::from(customer));
    let claims = Claims::new(vault_issuer(), audience, id, START, HOUR, said).unwrap();
    json["token"] = receipt_signing().issue(&claims).unwrap().into();
    serde_json::from_value(json).unwrap()
}

/// What the vault might say of a payment, one after the other.
async fn said(scene: &Scene, id: &str) -> Vec<Receipt> {
    let real = paid(scene, id).await;
    let authorised = real["outcome"].clone();
    let declined = serde_json::json!({"declined": "not_charged"});
    let with = |outcome| {
        let mut json = real.clone();
        json["outcome"] = outcome;
        signed(json)
    };
    ["unresolved".into(), declined, authorised].map(with).to_vec()
}

#[tokio::test]
async fn a_receipt_settles_the_very_request_that_it_is_for() {
    let scene = scene();
    let real = paid(&scene, "p-1").await;
    let mut dearer = real["transaction"].clone();
    dearer["amount"] = 4_201.into();
    for (member, value) in [
        ("request", serde_json::to_value(TokenId::from_bytes([9; 16])).unwrap()),
        ("requested_at", "2027-01-15T08:00:01Z".into()),
        ("merchant", "bank-shop".into()),
        ("transaction", dearer),
    ] {
        let mut other = real.clone();
        other[member] = value;
        refused(scene.verifier.payments().apply_receipt(&alice(), &signed(other)).await);
    }
    // Of whose payment the vault says it.
    let hers = signed_for(&mallory(), real.clone());
    refused(scene.verifier.payments().apply_receipt(&alice(), &hers).await);
    scene.verifier.payments().apply_receipt(&alice(), &signed(real)).await.unwrap();
}

#[tokio::test]
async fn in_whatever_order_receipts_come_the_weightiest_stands() {
    let orders: [&[usize]; 9] = [
        &[0, 1, 2],
        &[0, 2, 1],
        &[1, 0, 2],
        &[1, 2, 0],
        &[2, 0, 1],
        &[2, 1, 0],
        &[0, 1],
        &[1, 0],
        &[0],
    ];
    for order in orders {
        let scene = scene();
        let receipts = said(&scene, "p-1").await;
        let payments = scene.verifier.payments();
        for n in order {
            payments.apply_receipt(&alice(), &receipts[*n]).await.unwrap();
            payments.apply_receipt(&alice(), &receipts[*n]).await.unwrap();
        }
        let id = receipts[0].payment();
        let outcome = payments.outcome(&bob_rings(), &id).await.unwrap();
        match order.iter().max() {
            Some(2) => assert!(matches!(outcome, PaymentOutcome::Authorised { .. }), "{order:?}"),
            Some(1) => {
                assert_eq!(outcome, PaymentOutcome::Declined(DeclineReason::NotCharged));
            }
            _ => assert_eq!(outcome, PaymentOutcome::Unresolved),
        }
    }
}

#[tokio::test]
async fn it_expires_after_the_last_moment_and_a_late_receipt_still_counts() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let payments = scene.verifier.payments();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    // Paid in the last second, and the receipt is lost.
    scene.clock.set(asked.payment.until.before(std::time::Duration::from_secs(1)));
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let outcome = async || payments.outcome(&bob_rings(), &asked.payment.id).await.unwrap();
    // The customer may authenticate after it. Two minutes for the acquirer, and half a one by which the vault's clock may be
    // behind.
    let late = asked.payment.until.after(scene.verifier.policy().payments.authenticate_within);
    let last = late.after(2 * MINUTE + MINUTE / 2);
    scene.clock.set(last.before(std::time::Duration::from_secs(1)));
    assert_eq!(outcome().await, PaymentOutcome::Waiting);
    scene.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(outcome().await, PaymentOutcome::Expired);
    let listed = payments.list(&alice(), Page::first()).await.unwrap().items;
    assert_eq!(listed[0].status, PaymentStatus::Expired);
    // The back end asks the vault before the agent asks anew.
    scene.clock.advance(24 * HOUR);
    let token = scene.verifier.payments().request(&bob_rings(), &scene.asking("p-1").await).await;
    let receipt = scene.vault.receipt(&token.unwrap().token).await.unwrap().unwrap();
    let settled = payments.apply_receipt(&alice(), &receipt).await.unwrap();
    assert_eq!(settled.status, PaymentStatus::Authorised);
    assert!(matches!(outcome().await, PaymentOutcome::Authorised { .. }));
    assert_eq!(acquirer.charges(), 1);
}

#[tokio::test]
async fn a_receipt_says_the_same_whenever_it_is_asked_for() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let receipt = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap().receipt;
    scene.clock.advance(100 * 24 * HOUR);
    assert_eq!(scene.vault.receipt(&asked.token).await.unwrap(), Some(receipt.clone()));
    // It is no card: the customer's id, and nothing of the card but scheme and last four digits.
    let json = serde_json::to_string(&receipt).unwrap();
    for secret in ["424242424242", "12/34", "2034", "Jones", "card_token"] {
        assert!(!json.contains(secret), "{secret}");
    }
    // For as long as the record is kept.
    scene.clock.set(START.after(scene.vault.policy().retention).after(2 * HOUR));
    assert_eq!(scene.vault.receipt(&asked.token).await.unwrap(), None);
    let settled = scene.verifier.payments().apply_receipt(&alice(), &receipt).await;
    refused(settled);
}

#[tokio::test]
async fn a_receipt_read_from_anything_else_is_an_error_that_repeats_nothing() {
    for text in ["{}", "7", r#""4242424242424242""#, r#"{"payment": "4242424242424242"}"#] {
        let error = serde_json::from_str::<Receipt>(text).unwrap_err().to_string();
        assert!(error.starts_with("expected a receipt"), "{error}");
        assert!(!error.contains("4242"), "{error}");
    }
}

#[tokio::test]
async fn the_history_says_who_did_what_and_the_observer_sees_it() {
    let scene = scene();
    let receipts = said(&scene, "p-1").await;
    let payments = scene.verifier.payments();
    let id = receipts[0].payment();
    scene.bank_seen.take();
    for receipt in receipts.iter().chain(&receipts) {
        payments.apply_receipt(&alice(), receipt).await.unwrap();
    }
    let seen = scene.bank_seen.take();
    assert_eq!(seen.iter().filter(|event| !event.repeated).count(), 3);
    assert_eq!(seen.len(), 6);
    let Some(View::Payment(payment)) = &seen[2].view else { panic!("{:?}", seen[2]) };
    assert_eq!((payment.id, payment.status), (id, PaymentStatus::Authorised));
    let histories = scene.verifier.history(&alice(), Page::first()).await.unwrap().items;
    let [history] = &histories[..] else { panic!("{histories:?}") };
    assert_eq!(history.subject, Subject::Payment(id));
    history.verify().unwrap();
    let bob = Actor::Agent(countersign::AgentId::new("bob").unwrap());
    let events: Vec<_> =
        history.events.iter().map(|event| (event.actor.clone(), event.action)).collect();
    assert_eq!(
        events,
        [
            (bob, Action::RequestPayment),
            (Actor::BackEnd, Action::LeaveUnresolved),
            (Actor::BackEnd, Action::DeclinePayment),
            (Actor::BackEnd, Action::Authorise),
        ]
    );
    // The customer's app may keep a receipt of this history as of any other.
    let kept = scene.verifier.history_receipt(&alice(), Subject::Payment(id)).await.unwrap();
    let mut keys = countersign::token::TrustedKeys::new(issuer());
    let purpose = countersign::token::Purpose::HistoryHead;
    keys.trust(*signing().public_key(), purpose).unwrap();
    let phone = countersign::Device::new(keys, alice());
    assert_eq!(phone.check_history(&kept, &histories, START), Ok(0));
}

#[tokio::test]
async fn the_vault_s_history_names_every_attempt() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    acquirer.plan(0, Trouble::Before);
    acquirer.plan(1, Trouble::Before);
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    scene.clock.advance(SURELY);
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let history = scene.vault.payment_history(&asked.token).await.unwrap();
    let events: Vec<_> = history.events.iter().map(|event| (event.at, event.action)).collect();
    let later: Timestamp = START.after(SURELY);
    assert_eq!(
        events,
        [
            (START, Action::Pay),
            (START, Action::LeaveUnresolved),
            (later, Action::Pay),
            (later, Action::Authorise),
        ]
    );
    let other = scene.asked("p-2").await;
    refused(scene.vault.payment_history(&other.token).await);
}

#[tokio::test]
async fn attack_20_every_fault_at_every_call_of_apply_receipt_and_keep_card_token() {
    for fault in Fault::ALL {
        for at in 0..3 {
            let scene = scene();
            let asked = scene.asked("p-1").await;
            let sealed = scene.sealed(&asked, &card(), 3);
            let acquirer = Recording::<true>::new(true);
            let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
            let (id, token) = (asked.payment.id, paid.card_token.as_ref().unwrap());
            let payments = scene.verifier.payments();
            let case = format!("{fault:?} at {at}");
            refused(payments.keep_card_token(&alice(), &paid.receipt, token).await);
            scene.bank_store.plan(at, fault);
            let first = payments.apply_receipt(&alice(), &paid.receipt).await;
            assert!(!matches!(first, Err(Error::Refused(_))), "{case}: {first:?}");
            scene.bank_store.heal();
            let settled = payments.apply_receipt(&alice(), &paid.receipt).await.unwrap();
            assert_eq!(settled.status, PaymentStatus::Authorised, "{case}");
            scene.bank_store.plan(at, fault);
            let first = payments.keep_card_token(&alice(), &paid.receipt, token).await;
            assert!(!matches!(first, Err(Error::Refused(_))), "{case}: {first:?}");
            scene.bank_store.heal();
            payments.keep_card_token(&alice(), &paid.receipt, token).await.unwrap();
            assert_eq!(payments.card_token(&alice(), &id).await.unwrap(), *token, "{case}");
            refused(payments.card_token(&mallory(), &id).await);
            let another = countersign::random::SeededRandom::new(70);
            let another = countersign::card::CardToken::generate(&another).unwrap();
            let kept = payments.keep_card_token(&alice(), &paid.receipt, &another).await;
            let wanted = countersign::error::Invalid::AnotherCardToken;
            assert!(matches!(kept, Err(Error::Invalid(found)) if found == wanted), "{case}");
        }
    }
}

#[tokio::test]
async fn a_declined_payment_keeps_no_card_token() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    acquirer.book().declines = Some(DeclineReason::Other);
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    assert_eq!(*paid.receipt.outcome(), ChargeOutcome::Declined(DeclineReason::Other));
    let payments = scene.verifier.payments();
    payments.apply_receipt(&alice(), &paid.receipt).await.unwrap();
    let token =
        countersign::card::CardToken::generate(&countersign::random::SeededRandom::new(1)).unwrap();
    refused(payments.keep_card_token(&alice(), &paid.receipt, &token).await);
    refused(payments.card_token(&alice(), &asked.payment.id).await);
}
