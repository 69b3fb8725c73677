//! What two codes in a row lead to: never behind the present by more than the window, and from there the fob's own codes
//! are right again.

use std::time::Duration;

use countersign::credential::{ImportRequest, Method};
use countersign::error::Reason;
use countersign::history::Outcome;
use countersign::otp::{Algorithm, Code, Digits, OtpSeed, Totp};
use countersign::policy::RESYNC_RANGE;
use countersign::step_up::StepUpStatus;
use countersign::{CredentialId, Policy, StepUpId};

use crate::support::credentials::{refused, response};
use crate::support::step_ups::{asking, bank_of, change};
use crate::support::*;

const STEP: u32 = 30;

/// The codes of a fob, by how many steps they are ahead of the start.
fn code(steps: i64) -> Code {
    let seed = OtpSeed::from_bytes(&[7; 20]).unwrap();
    let totp = Totp::new(&seed, Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    totp.generate(START.unix().checked_add_signed(steps * i64::from(STEP)).unwrap())
}

async fn fob(totp_steps: u8) -> (Bank, CredentialId) {
    let mut policy = Policy::default();
    policy.credentials.totp_steps = totp_steps;
    policy.step_ups.per_customer = 20;
    let bank = bank_of(policy);
    let import = ImportRequest::totp(OtpSeed::from_bytes(&[7; 20]).unwrap());
    let id = bank.verifier.credentials().import(&alice(), &import).await.unwrap().id;
    (bank, id)
}

/// Gives the pair whose second code is of so many steps from now.
async fn paired(bank: &Bank, id: &CredentialId, second: i64) -> bool {
    let (first, second) = (code(second - 1), code(second));
    match bank.verifier.credentials().resync(&alice(), id, &first, &second).await {
        Ok(_) => true,
        Err(error) => {
            refused(Err::<(), _>(error));
            false
        }
    }
}

async fn ask(bank: &Bank, id: &str) -> StepUpId {
    let asking = asking(id, change()).by(Method::Totp);
    let requested = bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await;
    requested.unwrap().step_up.id
}

async fn failures(bank: &Bank) -> u32 {
    let histories = histories(&bank.verifier, a_credential).await;
    histories.iter().map(|history| history.refusals).sum()
}

#[tokio::test]
async fn no_pair_from_the_past_leads_back_to_it() {
    for totp_steps in [0, 1] {
        for ago in 0..=i64::from(RESYNC_RANGE) {
            let (bank, id) = fob(totp_steps).await;
            let in_window = ago <= i64::from(totp_steps);
            let written = bank.store.records();
            bank.seen.take();
            assert_eq!(paired(&bank, &id, -ago).await, in_window, "{ago} steps ago");
            if !in_window {
                // Knowing it is no guess; of the oldest pair the first code is not looked for.
                let known = ago < i64::from(RESYNC_RANGE);
                assert_eq!(bank.store.records() == written, known, "{ago} steps ago");
                let reason = if known { Reason::Replayed } else { Reason::WrongCode };
                assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(reason));
                // Nor is the third code of that past right.
                let s = ask(&bank, "past").await;
                let third = response(&code(1 - ago));
                let third = bank.verifier.step_ups().submit(&alice(), &s, &third).await;
                assert_eq!(third.is_ok(), ago - 1 <= i64::from(totp_steps), "{ago} steps ago");
            }
            // The fob's own present code is.
            let s = ask(&bank, "present").await;
            bank.clock.advance(Duration::from_secs(STEP.into()));
            let present = response(&code(1));
            let done = bank.verifier.step_ups().submit(&alice(), &s, &present).await.unwrap();
            assert_eq!(done.status, StepUpStatus::Approved, "{ago} steps ago");
        }
    }
}

#[tokio::test]
async fn a_fob_that_is_ahead_is_found_and_its_present_code_is_right() {
    for ahead in 1..=i64::from(RESYNC_RANGE) {
        let (bank, id) = fob(1).await;
        assert!(paired(&bank, &id, ahead).await, "{ahead} steps ahead");
        let s = ask(&bank, "present").await;
        let present = response(&code(ahead + 1));
        bank.verifier.step_ups().submit(&alice(), &s, &present).await.unwrap();
        // It stays where it was found.
        bank.clock.advance(Duration::from_secs((60 * STEP).into()));
        let s = ask(&bank, "later").await;
        let later = response(&code(ahead + 61));
        bank.verifier.step_ups().submit(&alice(), &s, &later).await.unwrap();
        assert_eq!(failures(&bank).await, 0);
    }
    let (bank, id) = fob(1).await;
    assert!(!paired(&bank, &id, i64::from(RESYNC_RANGE) + 1).await);
    assert_eq!(failures(&bank).await, 1, "too far off to be told from a guess");
}

/// One that was found ahead, and is not: the present leads back.
#[tokio::test]
async fn a_pair_of_the_present_leads_back_from_ahead() {
    let (bank, id) = fob(1).await;
    assert!(paired(&bank, &id, 20).await);
    assert!(!paired(&bank, &id, 0).await, "used up to twenty steps ahead");
    bank.clock.advance(Duration::from_secs((22 * STEP).into()));
    assert!(paired(&bank, &id, 22).await);
    let s = ask(&bank, "present").await;
    bank.clock.advance(Duration::from_secs(STEP.into()));
    bank.verifier.step_ups().submit(&alice(), &s, &response(&code(23))).await.unwrap();
}
