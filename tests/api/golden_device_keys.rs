//! What a release wrote of keys that sign, and of what they signed, opens for ever.

use countersign::credential::{EnrolmentRequest, KeyPossession};
use countersign::error::Invalid;
use countersign::step_up::{Grant, SignedAnswer, StepUpStatus};
use countersign::{Error, Policy, StepUpId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::device_keys::{PrivateKey, bound_with_pin};
use crate::support::golden;
use crate::support::golden_bank::{Kept, credentials as credentials_of};
use crate::support::passkeys;
use crate::support::step_ups::{
    asking, bank_of, code_of, codes_alone, grant, open, shown, signing, transfer,
};
use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    #[serde(flatten)]
    kept: Kept,
    credentials: Value,
    histories: Value,
    /// What can still be redeemed, and under which key it was signed.
    grant: Grant,
    fingerprint: String,
    /// What can still be answered: the token, and the code beside the signature.
    open: (StepUpId, String, String),
}

/// The key of every scene.
fn key() -> PrivateKey {
    PrivateKey::ed25519(9)
}

/// A passkey, and a step-up in each state.
async fn scene_of_passkeys() -> Golden {
    let bank = bank_of(codes_alone(passkeys::policy()));
    let step_ups = bank.verifier.step_ups();
    let mut authenticator = passkeys::Authenticator::of(key());
    (authenticator.flags, authenticator.counter) = (0x1d, 41);
    passkeys::bound(&bank, &EnrolmentRequest::passkey(request("passkey")), &authenticator).await;
    let call = bob_rings("call-1");
    let mut grants = Vec::new();
    for id in ["redeemed", "approved"] {
        authenticator.counter += 1;
        let asked = step_ups.request(&call, &asking(id, transfer())).await.unwrap();
        let (id, answer) = (asked.step_up.id, authenticator.answer(&bank, &asked));
        step_ups.submit_signed(&alice(), &id, &answer, None).await.unwrap();
        grants.push(grant(&bank, &asked).await);
    }
    step_ups.redeem(&call, &grants[0], &transfer(), &request("k")).await.unwrap();
    let waiting = step_ups.request(&call, &asking("open", transfer())).await.unwrap();
    let (listed, histories) = credentials_of(&bank.verifier).await;
    Golden {
        kept: Kept::of(&bank, "Record format 2: passkeys and what they asserted"),
        credentials: listed,
        histories,
        grant: grants.remove(1),
        fingerprint: key().public().fingerprint().to_string(),
        open: (waiting.step_up.id, waiting.token, String::new()),
    }
}

#[tokio::test]
async fn the_current_format_of_passkeys_is_the_one_in_the_file() {
    golden::is_current("passkeys", &scene_of_passkeys().await);
}

#[tokio::test]
async fn every_released_format_of_passkeys_opens() {
    for (_, golden) in golden::released::<Golden>("passkeys", 3) {
        let kept = golden.kept.verifier().await.policy(passkeys::policy()).signing_key(signing());
        let verifier = kept.build().unwrap();
        assert_eq!(credentials_of(&verifier).await, (golden.credentials, golden.histories));
        let (step_ups, call) = (verifier.step_ups(), bob_rings("call-1"));
        let proof = step_ups.redeem(&call, &golden.grant, &transfer(), &request("late")).await;
        let signed_by = proof.unwrap().key_fingerprint().unwrap();
        assert_eq!(signed_by.to_string(), golden.fingerprint);
        let (id, token, _) = golden.open;
        let opened =
            crate::support::step_ups::phone().open_step_up(&token, golden.kept.now).unwrap();
        let opened = shown(opened);
        let mut authenticator = passkeys::Authenticator::of(key());
        (authenticator.flags, authenticator.counter) = (0x0d, 44);
        let answer = authenticator.assertion(&opened.passkey_challenge().unwrap());
        let answer = SignedAnswer::by_passkey(answer);
        let done = step_ups.submit_signed(&alice(), &id, &answer, None).await.unwrap();
        assert_eq!(done.status, StepUpStatus::Approved);
    }
}

/// A key that was confirmed and one that waits, and a step-up in each state.
async fn scene() -> Golden {
    let bank = bank_of(codes_alone(Policy::default()));
    let (credentials, step_ups) = (bank.verifier.credentials(), bank.verifier.step_ups());
    let tablet = EnrolmentRequest::device_key(request("tablet")).vouched_for();
    credentials.enrol(&alice(), &tablet).await.unwrap();
    let phone = EnrolmentRequest::device_key(request("phone"));
    let app = bound_with_pin(&bank, phone, &key()).await;
    let call = bob_rings("call-1");
    let mut grants = Vec::new();
    for id in ["redeemed", "approved"] {
        let asked = step_ups.request(&call, &asking(id, transfer())).await.unwrap();
        let code = open(&bank, &asked).approve(&app, &"2468".parse().unwrap()).unwrap();
        let (id, answer) = (asked.step_up.id, key().answer(&bank, &asked));
        step_ups.submit(&alice(), &id, &code.signed(answer)).await.unwrap();
        grants.push(grant(&bank, &asked).await);
    }
    step_ups.redeem(&call, &grants[0], &transfer(), &request("k")).await.unwrap();
    let waiting = step_ups.request(&call, &asking("open", transfer())).await.unwrap();
    let code = open(&bank, &waiting).approve(&app, &"2468".parse().unwrap()).unwrap();
    let (listed, histories) = credentials_of(&bank.verifier).await;
    Golden {
        kept: Kept::of(&bank, "Record format 2: device keys and signed step-ups"),
        credentials: listed,
        histories,
        grant: grants.remove(1),
        fingerprint: key().public().fingerprint().to_string(),
        open: (waiting.step_up.id, waiting.token, code_of(&code)),
    }
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    golden::is_current("device_keys", &scene().await);
}

#[tokio::test]
async fn every_released_format_opens() {
    for (_, golden) in golden::released::<Golden>("device_keys", 3) {
        let kept = golden.kept.verifier().await.signing_key(signing());
        let verifier = kept.build().unwrap();
        assert_eq!(credentials_of(&verifier).await, (golden.credentials, golden.histories));
        let (step_ups, call) = (verifier.step_ups(), bob_rings("call-1"));
        let proof = step_ups.redeem(&call, &golden.grant, &transfer(), &request("late")).await;
        let signed_by = proof.unwrap().key_fingerprint().unwrap();
        assert_eq!(signed_by.to_string(), golden.fingerprint);
        let (id, token, code) = golden.open;
        let opened =
            crate::support::step_ups::phone().open_step_up(&token, golden.kept.now).unwrap();
        let opened = shown(opened);
        let message = opened.message_to_sign(&key().public()).unwrap();
        let answer = SignedAnswer::by_device_key(key().sign(&message));
        let code = code.parse().unwrap();
        let done = step_ups.submit_signed(&alice(), &id, &answer, Some(&code)).await.unwrap();
        assert_eq!(done.status, StepUpStatus::Approved);
        // What waits was begun before there was a key, which has become the floor.
        let tablet = EnrolmentRequest::device_key(request("tablet")).vouched_for();
        let given = verifier.credentials().enrol(&alice(), &tablet).await.unwrap();
        let possession: KeyPossession = PrivateKey::ed25519(8).possession(&given);
        let id = given.credential.id;
        let late = verifier.credentials().confirm_key(&alice(), &id, &possession, None).await;
        assert!(matches!(late, Err(Error::Invalid(Invalid::BelowFloor))), "{late:?}");
    }
}
