//! What was approved counts for the very statement that was approved, and for nothing that has the same id.

use countersign::otp::ocra::Response;
use std::time::Duration;

use countersign::credential::{CredentialStatus, EnrolmentRequest, Method};
use countersign::device::DeviceCredential;
use countersign::error::Reason;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::step_up::{StepUpOutcome, StepUpRequest, StepUpRequested, StepUpStatus};
use countersign::store::{FaultStore, Place};
use countersign::time::ManualClock;
use countersign::transaction::TransactionKind;
use countersign::{Error, Keyring, MemoryStore, Policy, Transaction, Verifier};

use crate::support::between::put;
use crate::support::credentials::{pin, refused};
use crate::support::rows::Rows;
use crate::support::step_ups::{
    asking, code_of, phone, shown, signing, transfer, typed, with_code,
};
use crate::support::*;

/// A bank whose rows can be taken out.
struct Bank {
    verifier: Verifier,
    clock: ManualClock,
    rows: Rows,
}

fn bank_of(policy: Policy, seed: u64) -> Bank {
    let (rows, clock) = (Rows::default(), ManualClock::new(START));
    let verifier = Verifier::builder(issuer(), keyring())
        .store(rows.clone())
        .clock(clock.clone())
        .random(SeededRandom::new(seed))
        .policy(policy)
        .signing_key(signing())
        .build()
        .unwrap();
    Bank { verifier, clock, rows }
}

impl Bank {
    /// Alice's app under the name `id`, with the PINs 2468 and 1357.
    async fn app(&self, enrolment: EnrolmentRequest) -> DeviceCredential {
        let credentials = self.verifier.credentials();
        let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
        let seed = countersign::otp::OtpSeed::from_base32(given.base32().unwrap()).unwrap();
        let (id, random) = (given.credential.id, SeededRandom::new(3));
        let (own, duress) = (pin("2468"), pin("1357"));
        let app = DeviceCredential::enrol(id, &seed, &own, Some(&duress), &random).unwrap();
        let first = app.confirm(&own).unwrap();
        credentials.confirm(&alice(), &id, &first).await.unwrap();
        app
    }

    async fn asked(&self, what: &Transaction) -> StepUpRequested {
        let asking = asking("s-1", what.clone());
        self.verifier.step_ups().request(&bob_rings("call-1"), &asking).await.unwrap()
    }

    fn code(&self, asked: &StepUpRequested, app: &DeviceCredential, with: &str) -> String {
        let now = countersign::time::Clock::now(&self.clock).unwrap();
        let opened = shown(phone().open_step_up(&asked.token, now).unwrap());
        code_of(&typed(opened, asked).approve(app, &pin(with)).unwrap())
    }

    async fn submit(
        &self,
        asked: &StepUpRequested,
        code: &str,
    ) -> Result<countersign::step_up::StepUp, Error> {
        let code = with_code(asked, code);
        self.verifier.step_ups().submit(&alice(), &asked.step_up.id, &code).await
    }

    /// Asked and approved with the PIN.
    async fn approved(&self, what: &Transaction, app: &DeviceCredential) -> StepUpRequested {
        let asked = self.asked(what).await;
        let code = self.code(&asked, app, "2468");
        assert_eq!(self.submit(&asked, &code).await.unwrap().status, StepUpStatus::Approved);
        asked
    }

    async fn grant(&self, asked: &StepUpRequested) -> countersign::step_up::Grant {
        let call = bob_rings("call-1");
        match self.verifier.step_ups().outcome(&call, &asked.step_up.id).await.unwrap() {
            StepUpOutcome::Approved(grant) => grant,
            other => panic!("{other:?}"),
        }
    }

    async fn redeem(
        &self,
        grant: &countersign::step_up::Grant,
        what: &Transaction,
        key: &str,
    ) -> Result<countersign::step_up::Redeemed, Error> {
        let call = bob_rings("call-1");
        self.verifier.step_ups().redeem(&call, grant, what, &request(key)).await
    }

    fn place_of(&self, id: impl std::fmt::Display) -> Place {
        let id = base32::decode(base32::Alphabet::Crockford, &id.to_string()).unwrap();
        *self.rows.places().iter().find(|at| at.id[..] == id[..]).unwrap()
    }

    /// The row of the step-up goes.
    fn forget(&self, asked: &StepUpRequested) {
        self.rows.vanish(&self.place_of(asked.step_up.id));
    }
}

