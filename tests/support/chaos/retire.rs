//! A root key is retired while a process that lags still writes under it: nothing is lost.

use std::collections::BTreeSet;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use countersign::callback::BookingRequest;
use countersign::keyring::KeyringError;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::store::Store;
use countersign::time::ManualClock;
use countersign::{CallbackId, Channel, CustomerId, Keyring, RequestId, Verifier, Window};

use super::NOW;
use super::whole::{keyring, part};

/// How many callbacks are booked before the rotation.
const BEFORE: u32 = 40;

fn customer(n: u32) -> CustomerId {
    CustomerId::new(format!("c-{}", n % 7)).unwrap()
}

async fn booked(bank: &Verifier, n: u32) -> CallbackId {
    let window = Window::new(NOW, NOW.after(Duration::from_secs(3600))).unwrap();
    let request = RequestId::new(format!("r-{n}")).unwrap();
    let booking = BookingRequest::new(request, window, Channel::Voice, "anana".parse().unwrap());
    bank.callbacks().book(&customer(n), &booking).await.unwrap().id
}

/// Books and cancels until it is told to stop; what it was acknowledged.
async fn lags(bank: Verifier, over: Arc<AtomicBool>) -> Vec<(CustomerId, CallbackId)> {
    let mut done = Vec::new();
    for n in BEFORE.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let id = booked(&bank, n).await;
        bank.callbacks().cancel(&customer(n), &id).await.unwrap();
        done.push((customer(n), id));
    }
    done
}

async fn deliver(bank: &Verifier) -> BTreeSet<(String, String)> {
    let mut told = BTreeSet::new();
    let outbox = bank.outbox();
    while let Some(batch) = outbox.lease(NonZeroU16::MAX, Duration::from_secs(60)).await.unwrap() {
        assert_eq!(batch.unreadable, 0);
        for notice in &batch.notices {
            told.insert((format!("{:?}", notice.subject), format!("{:?}", notice.action)));
        }
        let done: Vec<_> = batch.notices.iter().map(|notice| notice.id).collect();
        assert!(outbox.acknowledge(&batch, done).await.unwrap());
        outbox.release(batch).await.unwrap();
    }
    told
}

pub async fn nothing_is_lost(store: impl Store + Clone) {
    let clock = ManualClock::new(NOW);
    let mut rotated = keyring();
    let old = rotated.active();
    let copy = |ring: &Keyring| Keyring::from_bytes(&ring.to_bytes()).unwrap();
    let before = part(store.clone(), &clock, copy(&rotated));
    let mut all = Vec::new();
    for n in 0..BEFORE {
        all.push((customer(n), booked(&before, n).await));
    }
    rotated.rotate(&SeededRandom::new(99)).unwrap();
    let bank = part(store.clone(), &clock, copy(&rotated));
    // It has the new key, so that it can read, and has not made it its active one.
    let mut behind = copy(&rotated);
    behind.activate(old).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let lagging = tokio::spawn(lags(part(store.clone(), &clock, behind), Arc::clone(&over)));
    let mut sweeps = Vec::new();
    for _ in 0..6 {
        sweeps.push(bank.reseal(1_000_000).await.unwrap());
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    let resealed: u64 = sweeps.iter().map(|sweep| sweep.resealed).sum();
    assert!(resealed >= u64::from(BEFORE), "{sweeps:?}");
    // Entries of the outbox stay under the old key: the sweeps see them, whatever they resealed.
    for pair in sweeps.windows(2) {
        let refused = pair[1].retire(&pair[0], &mut rotated, old);
        assert_eq!(refused, Err(KeyringError::InUse(old)), "{pair:?}");
    }
    over.store(true, Ordering::Relaxed);
    let late = lagging.await.unwrap();
    assert!(!late.is_empty(), "it wrote nothing");
    all.extend(late.iter().cloned());
    let (first, second) = (bank.reseal(1_000_000).await.unwrap(), bank.reseal(0).await.unwrap());
    assert_eq!(second.left[&old].records, 0);
    assert!(second.left[&old].entries > 0, "nobody delivered them");
    assert_eq!(second.retire(&first, &mut rotated, old), Err(KeyringError::InUse(old)));
    let told = deliver(&bank).await;
    let (first, second) = (bank.reseal(1_000_000).await.unwrap(), bank.reseal(0).await.unwrap());
    second.retire(&first, &mut rotated, old).unwrap();
    println!("{resealed} resealed while {} were written under the old key", late.len());

    // Without the old key everything opens, and all of it was told.
    let after = part(store, &clock, rotated);
    let mut found = BTreeSet::new();
    for n in 0..7 {
        let mut page = Page::first();
        loop {
            let listed = after.callbacks().list(&customer(n), page).await.unwrap();
            assert_eq!(listed.unreadable, 0);
            found.extend(listed.items.iter().map(|callback| (customer(n), callback.id)));
            let Some(next) = listed.next else { break };
            page = Page::from(next);
        }
    }
    assert_eq!(found, all.iter().cloned().collect());
    for (_, id) in &all {
        let subject = format!("{:?}", countersign::history::Subject::Callback(*id));
        assert!(told.contains(&(subject, "Book".to_owned())), "nobody was told of {id}");
    }
    for (_, id) in &late {
        let subject = format!("{:?}", countersign::history::Subject::Callback(*id));
        assert!(told.contains(&(subject, "Cancel".to_owned())), "nobody was told of {id}");
    }
}
