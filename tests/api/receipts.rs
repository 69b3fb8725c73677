//! History receipts: what the customer holds shows whether a history only grew.

use countersign::callback::Verdict;
use countersign::device::HistoryProblem;
use countersign::error::ConfigError;
use countersign::history::HistoryHeadData;
use countersign::history::Subject;
use countersign::page::Page;
use countersign::step_up::DeclineReason;
use countersign::store::{Place, Record};
use countersign::token::{Audience, Leeway, Purpose, SigningKey, TrustedKeys, UntrustedToken};
use countersign::{CustomerId, Device, Error, Issuer, MemoryStore, Verifier};

use crate::support::between::put;
use crate::support::*;
use crate::support::{credentials, step_ups};

fn signing(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32]).unwrap()
}

fn signing_bank(bank: &Bank, seed: u8) -> Verifier {
    let (store, clock, seen) = (&bank.store, &bank.clock, &bank.seen);
    let builder = part(keyring(), store, clock, seen, 100 + u64::from(seed));
    builder.signing_key(signing(seed)).build().unwrap()
}

fn app(customer: CustomerId, keys: &[u8]) -> Device {
    let mut trusted = TrustedKeys::new(issuer());
    for seed in keys {
        trusted.trust(*signing(*seed).public_key(), Purpose::HistoryHead).unwrap();
    }
    Device::new(trusted, customer)
}

async fn check(device: &Device, bank: &Verifier, receipt: &str) -> Result<u32, HistoryProblem> {
    let histories = bank.history(&alice(), Page::first()).await.unwrap().items;
    device.check_history(receipt, &histories, START.after(MINUTE))
}

/// The bank over these rows alone.
async fn bank_over(bank: &Bank, rows: &[(Place, Record)]) -> Verifier {
    let store = MemoryStore::new();
    for (at, record) in rows {
        put(&store, at, record, START).await;
    }
    let clock = bank.clock.clone();
    Verifier::builder(issuer(), keyring()).store(store).clock(clock).build().unwrap()
}

#[tokio::test]
async fn a_history_that_only_grew_bears_its_receipts_out() {
    let bank = bank();
    let verifier = signing_bank(&bank, 1);
    let device = app(alice(), &[1]);
    let id = bank.booked().await.id;
    let subject = Subject::Callback(id);
    let first = verifier.history_receipt(&alice(), subject).await.unwrap();
    assert_eq!(check(&device, &verifier, &first).await, Ok(0));
    verifier.callbacks().reveal(&bob_rings("call-1"), &id).await.unwrap();
    verifier.callbacks().reveal(&bob_rings("call-2"), &id).await.unwrap_err();
    let second = verifier.history_receipt(&alice(), subject).await.unwrap();
    verifier.callbacks().conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    assert_eq!(check(&device, &verifier, &first).await, Ok(3));
    assert_eq!(check(&device, &verifier, &second).await, Ok(1));
}

#[tokio::test]
async fn credentials_and_step_ups_have_receipts_too() {
    let mut bank = step_ups::bank();
    let device = app(alice(), &[1]);
    bank.verifier = signing_bank(&bank, 1);
    let (credential, _) = credentials::app(&bank).await;
    let asked = step_ups::asked(&bank, &bob_rings("call-1")).await;
    let verifier = &bank.verifier;
    let mut receipts = Vec::new();
    for subject in [Subject::Credential(credential.id), Subject::StepUp(asked.step_up.id)] {
        let receipt = verifier.history_receipt(&alice(), subject).await.unwrap();
        assert_eq!(check(&device, verifier, &receipt).await, Ok(0));
        receipts.push(receipt);
        let result = verifier.history_receipt(&mallory(), subject).await;
        assert!(matches!(result, Err(Error::Refused(_))), "{result:?}");
    }
    verifier.credentials().revoke(&alice(), &credential.id).await.unwrap();
    verifier
        .step_ups()
        .decline(&alice(), &asked.step_up.id, DeclineReason::ChangedMind)
        .await
        .unwrap();
    for receipt in &receipts {
        assert_eq!(check(&device, verifier, receipt).await, Ok(1));
    }
    // A count has no events, so nothing to vouch for.
    let count = Subject::StepUpLimit("00000000000000000000000000".parse().unwrap());
    let result = verifier.history_receipt(&alice(), count).await;
    assert!(matches!(result, Err(Error::Refused(_))), "{result:?}");
}

