//! Which credentials a customer may have, and which of them answers: a stolen session binds none of its own.

use countersign::otp::ocra::Response;
use std::num::NonZeroU32;

use countersign::credential::{CredentialStatus, EnrolmentRequest, ImportRequest, Method};
use countersign::device::DeviceCredential;
use countersign::error::{ConfigError, Invalid, Reason};
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::transaction::TransactionKind;
use countersign::{Error, Policy};

use crate::support::binding::*;
use crate::support::credentials::{app, pin, refused, response};
use crate::support::step_ups::{
    asking, bank, bank_of, change, codes_alone, limits_alone, open, transfer, with_code,
};
use crate::support::*;

#[tokio::test]
async fn a_stolen_session_enrols_no_credential_beside_the_owner_s() {
    let bank = bank();
    let (held, _) = app(&bank).await;
    let credentials = bank.verifier.credentials();
    let written = bank.store.records();
    needs_word(credentials.enrol(&alice(), &thief("one")).await);
    assert_eq!(bank.store.records(), written);

    // Nor while it is locked, or disabled by codes that the thief has sent.
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let id = step_ups.request(&call, &asking("s", transfer())).await.unwrap().step_up.id;
    for n in 0..5 {
        refused(
            step_ups.submit(&alice(), &id, &format!("{n:010}").parse::<Response>().unwrap()).await,
        );
    }
    needs_word(credentials.enrol(&alice(), &thief("two")).await);

    // The back end's word does, and so does its revoking the lost one.
    let word = credentials.enrol(&alice(), &thief("three").vouched_for()).await.unwrap();
    assert_eq!(word.credential.status, CredentialStatus::Pending);
    credentials.revoke(&alice(), &held.id).await.unwrap();
    credentials.enrol(&alice(), &thief("four")).await.unwrap();
}

#[tokio::test]
async fn a_disabled_credential_is_no_way_to_bind_another() {
    let mut policy = Policy::default();
    policy.credentials.failures_to_disable = 6;
    let bank = bank_of(codes_alone(limits_alone(policy)));
    let (held, _) = app(&bank).await;
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    for n in 0..6 {
        let asked = step_ups.request(&call, &asking(&format!("s-{n}"), transfer())).await.unwrap();
        let code = format!("{n:010}").parse::<Response>().unwrap();
        refused(step_ups.submit(&alice(), &asked.step_up.id, &code).await);
        bank.clock.advance(HOUR);
    }
    let credentials = bank.verifier.credentials();
    let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
    assert_eq!((listed[0].id, listed[0].status), (held.id, CredentialStatus::Disabled));
    needs_word(credentials.enrol(&alice(), &thief("one")).await);
    credentials.enrol(&alice(), &thief("one").vouched_for()).await.unwrap();
}

/// Enrolled before the owner's was confirmed, it cannot be confirmed after.
#[tokio::test]
async fn a_credential_that_waits_beside_the_owner_s_is_not_confirmed() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &thief("early")).await.unwrap();
    app(&bank).await;
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let random = SeededRandom::new(4);
    let id = given.credential.id;
    let theirs = DeviceCredential::enrol(id, &seed, &pin("0000"), None, &random).unwrap();
    let written = bank.store.records();
    needs_word(credentials.confirm(&alice(), &id, &theirs.confirm(&pin("0000")).unwrap()).await);
    assert_eq!(bank.store.records(), written);
}

/// Ids come from request ids, which an app chooses: they must not decide who is asked.
#[tokio::test]
async fn the_credential_that_has_served_longest_is_asked() {
    for n in 0..12 {
        let bank = bank();
        let credentials = bank.verifier.credentials();
        let mut ids = Vec::new();
        for at in 0..3 {
            let name = format!("{n}-{at}");
            let given = credentials.enrol(&alice(), &thief(&name).vouched_for()).await.unwrap();
            let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
            let random = SeededRandom::new(4);
            let id = given.credential.id;
            let app = DeviceCredential::enrol(id, &seed, &pin("1111"), None, &random).unwrap();
            bank.clock.advance(MINUTE);
            let first = app.confirm(&pin("1111")).unwrap();
            let confirmed = credentials.confirm(&alice(), &id, &first).await.unwrap();
            assert_eq!(confirmed.since, Some(START.after(MINUTE * (at + 1))));
            ids.push(id);
        }
        let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
        for (at, id) in ids.iter().enumerate() {
            let asking = asking(&format!("s-{at}"), transfer());
            let asked = step_ups.request(&call, &asking).await.unwrap();
            assert_eq!(open(&bank, &asked).credential(), *id);
            credentials.revoke(&alice(), id).await.unwrap();
        }
    }
}

