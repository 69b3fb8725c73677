//! What the customer says of who rang whom, and that the enterprise rang back, stands in histories and evidence; digits that
//! nobody asked for are no answer.

use countersign::action::RingBack;
use countersign::credential::EnrolmentRequest;
use countersign::error::Reason;
use countersign::history::{Action, Actor, Outcome, Subject};
use countersign::policy::{PromptCheck, RingBackRule};
use countersign::step_up::{
    Evidence, EvidenceCheck, EvidenceError, SignedAnswer, StepUpAnswer, WhoRang,
};
use countersign::transaction::TransactionKind;
use countersign::{Interaction, Policy};

use crate::actions::{about, granted, moves, phone, registered};
use crate::evidence::{key, later, published};
use crate::prompts::{
    answer, ask_in, digits, from_app, other_digits, reasons, signing_phone, submit,
};
use crate::support::credentials::{app, pin, refused};
use crate::support::device_keys::bound;
use crate::support::step_ups::{asking, bank, bank_of, said, transfer};
use crate::support::*;

/// Digits are asked for transfers alone.
fn digits_for_transfers() -> Policy {
    let mut policy = Policy::default();
    let mut transfers = PromptCheck::default();
    transfers.kinds = vec![TransactionKind::Transfer];
    policy.step_ups.prompts.number_match = transfers.clone();
    policy.step_ups.prompts.who_rang = PromptCheck::never();
    policy
}

async fn payee_asked(bank: &Bank, call: &Interaction) -> countersign::step_up::StepUpRequested {
    let mut payee = transfer();
    payee.kind = TransactionKind::NewPayee;
    bank.verifier.step_ups().request(call, &asking("payee", payee)).await.unwrap()
}

/// Digits that nobody asked for are no answer.
#[tokio::test]
async fn digits_that_nobody_asked_for_are_no_answer() {
    let bank = bank_of(digits_for_transfers());
    let signing = signing_phone(&bank).await;
    let theirs = payee_asked(&bank, &bob_rings("call-1")).await;
    let opened = crate::support::step_ups::phone().open_step_up(&theirs.token, START).unwrap();
    let shown = opened.without_answer().unwrap();
    let signed = signing.sign(&shown.message_to_sign(&signing.public()).unwrap());
    let signed = SignedAnswer::by_device_key(signed);
    let extra = StepUpAnswer::by_signature(signed).with_digits("123456".parse().unwrap());
    bank.seen.take();
    refused(submit(&bank, &theirs.step_up.id, &extra).await);
    assert_eq!(reasons(&bank), [(Action::Approve, Outcome::Refused(Reason::WrongDigits))]);
}

