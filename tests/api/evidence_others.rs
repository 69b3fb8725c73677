//! Evidence of what others had a part in: one of several approvers, and a call that went over to another agent.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use core::time::Duration;
use countersign::action::ActionDetails;
use countersign::credential::EnrolmentRequest;
use countersign::history::{Action, Actor, Subject};
use countersign::step_up::joint::JointData;
use countersign::step_up::{
    Approver, Evidence, EvidenceCheck, EvidenceError, SignedAnswer, StepUpData, StepUpOutcome,
};
use countersign::token::{
    Audience, Claims, Leeway, Purpose, SigningKey, TrustedKeys, UntrustedToken,
};
use countersign::{AgentId, Interaction};
use serde_json::{Value, json};

use crate::actions::{about, granted, moves, phone, registered};
use crate::evidence::{key, later, published, sealed, sealed_for, spelt, spelt_rightly};
use crate::joint::{Person, asked as asked_jointly, people, redeemed};
use crate::support::credentials::refused;
use crate::support::device_keys::{PrivateKey, bound};
use crate::support::golden;
use crate::support::step_ups::{asked, bank, bank_of, open, said, signing, transfer};
use crate::support::{
    Bank, Recorder, START, agent, alice, bob_rings, call, issuer, keyring, part, request,
};

/// Alice and Carol have approved a transfer from their account, and the bank has made it.
async fn approved_by_both() -> (Bank, Vec<Person>, Vec<Value>) {
    let bank = bank();
    let people = people(&bank, &["alice", "carol"]).await;
    let asked = asked_jointly(&bank, 2, &people).await;
    for person in &people {
        person.approves(&bank, &asked).await.unwrap();
    }
    redeemed(&bank, &asked, "k").await.unwrap();
    let mut all = Vec::new();
    for person in &people {
        let id = person.token(&asked).step_up;
        let evidence = bank.verifier.step_ups().evidence(&person.customer, &id).await.unwrap();
        all.push(serde_json::from_str(&evidence.to_json().unwrap()).unwrap());
    }
    (bank, people, all)
}

