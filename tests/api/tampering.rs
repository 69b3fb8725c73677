//! The same step-up, the same nonce, and one thing about it changed: on the way to the app, in the
//! grant, or in what the back end is about to do. A test for each thing at each place.

use crate::support::tampering::refused_at_submit_with;
use countersign::credential::EnrolmentRequest;
use countersign::device::{DeviceCredential, DeviceCredentialError};
use countersign::error::Reason;
use countersign::history::Outcome;
use countersign::otp::OtpSeed;
use countersign::random::SeededRandom;
use countersign::step_up::Grant;
use countersign::step_up::GrantData;
use countersign::token::{SigningKey, TokenId};
use countersign::transaction::TransactionKind;
use countersign::{Direction, Interaction, Issuer, StepUpId, Transaction};

use crate::support::credentials::{app, pin, refused};
use crate::support::step_ups::{asked, asking, bank, codes_alone, grant, signing, transfer};
use crate::support::tampering::*;
use crate::support::*;

/// Approved as it is. Then the back end is about to do something else, and after all the right thing.
async fn refused_at_redeem(change: impl FnOnce(&mut Interaction, &mut Transaction)) {
    let bank = bank();
    let (call, grant) = approved(&bank).await;
    let (mut elsewhere, mut other) = (call.clone(), transfer());
    change(&mut elsewhere, &mut other);
    assert!(elsewhere != call || other != transfer());
    refuses(&bank, &elsewhere, &grant, &other).await;
    bank.verifier.step_ups().redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
}

/// The grant itself says something else, and the back end is about to do that.
async fn refused_as_grant(change: impl FnOnce(&mut Said<GrantData>, &mut Interaction)) {
    let bank = bank();
    let (mut call, grant) = approved(&bank).await;
    let (genuine_call, mut transaction) = (call.clone(), transfer());
    let other = granted(&grant, &signing(), |said| {
        change(said, &mut call);
        transaction = money(&mut said.data.what).clone();
    });
    assert_ne!(other, grant);
    refuses(&bank, &call, &other, &transaction).await;
    // Nor for what was approved.
    refuses(&bank, &genuine_call, &other, &transfer()).await;
    let step_ups = bank.verifier.step_ups();
    step_ups.redeem(&genuine_call, &grant, &transfer(), &request("k")).await.unwrap();
}

async fn refuses(bank: &Bank, call: &Interaction, grant: &Grant, transaction: &Transaction) {
    let before = bank.store.records();
    let redeemed = bank.verifier.step_ups().redeem(call, grant, transaction, &request("k")).await;
    refused(redeemed);
    assert_eq!(bank.store.records(), before);
}

async fn approved(bank: &Bank) -> (Interaction, Grant) {
    let (_, device) = app(bank).await;
    let call = bob_rings("call-1");
    let requested = asked(bank, &call).await;
    let code = answered(&requested, &device, |_| ());
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &requested.step_up.id, &code).await.unwrap();
    let grant = grant(bank, &requested).await;
    (call, grant)
}

/// The grant, signed again by `key` with one change.
fn granted(grant: &Grant, key: &SigningKey, change: impl FnOnce(&mut Said<GrantData>)) -> Grant {
    let mut json = serde_json::to_value(grant).unwrap();
    let token = json["token"].as_str().unwrap();
    json["token"] = signed(token, key, change).into();
    serde_json::from_value(json).unwrap()
}

fn another_id() -> StepUpId {
    "00000000000000000000000004".parse().unwrap()
}

fn elsewhere() -> countersign::InteractionId {
    bob_rings("call-2").id
}

#[tokio::test]
async fn at_submit_one_penny_more() {
    refused_at_submit(|said| money(&mut said.data.what).amount += 1).await;
}

#[tokio::test]
async fn at_submit_one_penny_less() {
    refused_at_submit(|said| money(&mut said.data.what).amount -= 1).await;
}

#[tokio::test]
async fn at_submit_another_currency() {
    refused_at_submit(|said| money(&mut said.data.what).currency = "EUR".parse().unwrap()).await;
}

#[tokio::test]
async fn at_submit_another_payee() {
    let other = "Jones Roofing 20-00-00 55779912".parse().unwrap();
    refused_at_submit(|said| money(&mut said.data.what).payee = other).await;
}

