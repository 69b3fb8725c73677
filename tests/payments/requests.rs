//! What an agent may ask a customer to pay, how often, and where.

use countersign::error::{ConfigError, Invalid, Reason};
use countersign::payment::{PaymentRequest, SignedSealingKey};
use countersign::store::FaultStore;
use countersign::time::ManualClock;
use countersign::transaction::TransactionKind;
use countersign::{Channel, Error, Interaction, MemoryStore, Policy, Transaction, Verifier};

use crate::support::*;

fn asking_of(transaction: Transaction, key: &SignedSealingKey) -> PaymentRequest {
    let name = "Bob".parse().unwrap();
    PaymentRequest::new(request("p-9"), merchant(), transaction, name, key.clone())
}

fn invalid<T: std::fmt::Debug>(result: Result<T, Error>, wanted: Invalid) {
    assert!(matches!(&result, Err(Error::Invalid(found)) if *found == wanted), "{result:?}");
}

#[tokio::test]
async fn a_request_is_a_payment_and_holds_no_card_number() {
    let scene = scene();
    let key = &scene.vault.public_key().await.unwrap();
    let payments = scene.verifier.payments();
    let call = bob_rings();
    for kind in [TransactionKind::Transfer, TransactionKind::Change, TransactionKind::NewPayee] {
        let mut transaction = purchase();
        transaction.kind = kind;
        let asked = payments.request(&call, &asking_of(transaction, key)).await;
        invalid(asked, Invalid::NotAPayment);
    }
    // An agent who writes down what the customer says aloud gets nowhere with it.
    let spoken = "four two four two, four two four two, four two four two, four two four two";
    for text in [PAN, "card 4242-4242 4242 4242 exp 12/34", spoken] {
        let mut transaction = purchase();
        transaction.reference = text.parse().unwrap();
        invalid(payments.request(&call, &asking_of(transaction, key)).await, Invalid::CardInText);
        let mut transaction = purchase();
        transaction.payee = text.parse().unwrap();
        invalid(payments.request(&call, &asking_of(transaction, key)).await, Invalid::CardInText);
        let name = text.parse().unwrap();
        let asking = PaymentRequest::new(request("p-9"), merchant(), purchase(), name, key.clone());
        invalid(payments.request(&call, &asking).await, Invalid::CardInText);
    }
    let most = scene.verifier.policy().payments.card_kept_for;
    for time in [std::time::Duration::ZERO, most + std::time::Duration::from_secs(1)] {
        let asking = asking_of(purchase(), key).keep_card_for(time);
        invalid(payments.request(&call, &asking).await, Invalid::KeptTooLong(most));
    }
    assert_eq!(scene.bank_store.records().len(), 0, "nothing was noted or counted");
    payments.request(&call, &asking_of(purchase(), key).keep_card_for(most)).await.unwrap();
}

#[tokio::test]
async fn a_request_id_is_for_one_request() {
    let scene = scene();
    let payments = scene.verifier.payments();
    let call = bob_rings();
    let key = &scene.vault.public_key().await.unwrap();
    let first = payments.request(&call, &asking_of(purchase(), key)).await.unwrap();
    // The vault's next key: still the same request, and what was said first stands.
    scene.clock.advance(11 * MINUTE);
    let another = scene.vault.public_key().await.unwrap();
    assert_ne!(another, *key);
    let again = payments.request(&call, &asking_of(purchase(), &another)).await.unwrap();
    assert_eq!(again, first);
    let mut changed = purchase();
    changed.amount += 1;
    let reused = Invalid::RequestReused;
    invalid(payments.request(&call, &asking_of(changed, key)).await, reused);
    let kept = asking_of(purchase(), key).keep_card_for(HOUR);
    invalid(payments.request(&call, &kept).await, reused);
    let name = "Eve".parse().unwrap();
    let named = PaymentRequest::new(request("p-9"), merchant(), purchase(), name, key.clone());
    invalid(payments.request(&call, &named).await, reused);
    let eve = crate::support::call(&alice(), "eve");
    invalid(payments.request(&eve, &asking_of(purchase(), key)).await, reused);
    let (account, name) = ("bank-shop".parse().unwrap(), "Bob".parse().unwrap());
    let shop = PaymentRequest::new(request("p-9"), account, purchase(), name, key.clone());
    invalid(payments.request(&call, &shop).await, reused);
    let (id, agent) = (call.id.clone(), call.agent.clone());
    let inbound = Interaction::inbound(id, alice(), agent, Channel::Voice);
    invalid(payments.request(&inbound, &asking_of(purchase(), key)).await, reused);
}

#[tokio::test]
async fn another_agent_and_another_call_learn_nothing() {
    let scene = scene();
    let payments = scene.verifier.payments();
    let id = scene.asked("p-1").await.payment.id;
    refused(payments.outcome(&call(&alice(), "eve"), &id).await);
    refused(payments.outcome(&call(&mallory(), "bob"), &id).await);
    let mut other = bob_rings();
    other.id = countersign::InteractionId::new("call-2").unwrap();
    refused(payments.outcome(&other, &id).await);
    payments.outcome(&bob_rings(), &id).await.unwrap();
}

#[tokio::test]
async fn attack_4_payments_are_asked_for_so_often_and_no_more() {
    let scene = scene();
    let payments = scene.verifier.payments();
    for n in 0..5 {
        scene.asked(&format!("p-{n}")).await;
    }
    scene.bank_seen.take();
    let sixth = scene.asking("p-5").await;
    let limited = payments.request(&bob_rings(), &sixth).await;
    let until = scene.now().after(10 * MINUTE);
    assert_eq!(limited.as_ref().unwrap_err().retry_at(), Some(until));
    refused(limited);
    assert_eq!(reasons(&scene.bank_seen), [Reason::TooManyRequests]);
    scene.asked("p-0").await; // repeated, and not counted
    let second = std::time::Duration::from_secs(1);
    scene.clock.set(until.before(second));
    let still = payments.request(&bob_rings(), &sixth).await.unwrap_err();
    assert_eq!(still.retry_at(), Some(until));
    scene.clock.set(until);
    scene.asked("p-5").await;

    // One agent, many customers.
    let mut policy = Policy::default();
    policy.payments.per_agent = 3;
    let scene = scene_with(policy);
    let payments = scene.verifier.payments();
    for n in 0..4 {
        let customer = countersign::CustomerId::new(format!("c-{n}")).unwrap();
        let asked = payments.request(&call(&customer, "bob"), &scene.asking("p").await).await;
        assert_eq!(asked.is_ok(), n < 3, "{n}");
    }
}

#[tokio::test]
async fn no_payment_is_asked_for_on_a_channel_that_others_read() {
    let scene = scene();
    let payments = scene.verifier.payments();
    for channel in [Channel::Email, Channel::Social] {
        let mut call = bob_rings();
        call.channel = channel;
        let asking = scene.asking("p-1").await;
        refused(payments.request(&call, &asking).await);
    }
    assert_eq!(reasons(&scene.bank_seen), [Reason::ChannelNotAllowed; 2]);
    let store = FaultStore::new(MemoryStore::new());
    let keyless = Verifier::builder(issuer(), bank_keyring())
        .store(store)
        .clock(ManualClock::new(START))
        .build()
        .unwrap();
    let asked = keyless.payments().request(&bob_rings(), &scene.asking("p-1").await).await;
    assert!(matches!(asked, Err(Error::Config(ConfigError::NoSigningKey))), "{asked:?}");
}
