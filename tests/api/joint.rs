//! Several approvers: n of a set, each with a token and an answer of their own.

use std::sync::Arc;

use countersign::credential::{CredentialStatus, EnrolmentRequest, Method};
use countersign::device::VerifiedStepUp;
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Actor, Outcome, Subject};
use countersign::page::Page;
use countersign::step_up::joint::{
    CoApprover, InvalidApprovers, JointOutcome, JointStepUpRequest, JointStepUpRequested,
    JointToken, JointlyRedeemed, Mandate,
};
use countersign::step_up::{
    DeclineReason, SignedAnswer, StepUp, StepUpAnswer, StepUpData, StepUpStatus,
};
use countersign::store::Fault;
use countersign::token::{Purpose, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{CredentialId, CustomerId, Device, Error, Interaction, Policy};
use tokio::sync::Barrier;

use crate::support::credentials::refused;
use crate::support::depth::{every_fault_at, strided};
use crate::support::device_keys::PrivateKey;
use crate::support::step_ups::{bank, bank_of, said, signing, transfer};
use crate::support::tampering::{Said, signed};
use crate::support::*;

/// A customer with a phone whose key signs.
pub(crate) struct Person {
    pub(crate) customer: CustomerId,
    pub(crate) key: PrivateKey,
    pub(crate) credential: CredentialId,
}

pub(crate) fn device_of(customer: &CustomerId) -> Device {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    Device::new(keys, customer.clone())
}

pub(crate) async fn person(bank: &Bank, name: &str, byte: u8) -> Person {
    let (customer, key) = (CustomerId::new(name).unwrap(), PrivateKey::ed25519(byte));
    let credentials = bank.verifier.credentials();
    let enrolment = EnrolmentRequest::device_key(request("key")).vouched_for();
    let given = credentials.enrol(&customer, &enrolment).await.unwrap();
    let possession = key.possession_by(&device_of(&customer), &given);
    let credential = given.credential.id;
    credentials.confirm_key(&customer, &credential, &possession, None).await.unwrap();
    Person { customer, key, credential }
}

impl Person {
    pub(crate) fn token<'a>(&self, asked: &'a JointStepUpRequested) -> &'a JointToken {
        asked.tokens.iter().find(|one| one.customer == self.customer).unwrap()
    }

    pub(crate) fn opened(&self, asked: &JointStepUpRequested) -> VerifiedStepUp {
        let token = &self.token(asked).token;
        said(device_of(&self.customer).open_step_up(token, START).unwrap(), asked.digits.as_ref())
    }

    pub(crate) fn answer(&self, asked: &JointStepUpRequested) -> StepUpAnswer {
        let shown = self.opened(asked);
        let message = shown.message_to_sign(&self.key.public()).unwrap();
        shown.answer_signed(SignedAnswer::by_device_key(self.key.sign(&message)))
    }

    pub(crate) async fn approves(
        &self,
        bank: &Bank,
        asked: &JointStepUpRequested,
    ) -> Result<StepUp, Error> {
        let (id, answer) = (self.token(asked).step_up, self.answer(asked));
        bank.verifier.step_ups().submit(&self.customer, &id, &answer).await
    }

    pub(crate) async fn declines(
        &self,
        bank: &Bank,
        asked: &JointStepUpRequested,
    ) -> Result<StepUp, Error> {
        let (id, why) = (self.token(asked).step_up, DeclineReason::ChangedMind);
        bank.verifier.step_ups().decline(&self.customer, &id, why).await
    }
}

/// Alice, who is on the line, and her co-holders.
pub(crate) async fn people(bank: &Bank, names: &[&str]) -> Vec<Person> {
    let mut people = Vec::new();
    for (name, byte) in names.iter().zip(20..) {
        people.push(person(bank, name, byte).await);
    }
    people
}

pub(crate) fn set(people: &[Person]) -> Vec<CoApprover> {
    let holder = |one: &Person| CoApprover::new(one.customer.clone(), "holder".parse().unwrap());
    people.iter().map(holder).collect()
}

fn asking(needed: u8, approvers: Vec<CoApprover>) -> JointStepUpRequest {
    asking_as("j-1", needed, approvers)
}

