//! What is looked at once more when an approval is redeemed: the key that signed, what is reserved for keys, and whether the
//! enterprise had rung back. Between asking and redeeming a key is revoked or bound, and a policy is tightened.

use std::time::Duration;

use countersign::action::RingBack;
use countersign::credential::{EnrolmentRequest, Method};
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, CeremonyHistory, Outcome, Subject};
use countersign::interaction::Leg;
use countersign::page::Page;
use countersign::policy::{ReservedCustomers, RingBackRule};
use countersign::step_up::joint::{CoApprover, JointOutcome, JointStepUpRequest, Mandate};
use countersign::step_up::{Grant, StepUpOutcome, StepUpRequested, StepUpStatus};
use countersign::transaction::TransactionKind;
use countersign::{Error, Interaction, Policy, Verifier};

use crate::actions::{about, granted, moves, phone, registered};
use crate::joint::{Person, asked_as, people, redeemed, set};
use crate::support::credentials::{app, pin, refused};
use crate::support::device_keys::{PrivateKey, bound};
use crate::support::passkeys::{self, Authenticator};
use crate::support::step_ups::{
    asked, asking, bank, bank_of, grant, open, said, signing, transfer,
};
use crate::support::{
    Bank, DAY, Recorder, START, alice, bob_rings, histories, keyring, part, request,
};

fn why(bank: &Bank) -> Option<Reason> {
    reason_of(&bank.seen)
}

/// Another machine of the bank's over the same records, with this policy; what it tells is heard.
fn machine(bank: &Bank, policy: Policy, seed: u64) -> (Verifier, Recorder) {
    let seen = Recorder::default();
    let builder = part(keyring(), &bank.store, &bank.clock, &seen, seed);
    (builder.policy(policy).signing_key(signing()).build().unwrap(), seen)
}

fn reason_of(seen: &Recorder) -> Option<Reason> {
    seen.take().iter().rev().find_map(|seen| match seen.outcome {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Done => None,
    })
}

/// Transfers are reserved for the keys of those who have one.
fn of_key_holders() -> Policy {
    let mut policy = passkeys::policy();
    policy.step_ups.reserved.kinds = vec![TransactionKind::Transfer];
    policy.step_ups.reserved.customers = ReservedCustomers::KeyHolders;
    policy
}

fn first_key() -> EnrolmentRequest {
    EnrolmentRequest::device_key(request("phone")).vouched_for()
}