/// Wrong codes in the app's session must not lead to a method that says nothing of what it approves.
#[tokio::test]
async fn a_locked_app_gives_way_to_no_weaker_method() {
    let bank = bank();
    app(&bank).await;
    let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
    bank.verifier.credentials().import(&alice(), &ImportRequest::hotp(seed(), 0)).await.unwrap();
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let asked = step_ups.request(&call, &asking("s", change())).await.unwrap();
    assert_eq!(asked.step_up.method, Method::Ocra);
    for n in 0..5 {
        let wrong = format!("{n:010}").parse::<Response>().unwrap();
        refused(step_ups.submit(&alice(), &asked.step_up.id, &wrong).await);
    }
    bank.seen.take();
    refused(step_ups.request(&call, &asking("t", change())).await);
    let seen = bank.seen.take();
    assert_eq!(seen[0].outcome, countersign::history::Outcome::Refused(Reason::NoCredential));
    // The agent may ask for it, knowing why.
    let by_fob = step_ups.request(&call, &asking("u", change()).by(Method::Hotp)).await.unwrap();
    assert_eq!(by_fob.step_up.method, Method::Hotp);
    // And when the lock is over the app is asked again.
    bank.clock.advance(HOUR);
    let again = step_ups.request(&call, &asking("v", change())).await.unwrap();
    assert_eq!(again.step_up.method, Method::Ocra);
}

#[tokio::test]
async fn a_request_id_is_for_one_method() {
    let bank = bank();
    app(&bank).await;
    let seed = OtpSeed::from_bytes(&[7; 20]).unwrap();
    bank.verifier.credentials().import(&alice(), &ImportRequest::hotp(seed, 0)).await.unwrap();
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let asked = step_ups.request(&call, &asking("s", change()).by(Method::Ocra)).await.unwrap();
    let reused = step_ups.request(&call, &asking("s", change()).by(Method::Hotp)).await;
    assert!(matches!(reused, Err(Error::Invalid(Invalid::RequestReused))), "{reused:?}");
    // Without one it is the same question.
    assert_eq!(step_ups.request(&call, &asking("s", change())).await.unwrap(), asked);
}

#[tokio::test]
async fn a_delivered_code_is_good_for_ten_minutes_and_not_while_locked() {
    let mut policy = Policy::default();
    policy.step_ups.payment_methods = vec![Method::Delivered];
    let bank = bank_of(policy);
    let credentials = bank.verifier.credentials();
    let enrolment = EnrolmentRequest::delivered(request("sms"));
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    let first = response(given.code_to_deliver().unwrap());
    bank.clock.advance(MINUTE * 10);
    refused(credentials.confirm(&alice(), &given.credential.id, &first).await);
    assert!(credentials.enrol(&alice(), &enrolment).await.unwrap().code_to_deliver().is_none());

    let given =
        credentials.enrol(&alice(), &EnrolmentRequest::delivered(request("again"))).await.unwrap();
    let first = response(given.code_to_deliver().unwrap());
    bank.clock.advance(MINUTE * 10 - std::time::Duration::from_secs(1));
    credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();

    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let id = step_ups.request(&call, &asking("s", transfer())).await.unwrap().step_up.id;
    assert!(step_ups.delivery(&alice(), &id).await.is_ok());
    for n in 0..5 {
        refused(
            step_ups.submit(&alice(), &id, &format!("{n:010}").parse::<Response>().unwrap()).await,
        );
    }
    refused(step_ups.delivery(&alice(), &id).await);
}

