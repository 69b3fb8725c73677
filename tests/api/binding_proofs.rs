//! A proof binds another credential if its kind, method, time, customer and enterprise fit: each for itself.

use std::time::Duration;

use countersign::credential::{EnrolmentRequest, ImportRequest, Method};
use countersign::device::DeviceCredential;
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed, Totp};
use countersign::random::SeededRandom;
use countersign::step_up::{Redeemed, StepUpOutcome};
use countersign::token::{Purpose, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{CustomerId, Device, Issuer, Policy, Transaction};

use crate::support::binding::another;
use crate::support::binding::{needs_word, thief};
use crate::support::credentials::{app, pin, response};
use crate::support::step_ups::{asking, bank, bank_of, shown, signing, transfer, typed};
use crate::support::*;

const SECOND: Duration = Duration::from_secs(1);

/// What `customer` approves of with `device`, redeemed.
async fn approved(
    bank: &Bank,
    (issuer, customer): (Issuer, &CustomerId),
    (device, with): (&DeviceCredential, &str),
    transaction: &Transaction,
) -> Redeemed {
    let (call, step_ups) = (call("call-1", customer, agent("bob")), bank.verifier.step_ups());
    let asked = step_ups.request(&call, &asking("s", transaction.clone())).await.unwrap();
    let mut keys = TrustedKeys::new(issuer);
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    let phone = Device::new(keys, customer.clone());
    let shown = typed(shown(phone.open_step_up(&asked.token, bank.now()).unwrap()), &asked);
    let code = shown.approve(device, &pin(with)).unwrap();
    let id = asked.step_up.id;
    step_ups.submit(customer, &id, &code).await.unwrap();
    let Ok(StepUpOutcome::Approved(grant)) = step_ups.outcome(&call, &id).await else { panic!() };
    step_ups.redeem(&call, &grant, transaction, &request("k")).await.unwrap()
}

/// The same by Alice with a credential of this method, which she has alone.
async fn by_method(bank: &Bank, method: Method, transaction: &Transaction) -> Redeemed {
    let (credentials, step_ups) = (bank.verifier.credentials(), bank.verifier.step_ups());
    let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
    match method {
        Method::Ocra => {
            let (_, device) = app(bank).await;
            return approved(bank, (issuer(), &alice()), (&device, "2468"), transaction).await;
        }
        Method::Totp => {
            _ = credentials.import(&alice(), &ImportRequest::totp(seed())).await.unwrap();
        }
        Method::Hotp => {
            _ = credentials.import(&alice(), &ImportRequest::hotp(seed(), 0)).await.unwrap();
        }
        _ => {
            let sms = EnrolmentRequest::delivered(request("sms"));
            let given = credentials.enrol(&alice(), &sms).await.unwrap();
            let first = response(given.code_to_deliver().unwrap());
            credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
        }
    }
    let call = bob_rings("call-1");
    let asked = step_ups.request(&call, &asking("s", transaction.clone())).await.unwrap();
    assert_eq!(asked.step_up.method, method);
    let id = asked.step_up.id;
    let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let code = match method {
        Method::Totp => response(&totp.generate(bank.now().unix())),
        Method::Hotp => response(&Hotp::new(&seed(), Algorithm::Sha1, Digits::SIX).generate(0)),
        _ => {
            let message = step_ups.delivery(&alice(), &id).await.unwrap().message();
            message.split(' ').next().unwrap().parse().unwrap()
        }
    };
    step_ups.submit(&alice(), &id, &code).await.unwrap();
    let Ok(StepUpOutcome::Approved(grant)) = step_ups.outcome(&call, &id).await else { panic!() };
    step_ups.redeem(&call, &grant, transaction, &request("k")).await.unwrap()
}

/// Whether Alice's session binds `enrolment` with `proof`. If not, nothing is written.
async fn binds(bank: &Bank, enrolment: EnrolmentRequest, proof: &Redeemed) -> bool {
    let before = bank.store.records();
    let enrolled = bank.verifier.credentials().enrol(&alice(), &enrolment.approved_in(proof)).await;
    if enrolled.is_ok() {
        return true;
    }
    needs_word(enrolled);
    assert_eq!(bank.store.records(), before);
    false
}

#[tokio::test]
async fn a_proof_of_another_kind_binds_nothing() {
    for kind in [
        TransactionKind::Transfer,
        TransactionKind::Payment,
        TransactionKind::NewPayee,
        TransactionKind::Change,
        TransactionKind::NewAuthenticator,
    ] {
        let bank = bank();
        let mut transaction = another();
        transaction.kind = kind;
        let proof = by_method(&bank, Method::Ocra, &transaction).await;
        let own = kind == TransactionKind::NewAuthenticator;
        assert_eq!(binds(&bank, thief("one"), &proof).await, own, "{kind:?}");
    }
}

/// By each method, where the policy lets messages approve payments and where it does not.
#[tokio::test]
async fn a_proof_by_a_code_that_says_nothing_binds_nothing() {
    use Method::{Delivered, Hotp, Ocra, Totp};
    for (by, new, may_pay, bound) in [
        (Ocra, Ocra, false, true),
        (Ocra, Delivered, false, true),
        (Delivered, Delivered, true, true),
        (Delivered, Delivered, false, false),
        (Delivered, Ocra, true, false),
        (Delivered, Totp, true, false),
        (Totp, Ocra, false, false),
        (Totp, Totp, false, false),
        (Hotp, Ocra, false, false),
        (Hotp, Hotp, false, false),
        (Hotp, Delivered, true, false),
    ] {
        let mut policy = Policy::default();
        policy.step_ups.other_methods.push(Delivered);
        if may_pay {
            policy.step_ups.payment_methods.push(Delivered);
        }
        let bank = bank_of(policy);
        let proof = by_method(&bank, by, &another()).await;
        let enrolment = match new {
            Ocra => thief("one"),
            Totp => EnrolmentRequest::totp(request("one")),
            Hotp => EnrolmentRequest::hotp(request("one")),
            _ => EnrolmentRequest::delivered(request("one")),
        };
        assert_eq!(binds(&bank, enrolment, &proof).await, bound, "{by:?} {new:?} {may_pay}");
    }
}

/// As long as a grant, from when it was redeemed; clocks differ by as much as they may.
#[tokio::test]
async fn a_proof_binds_in_its_time_alone() {
    let policy = Policy::default();
    let (leeway, valid_for) = (policy.leeway, policy.step_ups.grant_valid_for);
    for (at, bound) in [
        (START.before(leeway + SECOND), false),
        (START.before(leeway), true),
        (START.after(valid_for - SECOND), true),
        (START.after(valid_for), false),
        (START.after(DAY), false),
    ] {
        let bank = bank();
        let proof = by_method(&bank, Method::Ocra, &another()).await;
        bank.clock.set(at);
        assert_eq!(binds(&bank, thief("one"), &proof).await, bound, "{at}");
    }
}

#[tokio::test]
async fn a_proof_of_a_credential_that_was_revoked_binds_nothing() {
    let bank = bank();
    let proof = by_method(&bank, Method::Ocra, &another()).await;
    bank.verifier.credentials().revoke(&alice(), &proof.credential()).await.unwrap();
    assert!(!binds(&bank, thief("one"), &proof).await);
}

/// It names no credential there and brings no coercion with it, whoever vouches besides.
#[tokio::test]
async fn a_proof_of_another_customer_or_enterprise_is_none() {
    let elsewhere = || Issuer::new("other.example").unwrap();
    for (theirs, whose) in [(issuer(), mallory()), (elsewhere(), alice())] {
        let bank = bank();
        let (_, device) = app(&bank).await;
        let proof = approved(&bank, (issuer(), &alice()), (&device, "1357"), &another()).await;
        assert!(proof.duress() && (proof.issuer(), proof.customer()) == (&issuer(), &alice()));
        // On the same rows, under the same keys.
        let verifier = countersign::Verifier::builder(theirs.clone(), keyring())
            .store(bank.store.clone())
            .clock(bank.clock.clone())
            .random(SeededRandom::new(9))
            .signing_key(signing())
            .build()
            .unwrap();
        let bank = Bank { verifier, ..bank };
        let credentials = bank.verifier.credentials();
        needs_word(credentials.enrol(&whose, &thief("one").approved_in(&proof)).await);

        let vouched = thief("one").vouched_for();
        let with = credentials.enrol(&whose, &vouched.clone().approved_in(&proof)).await.unwrap();
        let without = credentials.enrol(&whose, &vouched).await.unwrap();
        assert_eq!(with.credential, without.credential);
        assert_eq!(with.base32().unwrap(), without.base32().unwrap());
        let (id, random) = (with.credential.id, SeededRandom::new(4));
        let seed = OtpSeed::from_base32(with.base32().unwrap()).unwrap();
        let device = DeviceCredential::enrol(id, &seed, &pin("1111"), None, &random).unwrap();
        let first = device.confirm(&pin("1111")).unwrap();
        credentials.confirm(&whose, &id, &first).await.unwrap();
        let paid = approved(&bank, (theirs, &whose), (&device, "1111"), &transfer()).await;
        assert!(!paid.duress());
    }
}
