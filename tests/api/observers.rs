//! An observer is told, and nothing that it does changes what the caller gets or what is kept.

use countersign::step_up::DeclineReason;
use std::collections::BTreeSet;
use std::fmt::Debug;

use countersign::callback::{AmendmentRequest, Verdict};
use countersign::challenge::Answer;
use countersign::contact::StatusNonce;
use countersign::credential::{EnrolmentRequest, ImportRequest};
use countersign::history::Action;
use countersign::observer::Observed;
use countersign::otp::OtpSeed;
use countersign::page::Page;
use countersign::store::FaultStore;
use countersign::time::ManualClock;
use countersign::{MemoryStore, Observer};

use crate::support::challenges::{
    accept, appointment, challenge, fraud_rings, signing, slot, slot_between,
};
use crate::support::credentials::{app, pin};
use crate::support::presence::inbound;
use crate::support::step_ups::{asking, change, open, transfer, with_code};
use crate::support::*;

/// Remembers what it is told, and panics each time.
#[derive(Debug, Clone, Default)]
struct Panicking(Recorder);

impl Observer for Panicking {
    fn observe(&self, event: &Observed) {
        self.0.observe(event);
        std::panic::panic_any(Again)
    }
}

/// What is thrown panics once more when it is dropped.
struct Again;

impl Drop for Again {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("again");
        }
    }
}

fn bank_with(observer: impl Observer, seen: Recorder) -> Bank {
    let (store, clock) = (FaultStore::new(MemoryStore::new()), ManualClock::new(START));
    let builder = part(keyring(), &store, &clock, &seen, 1).signing_key(signing());
    Bank { verifier: builder.observer(observer).build().unwrap(), clock, store, seen }
}

/// What the callers got.
#[derive(Default)]
struct Got(Vec<String>);

impl Got {
    fn note(&mut self, got: impl Debug) {
        self.0.push(format!("{got:?}"));
    }
}

async fn callbacks(bank: &Bank, got: &mut Got) {
    let of = bank.verifier.callbacks();
    let book = async |id: &str| of.book(&alice(), &booking(id, "anana")).await.unwrap().id;
    let id = book("req-1").await;
    let amended = AmendmentRequest::new(request("a-1")).secret(secret("banana"));
    got.note(of.amend(&alice(), &id, &amended).await);
    got.note(of.reveal(&call("call-0", &mallory(), agent("eve")), &id).await);
    got.note(of.reveal(&bob_rings("call-1"), &id).await);
    got.note(of.conclude(&alice(), &id, Verdict::Recognised).await);
    let id = book("req-2").await;
    got.note(of.cancel(&alice(), &id).await);
    let id = book("req-3").await;
    got.note(of.conclude(&alice(), &id, Verdict::NotRecognised).await);
    got.note(of.reveal(&bob_rings("call-3"), &id).await);
    got.note(of.conclude(&alice(), &id, Verdict::NotRecognised).await);
    let id = book("req-4").await;
    got.note(of.abandon(&bob_rings("call-4"), &id).await);
    book("req-5").await;
    bank.clock.set(window().until());
    got.note(of.list(&alice(), Page::first()).await);
}

async fn approvals(bank: &Bank, got: &mut Got) {
    let (credentials, step_ups) = (bank.verifier.credentials(), bank.verifier.step_ups());
    let (_, device) = app(bank).await;
    let call = bob_rings("call-1");
    let asked = async |id: &str| step_ups.request(&call, &asking(id, transfer())).await.unwrap();
    let first = asked("s-1").await;
    let id = first.step_up.id;
    let right = open(bank, &first).approve(&device, &pin("2468")).unwrap();
    got.note(step_ups.submit(&alice(), &id, &with_code(&first, "00000000")).await);
    got.note(step_ups.submit(&alice(), &id, &right).await);
    got.note(step_ups.submit(&alice(), &id, &right).await);
    let grant = crate::support::step_ups::grant(bank, &first).await;
    got.note(step_ups.redeem(&call, &grant, &transfer(), &request("k-1")).await);
    got.note(step_ups.redeem(&call, &grant, &change(), &request("k-1")).await);
    let second = asked("s-2").await;
    got.note(step_ups.decline(&alice(), &second.step_up.id, DeclineReason::ChangedMind).await);
    let third = asked("s-3").await;
    for wrong in 0..5 {
        let wrong = with_code(&third, &format!("0000000{wrong}"));
        got.note(step_ups.submit(&alice(), &third.step_up.id, &wrong).await);
    }
    got.note(credentials.unlock(&alice(), &device.id()).await);
    let seed = OtpSeed::from_bytes(&[7; 20]).unwrap();
    got.note(credentials.import(&alice(), &ImportRequest::hotp(seed, 0)).await);
    got.note(credentials.revoke(&alice(), &device.id()).await);
    got.note(credentials.enrol(&alice(), &EnrolmentRequest::totp(request("new"))).await.is_ok());
}