#[tokio::test]
async fn a_row_put_back_or_deleted_is_noticed() {
    let bank = bank();
    let verifier = signing_bank(&bank, 1);
    let device = app(alice(), &[1]);
    let id = bank.booked().await.id;
    let booked = bank.store.records();
    verifier.callbacks().reveal(&bob_rings("call-1"), &id).await.unwrap();
    let receipt = verifier.history_receipt(&alice(), Subject::Callback(id)).await.unwrap();
    verifier.callbacks().conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    let concluded = bank.store.records();

    let problem = async |rows: &[(Place, Record)]| {
        check(&device, &bank_over(&bank, rows).await, &receipt).await
    };
    assert_eq!(problem(&concluded).await, Ok(1));
    // The database writer puts the whole older row back, to have the secret revealed once more.
    assert_eq!(problem(&booked).await, Err(HistoryProblem::Rewritten));
    assert_eq!(problem(&[]).await, Err(HistoryProblem::Missing));
    // Once more revealed in another call, it is as long as before, and still another history.
    let forked = bank_over(&bank, &booked).await;
    forked.callbacks().reveal(&bob_rings("call-9"), &id).await.unwrap();
    assert_eq!(check(&device, &forked, &receipt).await, Err(HistoryProblem::Rewritten));
}

#[tokio::test]
async fn what_is_shown_must_be_whole() {
    let bank = bank();
    let verifier = signing_bank(&bank, 1);
    let device = app(alice(), &[1]);
    let id = bank.booked().await.id;
    let eve = call("call-0", &alice(), agent("eve"));
    verifier.callbacks().reveal(&bob_rings("call-1"), &id).await.unwrap();
    for _ in 0..20 {
        verifier.callbacks().reveal(&eve, &id).await.unwrap_err();
    }
    let receipt = verifier.history_receipt(&alice(), Subject::Callback(id)).await.unwrap();
    let shown = verifier.history(&alice(), Page::first()).await.unwrap().items;
    let verdict = |histories: &[_]| device.check_history(&receipt, histories, START);
    assert_eq!(verdict(&shown), Ok(0));
    let mut changed = shown.clone();
    changed[0].events[0].at = START.after(HOUR);
    assert_eq!(verdict(&changed), Err(HistoryProblem::Broken));
    // What the history says of its own length is a claim.
    let counting_on = |listed: usize| {
        let mut json = serde_json::to_value(&shown).unwrap();
        json[0]["earlier"] = serde_json::json!({ "events": u32::MAX, "head": shown[0].head });
        json[0]["events"].as_array_mut().unwrap().truncate(listed);
        serde_json::from_value::<Vec<countersign::history::CeremonyHistory>>(json).unwrap()
    };
    assert_eq!(verdict(&counting_on(usize::MAX)), Err(HistoryProblem::Broken));
    assert_eq!(verdict(&counting_on(0)), Err(HistoryProblem::TooOld));
    let mut changed = shown.clone();
    changed[0].refusals -= 1;
    assert_eq!(verdict(&changed), Err(HistoryProblem::Rewritten));
    let mut changed = shown.clone();
    changed[0].subject = Subject::Callback(unknown_callback());
    assert_eq!(verdict(&changed), Err(HistoryProblem::Missing));
}

