//! The vault's opening keys: given out for ten minutes, opening for half an hour, and gone.

use std::time::Duration;

use countersign::card::SealedCard;
use countersign::error::Reason;
use countersign::payment::PaymentRequest;
use countersign::store::{Fault, FaultStore, Store};
use countersign::time::ManualClock;
use countersign::{Error, MemoryStore, Policy, Timestamp};

use crate::support::vault_keys::LIVES;
use crate::support::*;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_key_is_given_out_for_ten_minutes_and_opens_for_thirty() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let first = scene.vault.public_key().await.unwrap();
    assert_eq!(first.expires_at(), START.after(LIVES));
    scene.clock.advance(10 * MINUTE - SECOND);
    assert_eq!(scene.vault.public_key().await.unwrap(), first);
    // Nobody may be asked to authenticate, so that the request may be paid until the end of the key.
    let late = scene.asking("p-1").await.without_authentication();
    let asked = scene.verifier.payments().request(&bob_rings(), &late).await.unwrap();
    let sealed = scene.sealed(&asked, &card(), 3);
    scene.clock.advance(SECOND);
    let second = scene.vault.public_key().await.unwrap();
    assert_ne!(second, first);
    assert_ne!(second.key(), first.key());
    assert_eq!(second.expires_at(), START.after(10 * MINUTE + LIVES));
    scene.clock.set(asked.payment.until.before(SECOND));
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
}

/// A mutant that no longer destroys keys in one of the three ways is noticed here.
#[tokio::test]
async fn after_its_time_a_key_opens_nothing_and_is_overwritten() {
    for way in ["purge", "sweep", "ask"] {
        let scene = scene();
        let acquirer = Recording::<true>::new(true);
        let asked = scene.asked("p-1").await;
        let sealed = scene.sealed(&asked, &card(), 3);
        let [(at, before)] = &scene.store.records()[..] else { panic!("one record: the keys") };
        scene.clock.set(START.after(25 * MINUTE));
        let second = scene.vault.public_key().await.unwrap();
        scene.clock.set(START.after(LIVES));
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
        scene.seen.take();
        refused(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
        assert_eq!(reasons(&scene.seen), [Reason::CannotOpen], "{way}");
        assert_eq!(acquirer.book().authorised, 0);
    }
}

#[tokio::test]
async fn keys_that_nobody_asked_for_any_more_leave_with_their_record() {
    let scene = scene();
    scene.vault.public_key().await.unwrap();
    let [(at, record)] = &scene.store.records()[..] else { panic!("one record: the keys") };
    assert_eq!(record.head.retain_until, START.after(HOUR));
    scene.clock.advance(HOUR);
    assert_eq!(scene.store.load(at, scene.now()).await.unwrap(), None);
    scene.vault.public_key().await.unwrap();
    // A key that ends shortly before the full hour is there for two purges more, to be overwritten.
    let scene = crate::support::scene();
    scene.clock.advance(HOUR - LIVES - SECOND);
    scene.vault.public_key().await.unwrap();
    assert_eq!(scene.store.records()[0].1.head.retain_until, START.after(2 * HOUR));
}

#[tokio::test]
async fn attack_20_every_fault_at_every_call_of_public_key() {
    for minutes in [0_u32, 10, 31] {
        for fault in Fault::ALL {
            for at in 0..3 {
                let scene = scene();
                let first = scene.vault.public_key().await.unwrap();
                scene.clock.advance(minutes * MINUTE);
                scene.store.plan(at, fault);
                let key = scene.vault.public_key().await;
                scene.store.heal();
                let after = scene.vault.public_key().await.unwrap();
                match key {
                    Ok(key) => assert_eq!(key, after, "{minutes} min, {fault:?} at {at}"),
                    Err(Error::Store(_) | Error::Record(_)) => {}
                    Err(error) => panic!("{minutes} min, {fault:?} at {at}: {error:?}"),
                }
                assert_eq!(after == first, minutes == 0);
            }
        }
    }
}

/// A backup of the vault's records holds no opening key, and the store of the keys holds nothing else.
#[tokio::test]
async fn opening_keys_can_stand_in_a_store_of_their_own() {
    let scene = scene();
    let keys = FaultStore::new(MemoryStore::new());
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
    let name = "Bob".parse().unwrap();
    let asking = PaymentRequest::new(request("p-1"), merchant(), purchase(), name, key);
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
    scene.clock.advance(25 * MINUTE);
    vault.public_key().await.unwrap();
    assert!(keys.records()[0].1.sealed.len() > before, "two keys");
    scene.clock.set(START.after(LIVES));
    vault.purge(100).await.unwrap();
    assert_eq!(keys.records()[0].1.sealed.len(), before, "one key");
    scene.clock.set(START.after(25 * MINUTE + LIVES));
    vault.purge(100).await.unwrap();
    assert!(keys.records()[0].1.sealed.len() < before, "none");
    scene.clock.advance(HOUR);
    vault.purge(100).await.unwrap();
    let (at, _) = &keys.records()[0];
    assert_eq!(keys.load(at, START).await.unwrap(), None, "gone, whatever the time");
    // Without the store of the keys nothing is paid, and nothing decided.
    keys.plan(0, Fault::FailBefore);
    assert!(matches!(vault.public_key().await, Err(Error::Store(_))));
}

/// Who was given a key was told until when it lives: a policy that was loosened since does not prolong it, and one that was
/// tightened counts at once.
#[tokio::test]
async fn a_change_of_the_policy_prolongs_no_key() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let vault = |given_for: Duration| {
        let mut policy = Policy::default();
        policy.payments.opening_key_given_for = given_for;
        vault_on(&scene.store, &scene.clock, &scene.seen, 7).policy(policy).build().unwrap()
    };
    let (loose, tight) = (vault(HOUR), vault(MINUTE));
    assert_eq!(loose.public_key().await.unwrap().expires_at(), START.after(LIVES));
    let tightened = START.after(LIVES).before(9 * MINUTE);
    assert_eq!(tight.public_key().await.unwrap().expires_at(), tightened);
    scene.clock.set(START.after(LIVES));
    scene.seen.take();
    refused(loose.pay(&ALICE, &asked.token, &sealed, &acquirer()).await);
    assert_eq!(reasons(&scene.seen), [Reason::CannotOpen]);
}

