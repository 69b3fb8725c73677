//! What may go to a desktop and what may not, checked as this is compiled; and what those that may are
//! put together from.

use countersign::card::{
    Card, CardToken, CardVerificationCode, Cardholder, Expiry, OpeningKey, Pan, SealedCard,
    StoredCard,
};
use countersign::card_number::{Brand, LastFour};
use countersign::device::VerifiedPayment;
use countersign::id::CardFingerprint;
use countersign::payment::ReceiptData;
use countersign::payment::{
    ChargeOutcome, DeclineReason, Meaning, Payment, PaymentOutcome, PaymentRequest,
    PaymentRequested, PaymentStatus, Receipt, Reference, ResponseCode,
};
use countersign::vault::{AcquirerAnswer, Authorisation, Binding, FollowUp, Found, Paid, Sought};
use countersign::vault::{Charge, ChargeStatus};
use countersign::{AgentSafe, Vault};
use serde::Serialize;
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::support::*;

// Each of them alone, and inside of whatever an agent-safe value may be inside of.
macro_rules! never {
    ($($name:ty),* $(,)?) => {
        $(
            assert_not_impl_any!($name: AgentSafe);
            assert_not_impl_any!(&'static $name: AgentSafe);
            assert_not_impl_any!(Option<$name>: AgentSafe);
            assert_not_impl_any!(Vec<$name>: AgentSafe);
            assert_not_impl_any!(Option<Vec<&'static $name>>: AgentSafe);
            assert_not_impl_any!(Box<$name>: AgentSafe);
            assert_not_impl_any!(($name,): AgentSafe);
            assert_not_impl_any!((Receipt, $name): AgentSafe);
        )*
    };
}

never!(Pan, CardVerificationCode, Card, SealedCard, StoredCard, Cardholder, Expiry);
never!(CardToken, CardFingerprint, OpeningKey, Paid, VerifiedPayment, Vault);
never!(PaymentRequest, PaymentRequested, Binding, AcquirerAnswer, Found, Authorisation<'static>);
never!(ResponseCode, Meaning, Sought<'static>, FollowUp<'static>, String, &'static str);

// What holds a card's secrets is not copied, printed or serialised either.
assert_not_impl_any!(Pan: Clone, Serialize, std::fmt::Display);
assert_not_impl_any!(CardVerificationCode: Clone, Serialize, std::fmt::Display);
assert_not_impl_any!(Card: Clone, Serialize, std::fmt::Display);
assert_not_impl_any!(StoredCard: Clone, Serialize, std::fmt::Display);
assert_not_impl_any!(Cardholder: Clone, Serialize, std::fmt::Display);
assert_not_impl_any!(Expiry: Serialize, std::fmt::Display);
assert_not_impl_any!(OpeningKey: Clone, Serialize, std::fmt::Display);

// The positive half.
assert_impl_all!(Payment: AgentSafe, Serialize);
assert_impl_all!(PaymentStatus: AgentSafe, Serialize);
assert_impl_all!(PaymentOutcome: AgentSafe, Serialize);
assert_impl_all!(Receipt: AgentSafe, Serialize);
assert_impl_all!(ChargeOutcome: AgentSafe, Serialize);
assert_impl_all!(ChargeStatus: AgentSafe, Serialize);
assert_impl_all!(Charge: AgentSafe, Serialize);
assert_impl_all!(DeclineReason: AgentSafe, Serialize);
assert_impl_all!(Reference: AgentSafe, Serialize);
assert_impl_all!(Brand: AgentSafe, Serialize);
assert_impl_all!(LastFour: AgentSafe, Serialize);
assert_impl_all!(Option<Vec<&'static Receipt>>: AgentSafe, Serialize);

/// The names of all members, of whatever depth.
fn members(value: &serde_json::Value, to: &mut Vec<String>) {
    if let Some(object) = value.as_object() {
        for (name, value) in object {
            to.push(name.clone());
            members(value, to);
        }
    }
}

/// A member more, in what an agent may see, is noticed here: it is to be looked at before it is added.
#[tokio::test]
async fn what_an_agent_sees_of_a_payment_has_these_members_and_no_others() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let acquirer = Recording::<true>::new(true);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let settled = scene.verifier.payments().apply_receipt(&alice(), &paid.receipt).await.unwrap();
    let outcome = scene.verifier.payments().outcome(&bob_rings(), &settled.id).await.unwrap();
    let transaction = ["transaction", "amount", "currency", "kind", "payee", "reference"];
    let authorised = ["authorised", "authorisation_code", "transaction_id"];
    let card = ["brand", "last_four"];
    let payment = ["id", "merchant", "status", "requested_at", "until", "authorised"];
    let request = ["merchant", "payment", "request", "requested_at", "outcome", "token", "count"];
    let totals = ["totals", "captured", "voided", "refunded", "charged_back", "in_doubt"];
    for (value, mut wanted) in [
        (serde_json::to_value(&settled), [&payment[..], &transaction, &card, &totals].concat()),
        (serde_json::to_value(&outcome), [&authorised[..], &card, &["amount"], &totals].concat()),
        (
            serde_json::to_value(&paid.receipt),
            [&request[..], &transaction, &card, &authorised, &["amount"], &totals].concat(),
        ),
    ] {
        let mut names = Vec::new();
        members(&value.unwrap(), &mut names);
        names.sort();
        wanted.sort_unstable();
        assert_eq!(names, wanted);
    }
    // The token of a receipt says the same: it is read as `ReceiptData`, which has these members.
    let said = serde_json::to_value(&paid.receipt).unwrap();
    let read: ReceiptData = serde_json::from_value(said.clone()).unwrap();
    let mut names = Vec::new();
    members(&serde_json::to_value(read).unwrap(), &mut names);
    assert!(names.iter().all(|name| said.to_string().contains(&format!("\"{name}\":"))));
}
