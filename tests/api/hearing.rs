//! What an app makes of the codes that its customer hears: each is genuine once, in its slot, after three tries at
//! most, and for the appointment in force alone.

use std::time::Duration;

use countersign::callback::Verdict;
use countersign::challenge::{Acceptance, Answer, ChallengeStatus};
use countersign::device::{CODE_ATTEMPTS, CodeAttempts, CodeCheck, MalformedCodeAttempts};
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::token::TokenId;

use crate::support::challenges::{appointment, fraud_rings, other_than, phone, signing_bank, slot};
use crate::support::credentials::{app, refused};
use crate::support::hearing::{hear, presented};
use crate::support::*;

/// An overheard code is said again: it was genuine once.
#[tokio::test]
async fn an_overheard_code_is_not_genuine_a_second_time() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let (id, token) = bank.confirmed().await;
    let said = presented(&bank, &id, "call-1").await;
    let mut kept = CodeAttempts::new().to_bytes();
    for expected in [CodeCheck::Genuine, CodeCheck::HangUpAndReport, CodeCheck::HangUpAndReport] {
        // The app is ended in between.
        let shown = phone().open_appointment(&token, bank.now()).unwrap();
        let mut attempts = CodeAttempts::from_bytes(&kept).unwrap();
        assert_eq!(
            shown.check_spoken_code(&device, &said, &mut attempts, bank.now()),
            Ok(expected)
        );
        assert_eq!(attempts.attempts_left(shown.id()), 0);
        kept = attempts.to_bytes();
    }
}

/// Guessing aloud: three wrong codes, then nothing is compared, across restarts of the app too.
#[tokio::test]
async fn guessing_aloud_ends_after_three() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let (id, token) = bank.confirmed().await;
    let said = presented(&bank, &id, "call-1").await;
    let mut kept = CodeAttempts::new().to_bytes();
    for expected in [
        CodeCheck::NotGenuine { attempts_left: 2 },
        CodeCheck::NotGenuine { attempts_left: 1 },
        CodeCheck::HangUpAndReport,
    ] {
        let shown = phone().open_appointment(&token, bank.now()).unwrap();
        let mut attempts = CodeAttempts::from_bytes(&kept).unwrap();
        let wrong = other_than(&said, 7);
        assert_eq!(
            shown.check_spoken_code(&device, &wrong, &mut attempts, bank.now()),
            Ok(expected)
        );
        kept = attempts.to_bytes();
    }
    let shown = phone().open_appointment(&token, bank.now()).unwrap();
    let mut attempts = CodeAttempts::from_bytes(&kept).unwrap();
    let heard = shown.check_spoken_code(&device, &said, &mut attempts, bank.now());
    assert_eq!(heard, Ok(CodeCheck::HangUpAndReport));
}

/// Outside of the slot no agent was given the code, so nobody who says it is genuine.
#[tokio::test]
async fn a_code_outside_of_the_slot_is_not_compared() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let (id, token) = bank.confirmed().await;
    let said = presented(&bank, &id, "call-1").await;
    let second = Duration::from_secs(1);
    let slot = slot().window;
    let shown = phone().open_appointment(&token, bank.now()).unwrap();
    let mut attempts = CodeAttempts::new();
    let late = slot.until().after(30 * second);
    for outside in [START, slot.from().before(31 * second), late] {
        let heard = shown.check_spoken_code(&device, &said, &mut attempts, outside);
        assert_eq!(heard, Ok(CodeCheck::OutsideSlot));
    }
    assert_eq!(attempts, CodeAttempts::new());
    let leeway = slot.from().before(30 * second);
    assert_eq!(
        shown.check_spoken_code(&device, &said, &mut attempts, leeway),
        Ok(CodeCheck::Genuine)
    );
}

