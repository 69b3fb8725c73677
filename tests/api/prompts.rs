//! What prompts ask besides the approval: digits that the agent says, and who rang whom. Declining with a reason, and
//! limits that no caller can spend.

use std::sync::{Arc, Mutex};

use countersign::credential::{EnrolmentRequest, Method};
use countersign::device::{DeviceCredentialError, WhoRangCheck};
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::policy::PromptCheck;
use countersign::step_up::{
    DeclineReason, MatchDigits, StepUpAnswer, StepUpOutcome, StepUpRequested, StepUpStatus, WhoRang,
};
use countersign::store::{
    Expected, Fault, FaultStore, News, Place, Put, Record, Store, StoreError,
};
use countersign::transaction::TransactionKind;
use countersign::{AgentSafe, Error, Interaction, MemoryStore, Policy, StepUpId, Timestamp};

use crate::support::between::{Between, Via};
use crate::support::credentials::{app, pin, refused};
use crate::support::depth::either;
use crate::support::device_keys::{PrivateKey, bound};
use crate::support::step_ups::{
    asked, asking, bank, bank_of, code_of, grant, open, phone, resume, shown, signing, transfer,
    typed, with_code,
};
use crate::support::*;

/// Alice's phone signs without a PIN, so that ten thousand approvals take no hour.
pub(crate) async fn signing_phone(bank: &Bank) -> PrivateKey {
    let key = PrivateKey::ed25519(9);
    bound(bank, &EnrolmentRequest::device_key(request("phone")), &key).await;
    key
}

pub(crate) fn digits(requested: &StepUpRequested) -> MatchDigits {
    requested.digits.as_ref().unwrap().digits().parse().unwrap()
}

/// Other digits than the agent's, each time others.
pub(crate) fn other_digits(requested: &StepUpRequested, by: u32) -> MatchDigits {
    let right: u32 = digits(requested).digits().replace(' ', "").parse().unwrap();
    format!("{:06}", (right + by) % 1_000_000).parse().unwrap()
}

/// Alice approves with her key, and types these digits.
pub(crate) fn answer(
    bank: &Bank,
    key: &PrivateKey,
    asked: &StepUpRequested,
    typed: MatchDigits,
) -> StepUpAnswer {
    let now = countersign::time::Clock::now(&bank.clock).unwrap();
    let shown = shown(phone().open_step_up(&asked.token, now).unwrap()).with_digits(typed);
    let message = shown.message_to_sign(&key.public()).unwrap();
    shown.answer_signed(countersign::step_up::SignedAnswer::by_device_key(key.sign(&message)))
}

pub(crate) async fn submit(
    bank: &Bank,
    id: &StepUpId,
    answer: &StepUpAnswer,
) -> Result<StepUpStatus, Error> {
    Ok(bank.verifier.step_ups().submit(&alice(), id, answer).await?.status)
}

pub(crate) async fn ask_in(
    bank: &Bank,
    call: &Interaction,
    id: &str,
) -> Result<StepUpRequested, Error> {
    bank.verifier.step_ups().request(call, &asking(id, transfer())).await
}

/// A conversation that Alice began in her app.
pub(crate) fn from_app(id: &str) -> Interaction {
    let call = bob_rings(id);
    Interaction::inbound(call.id, call.customer, call.agent, call.channel).from_app()
}

pub(crate) async fn mismatches(bank: &Bank) -> u32 {
    bank.verifier.step_ups().prompts(&alice()).await.unwrap().mismatches
}

pub(crate) fn reasons(bank: &Bank) -> Vec<(Action, Outcome)> {
    bank.seen.take().iter().map(|seen| (seen.action, seen.outcome)).collect()
}

