//! Keys: rotation, removal, import and export.

use countersign::callback::{CallbackStatus, Verdict};
use countersign::error::RecordError;
use countersign::keyring::{KEY_BYTES, KeyringError, MAX_ROOT_KEYS};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::{Error, Keyring};

use crate::support::*;

fn copy(keyring: &Keyring) -> Keyring {
    Keyring::from_bytes(&keyring.to_bytes()).unwrap()
}

#[tokio::test]
async fn records_under_an_old_root_key_open_and_are_sealed_anew_on_the_next_write() {
    let bank = bank();
    let id = bank.booked().await.id;
    let other =
        bank.verifier.callbacks().book(&alice(), &booking("req-2", "banana")).await.unwrap();

    let mut rotated = keyring();
    let old = rotated.active();
    let new = rotated.rotate(&SeededRandom::new(99)).unwrap();
    let (store, clock, seen) = (&bank.store, &bank.clock, &bank.seen);
    let verifier = part(copy(&rotated), store, clock, seen, 2).build().unwrap();
    let callbacks = verifier.callbacks();

    // Lists, lookups and repeated requests survive, under ids that are the same.
    let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
    assert_eq!(listed.items.len(), 2);
    assert_eq!(callbacks.book(&alice(), &booking("req-1", "anana")).await.unwrap().id, id);
    assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "anana");
    // Counts survive: one interaction was allowed, before and after.
    assert!(matches!(callbacks.reveal(&bob_rings("call-2"), &id).await, Err(Error::Refused(_))));
    callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    let history = verifier.history(&alice(), Page::first()).await.unwrap();
    let of_first = history
        .items
        .iter()
        .find(|history| history.subject == countersign::history::Subject::Callback(id))
        .unwrap();
    assert_eq!((of_first.events.len(), of_first.refusals), (4, 1));

    // The record that was written is under the new key, the other still under the old one.
    let mut without_old = rotated;
    without_old.remove(old).unwrap();
    assert_eq!(without_old.root_keys().collect::<Vec<_>>(), [new]);
    let verifier = part(without_old, store, clock, seen, 3).build().unwrap();
    let callbacks = verifier.callbacks();
    let again = callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap();
    assert_eq!(again.status, CallbackStatus::Recognised);
    let result = callbacks.reveal(&bob_rings("call-3"), &other.id).await;
    match result {
        Err(Error::Record(RecordError::UnknownKey(key))) => assert_eq!(key, old),
        other => panic!("{other:?}"),
    }
    let message = callbacks.cancel(&alice(), &other.id).await.unwrap_err().to_string();
    let wanted =
        format!("a stored record was sealed under root key {old}, which the keyring does not hold");
    assert_eq!(message, wanted);
    // It stops nothing else, and is told.
    let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
    assert_eq!((listed.items.len(), listed.unreadable), (1, 1));
    assert_eq!(listed.items[0].id, id);
    // Nothing was lost: with the old key back, the record opens.
    let readback = bank.verifier.callbacks().reveal(&bob_rings("call-3"), &other.id).await;
    assert_eq!(readback.unwrap().as_str(), "banana");
}

#[test]
fn a_keyring_survives_export_and_import() {
    let mut keyring = keyring();
    let first = keyring.active();
    let second = keyring.rotate(&SeededRandom::new(1)).unwrap();
    let third = keyring.import_root(&[4; KEY_BYTES]).err();
    assert_eq!(third, Some(KeyringError::Weak));
    let mut key = [3; KEY_BYTES];
    key[0] = 4;
    let third = keyring.import_root(&key).unwrap();
    assert_eq!(keyring.import_root(&key), Err(KeyringError::Duplicate));
    assert_eq!(keyring.active(), second);
    let again = copy(&keyring);
    assert_eq!(again.root_keys().collect::<Vec<_>>(), keyring.root_keys().collect::<Vec<_>>());
    assert_eq!(again.to_bytes(), keyring.to_bytes());
    keyring.activate(third).unwrap();
    assert_eq!(keyring.active(), third);
    assert_eq!(keyring.remove(third), Err(KeyringError::Active(third)));
    keyring.remove(first).unwrap();
    assert_eq!(keyring.remove(first), Err(KeyringError::Unknown(first)));
    assert_eq!(keyring.activate(first), Err(KeyringError::Unknown(first)));
}

#[test]
fn damaged_keyring_bytes_are_not_a_keyring() {
    let mut keyring = keyring();
    keyring.rotate(&SeededRandom::new(1)).unwrap();
    let bytes = keyring.to_bytes();
    for length in 0..bytes.len() {
        assert_eq!(Keyring::from_bytes(&bytes[..length]).err(), Some(KeyringError::Malformed));
    }
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Keyring::from_bytes(&flipped).err(), Some(KeyringError::Malformed), "{bit}");
    }
    let mut longer = bytes.to_vec();
    longer.push(0);
    assert_eq!(Keyring::from_bytes(&longer).err(), Some(KeyringError::Malformed));
}