pub(crate) fn asking_as(id: &str, needed: u8, approvers: Vec<CoApprover>) -> JointStepUpRequest {
    JointStepUpRequest::new(
        request(id),
        transfer(),
        "Bob from Example Bank".parse().unwrap(),
        "Alice Jones".parse().unwrap(),
        needed,
        approvers,
    )
}

pub(crate) async fn asked(bank: &Bank, needed: u8, people: &[Person]) -> JointStepUpRequested {
    asked_as(bank, "j-1", needed, people).await
}

pub(crate) async fn asked_as(
    bank: &Bank,
    id: &str,
    needed: u8,
    people: &[Person],
) -> JointStepUpRequested {
    let asked = asking_as(id, needed, set(people));
    bank.verifier.joint_step_ups().request(&bob_rings("call-1"), &asked).await.unwrap()
}

/// The answer of the person at this place of [`people`] to what their token asks.
pub(crate) fn answer_of(customer: &CustomerId, at: u8, token: &str) -> StepUpAnswer {
    let key = PrivateKey::ed25519(20 + at);
    let shown = said(device_of(customer).open_step_up(token, START).unwrap(), None);
    let message = shown.message_to_sign(&key.public()).unwrap();
    shown.answer_signed(SignedAnswer::by_device_key(key.sign(&message)))
}

async fn outcome(bank: &Bank, asked: &JointStepUpRequested) -> JointOutcome {
    bank.verifier.joint_step_ups().outcome(&bob_rings("call-1"), &asked.step_up.id).await.unwrap()
}

/// Whoever takes part in these tests may approve for Alice, one of them alone if that was asked: what a register says has
/// tests of its own in `joint_mandates.rs`.
pub(crate) fn anybody() -> Mandate {
    let named = ["alice", "carol", "dave", "attorney", "late", "no-app", "erin"].map(str::to_owned);
    let all = named.into_iter().chain((0..64).map(|n| format!("c-{n}")));
    let holder = |name| CoApprover::new(CustomerId::new(name).unwrap(), "holder".parse().unwrap());
    Mandate::new(1, all.map(holder).collect())
}

pub(crate) async fn redeemed(
    bank: &Bank,
    asked: &JointStepUpRequested,
    key: &str,
) -> Result<JointlyRedeemed, Error> {
    let call = bob_rings("call-1");
    let joint = bank.verifier.joint_step_ups();
    joint.redeem(&call, &asked.step_up.id, &transfer(), &anybody(), &request(key)).await
}

fn reason(bank: &Bank) -> Option<Reason> {
    bank.seen.take().iter().rev().find_map(|event| match event.outcome {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Done => None,
    })
}

fn waiting(approved: u8) -> JointOutcome {
    JointOutcome::Waiting { approved: countersign::agent_safe::Count::of(approved) }
}

