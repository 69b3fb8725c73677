//! Calls that look at a record twice, and what was changed in between: the later look decides.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use countersign::challenge::ChallengeStatus;
use countersign::device::CodeCheck;
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::step_up::{DeclineReason, StepUpOutcome};
use countersign::store::{FaultStore, Place, Record, Store, StoreError};
use countersign::time::{Clock, ClockError};
use countersign::{MemoryStore, Timestamp, Verifier};

use crate::support::between::{Between, Via};
use crate::support::challenges::{digits, fraud_rings, signing_bank, slot};
use crate::support::credentials::{app, pin, refused};
use crate::support::hearing::hear;
use crate::support::step_ups::{asked, bank, open, signing};
use crate::support::*;

/// A store that answers one look at a row with what stood there before, as if that look had come first.
#[derive(Debug, Clone)]
struct Earlier(FaultStore<MemoryStore>, Arc<Mutex<Option<(Place, Record)>>>);

impl Between for Earlier {
    type Under = FaultStore<MemoryStore>;

    fn under(&self) -> &Self::Under {
        &self.0
    }

    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let earlier = self.1.lock().unwrap().take_if(|(place, _)| place == at);
        match earlier {
            Some((_, record)) => Ok(Some(record)),
            None => self.0.load(at, now).await,
        }
    }
}

impl Earlier {
    /// The row that has changed since, as it was then.
    fn of(bank: &Bank, then: Vec<(Place, Record)>) -> Self {
        let now = bank.store.records();
        let changed = then.into_iter().find(|row| !now.contains(row));
        assert!(changed.is_some());
        Self(bank.store.clone(), Arc::new(Mutex::new(changed)))
    }

    fn verifier(&self, bank: &Bank) -> Verifier {
        let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 9);
        builder.store(Via(self.clone())).signing_key(signing()).build().unwrap()
    }

    fn was_seen(&self) -> bool {
        self.1.lock().unwrap().is_none()
    }
}

/// An agent asks while the appointment is replaced: the code was computed for the old one, and the new one is in
/// force when it would be shown.
#[tokio::test]
async fn the_code_of_a_replaced_appointment_is_not_shown_to_who_asked_meanwhile() {
    let bank = signing_bank();
    let (_, device) = app(&bank).await;
    let (id, first) = bank.confirmed().await;
    let then = bank.store.records();
    let challenges = bank.verifier.challenges();
    let again = challenges.reassign(&alice(), &id, &request("c-2"), &slot()).await.unwrap().token;
    let store = Earlier::of(&bank, then);
    let (racing, ring) = (store.verifier(&bank), fraud_rings("call-1"));
    refused(racing.challenges().present(&ring, &id).await);
    assert!(store.was_seen());
    let refusal = (Action::Present, Outcome::Refused(Reason::Superseded));
    assert_eq!(*bank.happened().await.last().unwrap(), refusal);
    assert_eq!(bank.challenge_status(&id).await, ChallengeStatus::Confirmed, "nobody was shown it");
    // Asked again, it is the code of the one in force.
    let said = digits(&racing.challenges().present(&ring, &id).await.unwrap());
    assert_eq!(hear(&bank, &again, &device, &said), CodeCheck::Genuine);
    assert!(!hear(&bank, &first, &device, &said).is_genuine());
}

/// The customer declines while the right code is on its way.
#[tokio::test]
async fn a_code_that_a_decline_overtook_approves_nothing() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    let (id, then) = (asked.step_up.id, bank.store.records());
    bank.verifier.step_ups().decline(&alice(), &id, DeclineReason::ChangedMind).await.unwrap();
    let store = Earlier::of(&bank, then);
    bank.seen.take();
    refused(store.verifier(&bank).step_ups().submit(&alice(), &id, &code).await);
    assert!(store.was_seen());
    let last = bank.seen.take().pop().unwrap();
    assert_eq!((last.action, last.outcome), (Action::Approve, Outcome::Refused(Reason::Ended)));
    let outcome = bank.verifier.step_ups().outcome(&bob_rings("call-1"), &id).await.unwrap();
    assert_eq!(outcome, StepUpOutcome::Declined);
}

/// Tells these times one after the other, and then the last of them.
struct Told(Mutex<VecDeque<Timestamp>>);

impl Clock for Told {
    fn now(&self) -> Result<Timestamp, ClockError> {
        let mut told = self.0.lock().map_err(|_| ClockError::new())?;
        let next = told.front().copied().ok_or_else(ClockError::new)?;
        if told.len() > 1 {
            told.pop_front();
        }
        Ok(next)
    }
}

/// The credential accepted the code in time, and the store is slow.
#[tokio::test]
async fn a_code_that_the_end_overtook_approves_nothing() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    let (id, until) = (asked.step_up.id, asked.step_up.until);
    let told = Told(Mutex::new(VecDeque::from([START, START, until])));
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 9).clock(told);
    let slow = builder.signing_key(signing()).build().unwrap();
    bank.seen.take();
    refused(slow.step_ups().submit(&alice(), &id, &code).await);
    let seen: Vec<_> = bank.seen.take().iter().map(|one| (one.action, one.outcome)).collect();
    let ended = Outcome::Refused(Reason::Ended);
    assert_eq!(seen, [(Action::Verify, Outcome::Done), (Action::Approve, ended)]);
    bank.clock.set(until);
    let outcome = bank.verifier.step_ups().outcome(&bob_rings("call-1"), &id).await.unwrap();
    assert_eq!(outcome, StepUpOutcome::Expired);
}
