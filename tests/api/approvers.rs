//! Credentials that were approved with one that the customer has: for whom, how long, and by which.

use countersign::otp::ocra::Response;
use std::time::Duration;

use countersign::credential::{
    Credential, CredentialStatus, EnrolmentRequest, ImportRequest, Method, Provisioning,
};
use countersign::device::DeviceCredential;
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Outcome};
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::step_up::Redeemed;
use countersign::{Error, Issuer, Policy, Transaction};

use crate::support::binding::another;
use crate::support::binding::{app_of_mallory, needs_word, thief};
use crate::support::credentials::{app, held, pin, refused, response};
use crate::support::step_ups::{asking, bank, bank_of, change, grant, open, signing, transfer};
use crate::support::*;

/// The app approves `transaction`, and the back end redeems it.
async fn proof(bank: &Bank, device: &DeviceCredential, transaction: &Transaction) -> Redeemed {
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let asking = asking(&format!("{}", transaction.kind as u8), transaction.clone());
    let asked = step_ups.request(&call, &asking).await.unwrap();
    let code = open(bank, &asked).approve(device, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = grant(bank, &asked).await;
    step_ups.redeem(&call, &grant, transaction, &request("k")).await.unwrap()
}

/// The device that was given this, with the PINs 1111 and 3333.
fn second(given: &Provisioning) -> DeviceCredential {
    held(given, "1111", Some("3333"), 4).0
}

#[tokio::test]
async fn a_step_up_with_the_first_binds_the_second() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let credentials = bank.verifier.credentials();
    // What was approved as something else approves no credential.
    for other in [transfer(), change()] {
        let approved = proof(&bank, &device, &other).await;
        bank.seen.take();
        needs_word(credentials.enrol(&alice(), &thief("one").approved_in(&approved)).await);
        // The enterprise hears of it.
        let seen = bank.seen.take();
        let refused = Outcome::Refused(Reason::AnotherCredential);
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].action, seen[0].outcome), (Action::Enrol, refused));
    }
    let changed = proof(&bank, &device, &another()).await;
    assert!(changed.transaction().to_string().starts_with("New app or fob: "));
    let given = credentials.enrol(&alice(), &thief("one").approved_in(&changed)).await.unwrap();
    let id = given.credential.id;

    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let random = SeededRandom::new(4);
    let second = DeviceCredential::enrol(id, &seed, &pin("1111"), None, &random).unwrap();
    let first = second.confirm(&pin("1111")).unwrap();
    let confirmed = credentials.confirm(&alice(), &id, &first).await.unwrap();
    assert_eq!(confirmed.status, CredentialStatus::Active);
    // The history says in which step-up.
    let histories = histories(&bank.verifier, a_credential).await;
    let enrolled: Vec<_> = histories
        .iter()
        .flat_map(|one| &one.events)
        .filter(|event| event.action == Action::Enrol)
        .map(|event| event.step_up)
        .collect();
    assert!(enrolled.contains(&Some(changed.step_up())) && enrolled.contains(&None));

    // It is Alice's proof alone.
    app_of_mallory(&bank).await;
    let other = EnrolmentRequest::ocra(request("mallory's")).approved_in(&changed);
    needs_word(credentials.enrol(&mallory(), &other).await);
}

/// A thief with the phone and its PIN binds a credential; then the phone is reported stolen.
#[tokio::test]
async fn a_revoked_credential_takes_along_what_it_was_about_to_approve() {
    let bank = bank();
    let (held, device) = app(&bank).await;
    let credentials = bank.verifier.credentials();
    let proof = proof(&bank, &device, &another()).await;
    let enrolment = thief("one").approved_in(&proof);
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    assert_eq!(given.credential.approved_by, Some(held.id));
    let id = given.credential.id;
    let first = second(&given).confirm(&pin("1111")).unwrap();
    credentials.revoke(&alice(), &held.id).await.unwrap();
    let written = bank.store.records();
    bank.seen.take();
    refused(credentials.confirm(&alice(), &id, &first).await);
    assert_eq!(bank.seen.take()[0].outcome, countersign::history::Outcome::Refused(Reason::Ended));
    // Nor is its seed given again, and the proof binds nothing else.
    needs_word(credentials.enrol(&alice(), &enrolment).await);
    assert_eq!(bank.store.records(), written);
    // The back end's word is its own.
    let vouched = credentials.enrol(&alice(), &enrolment.clone().vouched_for()).await.unwrap();
    assert_eq!((vouched.credential.id, vouched.credential.approved_by), (id, None));
    // With another seed than the thief has.
    refused(credentials.confirm(&alice(), &id, &first).await);
    needs_word(credentials.enrol(&alice(), &enrolment).await);
    let first = second(&vouched).confirm(&pin("1111")).unwrap();
    credentials.confirm(&alice(), &id, &first).await.unwrap();
}