/// As it was exported.
fn read(evidence: &Value) -> Evidence {
    let (body, seal) = (spelt(&evidence["body"]), evidence["seal"].as_str().unwrap());
    let json = format!(r#"{{"evidence":1,"seal":"{seal}","body":{body}}}"#);
    Evidence::from_json(&json).unwrap()
}

fn verified(json: &str, by: &Person) -> Result<Approver, EvidenceError> {
    let keys = published();
    let check = EvidenceCheck::new(&keys).signed_by(by.key.public().fingerprint());
    spelt_rightly(json).verify(&check, later()).map(|shown| shown.approver())
}

/// Each for themselves, with public keys alone: in whose name, how many of how many, in which role.
#[tokio::test]
async fn one_of_several_approvals_is_verified_with_public_keys_alone() {
    let (bank, people, all) = approved_by_both().await;
    drop(bank);
    let keys = published();
    let mut sets = Vec::new();
    for (person, evidence) in people.iter().zip(&all) {
        let evidence = read(evidence);
        let check = EvidenceCheck::new(&keys).signed_by(person.key.public().fingerprint());
        let shown = evidence.verify(&check, later()).unwrap();
        assert_eq!(shown.approver(), Approver::HolderOfExpectedKey);
        assert_eq!(shown.customer(), &person.customer);
        assert_eq!(shown.asked().what.transaction(), Some(&transfer()));
        let joint = shown.asked().joint.clone().unwrap();
        assert_eq!((&joint.principal, joint.principal_name.as_str()), (&alice(), "Alice Jones"));
        assert_eq!((joint.needed, joint.of, joint.role.as_str()), (2, 2, "holder"));
        // What is redeemed is the principal's, once enough have approved: their own record does not say.
        assert_eq!((shown.approved_at(), shown.redeemed_at()), (START, None));
        // Who is not on the call rang nobody, and is told no digits.
        let on_line = person.customer == alice();
        assert_eq!((shown.answered().is_empty(), shown.typed().is_empty()), (!on_line, !on_line));
        let subjects: Vec<_> = shown.histories().map(|history| history.subject).collect();
        let own =
            [Subject::StepUp(shown.asked().step_up), Subject::Credential(shown.asked().credential)];
        assert_eq!(subjects, own);
        sets.push((joint.joint, joint.approvers));
    }
    assert_eq!(sets[0], sets[1], "both speak of one request and one set");
    // Neither stands for the other.
    for (at, other) in [(0, 1), (1, 0)] {
        let check = EvidenceCheck::new(&keys).signed_by(people[other].key.public().fingerprint());
        assert_eq!(read(&all[at]).verify(&check, later()), Err(EvidenceError::OtherKey));
    }
}

type Change = fn(&mut JointData);

/// The token with something else in it, by the bank's own key.
fn asked_otherwise(evidence: &Value, change: impl FnOnce(&mut StepUpData)) -> Value {
    let token = UntrustedToken::parse(evidence["body"]["asked"].as_str().unwrap()).unwrap();
    let verified = token.verify_for_someone::<StepUpData>(&published(), START, Leeway::NONE);
    let claims = verified.unwrap().into_claims();
    let (id, at) = (claims.id(), claims.issued_at());
    let to = Audience::new(claims.audience().as_str()).unwrap();
    let mut data = claims.into_data();
    change(&mut data);
    let minute = Duration::from_secs(60);
    json!(signing().issue(&Claims::new(issuer(), to, id, at, minute, data).unwrap()).unwrap())
}

/// The signature covers all that makes it one of several: the bank cannot make of it an approval by fewer, in another
/// role or name, or one that stands alone.
#[tokio::test]
async fn whatever_is_changed_of_one_of_several_approvals_is_refused() {
    let (_, people, all) = approved_by_both().await;
    let (carol, good) = (&people[1], &all[1]);
    let sealed = |evidence: Value| sealed_for("carol", evidence);
    assert_eq!(verified(&sealed(good.clone()), carol), Ok(Approver::HolderOfExpectedKey));
    let changed = |change: &dyn Fn(&mut StepUpData)| {
        let mut evidence = good.clone();
        evidence["body"]["asked"] = asked_otherwise(good, change);
        verified(&sealed(evidence), carol)
    };
    assert_eq!(changed(&|_| {}), Ok(Approver::HolderOfExpectedKey));
    let of: [(&str, Change); 7] = [
        ("needed", |joint| joint.needed = 1),
        ("of", |joint| joint.of = 3),
        ("role", |joint| joint.role = "witness".parse().unwrap()),
        ("principal", |joint| joint.principal = "carol".parse().unwrap()),
        ("principal_name", |joint| joint.principal_name = "Carol Jones".parse().unwrap()),
        ("approvers", |joint| {
            joint.approvers = Base64UrlUnpadded::encode_string(&[7; 32]).parse().unwrap();
        }),
        ("joint", |joint| joint.joint = "00000000000000000000000000".parse().unwrap()),
    ];
    for (name, change) in of {
        let refused = changed(&|data| change(data.joint.as_mut().unwrap()));
        assert_eq!(refused, Err(EvidenceError::Signature), "another {name}");
    }
    assert_eq!(changed(&|data| data.joint = None), Err(EvidenceError::Signature), "alone");
    // And of what stood alone nobody makes one of several.
    let joint = {
        let token = UntrustedToken::parse(good["body"]["asked"].as_str().unwrap()).unwrap();
        let opened = token.verify_for_someone::<StepUpData>(&published(), START, Leeway::NONE);
        opened.unwrap().into_claims().into_data().joint
    };
    let single = handed_over(&[]).await;
    let mut evidence = single.clone();
    evidence["body"]["asked"] = asked_otherwise(&single, |data| data.joint.clone_from(&joint));
    assert_eq!(by_key(&sealed_for("alice", evidence)), Err(EvidenceError::Signature));
}

fn by_key(json: &str) -> Result<Approver, EvidenceError> {
    let keys = published();
    let check = EvidenceCheck::new(&keys).signed_by(key().public().fingerprint());
    spelt_rightly(json).verify(&check, later()).map(|shown| shown.approver())
}

fn with(name: &str) -> Interaction {
    call("call-1", &alice(), agent(name))
}

/// Alice has approved what Bob asked; then the call went over to these one after the other, and the last one's grant was
/// redeemed.
async fn handed_over(to: &[&str]) -> Value {
    let bank = bank();
    bound(&bank, &EnrolmentRequest::device_key(request("phone")), &key()).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let (id, answer) = (asked.step_up.id, key().answer(&bank, &asked));
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &id, &open(&bank, &asked).answer_signed(answer)).await.unwrap();
    let mut from = "bob";
    for name in to {
        step_ups.hand_over(&with(name), &AgentId::new(from).unwrap()).await.unwrap();
        from = name;
    }
    let StepUpOutcome::Approved(grant) = step_ups.outcome(&with(from), &id).await.unwrap() else {
        panic!("it was approved")
    };
    step_ups.redeem(&with(from), &grant, &transfer(), &request("k")).await.unwrap();
    let evidence = step_ups.evidence(&alice(), &id).await.unwrap();
    serde_json::from_str(&evidence.to_json().unwrap()).unwrap()
}