#[tokio::test]
async fn two_of_three_approve_and_the_history_names_all() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol", "dave"]).await;
    let asked_once = asked(&bank, 2, &people).await;
    assert_eq!(asked_once.tokens.len(), 3);
    assert_eq!(asked(&bank, 2, &people).await, asked_once, "repeated");
    let asked = asked_once;
    // Each app shows in whose name, how many, and in which role.
    for (one, headline) in people.iter().zip(["we_called_you", "another_asks", "another_asks"]) {
        let shown = one.opened(&asked);
        let joint = shown.joint().unwrap();
        assert_eq!((joint.needed, joint.of, joint.role.as_str()), (2, 3, "holder"));
        assert_eq!((&joint.principal, joint.principal_name.as_str()), (&alice(), "Alice Jones"));
        assert_eq!((shown.headline_id(), shown.transaction()), (headline, Some(&transfer())));
    }
    assert_eq!(outcome(&bank, &asked).await, waiting(0));
    people[1].approves(&bank, &asked).await.unwrap();
    assert_eq!(outcome(&bank, &asked).await, waiting(1));
    refused(redeemed(&bank, &asked, "k").await);
    assert_eq!(reason(&bank), Some(Reason::TooFewApprovals));
    people[0].approves(&bank, &asked).await.unwrap();
    assert_eq!(outcome(&bank, &asked).await, JointOutcome::Approved);
    let proof = redeemed(&bank, &asked, "k").await.unwrap();
    assert_eq!((proof.transaction(), proof.needed(), proof.duress()), (&transfer(), 2, false));
    let by: Vec<_> = proof.votes().iter().map(|vote| vote.customer.as_str()).collect();
    assert_eq!(by, ["alice", "carol"]);
    for (vote, one) in proof.votes().iter().zip(&people) {
        assert_eq!((vote.credential, vote.method), (one.credential, Method::DeviceKey));
        assert_eq!(vote.key_fingerprint, Some(one.key.public().fingerprint()));
    }
    // The same key again, much later: the same proof. Another: nothing.
    bank.clock.advance(HOUR);
    assert_eq!(redeemed(&bank, &asked, "k").await.unwrap(), proof);
    refused(redeemed(&bank, &asked, "k-2").await);
    assert_eq!(reason(&bank), Some(Reason::Redeemed));

    let history = histories(&bank.verifier, |of| matches!(of, Subject::JointStepUp(_))).await;
    let events: Vec<_> = history[0]
        .events
        .iter()
        .filter(|event| event.outcome == Outcome::Done)
        .map(|event| (event.actor.clone(), event.action, event.step_up))
        .collect();
    let of = |at: usize| Some(people[at].token(&asked).step_up);
    assert_eq!(
        events,
        [
            (Actor::Agent(agent("bob").id), Action::RequestStepUp, None),
            // The other stands there by reference: her own step-up.
            (Actor::Approver, Action::Approve, of(1)),
            (Actor::Customer, Action::Approve, of(0)),
            (Actor::BackEnd, Action::Redeem, None),
        ]
    );
    let carols = bank.verifier.history(&people[1].customer, Page::first()).await.unwrap();
    let own = Subject::StepUp(of(1).unwrap());
    assert!(carols.items.iter().any(|history| history.subject == own));
}

#[tokio::test]
async fn an_attorney_alone_approves_for_a_principal_without_an_app() {
    let bank = bank();
    let people = people(&bank, &["attorney"]).await;
    let asked = asked(&bank, 1, &people).await;
    people[0].approves(&bank, &asked).await.unwrap();
    let proof = redeemed(&bank, &asked, "k").await.unwrap();
    assert_eq!((proof.principal(), proof.votes().len()), (&alice(), 1));
    assert_eq!(proof.votes()[0].customer.as_str(), "attorney");
}

#[tokio::test]
async fn a_set_that_counts_a_person_twice_is_refused() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let call = bob_rings("call-1");
    let of = |needed: u8, approvers: Vec<CoApprover>| {
        let (bank, call) = (&bank, &call);
        async move {
            let asked = asking(needed, approvers);
            match bank.verifier.joint_step_ups().request(call, &asked).await {
                Err(Error::Invalid(Invalid::Approvers(invalid))) => invalid,
                other => panic!("{other:?}"),
            }
        }
    };
    let mut twice = set(&people);
    twice.push(CoApprover::new(alice(), "director".parse().unwrap()));
    assert_eq!(of(2, twice).await, InvalidApprovers::Twice);
    assert_eq!(of(1, Vec::new()).await, InvalidApprovers::Number);
    assert_eq!(of(0, set(&people)).await, InvalidApprovers::Needed);
    assert_eq!(of(3, set(&people)).await, InvalidApprovers::Needed);
    let many = (0..65).map(|n| {
        CoApprover::new(CustomerId::new(format!("c-{n}")).unwrap(), "holder".parse().unwrap())
    });
    assert_eq!(of(2, many.collect()).await, InvalidApprovers::Number);
    let mut new = transfer();
    new.kind = TransactionKind::NewAuthenticator;
    let (bob, name) = ("Bob".parse().unwrap(), "Alice".parse().unwrap());
    let app = JointStepUpRequest::new(request("j-1"), new, bob, name, 2, set(&people));
    let invalid = bank.verifier.joint_step_ups().request(&call, &app).await;
    assert!(matches!(
        invalid,
        Err(Error::Invalid(Invalid::Approvers(InvalidApprovers::NewAuthenticator)))
    ));
    // Nor does a role hold a card number.
    let card = vec![CoApprover::new(alice(), "4242 4242 4242 4242".parse().unwrap())];
    let invalid = bank.verifier.joint_step_ups().request(&call, &asking(1, card)).await;
    assert!(matches!(invalid, Err(Error::Invalid(Invalid::CardInText))));
}