#[test]
fn weak_keys_and_too_many_are_refused() {
    let (mut one, mut two) = ([0; KEY_BYTES], [1; KEY_BYTES]);
    assert_eq!(Keyring::import(&one, &two).err(), Some(KeyringError::Weak));
    (one[1], two[1]) = (7, 7);
    assert!(Keyring::import(&one, &two).is_ok());
    assert_eq!(Keyring::import(&one, &one).err(), Some(KeyringError::Duplicate));
    // The locator key must not seal records as well.
    let mut both = Keyring::import(&one, &two).unwrap();
    assert_eq!(both.import_root(&one), Err(KeyringError::Duplicate));
    assert_eq!(both.import_root(&two), Err(KeyringError::Duplicate));
    let mut keyring = keyring();
    let random = SeededRandom::new(3);
    for _ in 1..MAX_ROOT_KEYS {
        keyring.rotate(&random).unwrap();
    }
    let active = keyring.active();
    assert_eq!(keyring.rotate(&random), Err(KeyringError::Full));
    assert_eq!(keyring.active(), active);
    assert_eq!(copy(&keyring).root_keys().count(), MAX_ROOT_KEYS);
}

/// A key is retired when two sweeps have found nothing under it, and then everything opens without it: also
/// what nobody has written for years.
#[tokio::test]
async fn a_key_is_retired_after_two_clean_sweeps_and_nothing_is_lost() {
    let bank = bank();
    let mut ids = Vec::new();
    for n in 0..7 {
        let new = booking(&format!("r-{n}"), "anana");
        ids.push(bank.verifier.callbacks().book(&alice(), &new).await.unwrap().id);
    }
    let mut rotated = keyring();
    let old = rotated.active();
    rotated.rotate(&SeededRandom::new(99)).unwrap();
    let (store, clock, seen) = (&bank.store, &bank.clock, &bank.seen);
    let verifier = part(copy(&rotated), store, clock, seen, 2).outbox().build().unwrap();
    // A process that lags has the new key, and still writes under the old one, with news of it.
    let mut lags = copy(&rotated);
    lags.activate(old).unwrap();
    let lagging = part(lags, store, clock, seen, 3).outbox().build().unwrap();

    let before = bodies(&bank, &rotated);
    let first = verifier.reseal(3).await.unwrap();
    assert_eq!((first.resealed, first.left[&old].records, first.unreadable), (3, 4, 0));
    let second = verifier.reseal(100).await.unwrap();
    assert_eq!((second.resealed, second.is_clean_of(old)), (4, true));
    assert_eq!(bodies(&bank, &rotated), before, "bodies stay byte for byte");
    seen.take();

    lagging.callbacks().cancel(&alice(), &ids[0]).await.unwrap();
    let third = verifier.reseal(0).await.unwrap();
    assert_eq!((third.left[&old].records, third.left[&old].entries), (1, 1));
    for (one, other) in [(&first, &second), (&second, &third), (&third, &second)] {
        let refused = other.retire(one, &mut rotated, old);
        assert!(matches!(refused, Err(KeyringError::InUse(key)) if key == old), "{refused:?}");
    }
    assert_eq!(verifier.reseal(100).await.unwrap().left[&old].entries, 1);
    // The worker delivers what is left.
    let outbox = verifier.outbox();
    let most = core::num::NonZeroU16::MAX;
    let batch = outbox.lease(most, MINUTE).await.unwrap().unwrap();
    assert!(outbox.acknowledge(&batch, [batch.notices[0].id]).await.unwrap());
    let (fourth, fifth) =
        (verifier.reseal(100).await.unwrap(), verifier.reseal(100).await.unwrap());
    fifth.retire(&fourth, &mut rotated, old).unwrap();
    assert_eq!(rotated.root_keys().count(), 1);
    let verifier = part(rotated, store, clock, seen, 4).build().unwrap();
    let listed = verifier.callbacks().list(&alice(), Page::first()).await.unwrap();
    assert_eq!((listed.items.len(), listed.unreadable), (7, 0));
    // A sweep that is told of a key which the keyring does not hold leaves it, and says so.
    let stranger = Keyring::generate(&SeededRandom::new(5)).unwrap();
    let stranger = part(stranger, store, clock, seen, 5).build().unwrap();
    let swept = stranger.reseal(100).await.unwrap();
    let left: u64 = swept.left.values().map(|left| left.records).sum();
    assert_eq!((swept.resealed, left), (0, 7));
}

/// The events of each history, which stand in the bodies.
fn bodies(bank: &Bank, keyring: &Keyring) -> Vec<String> {
    let verifier = part(copy(keyring), &bank.store, &bank.clock, &bank.seen, 9).build().unwrap();
    let history = block_in_place(verifier.history(&alice(), Page::first()));
    history.unwrap().items.iter().map(|one| serde_json::to_string(one).unwrap()).collect()
}

/// Everything here is ready at once.
fn block_in_place<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("it was not ready"),
    }
}