#[tokio::test]
async fn time_steps_last_two_minutes_at_most_and_counters_have_a_next_one() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let seconds = |n: u32| NonZeroU32::new(n).unwrap();
    let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
    for long in [121, 86_400, u32::MAX] {
        let enrolled = credentials
            .enrol(&alice(), &EnrolmentRequest::totp(request("t")).period(seconds(long)))
            .await;
        assert!(matches!(enrolled, Err(Error::Invalid(Invalid::TimeStep))), "{enrolled:?}");
        let fob = ImportRequest::totp(seed()).period(seconds(long));
        let imported = credentials.import(&alice(), &fob).await;
        assert!(matches!(imported, Err(Error::Invalid(Invalid::TimeStep))));
    }
    let last = credentials.import(&alice(), &ImportRequest::hotp(seed(), u64::MAX)).await;
    assert!(matches!(last, Err(Error::Invalid(Invalid::LastCounter))), "{last:?}");
    assert_eq!(bank.store.records(), []);
    let limit = EnrolmentRequest::totp(request("t")).period(seconds(120));
    credentials.enrol(&alice(), &limit).await.unwrap();

    // The last code but one is accepted; the last of all has no next one and never is.
    let fob = ImportRequest::hotp(seed(), u64::MAX - 1);
    credentials.import(&alice(), &fob).await.unwrap();
    let hotp = Hotp::new(&seed(), Algorithm::Sha1, Digits::SIX);
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let submit = async |name: &str, counter: u64| {
        let asked = step_ups.request(&call, &asking(name, change())).await.unwrap();
        step_ups.submit(&alice(), &asked.step_up.id, &response(&hotp.generate(counter))).await
    };
    submit("one", u64::MAX - 1).await.unwrap();
    refused(submit("two", u64::MAX - 1).await);
    refused(submit("three", u64::MAX).await);
    refused(submit("four", u64::MAX).await);
}

#[test]
fn payments_take_no_method_that_does_not_name_them() {
    let refused = |method| {
        let mut policy = Policy::default();
        policy.step_ups.payment_methods.push(method);
        let builder = countersign::Verifier::builder(issuer(), keyring()).policy(policy);
        matches!(builder.build().unwrap_err(), ConfigError::PaymentMethod)
    };
    assert!(refused(Method::Totp) && refused(Method::Hotp));
    let mut policy = Policy::default();
    policy.step_ups.payment_methods = vec![Method::Delivered, Method::Ocra];
    assert!(countersign::Verifier::builder(issuer(), keyring()).policy(policy).build().is_ok());
    let mut policy = Policy::default();
    policy.credentials.failures_to_disable = policy.credentials.failures_to_lock;
    let builder = countersign::Verifier::builder(issuer(), keyring()).policy(policy);
    let wanted =
        ConfigError::OutOfRange { field: "credentials.failures_to_disable", least: 6, most: 100 };
    assert_eq!(format!("{:?}", builder.build().unwrap_err()), format!("{wanted:?}"));
    assert_eq!(TransactionKind::Change, change().kind);
}

#[tokio::test]
async fn a_session_is_not_given_the_seed_of_what_was_vouched_for() {
    let bank = bank();
    app(&bank).await;
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &thief("new").vouched_for()).await.unwrap();
    needs_word(credentials.enrol(&alice(), &thief("new")).await);
    let again = credentials.enrol(&alice(), &thief("new").vouched_for()).await.unwrap();
    assert_eq!(again.base32(), given.base32());

    // Enrolled by the session, and vouched for afterwards.
    let early = credentials.enrol(&mallory(), &thief("early")).await.unwrap();
    app_of_mallory(&bank).await;
    let vouched = thief("early").vouched_for();
    let given = credentials.enrol(&mallory(), &vouched).await.unwrap();
    // With another seed than the session has seen.
    assert_eq!(given.credential.id, early.credential.id);
    assert_ne!(given.base32(), early.base32());
    let seen = OtpSeed::from_base32(early.base32().unwrap()).unwrap();
    let (id, random) = (given.credential.id, SeededRandom::new(4));
    let theirs = DeviceCredential::enrol(id, &seen, &pin("0000"), None, &random).unwrap();
    let guess = theirs.confirm(&pin("0000")).unwrap();
    refused(credentials.confirm(&mallory(), &id, &guess).await);
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let (id, random) = (given.credential.id, SeededRandom::new(4));
    let device = DeviceCredential::enrol(id, &seed, &pin("1111"), None, &random).unwrap();
    let first = device.confirm(&pin("1111")).unwrap();
    let confirmed = credentials.confirm(&mallory(), &id, &first).await.unwrap();
    assert_eq!(confirmed.status, CredentialStatus::Active);
}