#[tokio::test]
async fn at_submit_another_reference() {
    refused_at_submit(|said| money(&mut said.data.what).reference = "Invoice 8".parse().unwrap())
        .await;
}

#[tokio::test]
async fn at_submit_another_kind() {
    refused_at_submit(|said| money(&mut said.data.what).kind = TransactionKind::Payment).await;
}

#[tokio::test]
async fn at_submit_another_interaction() {
    refused_at_submit(|said| said.data.interaction = elsewhere()).await;
}

#[tokio::test]
async fn at_submit_another_direction() {
    refused_at_submit_with(codes_alone, |said| said.data.direction = Direction::Inbound).await;
}

#[tokio::test]
async fn at_submit_another_agent_name() {
    let other = "Bob from Example Banc".parse().unwrap();
    refused_at_submit(|said| said.data.agent_name = other).await;
}

#[tokio::test]
async fn at_submit_another_nonce() {
    refused_at_submit(|said| said.nonce = TokenId::from_bytes([7; 16])).await;
}

#[tokio::test]
async fn at_submit_another_step_up() {
    refused_at_submit(|said| said.data.step_up = another_id()).await;
}

/// Of which the device has the same keys: under its own name it does not even answer.
#[tokio::test]
async fn at_submit_another_credential() {
    let bank = bank();
    let enrolment = EnrolmentRequest::ocra(request("app")).vouched_for();
    let given = bank.verifier.credentials().enrol(&alice(), &enrolment).await.unwrap();
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let (_, device) = app(&bank).await;
    let other = "00000000000000000000000004".parse().unwrap();
    let random = SeededRandom::new(3);
    let renamed = DeviceCredential::enrol(other, &seed, &pin("2468"), None, &random).unwrap();
    let (step_ups, requested) =
        (bank.verifier.step_ups(), asked(&bank, &bob_rings("call-1")).await);
    let id = requested.step_up.id;
    let shown = opened(&requested, |said| said.data.credential = other);
    let unanswered = shown.approve(&device, &pin("2468")).unwrap_err();
    assert_eq!(unanswered, DeviceCredentialError::Malformed);
    bank.seen.take();
    let code = shown.approve(&renamed, &pin("2468")).unwrap();
    refused(step_ups.submit(&alice(), &id, &code).await);
    assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::WrongCode));
    let right = answered(&requested, &device, |_| ());
    step_ups.submit(&alice(), &id, &right).await.unwrap();
}

#[tokio::test]
async fn at_submit_another_customer() {
    refused_at_submit(|said| said.customer = mallory()).await;
}

#[tokio::test]
async fn at_submit_another_issuer() {
    refused_at_submit(|said| said.issuer = Issuer::new("other.example").unwrap()).await;
}

/// Where one text ends and the next begins is covered too.
#[tokio::test]
async fn at_submit_a_payee_that_runs_into_the_reference() {
    refused_at_submit(|said| {
        let one = money(&mut said.data.what);
        one.payee = format!("{}{}", one.payee, "I").parse().unwrap();
        one.reference = "nvoice 7".parse().unwrap();
    })
    .await;
}

#[tokio::test]
async fn at_redeem_one_penny_more() {
    refused_at_redeem(|_, what| what.amount += 1).await;
}

#[tokio::test]
async fn at_redeem_one_penny_less() {
    refused_at_redeem(|_, what| what.amount -= 1).await;
}

#[tokio::test]
async fn at_redeem_another_currency() {
    refused_at_redeem(|_, what| what.currency = "EUR".parse().unwrap()).await;
}

#[tokio::test]
async fn at_redeem_another_payee() {
    let other = "Jones Roofing 20-00-00 55779912".parse().unwrap();
    refused_at_redeem(|_, what| what.payee = other).await;
}

#[tokio::test]
async fn at_redeem_another_reference() {
    refused_at_redeem(|_, what| what.reference = "Invoice 8".parse().unwrap()).await;
}

#[tokio::test]
async fn at_redeem_another_kind() {
    refused_at_redeem(|_, what| what.kind = TransactionKind::Payment).await;
}

#[tokio::test]
async fn at_redeem_another_interaction() {
    refused_at_redeem(|call, _| call.id = elsewhere()).await;
}

