//! "That was not you", said after the end: it stands in history, in receipts and with the observer, whoever ended it.

use std::time::Duration;

use countersign::callback::{CallbackStatus, Verdict};
use countersign::challenge::{Answer, ChallengeStatus};
use countersign::contact::Status;
use countersign::history::{Action, Actor, Outcome, Subject};
use countersign::page::Page;
use countersign::store::Store;
use countersign::token::{Purpose, TrustedKeys};
use countersign::{CallbackId, ChallengeId, Device};

use crate::support::challenges::{
    NO_APPOINTMENT, accept, appointment, challenge, fraud_rings, signing, signing_bank, slot,
    slot_between,
};
use crate::support::credentials::{app, refused};
use crate::support::*;

const ENDS: [&str; 9] = [
    "abandoned",
    "shown and abandoned",
    "expired in this second",
    "expired long ago",
    "shown and expired",
    "cancelled",
    "shown and cancelled",
    "recognised",
    "reported, shown and abandoned",
];

/// A callback that has ended so; nothing has noted yet that the time is over.
async fn ended(bank: &Bank, end: &str) -> (CallbackId, CallbackStatus) {
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    if end.starts_with("reported") {
        callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
    }
    if end.contains("shown") || end == "recognised" {
        callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    }
    let status = match end {
        _ if end.ends_with("abandoned") => {
            callbacks.abandon(&bob_rings("call-1"), &id).await.unwrap();
            CallbackStatus::NoAnswer
        }
        _ if end.ends_with("cancelled") => {
            callbacks.cancel(&alice(), &id).await.unwrap();
            CallbackStatus::Cancelled
        }
        "recognised" => {
            callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
            CallbackStatus::Recognised
        }
        _ => CallbackStatus::Expired,
    };
    let over = match end {
        "expired in this second" => Duration::ZERO,
        "shown and expired" => DAY,
        "expired long ago" => DAY * 300,
        _ => return (id, status),
    };
    bank.clock.set(window().until().after(over));
    (id, status)
}

async fn reports(bank: &Bank) -> Vec<(Actor, Outcome)> {
    let histories = bank.verifier.history(&alice(), Page::first()).await.unwrap().items;
    let events = histories.iter().flat_map(|history| &history.events);
    events
        .filter(|event| event.action == Action::Report)
        .map(|event| (event.actor.clone(), event.outcome))
        .collect()
}

#[tokio::test]
async fn a_caller_is_reported_after_every_end_of_a_callback() {
    for end in ENDS {
        let bank = bank();
        let (id, status) = ended(&bank, end).await;
        let callbacks = bank.verifier.callbacks();
        let before = usize::from(end.starts_with("reported"));
        bank.seen.take();
        let reported = callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
        assert_eq!((reported.status, reported.reported), (status, true), "{end}");
        let told = bank.seen.take();
        let last = told.last().unwrap();
        assert_eq!(
            (last.action, last.outcome, last.repeated),
            (Action::Report, Outcome::Done, false)
        );
        let expired = told.iter().filter(|one| one.action == Action::Expire).count();
        assert_eq!(expired, usize::from(status == CallbackStatus::Expired), "{end}");
        assert_eq!(reports(&bank).await.len(), before + 1, "{end}");
        assert_eq!(reports(&bank).await[before], (Actor::Customer, Outcome::Done));

        // Again it is the same report.
        let written = bank.store.records();
        let again = callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
        assert_eq!(again, reported);
        let told = bank.seen.take();
        assert_eq!((told[0].action, told[0].repeated, told.len()), (Action::Report, true, 1));
        assert_eq!(bank.store.records(), written, "{end}");

        // It opens nothing again.
        bank.clock.set(START.after(MINUTE));
        for call in [bob_rings("call-1"), bob_rings("call-2")] {
            refused(callbacks.reveal(&call, &id).await);
        }
        refused(callbacks.abandon(&bob_rings("call-2"), &id).await);
        let banana =
            countersign::callback::AmendmentRequest::new(request("a-9")).secret(secret("banana"));
        refused(callbacks.amend(&alice(), &id, &banana).await);
        let recognised = callbacks.conclude(&alice(), &id, Verdict::Recognised).await;
        assert_eq!(recognised.is_ok(), status == CallbackStatus::Recognised, "{end}");
        let listed = callbacks.list(&alice(), Page::first()).await.unwrap().items.remove(0);
        assert_eq!((listed.status, listed.reported), (status, true), "{end}");
        assert_eq!(reports(&bank).await.len(), before + 1, "{end}");
    }
}

