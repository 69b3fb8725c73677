//! A root key is retired by sweeps that show that nothing is left under it, and by no others.

use countersign::keyring::{KeyId, KeyringError};
use countersign::random::SeededRandom;
use countersign::store::{Expected, News, Put, Record, Store};
use countersign::verifier::Resealed;
use countersign::{Keyring, Verifier};

use crate::support::*;

fn copy(keyring: &Keyring) -> Keyring {
    Keyring::from_bytes(&keyring.to_bytes()).unwrap()
}

/// A bank with a booking under the old key, the keyring with a newer one, and a verifier that has it.
async fn rotated() -> (Bank, Keyring, KeyId, Verifier) {
    let bank = bank();
    bank.booked().await;
    let mut keys = keyring();
    let old = keys.active();
    keys.rotate(&SeededRandom::new(99)).unwrap();
    let verifier = process(&bank, &keys, 2);
    (bank, keys, old, verifier)
}

fn process(bank: &Bank, keys: &Keyring, seed: u64) -> Verifier {
    let builder = part(copy(keys), &bank.store, &bank.clock, &bank.seen, seed);
    builder.outbox().build().unwrap()
}

async fn swept(verifier: &Verifier) -> Resealed {
    verifier.reseal(1000).await.unwrap()
}

/// Two sweeps by a process that was not restarted with the newer key show nothing under the old one: it is what they
/// seal under.
#[tokio::test]
async fn sweeps_of_a_process_that_seals_under_the_old_key_do_not_retire_it() {
    let (bank, mut keys, old, _) = rotated().await;
    let (first, second) = (swept(&bank.verifier).await, swept(&bank.verifier).await);
    assert!(first.left.is_empty() && second.left.is_empty());
    assert!(!second.is_clean_of(old));
    assert_eq!(second.retire(&first, &mut keys, old), Err(KeyringError::InUse(old)));
    // Nor do they with one of a process that has the newer key.
    let verifier = process(&bank, &keys, 3);
    let third = swept(&verifier).await;
    assert!(third.is_clean_of(old));
    for (one, other) in [(&third, &first), (&first, &third)] {
        assert_eq!(one.retire(other, &mut keys, old), Err(KeyringError::InUse(old)));
    }
    assert_eq!(keys.root_keys().count(), 2);
}

#[tokio::test]
async fn one_sweep_given_twice_or_the_later_one_as_the_earlier_retires_nothing() {
    let (_, mut keys, old, verifier) = rotated().await;
    let (first, second) = (swept(&verifier).await, swept(&verifier).await);
    let not_shown = Err(KeyringError::NotShown(old));
    assert_eq!(second.retire(&second, &mut keys, old), not_shown);
    assert_eq!(first.retire(&second, &mut keys, old), not_shown);
    assert_eq!(Resealed::default().retire(&first, &mut keys, old), Err(KeyringError::InUse(old)));
    assert_eq!(second.retire(&first, &mut keys, old), Ok(()));
}

/// Of another store, also if it is one that has the same keyring; of two processes; and of another keyring.
#[tokio::test]
async fn sweeps_of_another_store_or_keyring_retire_nothing() {
    let (_, mut keys, old, verifier) = rotated().await;
    let empty = bank();
    let beside = process(&empty, &keys, 3);
    // Whichever has swept more often.
    swept(&beside).await;
    let (here, there) = (swept(&verifier).await, swept(&beside).await);
    let not_shown = Err(KeyringError::NotShown(old));
    assert_eq!(there.retire(&here, &mut keys, old), not_shown);
    assert_eq!(here.retire(&there, &mut keys, old), not_shown);

    let mut others = Keyring::generate(&SeededRandom::new(50)).unwrap();
    let stranger = process(&empty, &others, 4);
    let (first, second) = (swept(&stranger).await, swept(&stranger).await);
    assert_eq!(second.retire(&first, &mut keys, old), not_shown);
    // It has the same root keys, and finds other records with them: its locator key is another.
    let roots = [[1_u8, 2, 3], [4, 5, 6]].map(|[a, b, c]| {
        let mut key = [a; 32];
        (key[1], key[2]) = (b, c);
        key
    });
    let locators = [[7_u8, 8], [9, 10]].map(|[a, b]| {
        let mut key = [a; 32];
        key[1] = b;
        key
    });
    let [mut one, other] = locators.map(|locator| {
        let mut keyring = Keyring::import(&locator, &roots[0]).unwrap();
        let new = keyring.import_root(&roots[1]).unwrap();
        keyring.activate(new).unwrap();
        keyring
    });
    others = other;
    let old = one.root_keys().last().unwrap();
    let stranger = process(&empty, &others, 5);
    let (first, second) = (swept(&stranger).await, swept(&stranger).await);
    assert_eq!(second.retire(&first, &mut one, old), Err(KeyringError::NotShown(old)));
    assert_eq!(second.retire(&first, &mut others, old), Ok(()));
}