/// Compared first: whatever the code is, it is not looked at, and the PIN is not counted.
#[tokio::test]
async fn with_wrong_digits_no_code_is_looked_at_and_no_pin_failure_counts() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let id = asked.step_up.id;
    let shown = shown(phone().open_step_up(&asked.token, START).unwrap());
    assert!(shown.asks_digits());
    let none = shown.approve(&device, &pin("2468")).unwrap_err();
    assert_eq!(none, DeviceCredentialError::NoDigits, "the app makes nothing without them");
    let wrong = shown.with_digits(other_digits(&asked, 1));
    bank.seen.take();
    for with in ["2468", "0000", "1357"] {
        refused(submit(&bank, &id, &wrong.approve(&device, &pin(with)).unwrap()).await);
    }
    let histories = histories(&bank.verifier, a_credential).await;
    assert_eq!(histories[0].refusals, 0, "no code was looked at");
    assert!(histories[0].events.iter().all(|event| event.action != Action::Verify));
    assert_eq!(mismatches(&bank).await, 1, "the same digits count once, whatever the code");
    let told = reasons(&bank);
    let wrong = Outcome::Refused(Reason::WrongDigits);
    assert_eq!(told[0], (Action::MistypeDigits, wrong));
    assert_eq!(told.iter().filter(|(action, _)| *action == Action::MistypeDigits).count(), 1);
    assert_eq!(told.iter().filter(|one| **one == (Action::Approve, wrong)).count(), 3);
    // Without any digits it is no guess.
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    let bare = StepUpAnswer::by_code(code_of(&code).parse().unwrap()).who_rang(WhoRang::Enterprise);
    refused(submit(&bank, &id, &bare).await);
    assert_eq!(mismatches(&bank).await, 1);
    assert_eq!(submit(&bank, &id, &code).await.unwrap(), StepUpStatus::Approved);
    assert_eq!(mismatches(&bank).await, 0, "that ends the row");
}

/// The code covers the digits: with the right ones beside it, what was made for others approves nothing.
#[tokio::test]
async fn a_code_that_was_made_for_other_digits_is_a_wrong_code() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let made = shown(phone().open_step_up(&asked.token, START).unwrap());
    let made = made.with_digits(other_digits(&asked, 1)).approve(&device, &pin("2468")).unwrap();
    refused(submit(&bank, &asked.step_up.id, &with_code(&asked, &code_of(&made))).await);
    assert_eq!(histories(&bank.verifier, a_credential).await[0].refusals, 1);
    // The same of who rang whom.
    let unsure = phone().open_step_up(&asked.token, START).unwrap().answer(WhoRang::Unknown);
    let WhoRangCheck::Show(unsure) = unsure else { panic!("{unsure:?}") };
    let made = typed(*unsure, &asked).approve(&device, &pin("2468")).unwrap();
    refused(submit(&bank, &asked.step_up.id, &with_code(&asked, &code_of(&made))).await);
    assert_eq!(submit(&bank, &asked.step_up.id, &made).await.unwrap(), StepUpStatus::Approved);
    let granted = grant(&bank, &asked).await;
    let call = bob_rings("call-1");
    let proof = bank.verifier.step_ups().redeem(&call, &granted, &transfer(), &request("k")).await;
    assert_eq!(proof.unwrap().who_rang(), Some(WhoRang::Unknown));
}

/// Ten in a row over all step-ups; a new one does not reset the count.
#[tokio::test]
async fn ten_wrong_digits_in_a_row_stop_prompts_that_the_app_did_not_open() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let calls = ["call-1", "call-2"].map(bob_rings);
    let first = ask_in(&bank, &calls[0], "s").await.unwrap();
    let second = ask_in(&bank, &calls[1], "s").await.unwrap();
    bank.seen.take();
    for n in 1..=5 {
        for asked in [&first, &second] {
            let wrong = answer(&bank, &key, asked, other_digits(asked, n));
            for _ in 0..2 {
                refused(submit(&bank, &asked.step_up.id, &wrong).await);
            }
        }
        assert_eq!(mismatches(&bank).await, 2 * n);
    }
    let stopped = reasons(&bank).iter().filter(|(of, _)| *of == Action::StopPrompts).count();
    assert_eq!(stopped, 1);
    // Nothing more is asked, and what waits is not answered, nor ended.
    for asked in [&first, &second] {
        let right = answer(&bank, &key, asked, digits(asked));
        refused(submit(&bank, &asked.step_up.id, &right).await);
    }
    let (_, why) = *reasons(&bank).last().unwrap();
    assert_eq!(why, Outcome::Refused(Reason::PromptsHeld));
    refused(ask_in(&bank, &bob_rings("call-3"), "s").await);
    assert_eq!(reasons(&bank), [(Action::RequestStepUp, why)]);
    bank.clock.advance(DAY * 365);
    refused(ask_in(&bank, &bob_rings("call-4"), "s").await);
    bank.clock.set(START);
    let outcome = bank.verifier.step_ups().outcome(&calls[0], &first.step_up.id).await;
    assert_eq!(outcome.unwrap(), StepUpOutcome::Waiting);
    // Her own go on, and her session lifts it.
    let own = ask_in(&bank, &from_app("chat-1"), "s").await.unwrap();
    let right = answer(&bank, &key, &own, digits(&own));
    assert_eq!(submit(&bank, &own.step_up.id, &right).await.unwrap(), StepUpStatus::Approved);
    assert_eq!(mismatches(&bank).await, 10, "her own approval is no word about others' prompts");
    let right = answer(&bank, &key, &first, digits(&first));
    refused(submit(&bank, &first.step_up.id, &right).await);
    refused(ask_in(&bank, &bob_rings("call-5"), "s").await);
    resume(&bank, &alice()).await;
    let right = answer(&bank, &key, &first, digits(&first));
    assert_eq!(submit(&bank, &first.step_up.id, &right).await.unwrap(), StepUpStatus::Approved);
    ask_in(&bank, &bob_rings("call-5"), "s").await.unwrap();
}

