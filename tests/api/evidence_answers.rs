//! What was answered and typed, and when it was approved: evidence in which that does not fit what was asked is none, also
//! where no key signed, and also where the enterprise sealed it itself.

use core::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use countersign::credential::EnrolmentRequest;
use countersign::step_up::{Approver, EvidenceCheck, EvidenceError, StepUpData};
use countersign::token::{Audience, Claims, Leeway, UntrustedToken};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::evidence::{key, later, published, sealed, spelt_rightly};
use crate::support::credentials::{app, pin};
use crate::support::device_keys::bound;
use crate::support::step_ups::{asked, bank, open, signing};
use crate::support::wire::pae;
use crate::support::{Bank, START, alice, bob_rings, issuer, request};

/// The places of what was answered and typed.
const ANSWERED: usize = 11;
const TYPED: usize = 12;

async fn exported(bank: &Bank, id: &countersign::StepUpId) -> Value {
    let evidence = bank.verifier.step_ups().evidence(&alice(), id).await.unwrap();
    serde_json::from_str(&evidence.to_json().unwrap()).unwrap()
}

async fn by_code() -> Value {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    exported(&bank, &asked.step_up.id).await
}

async fn by_key() -> Value {
    let bank = bank();
    bound(&bank, &EnrolmentRequest::device_key(request("phone")), &key()).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let answer = open(&bank, &asked).answer_signed(key().answer(&bank, &asked));
    bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &answer).await.unwrap();
    exported(&bank, &asked.step_up.id).await
}

fn verified(evidence: Value) -> Result<Approver, EvidenceError> {
    let keys = published();
    let evidence = spelt_rightly(&sealed(evidence));
    evidence.verify(&EvidenceCheck::new(&keys), later()).map(|shown| shown.approver())
}

fn with(evidence: &Value, place: usize, member: &[u8]) -> Value {
    let mut evidence = evidence.clone();
    let text = Base64UrlUnpadded::encode_string(member);
    evidence["body"]["statement"][place] = json!(text);
    evidence
}

/// The token with other data in it and other times, by the bank's own key.
fn asked_anew(evidence: &Value, at: countersign::Timestamp, change: fn(&mut StepUpData)) -> Value {
    let token = UntrustedToken::parse(evidence["body"]["asked"].as_str().unwrap()).unwrap();
    let verified = token.verify_for_someone::<StepUpData>(&published(), START, Leeway::NONE);
    let claims = verified.unwrap().into_claims();
    let (id, to) = (claims.id(), Audience::new("alice").unwrap());
    let mut data = claims.into_data();
    change(&mut data);
    let five = Duration::from_secs(300);
    let mut evidence = evidence.clone();
    let claims = Claims::new(issuer(), to, id, at, five, data).unwrap();
    evidence["body"]["asked"] = json!(signing().issue(&claims).unwrap());
    evidence
}

/// The bank rang, so Alice said "You rang me". Nobody's key decides here: the form does.
#[tokio::test]
async fn attack_an_answer_that_contradicts_what_was_asked_is_no_evidence() {
    let good = by_code().await;
    assert_eq!(verified(good.clone()), Ok(Approver::CustomerOrEnterprise));
    let refused = Err(EvidenceError::Statement);
    for answered in [&[][..], &[1], &[1, 1], &[1, 4], &[1, 0], &[2, 2], &[1, 2, 2]] {
        assert_eq!(verified(with(&good, ANSWERED, answered)), refused, "{answered:?}");
    }
    for typed in [
        &b""[..],
        b"\x01",
        b"\x0112345",
        b"\x011234567",
        b"\x01 12345",
        b"\x0112345a",
        b"\x02123456",
        b"123456",
    ] {
        assert_eq!(verified(with(&good, TYPED, typed)), refused, "{typed:?}");
    }
    // Nor is there an answer to what was not asked.
    for change in
        [(|data| data.who_rang = false) as fn(&mut StepUpData), |data| data.number_match = false]
    {
        assert_eq!(verified(asked_anew(&good, START, change)), refused);
    }
    // "I don't know" contradicts nothing, and the history of this approval says something else.
    let unsure = with(&good, ANSWERED, &[1, 3]);
    assert_eq!(verified(unsure), Err(EvidenceError::History));
}

/// An app of the customer's, or of somebody who has it, signs without what the agent says: the bank takes no such answer, and
/// no evidence is made of one.
#[tokio::test]
async fn attack_a_signature_without_the_digits_that_were_asked_is_no_evidence() {
    let good = by_key().await;
    assert_eq!(verified(good.clone()), Ok(Approver::HolderOfKeyByEnterprisesWord));
    for (place, member) in [(TYPED, &b""[..]), (ANSWERED, b""), (ANSWERED, b"\x01\x01")] {
        let mut evidence = with(&good, place, member);
        let members: Vec<Vec<u8>> = evidence["body"]["statement"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| Base64UrlUnpadded::decode_vec(one.as_str().unwrap()).unwrap())
            .collect();
        let members: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
        let statement = Sha256::digest(pae(&members));
        let message = pae(&[b"countersign device approval v1", &statement]);
        let signature = Base64UrlUnpadded::encode_string(key().sign(&message).as_bytes());
        evidence["body"]["signed"]["device_key"]["signature"] = json!(signature);
        assert_eq!(verified(evidence), Err(EvidenceError::Statement), "{place}");
    }
}