/// A phone that is offline does not know that an appointment was replaced, and takes its code for genuine: the
/// enterprise does not.
#[tokio::test]
async fn the_code_of_a_replaced_appointment_counts_for_no_other() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let challenges = bank.verifier.challenges();
    let (id, first) = bank.confirmed().await;
    let old = presented(&bank, &id, "call-1").await;
    let again = challenges.reassign(&alice(), &id, &request("c-2"), &slot()).await.unwrap();
    assert_eq!(hear(&bank, &first, &device, &old), CodeCheck::Genuine, "the phone is offline");
    let conclude = async |of: &str, verdict| {
        challenges.conclude(&alice(), &id, appointment(of), verdict).await
    };
    for presented_anew in [false, true] {
        if presented_anew {
            presented(&bank, &id, "call-2").await;
        }
        bank.seen.take();
        refused(conclude(&first, Verdict::Recognised).await);
        let refusal = Outcome::Refused(Reason::Superseded);
        assert_eq!(bank.seen.take()[0].outcome, refusal);
        assert_eq!(*bank.happened().await.last().unwrap(), (Action::Recognise, refusal));
    }
    // That caller is reported, and the appointment in force stands.
    let reported = conclude(&first, Verdict::NotRecognised).await.unwrap();
    assert!(reported.reported && reported.status == ChallengeStatus::Presented);
    let concluded = conclude(&again.token, Verdict::Recognised).await.unwrap();
    assert_eq!(concluded.status, ChallengeStatus::Recognised);
    refused(conclude(&first, Verdict::Recognised).await);
}

/// One memory for all appointments: hearing one forgets no other.
#[tokio::test]
async fn an_overheard_code_stays_so_whatever_is_heard_in_between() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let challenges = bank.verifier.challenges();
    let asked = crate::support::challenges::challenge("other").at(slot());
    let issued = challenges.issue(&alice(), &asked).await.unwrap();
    let (other, token) = (issued.challenge.id, issued.appointment.unwrap());
    let (id, first) = bank.confirmed().await;
    let [said, also] =
        [presented(&bank, &id, "call-1").await, presented(&bank, &other, "call-2").await];
    let shown = [first, token].map(|token| phone().open_appointment(&token, bank.now()).unwrap());
    let mut attempts = CodeAttempts::new();
    let mut hear = |at: usize, said: &str| {
        let heard = shown[at].check_spoken_code(&device, said, &mut attempts, bank.now()).unwrap();
        attempts = CodeAttempts::from_bytes(&attempts.to_bytes()).unwrap();
        heard
    };
    assert_eq!(hear(0, &other_than(&said, 7)), CodeCheck::NotGenuine { attempts_left: 2 });
    assert_eq!(hear(1, &also), CodeCheck::Genuine);
    assert_eq!(hear(0, &other_than(&said, 8)), CodeCheck::NotGenuine { attempts_left: 1 });
    assert_eq!(hear(0, &said), CodeCheck::Genuine);
    assert_eq!(hear(1, &also), CodeCheck::HangUpAndReport);
    assert_eq!(hear(0, &said), CodeCheck::HangUpAndReport);
    // An app that was ended before it could tell the enterprise knows what it has still to tell.
    assert!(shown.iter().all(|shown| attempts.was_genuine(shown.id())));
    assert!(!attempts.was_genuine(crate::support::challenges::NO_APPOINTMENT));
}

/// What was heard of an appointment is forgotten thirty days after its token expired, and no earlier: a device's
/// clock may be set back by as much.
#[tokio::test]
async fn what_was_heard_is_remembered_for_thirty_days() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let (id, token) = bank.confirmed().await;
    let said = presented(&bank, &id, "call-1").await;
    let shown = phone().open_appointment(&token, bank.now()).unwrap();
    let mut heard = CodeAttempts::new();
    assert_eq!(
        shown.check_spoken_code(&device, &said, &mut heard, bank.now()),
        Ok(CodeCheck::Genuine)
    );
    // A second passes before the thirty days are over, and then they are.
    let forgotten = shown.slot().until().after(30 * 24 * HOUR);
    for (at, remembered) in [(forgotten.before(Duration::from_secs(1)), true), (forgotten, false)] {
        let bank = signing_bank();
        let (_, device) = app(&bank).await;
        bank.clock.set(at);
        let challenges = bank.verifier.challenges();
        let window = countersign::Window::new(at, at.after(HOUR)).unwrap();
        let mut later = slot();
        later.window = window;
        let later = crate::support::challenges::challenge("later").at(later);
        let issued = challenges.issue(&alice(), &later).await.unwrap();
        let other = phone().open_appointment(&issued.appointment.unwrap(), at).unwrap();
        let mut attempts = heard.clone();
        let _ = other.check_spoken_code(&device, &said, &mut attempts, at).unwrap();
        assert_eq!(attempts.was_genuine(shown.id()), remembered, "{at}");
    }
}