/// What another process finds with the vault's keyring and its store of keys, if its clock shows `clock`.
async fn opens(scene: &Scene, clock: Timestamp, token: &str, sealed: &SealedCard) -> bool {
    let charges = FaultStore::new(MemoryStore::new());
    let seen = Recorder::default();
    let other = vault_on(&charges, &ManualClock::new(clock), &seen, 9)
        .opening_keys_store(scene.store.clone())
        .build()
        .unwrap();
    match other.pay(&ALICE, token, sealed, &acquirer()).await {
        Ok(_) => true,
        Err(Error::Refused(_)) => match reasons(&seen)[..] {
            // The card was opened, though its request is over.
            [Reason::Ended] => true,
            [Reason::CannotOpen] => false,
            ref other => panic!("{other:?}"),
        },
        Err(error) => panic!("{error:?}"),
    }
}

/// Sealed, paid and answered in the second in which its key is drawn: no card opens for longer.
async fn answered(policy: Policy) -> (Scene, String, SealedCard) {
    let scene = scene_with(policy);
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer()).await.unwrap();
    (scene, asked.token, sealed)
}

/// For how long the vault opens a card after the answer, whether anybody purges or not.
async fn by_the_clock(policy: &Policy) -> Duration {
    let (scene, token, sealed) = answered(policy.clone()).await;
    let mut after = Duration::ZERO;
    while opens(&scene, START.after(after), &token, &sealed).await {
        after += 30 * SECOND;
    }
    assert!(opens(&scene, START.after(after).before(SECOND), &token, &sealed).await);
    after
}

/// For how long at most somebody opens it who has the vault's keyring and rows, and turns the clock back, where the vault
/// is purged every five minutes.
async fn by_a_thief(policy: &Policy) -> Duration {
    let mut longest = Duration::ZERO;
    // When the first purge comes: among others, so that one comes in the last second of the key.
    let firsts = (0..300).step_by(15).map(Duration::from_secs);
    let last = Duration::from_secs((LIVES - SECOND).as_secs() % 300);
    for first in firsts.chain([last]) {
        let (scene, token, sealed) = answered(policy.clone()).await;
        let mut after = first;
        loop {
            scene.clock.set(START.after(after));
            scene.vault.purge(100).await.unwrap();
            if !opens(&scene, START, &token, &sealed).await {
                break;
            }
            after += 5 * MINUTE;
        }
        longest = longest.max(after);
    }
    longest
}

/// The manual states these numbers.
#[tokio::test]
async fn how_long_a_sealed_card_can_be_opened_after_the_answer() {
    let policy = Policy::default();
    let by_the_clock = by_the_clock(&policy).await;
    assert_eq!(by_the_clock, LIVES);
    let by_a_thief = by_a_thief(&policy).await;
    assert_eq!(by_a_thief, LIVES + 5 * MINUTE - SECOND, "a second less than it can be");
    let spelt = |time: Duration| {
        format!("{} minutes and {} seconds", time.as_secs() / 60, time.as_secs() % 60)
    };
    let manual = include_str!("../../src/manual/_20_vault.md");
    for time in [by_the_clock, by_a_thief + SECOND] {
        assert!(manual.contains(&spelt(time)), "{}", spelt(time));
    }
}