/// The head stays, and what is shown of an event is changed with the body that speaks of it.
#[tokio::test]
async fn attack_an_event_that_is_shown_otherwise_than_its_bytes_say_is_no_evidence() {
    let good = by_key().await;
    let mut evidence = good.clone();
    evidence["body"]["agent"] = json!("carol");
    let event = &mut evidence["body"]["histories"][0]["history"]["events"][0];
    assert_eq!(event["actor"], json!({ "agent": "bob" }));
    event["actor"] = json!({ "agent": "carol" });
    assert_eq!(verified(evidence), Err(EvidenceError::History));
}

/// A receipt that the bank gave another customer, though it says the same of the same history.
#[tokio::test]
async fn attack_a_receipt_to_another_customer_is_no_evidence() {
    use countersign::history::HistoryHeadData;
    let good = by_key().await;
    for (to, wanted) in [
        ("alice", Ok(Approver::HolderOfKeyByEnterprisesWord)),
        ("carol", Err(EvidenceError::History)),
    ] {
        let mut evidence = good.clone();
        let receipt = evidence["body"]["histories"][0]["receipt"].as_str().unwrap();
        let token = UntrustedToken::parse(receipt).unwrap();
        let verified_for =
            token.verify_for_someone::<HistoryHeadData>(&published(), START, Leeway::NONE);
        let claims = verified_for.unwrap().into_claims();
        let (id, to) = (claims.id(), Audience::new(to).unwrap());
        let claims =
            Claims::new(issuer(), to, id, START, Duration::from_secs(60), claims.into_data());
        let receipt = signing().issue(&claims.unwrap()).unwrap();
        evidence["body"]["histories"][0]["receipt"] = json!(receipt);
        assert_eq!(verified(evidence), wanted);
    }
}

/// The token says until when: what was approved then or later was asked no more.
#[tokio::test]
async fn attack_an_approval_after_the_end_is_no_evidence() {
    let good = by_key().await;
    let five = Duration::from_secs(300);
    let second = Duration::from_secs(1);
    let at = |at| verified(asked_anew(&good, at, |_| {}));
    assert_eq!(at(START.before(five - second)), Ok(Approver::HolderOfKeyByEnterprisesWord));
    assert_eq!(at(START.before(five)), Err(EvidenceError::History));
}

/// The history of another approval, of another customer or of an earlier day, with its own receipt: nothing of it fits.
#[tokio::test]
async fn attack_parts_of_two_pieces_of_evidence_make_none() {
    let bank = bank();
    bound(&bank, &EnrolmentRequest::device_key(request("phone")), &key()).await;
    let mut both = Vec::new();
    for call in ["call-1", "call-2"] {
        let asked = asked(&bank, &bob_rings(call)).await;
        let answer = open(&bank, &asked).answer_signed(key().answer(&bank, &asked));
        bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &answer).await.unwrap();
        both.push(exported(&bank, &asked.step_up.id).await);
    }
    let [one, other] = [&both[0], &both[1]];
    for (name, why) in [
        ("asked", EvidenceError::Statement),
        ("statement", EvidenceError::Statement),
        ("signed", EvidenceError::Signature),
        ("histories", EvidenceError::History),
    ] {
        let mut mixed = one.clone();
        mixed["body"][name] = other["body"][name].clone();
        assert_eq!(verified(mixed.clone()), Err(why), "{name}");
        // All but one of the other.
        let mut mixed = other.clone();
        mixed["body"][name] = one["body"][name].clone();
        assert_eq!(verified(mixed), Err(why), "{name} of the first");
    }
    let pairs = [("asked", "statement"), ("statement", "signed"), ("asked", "signed")];
    for (first, second) in pairs {
        let mut mixed = one.clone();
        for name in [first, second] {
            mixed["body"][name] = other["body"][name].clone();
        }
        assert!(verified(mixed).is_err(), "{first} and {second}");
    }
    let three = ["asked", "statement", "signed"];
    let mut mixed = one.clone();
    for name in three {
        mixed["body"][name] = other["body"][name].clone();
    }
    assert_eq!(verified(mixed), Err(EvidenceError::History), "all but the histories");
    // One history alone, and one cut at its beginning or end.
    for at in 0..2 {
        let mut cut = one.clone();
        cut["body"]["histories"].as_array_mut().unwrap().remove(1 - at);
        let result = verified(cut);
        assert_eq!(result.is_ok(), at == 0, "the credential's may be gone, the step-up's never");
        for first in [true, false] {
            let mut cut = one.clone();
            let events = &mut cut["body"]["histories"][at]["history"]["events"];
            let events = events.as_array_mut().unwrap();
            let _ = if first { events.remove(0) } else { events.pop().unwrap() };
            assert_eq!(verified(cut), Err(EvidenceError::History), "{at} {first}");
        }
    }
    let mut seal = one.clone();
    seal["seal"] = other["seal"].clone();
    let body = crate::evidence::spelt(&seal["body"]);
    let text = format!(r#"{{"evidence":1,"seal":{},"body":{body}}}"#, seal["seal"]);
    let keys = published();
    let refused = spelt_rightly(&text).verify(&EvidenceCheck::new(&keys), later());
    assert_eq!(refused, Err(EvidenceError::Seal));
}
