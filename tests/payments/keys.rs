//! The vault's opening keys: given out for half a day, gone after a day.

use countersign::Error;
use countersign::store::{Fault, Store};

use crate::support::*;

#[tokio::test]
async fn a_key_is_given_out_for_twelve_hours_and_opens_for_twenty_four() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let first = scene.vault.public_key().await.unwrap();
    scene.clock.advance(12 * HOUR - std::time::Duration::from_secs(1));
    assert_eq!(scene.vault.public_key().await.unwrap(), first);
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    scene.clock.advance(std::time::Duration::from_secs(1));
    let second = scene.vault.public_key().await.unwrap();
    assert_ne!(second, first);
    // The request that was made a second before can still be paid until it expires.
    scene.clock.advance(9 * MINUTE);
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    scene.clock.set(START.after(24 * HOUR));
    assert_ne!(scene.vault.public_key().await.unwrap(), first);
}

#[tokio::test]
async fn after_its_time_a_key_opens_nothing_and_is_overwritten() {
    let mut policy = countersign::Policy::default();
    // A request that could outlive its key, were a key given out at the end of its time.
    policy.payments.valid_for = HOUR;
    policy.payments.opening_key_for = 2 * HOUR;
    for way in ["purge", "sweep", "ask"] {
        let scene = scene_with(policy.clone());
        let acquirer = Recording::<true>::new(true);
        let asked = scene.asked("p-1").await;
        let sealed = scene.sealed(&asked, &card(), 3);
        let [(at, before)] = &scene.store.records()[..] else { panic!("one record: the keys") };
        scene.clock.set(START.after(HOUR + HOUR / 2));
        let second = scene.vault.public_key().await.unwrap();
        scene.clock.set(START.after(2 * HOUR));
        // The host purges, or sweeps; or somebody asks for a key, and gets the one that there is.
        match way {
            "purge" => drop(scene.vault.purge(100).await.unwrap()),
            "sweep" => drop(scene.vault.reconcile(HOUR, &acquirer).await.unwrap()),
            _ => assert_eq!(scene.vault.public_key().await.unwrap(), second),
        }
        let after = scene.store.load(at, scene.now()).await.unwrap().unwrap();
        assert_eq!(after.head.version, before.head.version + 2, "drawn, then destroyed: {way}");
        assert_eq!(after.sealed.len(), before.sealed.len(), "one key, as before: {way}");
        // With a clock that went back the key is not there either.
        scene.clock.set(START);
        refused(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
        assert_eq!(acquirer.book().authorised, 0);
    }
}

#[tokio::test]
async fn a_request_with_a_key_of_yesterday_cannot_be_paid() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    // The back end kept the key for too long. The vault has another since, and has not purged.
    let stale = scene.asking("p-1").await;
    scene.clock.advance(12 * HOUR);
    scene.vault.public_key().await.unwrap();
    scene.clock.set(START.after(24 * HOUR).before(MINUTE));
    let asked = scene.verifier.payments().request(&bob_rings(), &stale).await.unwrap();
    let sealed = scene.sealed(&asked, &card(), 3);
    scene.clock.advance(MINUTE);
    refused(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
    assert_eq!(acquirer.book().authorised, 0);
    scene.clock.set(START.after(24 * HOUR).before(std::time::Duration::from_secs(1)));
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
}

#[tokio::test]
async fn keys_that_nobody_asked_for_any_more_leave_with_their_record() {
    let scene = scene();
    scene.vault.public_key().await.unwrap();
    let [(at, record)] = &scene.store.records()[..] else { panic!("one record: the keys") };
    assert_eq!(record.head.retain_until, START.after(24 * HOUR));
    scene.clock.advance(24 * HOUR);
    assert_eq!(scene.store.load(at, scene.now()).await.unwrap(), None);
    scene.vault.public_key().await.unwrap();
}

#[tokio::test]
async fn attack_20_every_fault_at_every_call_of_public_key() {
    for hours in [0_u32, 12, 25] {
        for fault in Fault::ALL {
            for at in 0..3 {
                let scene = scene();
                let first = scene.vault.public_key().await.unwrap();
                scene.clock.advance(hours * HOUR);
                scene.store.plan(at, fault);
                let key = scene.vault.public_key().await;
                scene.store.heal();
                let after = scene.vault.public_key().await.unwrap();
                match key {
                    Ok(key) => assert_eq!(key, after, "{hours} h, {fault:?} at {at}"),
                    Err(Error::Store(_) | Error::Record(_)) => {}
                    Err(error) => panic!("{hours} h, {fault:?} at {at}: {error:?}"),
                }
                assert_eq!(after == first, hours == 0);
            }
        }
    }
}

/// A backup of the vault's records holds no opening key, and the store of the keys holds nothing else.
#[tokio::test]
async fn opening_keys_can_stand_in_a_store_of_their_own() {
    let scene = scene();
    let keys = countersign::store::FaultStore::new(countersign::MemoryStore::new());
    let vault = || {
        vault_on(&scene.store, &scene.clock, &scene.seen, 7)
            .opening_keys_store(keys.clone())
            .build()
            .unwrap()
    };
    let (vault, other) = (vault(), vault());
    let acquirer = Recording::<true>::new(true);
    let key = vault.public_key().await.unwrap();
    assert_eq!(other.public_key().await.unwrap(), key, "all processes share it");
    assert_eq!((keys.records().len(), scene.store.records().len()), (1, 0));
    let asking = countersign::payment::PaymentRequest::new(
        request("p-1"),
        merchant(),
        purchase(),
        "Bob".parse().unwrap(),
        key,
    );
    let asked = scene.verifier.payments().request(&bob_rings(), &asking).await.unwrap();
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = other.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    assert_eq!(vault.receipt(&asked.token).await.unwrap(), Some(paid.receipt));
    let token = paid.card_token.unwrap();
    let digits = |card: &countersign::card::StoredCard| card.pan().expose().to_owned();
    assert_eq!(vault.with_card(&token, &binding(), digits).await.unwrap(), PAN);
    assert_eq!((keys.records().len(), scene.store.records().len()), (1, 2));

    // A key whose time is over is destroyed there.
    let before = keys.records()[0].1.sealed.len();
    scene.clock.advance(13 * HOUR);
    vault.public_key().await.unwrap();
    assert!(keys.records()[0].1.sealed.len() > before, "two keys");
    scene.clock.set(START.after(24 * HOUR));
    vault.purge(100).await.unwrap();
    assert_eq!(keys.records()[0].1.sealed.len(), before, "one key");
    scene.clock.advance(48 * HOUR);
    vault.purge(100).await.unwrap();
    let (at, _) = &keys.records()[0];
    assert_eq!(keys.load(at, START).await.unwrap(), None, "gone, whatever the time");
    // Without the store of the keys nothing is paid, and nothing decided.
    keys.plan(0, Fault::FailBefore);
    assert!(matches!(vault.public_key().await, Err(Error::Store(_))));
}
