//! What a release wrote of credentials and step-ups opens for ever.
//!
//! The files under `tests/golden/step_ups/` are only ever added to; see `golden.rs` for how the file
//! of a format that was never released is written anew.

use countersign::credential::{EnrolmentRequest, ImportRequest, Method};
use countersign::device::SmartPin;
use countersign::otp::ocra::{Inputs, OcraChallenge, PinHash, Response, Suite};
use countersign::otp::{Algorithm, Digits, Ocra, OtpSeed, Totp};
use countersign::step_up::{DeclineReason, Grant, StepUpOutcome, StepUpRequest, StepUpStatus};
use countersign::transaction::TransactionKind;
use countersign::{Error, Policy, StepUpId, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::credentials::{app, refused};
use crate::support::golden;
use crate::support::golden_bank::{Kept, credentials as credentials_of};
use crate::support::step_ups::{bank_of, codes_alone, open, signing};
use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    #[serde(flatten)]
    kept: Kept,
    credentials: Value,
    histories: Value,
    /// The bytes of the app's credential, and its first code under the PIN 2468.
    device: (String, String),
    /// What can still be redeemed.
    grant: Grant,
    /// What can still be answered, and how.
    open: (StepUpId, String),
    /// The same by a fob that the question is typed into, which older files do not have.
    #[serde(default)]
    fob: Option<(StepUpId, String)>,
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.step_ups.payment_methods = vec![Method::Ocra, Method::Delivered];
    policy.step_ups.per_customer = 20;
    codes_alone(policy)
}

fn transfer(kind: TransactionKind) -> Transaction {
    let (payee, reference) = ("Jones Roofing".parse().unwrap(), "Invoice 7".parse().unwrap());
    Transaction::new(kind, 500_000, "GBP".parse().unwrap(), payee, reference)
}