/// From two phones, or twice from one.
#[tokio::test]
async fn one_person_with_two_sessions_counts_once() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = asked(&bank, 2, &people).await;
    people[0].approves(&bank, &asked).await.unwrap();
    people[0].approves(&bank, &asked).await.unwrap();
    // Asked anew in the same call, and answered from the other session.
    let again = self::asked(&bank, 2, &people).await;
    people[0].approves(&bank, &again).await.unwrap();
    assert_eq!(outcome(&bank, &asked).await, waiting(1));
    refused(redeemed(&bank, &asked, "k").await);
    assert_eq!(reason(&bank), Some(Reason::TooFewApprovals));
    people[1].approves(&bank, &asked).await.unwrap();
    assert_eq!(redeemed(&bank, &asked, "k").await.unwrap().votes().len(), 2);
}

#[tokio::test]
async fn any_decline_ends_it() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol", "dave"]).await;
    let asked = asked(&bank, 2, &people).await;
    people[0].approves(&bank, &asked).await.unwrap();
    let declined = people[1].declines(&bank, &asked).await.unwrap();
    assert_eq!(declined.status, StepUpStatus::Declined);
    assert_eq!(outcome(&bank, &asked).await, JointOutcome::Declined);
    // The others' prompts are over, too: neither shown nor answered.
    let pending = bank.verifier.pending(&people[2].customer).await.unwrap();
    assert_eq!(pending.step_ups, []);
    bank.seen.take();
    refused(people[2].approves(&bank, &asked).await);
    assert_eq!(reason(&bank), Some(Reason::Ended));
    refused(redeemed(&bank, &asked, "k").await);
    assert_eq!(reason(&bank), Some(Reason::Ended));
    let history = histories(&bank.verifier, |of| matches!(of, Subject::JointStepUp(_))).await;
    let declines = history[0].events.iter().filter(|event| event.action == Action::Decline);
    let declines: Vec<_> = declines.map(|event| (&event.actor, event.step_up)).collect();
    assert_eq!(declines, [(&Actor::Approver, Some(people[1].token(&asked).step_up))]);
}

/// A process that died after it wrote the decline, and before the principal's record heard of it.
#[tokio::test]
async fn a_decline_counts_before_the_record_hears_of_it() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol", "dave"]).await;
    let asked = asked(&bank, 2, &people).await;
    people[0].approves(&bank, &asked).await.unwrap();
    people[1].approves(&bank, &asked).await.unwrap();
    bank.store.plan(2, Fault::FailBefore);
    assert!(people[2].declines(&bank, &asked).await.is_err());
    bank.store.heal();
    assert_eq!(outcome(&bank, &asked).await, JointOutcome::Declined);
    refused(redeemed(&bank, &asked, "k").await);
    assert_eq!(reason(&bank), Some(Reason::Ended));
}

#[tokio::test]
async fn a_revocation_takes_the_vote_until_redemption() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol", "dave"]).await;
    let asked = asked(&bank, 2, &people).await;
    people[0].approves(&bank, &asked).await.unwrap();
    people[1].approves(&bank, &asked).await.unwrap();
    assert_eq!(outcome(&bank, &asked).await, JointOutcome::Approved);
    let credentials = bank.verifier.credentials();
    let gone = credentials.revoke(&people[1].customer, &people[1].credential).await.unwrap();
    assert_eq!(gone.status, CredentialStatus::Revoked);
    assert_eq!(outcome(&bank, &asked).await, waiting(1));
    refused(redeemed(&bank, &asked, "k").await);
    assert_eq!(reason(&bank), Some(Reason::TooFewApprovals));
    people[2].approves(&bank, &asked).await.unwrap();
    let proof = redeemed(&bank, &asked, "k").await.unwrap();
    let by: Vec<_> = proof.votes().iter().map(|vote| vote.customer.as_str()).collect();
    assert_eq!(by, ["alice", "dave"]);
    // Afterwards it changes nothing.
    credentials.revoke(&people[0].customer, &people[0].credential).await.unwrap();
    assert_eq!(redeemed(&bank, &asked, "k").await.unwrap(), proof);
}

