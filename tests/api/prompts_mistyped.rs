//! Wrong digits in a conversation that the customer's app opened end a joint step-up for all who are asked, whatever is lost
//! on the way.

use countersign::Interaction;
use countersign::StepUpId;
use countersign::error::Reason;
use countersign::history::{Action, Actor, Outcome, Subject};
use countersign::step_up::joint::{JointOutcome, JointStepUpRequested};
use countersign::store::Fault;

use crate::joint::{Person, asking_as, people, redeemed, set};
use crate::support::credentials::refused;
use crate::support::step_ups::bank;
use crate::support::*;

const NAMES: [&str; 3] = ["alice", "carol", "dave"];

/// Alice began it in her app.
fn chat() -> Interaction {
    bob_rings("call-1").from_app()
}

/// Two of the three are needed.
async fn asked(bank: &Bank, people: &[Person]) -> JointStepUpRequested {
    let asking = asking_as("j-1", 2, set(people));
    bank.verifier.joint_step_ups().request(&chat(), &asking).await.unwrap()
}

/// Alice types ten wrong digits. While she types the last, this call of the store fails, and she tries no more.
async fn mistypes(
    bank: &Bank,
    alices: &Person,
    asked: &JointStepUpRequested,
    fails: Option<usize>,
) {
    let id = alices.token(asked).step_up;
    let right: u32 = asked.digits.as_ref().unwrap().digits().replace(' ', "").parse().unwrap();
    for n in 1..=10 {
        let other = format!("{:06}", (right + n) % 1_000_000).parse().unwrap();
        let wrong = alices.answer(asked).with_digits(other);
        if let Some(calls) = fails.filter(|_| n == 10) {
            bank.store.plan(calls, Fault::FailBefore);
        }
        assert!(bank.verifier.step_ups().submit(&alice(), &id, &wrong).await.is_err());
        bank.store.heal();
    }
}

/// The same digits as the last ones.
async fn mistypes_again(bank: &Bank, alices: &Person, asked: &JointStepUpRequested) {
    let id = alices.token(asked).step_up;
    let right: u32 = asked.digits.as_ref().unwrap().digits().replace(' ', "").parse().unwrap();
    let other = format!("{:06}", (right + 10) % 1_000_000).parse().unwrap();
    let wrong = alices.answer(asked).with_digits(other);
    refused(bank.verifier.step_ups().submit(&alice(), &id, &wrong).await);
}

async fn outcome(bank: &Bank, asked: &JointStepUpRequested) -> JointOutcome {
    bank.verifier.joint_step_ups().outcome(&chat(), &asked.step_up.id).await.unwrap()
}

/// What the principal's record has heard, by whom and of which step-up.
async fn heard(bank: &Bank) -> Vec<(Action, Actor, Option<StepUpId>)> {
    let history = histories(&bank.verifier, |of| matches!(of, Subject::JointStepUp(_))).await;
    let events = history[0].events.iter().skip(1);
    events.map(|event| (event.action, event.actor.clone(), event.step_up)).collect()
}

async fn is_prompted(bank: &Bank, one: &Person) -> bool {
    !bank.verifier.pending(&one.customer).await.unwrap().step_ups.is_empty()
}

#[tokio::test]
async fn ten_wrong_digits_in_her_app_end_a_joint_step_up_for_all() {
    let bank = bank();
    let people = people(&bank, &NAMES).await;
    let asked = asked(&bank, &people).await;
    people[1].approves(&bank, &asked).await.unwrap();
    assert!(is_prompted(&bank, &people[2]).await);
    mistypes(&bank, &people[0], &asked, None).await;
    assert_eq!(outcome(&bank, &asked).await, JointOutcome::Declined);
    // The record hears of it at once: nobody else is prompted any more.
    let id_of = |at: usize| Some(people[at].token(&asked).step_up);
    let wanted = [
        (Action::Approve, Actor::Approver, id_of(1)),
        (Action::Decline, Actor::Customer, id_of(0)),
    ];
    assert_eq!(heard(&bank).await, wanted);
    assert!(!is_prompted(&bank, &people[2]).await);
    refused(people[2].approves(&bank, &asked).await);
    bank.seen.take();
    refused(redeemed(&bank, &asked, "k").await);
    let told = bank.seen.take().last().map(|event| event.outcome);
    assert_eq!(told, Some(Outcome::Refused(Reason::Ended)));
}

/// A process that died at any of its calls while the tenth was typed: the same digits again finish it.
#[tokio::test]
async fn an_end_by_wrong_digits_that_was_lost_half_way_is_heard_in_the_end() {
    for calls in 0..16 {
        let bank = bank();
        let people = people(&bank, &NAMES).await;
        let asked = asked(&bank, &people).await;
        people[1].approves(&bank, &asked).await.unwrap();
        mistypes(&bank, &people[0], &asked, Some(calls)).await;
        mistypes_again(&bank, &people[0], &asked).await;
        let heard = heard(&bank).await;
        let declines = heard.iter().filter(|(action, ..)| *action == Action::Decline).count();
        assert_eq!(declines, 1, "{calls}");
        assert!(!is_prompted(&bank, &people[2]).await, "{calls}");
        assert_eq!(outcome(&bank, &asked).await, JointOutcome::Declined);
    }
}

/// What she mistyped counts although the record never heard of it: two others who approved are not enough.
#[tokio::test]
async fn what_ended_by_wrong_digits_is_a_decline_before_the_record_hears_of_it() {
    let mut unheard = 0;
    for calls in 0..16 {
        let bank = bank();
        let people = people(&bank, &NAMES).await;
        let asked = asked(&bank, &people).await;
        people[1].approves(&bank, &asked).await.unwrap();
        people[2].approves(&bank, &asked).await.unwrap();
        mistypes(&bank, &people[0], &asked, Some(calls)).await;
        let answered = heard(&bank).await;
        if answered.iter().any(|(action, ..)| *action == Action::Decline) {
            continue;
        }
        let ended = outcome(&bank, &asked).await == JointOutcome::Declined;
        let redeems = redeemed(&bank, &asked, "k").await.is_ok();
        assert_eq!(redeems, !ended, "{calls}");
        unheard += usize::from(ended);
    }
    assert!(unheard > 1, "her own step-up was written, and theirs had not heard: {unheard}");
}