#[tokio::test]
async fn a_receipt_is_for_one_customer_from_one_issuer_for_its_time() {
    let bank = bank();
    let verifier = signing_bank(&bank, 1);
    let id = bank.booked().await.id;
    let receipt = verifier.history_receipt(&alice(), Subject::Callback(id)).await.unwrap();
    let shown = verifier.history(&alice(), Page::first()).await.unwrap().items;
    let not_genuine = Err(HistoryProblem::NotGenuine);
    assert_eq!(app(alice(), &[1]).check_history(&receipt, &shown, START), Ok(0));
    assert_eq!(app(mallory(), &[1]).check_history(&receipt, &shown, START), not_genuine);
    let unknown_key = Err(HistoryProblem::UnknownKey);
    assert_eq!(app(alice(), &[2]).check_history(&receipt, &shown, START), unknown_key);
    assert_eq!(app(alice(), &[]).check_history(&receipt, &shown, START), unknown_key);
    assert_eq!(app(alice(), &[1]).check_history("v4.public.", &shown, START), not_genuine);
    // Trusted for challenges, a key signs no receipts.
    let mut trusted = TrustedKeys::new(issuer());
    trusted.trust(*signing(1).public_key(), Purpose::Challenge).unwrap();
    let device = Device::new(trusted, alice());
    assert_eq!(device.check_history(&receipt, &shown, START), unknown_key);
    let mut trusted = TrustedKeys::new(Issuer::new("other.example").unwrap());
    trusted.trust(*signing(1).public_key(), Purpose::HistoryHead).unwrap();
    let device = Device::new(trusted, alice());
    assert_eq!(device.check_history(&receipt, &shown, START), not_genuine);
    // It is valid for exactly as long as the record is kept, but for the leeway of 30 seconds.
    let second = std::time::Duration::from_secs(1);
    let leeway = 30 * second;
    let end = bank.store.records()[0].1.head.retain_until;
    assert_eq!(end, window().until().after(401 * DAY).after(HOUR));
    let device = app(alice(), &[1]);
    let at = |device: &Device, now| device.check_history(&receipt, &shown, now);
    assert_eq!(at(&device, end.after(leeway).before(second)), Ok(0));
    assert_eq!(at(&device, end.after(leeway)), Err(HistoryProblem::Expired));
    assert_eq!(at(&device, START.before(leeway)), Ok(0));
    assert_eq!(at(&device, START.before(leeway).before(second)), Err(HistoryProblem::NotYetValid));
    // A device with another tolerance.
    let strict = device.with_leeway(Leeway::new(std::time::Duration::ZERO).unwrap());
    assert_eq!(at(&strict, end.before(second)), Ok(0));
    assert_eq!(at(&strict, end), Err(HistoryProblem::Expired));
    assert_eq!(at(&strict, START.before(second)), Err(HistoryProblem::NotYetValid));
}

