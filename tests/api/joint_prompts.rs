//! What joint step-ups and actions ask besides the approval, and what ends a joint step-up from outside.

use countersign::action::Approvable;
use countersign::credential::Method;
use countersign::error::Reason;
use countersign::history::Outcome;
use countersign::interaction::{Leg, LegKind};
use countersign::policy::PromptCheck;
use countersign::step_up::joint::{JointOutcome, JointStepUpRequested};
use countersign::step_up::{DeclineReason, MatchDigits, StepUpAnswer};
use countersign::{AgentId, Error, Interaction, Policy};

use crate::actions::{about, moves, phone, registered};
use crate::joint::{Person, anybody, asked, asking_as, device_of, people, redeemed, set};
use crate::support::credentials::{app, refused};
use crate::support::step_ups::{asking, bank, bank_of, resume, transfer};
use crate::support::*;

async fn asked_in(
    bank: &Bank,
    call: &Interaction,
    people: &[Person],
) -> Result<JointStepUpRequested, Error> {
    bank.verifier.joint_step_ups().request(call, &asking_as("j-1", 2, set(people))).await
}

async fn outcome(bank: &Bank, asked: &JointStepUpRequested) -> JointOutcome {
    let call = bob_rings("call-1");
    bank.verifier.joint_step_ups().outcome(&call, &asked.step_up.id).await.unwrap()
}

fn reason(bank: &Bank) -> Option<Reason> {
    bank.seen.take().iter().rev().find_map(|event| match event.outcome {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Done => None,
    })
}

/// Nobody says digits to those who are not on the call, and they rang nobody.
#[tokio::test]
async fn only_the_customer_on_the_line_is_asked_digits_and_who_rang() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked_once = asked(&bank, 2, &people).await;
    assert_eq!(asked(&bank, 2, &people).await, asked_once, "the same digits");
    let asked = asked_once;
    assert!(asked.digits.is_some());
    for (one, is_on_line) in people.iter().zip([true, false]) {
        let token = &one.token(&asked).token;
        let opened = device_of(&one.customer).open_step_up(token, START).unwrap();
        assert_eq!(opened.asks_who_rang(), is_on_line);
        assert_eq!(one.opened(&asked).asks_digits(), is_on_line);
    }
    // What is not asked is no part of an answer.
    let theirs = people[1].answer(&asked).with_digits("123456".parse().unwrap());
    let id = people[1].token(&asked).step_up;
    refused(bank.verifier.step_ups().submit(&people[1].customer, &id, &theirs).await);
    for one in &people {
        one.approves(&bank, &asked).await.unwrap();
    }
    assert_eq!(redeemed(&bank, &asked, "k").await.unwrap().votes().len(), 2);
}

#[tokio::test]
async fn without_the_customer_on_the_line_among_them_there_are_no_digits() {
    let bank = bank();
    let people = people(&bank, &["attorney"]).await;
    assert_eq!(asked(&bank, 1, &people).await.digits, None);
}

fn other_than(digits: &MatchDigits) -> MatchDigits {
    let wrong = if digits.digits().starts_with('1') { "234567" } else { "123456" };
    wrong.parse().unwrap()
}

#[tokio::test]
async fn wrong_digits_of_the_customer_on_the_line_approve_nothing() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = asked(&bank, 2, &people).await;
    people[1].approves(&bank, &asked).await.unwrap();
    let wrong: StepUpAnswer =
        people[0].answer(&asked).with_digits(other_than(asked.digits.as_ref().unwrap()));
    bank.seen.take();
    let id = people[0].token(&asked).step_up;
    refused(bank.verifier.step_ups().submit(&alice(), &id, &wrong).await);
    assert_eq!(reason(&bank), Some(Reason::WrongDigits));
    refused(redeemed(&bank, &asked, "k").await);
    people[0].approves(&bank, &asked).await.unwrap();
    redeemed(&bank, &asked, "k").await.unwrap();
}

