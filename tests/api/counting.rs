//! What credentials and step-ups count, remember and forget: failures, clocks, fobs, acceptances, limits.

use std::time::Duration;

use countersign::credential::{CredentialStatus, EnrolmentRequest, ImportRequest, Method};
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Outcome};
use countersign::otp::ocra::Response;
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed, Totp};
use countersign::page::Page;
use countersign::step_up::StepUpStatus;
use countersign::store::Fault;
use countersign::transaction::TransactionKind;
use countersign::{Error, Policy, StepUpId};
use proptest::prelude::*;

use crate::support::credentials::{app, pin, refused, response};
use crate::support::step_ups::{
    asking, bank_of, change, codes_alone, grant, limits_alone, open, resume, transfer,
};
use crate::support::*;

const STEP: Duration = Duration::from_secs(30);

fn seed(byte: u8) -> OtpSeed {
    OtpSeed::from_bytes(&[byte; 20]).unwrap()
}

fn totp(byte: u8) -> Totp {
    Totp::new(&seed(byte), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS)
}

fn any_method() -> Policy {
    let mut policy = Policy::default();
    policy.step_ups.per_customer = 20;
    policy
}

async fn ask(bank: &Bank, id: &str, method: Method) -> StepUpId {
    let asking = asking(id, change()).by(method);
    let requested = bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await;
    requested.unwrap().step_up.id
}

async fn refusals(bank: &Bank) -> u32 {
    let histories = histories(&bank.verifier, a_credential).await;
    histories.iter().map(|history| history.refusals).sum()
}

fn code_at(byte: u8, at: countersign::Timestamp) -> Response {
    response(&totp(byte).generate(at.unix()))
}

#[tokio::test]
async fn a_wrong_code_is_not_tried_again_in_later_steps() {
    let bank = bank_of(any_method());
    bank.verifier.credentials().import(&alice(), &ImportRequest::totp(seed(7))).await.unwrap();
    let id = ask(&bank, "s", Method::Totp).await;
    // One guess, which would be right by and by.
    let guess = code_at(7, START.after(STEP * 4));
    let step_ups = bank.verifier.step_ups();
    refused(step_ups.submit(&alice(), &id, &guess).await);
    let written = bank.store.records();
    for _ in 0..6 {
        bank.clock.advance(STEP);
        refused(step_ups.submit(&alice(), &id, &guess).await);
    }
    assert_eq!(bank.store.records(), written, "looked at once, counted once");
    assert_eq!(refusals(&bank).await, 1);
    // The fob's own code is right all the same, and ends the row of failures.
    let now = START.after(STEP * 6);
    step_ups.submit(&alice(), &id, &code_at(7, now)).await.unwrap();
}

/// A right code for something else ends the row of failures, and not what was found out.
#[tokio::test]
async fn a_wrong_code_stays_wrong_after_a_right_one() {
    let bank = bank_of(any_method());
    bank.verifier.credentials().import(&alice(), &ImportRequest::totp(seed(7))).await.unwrap();
    let (one, two) = (ask(&bank, "one", Method::Totp).await, ask(&bank, "two", Method::Totp).await);
    let guess = code_at(7, START.after(STEP * 4));
    let step_ups = bank.verifier.step_ups();
    refused(step_ups.submit(&alice(), &one, &guess).await);
    step_ups.submit(&alice(), &two, &code_at(7, START)).await.unwrap();
    let written = bank.store.records();
    for _ in 0..6 {
        refused(step_ups.submit(&alice(), &one, &guess).await);
        bank.clock.advance(STEP);
    }
    assert_eq!(bank.store.records(), written, "counted once, and never true");
    assert_eq!(refusals(&bank).await, 1);
}

#[tokio::test]
async fn two_wrong_codes_for_a_resync_are_not_tried_again_in_later_steps() {
    let bank = bank_of(any_method());
    let credentials = bank.verifier.credentials();
    let fob = credentials.import(&alice(), &ImportRequest::totp(seed(7))).await.unwrap();
    let far = START.after(STEP * 130);
    let codes = [far, far.after(STEP)].map(|at| totp(7).generate(at.unix()));
    refused(credentials.resync(&alice(), &fob.id, &codes[0], &codes[1]).await);
    let written = bank.store.records();
    bank.clock.advance(STEP * 60);
    refused(credentials.resync(&alice(), &fob.id, &codes[0], &codes[1]).await);
    assert_eq!(bank.store.records(), written);
    assert_eq!(refusals(&bank).await, 1);
}