/// The same proof is presented after its credential was revoked and before anything was enrolled with it.
#[tokio::test]
async fn a_proof_ends_with_the_credential_that_gave_it() {
    let bank = bank();
    let (held, device) = app(&bank).await;
    let credentials = bank.verifier.credentials();
    let fob = ImportRequest::hotp(OtpSeed::from_bytes(&[7; 20]).unwrap(), 0);
    credentials.import(&alice(), &fob).await.unwrap();
    let proof = proof(&bank, &device, &another()).await;
    assert_eq!(proof.credential(), held.id);
    credentials.revoke(&alice(), &held.id).await.unwrap();
    needs_word(credentials.enrol(&alice(), &thief("one").approved_in(&proof)).await);
}

/// What was confirmed before stays, and says by which it was approved, so that the back end can revoke it.
#[tokio::test]
async fn what_a_stolen_credential_has_approved_can_be_found() {
    let bank = bank();
    let (held, device) = app(&bank).await;
    let credentials = bank.verifier.credentials();
    let proof = proof(&bank, &device, &another()).await;
    let enrolment = thief("one").approved_in(&proof);
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    let first = second(&given).confirm(&pin("1111")).unwrap();
    let bound = credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
    credentials.revoke(&alice(), &held.id).await.unwrap();
    let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
    let by = |id| move |one: &&Credential| one.approved_by == Some(id);
    assert_eq!(listed.iter().filter(by(held.id)).collect::<Vec<_>>(), [&bound]);
    assert_eq!(listed.iter().filter(by(bound.id)).count(), 0);
    let json = serde_json::to_value(&bound).unwrap();
    assert_eq!(json["approved_by"], serde_json::to_value(held.id).unwrap());
}

#[tokio::test]
async fn a_proof_is_good_at_the_enterprise_that_redeemed_it() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let proof = proof(&bank, &device, &another()).await;
    assert_eq!(*proof.issuer(), issuer());
    // The same store, keys and customer id.
    let other = countersign::Verifier::builder(Issuer::new("other.example").unwrap(), keyring())
        .store(bank.store.clone())
        .clock(bank.clock.clone())
        .random(SeededRandom::new(9))
        .signing_key(signing())
        .build()
        .unwrap();
    let other = Bank { verifier: other, ..bank };
    app(&other).await;
    let enrolment = thief("one").approved_in(&proof);
    needs_word(other.verifier.credentials().enrol(&alice(), &enrolment).await);
}

#[tokio::test]
async fn what_was_approved_and_never_confirmed_leaves_a_trace() {
    let mut policy = Policy::default();
    policy.retention = DAY * 30;
    let bank = bank_of(policy);
    let (_, device) = app(&bank).await;
    let credentials = bank.verifier.credentials();
    let proof = proof(&bank, &device, &another()).await;
    let given = credentials.enrol(&alice(), &thief("one").approved_in(&proof)).await.unwrap();
    let id = given.credential.id;
    refused(credentials.confirm(&alice(), &id, &"00000000".parse().unwrap()).await);
    let purged = async |at| {
        bank.clock.set(at);
        countersign::store::Store::purge(&bank.store, at, 1000).await.unwrap();
        let subject = countersign::history::Subject::Credential(id);
        histories(&bank.verifier, |about| *about == subject).await
    };
    let kept = purged(START.after(DAY * 30)).await;
    let actions: Vec<_> =
        kept[0].events.iter().map(|event| (event.action, event.step_up)).collect();
    assert_eq!(actions, [(Action::Enrol, Some(proof.step_up())), (Action::Confirm, None)]);
    let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
    let lapsed = listed.iter().find(|one| one.id == id).unwrap();
    assert_eq!(lapsed.status, CredentialStatus::Lapsed);
    assert!(purged(START.after(DAY * 32)).await.is_empty());
}

/// A code that says nothing of what it is for can be talked out of a customer.
#[tokio::test]
async fn a_counted_code_binds_nothing() {
    let bank = bank();
    let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
    let credentials = bank.verifier.credentials();
    credentials.import(&alice(), &ImportRequest::hotp(seed(), 0)).await.unwrap();
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let asked = step_ups.request(&call, &asking("s", another())).await.unwrap();
    let code = response(&Hotp::new(&seed(), Algorithm::Sha1, Digits::SIX).generate(0));
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = grant(&bank, &asked).await;
    let proof = step_ups.redeem(&call, &grant, &another(), &request("k")).await.unwrap();
    assert_eq!(proof.method(), Method::Hotp);
    needs_word(credentials.enrol(&alice(), &thief("one").approved_in(&proof)).await);
    let sms = EnrolmentRequest::delivered(request("two"));
    needs_word(credentials.enrol(&alice(), &sms.approved_in(&proof)).await);
    // Nor another of its own kind, which may be asked in its place.
    let like = EnrolmentRequest::totp(request("three")).approved_in(&proof);
    needs_word(credentials.enrol(&alice(), &like).await);
}