async fn challenges(bank: &Bank, got: &mut Got) {
    let of = bank.verifier.challenges();
    app(bank).await;
    let issue = async |id: &str| of.issue(&alice(), &challenge(id)).await.unwrap().challenge.id;
    let id = issue("ch-1").await;
    got.note(of.answer(&alice(), &id, &accept("a-1")).await);
    got.note(of.confirm(&alice(), &id, &request("c-1"), &slot()).await);
    let later = slot_between(12, 45);
    let token = of.reassign(&alice(), &id, &request("c-2"), &later).await.unwrap().token;
    bank.clock.set(START.after(15 * MINUTE));
    got.note(of.present(&fraud_rings("call-1"), &id).await.is_ok());
    got.note(of.conclude(&alice(), &id, appointment(&token), Verdict::Recognised).await);
    let id = issue("ch-2").await;
    got.note(of.answer(&alice(), &id, &Answer::Decline).await);
    let id = issue("ch-3").await;
    got.note(of.answer(&alice(), &id, &Answer::Report).await);
    let id = issue("ch-4").await;
    got.note(of.revoke(&alice(), &id).await);
    got.note(bank.verifier.contact().open(&inbound("call-2")).await);
    got.note(bank.verifier.contact().status(&alice(), StatusNonce::from_bytes([1; 16])).await);
    got.note(bank.verifier.contact().close(&inbound("call-2")).await);
}

/// The same calls with an observer that returns and with one that panics.
#[tokio::test]
async fn an_observer_that_panics_changes_nothing_for_anybody() {
    let (quiet, panicking) = (Recorder::default(), Panicking::default());
    let mut played = Vec::new();
    for ceremony in 0..3 {
        let banks = [
            bank_with(quiet.clone(), quiet.clone()),
            bank_with(panicking.clone(), panicking.0.clone()),
        ];
        let mut all = Vec::new();
        for bank in banks {
            let mut got = Got::default();
            match ceremony {
                0 => callbacks(&bank, &mut got).await,
                1 => approvals(&bank, &mut got).await,
                _ => challenges(&bank, &mut got).await,
            }
            let histories = bank.verifier.history(&alice(), Page::first()).await.unwrap();
            let told = bank.seen.take();
            all.push((got.0, histories, bank.store.records(), told, bank.verifier));
        }
        let [(got, histories, records, told, first), other] = all.try_into().ok().unwrap();
        assert_eq!(other.0, got);
        assert_eq!(other.1, histories);
        assert_eq!(other.2, records);
        assert_eq!(other.3, told);
        assert_eq!((first.observer_panics(), other.4.observer_panics()), (0, told.len()));
        played.extend(told);
    }
    let actions: BTreeSet<Action> = played.iter().map(|event| event.action).collect();
    for action in [
        Action::Book,
        Action::Amend,
        Action::Cancel,
        Action::Reveal,
        Action::Recognise,
        Action::NotRecognise,
        Action::Report,
        Action::Abandon,
        Action::Expire,
        Action::Enrol,
        Action::Import,
        Action::Confirm,
        Action::Revoke,
        Action::Unlock,
        Action::Verify,
        Action::Lock,
        Action::RequestStepUp,
        Action::Approve,
        Action::Decline,
        Action::Redeem,
        Action::IssueChallenge,
        Action::AnswerChallenge,
        Action::DeclineChallenge,
        Action::ReportChallenge,
        Action::ConfirmAppointment,
        Action::Reassign,
        Action::Present,
        Action::RevokeChallenge,
        Action::Open,
        Action::Close,
        Action::WarnOfRelay,
    ] {
        assert!(actions.contains(&action), "{action:?} was not played");
    }
}
