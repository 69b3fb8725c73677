//! What a refused code tells: nothing. And what each call of a step-up asks of the store.

use std::collections::BTreeSet;

use countersign::credential::{ImportRequest, Method};
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::otp::ocra::Response;
use countersign::otp::{Algorithm, Digits, OtpSeed, Totp};
use countersign::page::Page;
use countersign::step_up::{DeclineReason, GivenAnswer, StepUpAnswer, StepUpStatus};
use countersign::{Error, Policy, StepUpId};

use crate::support::credentials::{app, pin, refused, response};
use crate::support::step_ups::{asking, bank, bank_of, change, grant, open, transfer, with_code};
use crate::support::*;

fn any_method() -> Policy {
    let mut policy = Policy::default();
    policy.step_ups.per_customer = 20;
    policy
}

/// All that a caller sees of a refusal, and why it was one.
async fn told<'a>(
    bank: &Bank,
    customer: &countersign::CustomerId,
    id: &StepUpId,
    code: impl Into<GivenAnswer<'a>>,
) -> (String, Reason) {
    bank.seen.take();
    let error = bank.verifier.step_ups().submit(customer, id, code).await.unwrap_err();
    let whole = format!("{error}|{error:?}|{:#?}", error);
    let source = std::error::Error::source(&error).map(|source| format!("{source}|{source:?}"));
    let Error::Refused(inner) = error else { panic!("{error:?}") };
    let json = serde_json::to_string(&inner).unwrap();
    let seen = bank.seen.take();
    let Outcome::Refused(reason) = seen[0].outcome else { panic!("{seen:?}") };
    (format!("{whole}|{source:?}|{inner}|{inner:?}|{json}|{}", size_of_val(&inner)), reason)
}

#[tokio::test]
async fn every_refused_code_reads_alike_byte_for_byte() {
    let bank = bank_of(any_method());
    let (step_ups, credentials) = (bank.verifier.step_ups(), bank.verifier.credentials());
    let call = bob_rings("call-1");
    let ask = async |id: &str, method| {
        step_ups.request(&call, &asking(id, change()).by(method)).await.unwrap()
    };
    let (_, device) = app(&bank).await;
    let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
    let fob = credentials.import(&alice(), &ImportRequest::totp(seed())).await.unwrap();
    let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let mut forms = BTreeSet::new();
    let mut reasons = Vec::new();
    let mut note = |(form, reason)| {
        forms.insert(form);
        reasons.push(reason);
    };

    // A used code, for another step-up and for its own.
    let (one, two) = (ask("one", Method::Totp).await, ask("two", Method::Totp).await);
    let used = response(&totp.generate(START.unix()));
    step_ups.submit(&alice(), &one.step_up.id, &used).await.unwrap();
    note(told(&bank, &alice(), &two.step_up.id, &used).await);
    // A wrong one, twice.
    let wrong: Response = "000000".parse().unwrap();
    note(told(&bank, &alice(), &two.step_up.id, &wrong).await);
    note(told(&bank, &alice(), &two.step_up.id, &wrong).await);
    // A wrong PIN; a code of another length; whole HMACs.
    let third = ask("three", Method::Ocra).await;
    let id = third.step_up.id;
    let shown = open(&bank, &third);
    note(told(&bank, &alice(), &id, &shown.approve(&device, &pin("8642")).unwrap()).await);
    note(told(&bank, &alice(), &id, &with_code(&third, "000000")).await);
    note(told(&bank, &alice(), &id, &with_code(&third, &"ab".repeat(32))).await);
    // Another customer's step-up, and none at all.
    let right = shown.approve(&device, &pin("2468")).unwrap();
    note(told(&bank, &mallory(), &id, &right).await);
    note(told(&bank, &alice(), &"00000000000000000000000000".parse().unwrap(), &right).await);
    // Locked: the right one.
    for n in 0..2_u32 {
        note(told(&bank, &alice(), &id, &with_code(&third, &format!("{n:010}"))).await);
    }
    note(told(&bank, &alice(), &id, &right).await);
    // Its credential was revoked.
    let fourth = ask("four", Method::Totp).await;
    credentials.revoke(&alice(), &fob.id).await.unwrap();
    bank.clock.advance(MINUTE);
    let next = response(&totp.generate(START.unix() + 60));
    note(told(&bank, &alice(), &fourth.step_up.id, &next).await);
    // Declined, and too late.
    step_ups.decline(&alice(), &two.step_up.id, DeclineReason::ChangedMind).await.unwrap();
    note(told(&bank, &alice(), &two.step_up.id, &next).await);
    bank.clock.advance(HOUR);
    note(told(&bank, &alice(), &id, &right).await);

    assert_eq!(forms.len(), 1, "{forms:#?}");
    assert_eq!(
        reasons,
        [
            Reason::Replayed,
            Reason::WrongCode,
            Reason::WrongCode,
            Reason::WrongCode,
            Reason::WrongCode,
            Reason::WrongCode,
            Reason::Unknown,
            Reason::Unknown,
            Reason::WrongCode,
            Reason::WrongCode,
            Reason::Locked,
            Reason::Ended,
            Reason::Ended,
            Reason::Ended,
        ]
    );
}