/// Prompts that an impostor provokes never stop the customer's own, nor end one; ten of her own end one.
#[tokio::test]
async fn ten_wrong_digits_end_a_step_up_only_where_the_app_opened_the_interaction() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let theirs = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
    for n in 1..=12 {
        let wrong = answer(&bank, &key, &theirs, other_digits(&theirs, n));
        refused(submit(&bank, &theirs.step_up.id, &wrong).await);
    }
    assert_eq!(mismatches(&bank).await, 10, "no more are looked at");
    let chat = from_app("chat-1");
    let own = ask_in(&bank, &chat, "s").await.unwrap();
    let status = async |id| bank.verifier.step_ups().outcome(&chat, id).await.unwrap();
    for n in 1..=10 {
        assert_eq!(status(&own.step_up.id).await, StepUpOutcome::Waiting, "{n}");
        let wrong = answer(&bank, &key, &own, other_digits(&own, n));
        for _ in 0..2 {
            refused(submit(&bank, &own.step_up.id, &wrong).await);
        }
    }
    assert_eq!(status(&own.step_up.id).await, StepUpOutcome::Declined);
    refused(submit(&bank, &own.step_up.id, &answer(&bank, &key, &own, digits(&own))).await);
    // Another is asked, and approved.
    let next = ask_in(&bank, &chat, "t").await.unwrap();
    let right = answer(&bank, &key, &next, digits(&next));
    assert_eq!(submit(&bank, &next.step_up.id, &right).await.unwrap(), StepUpStatus::Approved);
}

/// The count is written, and the step-up's end is not.
#[tokio::test]
async fn an_end_that_was_lost_comes_with_the_same_digits_again() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let chat = from_app("chat-1");
    let own = ask_in(&bank, &chat, "s").await.unwrap();
    for n in 1..=9 {
        let wrong = answer(&bank, &key, &own, other_digits(&own, n));
        refused(submit(&bank, &own.step_up.id, &wrong).await);
    }
    let last = answer(&bank, &key, &own, other_digits(&own, 10));
    // The step-up and the prompts are read, the prompts written, the step-up read once more.
    bank.store.plan(4, Fault::FailBefore);
    assert!(matches!(submit(&bank, &own.step_up.id, &last).await, Err(Error::Store(_))));
    bank.store.heal();
    assert_eq!(mismatches(&bank).await, 10);
    refused(submit(&bank, &own.step_up.id, &last).await);
    assert_eq!(mismatches(&bank).await, 10);
    let outcome = bank.verifier.step_ups().outcome(&chat, &own.step_up.id).await;
    assert_eq!(outcome.unwrap(), StepUpOutcome::Declined);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_wrong_digits_at_once_are_counted_exactly() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    for (interaction, distinct, wanted) in
        [(bob_rings("call-1"), 1, 1), (bob_rings("call-2"), 64, 10), (from_app("chat"), 64, 64)]
    {
        resume(&bank, &alice()).await;
        let asked = ask_in(&bank, &interaction, "s").await.unwrap();
        let id = asked.step_up.id;
        let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(64));
        let tasks: Vec<_> = (0..64)
            .map(|n| {
                let wrong = answer(&bank, &key, &asked, other_digits(&asked, 1 + n % distinct));
                let (verifier, barrier) = (bank.verifier.clone(), barrier.clone());
                tokio::spawn(async move {
                    barrier.wait().await;
                    verifier.step_ups().submit(&alice(), &id, &wrong).await
                })
            })
            .collect();
        for task in tasks {
            refused(task.await.unwrap());
        }
        let counted = mismatches(&bank).await;
        // Where the app opened it, those that come after the end are not looked at.
        let exact = interaction.opened_in_app || counted == wanted;
        assert!(exact && (10.min(wanted)..=wanted).contains(&counted), "{counted}");
    }
}

