//! "Not me", and a process that dies before all prompts have ended: whoever asks for one of them again ends it.

use countersign::Error;
use countersign::credential::EnrolmentRequest;
use countersign::step_up::{DeclineReason, StepUpOutcome};
use countersign::store::Fault;

use crate::support::credentials::refused;
use crate::support::device_keys::{PrivateKey, bound};
use crate::support::step_ups::{asking, bank, open, resume, transfer};
use crate::support::*;

/// The hold is written, and what waits is not ended: the desktop's repeated request looks at that.
#[tokio::test]
async fn a_prompt_that_a_lost_not_me_did_not_end_is_ended_when_it_is_asked_for_again() {
    let mut played = 0;
    for at in 0..24 {
        let bank = bank();
        let key = PrivateKey::ed25519(9);
        bound(&bank, &EnrolmentRequest::device_key(request("phone")), &key).await;
        let step_ups = bank.verifier.step_ups();
        let first = step_ups.request(&bob_rings("call-1"), &asking("s", transfer())).await.unwrap();
        let call = bob_rings("call-2");
        let second = step_ups.request(&call, &asking("s", transfer())).await.unwrap();
        bank.store.plan(at, Fault::FailBefore);
        let declined = step_ups.decline(&alice(), &first.step_up.id, DeclineReason::NotMe).await;
        bank.store.heal();
        let held = step_ups.prompts(&alice()).await.unwrap().held_since.is_some();
        let outcome = step_ups.outcome(&call, &second.step_up.id).await.unwrap();
        if declined.is_ok() {
            assert_eq!(outcome, StepUpOutcome::Declined);
            assert!(played > 0, "there is such a point");
            return;
        }
        assert!(matches!(declined, Err(Error::Store(_))), "{declined:?}");
        let again = step_ups.request(&call, &asking("s", transfer())).await.unwrap();
        let after = step_ups.outcome(&call, &second.step_up.id).await.unwrap();
        if held {
            played += u32::from(outcome == StepUpOutcome::Waiting);
            assert_eq!(after, StepUpOutcome::Declined, "{at}");
            let answer = open(&bank, &second).answer_signed(key.answer(&bank, &second));
            refused(step_ups.submit(&alice(), &second.step_up.id, &answer).await);
        } else {
            assert_eq!((after, again), (StepUpOutcome::Waiting, second), "{at}");
        }
    }
    panic!("so many calls are not made");
}

/// What was asked for after a hold that was lifted goes on.
#[tokio::test]
async fn a_prompt_that_was_asked_for_after_a_hold_is_repeated() {
    let bank = bank();
    bound(&bank, &EnrolmentRequest::device_key(request("phone")), &PrivateKey::ed25519(9)).await;
    let step_ups = bank.verifier.step_ups();
    let first = step_ups.request(&bob_rings("call-1"), &asking("s", transfer())).await.unwrap();
    step_ups.decline(&alice(), &first.step_up.id, DeclineReason::NotMe).await.unwrap();
    resume(&bank, &alice()).await;
    let call = bob_rings("call-2");
    let second = step_ups.request(&call, &asking("s", transfer())).await.unwrap();
    assert_eq!(step_ups.request(&call, &asking("s", transfer())).await.unwrap(), second);
    let outcome = step_ups.outcome(&call, &second.step_up.id).await.unwrap();
    assert_eq!(outcome, StepUpOutcome::Waiting);
}