/// The customer's own word is the same in an appointment that took another's place: the phone need not know of that.
#[tokio::test]
async fn a_word_counts_whichever_appointment_the_phone_knows() {
    let bank = signing_bank();
    let challenges = bank.verifier.challenges();
    let id = bank.issued().await.challenge.id;
    let word = Acceptance::new(request("a-1")).with_word(secret("anana"));
    challenges.answer(&alice(), &id, &Answer::Accept(word)).await.unwrap();
    let first = challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await.unwrap().token;
    challenges.reassign(&alice(), &id, &request("c-2"), &slot()).await.unwrap();
    bank.clock.set(START.after(15 * MINUTE));
    let of = appointment(&first);
    let conclude = async || challenges.conclude(&alice(), &id, of, Verdict::Recognised).await;
    refused(conclude().await);
    assert_eq!(bank.seen.take().last().unwrap().outcome, Outcome::Refused(Reason::NothingRevealed));
    challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
    assert_eq!(conclude().await.unwrap().status, ChallengeStatus::Recognised);
}

/// Two false callers, about an appointment and about the one that took its place, are two reports.
#[tokio::test]
async fn each_appointment_s_false_caller_is_reported() {
    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let (id, first) = bank.confirmed().await;
    let again = challenges.reassign(&alice(), &id, &request("c-2"), &slot()).await.unwrap().token;
    let report = (Action::ReportChallenge, Outcome::Done);
    for (of, reports) in [(&first, 1), (&first, 1), (&again, 2), (&again, 2), (&first, 2)] {
        let of = appointment(of);
        bank.seen.take();
        challenges.conclude(&alice(), &id, of, Verdict::NotRecognised).await.unwrap();
        let told = bank.seen.take();
        assert_eq!((told[0].action, told.len()), (Action::ReportChallenge, 1));
        let happened = bank.happened().await;
        assert_eq!(happened.iter().filter(|one| **one == report).count(), reports);
    }
    // Nor do reports about what there never was fill the history.
    for n in 0..20 {
        let of = TokenId::from_bytes([n; 16]);
        challenges.conclude(&alice(), &id, of, Verdict::NotRecognised).await.unwrap();
    }
    let happened = bank.happened().await;
    assert_eq!(happened.iter().filter(|one| **one == report).count(), 8);
}

#[test]
fn what_an_app_remembers_is_read_back_exactly_or_refused() {
    let good = {
        let mut bytes = vec![1];
        for (id, left) in [(7, 2), (8, 0), (9, 255)] {
            bytes.extend([id; 16]);
            bytes.extend(START.unix().to_be_bytes());
            bytes.push(left);
        }
        bytes
    };
    let attempts = CodeAttempts::from_bytes(&good).unwrap();
    assert_eq!(attempts.to_bytes(), good);
    let left = |id| attempts.attempts_left(TokenId::from_bytes([id; 16]));
    assert_eq!([left(7), left(8), left(9), left(10)], [2, 0, 0, CODE_ATTEMPTS]);
    let genuine = |id| attempts.was_genuine(TokenId::from_bytes([id; 16]));
    assert_eq!([genuine(7), genuine(8), genuine(9), genuine(10)], [false, false, true, false]);
    for length in 0..good.len() {
        let whole = length > 0 && (length - 1) % 25 == 0;
        assert_eq!(CodeAttempts::from_bytes(&good[..length]).is_ok(), whole, "{length}");
    }
    let changed = |at: usize, to: u8| {
        let mut bytes = good.clone();
        bytes[at] = to;
        CodeAttempts::from_bytes(&bytes)
    };
    let malformed: [Result<CodeAttempts, MalformedCodeAttempts>; 3] =
        [changed(0, 2), changed(25, CODE_ATTEMPTS), changed(17, 0xFF)];
    assert!(malformed.iter().all(Result::is_err), "another format, too many, no time");
    let twice = [&good[..], &good[1..26]].concat();
    assert!(CodeAttempts::from_bytes(&twice).is_err(), "twice the same");
}
