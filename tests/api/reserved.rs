//! What only a device key or passkey approves: by kind and amount, whichever method is named and whatever is locked or lost.

use countersign::credential::{CredentialStatus, EnrolmentRequest, Method};
use countersign::error::{ConfigError, Reason};
use countersign::history::Outcome;
use countersign::page::Page;
use countersign::policy::{ReservedCustomers, ReservedForKeys};
use countersign::step_up::StepUpRequested;
use countersign::step_up::joint::{CoApprover, JointOutcome, JointStepUpRequest};
use countersign::transaction::TransactionKind;
use countersign::{Error, Policy, Transaction, Verifier};

use crate::joint::{anybody, asking_as, people, set};
use crate::support::credentials::{app, pin, refused};
use crate::support::device_keys::{PrivateKey, bound, bound_with_pin};
use crate::support::passkeys::{self, Authenticator};
use crate::support::step_ups::{asking, bank_of, grant, open, signing, transfer, with_code};
use crate::support::{Bank, Recorder, START, alice, bob_rings, keyring, part, request};

/// Transfers over £5,000, and every new payee.
fn reserving(customers: ReservedCustomers) -> Policy {
    let mut policy = passkeys::policy();
    let reserved = &mut policy.step_ups.reserved;
    reserved.kinds = vec![TransactionKind::Transfer, TransactionKind::NewPayee];
    reserved.over.insert("GBP".parse().unwrap(), 499_999);
    reserved.customers = customers;
    policy
}

fn of(kind: TransactionKind, amount: u64, currency: &str) -> Transaction {
    let (payee, reference) = (transfer().payee, transfer().reference);
    Transaction::new(kind, amount, currency.parse().unwrap(), payee, reference)
}

fn small() -> Transaction {
    of(TransactionKind::Transfer, 499_999, "GBP")
}

fn phone() -> EnrolmentRequest {
    EnrolmentRequest::device_key(request("phone")).vouched_for()
}

async fn ask(bank: &Bank, id: &str, what: Transaction) -> Result<StepUpRequested, Error> {
    bank.verifier.step_ups().request(&bob_rings("call-1"), &asking(id, what)).await
}

async fn ask_by(
    bank: &Bank,
    id: &str,
    what: Transaction,
    method: Method,
) -> Result<StepUpRequested, Error> {
    let asking = asking(id, what).by(method);
    bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await
}

fn why(bank: &Bank) -> Option<Reason> {
    bank.seen.take().iter().rev().find_map(|seen| match seen.outcome {
        Outcome::Refused(reason) => Some(reason),
        Outcome::Done => None,
    })
}

#[test]
fn a_kind_is_reserved_over_an_amount_and_nothing_is_by_default() {
    use TransactionKind::{Change, NewAuthenticator, NewPayee, Payment, Transfer};
    let all = [
        (of(Transfer, 499_999, "GBP"), false),
        (of(Transfer, 500_000, "GBP"), true),
        // Of a currency without an amount all is.
        (of(Transfer, 1, "EUR"), true),
        (of(Payment, 500_000, "GBP"), false),
        // Nothing moves, so no amount is small.
        (of(NewPayee, 0, "GBP"), true),
        (of(NewPayee, 1, "GBP"), true),
        (of(Change, 500_000, "GBP"), false),
        (of(NewAuthenticator, 500_000, "GBP"), false),
    ];
    let (policy, default) =
        (reserving(ReservedCustomers::All).step_ups, Policy::default().step_ups);
    for (transaction, reserved) in all {
        assert_eq!(policy.reserved.covers(&transaction), reserved, "{transaction}");
        assert!(!default.reserved.covers(&transaction));
        for method in [Method::DeviceKey, Method::Passkey] {
            assert!(policy.allows(method, &transaction));
        }
        assert_eq!(policy.allows(Method::Ocra, &transaction), !reserved, "{transaction}");
        // Below the threshold too.
        assert!(!reserved || policy.needed(&transaction));
    }
    assert!(!default.needed(&of(Transfer, 1, "GBP")) && !policy.needed(&of(Transfer, 1, "GBP")));
    let mut low = policy;
    low.reserved.over.insert("GBP".parse().unwrap(), 0);
    assert!(low.needed(&of(Transfer, 1, "GBP")));
}

/// By no name and in no order: she has OCRA, which approves what is not reserved.
#[tokio::test]
async fn attack_what_is_reserved_is_asked_of_no_code() {
    let bank = bank_of(reserving(ReservedCustomers::All));
    let (_, device) = app(&bank).await;
    bank.seen.take();
    refused(ask(&bank, "large", transfer()).await);
    assert_eq!(why(&bank), Some(Reason::NoCredential));
    refused(ask_by(&bank, "named", transfer(), Method::Ocra).await);
    refused(ask(&bank, "payee", of(TransactionKind::NewPayee, 0, "GBP")).await);
    let asked = ask(&bank, "small", small()).await.unwrap();
    assert_eq!(asked.step_up.method, Method::Ocra);
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    // With a key it is asked, and the name of another method leads to nothing still.
    let key = PrivateKey::ed25519(9);
    bound(&bank, &phone(), &key).await;
    refused(ask_by(&bank, "named", transfer(), Method::Ocra).await);
    let asked = ask(&bank, "large", transfer()).await.unwrap();
    assert_eq!(asked.step_up.method, Method::DeviceKey);
    approved_by_key(&bank, &key, &asked).await;
}