/// Whatever one approver's app was shown otherwise, under the same id and nonce.
#[tokio::test]
async fn each_signs_principal_number_set_and_role() {
    type Change = fn(&mut Said<StepUpData>);
    let changes: [Change; 7] = [
        |said| said.data.joint = None,
        |said| said.data.joint.as_mut().unwrap().principal = mallory(),
        |said| said.data.joint.as_mut().unwrap().principal_name = "Mallory".parse().unwrap(),
        |said| said.data.joint.as_mut().unwrap().needed = 1,
        |said| said.data.joint.as_mut().unwrap().of = 3,
        |said| {
            said.data.joint.as_mut().unwrap().approvers =
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
        },
        |said| said.data.joint.as_mut().unwrap().role = "witness".parse().unwrap(),
    ];
    for change in changes {
        let bank = bank();
        let people = people(&bank, &["alice", "carol"]).await;
        let asked = asked(&bank, 2, &people).await;
        let mine = people[0].token(&asked);
        let token = signed(&mine.token, &signing(), change);
        let shown =
            said(device_of(&alice()).open_step_up(&token, START).unwrap(), asked.digits.as_ref());
        let message = shown.message_to_sign(&people[0].key.public()).unwrap();
        let signed = SignedAnswer::by_device_key(people[0].key.sign(&message));
        let answer = shown.answer_signed(signed);
        bank.seen.take();
        let step_ups = bank.verifier.step_ups();
        refused(step_ups.submit(&alice(), &mine.step_up, &answer).await);
        assert_eq!(reason(&bank), Some(Reason::NotSigned));
        people[0].approves(&bank, &asked).await.unwrap();
    }
}

/// What one approver gives is worth nothing outside of the set.
#[tokio::test]
async fn one_of_several_approvals_is_no_approval() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = asked(&bank, 2, &people).await;
    people[0].approves(&bank, &asked).await.unwrap();
    // The agent, who learns the id of Alice's own step-up, gets no grant for it.
    let call = bob_rings("call-1");
    let id = people[0].token(&asked).step_up;
    refused(bank.verifier.step_ups().outcome(&call, &id).await);
}

#[tokio::test]
async fn it_is_asked_by_one_agent_in_one_interaction_for_one_thing() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = asked(&bank, 2, &people).await;
    for one in &people {
        one.approves(&bank, &asked).await.unwrap();
    }
    let (joint, id) = (bank.verifier.joint_step_ups(), asked.step_up.id);
    let call = bob_rings("call-1");
    let inbound = Interaction::inbound(
        call.id.clone(),
        call.customer.clone(),
        call.agent.clone(),
        call.channel,
    );
    let others = [
        bob_rings("call-2"),
        self::call("call-1", &alice(), agent("eve")),
        self::call("call-1", &mallory(), agent("bob")),
        inbound,
    ];
    for other in &others {
        refused(joint.redeem(other, &id, &transfer(), &anybody(), &request("k")).await);
    }
    for other in &others[..3] {
        refused(joint.outcome(other, &id).await);
    }
    let mut more = transfer();
    more.amount += 1;
    refused(joint.redeem(&call, &id, &more, &anybody(), &request("k")).await);
    // Nothing else is asked under the same request.
    let mut changed = vec![asking(1, set(&people))];
    changed.push(asking(2, set(&people[..2]).into_iter().rev().collect()));
    for other in changed {
        let result = joint.request(&call, &other).await;
        assert!(matches!(result, Err(Error::Invalid(Invalid::RequestReused))), "{result:?}");
    }
    joint.redeem(&call, &id, &transfer(), &anybody(), &request("k")).await.unwrap();
}

#[tokio::test]
async fn votes_are_given_in_time_and_redeemed_in_time() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = asked(&bank, 2, &people).await;
    let first = people[0].answer(&asked);
    let second = people[1].answer(&asked);
    let step_ups = bank.verifier.step_ups();
    let ids = [0, 1].map(|at: usize| people[at].token(&asked).step_up);
    step_ups.submit(&people[0].customer, &ids[0], &first).await.unwrap();
    bank.clock.advance(5 * MINUTE);
    refused(step_ups.submit(&people[1].customer, &ids[1], &second).await);
    assert_eq!(outcome(&bank, &asked).await, JointOutcome::Expired);
    refused(redeemed(&bank, &asked, "k").await);

    let bank = self::bank();
    let people = self::people(&bank, &["alice", "carol"]).await;
    let asked = self::asked(&bank, 2, &people).await;
    for one in &people {
        one.approves(&bank, &asked).await.unwrap();
    }
    bank.clock.advance(10 * MINUTE);
    assert_eq!(outcome(&bank, &asked).await, JointOutcome::Expired);
    refused(redeemed(&bank, &asked, "k").await);
    assert_eq!(reason(&bank), Some(Reason::Ended));
}

