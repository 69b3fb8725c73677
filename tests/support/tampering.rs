//! A step-up that is changed on its way and signed again, and what comes of the answer to it.

use crate::support::credentials::{app, pin, refused};
use crate::support::step_ups::{asked, bank_of, shown, signing, typed};
use crate::support::*;
use countersign::action::Approvable;
use countersign::device::{DeviceCredential, VerifiedStepUp};
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::step_up::StepUpData;
use countersign::step_up::{StepUpAnswer, StepUpOutcome, StepUpRequested, StepUpStatus};
use countersign::token::{
    Audience, Claims, Leeway, Purpose, SigningKey, TokenData, TokenId, TrustedKeys, UntrustedToken,
};
use countersign::{CustomerId, Device, Issuer, Transaction};

/// The transaction of what is approved.
pub const fn money(what: &mut Approvable) -> &mut Transaction {
    match what {
        Approvable::Transaction(transaction) => transaction,
        Approvable::Action(_) => panic!("an action"),
    }
}

/// What a token says, to be changed and signed again by whoever holds the enterprise's key.
pub struct Said<D> {
    pub issuer: Issuer,
    pub customer: CustomerId,
    pub nonce: TokenId,
    pub data: D,
}

pub fn signed<D: TokenData + Clone>(
    token: &str,
    key: &SigningKey,
    change: impl FnOnce(&mut Said<D>),
) -> String {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), D::PURPOSE).unwrap();
    let token = UntrustedToken::parse(token).unwrap();
    let audience = Audience::from(&alice());
    let verified = token.verify::<D>(&keys, &audience, START, Leeway::NONE).unwrap();
    let claims = verified.claims();
    let mut said = Said {
        issuer: issuer(),
        customer: alice(),
        nonce: claims.id(),
        data: claims.data().clone(),
    };
    change(&mut said);
    let (from, until) = (claims.issued_at(), claims.expires_at());
    let audience = Audience::from(&said.customer);
    let claims = Claims::new(said.issuer, audience, said.nonce, from, until.since(from), said.data);
    key.issue(&claims.unwrap()).unwrap()
}

/// What the app shows of `requested` with one change.
pub fn opened(
    requested: &StepUpRequested,
    change: impl FnOnce(&mut Said<StepUpData>),
) -> VerifiedStepUp {
    let (mut at, mut whose) = (issuer(), alice());
    let token = signed(&requested.token, &signing(), |said| {
        change(said);
        (at, whose) = (said.issuer.clone(), said.customer.clone());
    });
    let mut keys = TrustedKeys::new(at);
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    typed(shown(Device::new(keys, whose).open_step_up(&token, START).unwrap()), requested)
}

/// What it answers to that.
pub fn answered(
    requested: &StepUpRequested,
    device: &DeviceCredential,
    change: impl FnOnce(&mut Said<StepUpData>),
) -> StepUpAnswer {
    opened(requested, change).approve(device, &pin("2468")).unwrap()
}

/// Shows the app the step-up with `change`: what it answers is refused, counted once, and approves
/// nothing; what it answers to the step-up as it is approves it.
pub async fn refused_at_submit(change: impl FnOnce(&mut Said<StepUpData>)) {
    refused_at_submit_with(|policy| policy, change).await;
}

/// The same with another policy: of one that asks who rang whom, the app declines before it answers.
pub async fn refused_at_submit_with(
    policy: fn(Policy) -> Policy,
    change: impl FnOnce(&mut Said<StepUpData>),
) {
    let bank = bank_of(policy(Policy::default()));
    let (_, device) = app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let call = bob_rings("call-1");
    let requested = asked(&bank, &call).await;
    let id = requested.step_up.id;
    let code = answered(&requested, &device, change);
    refused(step_ups.submit(&alice(), &id, &code).await);
    assert_eq!(step_ups.outcome(&call, &id).await.unwrap(), StepUpOutcome::Waiting);
    let history = histories(&bank.verifier, a_credential).await.remove(0);
    let last = history.events.last().unwrap();
    assert_eq!((last.action, last.outcome), (Action::Verify, Outcome::Refused(Reason::WrongCode)));
    assert_eq!((history.refusals, last.step_up), (1, Some(id)));

    let right = answered(&requested, &device, |_| ());
    assert_ne!(code, right);
    let done = step_ups.submit(&alice(), &id, &right).await.unwrap();
    assert_eq!(done.status, StepUpStatus::Approved);
}