/// With two stores, the sweeps of one do not stand for those of the other.
#[tokio::test]
async fn a_key_of_two_stores_is_retired_by_sweeps_of_both() {
    let (_, mut keys, old, here) = rotated().await;
    let other = bank();
    other.booked().await;
    let there = process(&other, &keys, 3);
    let (first, second) = (swept(&here).await, swept(&here).await);
    let not_shown = Err(KeyringError::NotShown(old));
    let pair = (&first, &second);
    assert_eq!(Resealed::retire_all(&[], &mut keys, old), not_shown);
    assert_eq!(Resealed::retire_all(&[pair, pair], &mut keys, old), not_shown);
    // Nor do later ones of the same store.
    let (third, fourth) = (swept(&here).await, swept(&here).await);
    assert_eq!(Resealed::retire_all(&[pair, (&third, &fourth)], &mut keys, old), not_shown);
    let (one, two) = (there.reseal(0).await.unwrap(), there.reseal(0).await.unwrap());
    let in_use = Err(KeyringError::InUse(old));
    assert_eq!(Resealed::retire_all(&[pair, (&one, &two)], &mut keys, old), in_use);
    let (one, two) = (swept(&there).await, swept(&there).await);
    assert_eq!(Resealed::retire_all(&[pair, (&two, &one)], &mut keys, old), not_shown);
    assert_eq!(Resealed::retire_all(&[pair, (&one, &second)], &mut keys, old), not_shown);
    assert_eq!(Resealed::retire_all(&[pair, (&one, &two)], &mut keys, old), Ok(()));
}

/// The process that swept has a key that is newer still, or the keyring at hand is not the one that is in use by now.
#[tokio::test]
async fn sweeps_under_another_active_key_retire_nothing() {
    let (_, mut keys, old, verifier) = rotated().await;
    let (first, second) = (swept(&verifier).await, swept(&verifier).await);
    let mut newer = copy(&keys);
    newer.rotate(&SeededRandom::new(98)).unwrap();
    assert_eq!(second.retire(&first, &mut newer, old), Err(KeyringError::NotShown(old)));
    let mut older = copy(&keys);
    older.activate(old).unwrap();
    assert_eq!(second.retire(&first, &mut older, old), Err(KeyringError::Active(old)));
    assert_eq!(second.retire(&first, &mut keys, old), Ok(()));
}

/// What does not open may be sealed under the key. Who has looked into it removes the key by hand.
#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_the_key() {
    // Its first byte says no format that is known, or its last one is not as it was sealed.
    for at_end in [false, true] {
        let (bank, mut keys, old, verifier) = rotated().await;
        let rows = bank.store.records();
        let (at, whole) = &rows[0];
        let mut sealed = whole.sealed.to_vec();
        let byte = if at_end { sealed.last_mut() } else { sealed.first_mut() };
        *byte.unwrap() ^= 0x55;
        let broken = Record { head: whole.head, sealed: sealed.into() };
        let expected = Expected::Head(whole.head);
        let put = bank.store.put_if(at, expected, &broken, News::NONE, START).await;
        assert_eq!(put.unwrap(), Put::Stored);
        let (first, second) = (swept(&verifier).await, swept(&verifier).await);
        assert_eq!((first.unreadable, second.unreadable, second.is_clean_of(old)), (1, 1, true));
        assert_eq!(second.retire(&first, &mut keys, old), Err(KeyringError::NotShown(old)));
        assert_eq!(keys.remove(old), Ok(()));
    }
}