/// Alice's PIN approves a transfer, before she has a key.
async fn approved_by_code(bank: &Bank) -> (StepUpRequested, Grant) {
    let (_, device) = app(bank).await;
    let asked = asked(bank, &bob_rings("call-1")).await;
    assert_eq!(asked.step_up.method, Method::Ocra);
    let code = open(bank, &asked).approve(&device, &pin("2468")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = grant(bank, &asked).await;
    (asked, grant)
}

async fn redeem(
    verifier: &Verifier,
    grant: &Grant,
) -> Result<countersign::step_up::Redeemed, Error> {
    let (call, key) = (bob_rings("call-1"), request("k"));
    verifier.step_ups().redeem(&call, grant, &transfer(), &key).await
}

/// Whoever computes a code from the enterprise's keys has it approved the day before she gets a key, else.
#[tokio::test]
async fn attack_a_code_from_before_the_first_key_is_not_redeemed_for_what_keys_are_to_approve() {
    let bank = bank_of(of_key_holders());
    let (_, grant) = approved_by_code(&bank).await;
    let key = PrivateKey::ed25519(9);
    let credential = bound(&bank, &first_key(), &key).await;
    bank.seen.take();
    refused(redeem(&bank.verifier, &grant).await);
    assert_eq!(why(&bank), Some(Reason::NotSigned));
    // Nor after the key is gone again: there was one.
    bank.verifier.credentials().revoke(&alice(), &credential.id).await.unwrap();
    refused(redeem(&bank.verifier, &grant).await);
    // Where nothing is reserved of it, the same is redeemed.
    let (lax, _) = machine(&bank, passkeys::policy(), 2);
    redeem(&lax, &grant).await.unwrap();
}

/// What was redeemed before stays so: the same idempotency key gives the same proof.
#[tokio::test]
async fn what_was_redeemed_before_the_first_key_is_repeated_after_it() {
    let bank = bank_of(of_key_holders());
    let (_, grant) = approved_by_code(&bank).await;
    let proof = redeem(&bank.verifier, &grant).await.unwrap();
    bound(&bank, &first_key(), &PrivateKey::ed25519(9)).await;
    assert_eq!(redeem(&bank.verifier, &grant).await.unwrap(), proof);
}

/// The policy is tightened on the way: asked and approved under the old one, by a customer who has had a key for long.
#[tokio::test]
async fn attack_a_reservation_that_came_after_the_approval_holds_for_key_holders_too() {
    let bank = bank_of(passkeys::policy());
    let (_, device) = app(&bank).await;
    bound(&bank, &first_key(), &PrivateKey::ed25519(9)).await;
    let named = asking("s-1", transfer()).by(Method::Ocra);
    let call = bob_rings("call-1");
    let asked = bank.verifier.step_ups().request(&call, &named).await.unwrap();
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = grant(&bank, &asked).await;
    let (strict, seen) = machine(&bank, of_key_holders(), 2);
    refused(redeem(&strict, &grant).await);
    assert_eq!(reason_of(&seen), Some(Reason::NotSigned));
    redeem(&bank.verifier, &grant).await.unwrap();
}

/// One approver's code does not count either once that approver has a key.
#[tokio::test]
async fn attack_a_vote_from_before_the_first_key_does_not_count_for_what_keys_are_to_approve() {
    let bank = bank_of(of_key_holders());
    let (_, device) = app(&bank).await;
    let (call, k) = (bob_rings("call-1"), request("k"));
    let holder = CoApprover::new(alice(), "holder".parse().unwrap());
    let asked: JointStepUpRequest = crate::joint::asking_as("j-1", 1, vec![holder.clone()]);
    let joint = bank.verifier.joint_step_ups();
    let asked = joint.request(&call, &asked).await.unwrap();
    let token = &asked.tokens[0];
    let opened = crate::support::step_ups::phone().open_step_up(&token.token, START).unwrap();
    let answer = said(opened, asked.digits.as_ref()).approve(&device, &pin("2468")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &token.step_up, &answer).await.unwrap();
    bound(&bank, &first_key(), &PrivateKey::ed25519(9)).await;
    let outcome = joint.outcome(&call, &asked.step_up.id).await.unwrap();
    assert!(matches!(outcome, JointOutcome::Waiting { .. }), "{outcome:?}");
    let mandate = Mandate::new(1, vec![holder]);
    bank.seen.take();
    refused(joint.redeem(&call, &asked.step_up.id, &transfer(), &mandate, &k).await);
    assert_eq!(why(&bank), Some(Reason::TooFewApprovals));
}

/// A stolen phone: revoked after it was asked it answers nothing, and revoked after it answered nothing is done on that.
#[tokio::test]
async fn a_device_key_that_is_revoked_meanwhile_approves_nothing() {
    for approved_before in [false, true] {
        let bank = bank();
        let key = PrivateKey::ed25519(9);
        let credential = bound(&bank, &first_key(), &key).await;
        let asked = asked(&bank, &bob_rings("call-1")).await;
        let answer = open(&bank, &asked).answer_signed(key.answer(&bank, &asked));
        is_revoked_meanwhile(&bank, approved_before, &asked, &answer, credential.id).await;
    }
}

#[tokio::test]
async fn a_passkey_that_is_revoked_meanwhile_approves_nothing() {
    for approved_before in [false, true] {
        let bank = bank_of(passkeys::policy());
        let authenticator = Authenticator::of(PrivateKey::p256());
        let enrolment = EnrolmentRequest::passkey(request("passkey")).vouched_for();
        let credential = passkeys::bound(&bank, &enrolment, &authenticator).await;
        let asked = asked(&bank, &bob_rings("call-1")).await;
        let answer = open(&bank, &asked).answer_signed(authenticator.answer(&bank, &asked));
        is_revoked_meanwhile(&bank, approved_before, &asked, &answer, credential.id).await;
    }
}

async fn is_revoked_meanwhile(
    bank: &Bank,
    approved_before: bool,
    asked: &StepUpRequested,
    answer: &countersign::step_up::StepUpAnswer,
    credential: countersign::CredentialId,
) {
    let (step_ups, id) = (bank.verifier.step_ups(), asked.step_up.id);
    let approved = match approved_before {
        true => {
            step_ups.submit(&alice(), &id, answer).await.unwrap();
            Some(grant(bank, asked).await)
        }
        false => None,
    };
    bank.verifier.credentials().revoke(&alice(), &credential).await.unwrap();
    // Another takes nobody's place: below the floor a new one is not even begun on the back end's word alone.
    let another = EnrolmentRequest::device_key(request("another")).vouched_for();
    let begun = bank.verifier.credentials().enrol(&alice(), &another).await;
    assert!(matches!(begun, Err(Error::Invalid(Invalid::BelowFloor))));
    bank.seen.take();
    match approved {
        None => {
            refused(step_ups.submit(&alice(), &id, answer).await);
            let outcome = step_ups.outcome(&bob_rings("call-1"), &id).await.unwrap();
            assert_eq!(outcome, StepUpOutcome::Refused);
        }
        Some(grant) => {
            refused(redeem(&bank.verifier, &grant).await);
            assert_eq!(why(bank), Some(Reason::NoCredential));
            // It was approved all the same, and a dispute can be about that.
            let status = step_ups.submit(&alice(), &id, answer).await.unwrap().status;
            assert_eq!(status, StepUpStatus::Approved);
            step_ups.evidence(&alice(), &id).await.unwrap();
        }
    }
}

/// What was redeemed in time is repeated after the revocation.
#[tokio::test]
async fn what_a_key_signed_and_was_redeemed_is_repeated_after_its_revocation() {
    let bank = bank();
    let key = PrivateKey::ed25519(9);
    let credential = bound(&bank, &first_key(), &key).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let answer = open(&bank, &asked).answer_signed(key.answer(&bank, &asked));
    bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &answer).await.unwrap();
    let grant = grant(&bank, &asked).await;
    let proof = redeem(&bank.verifier, &grant).await.unwrap();
    bank.verifier.credentials().revoke(&alice(), &credential.id).await.unwrap();
    assert_eq!(redeem(&bank.verifier, &grant).await.unwrap(), proof);
}