#[tokio::test]
async fn who_cannot_be_asked_is_passed_over_if_enough_are_left() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let mut approvers = set(&people);
    let none = CustomerId::new("no-app").unwrap();
    approvers.push(CoApprover::new(none.clone(), "holder".parse().unwrap()));
    let (joint, call) = (bank.verifier.joint_step_ups(), bob_rings("call-1"));
    let asked = joint.request(&call, &asking(2, approvers.clone())).await.unwrap();
    assert_eq!(asked.tokens.len(), 2);
    assert!(asked.tokens.iter().all(|one| one.customer != none));
    let three = JointStepUpRequest::new(
        request("j-2"),
        transfer(),
        "Bob".parse().unwrap(),
        "Alice".parse().unwrap(),
        3,
        approvers,
    );
    let calls = bank.seen.take().len();
    assert!(calls > 0);
    refused(joint.request(&call, &three).await);
    assert_eq!(reason(&bank), Some(Reason::NoCredential));
    // Then nobody is asked.
    for one in &people {
        assert_eq!(bank.verifier.pending(&one.customer).await.unwrap().step_ups.len(), 1);
    }
}

#[tokio::test]
async fn who_is_asked_late_has_no_longer_than_the_others() {
    let bank = bank();
    let mut people = people(&bank, &["alice", "carol"]).await;
    let mut approvers = set(&people);
    let late = CustomerId::new("late").unwrap();
    approvers.push(CoApprover::new(late, "holder".parse().unwrap()));
    let (joint, call) = (bank.verifier.joint_step_ups(), bob_rings("call-1"));
    let first = joint.request(&call, &asking(2, approvers.clone())).await.unwrap();
    bank.clock.advance(MINUTE);
    people.push(person(&bank, "late", 60).await);
    let again = joint.request(&call, &asking(2, approvers)).await.unwrap();
    assert_eq!((first.tokens.len(), again.tokens.len()), (2, 3));
    let now = START.after(MINUTE);
    let token = &people[2].token(&again).token;
    let shown = device_of(&people[2].customer).open_step_up(token, now).unwrap();
    assert_eq!(shown.until(), first.step_up.until);
}

#[tokio::test]
async fn each_approver_s_pending_list_shows_it() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol", "dave"]).await;
    let asked = asked(&bank, 2, &people).await;
    for one in &people {
        let pending = bank.verifier.pending(&one.customer).await.unwrap();
        assert_eq!(pending.step_ups.len(), 1);
        let own = &pending.step_ups[0];
        assert_eq!(own.token.as_ref(), Some(&one.token(&asked).token));
        assert_eq!(own.step_up.joint.as_ref().unwrap().principal, alice());
    }
    people[0].approves(&bank, &asked).await.unwrap();
    people[1].approves(&bank, &asked).await.unwrap();
    redeemed(&bank, &asked, "k").await.unwrap();
    let pending = bank.verifier.pending(&people[2].customer).await.unwrap();
    assert_eq!(pending.step_ups, [], "nobody waits for the third");
}

#[tokio::test]
async fn one_pin_for_coercion_tells_of_coercion() {
    use crate::support::credentials::{app, pin};
    let bank = bank();
    let carol = person(&bank, "carol", 9).await;
    let (_, held) = app(&bank).await;
    let mut approvers = set(std::slice::from_ref(&carol));
    approvers.push(CoApprover::new(alice(), "holder".parse().unwrap()));
    let call = bob_rings("call-1");
    let joint = bank.verifier.joint_step_ups();
    let asked = joint.request(&call, &asking(2, approvers)).await.unwrap();
    carol.approves(&bank, &asked).await.unwrap();
    let mine = asked.tokens.iter().find(|one| one.customer == alice()).unwrap();
    let shown =
        said(device_of(&alice()).open_step_up(&mine.token, START).unwrap(), asked.digits.as_ref());
    let code = shown.approve(&held, &pin("1357")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &mine.step_up, &code).await.unwrap();
    assert_eq!(outcome(&bank, &asked).await, JointOutcome::Approved, "the agent sees nothing");
    let proof = redeemed(&bank, &asked, "k").await.unwrap();
    assert!(proof.duress());
    assert!(!format!("{proof:?}").contains("true"), "{proof:?}");
}

