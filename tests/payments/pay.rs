//! A payment from the agent's request to the card token.

use countersign::card::{Attempt, SealError};
use countersign::card_number::Brand;
use countersign::history::{Action, Outcome, Subject};
use countersign::page::Page;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome, PaymentStatus};
use countersign::random::SeededRandom;

use crate::support::*;

#[tokio::test]
async fn from_request_to_card_token() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let payments = scene.verifier.payments();
    let asked = scene.asked("p-1").await;
    assert_eq!(asked.payment.status, PaymentStatus::Requested);
    assert_eq!(scene.asked("p-1").await, asked, "repeated");
    let id = asked.payment.id;
    let call = bob_rings();
    assert_eq!(payments.outcome(&call, &id).await.unwrap(), PaymentOutcome::Waiting);

    let shown = phone().open_payment(&asked.token, START).unwrap();
    assert_eq!((shown.id(), shown.headline()), (id, "We called you."));
    assert_eq!((shown.transaction(), shown.merchant()), (&purchase(), &merchant()));
    assert_eq!((shown.agent_name().as_str(), shown.keeps_card_until()), ("Bob", None));
    assert_eq!(shown.until(), START.after(20 * MINUTE));
    assert_eq!(shown.authenticate_until(), Some(START.after(25 * MINUTE)));

    let random = SeededRandom::new(3);
    assert_eq!(shown.seal(&card(), &random).unwrap().attempt(), Attempt::FIRST);
    let again = |attempt| shown.seal_again(&card(), Attempt::new(attempt).unwrap(), &random);
    assert_eq!(again(2).unwrap().attempt().number(), 2);
    assert_eq!(again(1), Err(SealError::Attempt));

    assert_eq!(scene.vault.receipt(&asked.token).await.unwrap(), None);
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let receipt = &paid.receipt;
    assert_eq!((receipt.brand(), receipt.last_four().as_str()), (Brand::Visa, "4242"));
    assert_eq!((receipt.payment(), receipt.transaction()), (id, &purchase()));
    let ChargeOutcome::Authorised { authorisation_code, transaction_id, amount } =
        receipt.outcome()
    else {
        panic!("{receipt:?}");
    };
    assert_eq!((authorisation_code.as_str(), transaction_id.as_str()), ("A1B2C3", "txn-1"));
    assert_eq!(*amount, 4_200);
    let token = paid.card_token.as_ref().unwrap();
    // Its answer was lost: the same again, and no other charge.
    assert_eq!(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap(), paid);
    let charge = acquirer.book().charges.clone();
    assert_eq!(charge.len(), 1);
    assert_eq!((charge[0].1.as_str(), charge[0].2.as_str(), charge[0].3), (PAN, "123", 4_200));
    // Long after the request has expired, too.
    scene.clock.advance(48 * HOUR);
    let late = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    assert_eq!(late, paid);
    scene.clock.set(START);

    // The receipt travels as JSON.
    let json = serde_json::to_string(receipt).unwrap();
    let receipt = serde_json::from_str(&json).unwrap();
    let payment = payments.apply_receipt(&alice(), &receipt).await.unwrap();
    assert_eq!(payment.status, PaymentStatus::Authorised);
    assert_eq!(payments.apply_receipt(&alice(), &receipt).await.unwrap(), payment);
    assert_eq!(payments.list(&alice(), Page::first()).await.unwrap().items, [payment]);
    let outcome = payments.outcome(&call, &id).await.unwrap();
    assert!(matches!(outcome, PaymentOutcome::Authorised { brand: Brand::Visa, .. }));
    payments.keep_card_token(&alice(), &receipt, token).await.unwrap();
    payments.keep_card_token(&alice(), &receipt, token).await.unwrap();
    assert_eq!(payments.card_token(&alice(), &id).await.unwrap(), *token);

    let pan = scene.vault.with_card(token, &binding(), |card| card.pan().expose().to_owned()).await;
    assert_eq!(pan.unwrap(), PAN);
    refused(scene.vault.with_card(token, &binding(), |_| ()).await);

    let seen: Vec<_> = scene.seen.take().into_iter().map(|event| event.action).collect();
    let (pay, keep) = (Action::Pay, Action::KeepCard);
    assert_eq!(seen[..3], [pay, Action::Authorise, keep]);
    let history = scene.vault.payment_history(&asked.token).await.unwrap();
    assert_eq!((history.subject, history.events.len()), (Subject::Charge(id), 2));
    let history = scene.vault.card_history(token, &binding()).await.unwrap();
    assert_eq!(history.events.last().map(|event| event.action), Some(Action::UseCard));
    let seen = scene.bank_seen.take();
    assert!(seen.iter().all(|event| event.outcome == Outcome::Done));
}

#[tokio::test]
async fn a_decline_says_no_more_than_an_agent_may_hear() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    acquirer.book().declines = Some(DeclineReason::InsufficientFunds);
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    assert_eq!(paid.card_token, None);
    let declined = ChargeOutcome::Declined(DeclineReason::InsufficientFunds);
    assert_eq!(*paid.receipt.outcome(), declined);
    let payments = scene.verifier.payments();
    payments.apply_receipt(&alice(), &paid.receipt).await.unwrap();
    let outcome = payments.outcome(&bob_rings(), &asked.payment.id).await.unwrap();
    assert_eq!(outcome, PaymentOutcome::Declined(DeclineReason::InsufficientFunds));
    // It stays declined, and nothing is kept.
    assert_eq!(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap(), paid);
    assert_eq!(acquirer.book().authorised, 1);
}
