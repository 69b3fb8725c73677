//! Erasing and exporting a customer.

use std::collections::BTreeSet;

use countersign::credential::CredentialStatus;
use countersign::device::DeviceCredential;
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Outcome, Subject};
use countersign::page::Page;
use countersign::payment::PaymentRequest;
use countersign::store::{Fault, Place};
use countersign::time::Clock;
use countersign::token::{Purpose, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{Device, Error, Interaction, MerchantId, Verifier};

use crate::support::binding::{app_of_mallory, thief};
use crate::support::challenges::{accept, challenge};
use crate::support::credentials::{app, pin, refused};
use crate::support::presence::inbound;
use crate::support::step_ups::{asked, asking, bank, signing, transfer};
use crate::support::*;

/// Alice's app, which trusts the bank for receipts of erasures.
fn device() -> Device {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::Erasure).unwrap();
    Device::new(keys, alice())
}

/// Everything that there can be of a customer but payments.
async fn lived() -> (Bank, DeviceCredential) {
    let bank = bank();
    let (_, phone) = app(&bank).await;
    app_of_mallory(&bank).await;
    bank.booked().await;
    let issued = bank.verifier.challenges().issue(&alice(), &challenge("ch-1")).await.unwrap();
    bank.verifier
        .challenges()
        .answer(&alice(), &issued.challenge.id, &accept("a-1"))
        .await
        .unwrap();
    asked(&bank, &bob_rings("call-1")).await;
    bank.verifier.contact().open(&inbound("eve")).await.unwrap();
    (bank, phone)
}

fn bill(id: &str) -> PaymentRequest {
    let mut bill = transfer();
    bill.kind = TransactionKind::Payment;
    let merchant = MerchantId::new("shop").unwrap();
    let key = vault_keys::signed_key(&issuer(), START);
    PaymentRequest::new(request(id), merchant, bill, "Bob".parse().unwrap(), key)
}

/// Everything that begins something for Alice, on nobody's word but the host's own.
async fn beginnings(of: &Verifier) -> Vec<(&'static str, Result<(), Error>)> {
    let call: Interaction = bob_rings("call-9");
    let issued = of.challenges().issue(&alice(), &challenge("anew")).await;
    vec![
        ("book", of.callbacks().book(&alice(), &booking("anew", "anana")).await.map(drop)),
        ("issue", issued.map(drop)),
        ("enrol", of.credentials().enrol(&alice(), &thief("anew")).await.map(drop)),
        ("step-up", of.step_ups().request(&call, &asking("anew", transfer())).await.map(drop)),
        ("payment", of.payments().request(&call, &bill("anew")).await.map(drop)),
        ("open", of.contact().open(&call).await),
    ]
}

/// The places of Alice's rows: those of Mallory stay whatever happens.
fn places(bank: &Bank) -> BTreeSet<Place> {
    bank.store.records().into_iter().map(|(at, _)| at).collect()
}

#[tokio::test]
async fn erasing_leaves_no_record_but_the_mark_and_counts_that_end() {
    let (bank, _) = lived().await;
    let before = places(&bank);
    let mallorys = {
        let bank = crate::support::step_ups::bank();
        app_of_mallory(&bank).await;
        places(&bank)
    };
    let customers = bank.verifier.customers();
    let erasure = customers.erase(&alice()).await.unwrap();
    // Callback, challenge, credential, step-up, presence, prompts.
    assert_eq!(erasure.records, 6);
    let said = device().open_erasure(&erasure.receipt, START).unwrap();
    assert_eq!((said.since, said.records), (START, 6));
    let left = places(&bank);
    assert!(mallorys.is_subset(&left), "another customer's stay");
    let ours: Vec<_> = left.difference(&mallorys).collect();
    // The mark; the counts of prompts by the agent, and of challenges, which end by themselves.
    assert_eq!(before.len() - left.len(), 6);
    let anchors = ours.iter().filter(|at| at.owner == at.id).count();
    assert_eq!((ours.len(), anchors), (3, 1));
    bank.clock.advance(2 * DAY);
    while bank.verifier.purge(100).await.unwrap() > 0 {}
    let kept = bank.store.records().into_iter().filter(|(at, row)| {
        !mallorys.contains(at) && bank.clock.now().unwrap() < row.head.retain_until
    });
    assert_eq!(kept.count(), 1, "the mark alone");
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    assert_eq!(history.items, []);
}