/// A customer in a call with her bank is prompted by an impostor's call at the same time, and types the digits that her
/// own agent says. Only where both agents happen to have the same is that approved.
#[tokio::test]
async fn attack_23_of_ten_thousand_wrong_session_approvals_none_passes_but_by_chance() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let (mut passed, mut theirs) = (0, ask_in(&bank, &bob_rings("impostor-0"), "s").await.unwrap());
    for n in 0..either(1000, 10_000_u32) {
        if n > 0 && n % 250 == 0 {
            // The prompts end by time, and what an agent may ask begins anew.
            bank.clock.advance(11 * MINUTE);
            theirs = ask_in(&bank, &bob_rings(&format!("impostor-{n}")), "s").await.unwrap();
        }
        // What her own agent says, drawn like any other.
        let own = countersign::random::SeededRandom::new(u64::from(n));
        let mut drawn = [0; 8];
        countersign::random::Random::fill(&own, &mut drawn).unwrap();
        let said: MatchDigits =
            format!("{:06}", u64::from_be_bytes(drawn) % 1_000_000).parse().unwrap();
        let right = said == digits(&theirs);
        let result = submit(&bank, &theirs.step_up.id, &answer(&bank, &key, &theirs, said)).await;
        assert_eq!(result.is_ok(), right);
        passed += u32::from(right);
        if n % 9 == 8 {
            // She goes on answering whatever comes.
            resume(&bank, &alice()).await;
        }
    }
    assert!(passed <= 1, "{passed} in a million were to be expected for each hundred tries");
}

/// Neither in the token, nor in what observers, histories, news and exports say, nor printed.
#[tokio::test]
async fn the_digits_stand_nowhere_but_on_the_desktop() {
    const fn desktop<T: AgentSafe>(_: &T) {}
    let store = countersign::store::FaultStore::new(countersign::MemoryStore::new());
    let clock = countersign::time::ManualClock::new(START);
    let seen = Recorder::default();
    let builder = part(keyring(), &store, &clock, &seen, 1).signing_key(signing()).outbox();
    let bank = Bank { verifier: builder.build().unwrap(), clock, store, seen };
    let (_, device) = app(&bank).await;
    let call = bob_rings("call-1");
    let asked = asked(&bank, &call).await;
    desktop(asked.digits.as_ref().unwrap());
    let shown = open(&bank, &asked);
    refused(
        submit(&bank, &asked.step_up.id, &{
            let wrong = phone().open_step_up(&asked.token, START).unwrap();
            let wrong = crate::support::step_ups::shown(wrong).with_digits(other_digits(&asked, 1));
            wrong.approve(&device, &pin("2468")).unwrap()
        })
        .await,
    );
    let answer = shown.approve(&device, &pin("2468")).unwrap();
    submit(&bank, &asked.step_up.id, &answer).await.unwrap();
    let told = serde_json::to_string(&bank.seen.take()).unwrap();
    let pending = format!("{:?}", bank.verifier.pending(&alice()).await.unwrap());
    let history = bank.verifier.history(&alice(), countersign::page::Page::first()).await.unwrap();
    let export = bank.verifier.customers().export(&alice()).await.unwrap();
    let payload = {
        use base64ct::Encoding as _;
        let body = asked.token.split('.').nth(2).unwrap();
        String::from_utf8_lossy(&base64ct::Base64UrlUnpadded::decode_vec(body).unwrap())
            .into_owned()
    };
    assert!(payload.contains("\"number_match\":true"), "{payload}");
    let spaced = asked.digits.as_ref().unwrap().digits().to_string();
    for digits in [spaced.replace(' ', ""), spaced] {
        for text in [
            &told,
            &pending,
            &payload,
            &asked.token,
            &format!("{asked:?}{answer:?}{shown:?}"),
            &serde_json::to_string(&history.items).unwrap(),
            &serde_json::to_string(&export).unwrap(),
            &serde_json::to_string(&asked.step_up).unwrap(),
        ] {
            assert!(!text.contains(&digits), "{digits} in {text}");
        }
    }
    // The desktop that asks again sees the same.
    let again = ask_in(&bank, &call, "s-1").await.unwrap();
    assert_eq!(again.digits, asked.digits);
}

