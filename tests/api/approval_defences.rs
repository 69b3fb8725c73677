//! Defences of approvals that no other test names alone: of several approvers, of prompts, and of what an app shows.

use std::time::Duration;

use countersign::credential::EnrolmentRequest;
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Outcome, Subject};
use countersign::policy::RingBackRule;
use countersign::step_up::joint::{CoApprover, JointOutcome, JointStepUpRequest, Mandate};
use countersign::step_up::{DeclineReason, EvidenceCheck};
use countersign::{AgentId, CustomerId, Error};

use crate::actions::{about, moves, registered};
use crate::evidence::{later, published};
use crate::joint::{asked as asked_jointly, asking_as, people, redeemed, set};
use crate::prompts::{answer, ask_in, from_app, other_digits, reasons, signing_phone, submit};
use crate::support::credentials::refused;
use crate::support::device_keys::PrivateKey;
use crate::support::passkeys::{self, Authenticator};
use crate::support::step_ups::{asked, bank, bank_of, phone, shown, typed};
use crate::support::*;

fn why(bank: &Bank) -> Option<Reason> {
    bank.seen.take().iter().rev().find_map(|seen| match seen.outcome {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Done => None,
    })
}

/// In the name of who was erased nobody is asked, though none of those who would answer was.
#[tokio::test]
async fn for_a_principal_who_was_erased_nobody_is_asked() {
    let bank = bank();
    let people = people(&bank, &["carol", "dave"]).await;
    bank.verifier.customers().erase(&alice()).await.unwrap();
    let joint = bank.verifier.joint_step_ups();
    bank.seen.take();
    let asked = joint.request(&bob_rings("call-1"), &asking_as("j-1", 2, set(&people))).await;
    refused(asked);
    assert_eq!(why(&bank), Some(Reason::Erased));
}

/// A card number in the name by which the others know the customer, and a kind that nobody registered: nothing is written.
#[tokio::test]
async fn what_several_are_asked_is_looked_at_before_anything_is_written() {
    let bank = bank_of(registered());
    let people = people(&bank, &["carol", "dave"]).await;
    let (joint, call) = (bank.verifier.joint_step_ups(), bob_rings("call-1"));
    let mandate = Mandate::new(2, set(&people));
    let before = bank.store.records();
    let card =
        JointStepUpRequest::of(about(&moves()), "4242424242424242".parse().unwrap(), &mandate);
    let error = joint.request(&call, &card).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(Invalid::CardInText)), "{error:?}");
    let unknown = countersign::action::ActionDetails::new(
        "tax_address".parse().unwrap(),
        moves().fields().to_vec(),
    );
    let asked = countersign::step_up::StepUpRequest::new(
        request("a-1"),
        unknown.unwrap(),
        "Bob".parse().unwrap(),
    );
    let unknown = JointStepUpRequest::of(asked, "Alice Jones".parse().unwrap(), &mandate);
    let error = joint.request(&call, &unknown).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(Invalid::Action(_))), "{error:?}");
    assert_eq!(bank.store.records(), before);
}

/// The desk was rung, or rang a number that the caller named: no colleague is asked.
#[tokio::test]
async fn without_ringing_back_no_colleague_is_asked() {
    let mut policy = registered();
    let rule = policy.step_ups.actions.0.get_mut(&"address_change".parse().unwrap()).unwrap();
    rule.ring_back = Some(RingBackRule::default());
    let bank = bank_of(policy);
    let people = people(&bank, &["carol", "dave"]).await;
    let mandate = Mandate::new(2, set(&people));
    let asking = JointStepUpRequest::of(about(&moves()), "Alice Jones".parse().unwrap(), &mandate);
    let joint = bank.verifier.joint_step_ups();
    bank.seen.take();
    refused(joint.request(&bob_rings("call-1"), &asking).await);
    assert_eq!(why(&bank), Some(Reason::NumberNotTrusted));
    let call = bob_rings("call-2");
    let inbound =
        countersign::Interaction::inbound(call.id, call.customer, call.agent, call.channel);
    refused(joint.request(&inbound, &asking).await);
    assert_eq!(why(&bank), Some(Reason::Inbound));
}

