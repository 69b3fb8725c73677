//! Who may approve in the name of a customer is said by the host's register, when it is redeemed: a desktop chooses neither
//! the set nor the number, and learns of nobody for nothing.

use countersign::error::{Invalid, Reason};
use countersign::history::Outcome;
use countersign::step_up::StepUpRequest;
use countersign::step_up::joint::{
    CoApprover, InvalidApprovers, JointOutcome, JointStepUpRequest, JointStepUpRequested,
    JointlyRedeemed, Mandate,
};
use countersign::{CustomerId, Error, Policy};

use crate::joint::{Person, asked, asking_as, people, person, redeemed, set};
use crate::support::credentials::refused;
use crate::support::device_keys::PrivateKey;
use crate::support::step_ups::{asking, bank, bank_of, transfer};
use crate::support::*;

fn holder(name: &str) -> CoApprover {
    CoApprover::new(CustomerId::new(name).unwrap(), "holder".parse().unwrap())
}

fn mandate(needed: u8, names: &[&str]) -> Mandate {
    Mandate::new(needed, names.iter().map(|name| holder(name)).collect())
}

async fn redeem(
    bank: &Bank,
    asked: &JointStepUpRequested,
    mandate: &Mandate,
) -> Result<JointlyRedeemed, Error> {
    let (joint, call) = (bank.verifier.joint_step_ups(), bob_rings("call-1"));
    joint.redeem(&call, &asked.step_up.id, &transfer(), mandate, &request("k")).await
}

fn reason(bank: &Bank) -> Option<Reason> {
    bank.seen.take().iter().rev().find_map(|event| match event.outcome {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Done => None,
    })
}

/// All of these approve what so many of them were asked for.
async fn approved(bank: &Bank, needed: u8, people: &[Person]) -> JointStepUpRequested {
    let asked = asked(bank, needed, people).await;
    for one in people {
        one.approves(bank, &asked).await.unwrap();
    }
    asked
}

/// Dan is bribed: he asks one accomplice, or one of two, or puts an accomplice beside a director. All of them approve.
#[tokio::test]
async fn attack_a_set_that_the_desktop_chose_is_not_redeemed() {
    let board = mandate(2, &["carol", "gwen", "hugo"]);
    let cases: [(u8, &[&str], bool); 7] = [
        (1, &["eve"], false),
        (1, &["carol"], false),
        (2, &["carol", "eve"], false),
        (3, &["carol", "gwen", "eve"], false),
        (2, &["carol", "gwen"], true),
        (2, &["hugo", "gwen", "carol"], true),
        (3, &["carol", "gwen", "hugo"], true),
    ];
    for (needed, names, allowed) in cases {
        let bank = bank();
        let people = people(&bank, names).await;
        let asked = approved(&bank, needed, &people).await;
        bank.seen.take();
        let result = redeem(&bank, &asked, &board).await;
        assert_eq!(result.is_ok(), allowed, "{needed} of {names:?}: {result:?}");
        if !allowed {
            refused(result);
            assert_eq!(reason(&bank), Some(Reason::NotAsApproved));
            // It was approved, by those who were asked.
            redeem(&bank, &asked, &mandate(needed, names)).await.unwrap();
            // And what was redeemed is not repeated under the board's mandate either.
            refused(redeem(&bank, &asked, &board).await);
        }
    }
}

#[tokio::test]
async fn attack_a_role_that_the_desktop_chose_is_not_redeemed() {
    let bank = bank();
    let people = people(&bank, &["carol"]).await;
    let asked = approved(&bank, 1, &people).await;
    let director = CoApprover::new(people[0].customer.clone(), "director".parse().unwrap());
    refused(redeem(&bank, &asked, &Mandate::new(1, vec![director])).await);
    redeem(&bank, &asked, &mandate(1, &["carol"])).await.unwrap();
}

#[tokio::test]
async fn a_mandate_names_each_once_and_no_more_than_there_are() {
    let bank = bank();
    let people = people(&bank, &["carol"]).await;
    let asked = approved(&bank, 1, &people).await;
    for (bad, why) in [
        (mandate(0, &["carol"]), InvalidApprovers::Needed),
        (mandate(2, &["carol"]), InvalidApprovers::Needed),
        (mandate(1, &[]), InvalidApprovers::Number),
        (mandate(1, &["carol", "carol"]), InvalidApprovers::Twice),
    ] {
        match redeem(&bank, &asked, &bad).await {
            Err(Error::Invalid(Invalid::Approvers(invalid))) => assert_eq!(invalid, why),
            other => panic!("{other:?}"),
        }
    }
}