/// By policy for a kind and an amount, and only where the method covers the answers.
#[tokio::test]
async fn policy_says_what_is_asked_and_only_of_methods_that_cover_it() {
    let defaults = Policy::default().step_ups;
    for (kind, asked) in [
        (TransactionKind::Payment, true),
        (TransactionKind::Transfer, true),
        (TransactionKind::NewPayee, true),
        (TransactionKind::NewAuthenticator, true),
        (TransactionKind::Change, false),
    ] {
        let mut what = transfer();
        what.kind = kind;
        let what = what.into();
        for method in [Method::Ocra, Method::DeviceKey, Method::Passkey] {
            assert_eq!(defaults.asks_digits(method, &what), asked, "{kind:?}");
            assert_eq!(defaults.asks_who_rang(method, &what), asked, "{kind:?}");
        }
        for method in [Method::Delivered, Method::Totp, Method::Hotp] {
            assert!(!defaults.asks_digits(method, &what) && !defaults.asks_who_rang(method, &what));
        }
    }
    let mut policy = Policy::default();
    policy.step_ups.prompts.number_match.over = [("GBP".parse().unwrap(), 500_000)].into();
    policy.step_ups.prompts.who_rang = PromptCheck::never();
    let bank = bank_of(policy);
    let (_, device) = app(&bank).await;
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let small = asked(&bank, &call).await;
    assert_eq!(small.digits, None);
    let opened = phone().open_step_up(&small.token, START).unwrap();
    assert!(!opened.asks_who_rang());
    let shown = opened.without_answer().unwrap();
    let code = code_of(&shown.approve(&device, &pin("2468")).unwrap());
    // What nobody asked for is no answer.
    let extra = StepUpAnswer::by_code(code.parse().unwrap());
    refused(submit(&bank, &small.step_up.id, &extra.who_rang(WhoRang::Enterprise)).await);
    let extra = StepUpAnswer::by_code(code.parse().unwrap());
    let extra = extra.with_digits("123456".parse().unwrap());
    refused(submit(&bank, &small.step_up.id, &extra).await);
    assert_eq!(
        histories(&bank.verifier, a_credential).await[0].refusals,
        0,
        "no code is looked at"
    );
    let right = StepUpAnswer::by_code(code.parse().unwrap());
    assert_eq!(submit(&bank, &small.step_up.id, &right).await.unwrap(), StepUpStatus::Approved);
    let mut larger = transfer();
    larger.amount += 1;
    assert!(step_ups.request(&call, &asking("s-2", larger)).await.unwrap().digits.is_some());
    // What moves no money has no amount that lets it off, nor another currency.
    let mut payee = transfer();
    payee.kind = TransactionKind::NewPayee;
    assert!(step_ups.request(&call, &asking("s-3", payee)).await.unwrap().digits.is_some());
    let mut euros = transfer();
    euros.currency = "EUR".parse().unwrap();
    assert!(step_ups.request(&call, &asking("s-4", euros)).await.unwrap().digits.is_some());
    for field in ["mismatches", "per_interaction", "per_day"] {
        let mut policy = serde_json::to_value(Policy::default()).unwrap();
        policy["step_ups"]["prompts"][field] = 0.into();
        let policy: Policy = serde_json::from_value(policy).unwrap();
        let built = countersign::Verifier::builder(issuer(), keyring()).policy(policy).build();
        let Err(countersign::error::ConfigError::OutOfRange { field: named, .. }) = built else {
            panic!("{field} may be nothing");
        };
        assert_eq!(named, format!("step_ups.prompts.{field}"));
    }
}