#[tokio::test]
async fn nothing_is_begun_for_an_erased_customer_until_they_are_readmitted() {
    let (bank, phone) = lived().await;
    let customers = bank.verifier.customers();
    customers.erase(&alice()).await.unwrap();
    bank.seen.take();
    for (_, result) in beginnings(&bank.verifier).await {
        refused(result);
    }
    let told: Vec<_> = bank.seen.take().iter().map(|one| (one.action, one.outcome)).collect();
    assert_eq!(told, [(Action::Readmit, Outcome::Refused(Reason::Erased)); 6]);
    // Nor is what was there found again.
    let first = phone.confirm(&pin("2468")).unwrap();
    refused(bank.verifier.credentials().confirm(&alice(), &phone.id(), &first).await);
    let standing = customers.standing(&alice()).await.unwrap();
    assert_eq!((standing.erased, standing.bound), (Some(START), vec![]));

    customers.readmit(&alice()).await.unwrap();
    for (what, result) in beginnings(&bank.verifier).await {
        // There is no credential for a step-up.
        assert_eq!(result.is_ok(), what != "step-up", "{what}: {result:?}");
    }
}

/// Binding again needs the back end's word, which is readmission enough.
#[tokio::test]
async fn the_back_end_s_word_binds_again_after_an_erasure() {
    let (bank, _) = lived().await;
    bank.verifier.customers().erase(&alice()).await.unwrap();
    refused(bank.verifier.credentials().enrol(&alice(), &thief("anew")).await);
    let (confirmed, _) = app(&bank).await;
    assert_eq!(confirmed.status, CredentialStatus::Active);
    let standing = bank.verifier.customers().standing(&alice()).await.unwrap();
    assert_eq!((standing.erased, standing.bound), (None, vec![confirmed.id]));
}

#[tokio::test]
async fn a_hold_has_erasure_wait_and_deletes_nothing() {
    let (bank, _) = lived().await;
    let customers = bank.verifier.customers();
    customers.hold(&alice()).await.unwrap();
    let before = places(&bank);
    let result = customers.erase(&alice()).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::OnHold))), "{result:?}");
    assert_eq!(places(&bank), before);
    let standing = customers.standing(&alice()).await.unwrap();
    assert_eq!((standing.on_hold_since, standing.erased), (Some(START), None));
    // What the customer does goes on.
    bank.verifier.callbacks().book(&alice(), &booking("b-2", "anana")).await.unwrap();
    customers.lift_hold(&alice()).await.unwrap();
    assert_eq!(customers.erase(&alice()).await.unwrap().records, 7);
}

#[tokio::test]
async fn an_open_payment_has_erasure_wait_and_deletes_nothing() {
    let (bank, _) = lived().await;
    let customers = bank.verifier.customers();
    bank.verifier.payments().request(&bob_rings("call-1"), &bill("p-1")).await.unwrap();
    let before = places(&bank);
    let result = customers.erase(&alice()).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::PaymentOpen))), "{result:?}");
    assert_eq!(places(&bank), before);
    // Nobody can pay any more, nor authenticate for it.
    let payments = &bank.verifier.policy().payments;
    let longest = payments.valid_for + payments.authenticate_within + payments.authorise_within;
    bank.clock.advance(longest + bank.verifier.policy().leeway);
    // A receipt may still be on its way.
    let result = customers.erase(&alice()).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::PaymentOpen))), "{result:?}");
    bank.clock.advance(DAY);
    // The last contact is remembered for longer.
    assert_eq!(customers.erase(&alice()).await.unwrap().records, 7);
}

#[tokio::test]
async fn an_erasure_whose_process_died_anywhere_goes_on_where_it_stopped() {
    let mut ended = false;
    for at in 0..60 {
        let (bank, _) = lived().await;
        bank.store.plan(at, Fault::FailBefore);
        let first = bank.verifier.customers().erase(&alice()).await;
        bank.store.heal();
        if first.is_ok() {
            ended = true;
            break;
        }
        let standing = bank.verifier.customers().standing(&alice()).await.unwrap();
        if standing.erased.is_some() {
            // Marked first: nothing is begun, and nobody is readmitted half-way.
            refused(bank.verifier.callbacks().book(&alice(), &booking("anew", "anana")).await);
            let readmitted = bank.verifier.customers().readmit(&alice()).await;
            let not_yet = matches!(readmitted, Err(Error::Invalid(Invalid::NotErasedYet)));
            assert!(not_yet, "{at}: {readmitted:?}");
        }
        let again = bank.verifier.customers().erase(&alice()).await.unwrap();
        let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
        assert_eq!(history.items, [], "{at}");
        assert!(again.records <= 6, "{at}");
        let refusals = beginnings(&bank.verifier).await;
        assert!(refusals.iter().all(|(_, result)| result.is_err()), "{at}");
    }
    assert!(ended, "it ends");
}