async fn approved_by_key(bank: &Bank, key: &PrivateKey, asked: &StepUpRequested) {
    let (id, step_ups) = (asked.step_up.id, bank.verifier.step_ups());
    let answer = open(bank, asked).answer_signed(key.answer(bank, asked));
    step_ups.submit(&alice(), &id, &answer).await.unwrap();
    let grant = grant(bank, asked).await;
    let call = bob_rings("call-1");
    let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
    assert_eq!(proof.key_fingerprint(), Some(key.public().fingerprint()));
}

#[tokio::test]
async fn a_passkey_approves_what_is_reserved() {
    let bank = bank_of(reserving(ReservedCustomers::All));
    let authenticator = Authenticator::of(PrivateKey::p256());
    let enrolment = EnrolmentRequest::passkey(request("passkey"));
    passkeys::bound(&bank, &enrolment, &authenticator).await;
    let asked = ask(&bank, "large", transfer()).await.unwrap();
    assert_eq!(asked.step_up.method, Method::Passkey);
    let answer = open(&bank, &asked).answer_signed(authenticator.answer(&bank, &asked));
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &asked.step_up.id, &answer).await.unwrap();
    let grant = grant(&bank, &asked).await;
    step_ups.redeem(&bob_rings("call-1"), &grant, &transfer(), &request("k")).await.unwrap();
}

/// Five wrong codes lock the key, and nothing takes its place.
#[tokio::test]
async fn a_locked_key_leaves_what_is_reserved_to_nobody() {
    for customers in [ReservedCustomers::All, ReservedCustomers::KeyHolders] {
        let bank = bank_of(reserving(customers));
        app(&bank).await;
        let key = PrivateKey::ed25519(9);
        let device = bound_with_pin(&bank, phone(), &key).await;
        let asked = ask(&bank, "s", transfer()).await.unwrap();
        for n in 0..5 {
            let wrong = with_code(&asked, &format!("{n:08}")).signed(key.answer(&bank, &asked));
            let step_ups = bank.verifier.step_ups();
            refused(step_ups.submit(&alice(), &asked.step_up.id, &wrong).await);
        }
        let listed = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
        let locked = listed.items.iter().find(|one| one.status == CredentialStatus::Locked);
        assert_eq!(locked.map(|one| one.id), Some(device.id()));
        refused(ask(&bank, "unnamed", transfer()).await);
        refused(ask_by(&bank, "named", transfer(), Method::Ocra).await);
        ask_by(&bank, "small", small(), Method::Ocra).await.unwrap();
    }
}

/// While customers get their first keys: the others go on as before, and no key that is gone lets one go back.
#[tokio::test]
async fn what_is_reserved_of_key_holders_follows_the_floor() {
    let bank = bank_of(reserving(ReservedCustomers::KeyHolders));
    app(&bank).await;
    let before = ask(&bank, "before", transfer()).await.unwrap();
    assert_eq!(before.step_up.method, Method::Ocra);
    let key = PrivateKey::ed25519(9);
    let credential = bound(&bank, &phone(), &key).await;
    refused(ask_by(&bank, "named", transfer(), Method::Ocra).await);
    let asked = ask(&bank, "large", transfer()).await.unwrap();
    assert_eq!(asked.step_up.method, Method::DeviceKey);
    approved_by_key(&bank, &key, &asked).await;
    ask_by(&bank, "small", small(), Method::Ocra).await.unwrap();
    bank.verifier.credentials().revoke(&alice(), &credential.id).await.unwrap();
    refused(ask(&bank, "unnamed", transfer()).await);
    refused(ask_by(&bank, "named", transfer(), Method::Ocra).await);
    ask(&bank, "small-2", small()).await.unwrap();
}

/// Another machine of the bank's over the same records, with this policy.
fn machine(bank: &Bank, policy: Policy, seed: u64) -> Verifier {
    let builder = part(keyring(), &bank.store, &bank.clock, &Recorder::default(), seed);
    builder.policy(policy).signing_key(signing()).build().unwrap()
}

