//! A bank that asks for step-ups, and Alice's phone that answers them.

use crate::support::*;
use countersign::device::VerifiedStepUp;
use countersign::step_up::{StepUpOutcome, StepUpRequest, StepUpRequested};
use countersign::store::FaultStore;
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{Device, Interaction, MemoryStore, Policy, Transaction};

pub fn signing() -> SigningKey {
    SigningKey::from_seed(&[5; 32]).unwrap()
}

/// A bank that signs.
pub fn bank_of(policy: Policy) -> Bank {
    let store = FaultStore::new(MemoryStore::new());
    let clock = ManualClock::new(START);
    let seen = Recorder::default();
    let builder = part(keyring(), &store, &clock, &seen, 1).policy(policy);
    Bank { verifier: builder.signing_key(signing()).build().unwrap(), clock, store, seen }
}

pub fn bank() -> Bank {
    bank_of(Policy::default())
}

pub fn phone() -> Device {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    Device::new(keys, alice())
}

pub fn transfer() -> Transaction {
    Transaction::new(
        TransactionKind::Transfer,
        500_000,
        "GBP".parse().unwrap(),
        "Jones Roofing 20-00-00 55779911".parse().unwrap(),
        "Invoice 7".parse().unwrap(),
    )
}

/// What any method may approve.
pub fn change() -> Transaction {
    let mut change = transfer();
    change.kind = TransactionKind::Change;
    change
}

pub fn asking(id: &str, transaction: Transaction) -> StepUpRequest {
    StepUpRequest::new(request(id), transaction, "Bob from Example Bank".parse().unwrap())
}

pub async fn asked(bank: &Bank, call: &Interaction) -> StepUpRequested {
    bank.verifier.step_ups().request(call, &asking("s-1", transfer())).await.unwrap()
}

pub fn open(bank: &Bank, requested: &StepUpRequested) -> VerifiedStepUp {
    let now = countersign::time::Clock::now(&bank.clock).unwrap();
    phone().open_step_up(&requested.token, now).unwrap()
}

pub async fn grant(bank: &Bank, requested: &StepUpRequested) -> countersign::step_up::Grant {
    let call = bob_rings("call-1");
    let outcome = bank.verifier.step_ups().outcome(&call, &requested.step_up.id).await;
    match outcome.unwrap() {
        StepUpOutcome::Approved(grant) => grant,
        other => panic!("{other:?}"),
    }
}