#[tokio::test]
async fn erasing_twice_deletes_what_came_between_and_signs_again() {
    let (bank, _) = lived().await;
    let customers = bank.verifier.customers();
    let first = customers.erase(&alice()).await.unwrap();
    bank.clock.advance(HOUR);
    let again = customers.erase(&alice()).await.unwrap();
    assert_eq!(again.records, first.records);
    let said = device().open_erasure(&again.receipt, START.after(HOUR)).unwrap();
    assert_eq!(said.since, START, "the mark is the first one");
    let standing = customers.standing(&alice()).await.unwrap();
    let actions: Vec<_> = bank.seen.take().iter().map(|one| one.action).collect();
    let count = |action| actions.iter().filter(|one| **one == action).count();
    assert_eq!((count(Action::BeginErasure), standing.erased), (2, Some(START)));
}

/// The news of an erasure comes to the host's worker as any other.
#[tokio::test]
async fn the_outbox_tells_of_an_erasure() {
    let base = bank();
    let verifier = part(keyring(), &base.store, &base.clock, &base.seen, 1)
        .signing_key(signing())
        .outbox()
        .build()
        .unwrap();
    let bank = Bank { verifier, ..base };
    app(&bank).await;
    bank.verifier.customers().erase(&alice()).await.unwrap();
    let mut told = Vec::new();
    let most = core::num::NonZeroU16::MAX;
    while let Some(batch) = bank.verifier.outbox().lease(most, MINUTE).await.unwrap() {
        told.extend(batch.notices.iter().map(|notice| notice.action));
        let ids: Vec<_> = batch.notices.iter().map(|notice| notice.id).collect();
        bank.verifier.outbox().acknowledge(&batch, ids).await.unwrap();
        bank.verifier.outbox().release(batch).await.unwrap();
    }
    let of_erasure = [Action::BeginErasure, Action::Erase];
    assert!(told.ends_with(&of_erasure), "{told:?}");
}

/// One answer with everything, and no secret in it.
#[tokio::test]
async fn an_export_holds_every_ceremony_and_no_secret() {
    let (bank, _) = lived().await;
    bank.verifier.payments().request(&bob_rings("call-1"), &bill("p-1")).await.unwrap();
    let export = bank.verifier.customers().export(&alice()).await.unwrap();
    let kinds: Vec<_> = export.ceremonies.iter().map(|one| one.history.subject).collect();
    let is = |find: fn(&Subject) -> bool| kinds.iter().filter(|one| find(one)).count();
    assert_eq!(is(|one| matches!(one, Subject::Callback(_))), 1);
    assert_eq!(is(|one| matches!(one, Subject::Challenge(_))), 1);
    assert_eq!(is(|one| matches!(one, Subject::Credential(_))), 1);
    assert_eq!(is(|one| matches!(one, Subject::StepUp(_))), 1);
    assert_eq!(is(|one| matches!(one, Subject::Payment(_))), 1);
    assert_eq!(is(|one| matches!(one, Subject::Presence(_))), 1);
    assert_eq!(is(|one| matches!(one, Subject::Prompts(_))), 1);
    assert_eq!((kinds.len(), export.unreadable), (7, 0));
    let text = serde_json::to_string(&export).unwrap();
    assert!(text.contains("\"alice\"") && text.contains("\"amount\":500000"), "{text}");
    for secret in ["anana", "2468", "1357", "mallory"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    // Each history is whole.
    for one in &export.ceremonies {
        assert!(one.history.verify().is_ok());
    }
}

/// More than a page of them.
#[tokio::test]
async fn an_export_and_an_erasure_reach_beyond_a_page() {
    let mut policy = countersign::Policy::default();
    policy.callbacks.per_customer = 100;
    policy.callbacks.per_day = 1000;
    let bank = crate::support::step_ups::bank_of(policy);
    for n in 0..220 {
        let booking = booking(&format!("b-{n}"), "anana");
        let booked = bank.verifier.callbacks().book(&alice(), &booking).await.unwrap();
        if n % 3 > 0 {
            bank.verifier.callbacks().cancel(&alice(), &booked.id).await.unwrap();
        }
    }
    let export = bank.verifier.customers().export(&alice()).await.unwrap();
    assert_eq!(export.ceremonies.len(), 220);
    assert_eq!(bank.verifier.customers().erase(&alice()).await.unwrap().records, 220);
    assert_eq!(places(&bank).len(), 1);
}
