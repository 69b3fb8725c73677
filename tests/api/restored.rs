//! A store that was restored from a backup: what is asked for then, and what goes unnoticed without a word.

use countersign::credential::{CredentialStatus, ImportRequest};
use countersign::otp::OtpSeed;
use countersign::step_up::StepUpStatus;
use countersign::store::{Place, Record};
use countersign::{Error, Timestamp, Window};

use crate::support::anchors::{device_of, first_code, not_reconciled, over};
use crate::support::binding::{another, thief};
use crate::support::credentials::{app, pin, refused};
use crate::support::step_ups::{asking, bank, grant, open, transfer};
use crate::support::*;

/// When the backup was taken, and when the restored store was opened.
fn lost() -> Window {
    Window::new(START.after(HOUR), START.after(2 * HOUR)).unwrap()
}

/// The bank over the rows of its backup, opened after the loss, told of it or not.
async fn restored(rows: &[(Place, Record)], bank: &Bank, told: bool) -> Bank {
    over(bank, rows.iter().cloned(), told.then(lost)).await
}

fn at(bank: &Bank, to: Timestamp) {
    bank.clock.set(to);
}

async fn first_app(bank: &Bank, name: &str) -> Result<CredentialStatus, Error> {
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &thief(name)).await?;
    let code = first_code(&device_of(&given, 8), "2468");
    Ok(credentials.confirm(&alice(), &given.credential.id, &code).await?.status)
}

/// Anchor and row were written after the backup, and both are gone: the session would be the customer's first.
#[tokio::test]
async fn attack_25_after_a_restore_a_session_binds_nothing_without_the_back_end_s_word() {
    let bank = bank();
    let backup = bank.store.records();
    at(&bank, START.after(HOUR + MINUTE));
    app(&bank).await;
    at(&bank, START.after(3 * HOUR));

    let unaware = restored(&backup, &bank, false).await;
    // Without a word nothing is noticed: the manual says so.
    assert_eq!(first_app(&unaware, "thief").await.unwrap(), CredentialStatus::Active);

    let told = restored(&backup, &bank, true).await;
    not_reconciled(first_app(&told, "thief").await);
    assert_eq!(told.store.records().len(), 0);
    // The back end's word, or its saying that all is right.
    let vouched = thief("new").vouched_for();
    assert!(told.verifier.credentials().enrol(&alice(), &vouched).await.is_ok());
    not_reconciled(first_app(&told, "thief").await);
    told.verifier.customers().reconcile(&alice()).await.unwrap();
    assert_eq!(first_app(&told, "thief").await.unwrap(), CredentialStatus::Active);
}

/// A phone that was revoked after the backup is there again, and must bind nothing.
#[tokio::test]
async fn attack_25_after_a_restore_a_stolen_phone_that_is_back_binds_no_other() {
    let bank = bank();
    let (stolen, phone) = app(&bank).await;
    let backup = bank.store.records();
    at(&bank, START.after(HOUR + MINUTE));
    bank.verifier.credentials().revoke(&alice(), &stolen.id).await.unwrap();
    at(&bank, START.after(3 * HOUR));
    for told in [false, true] {
        let back = restored(&backup, &bank, told).await;
        let (call, step_ups) = (bob_rings("call-1"), back.verifier.step_ups());
        let requested = step_ups.request(&call, &asking("s-1", another())).await.unwrap();
        let code = open(&back, &requested).approve(&phone, &pin("2468")).unwrap();
        let done = step_ups.submit(&alice(), &requested.step_up.id, &code).await.unwrap();
        assert_eq!(done.status, StepUpStatus::Approved);
        let grant = grant(&back, &requested).await;
        let proof = step_ups.redeem(&call, &grant, &another(), &request("k")).await.unwrap();
        let enrolment = thief("theirs").approved_in(&proof);
        let bound = back.verifier.credentials().enrol(&alice(), &enrolment).await;
        if told {
            not_reconciled(bound);
        } else {
            assert!(bound.is_ok());
        }
    }
}

/// What was enrolled before the backup waits for its first code, and gets it after the restore.
#[tokio::test]
async fn after_a_restore_a_session_confirms_nothing_without_the_back_end_s_word() {
    let bank = bank();
    at(&bank, START.after(HOUR));
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &thief("waits")).await.unwrap();
    let (id, code) = (given.credential.id, first_code(&device_of(&given, 8), "2468"));
    let told = restored(&bank.store.records(), &bank, true).await;
    not_reconciled(told.verifier.credentials().confirm(&alice(), &id, &code).await);
    let unaware = restored(&bank.store.records(), &bank, false).await;
    assert!(unaware.verifier.credentials().confirm(&alice(), &id, &code).await.is_ok());
}

/// Reconciled before the loss is not reconciled since.
#[tokio::test]
async fn a_customer_who_was_reconciled_before_the_loss_is_not_since() {
    let bank = bank();
    at(&bank, START.after(HOUR + MINUTE));
    bank.verifier.customers().reconcile(&alice()).await.unwrap();
    let told = restored(&bank.store.records(), &bank, true).await;
    not_reconciled(first_app(&told, "thief").await);
    // To the second: at the end of the window it counts.
    at(&told, lost().until().before(std::time::Duration::from_secs(1)));
    told.verifier.customers().reconcile(&alice()).await.unwrap();
    not_reconciled(first_app(&told, "thief").await);
    at(&told, lost().until());
    told.verifier.customers().reconcile(&alice()).await.unwrap();
    assert_eq!(first_app(&told, "thief").await.unwrap(), CredentialStatus::Active);
}

/// The back end's own import is its word; everything else goes on.
#[tokio::test]
async fn after_a_restore_all_else_goes_on() {
    let bank = bank();
    let (_, phone) = app(&bank).await;
    let rows = bank.store.records();
    let told = restored(&rows, &bank, true).await;
    let fob = ImportRequest::hotp(OtpSeed::from_bytes(&[7; 20]).unwrap(), 0);
    told.verifier.credentials().import(&alice(), &fob).await.unwrap();
    told.booked().await;
    let (call, step_ups) = (bob_rings("call-1"), told.verifier.step_ups());
    let requested = step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
    let code = open(&told, &requested).approve(&phone, &pin("2468")).unwrap();
    let done = step_ups.submit(&alice(), &requested.step_up.id, &code).await.unwrap();
    assert_eq!(done.status, StepUpStatus::Approved);
    let wrong = "0000000000".parse().unwrap();
    refused(told.verifier.credentials().confirm(&mallory(), &phone.id(), &wrong).await);
}