/// That Alice's app opened the conversation says nothing of Carol.
#[tokio::test]
async fn an_approver_who_holds_prompts_off_is_not_asked_by_another_s_app() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let first = asked(&bank, 2, &people).await;
    let (carol, id) = (&people[1].customer, people[1].token(&first).step_up);
    bank.verifier.step_ups().decline(carol, &id, DeclineReason::NotMe).await.unwrap();
    let chat = bob_rings("chat-1").from_app();
    bank.seen.take();
    refused(asked_in(&bank, &chat, &people).await);
    assert_eq!(reason(&bank), Some(Reason::PromptsHeld));
    resume(&bank, carol).await;
    assert_eq!(asked_in(&bank, &chat, &people).await.unwrap().tokens.len(), 2);
}

/// "Not me" ends what else waits, and so a joint step-up for all.
#[tokio::test]
async fn not_me_to_another_prompt_ends_a_joint_step_up() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let joint = asked(&bank, 2, &people).await;
    let step_ups = bank.verifier.step_ups();
    let other = step_ups.request(&bob_rings("call-2"), &asking("s-2", transfer())).await.unwrap();
    step_ups.decline(&alice(), &other.step_up.id, DeclineReason::NotMe).await.unwrap();
    assert_eq!(outcome(&bank, &joint).await, JointOutcome::Declined);
    refused(people[1].approves(&bank, &joint).await);
    assert!(bank.verifier.pending(&people[1].customer).await.unwrap().step_ups.is_empty());
}

/// What the tokens name is the first agent: neither the first nor the second redeems it, whoever approved.
#[tokio::test]
async fn a_joint_step_up_ends_when_its_call_goes_over() {
    for approvers in [&["alice", "carol"], &["dave", "carol"]] {
        let bank = bank();
        let people = people(&bank, approvers).await;
        let asked = asked(&bank, 2, &people).await;
        for one in &people {
            one.approves(&bank, &asked).await.unwrap();
        }
        let (bob, mut erin) = (bob_rings("call-1"), bob_rings("call-1"));
        erin.agent = agent("erin");
        let bobs: AgentId = bob.agent.id.clone();
        for _ in 0..2 {
            bank.verifier.step_ups().hand_over(&erin, &bobs).await.unwrap();
        }
        assert_eq!(outcome(&bank, &asked).await, JointOutcome::Declined);
        for call in [&bob, &erin] {
            let joint = bank.verifier.joint_step_ups();
            refused(
                joint.redeem(call, &asked.step_up.id, &transfer(), &anybody(), &request("k")).await,
            );
        }
    }
}

#[tokio::test]
async fn an_approver_is_not_bound_to_the_line_of_another() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let call = bob_rings("call-1").on_leg(Leg::in_app("media server".parse().unwrap(), START));
    let asked = asked_in(&bank, &call, &people).await.unwrap();
    let (hers, others) = (people[0].opened(&asked), people[1].opened(&asked));
    assert_eq!((hers.leg(), others.leg()), (Some(LegKind::InApp), None));
    assert!(!hers.fits_line() && others.fits_line());
    assert!(hers.message_to_sign(&people[0].key.public()).is_none(), "not on this line");
}

#[tokio::test]
async fn an_action_asks_digits_and_who_rang_unless_the_policy_says_otherwise() {
    let what = Approvable::from(moves());
    let defaults = Policy::default().step_ups;
    for method in [Method::Ocra, Method::DeviceKey, Method::Passkey] {
        assert!(defaults.asks_digits(method, &what) && defaults.asks_who_rang(method, &what));
    }
    for method in [Method::Delivered, Method::Totp, Method::Hotp] {
        assert!(!defaults.asks_digits(method, &what) && !defaults.asks_who_rang(method, &what));
    }
    let mut policy = registered();
    for asks in [true, false] {
        policy.step_ups.prompts.number_match.actions = asks;
        policy.step_ups.prompts.who_rang.actions = asks;
        let bank = bank_of(policy.clone());
        app(&bank).await;
        let call = bob_rings("call-1");
        let asked = bank.verifier.step_ups().request(&call, &about(&moves())).await.unwrap();
        let opened = phone().open_step_up(&asked.token, START).unwrap();
        assert_eq!((asked.digits.is_some(), opened.asks_who_rang()), (asks, asks));
    }
    assert!(!PromptCheck::never().needed_for(&what));
}