/// The desktop says what is asked; whom, how many and in whose name comes from the register.
#[tokio::test]
async fn attack_a_desktop_s_json_names_no_approvers() {
    let json = serde_json::json!({
        "request": "j-1", "transaction": transfer(), "agent_name": "Bob from Example Bank",
    });
    let asked: StepUpRequest = serde_json::from_value(json.clone()).unwrap();
    for (name, value) in [
        ("needed", serde_json::json!(1)),
        ("approvers", serde_json::json!([{ "customer": "eve", "role": "holder" }])),
        ("principal_name", serde_json::json!("Somebody Else")),
    ] {
        let mut more = json.clone();
        more[name] = value;
        assert!(serde_json::from_value::<StepUpRequest>(more).is_err(), "{name}");
    }
    let (bank, board) = (bank(), mandate(2, &["carol", "dave"]));
    let people = people(&bank, &["carol", "dave"]).await;
    let asking = JointStepUpRequest::of(asked, "Alice Jones".parse().unwrap(), &board);
    let call = bob_rings("call-1");
    let asked = bank.verifier.joint_step_ups().request(&call, &asking).await.unwrap();
    for one in &people {
        let joint = one.opened(&asked).joint().cloned().unwrap();
        assert_eq!((joint.needed, joint.of), (2, 2));
        one.approves(&bank, &asked).await.unwrap();
    }
    assert_eq!(redeem(&bank, &asked, &board).await.unwrap().votes().len(), 2);
}

/// Whoever holds the phones of two customers is one person.
#[tokio::test]
async fn attack_one_key_that_is_bound_for_two_customers_is_one_vote() {
    let bank = bank();
    let people = [person(&bank, "alice", 20).await, person(&bank, "carol", 20).await];
    let asked = approved(&bank, 2, &people).await;
    let call = bob_rings("call-1");
    let outcome = bank.verifier.joint_step_ups().outcome(&call, &asked.step_up.id).await.unwrap();
    let one = countersign::agent_safe::Count::of(1);
    assert_eq!(outcome, JointOutcome::Waiting { approved: one });
    refused(redeemed(&bank, &asked, "k").await);
    assert_eq!(reason(&bank), Some(Reason::TooFewApprovals));
}

/// As `redeem_signed_by`, for each approver of whom the host has the fingerprint.
#[tokio::test]
async fn attack_a_vote_under_another_key_than_the_register_s_does_not_count() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = approved(&bank, 2, &people).await;
    let (both, carol) = (mandate(2, &["alice", "carol"]), people[1].customer.clone());
    let print = people[1].key.public().fingerprint();
    let other = PrivateKey::ed25519(99).public().fingerprint();
    refused(redeem(&bank, &asked, &both.clone().signed_by(carol.clone(), other)).await);
    assert_eq!(reason(&bank), Some(Reason::TooFewApprovals));
    let known = both.clone().signed_by(carol.clone(), print);
    let proof = redeem(&bank, &asked, &known).await.unwrap();
    assert_eq!(proof.votes()[1].key_fingerprint, Some(print));
    // What was redeemed stays refused to who expects another.
    refused(redeem(&bank, &asked, &both.signed_by(carol, other)).await);
    assert_eq!(reason(&bank), Some(Reason::NotSigned));
    assert_eq!(redeem(&bank, &asked, &known).await.unwrap(), proof);
}

/// Who stops counting later has counted then: the same key gives the same proof.
#[tokio::test]
async fn what_was_redeemed_is_repeated_after_its_keys_were_revoked() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = approved(&bank, 2, &people).await;
    let proof = redeemed(&bank, &asked, "k").await.unwrap();
    for one in &people {
        let credentials = bank.verifier.credentials();
        credentials.revoke(&one.customer, &one.credential).await.unwrap();
    }
    bank.clock.advance(DAY);
    assert_eq!(redeemed(&bank, &asked, "k").await.unwrap(), proof);
}

/// An agent who goes on asking which customers have an app is counted like one who asks a customer.
#[tokio::test]
async fn attack_joint_requests_that_come_to_nothing_are_counted_and_write_nothing() {
    let mut policy = Policy::default();
    policy.step_ups.per_agent = 3;
    let bank = bank_of(policy);
    let carol = people(&bank, &["carol"]).await;
    let (joint, call) = (bank.verifier.joint_step_ups(), bob_rings("call-1"));
    for n in 0..3 {
        bank.seen.take();
        let probing = asking_as(&format!("j-{n}"), 1, vec![holder(&format!("c-{n}"))]);
        refused(joint.request(&call, &probing).await);
        assert_eq!(reason(&bank), Some(Reason::NoCredential));
    }
    let written = bank.store.records();
    for approvers in [vec![holder("c-4")], set(&carol)] {
        let error = joint.request(&call, &asking_as("j-4", 1, approvers)).await.unwrap_err();
        assert!(error.retry_at().is_some(), "{error:?}");
        assert_eq!(reason(&bank), Some(Reason::TooManyRequests));
        assert_eq!(bank.store.records(), written);
    }
    // Another agent's room is their own.
    let eve = super::support::call("call-2", &alice(), agent("eve"));
    joint.request(&eve, &asking_as("j-5", 1, set(&carol))).await.unwrap();
}

/// Each prompt counts once, the first one's too.
#[tokio::test]
async fn a_joint_request_counts_as_many_prompts_as_there_are() {
    let mut policy = Policy::default();
    policy.step_ups.per_agent = 3;
    let bank = bank_of(policy);
    let people = people(&bank, &["alice", "carol"]).await;
    assert_eq!(asked(&bank, 2, &people).await.tokens.len(), 2);
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
    refused(step_ups.request(&call, &asking("s-2", transfer())).await);
}