fn pound_to_jones(kind: TransactionKind) -> Transaction {
    let mut what = transfer();
    (what.kind, what.amount) = (kind, 100);
    what
}

fn all_to_mallory(kind: TransactionKind) -> Transaction {
    let mut what = transfer();
    (what.kind, what.amount) = (kind, 99_999_999);
    what.payee = "Mallory".parse().unwrap();
    what
}

fn with_retention(retention: Duration) -> Policy {
    let mut policy = Policy::default();
    policy.retention = retention;
    policy
}

#[tokio::test]
async fn what_was_accepted_for_one_statement_approves_no_other() {
    let retention = Policy::default().retention;
    for kind in [TransactionKind::Transfer, TransactionKind::NewAuthenticator] {
        for (retention, goes_after) in
            [(retention, None), (DAY, Some(26 * HOUR)), (retention, Some(retention + DAY))]
        {
            let bank = bank_of(with_retention(retention), 1);
            let app = bank.app(EnrolmentRequest::ocra(request("app"))).await;
            let first = bank.approved(&pound_to_jones(kind), &app).await;
            let accepted = bank.code(&first, &app, "2468");
            match goes_after {
                None => bank.forget(&first),
                Some(after) => bank.clock.advance(after),
            }
            let theirs = all_to_mallory(kind);
            let second = bank.asked(&theirs).await;
            assert_eq!(second.step_up.id, first.step_up.id);
            for code in ["00000000", &accepted] {
                refused(bank.submit(&second, code).await);
            }
            let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
            let outcome = step_ups.outcome(&call, &second.step_up.id).await.unwrap();
            assert_eq!(outcome, StepUpOutcome::Waiting);
            // Both were evaluated and counted: three more lock.
            for code in ["00000001", "00000002", "00000003"] {
                refused(bank.submit(&second, code).await);
            }
            let held = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
            assert_eq!(held.items[0].status, CredentialStatus::Locked);
            // The customer's own answer to the second is an answer to the second.
            bank.verifier.credentials().unlock(&alice(), &app.id()).await.unwrap();
            let code = bank.code(&second, &app, "2468");
            assert_eq!(bank.submit(&second, &code).await.unwrap().what, theirs.into());
        }
    }
}

#[tokio::test]
async fn coercion_is_told_though_the_same_was_approved_freely_before() {
    for again in
        [pound_to_jones(TransactionKind::Transfer), all_to_mallory(TransactionKind::Transfer)]
    {
        let bank = bank_of(Policy::default(), 1);
        let app = bank.app(EnrolmentRequest::ocra(request("app"))).await;
        let first = bank.approved(&pound_to_jones(TransactionKind::Transfer), &app).await;
        bank.forget(&first);
        let second = bank.asked(&again).await;
        let code = bank.code(&second, &app, "1357");
        bank.submit(&second, &code).await.unwrap();
        let proof = bank.redeem(&bank.grant(&second).await, &again, "k").await.unwrap();
        assert!(proof.duress());
    }
}

/// The code was found right, and then the process died.
#[tokio::test]
async fn a_repeat_for_the_same_statement_is_answered_alike_whatever_the_code() {
    for (with, duress) in [("2468", false), ("1357", true)] {
        let bank = bank_of(Policy::default(), 1);
        let app = bank.app(EnrolmentRequest::ocra(request("app"))).await;
        let what = transfer();
        let asked = bank.asked(&what).await;
        let at = bank.place_of(asked.step_up.id);
        let unapproved = bank.rows.row(&at);
        let code = bank.code(&asked, &app, with);
        bank.submit(&asked, &code).await.unwrap();
        bank.rows.put(at, unapproved);
        // Another code, a wrong one, the one of the other PIN: the first answer stands.
        let other = bank.code(&asked, &app, if duress { "2468" } else { "1357" });
        for code in ["00000000", &other] {
            assert_eq!(bank.submit(&asked, code).await.unwrap().status, StepUpStatus::Approved);
        }
        let proof = bank.redeem(&bank.grant(&asked).await, &what, "k").await.unwrap();
        assert_eq!(proof.duress(), duress);
    }
}