/// A credential and a step-up in each of their states.
async fn scene() -> Golden {
    let bank = bank_of(policy());
    let (credentials, step_ups) = (bank.verifier.credentials(), bank.verifier.step_ups());
    // Before there is an app, which would be asked instead.
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:QN08-PSHA1".parse().unwrap();
    let seed = || OtpSeed::from_bytes(&[9; 32]).unwrap();
    let pin_hash = || PinHash::of(Algorithm::Sha1, "4711");
    let fob = ImportRequest::ocra_with_pin(seed(), &suite, pin_hash()).unwrap();
    credentials.import(&alice(), &fob).await.unwrap();
    let name = "Bob".parse().unwrap();
    let asking = StepUpRequest::new(request("fob"), transfer(TransactionKind::Transfer), name);
    let requested = step_ups.request(&bob_rings("call-1"), &asking).await.unwrap();
    let question = open(&bank, &requested).question().unwrap();
    let challenge = OcraChallenge::new(suite.challenge_format(), &question).unwrap();
    let pin = pin_hash();
    let inputs = Inputs::one_way(&challenge).with_pin_hash(&pin);
    let answer = Ocra::new(&seed(), suite).respond(&inputs).unwrap().expose().to_owned();
    let fob = Some((requested.step_up.id, answer));
    let (_, device) = app(&bank).await;
    let pending = credentials
        .enrol(&alice(), &EnrolmentRequest::hotp(request("hotp")).vouched_for())
        .await
        .unwrap();
    let wrong: Response = "000000".parse().unwrap();
    refused(credentials.confirm(&alice(), &pending.credential.id, &wrong).await);
    let gone = ImportRequest::hotp(OtpSeed::from_bytes(&[8; 20]).unwrap(), 77);
    let gone = credentials.import(&alice(), &gone).await.unwrap();
    credentials.revoke(&alice(), &gone.id).await.unwrap();
    let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
    credentials.import(&alice(), &ImportRequest::totp(seed())).await.unwrap();
    let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let sms = credentials
        .enrol(&alice(), &EnrolmentRequest::delivered(request("sms")).vouched_for())
        .await
        .unwrap();
    let first = sms.code_to_deliver().unwrap().expose().parse().unwrap();
    credentials.confirm(&alice(), &sms.credential.id, &first).await.unwrap();

    let call = bob_rings("call-1");
    let ask = async |id: &str, kind, method| {
        let name = "Bob".parse().unwrap();
        let asking = StepUpRequest::new(request(id), transfer(kind), name).by(method);
        step_ups.request(&call, &asking).await.unwrap().step_up.id
    };
    let delivered = async |id: &str| {
        let id = ask(id, TransactionKind::Transfer, Method::Delivered).await;
        let message = step_ups.delivery(&alice(), &id).await.unwrap().message();
        (id, message[..8].to_owned())
    };
    // The fob's clock is ahead by a step.
    let slow = ask("totp", TransactionKind::Change, Method::Totp).await;
    let code = totp.generate(START.unix() + 30).expose().parse::<Response>().unwrap();
    step_ups.submit(&alice(), &slow, &code).await.unwrap();
    let declined = ask("declined", TransactionKind::Transfer, Method::Ocra).await;
    step_ups.decline(&alice(), &declined, DeclineReason::ChangedMind).await.unwrap();
    let mut grants = Vec::new();
    for id in ["redeemed", "approved"] {
        let (id, code) = delivered(id).await;
        step_ups.submit(&alice(), &id, &code.parse::<Response>().unwrap()).await.unwrap();
        match step_ups.outcome(&call, &id).await.unwrap() {
            StepUpOutcome::Approved(grant) => grants.push(grant),
            other => panic!("{other:?}"),
        }
    }
    let transaction = transfer(TransactionKind::Transfer);
    step_ups.redeem(&call, &grants[0], &transaction, &request("k")).await.unwrap();
    let open = delivered("open").await;
    let (listed, histories) = credentials_of(&bank.verifier).await;
    let pin: SmartPin = "2468".parse().unwrap();
    Golden {
        kept: Kept::of(
            &bank,
            "Record format 1: credentials, step-ups, limits; device credential 1",
        ),
        credentials: listed,
        histories,
        device: (
            hex::encode(&*device.to_bytes()),
            device.confirm(&pin).unwrap().expose().to_owned(),
        ),
        grant: grants.remove(1),
        open,
        fob,
    }
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = scene().await;
    golden::is_current("step_ups", &now);
}

#[tokio::test]
async fn every_released_format_opens() {
    for (name, golden) in golden::released::<Golden>("step_ups", 7) {
        // Before, codes and grants were not of a whole statement. What was on its way then is asked anew.
        let of_a_statement =
            [golden::CURRENT, "format-2-before-anchors.json", "format-2-before-prompts.json"]
                .contains(&name.as_str());
        let kept = golden.kept.verifier().await.policy(policy()).signing_key(signing());
        let verifier = kept.build().unwrap();
        assert_eq!(credentials_of(&verifier).await, (golden.credentials, golden.histories));
        let bytes = hex::decode(&golden.device.0).unwrap();
        let device = countersign::device::DeviceCredential::from_bytes(&bytes).unwrap();
        let code = device.confirm(&"2468".parse().unwrap()).unwrap();
        assert_eq!(code.expose(), golden.device.1);
        let (step_ups, call) = (verifier.step_ups(), bob_rings("call-1"));
        let transaction = transfer(TransactionKind::Transfer);
        let redeemed = step_ups.redeem(&call, &golden.grant, &transaction, &request("late")).await;
        match redeemed {
            Ok(proof) => assert!(of_a_statement && *proof.transaction() == transaction),
            Err(error) => assert!(!of_a_statement && matches!(error, Error::Refused(_))),
        }
        for (id, code) in [Some(golden.open), golden.fob].into_iter().flatten() {
            let answered = step_ups.submit(&alice(), &id, &code.parse::<Response>().unwrap()).await;
            match answered {
                Ok(step_up) => {
                    assert!(of_a_statement && step_up.status == StepUpStatus::Approved);
                }
                Err(error) => assert!(!of_a_statement && matches!(error, Error::Refused(_))),
            }
        }
    }
}