#[tokio::test]
async fn a_clock_that_was_ahead_for_one_write_makes_no_right_code_wrong() {
    let bank = bank_of(any_method());
    bank.verifier.credentials().import(&alice(), &ImportRequest::totp(seed(7))).await.unwrap();
    let step_ups = bank.verifier.step_ups();
    let ahead = START.after(HOUR);
    bank.clock.set(ahead);
    let id = ask(&bank, "ahead", Method::Totp).await;
    refused(step_ups.submit(&alice(), &id, &code_at(7, ahead.after(HOUR))).await);
    assert_eq!(refusals(&bank).await, 1);

    bank.clock.set(START.after(STEP));
    let id = ask(&bank, "right", Method::Totp).await;
    let done = step_ups.submit(&alice(), &id, &code_at(7, START.after(STEP))).await.unwrap();
    assert_eq!(done.status, StepUpStatus::Approved);
    assert_eq!(refusals(&bank).await, 1);
    // Nor does it open what the later time has shut.
    bank.clock.set(START);
    let id = ask(&bank, "again", Method::Totp).await;
    refused(step_ups.submit(&alice(), &id, &code_at(7, START.after(STEP))).await);
    assert_eq!(refusals(&bank).await, 1, "used, not guessed");
}

#[tokio::test]
async fn a_fob_is_one_credential_however_often_it_is_imported() {
    let bank = bank_of(any_method());
    let (credentials, step_ups) = (bank.verifier.credentials(), bank.verifier.step_ups());
    let hotp = Hotp::new(&seed(8), Algorithm::Sha1, Digits::SIX);
    let first = response(&hotp.generate(0));
    let fob = credentials.import(&alice(), &ImportRequest::hotp(seed(8), 0)).await.unwrap();
    let id = ask(&bank, "one", Method::Hotp).await;
    step_ups.submit(&alice(), &id, &first).await.unwrap();
    assert_eq!(credentials.import(&alice(), &ImportRequest::hotp(seed(8), 0)).await.unwrap(), fob);
    let id = ask(&bank, "two", Method::Hotp).await;
    refused(step_ups.submit(&alice(), &id, &first).await);
    let other = credentials.import(&alice(), &ImportRequest::totp(seed(8))).await;
    assert!(matches!(other, Err(Error::Invalid(Invalid::AlreadyImported))), "{other:?}");

    // Revoked, it stays so, however much later it is imported again.
    credentials.revoke(&alice(), &fob.id).await.unwrap();
    bank.clock.advance(DAY * 5000);
    let again = credentials.import(&alice(), &ImportRequest::hotp(seed(8), 0)).await.unwrap();
    assert_eq!((again.id, again.status), (fob.id, CredentialStatus::Revoked));
    let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
    assert_eq!(listed, [again]);
}

/// Without the fault of the approval's write, as many as the policy lets be open at once.
#[tokio::test]
async fn every_acceptance_that_can_still_be_finished_is_remembered() {
    let mut policy = Policy::default();
    policy.step_ups.per_customer = 20;
    policy.step_ups.limit_window = MINUTE;
    policy.step_ups.valid_for = MINUTE * 10;
    let bank = bank_of(codes_alone(limits_alone(policy)));
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let mut accepted = Vec::new();
    for minute in 0..9 {
        // They are more than a day's.
        resume(&bank, &alice()).await;
        for n in 0..20 {
            // Ten agents, or theirs would be the limit.
            let call = call(&format!("call-{n}"), &alice(), agent(&format!("bob-{n}")));
            let asking = asking(&format!("s-{minute}"), transfer());
            let asked = step_ups.request(&call, &asking).await.unwrap();
            let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
            // The credential is written, and then the step-up is not.
            bank.store.plan(4, Fault::FailBefore);
            let lost = step_ups.submit(&alice(), &asked.step_up.id, &code).await;
            assert!(matches!(lost, Err(Error::Store(_))), "{lost:?}");
            bank.store.heal();
            accepted.push((asked.step_up.id, code));
        }
        bank.clock.advance(MINUTE);
    }
    assert_eq!(accepted.len(), 180);
    let before = histories(&bank.verifier, a_credential).await;
    for (id, code) in &accepted {
        let done = step_ups.submit(&alice(), id, code).await.unwrap();
        assert_eq!(done.status, StepUpStatus::Approved);
    }
    assert_eq!(histories(&bank.verifier, a_credential).await, before, "nothing counted anew");
}