/// How the enterprise reached Alice is nothing of Carol's, who is asked in Alice's name.
#[tokio::test]
async fn the_ring_back_of_the_one_on_the_line_stands_in_nobody_else_s_evidence() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let source = "HR directory".parse().unwrap();
    let number = countersign::action::RingBack::on_file(START.before(DAY * 30), START, source);
    let call = bob_rings("call-1").rung_back(number.clone());
    let joint = bank.verifier.joint_step_ups();
    let asked = joint.request(&call, &asking_as("j-1", 2, set(&people))).await.unwrap();
    let keys = published();
    for one in &people {
        one.approves(&bank, &asked).await.unwrap();
        let id = one.token(&asked).step_up;
        let evidence = bank.verifier.step_ups().evidence(&one.customer, &id).await.unwrap();
        let shown = evidence.verify(&EvidenceCheck::new(&keys), later()).unwrap();
        let on_line = one.customer == alice();
        assert_eq!(shown.ring_back(), on_line.then_some(&number));
    }
}

/// Two of three were enough. The third, asked too late, says no: what was redeemed stays so, and is repeated.
#[tokio::test]
async fn a_decline_after_the_redemption_changes_nothing_of_it() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol", "dave"]).await;
    let asked = asked_jointly(&bank, 2, &people).await;
    for one in &people[..2] {
        one.approves(&bank, &asked).await.unwrap();
    }
    let proof = redeemed(&bank, &asked, "k").await.unwrap();
    people[2].declines(&bank, &asked).await.unwrap();
    assert_eq!(redeemed(&bank, &asked, "k").await.unwrap(), proof);
    let call = bob_rings("call-1");
    let outcome = bank.verifier.joint_step_ups().outcome(&call, &asked.step_up.id).await.unwrap();
    assert_eq!(outcome, JointOutcome::Approved);
    let history = histories(&bank.verifier, |of| matches!(of, Subject::JointStepUp(_))).await;
    assert!(history[0].events.iter().all(|event| event.action != Action::Decline));
}

/// Enough had approved when the call went over to Carol: what names Bob is redeemed for neither.
#[tokio::test]
async fn what_a_transfer_ended_is_not_redeemed_though_enough_approved() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = asked_jointly(&bank, 2, &people).await;
    for one in &people {
        one.approves(&bank, &asked).await.unwrap();
    }
    let now = call("call-1", &alice(), agent("gwen"));
    let bob = AgentId::new("bob").unwrap();
    bank.verifier.step_ups().hand_over(&now, &bob).await.unwrap();
    bank.seen.take();
    refused(redeemed(&bank, &asked, "k").await);
    assert_eq!(why(&bank), Some(Reason::Ended));
}

/// A vote that a machine took whose clock is far ahead has not begun for the others.
#[tokio::test]
async fn a_vote_of_a_machine_far_ahead_does_not_count_yet() {
    let bank = bank();
    let people = people(&bank, &["carol"]).await;
    let asked = asked_jointly(&bank, 1, &people).await;
    bank.clock.advance(Duration::from_secs(240));
    people[0].approves_at(&bank, &asked).await;
    bank.clock.set(START);
    let joint = bank.verifier.joint_step_ups();
    let outcome = joint.outcome(&bob_rings("call-1"), &asked.step_up.id).await.unwrap();
    assert!(matches!(outcome, JointOutcome::Waiting { .. }), "{outcome:?}");
    bank.clock.advance(Duration::from_secs(240));
    let outcome = joint.outcome(&bob_rings("call-1"), &asked.step_up.id).await.unwrap();
    assert_eq!(outcome, JointOutcome::Approved);
}

impl crate::joint::Person {
    /// As their own app does, by the clock of now.
    async fn approves_at(
        &self,
        bank: &Bank,
        asked: &countersign::step_up::joint::JointStepUpRequested,
    ) {
        let token = self.token(asked);
        let now = countersign::time::Clock::now(&bank.clock).unwrap();
        let opened = crate::joint::device_of(&self.customer).open_step_up(&token.token, now);
        let shown = opened.unwrap().without_answer().unwrap();
        let signed = self.key.sign(&shown.message_to_sign(&self.key.public()).unwrap());
        let signed = countersign::step_up::SignedAnswer::by_device_key(signed);
        let answer = shown.answer_signed(signed);
        bank.verifier.step_ups().submit(&self.customer, &token.step_up, &answer).await.unwrap();
    }
}