/// Asked and approved where the policy is laxer: it is not redeemed.
#[tokio::test]
async fn attack_an_approval_without_a_key_is_not_redeemed_for_what_is_reserved() {
    let bank = bank_of(passkeys::policy());
    let strict = machine(&bank, reserving(ReservedCustomers::All), 2);
    let (_, device) = app(&bank).await;
    let asked = ask(&bank, "s", transfer()).await.unwrap();
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let (grant, call, k) = (grant(&bank, &asked).await, bob_rings("call-1"), request("k"));
    for _ in 0..2 {
        refused(strict.step_ups().redeem(&call, &grant, &transfer(), &k).await);
    }
    bank.verifier.step_ups().redeem(&call, &grant, &transfer(), &k).await.unwrap();
    // Nor is it repeated there.
    refused(strict.step_ups().redeem(&call, &grant, &transfer(), &k).await);
}

/// The same of one of several approvals.
#[tokio::test]
async fn attack_a_vote_without_a_key_does_not_count_for_what_is_reserved() {
    let bank = bank_of(passkeys::policy());
    let strict = machine(&bank, reserving(ReservedCustomers::All), 2);
    let (_, device) = app(&bank).await;
    let (call, k) = (bob_rings("call-1"), request("k"));
    let alone = vec![CoApprover::new(alice(), "holder".parse().unwrap())];
    let asking: JointStepUpRequest = asking_as("j-1", 1, alone);
    let asked = bank.verifier.joint_step_ups().request(&call, &asking).await.unwrap();
    let (token, id) = (&asked.tokens[0], asked.step_up.id);
    let opened = crate::support::step_ups::phone().open_step_up(&token.token, START).unwrap();
    let shown = crate::support::step_ups::said(opened, asked.digits.as_ref());
    let answer = shown.approve(&device, &pin("2468")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &token.step_up, &answer).await.unwrap();
    let waits = strict.joint_step_ups().outcome(&call, &id).await.unwrap();
    assert!(matches!(waits, JointOutcome::Waiting { .. }), "{waits:?}");
    refused(strict.joint_step_ups().redeem(&call, &id, &transfer(), &anybody(), &k).await);
    bank.verifier.joint_step_ups().redeem(&call, &id, &transfer(), &anybody(), &k).await.unwrap();
}

/// Who has no key is passed over, or there are too few.
#[tokio::test]
async fn of_several_approvers_those_with_a_key_are_asked() {
    let bank = bank_of(reserving(ReservedCustomers::All));
    let holders = people(&bank, &["carol", "dave"]).await;
    app(&bank).await;
    let mut all = set(&holders);
    all.push(CoApprover::new(alice(), "holder".parse().unwrap()));
    let (call, joint) = (bob_rings("call-1"), bank.verifier.joint_step_ups());
    refused(joint.request(&call, &asking_as("all", 3, all.clone())).await);
    let asked = joint.request(&call, &asking_as("two", 2, all)).await.unwrap();
    let names: Vec<_> = asked.tokens.iter().map(|one| one.customer.as_str()).collect();
    assert_eq!(names, ["carol", "dave"]);
}

/// A rule that nobody could meet, or that names no payment, is a mistake.
#[test]
fn a_policy_reserves_what_keys_may_approve_and_amounts_of_what_moves_money() {
    let check = |change: &dyn Fn(&mut Policy)| {
        let mut policy = Policy::default();
        change(&mut policy);
        policy.check()
    };
    let reserve = |policy: &mut Policy, kinds: &[TransactionKind]| {
        policy.step_ups.reserved.kinds = kinds.to_vec();
    };
    let amount = |policy: &mut Policy| {
        policy.step_ups.reserved.over.insert("GBP".parse().unwrap(), 1);
    };
    assert_eq!(check(&|policy| reserve(policy, &[TransactionKind::Payment])), Ok(()));
    assert_eq!(check(&amount), Err(ConfigError::Reserved), "an amount of nothing");
    let of_payee = |policy: &mut Policy| {
        reserve(policy, &[TransactionKind::NewPayee]);
        amount(policy);
    };
    assert_eq!(check(&of_payee), Err(ConfigError::Reserved), "an amount of what moves nothing");
    for (kind, payments) in [(TransactionKind::Transfer, true), (TransactionKind::Change, false)] {
        let without_keys = |policy: &mut Policy| {
            reserve(policy, &[kind]);
            let step_ups = &mut policy.step_ups;
            match payments {
                true => step_ups.payment_methods = vec![Method::Ocra],
                false => step_ups.other_methods = vec![Method::Ocra],
            }
        };
        assert_eq!(check(&without_keys), Err(ConfigError::Reserved), "{kind:?}");
    }
    let read = |json: &str| serde_json::from_str::<ReservedForKeys>(json);
    let some = r#"{"kinds":["transfer"],"over":{"GBP":1},"customers":"key_holders"}"#;
    assert_eq!(read(some).unwrap().customers, ReservedCustomers::KeyHolders);
    assert_eq!(serde_json::to_string(&read(some).unwrap()).unwrap(), some);
    assert!(read(r#"{"kind":["transfer"]}"#).is_err() && read(r#"{"kinds":["money"]}"#).is_err());
}