#[tokio::test]
async fn a_block_is_announced_once_though_the_policy_was_tightened() {
    let mut policy = any_method();
    policy.credentials.failures_to_disable = 30;
    let mut bank = bank_of(policy.clone());
    bank.verifier.credentials().import(&alice(), &ImportRequest::totp(seed(7))).await.unwrap();
    let fail = async |bank: &Bank, n: u32| {
        let id = ask(bank, &format!("s-{n}"), Method::Totp).await;
        let wrong: Response = format!("{n:09}").parse().unwrap();
        refused(bank.verifier.step_ups().submit(&alice(), &id, &wrong).await);
        bank.clock.advance(DAY);
        let told = bank.seen.take();
        let new = |event: &&countersign::observer::Observed| !event.repeated;
        told.iter().filter(new).filter(|event| event.action == Action::WarnOfBlock).count()
    };
    for n in 0..7 {
        assert_eq!(fail(&bank, n).await, 0);
    }
    // Now the warning is due after five, which have passed.
    policy.credentials.failures_to_disable = 10;
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 2).policy(policy);
    bank.verifier = builder.signing_key(crate::support::step_ups::signing()).build().unwrap();
    assert_eq!(fail(&bank, 7).await, 1);
    assert_eq!(fail(&bank, 8).await, 0, "once");
    let listed = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
    assert_eq!(listed.items[0].status, CredentialStatus::Active);
    assert_eq!(fail(&bank, 9).await, 0);
    let listed = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
    assert_eq!(listed.items[0].status, CredentialStatus::Disabled);
}

#[tokio::test]
async fn a_failure_names_its_step_up_and_interaction() {
    let bank = bank_of(any_method());
    bank.verifier.credentials().import(&alice(), &ImportRequest::totp(seed(7))).await.unwrap();
    let id = ask(&bank, "s", Method::Totp).await;
    bank.seen.take();
    let step_ups = bank.verifier.step_ups();
    refused(step_ups.submit(&alice(), &id, &"000000".parse::<Response>().unwrap()).await);
    step_ups.submit(&alice(), &id, &code_at(7, START)).await.unwrap();
    let told = bank.seen.take();
    let history = histories(&bank.verifier, a_credential).await.remove(0);
    let checks: Vec<_> =
        history.events.iter().filter(|event| event.action == Action::Verify).collect();
    let wrong = Outcome::Refused(Reason::WrongCode);
    assert_eq!(checks.iter().map(|one| one.outcome).collect::<Vec<_>>(), [wrong, Outcome::Done]);
    for (step_up, interaction) in
        checks.iter().map(|one| (one.step_up, one.interaction.clone())).chain(
            told.iter()
                .filter(|one| one.action == Action::Verify)
                .map(|one| (one.step_up, one.interaction.clone())),
        )
    {
        assert_eq!((step_up, interaction), (Some(id), Some(bob_rings("call-1").id)));
    }
    history.verify().unwrap();
}

#[tokio::test]
async fn an_agent_over_the_limit_uses_up_no_customer_s() {
    let mut policy = Policy::default();
    policy.step_ups.per_agent = 1;
    policy.step_ups.per_customer = 2;
    let bank = bank_of(limits_alone(policy));
    app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    step_ups.request(&bob_rings("call-1"), &asking("s", transfer())).await.unwrap();
    for n in 2..9 {
        let call = bob_rings(&format!("call-{n}"));
        refused(step_ups.request(&call, &asking("s", transfer())).await);
    }
    let carol = call("call-9", &alice(), agent("carol"));
    step_ups.request(&carol, &asking("s", transfer())).await.unwrap();
    let dave = call("call-10", &alice(), agent("dave"));
    refused(step_ups.request(&dave, &asking("s", transfer())).await);
}