/// An OCRA fob beside the app is there for when the app is locked, if the agent asks for it.
#[tokio::test]
async fn a_fob_of_the_same_method_answers_when_it_is_asked_for_by_name() {
    let bank = bank();
    app(&bank).await;
    let suite = "OCRA-1:HOTP-SHA256-8:QN08".parse().unwrap();
    let fob = ImportRequest::ocra(OtpSeed::from_bytes(&[9; 32]).unwrap(), &suite).unwrap();
    let fob = bank.verifier.credentials().import(&alice(), &fob).await.unwrap();
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let asked = step_ups.request(&call, &asking("s", transfer())).await.unwrap();
    for n in 0..5 {
        let wrong = with_code(&asked, &format!("{n:010}"));
        refused(step_ups.submit(&alice(), &asked.step_up.id, &wrong).await);
    }
    refused(step_ups.request(&call, &asking("t", transfer())).await);
    let named = asking("u", transfer()).by(Method::Ocra);
    let asked = step_ups.request(&call, &named).await.unwrap();
    assert_eq!(open(&bank, &asked).credential(), fob.id);
}

/// Wrong codes until it is disabled, and then years.
#[tokio::test]
async fn a_disabled_credential_gives_way_to_nothing_however_long_ago() {
    let mut policy = Policy::default();
    policy.credentials.failures_to_disable = 6;
    policy.retention = DAY;
    let bank = bank_of(codes_alone(limits_alone(policy)));
    let (held, _) = app(&bank).await;
    let seed = OtpSeed::from_bytes(&[7; 20]).unwrap();
    let credentials = bank.verifier.credentials();
    credentials.import(&alice(), &ImportRequest::hotp(seed, 0)).await.unwrap();
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    for n in 0..6 {
        let asked = step_ups.request(&call, &asking(&format!("s-{n}"), change())).await.unwrap();
        assert_eq!(asked.step_up.method, Method::Ocra);
        let code = format!("{n:010}").parse::<Response>().unwrap();
        refused(step_ups.submit(&alice(), &asked.step_up.id, &code).await);
        bank.clock.advance(HOUR);
    }
    refused(step_ups.request(&call, &asking("t", change())).await);
    let later = START.after(DAY * 5000);
    bank.clock.set(later);
    countersign::store::Store::purge(&bank.store, later, 1000).await.unwrap();
    needs_word(credentials.enrol(&alice(), &thief("one")).await);
    refused(step_ups.request(&call, &asking("u", change())).await);
    // Until the back end has made sure of the customer.
    credentials.revoke(&alice(), &held.id).await.unwrap();
    let by_fob = step_ups.request(&call, &asking("v", change())).await.unwrap();
    assert_eq!(by_fob.step_up.method, Method::Hotp);
}

/// What a session can enrol it cannot fill the store with.
#[tokio::test]
async fn what_was_never_confirmed_is_not_kept() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    for n in 0..40 {
        let enrolment = EnrolmentRequest::delivered(request(&format!("e-{n}")));
        credentials.enrol(&alice(), &enrolment).await.unwrap();
        bank.clock.advance(MINUTE * 11);
        let now = countersign::time::Clock::now(&bank.clock).unwrap();
        countersign::store::Store::purge(&bank.store, now, 1000).await.unwrap();
    }
    // Retention is told in full hours.
    let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
    assert!(listed.len() <= 8, "{}", listed.len());
}