#[tokio::test]
async fn what_was_bound_under_coercion_approves_under_coercion() {
    for (with, coerced) in [("2468", false), ("1357", true)] {
        let bank = bank();
        let (held, device) = app(&bank).await;
        let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
        let asked = step_ups.request(&call, &asking("s", another())).await.unwrap();
        let code = open(&bank, &asked).approve(&device, &pin(with)).unwrap();
        step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
        let granted = grant(&bank, &asked).await;
        let proof = step_ups.redeem(&call, &granted, &another(), &request("k")).await.unwrap();
        let credentials = bank.verifier.credentials();
        let enrolment = thief("new").approved_in(&proof);
        assert!(format!("{enrolment:?}").contains("duress: [REDACTED]"), "nothing tells of it");
        let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
        let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
        let (id, random) = (given.credential.id, SeededRandom::new(4));
        let theirs = DeviceCredential::enrol(id, &seed, &pin("0000"), None, &random).unwrap();
        let first = theirs.confirm(&pin("0000")).unwrap();
        credentials.confirm(&alice(), &id, &first).await.unwrap();
        credentials.revoke(&alice(), &held.id).await.unwrap();

        let asked = step_ups.request(&call, &asking("t", transfer())).await.unwrap();
        let code = open(&bank, &asked).approve(&theirs, &pin("0000")).unwrap();
        step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
        let granted = grant(&bank, &asked).await;
        let paid = step_ups.redeem(&call, &granted, &transfer(), &request("k")).await.unwrap();
        assert_eq!(paid.duress(), coerced);
    }
}

/// All that a bank keeps, tells and shows while a credential is bound, and one with that.
#[tokio::test]
async fn attack_19_coercion_shows_nowhere_when_another_is_bound() {
    let mut traces = Vec::new();
    for (with, coerced) in [("2468", false), ("1357", true)] {
        let bank = bank();
        let (_, device) = app(&bank).await;
        let credentials = bank.verifier.credentials();
        bank.seen.take();
        let mut said = Vec::new();
        let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
        let (mut device, mut with, mut past) = (device, with, Vec::new());
        for n in 0..3 {
            let asking = asking(&format!("s-{n}"), another());
            let asked = step_ups.request(&call, &asking).await.unwrap();
            let code = open(&bank, &asked).approve(&device, &pin(with)).unwrap();
            let stands = step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
            let granted = grant(&bank, &asked).await;
            let proof = step_ups.redeem(&call, &granted, &another(), &request("k")).await.unwrap();
            assert_eq!(proof.duress(), coerced, "handed on from one to the next");
            // A back end that vouches as well does not take it off.
            let mut enrolment = thief(&format!("new-{n}")).approved_in(&proof);
            if n == 1 {
                enrolment = enrolment.vouched_for();
            }
            let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
            said.push(format!("{enrolment:?} {given:?} {proof:?} {stands:?}"));
            past.push(device.id());
            device = second(&given);
            with = "1111";
            let first = device.confirm(&pin(with)).unwrap();
            let confirmed = credentials.confirm(&alice(), &device.id(), &first).await.unwrap();
            said.push(format!("{confirmed:?} {}", serde_json::to_string(&confirmed).unwrap()));
            credentials.revoke(&alice(), past.last().unwrap()).await.unwrap();
        }
        let shape = bank
            .store
            .records()
            .into_iter()
            .map(|(at, record)| (at, record.sealed.len(), record.head));
        let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
        traces.push((
            said,
            shape.collect::<Vec<_>>(),
            bank.store.calls(),
            format!("{:?}", bank.seen.take()),
            serde_json::to_string(&history).unwrap(),
        ));
    }
    assert_eq!(traces[0], traces[1]);
}

#[tokio::test]
async fn one_proof_binds_one_credential_and_not_for_long() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let credentials = bank.verifier.credentials();
    let proof = proof(&bank, &device, &another()).await;
    let enrol = async |id: &str| credentials.enrol(&alice(), &thief(id).approved_in(&proof)).await;
    let given = enrol("one").await.unwrap();
    let again = enrol("two").await.unwrap();
    assert_eq!((again.credential.id, again.base32()), (given.credential.id, given.base32()));
    let other = EnrolmentRequest::totp(request("three")).approved_in(&proof);
    let other = credentials.enrol(&alice(), &other).await;
    assert!(matches!(other, Err(Error::Invalid(Invalid::RequestReused))), "{other:?}");
    // An answer that was lost is given again, though the proof's time has ended meanwhile.
    let second = Duration::from_secs(1);
    let seed = given.base32().unwrap().to_owned();
    bank.clock.set(START.after(5 * MINUTE).before(second));
    assert_eq!(enrol("one").await.unwrap().base32().unwrap(), seed);
    // But not for as long as the first code is waited for.
    bank.clock.set(START.after(5 * MINUTE));
    needs_word(enrol("one").await);

    // One that is five minutes old binds nothing anew, nor one from a machine whose clock is ahead.
    for at in [START.after(MINUTE * 5), START.before(HOUR)] {
        let bank = bank_of(Policy::default());
        let (_, device) = app(&bank).await;
        let proof = self::proof(&bank, &device, &another()).await;
        bank.clock.set(at);
        let enrolment = thief("one").approved_in(&proof);
        needs_word(bank.verifier.credentials().enrol(&alice(), &enrolment).await);
    }
}