fn action_rule(change: impl FnOnce(&mut countersign::policy::ActionRule)) -> Policy {
    let mut policy = registered();
    let rule = policy.step_ups.actions.0.get_mut(&"address_change".parse().unwrap()).unwrap();
    change(rule);
    policy
}

/// An action is approved by a code, on this call and under this policy.
async fn action_approved(bank: &Bank, call: &Interaction) -> Grant {
    let (_, device) = app(bank).await;
    let step_ups = bank.verifier.step_ups();
    let asked = step_ups.request(call, &about(&moves())).await.unwrap();
    let opened = phone().open_step_up(&asked.token, START).unwrap();
    let mut shown = said(opened, asked.digits.as_ref());
    if let Some(leg) = shown.leg() {
        shown = shown.on_line(leg);
    }
    let answer = shown.approve(&device, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &answer).await.unwrap();
    granted(bank, &asked).await
}

/// As with what is reserved: whichever policy it was asked under, and whatever the row says.
#[tokio::test]
async fn attack_an_action_that_keys_alone_approve_is_not_redeemed_on_a_code() {
    let bank = bank_of(registered());
    let call = bob_rings("call-1");
    let grant = action_approved(&bank, &call).await;
    let keys_alone = action_rule(|rule| rule.methods = vec![Method::DeviceKey, Method::Passkey]);
    let (strict, seen) = machine(&bank, keys_alone, 2);
    let k = request("k");
    refused(strict.step_ups().redeem_action(&call, &grant, &moves(), &k).await);
    assert_eq!(reason_of(&seen), Some(Reason::NotSigned));
    // One that is registered no more was rightly approved.
    let (without, _) = machine(&bank, Policy::default(), 3);
    without.step_ups().redeem_action(&call, &grant, &moves(), &k).await.unwrap();
}

fn after_ringing_back() -> Policy {
    action_rule(|rule| {
        let mut ring_back = RingBackRule::default();
        ring_back.sources = vec!["HR directory".parse().unwrap()];
        rule.ring_back = Some(ring_back);
    })
}

fn number(source: &str) -> RingBack {
    RingBack::on_file(START.before(DAY * 30), START, source.parse().unwrap())
}

/// Asked where the rule is not known yet, or by whoever writes rows: without a number that counts nothing is done.
#[tokio::test]
async fn attack_an_action_that_was_asked_without_ringing_back_is_not_redeemed() {
    let plain = bob_rings("call-1");
    let (source, k) = (|| "media server".parse().unwrap(), request("k"));
    let cases = [
        (plain.clone(), false),
        (plain.clone().rung_back(number("the caller")), false),
        (plain.clone().rung_back(number("HR directory")), true),
        (plain.clone().on_leg(Leg::number(source(), START)), false),
        (plain.on_leg(Leg::in_app(source(), START)), true),
    ];
    for (call, good) in cases {
        let bank = bank_of(registered());
        let grant = action_approved(&bank, &call).await;
        let (strict, seen) = machine(&bank, after_ringing_back(), 2);
        // It is looked at as of when it was asked: the word on the number was fresh then.
        bank.clock.advance(Duration::from_secs(240));
        let result = strict.step_ups().redeem_action(&call, &grant, &moves(), &k).await;
        assert_eq!(result.is_ok(), good, "{call:?}");
        if !good {
            refused(result);
            assert_eq!(reason_of(&seen), Some(Reason::NumberNotTrusted));
        }
    }
}

