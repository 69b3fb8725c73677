//! Each act looks at the line by itself, and each part of a rule of legs counts.

use countersign::error::Invalid;
use countersign::id::MerchantId;
use countersign::interaction::LegKind;
use countersign::payment::PaymentRequest;
use countersign::policy::{Act, LEG_FACTS_FOR, LegAdvice, LegRule};
use countersign::step_up::joint::{CoApprover, JointStepUpRequest, Mandate};
use countersign::transaction::TransactionKind;
use countersign::{Direction, Error, Interaction, Policy, Timestamp, Transaction};

use crate::support::credentials::{app, pin};
use crate::support::step_ups::{bank_of, phone, shown, transfer};
use crate::support::vault_keys::signed_key;
use crate::support::*;

fn money(kind: TransactionKind, amount: u64, currency: &str) -> Transaction {
    let mut transaction = transfer();
    (transaction.kind, transaction.amount) = (kind, amount);
    transaction.currency = currency.parse().unwrap();
    transaction
}

fn pounds(amount: u64) -> Transaction {
    money(TransactionKind::Transfer, amount, "GBP")
}

/// A policy with this rule alone.
fn with(rule: LegRule) -> Policy {
    let mut policy = Policy::default();
    policy.legs.rules = vec![rule];
    policy
}

fn above_a_thousand(act: Act) -> LegRule {
    let legs = [LegKind::CheckedNumber, LegKind::InApp];
    LegRule::new(act, Direction::Outbound, legs).over("GBP".parse().unwrap(), 100_000)
}

fn checked(call: Interaction, at: Timestamp) -> Interaction {
    use countersign::contact::{Forwarding, LineFacts, SimChange};
    let facts = LineFacts::new("carrier".parse().unwrap(), at)
        .forwarding(Forwarding::None)
        .sim_change(SimChange::NotWithin(30 * DAY));
    call.on_leg(Policy::default().legs.leg_of(&facts))
}

fn is_for_the_leg<T: core::fmt::Debug>(result: Result<T, Error>) {
    let wanted = Invalid::Leg(LegAdvice::CallCheckedNumber);
    assert!(matches!(&result, Err(Error::Invalid(no)) if *no == wanted), "{result:?}");
}

#[test]
fn act_direction_amount_currency_and_kind_of_a_rule_each_count() {
    let legs = with(above_a_thousand(Act::StepUp)).legs;
    let (step_up, number) = (Act::StepUp, LegKind::Number);
    let (out, to_us) = (Direction::Outbound, Direction::Inbound);
    let no = Err(LegAdvice::CallCheckedNumber);
    let change = money(TransactionKind::Change, 1, "GBP");
    let euros = money(TransactionKind::Transfer, 1, "EUR");
    for (act, direction, transaction, leg, wanted, what) in [
        (step_up, out, Some(pounds(100_000)), number, Ok(()), "up to the amount"),
        (step_up, out, Some(pounds(100_001)), number, no, "above it"),
        (step_up, out, Some(pounds(100_001)), LegKind::CheckedNumber, Ok(()), "on a leg that does"),
        (step_up, out, Some(pounds(100_001)), LegKind::HeaderTicket, no, "on one that does not"),
        (step_up, to_us, Some(pounds(100_001)), number, Ok(()), "the other direction"),
        (Act::Payment, out, Some(pounds(100_001)), number, Ok(()), "another act"),
        (Act::Reveal, out, None, number, Ok(()), "another act"),
        (step_up, out, Some(euros), number, no, "a currency without an amount"),
        (step_up, out, Some(change), number, no, "what moves no money"),
        (step_up, out, None, number, no, "no transaction"),
    ] {
        assert_eq!(legs.allows(act, direction, transaction.as_ref(), leg), wanted, "{what}");
    }
    // All that apply must allow it.
    let mut both = legs;
    both.rules.push(LegRule::new(step_up, out, [LegKind::InApp]));
    let checked = both.allows(step_up, out, Some(&pounds(100_001)), LegKind::CheckedNumber);
    assert_eq!(checked, Err(LegAdvice::CallInTheApp));
}

#[tokio::test]
async fn a_payment_is_asked_for_on_the_legs_that_the_policy_allows() {
    let bank = bank_of(with(above_a_thousand(Act::Payment)));
    let asked = async |call: &Interaction, amount| {
        let transaction = money(TransactionKind::Payment, amount, "GBP");
        let merchant = MerchantId::new("fees").unwrap();
        let (name, key) = ("Bob".parse().unwrap(), signed_key(&issuer(), START));
        let id = request(&format!("{}-{amount}", call.id));
        let asking = PaymentRequest::new(id, merchant, transaction, name, key);
        bank.verifier.payments().request(call, &asking).await.map(drop)
    };
    asked(&bob_rings("call-1"), 100_000).await.unwrap();
    is_for_the_leg(asked(&bob_rings("call-2"), 100_001).await);
    asked(&checked(bob_rings("call-3"), START), 100_001).await.unwrap();
}

#[tokio::test]
async fn what_several_approve_is_asked_for_and_redeemed_on_the_legs_that_the_policy_allows() {
    let bank = bank_of(with(above_a_thousand(Act::StepUp)));
    let (_, device) = app(&bank).await;
    let joint = bank.verifier.joint_step_ups();
    let asking = JointStepUpRequest::new(
        request("joint"),
        pounds(200_000),
        "Bob".parse().unwrap(),
        "Alice".parse().unwrap(),
        1,
        vec![CoApprover::new(alice(), "owner".parse().unwrap())],
    );
    is_for_the_leg(joint.request(&bob_rings("call-1"), &asking).await.map(drop));
    let on = |at| checked(bob_rings("call-1"), at);
    let asked = joint.request(&on(START), &asking).await.unwrap();
    let opened = shown(phone().open_step_up(&asked.tokens[0].token, START).unwrap());
    let digits = asked.digits.as_ref().unwrap().digits().parse().unwrap();
    let answer = opened.with_digits(digits).approve(&device, &pin("2468")).unwrap();
    let step_up = &asked.tokens[0].step_up;
    bank.verifier.step_ups().submit(&alice(), step_up, &answer).await.unwrap();
    // The line is read again before the act.
    let later = START.after(LEG_FACTS_FOR);
    bank.clock.set(later);
    let (id, key) = (asked.step_up.id, request("act"));
    let mandate = Mandate::new(1, vec![CoApprover::new(alice(), "owner".parse().unwrap())]);
    let redeemed = joint.redeem(&on(START), &id, &pounds(200_000), &mandate, &key).await;
    is_for_the_leg(redeemed.map(drop));
    joint.redeem(&on(later), &id, &pounds(200_000), &mandate, &key).await.unwrap();
}

/// Another's clock that is ahead, or a host's mistake: facts from the future hold no longer than others.
#[tokio::test]
async fn facts_from_the_future_are_none() {
    let bank = bank_of(with(above_a_thousand(Act::Payment)));
    let asked = async |at: Timestamp| {
        let transaction = money(TransactionKind::Payment, 200_000, "GBP");
        let merchant = MerchantId::new("fees").unwrap();
        let (name, key) = ("Bob".parse().unwrap(), signed_key(&issuer(), START));
        let asking = PaymentRequest::new(request("p"), merchant, transaction, name, key);
        let call = checked(bob_rings("call-1"), at);
        bank.verifier.payments().request(&call, &asking).await.map(drop)
    };
    let second = std::time::Duration::from_secs(1);
    is_for_the_leg(asked(START.after(LEG_FACTS_FOR).after(second)).await);
    asked(START.after(LEG_FACTS_FOR)).await.unwrap();
}