/// Whoever wrote that it was over, and whatever the time was there.
#[tokio::test]
async fn a_clock_that_was_ahead_vetoes_no_report() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    bank.clock.set(window().until().after(DAY * 30));
    refused(callbacks.reveal(&bob_rings("call-1"), &id).await);
    bank.clock.set(START.after(MINUTE));
    let reported = callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
    assert_eq!((reported.status, reported.reported), (CallbackStatus::Expired, true));
    assert_eq!(reports(&bank).await.len(), 1);
    refused(callbacks.reveal(&bob_rings("call-1"), &id).await);
}

/// A dispute finds it for as long as one that was made in time.
#[tokio::test]
async fn a_late_report_is_kept_as_long_as_one_in_time() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let (id, _) = ended(&bank, "shown and abandoned").await;
    let late = START.after(DAY * 400);
    bank.clock.set(late);
    callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
    let kept = async |at| {
        bank.clock.set(at);
        bank.store.purge(at, 1000).await.unwrap();
        !callbacks.list(&alice(), Page::first()).await.unwrap().items.is_empty()
    };
    assert!(kept(late.after(DAY * 400)).await);
    // Once: to repeat it keeps nothing.
    callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
    assert!(!kept(late.after(DAY * 402)).await);
}

#[tokio::test]
async fn a_late_report_is_in_the_receipts() {
    let bank = signing_bank();
    let (id, _) = ended(&bank, "shown and abandoned").await;
    let before = bank.verifier.history_receipt(&alice(), Subject::Callback(id)).await.unwrap();
    bank.verifier.callbacks().conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
    let after = bank.verifier.history_receipt(&alice(), Subject::Callback(id)).await.unwrap();
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::HistoryHead).unwrap();
    let histories = bank.verifier.history(&alice(), Page::first()).await.unwrap().items;
    let more = |receipt: &str| {
        Device::new(keys.clone(), alice()).check_history(receipt, &histories, START.after(MINUTE))
    };
    assert_eq!((more(&before), more(&after)), (Ok(1), Ok(0)));
}

/// Whom the customer says was not us is not told to them as ours, though they had recognised them first.
#[tokio::test]
async fn who_was_reported_is_recognised_no_more() {
    for by_callback in [true, false] {
        let bank = signing_bank();
        app(&bank).await;
        let (callbacks, challenges) = (bank.verifier.callbacks(), bank.verifier.challenges());
        let (challenge, token) = bank.confirmed().await;
        let callback = bank.booked().await.id;
        let call = fraud_rings("call-1");
        bank.verifier.contact().open(&call).await.unwrap();
        if by_callback {
            callbacks.reveal(&call, &callback).await.unwrap();
        } else {
            challenges.present(&call, &challenge).await.unwrap();
        }
        let mut keys = TrustedKeys::new(issuer());
        keys.trust(*signing().public_key(), Purpose::Status).unwrap();
        let phone = Device::new(keys, alice());
        let status = async |n| {
            let question = crate::support::presence::question(n, bank.now());
            let token = bank.verifier.contact().status(&alice(), question.nonce()).await.unwrap();
            phone.open_status(&token, &question, bank.now()).unwrap().status()
        };
        let conclude = async |verdict| {
            if by_callback {
                callbacks.conclude(&alice(), &callback, verdict).await.unwrap();
            } else {
                let of = appointment(&token);
                challenges.conclude(&alice(), &challenge, of, verdict).await.unwrap();
            }
        };
        conclude(Verdict::Recognised).await;
        assert!(matches!(status(1).await, Status::TalkingToYou { .. }));
        conclude(Verdict::NotRecognised).await;
        assert_eq!(status(2).await, Status::Calling);
    }
}

const CHALLENGE_ENDS: [(&str, ChallengeStatus); 8] = [
    ("revoked", ChallengeStatus::Revoked),
    ("shown and revoked", ChallengeStatus::Revoked),
    ("declined", ChallengeStatus::Declined),
    ("expired in this second", ChallengeStatus::Expired),
    ("shown and expired", ChallengeStatus::Expired),
    ("shown and recognised", ChallengeStatus::Recognised),
    ("answered with a report", ChallengeStatus::Reported),
    ("reported, shown and revoked", ChallengeStatus::Revoked),
];

/// A challenge of which one appointment was replaced, and then it ended so.
async fn ended_challenge(
    bank: &Bank,
    end: &str,
) -> (ChallengeId, [countersign::token::TokenId; 2]) {
    let challenges = bank.verifier.challenges();
    let (id, first) = bank.confirmed().await;
    let again = challenges.reassign(&alice(), &id, &request("c-2"), &slot_between(5, 40)).await;
    let of = [appointment(&first), appointment(&again.unwrap().token)];
    let conclude = async |verdict| challenges.conclude(&alice(), &id, of[1], verdict).await;
    if end.starts_with("reported") {
        conclude(Verdict::NotRecognised).await.unwrap();
    }
    if end.contains("shown") {
        challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    }
    let over = slot().window.until();
    match end {
        _ if end.ends_with("revoked") => drop(challenges.revoke(&alice(), &id).await.unwrap()),
        "declined" => drop(challenges.answer(&alice(), &id, &Answer::Decline).await.unwrap()),
        "answered with a report" => {
            challenges.answer(&alice(), &id, &Answer::Report).await.unwrap();
        }
        "shown and recognised" => drop(conclude(Verdict::Recognised).await.unwrap()),
        "shown and expired" => bank.clock.set(over.after(DAY)),
        _ => bank.clock.set(over),
    }
    (id, of)
}