/// The same of several approvers, of whom none need be on the line.
#[tokio::test]
async fn attack_colleagues_who_were_asked_without_ringing_back_approve_nothing() {
    for (source, good) in [("the caller", false), ("HR directory", true)] {
        let bank = bank_of(registered());
        let people = people(&bank, &["carol", "dave"]).await;
        let call = bob_rings("call-1").rung_back(number(source));
        let joint = bank.verifier.joint_step_ups();
        let asked = asked_of(&bank, &call, &people).await;
        for one in &people {
            one.approves_action(&bank, &asked).await;
        }
        let (strict, seen) = machine(&bank, after_ringing_back(), 2);
        let mandate = Mandate::new(2, set(&people));
        let (id, k) = (asked.step_up.id, request("k"));
        let strict = strict.joint_step_ups();
        let result = strict.redeem_action(&call, &id, &moves(), &mandate, &k).await;
        assert_eq!(result.is_ok(), good, "{source}");
        if !good {
            refused(result);
            assert_eq!(reason_of(&seen), Some(Reason::NumberNotTrusted));
            joint.redeem_action(&call, &id, &moves(), &mandate, &k).await.unwrap();
        }
    }
}

async fn asked_of(
    bank: &Bank,
    call: &Interaction,
    people: &[Person],
) -> countersign::step_up::joint::JointStepUpRequested {
    let mandate = Mandate::new(2, set(people));
    let asking = JointStepUpRequest::of(about(&moves()), "Alice Jones".parse().unwrap(), &mandate);
    bank.verifier.joint_step_ups().request(call, &asking).await.unwrap()
}

impl Person {
    async fn approves_action(
        &self,
        bank: &Bank,
        asked: &countersign::step_up::joint::JointStepUpRequested,
    ) {
        let token = self.token(asked);
        let device = crate::actions::device_of(&self.customer);
        let shown = said(device.open_step_up(&token.token, START).unwrap(), None);
        let signed = self.key.sign(&shown.message_to_sign(&self.key.public()).unwrap());
        let answer = shown.answer_signed(countersign::step_up::SignedAnswer::by_device_key(signed));
        bank.verifier.step_ups().submit(&self.customer, &token.step_up, &answer).await.unwrap();
    }
}

/// The principal lost the phone and is no approver: how the enterprise reached them is kept with what they all approved.
#[tokio::test]
async fn what_was_known_of_the_number_is_kept_where_colleagues_approve() {
    let source = || "media server".parse().unwrap();
    let plain = bob_rings("call-1");
    for call in [
        plain.clone().rung_back(number("HR directory")),
        plain.on_leg(Leg::in_app(source(), START)),
    ] {
        let bank = bank_of(after_ringing_back());
        let people = people(&bank, &["carol", "dave"]).await;
        let asked = asked_of(&bank, &call, &people).await;
        for one in &people {
            one.approves_action(&bank, &asked).await;
        }
        let joint = bank.verifier.joint_step_ups();
        let mandate = Mandate::new(2, set(&people));
        let (id, k) = (asked.step_up.id, request("k"));
        let plain = bob_rings("call-1");
        for _ in 0..2 {
            let proof = joint.redeem_action(&plain, &id, &moves(), &mandate, &k).await.unwrap();
            assert_eq!(proof.ring_back(), call.ring_back.as_ref());
            let in_app = call.leg.is_some().then_some(countersign::interaction::LegKind::InApp);
            assert_eq!(proof.leg(), in_app);
        }
        // Nothing of it is on the others' lines, or in their histories.
        let tells = |history: &CeremonyHistory| {
            history.events.iter().any(|event| event.action == Action::RingBack)
        };
        for one in &people {
            let histories =
                bank.verifier.history(&one.customer, Page::first()).await.unwrap().items;
            let asked = |of: &CeremonyHistory| matches!(of.subject, Subject::StepUp(_));
            assert!(histories.iter().any(asked) && !histories.iter().any(tells));
        }
        let joint = histories(&bank.verifier, |of| matches!(of, Subject::JointStepUp(_))).await;
        assert!(joint.len() == 1 && tells(&joint[0]));
        for one in &people {
            let shown = one.token(&asked);
            let opened = crate::actions::device_of(&one.customer);
            let opened = said(opened.open_step_up(&shown.token, START).unwrap(), None);
            assert_eq!(opened.leg(), None);
        }
    }
    // A transfer says nothing of either.
    let bank = bank();
    let people = people(&bank, &["carol", "dave"]).await;
    let asked = asked_as(&bank, "j-1", 2, &people).await;
    for one in &people {
        one.approves(&bank, &asked).await.unwrap();
    }
    let proof = redeemed(&bank, &asked, "k").await.unwrap();
    assert_eq!((proof.ring_back(), proof.leg()), (None, None));
}