/// Asked first, twice at most; then the app declines, and the back end is warned.
#[tokio::test]
async fn who_rang_whom_is_asked_before_anything_is_shown_and_two_mismatches_decline() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    for (n, call) in [bob_rings("call-1"), from_app("call-2")].into_iter().enumerate() {
        let asked = ask_in(&bank, &call, "s").await.unwrap();
        let (right, wrong) = match n {
            0 => (WhoRang::Enterprise, WhoRang::Customer),
            _ => (WhoRang::Customer, WhoRang::Enterprise),
        };
        let opened = || phone().open_step_up(&asked.token, START).unwrap();
        assert!(opened().asks_who_rang());
        assert_eq!(opened().without_answer().unwrap_err().id(), asked.step_up.id);
        for right in [right, WhoRang::Unknown] {
            assert!(matches!(opened().answer(right), WhoRangCheck::Show(_)));
            let WhoRangCheck::AskAgain(again) = opened().answer(wrong) else { panic!() };
            assert!(matches!(again.answer(right), WhoRangCheck::Show(_)));
        }
        let WhoRangCheck::AskAgain(again) = opened().answer(wrong) else { panic!() };
        let WhoRangCheck::Decline(id, reason) = again.answer(wrong) else { panic!() };
        assert_eq!((id, reason), (asked.step_up.id, DeclineReason::WhoRangDiffers));
        // An app that answers all the same approves nothing, and nothing is counted.
        let code = "12345678".parse().unwrap();
        let forged = StepUpAnswer::by_code(code).with_digits(digits(&asked)).who_rang(wrong);
        bank.seen.take();
        refused(submit(&bank, &id, &forged).await);
        let unanswered = StepUpAnswer::by_code("12345678".parse().unwrap());
        refused(submit(&bank, &id, &unanswered.with_digits(digits(&asked))).await);
        let differs = (Action::Approve, Outcome::Refused(Reason::WhoRangDiffers));
        assert_eq!(reasons(&bank), [differs, differs]);
        assert_eq!(
            (mismatches(&bank).await, histories(&bank.verifier, a_credential).await[0].refusals),
            (0, 0)
        );
        bank.verifier.step_ups().decline(&alice(), &id, reason).await.unwrap();
        let done = Outcome::Done;
        assert_eq!(reasons(&bank), [(Action::Decline, done), (Action::WarnOfRelay, done)]);
        let outcome = bank.verifier.step_ups().outcome(&call, &id).await.unwrap();
        assert_eq!(outcome, StepUpOutcome::Declined);
    }
    let _ = device;
}

/// It ends everything that waits, and nothing is asked in her name any more where her app did not begin.
#[tokio::test]
async fn not_me_ends_all_prompts_and_holds_off_new_ones_until_she_lifts_it() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let (call, chat) = (bob_rings("call-1"), from_app("chat-1"));
    let theirs = ask_in(&bank, &call, "s").await.unwrap();
    let other = ask_in(&bank, &bob_rings("call-2"), "s").await.unwrap();
    let own = ask_in(&bank, &chat, "s").await.unwrap();
    bank.seen.take();
    step_ups.decline(&alice(), &theirs.step_up.id, DeclineReason::NotMe).await.unwrap();
    assert!(reasons(&bank).contains(&(Action::HoldPrompts, Outcome::Done)));
    for asked in [&theirs, &other, &own] {
        let right = answer(&bank, &key, asked, digits(asked));
        refused(submit(&bank, &asked.step_up.id, &right).await);
    }
    let second = bob_rings("call-2");
    for (at, asked) in [(&call, &theirs), (&second, &other), (&chat, &own)] {
        let outcome = step_ups.outcome(at, &asked.step_up.id).await.unwrap();
        assert_eq!(outcome, StepUpOutcome::Declined);
    }
    assert!(bank.verifier.pending(&alice()).await.unwrap().step_ups.is_empty());
    assert_eq!(step_ups.prompts(&alice()).await.unwrap().held_since, Some(START));
    for later in [Default::default(), DAY, DAY * 400] {
        bank.clock.set(START.after(later));
        refused(ask_in(&bank, &bob_rings("call-3"), "s").await);
        assert!(bank.verifier.purge(100).await.is_ok());
    }
    bank.clock.set(START);
    // Where her app began, she is asked and approves; and another customer is.
    let own = ask_in(&bank, &from_app("chat-2"), "s").await.unwrap();
    let right = answer(&bank, &key, &own, digits(&own));
    assert_eq!(submit(&bank, &own.step_up.id, &right).await.unwrap(), StepUpStatus::Approved);
    let prompts = resume(&bank, &alice()).await;
    assert_eq!((prompts.held_since, prompts.stopped, prompts.mismatches), (None, false, 0));
    ask_in(&bank, &bob_rings("call-3"), "t").await.unwrap();
    // The same decline again holds nothing off any more.
    step_ups.decline(&alice(), &theirs.step_up.id, DeclineReason::NotMe).await.unwrap();
    assert_eq!(step_ups.prompts(&alice()).await.unwrap().held_since, None);
}