#[tokio::test]
async fn at_redeem_another_direction() {
    refused_at_redeem(|call, _| call.direction = Direction::Inbound).await;
}

#[tokio::test]
async fn at_redeem_another_agent() {
    refused_at_redeem(|call, _| call.agent = agent("eve")).await;
}

#[tokio::test]
async fn at_redeem_another_customer() {
    refused_at_redeem(|call, _| call.customer = mallory()).await;
}

#[tokio::test]
async fn as_grant_one_penny_more() {
    refused_as_grant(|said, _| money(&mut said.data.what).amount += 1).await;
}

#[tokio::test]
async fn as_grant_another_currency() {
    refused_as_grant(|said, _| money(&mut said.data.what).currency = "EUR".parse().unwrap()).await;
}

#[tokio::test]
async fn as_grant_another_payee() {
    let other = "Jones Roofing 20-00-00 55779912".parse().unwrap();
    refused_as_grant(|said, _| money(&mut said.data.what).payee = other).await;
}

#[tokio::test]
async fn as_grant_another_reference() {
    refused_as_grant(|said, _| money(&mut said.data.what).reference = "Invoice 8".parse().unwrap())
        .await;
}

#[tokio::test]
async fn as_grant_another_kind() {
    refused_as_grant(|said, _| money(&mut said.data.what).kind = TransactionKind::Payment).await;
}

#[tokio::test]
async fn as_grant_another_interaction() {
    refused_as_grant(|said, call| {
        said.data.interaction = elsewhere();
        call.id = elsewhere();
    })
    .await;
}

#[tokio::test]
async fn as_grant_another_agent() {
    refused_as_grant(|said, call| {
        call.agent = agent("eve");
        said.data.agent = call.agent.id.clone();
    })
    .await;
}

#[tokio::test]
async fn as_grant_another_step_up() {
    refused_as_grant(|said, _| said.data.step_up = another_id()).await;
}

#[tokio::test]
async fn as_grant_another_customer() {
    refused_as_grant(|said, call| {
        said.customer = mallory();
        call.customer = mallory();
    })
    .await;
}

#[tokio::test]
async fn as_grant_another_signer() {
    let bank = bank();
    let (call, grant) = approved(&bank).await;
    let forged = granted(&grant, &SigningKey::from_seed(&[6; 32]).unwrap(), |_| ());
    refuses(&bank, &call, &forged, &transfer()).await;
    // Signed again by the enterprise, it is the same one: that is what the others are told apart from.
    assert_eq!(granted(&grant, &signing(), |_| ()), grant);
}

/// The grant of one step-up under the number of another, of which nothing differs but that.
#[tokio::test]
async fn as_grant_of_another_step_up_for_the_same() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    let mut grants = Vec::new();
    for id in ["s-1", "s-2"] {
        let requested = step_ups.request(&call, &asking(id, transfer())).await.unwrap();
        let code = answered(&requested, &device, |_| ());
        step_ups.submit(&alice(), &requested.step_up.id, &code).await.unwrap();
        grants.push(grant(&bank, &requested).await);
    }
    let mut json = serde_json::to_value(&grants[0]).unwrap();
    json["step_up"] = grants[1].step_up().to_string().into();
    let crossed: Grant = serde_json::from_value(json).unwrap();
    refuses(&bank, &call, &crossed, &transfer()).await;
}

/// An agent's display name stands in no grant: it can't be another one by then, because the step-up it
/// was shown with cannot be asked for again under another.
#[tokio::test]
async fn at_request_another_agent_name_is_another_request() {
    let bank = bank();
    app(&bank).await;
    let call = bob_rings("call-1");
    let first = asked(&bank, &call).await;
    let named = countersign::step_up::StepUpRequest::new(
        request("s-1"),
        transfer(),
        "Eve".parse().unwrap(),
    );
    let before = bank.store.records();
    let again = bank.verifier.step_ups().request(&call, &named).await;
    let reused = countersign::Error::Invalid(countersign::error::Invalid::RequestReused);
    assert_eq!(format!("{:?}", again.unwrap_err()), format!("{reused:?}"));
    assert_eq!(bank.store.records(), before);
    assert_eq!(asked(&bank, &call).await, first);
}