#[tokio::test]
async fn a_customer_has_so_many_credentials_and_no_more() {
    let mut policy = Policy::default();
    policy.credentials.per_customer = 2;
    let bank = bank_of(policy);
    let credentials = bank.verifier.credentials();
    let enrol = async |id: &str| {
        let enrolment = EnrolmentRequest::ocra(request(id)).vouched_for();
        credentials.enrol(&alice(), &enrolment).await
    };
    let first = enrol("one").await.unwrap().credential;
    let fob = credentials.import(&alice(), &ImportRequest::totp(seed(7))).await.unwrap();
    let written = bank.store.records();
    let full = |error| assert!(matches!(error, Error::Invalid(Invalid::TooManyCredentials)));
    full(enrol("two").await.unwrap_err());
    full(credentials.import(&alice(), &ImportRequest::totp(seed(8))).await.unwrap_err());
    assert_eq!(enrol("one").await.unwrap().credential, first, "repeated");
    assert_eq!(credentials.import(&alice(), &ImportRequest::totp(seed(7))).await.unwrap(), fob);
    assert_eq!(bank.store.records(), written);
    // What has ended does not count, whether revoked or never confirmed.
    credentials.revoke(&alice(), &fob.id).await.unwrap();
    enrol("two").await.unwrap();
    full(enrol("three").await.unwrap_err());
    bank.clock.advance(DAY * 2);
    enrol("three").await.unwrap();
    assert!(credentials.enrol(&mallory(), &EnrolmentRequest::ocra(request("one"))).await.is_ok());
}

#[tokio::test]
async fn a_grant_ends_with_the_credential_that_gave_it() {
    let bank = bank_of(Policy::default());
    let (credential, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let call = bob_rings("call-1");
    let mut grants = Vec::new();
    for id in ["used", "unused"] {
        let asked = step_ups.request(&call, &asking(id, transfer())).await.unwrap();
        let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
        step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
        grants.push(grant(&bank, &asked).await);
    }
    let redeem =
        async |n: usize| step_ups.redeem(&call, &grants[n], &transfer(), &request("k")).await;
    let proof = redeem(0).await.unwrap();
    bank.verifier.credentials().revoke(&alice(), &credential.id).await.unwrap();
    refused(redeem(1).await);
    // What was redeemed before was acted on: its proof is still to be had.
    assert_eq!(redeem(0).await.unwrap(), proof);
}

#[test]
fn a_transaction_says_its_kind() {
    let said = |kind, amount| {
        let mut one = transfer();
        (one.kind, one.amount) = (kind, amount);
        one.to_string()
    };
    let jones = "Jones Roofing 20-00-00 55779911 (Invoice 7)";
    assert_eq!(
        said(TransactionKind::Transfer, 500_000),
        format!("Transfer of GBP 5000.00 to {jones}")
    );
    assert_eq!(said(TransactionKind::Payment, 1), format!("Payment of GBP 0.01 to {jones}"));
    assert_eq!(said(TransactionKind::NewPayee, 0), format!("New payee: {jones}"));
    assert_eq!(said(TransactionKind::NewPayee, 500), format!("New payee, GBP 5.00: {jones}"));
    assert_eq!(said(TransactionKind::Change, 0), format!("Change of details: {jones}"));
}

proptest! {
    /// serde's own messages quote what they could not use.
    #[test]
    fn nothing_typed_is_repeated_by_serde(text in "[a-z]{12,20}", number in 10_000_000_u64..) {
        let good = serde_json::to_value(transfer()).unwrap();
        let grant = serde_json::json!({"step_up": "0", "token": "t"});
        let bad = [serde_json::json!(text), serde_json::json!(number), serde_json::json!([text])];
        for bad in bad {
            let mut errors = vec![
                serde_json::from_value::<Method>(bad.clone()).unwrap_err().to_string(),
                serde_json::from_value::<TransactionKind>(bad.clone()).unwrap_err().to_string(),
                serde_json::from_value::<countersign::Transaction>(bad.clone()).unwrap_err().to_string(),
                serde_json::from_value::<countersign::step_up::Grant>(bad.clone()).unwrap_err().to_string(),
            ];
            for (field, _) in good.as_object().unwrap() {
                let mut one = good.clone();
                one[field] = bad.clone();
                let read = serde_json::from_value::<countersign::Transaction>(one);
                // Any text does for payee and reference, and any number for the amount.
                errors.extend(read.err().map(|error| error.to_string()));
            }
            for field in ["step_up", "token"] {
                let mut one = grant.clone();
                one[field] = bad.clone();
                errors.push(serde_json::from_value::<countersign::step_up::Grant>(one).unwrap_err().to_string());
            }
            for error in errors {
                prop_assert!(!error.contains(&text) && !error.contains(&number.to_string()), "{error}");
            }
        }
    }
}