/// Also of one that she sees too late; of an approved one there is nothing to decline.
#[tokio::test]
async fn not_me_may_be_said_late_and_not_after_an_approval() {
    let bank = bank();
    let key = signing_phone(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let late = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
    let own = ask_in(&bank, &bob_rings("call-2"), "s").await.unwrap();
    submit(&bank, &own.step_up.id, &answer(&bank, &key, &own, digits(&own))).await.unwrap();
    refused(step_ups.decline(&alice(), &own.step_up.id, DeclineReason::NotMe).await);
    assert_eq!(step_ups.prompts(&alice()).await.unwrap().held_since, None);
    let unknown = "00000000000000000000000000".parse().unwrap();
    refused(step_ups.decline(&alice(), &unknown, DeclineReason::NotMe).await);
    refused(step_ups.decline(&mallory(), &late.step_up.id, DeclineReason::NotMe).await);
    assert_eq!(step_ups.prompts(&mallory()).await.unwrap().held_since, None);
    bank.clock.advance(HOUR);
    refused(step_ups.decline(&alice(), &late.step_up.id, DeclineReason::ChangedMind).await);
    step_ups.decline(&alice(), &late.step_up.id, DeclineReason::NotMe).await.unwrap();
    refused(ask_in(&bank, &bob_rings("call-3"), "s").await);
}

/// The customer says "not me" of one while another is on its way to the store: that one ends too.
#[tokio::test]
async fn a_prompt_that_not_me_overtook_is_ended() {
    for at in 0..16 {
        let bank = bank();
        let key = signing_phone(&bank).await;
        let first = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
        let (id, verifier) = (first.step_up.id, bank.verifier.clone());
        let declines = move || {
            let (step_ups, alice) = (verifier.step_ups(), alice());
            let declined = step_ups.decline(&alice, &id, DeclineReason::NotMe);
            assert!(at_once(declined).is_ok());
        };
        let act: Act = Arc::new(Mutex::new(Some((at, Box::new(declines)))));
        let other = countersign::Verifier::builder(issuer(), keyring())
            .store(Via(Interrupted { under: bank.store.clone(), act: act.clone() }))
            .clock(bank.clock.clone())
            .random(countersign::random::SeededRandom::new(2))
            .signing_key(signing());
        let other = other.build().unwrap();
        let asking = asking("s", transfer());
        let second = other.step_ups().request(&bob_rings("call-2"), &asking).await;
        if act.lock().unwrap().is_some() {
            // There are no more calls of the store.
            assert!(at > 6);
            return;
        }
        if let Ok(second) = second {
            let right = answer(&bank, &key, &second, digits(&second));
            refused(submit(&bank, &second.step_up.id, &right).await);
        }
        assert!(bank.verifier.pending(&alice()).await.unwrap().step_ups.is_empty(), "{at}");
    }
    panic!("so many calls are not made");
}

pub(crate) type Act = Arc<Mutex<Option<(usize, Box<dyn FnOnce() + Send>)>>>;

/// Something else happens before one of its calls.
pub(crate) struct Interrupted {
    pub(crate) under: FaultStore<MemoryStore>,
    pub(crate) act: Act,
}

impl Interrupted {
    fn called(&self) {
        let mut act = self.act.lock().unwrap();
        match act.take() {
            Some((0, happens)) => {
                drop(act);
                happens();
            }
            Some((left, happens)) => *act = Some((left - 1, happens)),
            None => {}
        }
    }
}

impl Between for Interrupted {
    type Under = FaultStore<MemoryStore>;

    fn under(&self) -> &Self::Under {
        &self.under
    }

    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.called();
        self.under.load(at, now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.called();
        self.under.put_if(at, expected, new, news, now).await
    }
}

/// Nothing here waits for anything.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the store never waits"),
    }
}