#[tokio::test]
async fn what_was_checked_is_not_approved_if_something_else_is_asked_meanwhile() {
    let (bank, other) = (bank_of(Policy::default(), 1), bank_of(Policy::default(), 1));
    let app = bank.app(EnrolmentRequest::ocra(request("app"))).await;
    let same = other.app(EnrolmentRequest::ocra(request("app"))).await;
    assert_eq!(*app.to_bytes(), *same.to_bytes());
    let asked = bank.asked(&pound_to_jones(TransactionKind::Transfer)).await;
    let theirs = other.asked(&all_to_mallory(TransactionKind::Transfer)).await;
    assert_eq!(asked.step_up.id, theirs.step_up.id);
    let (at, of) = (bank.place_of(asked.step_up.id), bank.place_of(app.id()));
    bank.rows.swap(of, at, other.rows.row(&at));
    let code = bank.code(&asked, &app, "2468");
    refused(bank.submit(&asked, &code).await);
    assert_eq!(bank.rows.row(&at), other.rows.row(&at), "nothing is written there");
    refused(bank.submit(&asked, "00000000").await);
    let outcome = bank.verifier.step_ups().outcome(&bob_rings("call-1"), &asked.step_up.id).await;
    assert_eq!(outcome.unwrap(), StepUpOutcome::Waiting);
}

#[tokio::test]
async fn the_key_of_one_credential_makes_no_words_for_another() {
    let (bank, other) = (bank_of(Policy::default(), 1), bank_of(Policy::default(), 1));
    let mut apps = Vec::new();
    for bank in [&bank, &other] {
        apps = vec![
            bank.app(EnrolmentRequest::ocra(request("app"))).await,
            bank.app(EnrolmentRequest::ocra(request("second")).vouched_for()).await,
        ];
    }
    let booking = |app: &DeviceCredential| booking("req-1", "anana").derived_with(app.id());
    let booked = bank.verifier.callbacks().book(&alice(), &booking(&apps[0])).await.unwrap();
    other.verifier.callbacks().book(&alice(), &booking(&apps[1])).await.unwrap();
    let (at, of) = (bank.place_of(booked.id), bank.place_of(apps[0].id()));
    bank.rows.swap(of, at, other.rows.row(&at));
    refused(bank.verifier.callbacks().reveal(&bob_rings("call-1"), &booked.id).await);
    assert_eq!(bank.rows.row(&at), other.rows.row(&at), "nothing was shown");
    bank.verifier.callbacks().reveal(&bob_rings("call-1"), &booked.id).await.unwrap();
}

#[tokio::test]
async fn a_grant_of_one_statement_redeems_no_other() {
    let bank = bank_of(Policy::default(), 1);
    let app = bank.app(EnrolmentRequest::ocra(request("app"))).await;
    let what = transfer();
    let first = bank.approved(&what, &app).await;
    let old = bank.grant(&first).await;
    bank.forget(&first);
    // The very same, and approved once more: it is another approval.
    let second = bank.approved(&what, &app).await;
    refused(bank.redeem(&old, &what, "k-1").await);
    let new = bank.grant(&second).await;
    bank.redeem(&new, &what, "k-2").await.unwrap();
    refused(bank.redeem(&old, &what, "k-2").await);
}

/// Another approval, of the same under the same id, takes its place while the grant is looked at.
#[tokio::test]
async fn a_grant_that_was_looked_at_redeems_nothing_that_took_its_place() {
    let (bank, other) = (bank_of(Policy::default(), 1), bank_of(Policy::default(), 1));
    let app = bank.app(EnrolmentRequest::ocra(request("app"))).await;
    let same = other.app(EnrolmentRequest::ocra(request("app"))).await;
    let what = transfer();
    // One request more, so that its nonce is another.
    other
        .verifier
        .step_ups()
        .request(&bob_rings("call-2"), &asking("s-2", transfer()))
        .await
        .unwrap();
    let (asked, theirs) = (bank.approved(&what, &app).await, other.approved(&what, &same).await);
    let (first, second) = (bank.grant(&asked).await, other.grant(&theirs).await);
    assert_eq!(first.step_up(), second.step_up());
    assert_ne!(first, second);
    let (at, of) = (bank.place_of(asked.step_up.id), bank.place_of(app.id()));
    bank.rows.swap(of, at, other.rows.row(&at));
    refused(bank.redeem(&first, &what, "k-1").await);
    assert_eq!(bank.rows.row(&at), other.rows.row(&at), "nothing is redeemed");
    bank.redeem(&second, &what, "k-2").await.unwrap();
}

