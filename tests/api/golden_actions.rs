//! What a release wrote of actions and of joint step-ups opens for ever.

use countersign::step_up::Grant;
use countersign::step_up::joint::JointStepUpRequested;
use countersign::token::UntrustedToken;
use countersign::{CustomerId, StepUpId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::actions::{about, granted, moves, phone, registered};
use crate::joint;
use crate::support::credentials::{app, pin};
use crate::support::golden;
use crate::support::golden_bank::{Kept, histories};
use crate::support::step_ups::{bank_of, said, signing, transfer};
use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    #[serde(flatten)]
    kept: Kept,
    histories: Value,
    /// Of an action, that can still be redeemed.
    grant: Grant,
    /// A joint step-up that was redeemed under this key, and one that lacks a vote: whose, and their token.
    redeemed: (String, String),
    waiting: String,
    last: (CustomerId, StepUpId, String),
}

async fn scene() -> Golden {
    let bank = bank_of(registered());
    let (_, held) = app(&bank).await;
    let call = bob_rings("call-1");
    let step_ups = bank.verifier.step_ups();
    let asked = step_ups.request(&call, &about(&moves())).await.unwrap();
    let shown = said(phone().open_step_up(&asked.token, START).unwrap(), asked.digits.as_ref());
    let code = shown.approve(&held, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &shown.id(), &code).await.unwrap();

    let people = joint::people(&bank, &["carol", "dave"]).await;
    let done = joint::asked(&bank, 2, &people).await;
    for one in &people {
        one.approves(&bank, &done).await.unwrap();
    }
    joint::redeemed(&bank, &done, "k").await.unwrap();
    let second = joint::asked_as(&bank, "j-2", 2, &people).await;
    people[0].approves(&bank, &second).await.unwrap();
    let last = people[1].token(&second);
    let id = |of: &JointStepUpRequested| of.step_up.id.to_string();
    Golden {
        kept: Kept::of(&bank, "Record format 2: an action, and joint step-ups"),
        histories: histories(&bank.verifier).await,
        grant: granted(&bank, &asked).await,
        redeemed: (id(&done), "k".to_owned()),
        waiting: id(&second),
        last: (last.customer.clone(), last.step_up, last.token.clone()),
    }
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    golden::is_current("actions", &scene().await);
}

#[tokio::test]
async fn every_released_format_opens() {
    for (_, golden) in golden::released::<Golden>("actions", 4) {
        let kept = golden.kept.verifier().await.policy(registered()).signing_key(signing());
        let verifier = kept.build().unwrap();
        assert_eq!(histories(&verifier).await, golden.histories);
        let (step_ups, call) = (verifier.step_ups(), bob_rings("call-1"));
        let late = request("late");
        let proof = step_ups.redeem_action(&call, &golden.grant, &moves(), &late).await.unwrap();
        assert_eq!(proof.action(), &moves());
        let joint_step_ups = verifier.joint_step_ups();
        let (id, key) = (golden.redeemed.0.parse().unwrap(), request(&golden.redeemed.1));
        let proof =
            joint_step_ups.redeem(&call, &id, &transfer(), &joint::anybody(), &key).await.unwrap();
        assert_eq!(proof.votes().len(), 2);
        // The last vote can still be given, by the key of before.
        let (who, id, token) = golden.last;
        assert!(UntrustedToken::parse(&token).is_ok());
        let answer = joint::answer_of(&who, 1, &token);
        step_ups.submit(&who, &id, &answer).await.unwrap();
        let id = golden.waiting.parse().unwrap();
        let proof =
            joint_step_ups.redeem(&call, &id, &transfer(), &joint::anybody(), &late).await.unwrap();
        assert_eq!(proof.votes().len(), 2);
    }
}