/// The customer was shown Bob's name, and Dave made the payment.
#[tokio::test]
async fn evidence_names_the_agent_to_whom_the_call_went_over() {
    for to in [&[][..], &["carol"], &["carol", "dave"]] {
        let (keys, evidence) = (published(), handed_over(to).await);
        let check = EvidenceCheck::new(&keys).signed_by(key().public().fingerprint());
        let shown = read(&evidence).verify(&check, later()).unwrap();
        assert_eq!(shown.agent().as_str(), "bob");
        assert_eq!(shown.handed_over_to().map(AgentId::as_str), to.last().copied());
        assert_eq!(shown.redeemed_at(), Some(START));
        let history = shown.histories().next().unwrap();
        let took = history.events.iter().filter(|event| event.action == Action::HandOver);
        let took: Vec<_> = took.map(|event| event.actor.clone()).collect();
        let named = to.iter().map(|name| Actor::Agent(AgentId::new(*name).unwrap()));
        assert_eq!(took, named.collect::<Vec<_>>());
    }
}

/// It is the enterprise's word, and its own history must say the same.
#[tokio::test]
async fn a_hand_over_that_the_history_does_not_tell_is_refused() {
    let good = handed_over(&["carol", "dave"]).await;
    assert_eq!(by_key(&sealed(good.clone())), Ok(Approver::HolderOfExpectedKey));
    for other in [Some("bob"), Some("carol"), None] {
        let mut evidence = good.clone();
        match other {
            Some(name) => evidence["body"]["handed_over_to"] = json!(name),
            None => drop(evidence["body"].as_object_mut().unwrap().remove("handed_over_to")),
        }
        assert_eq!(by_key(&sealed(evidence)), Err(EvidenceError::History), "{other:?}");
    }
}