/// Whatever comes of it, and for every way in which a code is made.
#[tokio::test]
async fn a_submit_asks_the_store_five_times_at_most_and_a_redemption_four_times() {
    let bank = bank_of(any_method());
    let step_ups = bank.verifier.step_ups();
    let call = bob_rings("call-1");
    let (_, device) = app(&bank).await;
    let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
    bank.verifier.credentials().import(&alice(), &ImportRequest::totp(seed())).await.unwrap();
    let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let submit = async |whose, id: StepUpId, code: &StepUpAnswer| {
        let before = bank.store.calls();
        let result = step_ups.submit(&whose, &id, code).await;
        (bank.store.calls() - before, result)
    };
    for method in [Method::Ocra, Method::Totp] {
        let asking = asking(&format!("{method:?}"), change()).by(method);
        let requested = step_ups.request(&call, &asking).await.unwrap();
        let id = requested.step_up.id;
        let right = match method {
            Method::Ocra => open(&bank, &requested).approve(&device, &pin("2468")).unwrap(),
            _ => with_code(&requested, totp.generate(START.unix()).expose()),
        };
        let wrong = with_code(&requested, "000000");
        let mut calls = Vec::new();
        for (whose, code) in [(mallory(), &right), (alice(), &wrong), (alice(), &wrong)] {
            let (made, result) = submit(whose, id, code).await;
            refused(result);
            calls.push(made);
        }
        for code in [&right, &right, &wrong] {
            let (made, result) = submit(alice(), id, code).await;
            assert_eq!(result.unwrap().status, StepUpStatus::Approved);
            calls.push(made);
        }
        // Unknown, wrong, wrong again, approved, the same again, and any after that.
        assert_eq!(calls, [2, 3, 2, 5, 2, 2], "{method:?}");

        let grant = grant(&bank, &requested).await;
        let mut calls = Vec::new();
        for (key, done) in [("k", true), ("k", true), ("other", false)] {
            let before = bank.store.calls();
            let result = step_ups.redeem(&call, &grant, &change(), &request(key)).await;
            assert_eq!(result.is_ok(), done);
            calls.push(bank.store.calls() - before);
        }
        assert_eq!(calls, [4, 3, 3], "{method:?}");
    }
}

/// Nothing is written for what a locked credential refuses.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_wrong_codes_at_once_are_five_writes() {
    let bank = bank();
    let (held, device) = app(&bank).await;
    let call = bob_rings("call-1");
    let requested =
        bank.verifier.step_ups().request(&call, &asking("s", transfer())).await.unwrap();
    let id = requested.step_up.id;
    let right = open(&bank, &requested).approve(&device, &pin("2468")).unwrap();
    let before = bank.store.records();
    let tasks: Vec<_> = (0..1000_u32)
        .map(|n| {
            let verifier = bank.verifier.clone();
            // None has the length of a right one.
            let code = with_code(&requested, &format!("{n:010}"));
            tokio::spawn(async move { verifier.step_ups().submit(&alice(), &id, &code).await })
        })
        .collect();
    for task in tasks {
        refused(task.await.unwrap());
    }
    // One record changed, five times.
    let after = bank.store.records();
    assert_eq!(after.len(), before.len());
    let changed: Vec<_> = before.iter().zip(&after).filter(|(one, other)| one != other).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].0.0, changed[0].1.0);
    assert_eq!(changed[0].1.1.head.version - changed[0].0.1.head.version, 5);
    let history = histories(&bank.verifier, a_credential).await.remove(0);
    assert_eq!(history.refusals, 5);
    let wrong = Outcome::Refused(Reason::WrongCode);
    let count = |action, outcome| {
        let same =
            |e: &&countersign::history::HistoryEvent| (e.action, e.outcome) == (action, outcome);
        history.events.iter().filter(same).count()
    };
    assert_eq!((count(Action::Verify, wrong), count(Action::Lock, Outcome::Done)), (5, 1));

    // Still locked just before its end, and at the end open to the right code alone.
    let listed = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
    let until = listed.items.iter().find(|one| one.id == held.id).unwrap().locked_until.unwrap();
    assert_eq!(until, START.after(HOUR / 2));
    refused(bank.verifier.step_ups().submit(&alice(), &id, &right).await);
    assert_eq!(bank.store.records(), after);
    bank.clock.set(until);
    let again = bank.verifier.step_ups().request(&call, &asking("s-2", transfer())).await.unwrap();
    let right = open(&bank, &again).approve(&device, &pin("2468")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &again.step_up.id, &right).await.unwrap();
}