#[tokio::test]
async fn a_caller_is_reported_after_every_end_of_a_challenge() {
    for (end, status) in CHALLENGE_ENDS {
        let bank = signing_bank();
        app(&bank).await;
        let (id, of) = ended_challenge(&bank, end).await;
        let challenges = bank.verifier.challenges();
        let conclude = async |of, verdict| challenges.conclude(&alice(), &id, of, verdict).await;
        let count = async || {
            let happened = bank.happened().await;
            let report = (Action::ReportChallenge, Outcome::Done);
            happened.iter().filter(|one| **one == report).count()
        };
        let before = count().await;
        // About the one in force, the one that was replaced, and one that nobody knows.
        for (n, of) in [of[1], of[0], NO_APPOINTMENT].into_iter().enumerate() {
            bank.seen.take();
            let reported = conclude(of, Verdict::NotRecognised).await.unwrap();
            assert_eq!((reported.status, reported.reported), (status, true), "{end}");
            let told = bank.seen.take();
            let last = told.last().unwrap();
            assert_eq!((last.action, last.repeated), (Action::ReportChallenge, false), "{end}");
            assert_eq!(last.outcome, Outcome::Done);
            assert_eq!(count().await, before + n + 1, "{end}");
            let written = bank.store.records();
            assert_eq!(conclude(of, Verdict::NotRecognised).await.unwrap(), reported);
            assert!(bank.seen.take().iter().all(|one| one.repeated));
            assert_eq!(bank.store.records(), written, "{end}");
        }
        // There are no more of them than there can be appointments.
        for n in 1..20 {
            let unknown = countersign::token::TokenId::from_bytes([n; 16]);
            conclude(unknown, Verdict::NotRecognised).await.unwrap();
        }
        assert_eq!(count().await, before + 8, "{end}");

        bank.clock.set(START.after(15 * MINUTE));
        refused(challenges.present(&fraud_rings("call-1"), &id).await);
        refused(challenges.reassign(&alice(), &id, &request("c-9"), &slot_between(5, 90)).await);
        refused(challenges.answer(&alice(), &id, &accept("a-9")).await);
        refused(challenges.appointment(&alice(), &id).await);
        assert_eq!(bank.challenge_status(&id).await, status, "{end}");
    }
}

/// The caller said the code of an appointment that was replaced, and the right one was not recognised before.
#[tokio::test]
async fn another_caller_is_reported_after_one_who_was_not_recognised() {
    let bank = signing_bank();
    app(&bank).await;
    let (id, of) = ended_challenge(&bank, "shown").await;
    bank.clock.set(START.after(15 * MINUTE));
    let challenges = bank.verifier.challenges();
    let not_you = async |of| {
        challenges.conclude(&alice(), &id, of, Verdict::NotRecognised).await.unwrap().status
    };
    assert_eq!(not_you(of[1]).await, ChallengeStatus::NotRecognised);
    assert_eq!(not_you(of[0]).await, ChallengeStatus::NotRecognised);
    assert_eq!(not_you(of[1]).await, ChallengeStatus::NotRecognised, "repeated");
    let happened = bank.happened().await;
    let report = (Action::ReportChallenge, Outcome::Done);
    assert_eq!(happened.last(), Some(&report));
    assert_eq!(happened.iter().filter(|one| **one == report).count(), 1);
}

#[tokio::test]
async fn a_late_report_of_a_challenge_is_kept_as_long_as_one_in_time() {
    for by_answer in [true, false] {
        let bank = signing_bank();
        let challenges = bank.verifier.challenges();
        let id = challenges.issue(&alice(), &challenge("ch-1")).await.unwrap().challenge.id;
        challenges.revoke(&alice(), &id).await.unwrap();
        let late = START.after(DAY * 399);
        bank.clock.set(late);
        if by_answer {
            challenges.answer(&alice(), &id, &Answer::Report).await.unwrap();
        } else {
            let verdict = Verdict::NotRecognised;
            challenges.conclude(&alice(), &id, NO_APPOINTMENT, verdict).await.unwrap();
        }
        let later = late.after(DAY * 400);
        bank.clock.set(later);
        bank.store.purge(later, 1000).await.unwrap();
        assert_eq!(bank.happened().await.len(), 3);
    }
}