/// An action stands in the statement's other place, and in nobody's word alone.
#[tokio::test]
async fn an_action_s_approval_is_verified_with_public_keys_alone() {
    let bank = bank_of(registered());
    bound(&bank, &EnrolmentRequest::device_key(request("phone")), &key()).await;
    let call = bob_rings("call-1");
    let step_ups = bank.verifier.step_ups();
    let asked = step_ups.request(&call, &about(&moves())).await.unwrap();
    let opened = phone().open_step_up(&asked.token, START).unwrap();
    let shown = said(opened, asked.digits.as_ref());
    let signed = key().sign(&shown.message_to_sign(&key().public()).unwrap());
    let answer = shown.answer_signed(SignedAnswer::by_device_key(signed));
    step_ups.submit(&alice(), &asked.step_up.id, &answer).await.unwrap();
    let grant = granted(&bank, &asked).await;
    let print = key().public().fingerprint();
    let k = request("k");
    let other = PrivateKey::ed25519(8).public().fingerprint();
    refused(step_ups.redeem_action_signed_by(&call, &grant, &moves(), &k, &other).await);
    let proof = step_ups.redeem_action_signed_by(&call, &grant, &moves(), &k, &print).await;
    assert_eq!(proof.unwrap().key_fingerprint(), Some(print));
    let evidence = step_ups.evidence(&alice(), &asked.step_up.id).await.unwrap();
    let evidence: Value = serde_json::from_str(&evidence.to_json().unwrap()).unwrap();
    let keys = published();
    let check = EvidenceCheck::new(&keys).signed_by(print);
    let shown = read(&evidence).verify(&check, later()).unwrap();
    assert_eq!(shown.asked().what.action(), Some(&moves()));
    assert_eq!(shown.approver(), Approver::HolderOfExpectedKey);
    // Another action, of the enterprise's own making.
    let mut other = evidence.clone();
    let fields: Vec<_> = moves().fields().iter().take(1).cloned().collect();
    let fewer = ActionDetails::new(moves().kind().clone(), fields).unwrap();
    other["body"]["asked"] = asked_otherwise(&evidence, |data| data.what = fewer.into());
    assert_eq!(by_key(&sealed(other)), Err(EvidenceError::Statement));
}

/// What is exported after the bank took another key is signed by that: the approval is the customer's as before.
#[tokio::test]
async fn evidence_that_is_exported_after_a_rotation_is_verified_under_the_new_key() {
    let bank = bank();
    bound(&bank, &EnrolmentRequest::device_key(request("phone")), &key()).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let (id, answer) = (asked.step_up.id, key().answer(&bank, &asked));
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &id, &open(&bank, &asked).answer_signed(answer)).await.unwrap();
    let new = || SigningKey::from_seed(&[6; 32]).unwrap();
    let builder = part(keyring(), &bank.store, &bank.clock, &Recorder::default(), 2);
    let rotated = builder.signing_key(new()).build().unwrap();
    let evidence = rotated.step_ups().evidence(&alice(), &id).await.unwrap();
    let mut keys = TrustedKeys::new(issuer());
    for purpose in [Purpose::Evidence, Purpose::StepUp, Purpose::HistoryHead] {
        keys.trust(*new().public_key(), purpose).unwrap();
    }
    let check = |keys| {
        let check = EvidenceCheck::new(keys).signed_by(key().public().fingerprint());
        evidence.verify(&check, later()).map(|shown| shown.approver())
    };
    assert_eq!(check(&keys), Ok(Approver::HolderOfExpectedKey));
    assert_eq!(check(&published()), Err(EvidenceError::Seal), "the old key sealed nothing of it");
    // The token that the app opened was signed by the old one: it says the same.
    let exported: Value = serde_json::from_str(&evidence.to_json().unwrap()).unwrap();
    let says = |token: &str| token.split('.').nth(2).unwrap()[..200].to_owned();
    let (then, now) = (asked.token.as_str(), exported["body"]["asked"].as_str().unwrap());
    assert_ne!(then, now);
    assert_eq!(says(then), says(now));
}

/// What was exported is verified for ever.
#[tokio::test]
async fn golden_evidence_of_several_approvers_and_of_a_hand_over_is_verified_for_ever() {
    let (_, people, all) = approved_by_both().await;
    golden::is_current("evidence_joint", &Value::Array(all));
    for (name, kept) in golden::released::<Vec<Value>>("evidence_joint", 2) {
        for (evidence, person) in kept.iter().zip(&people) {
            let json = read(evidence).to_json().unwrap();
            assert_eq!(verified(&json, person), Ok(Approver::HolderOfExpectedKey), "{name}");
        }
    }
    golden::is_current("evidence_handed_over", &handed_over(&["carol", "dave"]).await);
    for (name, evidence) in golden::released::<Value>("evidence_handed_over", 2) {
        let json = read(&evidence).to_json().unwrap();
        assert_eq!(by_key(&json), Ok(Approver::HolderOfExpectedKey), "{name}");
    }
}