#[tokio::test]
async fn the_reason_of_a_decline_goes_to_the_back_end_and_not_to_the_agent() {
    let bank = bank();
    signing_phone(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let mut outcomes = Vec::new();
    for (reason, besides) in [
        (DeclineReason::WrongDetails, Some(Action::DisputeDetails)),
        (DeclineReason::ToldTo, Some(Action::WarnOfCoaching)),
        (DeclineReason::ChangedMind, None),
        (DeclineReason::WhoRangDiffers, Some(Action::WarnOfRelay)),
    ] {
        let call = bob_rings(&format!("call-{reason:?}"));
        let asked = ask_in(&bank, &call, "s").await.unwrap();
        bank.seen.take();
        let declined = step_ups.decline(&alice(), &asked.step_up.id, reason).await.unwrap();
        let wanted: Vec<_> = [Some(Action::Decline), besides].into_iter().flatten().collect();
        let told: Vec<_> = bank.seen.take().iter().map(|seen| seen.action).collect();
        assert_eq!(told, wanted);
        let recorded = histories(&bank.verifier, a_step_up).await;
        let recorded: Vec<_> = recorded[0].events.iter().map(|event| event.action).collect();
        assert_eq!(recorded[1..], wanted);
        let outcome = step_ups.outcome(&call, &asked.step_up.id).await.unwrap();
        outcomes.push((serde_json::to_string(&outcome).unwrap(), declined.status));
        assert_eq!(step_ups.prompts(&alice()).await.unwrap().held_since, None);
    }
    assert!(outcomes.iter().all(|one| *one == outcomes[0]), "{outcomes:?}");
}

/// No caller can spend her approvals: what she approves does not count.
#[tokio::test]
async fn approved_prompts_count_against_no_limit() {
    let mut policy = Policy::default();
    policy.step_ups.per_agent = 5;
    let bank = bank_of(policy);
    let key = signing_phone(&bank).await;
    let call = bob_rings("call-1");
    for n in 0..12 {
        let asked = ask_in(&bank, &call, &format!("s-{n}")).await.unwrap();
        let right = answer(&bank, &key, &asked, digits(&asked));
        assert_eq!(submit(&bank, &asked.step_up.id, &right).await.unwrap(), StepUpStatus::Approved);
    }
    // Those that she does not are counted, whatever became of them.
    for n in 0..5 {
        let asked = ask_in(&bank, &call, &format!("t-{n}")).await.unwrap();
        if n % 2 == 0 {
            let why = DeclineReason::ChangedMind;
            bank.verifier.step_ups().decline(&alice(), &asked.step_up.id, why).await.unwrap();
        }
    }
    refused(ask_in(&bank, &call, "u").await);
}

/// First the interaction's, then the customer's of a day; and none of them stops what her app opened.
#[tokio::test]
async fn limits_per_day_are_by_interaction_first_and_never_stop_what_the_app_opened() {
    let bank = bank();
    signing_phone(&bank).await;
    let mut asked = 0;
    // Five in ten minutes, in one interaction after the other.
    for call in 0.. {
        let at = bob_rings(&format!("call-{call}"));
        let mut here = 0;
        while ask_in(&bank, &at, &format!("s-{here}")).await.is_ok() {
            here += 1;
        }
        asked += here;
        bank.clock.advance(11 * MINUTE);
        if here == 0 {
            break;
        }
        assert_eq!(here, 5);
        let error = ask_in(&bank, &at, "more").await.unwrap_err();
        let retry_at = error.retry_at().unwrap();
        assert!(START.after(DAY) <= retry_at, "the interaction is full for a day");
    }
    assert_eq!(asked, 30, "of a day");
    let chat = from_app("chat-1");
    for n in 0..5 {
        ask_in(&bank, &chat, &format!("s-{n}")).await.unwrap();
    }
    refused(ask_in(&bank, &chat, "more").await);
    ask_in(&bank, &from_app("chat-2"), "s").await.unwrap();
    refused(ask_in(&bank, &bob_rings("call-99"), "s").await);
    resume(&bank, &alice()).await;
    ask_in(&bank, &bob_rings("call-99"), "s").await.unwrap();
}

/// Five store calls as ever; one more for digits, and two more that end a row of wrong ones.
#[tokio::test]
async fn a_submit_with_digits_asks_the_store_six_times() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let calls = async |asked: &StepUpRequested, answer: &StepUpAnswer| {
        let before = bank.store.calls();
        let result = submit(&bank, &asked.step_up.id, answer).await;
        (bank.store.calls() - before, result.is_ok())
    };
    let first = ask_in(&bank, &bob_rings("call-1"), "s").await.unwrap();
    let right = open(&bank, &first).approve(&device, &pin("2468")).unwrap();
    assert_eq!(calls(&first, &right).await, (6, true));
    assert_eq!(calls(&first, &right).await, (2, true), "repeated");
    let second = ask_in(&bank, &bob_rings("call-2"), "s").await.unwrap();
    let opened = phone().open_step_up(&second.token, START).unwrap();
    let wrong = shown(opened).with_digits(other_digits(&second, 1));
    let wrong = wrong.approve(&device, &pin("2468")).unwrap();
    assert_eq!(calls(&second, &wrong).await, (4, false), "counted");
    assert_eq!(calls(&second, &wrong).await, (3, false), "known");
    let right = open(&bank, &second).approve(&device, &pin("2468")).unwrap();
    assert_eq!(calls(&second, &right).await, (8, true), "and the row ends");
}
