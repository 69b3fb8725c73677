//! A row's length tells nothing of a secret's.

use std::collections::BTreeSet;

use countersign::callback::{AmendmentRequest, Verdict};
use countersign::challenge::{Acceptance, Answer};

use crate::support::challenges::{fraud_rings, signing_bank, slot};
use crate::support::credentials::app;
use crate::support::*;

/// One of every length in bytes that a secret can have, and of several scripts.
fn secrets() -> Vec<String> {
    let mut all = Vec::new();
    // Of one, two, three and four bytes a letter.
    for letter in ["b", "\u{44f}", "\u{68a8}", "\u{2000b}"] {
        all.extend((4..=64).map(|letters| letter.repeat(letters)));
    }
    // The lengths between.
    for few in 0..4 {
        all.extend((4..=60).map(|many| ["\u{2000b}".repeat(many), "b".repeat(few)].concat()));
    }
    all.extend(["route 66", "l'\u{e9}t\u{e9} \u{e0} N\u{ee}mes"].map(str::to_owned));
    let lengths: BTreeSet<_> = all.iter().map(String::len).collect();
    assert!((4..=240).chain([256]).all(|length| lengths.contains(&length)));
    all
}

fn lengths(bank: &Bank) -> Vec<usize> {
    bank.store.records().iter().map(|(_, record)| record.sealed.len()).collect()
}

/// The length of the row in each state on the way.
async fn of_a_callback(word: &str) -> Vec<Vec<usize>> {
    let (bank, mut all) = (bank(), Vec::new());
    let callbacks = bank.verifier.callbacks();
    let id = callbacks.book(&alice(), &booking("req-1", word)).await.unwrap().id;
    all.push(lengths(&bank));
    callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
    all.push(lengths(&bank));
    callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap_err();
    all.push(lengths(&bank));
    // Another one, after which that one is remembered as leaked, and that one again.
    for (name, word) in [("a-1", "banana"), ("a-2", word)] {
        let amendment = AmendmentRequest::new(request(name)).secret(secret(word));
        callbacks.amend(&alice(), &id, &amendment).await.unwrap();
        all.push(lengths(&bank));
    }
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    all.push(lengths(&bank));
    callbacks.abandon(&bob_rings("call-1"), &id).await.unwrap();
    all.push(lengths(&bank));
    all
}

#[tokio::test]
async fn the_length_of_a_callback_s_row_tells_nothing_of_its_secret() {
    let wanted = of_a_callback("anana").await;
    for word in secrets() {
        assert_eq!(of_a_callback(&word).await, wanted, "{} bytes", word.len());
    }
}

#[tokio::test]
async fn the_length_of_a_challenge_s_row_tells_nothing_of_the_customer_s_word() {
    let mut wanted = None;
    for word in secrets() {
        let (bank, mut all) = (signing_bank(), Vec::new());
        let challenges = bank.verifier.challenges();
        let id = bank.issued().await.challenge.id;
        let accepted = Acceptance::new(request("a-1")).with_word(secret(&word));
        challenges.answer(&alice(), &id, &Answer::Accept(accepted)).await.unwrap();
        all.push(lengths(&bank));
        challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await.unwrap();
        all.push(lengths(&bank));
        bank.clock.set(START.after(15 * MINUTE));
        challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
        all.push(lengths(&bank));
        assert_eq!(*wanted.get_or_insert_with(|| all.clone()), all, "{} bytes", word.len());
    }
}

/// With derived words the secret is kept all the same.
#[tokio::test]
async fn the_length_of_a_row_with_derived_words_tells_nothing_of_its_secret() {
    let mut policy = countersign::Policy::default();
    policy.callbacks.per_day = 1000;
    let bank = bank_with(policy);
    let (credential, _) = app(&bank).await;
    // The credential's, and the anchor's.
    assert_eq!(lengths(&bank).len(), 2);
    let mut seen = BTreeSet::new();
    for (n, word) in secrets().iter().enumerate() {
        let before: BTreeSet<_> = bank.store.records().into_iter().map(|(at, _)| at).collect();
        let booking = booking(&format!("{n:04}"), word).derived_with(credential.id);
        let booked = bank.verifier.callbacks().book(&alice(), &booking).await.unwrap();
        let rows = bank.store.records();
        let mut new = rows.iter().filter(|(at, _)| !before.contains(at));
        seen.insert(new.next().unwrap().1.sealed.len());
        bank.verifier.callbacks().cancel(&alice(), &booked.id).await.unwrap();
    }
    assert_eq!(seen.len(), 1, "the callbacks': {seen:?}");
}