/// Who gets a phone after the time is asked no more, and the prompt counts nowhere.
#[tokio::test]
async fn whoever_could_not_answer_in_time_is_not_asked() {
    let bank = bank();
    let people = people(&bank, &["carol"]).await;
    let late = CustomerId::new("late").unwrap();
    let mut approvers = set(&people);
    approvers.push(CoApprover::new(late.clone(), "holder".parse().unwrap()));
    let (joint, call) = (bank.verifier.joint_step_ups(), bob_rings("call-1"));
    let asking = asking_as("j-1", 1, approvers);
    assert_eq!(joint.request(&call, &asking).await.unwrap().tokens.len(), 1);
    crate::joint::person(&bank, "late", 60).await;
    let before = bank.store.records();
    bank.clock.advance(Duration::from_secs(301));
    bank.seen.take();
    assert_eq!(joint.request(&call, &asking).await.unwrap().tokens.len(), 1);
    assert_eq!(why(&bank), Some(Reason::Ended));
    // The agent's count of this one, and nothing else.
    assert!(bank.store.records().len() <= before.len() + 1);
    assert!(bank.verifier.pending(&late).await.unwrap().step_ups.is_empty());
}

/// Told when it happens, and not with each wrong answer of her own afterwards.
#[tokio::test]
async fn a_stop_is_told_once() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let theirs = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
    let own = ask_in(&bank, &from_app("chat-1"), "s").await.unwrap();
    for n in 1..=10 {
        let wrong = answer(&bank, &key, &theirs, other_digits(&theirs, n));
        refused(submit(&bank, &theirs.step_up.id, &wrong).await);
    }
    let stops = |told: Vec<(Action, Outcome)>| {
        told.iter().filter(|(action, _)| *action == Action::StopPrompts).count()
    };
    assert_eq!(stops(reasons(&bank)), 1);
    for n in 1..=3 {
        let wrong = answer(&bank, &key, &own, other_digits(&own, n));
        refused(submit(&bank, &own.step_up.id, &wrong).await);
    }
    assert_eq!(stops(reasons(&bank)), 0);
}

/// The first hold is the one that the customer's app shows the time of.
#[tokio::test]
async fn a_hold_upon_a_hold_keeps_the_time_of_the_first() {
    let bank = bank();
    signing_phone(&bank).await;
    let step_ups = bank.verifier.step_ups();
    for chat in ["chat-1", "chat-2"] {
        let own = ask_in(&bank, &from_app(chat), "s").await.unwrap();
        step_ups.decline(&alice(), &own.step_up.id, DeclineReason::NotMe).await.unwrap();
        let shown = step_ups.prompts(&alice()).await.unwrap();
        assert_eq!(shown.held_since, Some(START));
        bank.clock.advance(MINUTE);
    }
}

/// No challenge for a passkey, and no question for a fob, before the digits were typed: the app cannot skip them.
#[tokio::test]
async fn without_the_digits_there_is_neither_a_challenge_nor_a_question() {
    let bank = bank_of(passkeys::policy());
    let authenticator = Authenticator::of(PrivateKey::p256());
    passkeys::bound(&bank, &EnrolmentRequest::passkey(request("p")), &authenticator).await;
    let passkey = asked(&bank, &bob_rings("call-1")).await;
    let opened = || shown(phone().open_step_up(&passkey.token, START).unwrap());
    assert_eq!(opened().passkey_challenge(), None);
    assert!(typed(opened(), &passkey).passkey_challenge().is_some());

    let bank = crate::fobs::with_a_fob().await;
    let fob = asked(&bank, &bob_rings("call-1")).await;
    let opened = || shown(phone().open_step_up(&fob.token, START).unwrap());
    assert_eq!(opened().question(), None);
    assert!(typed(opened(), &fob).question().is_some());
}