/// Where they approved, and nowhere else: the event says it, and the chain covers it.
#[tokio::test]
async fn histories_say_what_the_customer_said_of_who_rang_whom() {
    for (call, who) in [
        (bob_rings("call-1"), WhoRang::Enterprise),
        (bob_rings("call-2"), WhoRang::Unknown),
        (from_app("chat-1"), WhoRang::Customer),
    ] {
        let bank = bank();
        let signing = signing_phone(&bank).await;
        let asked = ask_in(&bank, &call, "s").await.unwrap();
        let wrong = answer(&bank, &signing, &asked, other_digits(&asked, 1));
        refused(submit(&bank, &asked.step_up.id, &wrong).await);
        let opened = crate::support::step_ups::phone().open_step_up(&asked.token, START).unwrap();
        let countersign::device::WhoRangCheck::Show(shown) = opened.answer(who) else { panic!() };
        let shown = shown.with_digits(digits(&asked));
        let message = shown.message_to_sign(&signing.public()).unwrap();
        let right = shown.answer_signed(SignedAnswer::by_device_key(signing.sign(&message)));
        submit(&bank, &asked.step_up.id, &right).await.unwrap();
        let history = histories(&bank.verifier, a_step_up).await.remove(0);
        history.verify().unwrap();
        for event in &history.events {
            let approves = event.action == Action::Approve && event.outcome == Outcome::Done;
            assert_eq!(event.who_rang, approves.then_some(who), "{event:?}");
        }
        let said = |history: &countersign::history::CeremonyHistory| {
            history.events.iter().find_map(|event| event.who_rang)
        };
        assert_eq!(said(&history), Some(who));
        // Another answer in its place is not what the chain covers.
        let json = serde_json::to_string(&history).unwrap();
        for other in [WhoRang::Customer, WhoRang::Enterprise, WhoRang::Unknown] {
            let name = |who: WhoRang| serde_json::to_string(&who).unwrap();
            let (said, says) = (name(who), name(other));
            let changed =
                json.replace(&format!(r#""who_rang":{said}"#), &format!(r#""who_rang":{says}"#));
            let changed: countersign::history::CeremonyHistory =
                serde_json::from_str(&changed).unwrap();
            assert_eq!(changed.verify().is_ok(), other == who);
        }
        let evidence = bank.verifier.step_ups().evidence(&alice(), &asked.step_up.id).await;
        let keys = published();
        let shown = evidence.unwrap().verify(&EvidenceCheck::new(&keys), later()).unwrap();
        assert_eq!(shown.who_rang(), Some(who));
    }
}

/// Where it was not asked, nothing is said.
#[tokio::test]
async fn where_nobody_asked_who_rang_whom_histories_and_evidence_say_nothing() {
    let bank = bank_of(digits_for_transfers());
    let (_, device) = app(&bank).await;
    let theirs = payee_asked(&bank, &bob_rings("call-1")).await;
    let opened = crate::support::step_ups::phone().open_step_up(&theirs.token, START).unwrap();
    let code = opened.without_answer().unwrap().approve(&device, &pin("2468")).unwrap();
    submit(&bank, &theirs.step_up.id, &code).await.unwrap();
    let history = histories(&bank.verifier, a_step_up).await.remove(0);
    assert!(history.events.iter().all(|event| event.who_rang.is_none()));
    let evidence = bank.verifier.step_ups().evidence(&alice(), &theirs.step_up.id).await.unwrap();
    let keys = published();
    let shown = evidence.verify(&EvidenceCheck::new(&keys), later()).unwrap();
    assert_eq!((shown.who_rang(), shown.ring_back()), (None, None));
}

/// The help desk rang back: the history says so where the kind asks for it, the evidence on which word.
#[tokio::test]
async fn that_the_enterprise_rang_back_stands_in_history_and_evidence() {
    let mut policy = registered();
    let rule = policy.step_ups.actions.0.get_mut(&"address_change".parse().unwrap()).unwrap();
    let mut ring_back = RingBackRule::default();
    ring_back.sources = vec!["HR directory".parse().unwrap()];
    rule.ring_back = Some(ring_back);
    for rings_back in [true, false] {
        let bank = bank_of(if rings_back { policy.clone() } else { registered() });
        bound(&bank, &EnrolmentRequest::device_key(request("phone")), &key()).await;
        let number =
            RingBack::on_file(START.before(DAY * 30), START, "HR directory".parse().unwrap());
        let call = bob_rings("call-1");
        let call = if rings_back { call.rung_back(number.clone()) } else { call };
        let step_ups = bank.verifier.step_ups();
        bank.seen.take();
        let asked = step_ups.request(&call, &about(&moves())).await.unwrap();
        let told: Vec<_> = bank.seen.take().iter().map(|seen| seen.action).collect();
        let wanted = match rings_back {
            true => vec![Action::RequestStepUp, Action::RingBack],
            false => vec![Action::RequestStepUp],
        };
        assert_eq!(told, wanted);
        let history = histories(&bank.verifier, a_step_up).await.remove(0);
        let written: Vec<_> = history.events.iter().map(|event| event.action).collect();
        assert_eq!(written, wanted);
        if let Some(event) = history.events.get(1) {
            assert_eq!((&event.actor, event.outcome), (&Actor::BackEnd, Outcome::Done));
            assert_eq!(event.interaction, Some(call.id.clone()));
        }
        let opened = phone().open_step_up(&asked.token, START).unwrap();
        let shown = said(opened, asked.digits.as_ref());
        let signed = key().sign(&shown.message_to_sign(&key().public()).unwrap());
        let answer = shown.answer_signed(SignedAnswer::by_device_key(signed));
        step_ups.submit(&alice(), &asked.step_up.id, &answer).await.unwrap();
        let grant = granted(&bank, &asked).await;
        let call = bob_rings("call-1");
        step_ups.redeem_action(&call, &grant, &moves(), &request("k")).await.unwrap();
        let json = step_ups.evidence(&alice(), &asked.step_up.id).await.unwrap();
        let json = json.to_json().unwrap();
        let keys = published();
        let check = EvidenceCheck::new(&keys).signed_by(key().public().fingerprint());
        let evidence = Evidence::from_json(&json).unwrap();
        let shown = evidence.verify(&check, later()).unwrap();
        assert_eq!(shown.ring_back(), rings_back.then_some(&number));
        let history = shown.histories().next().unwrap();
        assert_eq!(history.subject, Subject::StepUp(asked.step_up.id));
        let tells = history.events.iter().any(|event| event.action == Action::RingBack);
        assert_eq!(tells, rings_back);
        // It is sealed: another source, or an older number, is another text.
        if rings_back {
            let day = |days: u32| START.before(DAY * days).to_string();
            let source = ["HR directory", "HR Directory"].map(str::to_owned);
            for [of, other] in [source, [day(30), day(31)]] {
                let changed = json.replacen(&of, &other, 1);
                assert_ne!(changed, json);
                let refused = Evidence::from_json(&changed).unwrap().verify(&check, later());
                assert!(matches!(refused, Err(EvidenceError::Seal)), "{other}: {refused:?}");
            }
        }
    }
}
