//! A bank that asks for step-ups, and Alice's phone that answers them.

pub use crate::support::signing::{bank_of, signing};
use crate::support::*;
use countersign::device::{UnansweredStepUp, VerifiedStepUp, WhoRangCheck};
use countersign::policy::PromptCheck;
use countersign::step_up::{
    MatchDigits, Prompts, StepUpAnswer, StepUpOutcome, StepUpRequest, StepUpRequested, WhoRang,
};
use countersign::token::{Purpose, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{CustomerId, Device, Interaction, Policy, Transaction};

/// A policy whose prompts ask for nothing besides the code: for what holds of codes and their counters whatever else is
/// asked. That is compared first, and has tests of its own in `prompts.rs`.
pub fn codes_alone(mut policy: Policy) -> Policy {
    policy.step_ups.prompts.number_match = PromptCheck::never();
    policy.step_ups.prompts.who_rang = PromptCheck::never();
    policy
}

/// The same limits as `policy`, of which those of an interaction and of a day are not reached.
pub fn limits_alone(mut policy: Policy) -> Policy {
    (policy.step_ups.prompts.per_interaction, policy.step_ups.prompts.per_day) = (20, 100);
    policy
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

/// The customer's app allows prompts again, as it showed them.
pub async fn resume(bank: &Bank, customer: &CustomerId) -> Prompts {
    let step_ups = bank.verifier.step_ups();
    let shown = step_ups.prompts(customer).await.unwrap();
    step_ups.resume_prompts(customer, shown.number).await.unwrap()
}

/// What Alice's phone shows, once she has said who rang whom and typed what the agent says.
pub fn open(bank: &Bank, requested: &StepUpRequested) -> VerifiedStepUp {
    let now = countersign::time::Clock::now(&bank.clock).unwrap();
    typed(shown(phone().open_step_up(&requested.token, now).unwrap()), requested)
}

/// What the app shows after the customer said rightly who rang whom, with the digits that the agent said, if there are any.
pub fn said(opened: UnansweredStepUp, digits: Option<&MatchDigits>) -> VerifiedStepUp {
    with_typed(shown(opened), digits)
}

fn with_typed(shown: VerifiedStepUp, digits: Option<&MatchDigits>) -> VerifiedStepUp {
    match digits {
        Some(digits) => shown.with_digits(digits.digits().parse().unwrap()),
        None => shown,
    }
}

/// What is shown to a customer who knows who rang whom, perhaps after a second thought.
pub fn shown(opened: UnansweredStepUp) -> VerifiedStepUp {
    match opened.answer(WhoRang::Enterprise) {
        WhoRangCheck::Show(shown) => *shown,
        WhoRangCheck::AskAgain(opened) => match opened.answer(WhoRang::Customer) {
            WhoRangCheck::Show(shown) => *shown,
            other => panic!("{other:?}"),
        },
        WhoRangCheck::Decline(..) => panic!("it was asked once"),
    }
}

/// With the digits that the agent says, if there are any.
pub fn typed(shown: VerifiedStepUp, requested: &StepUpRequested) -> VerifiedStepUp {
    with_typed(shown, requested.digits.as_ref())
}

/// This code, with what else is asked in a call that the bank made.
pub fn with_code(requested: &StepUpRequested, code: &str) -> StepUpAnswer {
    with_code_in(requested, WhoRang::Enterprise, code)
}

pub fn with_code_in(requested: &StepUpRequested, who: WhoRang, code: &str) -> StepUpAnswer {
    let answer = StepUpAnswer::by_code(code.parse().unwrap());
    match &requested.digits {
        Some(digits) => answer.who_rang(who).with_digits(digits.digits().parse().unwrap()),
        None => answer,
    }
}

/// The answer once more, as an app sends it again or keeps it.
pub fn code_of(answer: &StepUpAnswer) -> String {
    answer.code().unwrap().expose().to_owned()
}

pub async fn grant(bank: &Bank, requested: &StepUpRequested) -> countersign::step_up::Grant {
    let call = bob_rings("call-1");
    let outcome = bank.verifier.step_ups().outcome(&call, &requested.step_up.id).await;
    match outcome.unwrap() {
        StepUpOutcome::Approved(grant) => grant,
        other => panic!("{other:?}"),
    }
}