/// Another request takes its place while the code is made.
#[tokio::test]
async fn a_code_is_not_delivered_with_what_another_request_asks() {
    let mut policy = Policy::default();
    policy.step_ups.payment_methods = vec![Method::Delivered];
    let (bank, other) = (bank_of(policy.clone(), 1), bank_of(policy, 1));
    let mut ids = Vec::new();
    for bank in [&bank, &other] {
        let credentials = bank.verifier.credentials();
        let enrolment = EnrolmentRequest::delivered(request("sms"));
        let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
        let first = given.code_to_deliver().unwrap().expose().parse().unwrap();
        ids.push(credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap().id);
    }
    let asked = bank.asked(&pound_to_jones(TransactionKind::Transfer)).await.step_up.id;
    other.asked(&all_to_mallory(TransactionKind::Transfer)).await;
    let (at, of) = (bank.place_of(asked), bank.place_of(ids[0]));
    bank.rows.swap(of, at, other.rows.row(&at));
    let delivery = bank.verifier.step_ups().delivery(&alice(), &asked).await;
    assert!(matches!(delivery, Err(Error::Refused(_))), "{delivery:?}");
    let message = bank.verifier.step_ups().delivery(&alice(), &asked).await.unwrap().message();
    assert!(message.contains("Mallory"), "of that alone there is a code now");
}

#[tokio::test]
async fn a_proof_of_one_statement_names_a_credential_of_its_own() {
    let bank = bank_of(Policy::default(), 1);
    let app = bank.app(EnrolmentRequest::ocra(request("app"))).await;
    let mut what = transfer();
    what.kind = TransactionKind::NewAuthenticator;
    let (mut ids, mut seeds) = (Vec::new(), Vec::new());
    for n in 0..2 {
        let asked = bank.approved(&what, &app).await;
        let grant = bank.grant(&asked).await;
        let proof = bank.redeem(&grant, &what, "k").await.unwrap();
        let enrolment = EnrolmentRequest::ocra(request(&format!("new-{n}"))).approved_in(&proof);
        let given = bank.verifier.credentials().enrol(&alice(), &enrolment).await.unwrap();
        ids.push(given.credential.id);
        seeds.push(given.base32().unwrap().to_owned());
        bank.forget(&asked);
    }
    assert_ne!(ids[0], ids[1]);
    assert_ne!(seeds[0], seeds[1]);
}

/// The customer's credential is gone, and a session enrols another under its id.
#[tokio::test]
async fn a_credential_under_the_same_id_answers_for_nothing_that_another_was_asked() {
    let bank = bank_of(Policy::default(), 1);
    let app = bank.app(EnrolmentRequest::ocra(request("app"))).await;
    let (what, mut new) = (transfer(), transfer());
    new.kind = TransactionKind::NewAuthenticator;
    let approved = bank.approved(&what, &app).await;
    let grant = bank.grant(&approved).await;
    let asking = asking("s-2", transfer());
    let open = bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await.unwrap();
    let asking = crate::support::step_ups::asking("s-3", new.clone());
    let asked = bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await.unwrap();
    let code = bank.code(&asked, &app, "2468");
    bank.submit(&asked, &code).await.unwrap();
    let proof = bank.redeem(&bank.grant(&asked).await, &new, "k-3").await.unwrap();
    let enrolment = EnrolmentRequest::ocra(request("second")).approved_in(&proof);
    let credentials = bank.verifier.credentials();
    let second = credentials.enrol(&alice(), &enrolment).await.unwrap();

    bank.rows.vanish_unmissed(&bank.place_of(app.id()));
    let theirs = bank.app(EnrolmentRequest::ocra(request("app"))).await;
    assert_eq!(theirs.id(), app.id());
    // What the first one was asked, approved, and said yes to.
    refused(bank.submit(&open, &bank.code(&open, &theirs, "2468")).await);
    let outcome = bank.verifier.step_ups().outcome(&bob_rings("call-1"), &open.step_up.id).await;
    assert_eq!(outcome.unwrap(), StepUpOutcome::Refused);
    refused(bank.redeem(&grant, &what, "k-1").await);
    let seed = countersign::otp::OtpSeed::from_base32(second.base32().unwrap()).unwrap();
    let (id, random) = (second.credential.id, SeededRandom::new(4));
    let device = DeviceCredential::enrol(id, &seed, &pin("1111"), None, &random).unwrap();
    let first = device.confirm(&pin("1111")).unwrap();
    refused(credentials.confirm(&alice(), &id, &first).await);
    // Of its own it is asked, and answers.
    let asking = crate::support::step_ups::asking("s-4", transfer());
    let own = bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await.unwrap();
    bank.submit(&own, &bank.code(&own, &theirs, "2468")).await.unwrap();
}