#[tokio::test]
async fn a_newer_receipt_takes_an_older_one_s_place_only_after_both_are_borne_out() {
    let bank = bank();
    let verifier = signing_bank(&bank, 1);
    let device = app(alice(), &[1]);
    let id = bank.booked().await.id;
    let subject = Subject::Callback(id);
    let booked = bank.store.records();
    let first = verifier.history_receipt(&alice(), subject).await.unwrap();
    verifier.callbacks().reveal(&bob_rings("call-1"), &id).await.unwrap();
    let second = verifier.history_receipt(&alice(), subject).await.unwrap();
    let renew = async |bank: &Verifier, old: &str, new: &str| {
        let histories = bank.history(&alice(), Page::first()).await.unwrap().items;
        device.renew_receipt(old, new, &histories, START)
    };
    assert_eq!(renew(&verifier, &first, &second).await, Ok(1));
    assert_eq!(renew(&verifier, &second, &second).await, Ok(0));
    assert_eq!(renew(&verifier, &second, &first).await, Err(HistoryProblem::Rewritten));

    // The row is put back, the secret revealed once more, and a fresh receipt vouches for that.
    let store = MemoryStore::new();
    put(&store, &booked[0].0, &booked[0].1, START).await;
    let forked = Verifier::builder(issuer(), keyring())
        .store(store)
        .clock(bank.clock.clone())
        .signing_key(signing(1))
        .build()
        .unwrap();
    forked.callbacks().reveal(&bob_rings("call-9"), &id).await.unwrap();
    let third = forked.history_receipt(&alice(), subject).await.unwrap();
    assert_eq!(check(&device, &forked, &third).await, Ok(0), "by itself it looks right");
    assert_eq!(renew(&forked, &second, &third).await, Err(HistoryProblem::Rewritten));
    // What the enterprise had shown before, it cannot have signed the other for.
    assert_eq!(renew(&verifier, &second, &third).await, Err(HistoryProblem::Rewritten));

    let other = verifier.callbacks().book(&alice(), &booking("req-2", "banana")).await.unwrap().id;
    let other = verifier.history_receipt(&alice(), Subject::Callback(other)).await.unwrap();
    assert_eq!(renew(&verifier, &second, &other).await, Err(HistoryProblem::Missing));
    assert_eq!(renew(&verifier, &second, "").await, Err(HistoryProblem::NotGenuine));
    assert_eq!(renew(&verifier, "", &second).await, Err(HistoryProblem::NotGenuine));
}

#[tokio::test]
async fn each_receipt_has_an_id_of_its_own() {
    let bank = bank();
    let verifier = signing_bank(&bank, 1);
    let id = bank.booked().await.id;
    let mut trusted = TrustedKeys::new(issuer());
    trusted.trust(*signing(1).public_key(), Purpose::HistoryHead).unwrap();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let receipt = verifier.history_receipt(&alice(), Subject::Callback(id)).await.unwrap();
        let verified = UntrustedToken::parse(&receipt)
            .unwrap()
            .verify::<HistoryHeadData>(&trusted, &Audience::from(&alice()), START, Leeway::DEFAULT)
            .unwrap();
        assert_eq!(verified.claims().expires_at(), bank.store.records()[0].1.head.retain_until);
        assert_eq!(verified.claims().issued_at(), START);
        ids.push(verified.claims().id());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn signing_keys_rotate_with_overlap() {
    let bank = bank();
    let old = signing_bank(&bank, 1);
    let id = bank.booked().await.id;
    let receipt = old.history_receipt(&alice(), Subject::Callback(id)).await.unwrap();
    let (store, clock, seen) = (&bank.store, &bank.clock, &bank.seen);
    let new = part(keyring(), store, clock, seen, 9)
        .signing_key(signing(2))
        .publish(*signing(1).public_key())
        .build()
        .unwrap();
    let published: Vec<_> = new.public_keys().copied().collect();
    assert_eq!(published, [*signing(2).public_key(), *signing(1).public_key()]);
    let device = app(alice(), &[2, 1]);
    assert_eq!(check(&device, &new, &receipt).await, Ok(0));
    let receipt = new.history_receipt(&alice(), Subject::Callback(id)).await.unwrap();
    assert_eq!(check(&device, &new, &receipt).await, Ok(0));
}

#[tokio::test]
async fn without_a_key_or_a_ceremony_there_is_no_receipt() {
    let bank = bank();
    let id = bank.booked().await.id;
    let result = bank.verifier.history_receipt(&alice(), Subject::Callback(id)).await;
    assert!(matches!(result, Err(Error::Config(ConfigError::NoSigningKey))), "{result:?}");
    assert_eq!(bank.verifier.public_keys().count(), 0);
    let verifier = signing_bank(&bank, 1);
    for (customer, id) in [(alice(), unknown_callback()), (mallory(), id)] {
        let result = verifier.history_receipt(&customer, Subject::Callback(id)).await;
        assert!(matches!(result, Err(Error::Refused(_))), "{result:?}");
    }
}