/// Codes in messages may be allowed for what moves no money, and then bind nothing that does.
#[tokio::test]
async fn a_method_that_may_not_pay_binds_nothing() {
    let mut policy = Policy::default();
    policy.step_ups.other_methods.push(Method::Delivered);
    let bank = bank_of(policy);
    let credentials = bank.verifier.credentials();
    let given =
        credentials.enrol(&alice(), &EnrolmentRequest::delivered(request("sms"))).await.unwrap();
    let first = response(given.code_to_deliver().unwrap());
    credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let asked = step_ups.request(&call, &asking("s", another())).await.unwrap();
    let message = step_ups.delivery(&alice(), &asked.step_up.id).await.unwrap().message();
    let code = message.split(' ').next().unwrap().parse::<Response>().unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let granted = grant(&bank, &asked).await;
    let proof = step_ups.redeem(&call, &granted, &another(), &request("k")).await.unwrap();
    needs_word(credentials.enrol(&alice(), &thief("one").approved_in(&proof)).await);
}

/// The phone whose PIN for coercion approved it is reported lost before the new one is enrolled.
#[tokio::test]
async fn attack_19_coercion_is_not_forgotten_when_the_phone_that_told_of_it_is_revoked() {
    for (with, coerced) in [("2468", false), ("1357", true)] {
        let bank = bank();
        let (held, device) = app(&bank).await;
        let credentials = bank.verifier.credentials();
        let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
        let asked = step_ups.request(&call, &asking("s", another())).await.unwrap();
        let code = open(&bank, &asked).approve(&device, &pin(with)).unwrap();
        step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
        let granted = grant(&bank, &asked).await;
        let proof = step_ups.redeem(&call, &granted, &another(), &request("k")).await.unwrap();
        assert_eq!(proof.duress(), coerced);
        credentials.revoke(&alice(), &held.id).await.unwrap();
        // Alike, coerced or not: it binds nothing any more, and the session's word does not take its place.
        let written = bank.store.records();
        needs_word(credentials.enrol(&alice(), &thief("one").approved_in(&proof)).await);
        assert_eq!(bank.store.records(), written);
        credentials.enrol(&alice(), &thief("one")).await.unwrap();
    }
}

/// A bribed colleague vouches: that is not the customer's own enrolment.
#[tokio::test]
async fn who_vouched_stands_in_the_history() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let own = credentials.enrol(&mallory(), &thief("own")).await.unwrap().credential.id;
    let vouched = credentials.enrol(&alice(), &thief("v").vouched_for()).await.unwrap();
    let enrolled: Vec<_> =
        bank.seen.take().into_iter().map(|one| (one.subject, one.actor)).collect();
    let subject = countersign::history::Subject::Credential;
    let wanted = [
        (subject(own), countersign::history::Actor::Customer),
        (subject(vouched.credential.id), countersign::history::Actor::BackEnd),
    ];
    assert_eq!(enrolled, wanted);
    // Vouched for again after it lapsed, it is given again, with another seed.
    bank.clock.advance(2 * DAY);
    let again = credentials.enrol(&alice(), &thief("v").vouched_for()).await.unwrap();
    assert_eq!(again.credential.status, CredentialStatus::Pending);
    assert_eq!(again.credential.id, vouched.credential.id);
    assert_ne!(again.base32().unwrap(), vouched.base32().unwrap());
}

/// Six wrong first codes are no way to keep a customer from ever having a credential.
#[tokio::test]
async fn what_was_disabled_before_it_was_confirmed_stands_in_nobody_s_way() {
    let mut policy = Policy::default();
    policy.credentials.failures_to_disable = 6;
    let bank = bank_of(policy);
    let credentials = bank.verifier.credentials();
    let id = credentials.enrol(&alice(), &thief("one")).await.unwrap().credential.id;
    for n in 0..6 {
        refused(credentials.confirm(&alice(), &id, &format!("{n:08}").parse().unwrap()).await);
        bank.clock.advance(HOUR);
    }
    let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
    assert_eq!(listed[0].status, CredentialStatus::Disabled);
    credentials.enrol(&alice(), &thief("two")).await.unwrap();
}