async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    count: usize,
    task: impl Fn(usize) -> F,
) -> Vec<T> {
    let start = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|n| {
            let (start, task) = (Arc::clone(&start), task(n));
            tokio::spawn(async move {
                start.wait().await;
                task.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_approvals_at_once_each_counts_and_counts_once() {
    let mut policy = Policy::default();
    policy.step_ups.per_agent = 200;
    let bank = bank_of(policy);
    let mut people = Vec::new();
    for n in 0..64_u8 {
        people.push(person(&bank, &format!("c-{n}"), n + 1).await);
    }
    let asked = asked(&bank, 64, &people).await;
    assert_eq!(asked.tokens.len(), 64);
    bank.store.always(Some(Fault::Delay(1)));
    // Each from two sessions.
    let answers = people
        .iter()
        .map(|one| (one.customer.clone(), one.token(&asked).step_up, one.answer(&asked)));
    let answers: Arc<Vec<_>> = Arc::new(answers.collect());
    let results = at_once(128, |n| {
        let (verifier, answers) = (bank.verifier.clone(), Arc::clone(&answers));
        async move {
            let (customer, id, answer) = &answers[n / 2];
            loop {
                match verifier.step_ups().submit(customer, id, answer).await {
                    Err(Error::Busy) => {}
                    done => return done.map(|step_up| step_up.status),
                }
            }
        }
    })
    .await;
    assert!(results.iter().all(|result| matches!(result, Ok(StepUpStatus::Approved))));
    bank.store.always(None);
    let proof = redeemed(&bank, &asked, "k").await.unwrap();
    assert_eq!(proof.votes().len(), 64);
    let history = histories(&bank.verifier, |of| matches!(of, Subject::JointStepUp(_))).await;
    let named = history[0].events.iter().filter(|event| event.action == Action::Approve);
    let mut named: Vec<_> = named.map(|event| event.step_up.unwrap()).collect();
    assert_eq!(named.len(), 64);
    named.sort();
    named.dedup();
    assert_eq!(named.len(), 64, "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_decline_and_a_redemption_at_once_one_comes_first() {
    for round in 0..16_u8 {
        let bank = bank();
        let people = people(&bank, &["alice", "carol", "dave"]).await;
        let asked = asked(&bank, 2, &people).await;
        people[0].approves(&bank, &asked).await.unwrap();
        people[1].approves(&bank, &asked).await.unwrap();
        bank.store.always(Some(Fault::Delay(u32::from(round % 4))));
        let third = (people[2].customer.clone(), people[2].token(&asked).step_up);
        let joint = asked.step_up.id;
        let done = at_once(2, |n| {
            let (verifier, third) = (bank.verifier.clone(), third.clone());
            async move {
                if n == 0 {
                    verifier
                        .step_ups()
                        .decline(&third.0, &third.1, DeclineReason::ChangedMind)
                        .await
                        .map(drop)
                } else {
                    let call = bob_rings("call-1");
                    let (what, key) = (transfer(), request("k"));
                    let joint_step_ups = verifier.joint_step_ups();
                    joint_step_ups.redeem(&call, &joint, &what, &anybody(), &key).await.map(drop)
                }
            }
        })
        .await;
        bank.store.always(None);
        assert!(done[0].is_ok());
        // Whoever came first: afterwards it stays so.
        assert_eq!(redeemed(&bank, &asked, "k").await.is_ok(), done[1].is_ok());
    }
}

/// A quick run takes every fifth of the points: each fault, and each call.
#[test]
fn every_fault_at_every_call_of_a_vote_and_of_the_redemption() {
    block_on(async {
        for (fault, at) in strided(every_fault_at(12), 5) {
            let case = format!("{fault:?} at {at}");
            let bank = bank();
            let people = people(&bank, &["alice", "carol"]).await;
            // Asked: what a process that died left is finished.
            bank.store.plan(at, fault);
            let call = bob_rings("call-1");
            let joint = bank.verifier.joint_step_ups();
            let first = joint.request(&call, &asking(2, set(&people))).await;
            bank.store.heal();
            let asked = joint.request(&call, &asking(2, set(&people))).await.unwrap();
            if let Ok(first) = first {
                assert_eq!(first, asked, "{case}");
            }
            people[0].approves(&bank, &asked).await.unwrap();
            bank.store.plan(at, fault);
            match people[1].approves(&bank, &asked).await {
                Ok(step_up) => assert_eq!(step_up.status, StepUpStatus::Approved, "{case}"),
                Err(Error::Store(_) | Error::Record(_)) => {}
                Err(other) => panic!("{case}: {other:?}"),
            }
            bank.store.heal();
            // Never more than the one who is not in doubt, and all once the call is repeated.
            assert!(
                matches!(
                    outcome(&bank, &asked).await,
                    JointOutcome::Waiting { .. } | JointOutcome::Approved
                ),
                "{case}"
            );
            people[1].approves(&bank, &asked).await.unwrap();
            bank.store.plan(at, fault);
            let first = redeemed(&bank, &asked, "k").await;
            bank.store.heal();
            let proof = redeemed(&bank, &asked, "k").await.unwrap();
            if let Ok(first) = first {
                assert_eq!(first, proof, "{case}");
            }
            assert_eq!(proof.votes().len(), 2, "{case}");
            refused(redeemed(&bank, &asked, "other").await);
            let history =
                histories(&bank.verifier, |of| matches!(of, Subject::JointStepUp(_))).await;
            let of = |action| history[0].events.iter().filter(move |event| event.action == action);
            assert_eq!(of(Action::Approve).count(), 2, "{case}");
            let done = of(Action::Redeem).filter(|event| event.outcome == Outcome::Done).count();
            assert_eq!(done, 1, "{case}");
        }
    });
}

/// The process dies after the vote, before the principal's record hears of it, and nobody repeats the call.
#[tokio::test]
async fn a_vote_that_the_record_did_not_hear_counts_and_is_named_at_the_redemption() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = asked(&bank, 2, &people).await;
    people[0].approves(&bank, &asked).await.unwrap();
    let calls = bank.store.calls();
    people[0].approves(&bank, &asked).await.unwrap();
    assert!(bank.store.calls() > calls);
    let mut landed = false;
    for at in 0..16 {
        bank.store.plan(at, Fault::FailBefore);
        let done = people[1].approves(&bank, &asked).await;
        bank.store.heal();
        let heard = histories(&bank.verifier, |of| matches!(of, Subject::JointStepUp(_))).await;
        let heard = heard[0].events.iter().filter(|event| event.action == Action::Approve).count();
        if done.is_err() && heard == 1 && outcome(&bank, &asked).await == JointOutcome::Approved {
            landed = true;
            break;
        }
        if done.is_ok() {
            break;
        }
    }
    assert!(landed, "there is such a point");
    assert_eq!(redeemed(&bank, &asked, "k").await.unwrap().votes().len(), 2);
    let history = histories(&bank.verifier, |of| matches!(of, Subject::JointStepUp(_))).await;
    let named = history[0].events.iter().filter(|event| event.action == Action::Approve).count();
    assert_eq!(named, 2);
}

#[tokio::test]
async fn erasure_and_export_take_it_along() {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = asked(&bank, 2, &people).await;
    people[0].approves(&bank, &asked).await.unwrap();
    let customers = bank.verifier.customers();
    let export = customers.export(&alice()).await.unwrap();
    let joint = Subject::JointStepUp(asked.step_up.id);
    assert!(export.ceremonies.iter().any(|one| one.history.subject == joint));
    customers.erase(&people[1].customer).await.unwrap();
    assert_eq!(outcome(&bank, &asked).await, waiting(1), "no more than she who is left");
    customers.erase(&alice()).await.unwrap();
    let call = bob_rings("call-1");
    refused(bank.verifier.joint_step_ups().outcome(&call, &asked.step_up.id).await);
}