#[tokio::test]
async fn no_code_is_delivered_for_what_another_key_was_asked() {
    let mut policy = Policy::default();
    policy.step_ups.payment_methods = vec![Method::Delivered];
    let bank = bank_of(policy, 1);
    let credentials = bank.verifier.credentials();
    let enrolled = async || {
        let enrolment = EnrolmentRequest::delivered(request("sms"));
        let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
        let first = given.code_to_deliver().unwrap().expose().parse().unwrap();
        credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap().id
    };
    let id = enrolled().await;
    let asked = bank.asked(&transfer()).await.step_up.id;
    bank.verifier.step_ups().delivery(&alice(), &asked).await.unwrap();
    bank.rows.vanish_unmissed(&bank.place_of(id));
    assert_eq!(enrolled().await, id);
    let delivery = bank.verifier.step_ups().delivery(&alice(), &asked).await;
    assert!(matches!(delivery, Err(Error::Refused(_))), "{delivery:?}");
}

#[tokio::test]
async fn what_is_asked_anew_under_the_same_id_is_counted_anew() {
    let bank = bank_of(Policy::default(), 1);
    bank.app(EnrolmentRequest::ocra(request("app"))).await;
    let most = u64::from(Policy::default().step_ups.per_customer);
    let mut what = transfer();
    for n in 0..most {
        what.amount = 100_000 + n;
        let asked = bank.asked(&what).await;
        bank.forget(&asked);
        // The very same is the same prompt.
        bank.forget(&bank.asked(&what).await);
    }
    what.amount = 1;
    let asking = asking("s-1", what);
    refused(bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await);
}

/// An acceptance of a record that was written before statements were kept.
#[tokio::test]
async fn a_code_that_was_accepted_for_an_id_alone_approves_nothing() {
    let text = include_str!("../golden/step_ups/format-2-before-statements.json");
    let golden: serde_json::Value = serde_json::from_str(text).unwrap();
    let grant: countersign::step_up::Grant =
        serde_json::from_value(golden["grant"].clone()).unwrap();
    let approved = base32::decode(base32::Alphabet::Crockford, &grant.step_up().to_string());
    let (approved, now) = (approved.unwrap(), golden["now"].as_str().unwrap().parse().unwrap());
    let store = FaultStore::new(MemoryStore::new());
    let rows: Vec<golden::Row> = serde_json::from_value(golden["rows"].clone()).unwrap();
    for (at, record) in rows.iter().map(golden::Row::read) {
        // The step-up is gone; the credential remembers that its code was accepted.
        if at.id[..] != approved[..] {
            put(&store, &at, &record, now).await;
        }
    }
    let keyring = hex::decode(golden["keyring"].as_str().unwrap()).unwrap();
    let mut policy = Policy::default();
    policy.step_ups.payment_methods = vec![Method::Ocra, Method::Delivered];
    policy.step_ups.per_customer = 20;
    let seen = Recorder::default();
    let verifier = Verifier::builder(issuer(), Keyring::from_bytes(&keyring).unwrap())
        .store(store.clone())
        .policy(policy)
        .clock(ManualClock::new(now))
        .random(SeededRandom::new(5))
        .observer(seen.clone())
        .signing_key(signing())
        .build()
        .unwrap();
    let (payee, reference) = ("Jones Roofing".parse().unwrap(), "Invoice 7".parse().unwrap());
    let kind = TransactionKind::Transfer;
    let what = Transaction::new(kind, 500_000, "GBP".parse().unwrap(), payee, reference);
    let asking = StepUpRequest::new(request("approved"), what, "Bob".parse().unwrap());
    let asking = asking.by(Method::Delivered);
    let (step_ups, call) = (verifier.step_ups(), bob_rings("call-1"));
    let asked = step_ups.request(&call, &asking).await.unwrap();
    assert_eq!(asked.step_up.id, grant.step_up());
    seen.take();
    refused(
        step_ups
            .submit(&alice(), &asked.step_up.id, &"00000000".parse::<Response>().unwrap())
            .await,
    );
    let why: Vec<_> = seen.take().iter().map(|seen| seen.outcome).collect();
    assert_eq!(why, [countersign::history::Outcome::Refused(Reason::WrongCode)]);
    assert_eq!(step_ups.outcome(&call, &asked.step_up.id).await.unwrap(), StepUpOutcome::Waiting);
}
