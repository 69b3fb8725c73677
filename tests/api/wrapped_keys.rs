//! Keyrings of keys that a key management service wrapped: the same keyring comes back, and of what was mixed up, cut
//! short or never unwrapped no keyring and no trace.

use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::Mutex;

use countersign::Keyring;
use countersign::keyring::{
    KeyRole, KeyringError, MAX_ROOT_KEYS, MAX_WRAPPED_BYTES, Unwrap, UnwrapError, WrappedKey,
};
use countersign::page::Page;
use countersign::random::SeededRandom;

use crate::support::*;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A service that "wraps" with XOR, and counts. It binds a key to nothing, as the least of them does.
#[derive(Default)]
struct Kms(Mutex<Vec<KeyRole>>);

fn scrambled(key: &[u8]) -> Vec<u8> {
    key.iter().map(|byte| byte ^ 0xA5).collect()
}

impl Unwrap for Kms {
    async fn unwrap_key(&self, key: &WrappedKey) -> Result<Vec<u8>, BoxError> {
        self.0.lock().unwrap().push(key.role());
        tokio::task::yield_now().await;
        Ok(scrambled(key.ciphertext()))
    }
}

/// One that answers the same whatever it is asked.
struct Answers(Vec<u8>);

impl Unwrap for Answers {
    async fn unwrap_key(&self, _: &WrappedKey) -> Result<Vec<u8>, BoxError> {
        Ok(self.0.clone())
    }
}

struct Fails;

impl Unwrap for Fails {
    async fn unwrap_key(&self, _: &WrappedKey) -> Result<Vec<u8>, BoxError> {
        Err("the service is out of order".into())
    }
}

fn keyring_of(roots: usize) -> Keyring {
    let random = SeededRandom::new(7);
    let mut keyring = Keyring::generate(&random).unwrap();
    for _ in 1..roots {
        keyring.rotate(&random).unwrap();
    }
    keyring
}

fn wrapped(keyring: &Keyring) -> Vec<WrappedKey> {
    keyring.keys_to_wrap().map(|key| key.wrapped(&scrambled(key.bytes())).unwrap()).collect()
}

async fn unwrapped(keys: &[WrappedKey], by: &impl Unwrap) -> Result<Keyring, UnwrapError> {
    let [locator, active, others @ ..] = keys else { panic!("too few") };
    Keyring::unwrapped(locator, active, others, by).await
}

/// `key` with another ciphertext.
fn with(key: &WrappedKey, ciphertext: &WrappedKey) -> WrappedKey {
    let (own, other) = (key.to_string(), ciphertext.to_string());
    let (head, _) = own.rsplit_once('.').unwrap();
    format!("{head}.{}", other.rsplit_once('.').unwrap().1).parse().unwrap()
}

#[tokio::test]
async fn the_same_keyring_comes_back_by_one_call_each() {
    let keyring = keyring_of(3);
    let keys = wrapped(&keyring);
    let roles: Vec<_> = keys.iter().map(WrappedKey::role).collect();
    let roots = keyring.root_keys().map(KeyRole::Root);
    assert_eq!(roles, [KeyRole::Locator].into_iter().chain(roots).collect::<Vec<_>>());
    let read: Vec<WrappedKey> = keys.iter().map(|key| key.to_string().parse().unwrap()).collect();
    assert_eq!(read, keys);
    let kms = Kms::default();
    let again = unwrapped(&read, &kms).await.unwrap();
    assert_eq!(again.to_bytes(), keyring.to_bytes());
    assert_eq!(*kms.0.lock().unwrap(), roles);
}

#[tokio::test]
async fn what_was_sealed_before_opens() {
    let bank = bank();
    let booked = bank.booked().await;
    let keyring = unwrapped(&wrapped(&keyring()), &Kms::default()).await.unwrap();
    let again = part(keyring, &bank.store, &bank.clock, &bank.seen, 2).build().unwrap();
    let listed = again.callbacks().list(&alice(), Page::first()).await.unwrap();
    assert_eq!(listed.items[0].id, booked.id);
}

#[tokio::test]
async fn keys_that_were_mixed_up_are_no_keyring() {
    let keys = wrapped(&keyring_of(3));
    for at in 0..keys.len() {
        for other in (0..keys.len()).filter(|other| *other != at) {
            let mut mixed = keys.clone();
            mixed[at] = with(&keys[at], &keys[other]);
            mixed[other] = with(&keys[other], &keys[at]);
            let error = unwrapped(&mixed, &Kms::default()).await.unwrap_err();
            let first = keys[at.min(other)].role();
            assert!(matches!(error, UnwrapError::AnotherKey(role) if role == first), "{error:?}");
        }
    }
}

/// The whole of one, in the place of another.
#[tokio::test]
async fn the_locator_is_no_root_and_a_root_no_locator() {
    let keys = wrapped(&keyring_of(3));
    for (places, wrong) in [([1, 0, 2], 1), ([0, 0, 1], 0), ([0, 1, 0], 0), ([1, 2, 3], 1)] {
        let kms = Kms::default();
        let mixed = places.map(|at| keys[at].clone());
        let error = unwrapped(&mixed, &kms).await.unwrap_err();
        let wrong = keys[wrong].role();
        assert!(matches!(error, UnwrapError::WrongPlace(role) if role == wrong), "{error:?}");
        assert!(kms.0.lock().unwrap().is_empty(), "nothing is unwrapped");
    }
    let error =
        unwrapped(&[0, 1, 1].map(|at| keys[at].clone()), &Kms::default()).await.unwrap_err();
    assert!(matches!(error, UnwrapError::Keyring(KeyringError::Duplicate)), "{error:?}");
}

/// Also the very key with a byte too many, and one of another bank.
#[tokio::test]
async fn what_is_no_such_key_is_told_by_its_role_alone() {
    let keyring = keyring_of(1);
    let keys = wrapped(&keyring);
    let key: Vec<u8> = keyring.keys_to_wrap().next().unwrap().bytes().to_vec();
    let longer = [&key[..], &[7]].concat();
    for bytes in [&[][..], &key[..31], &longer, &[&key[..], &key[..]].concat()] {
        let error = unwrapped(&keys, &Answers(bytes.to_vec())).await.unwrap_err();
        assert!(matches!(error, UnwrapError::Length(KeyRole::Locator)), "{error:?}");
        says_nothing_of(&error, bytes);
    }
    let mut flipped = key.clone();
    flipped[31] ^= 1;
    for bytes in [
        flipped,
        vec![0; 32],
        Keyring::generate(&SeededRandom::new(8))
            .unwrap()
            .keys_to_wrap()
            .next()
            .unwrap()
            .bytes()
            .to_vec(),
    ] {
        let error = unwrapped(&keys, &Answers(bytes.clone())).await.unwrap_err();
        assert!(matches!(error, UnwrapError::AnotherKey(KeyRole::Locator)), "{error:?}");
        says_nothing_of(&error, &bytes);
    }
    let error = unwrapped(&keys, &Fails).await.unwrap_err();
    assert!(matches!(error, UnwrapError::Failed { role: KeyRole::Locator, .. }), "{error:?}");
    assert_eq!(error.to_string(), "the key management service did not unwrap the locator key");
    assert_eq!(error.source().unwrap().to_string(), "the service is out of order");
}

fn says_nothing_of(error: &UnwrapError, bytes: &[u8]) {
    let said = format!("{error} {error:?} {error:#?}");
    for window in bytes.windows(4) {
        let mut hex = String::new();
        window.iter().for_each(|byte| write!(hex, "{byte:02x}").unwrap());
        let list = format!("{window:?}");
        assert!(!said.contains(&hex) && !said.contains(list.trim_matches(['[', ']'])), "{said}");
    }
}

#[tokio::test]
async fn a_keyring_holds_no_more_than_it_may() {
    let keys = wrapped(&keyring_of(MAX_ROOT_KEYS));
    assert!(unwrapped(&keys, &Kms::default()).await.is_ok());
    let others = SeededRandom::new(9);
    let one = Keyring::generate(&others).unwrap();
    let more = [keys, wrapped(&one)[1..].to_vec()].concat();
    let error = unwrapped(&more, &Kms::default()).await.unwrap_err();
    assert!(matches!(error, UnwrapError::Keyring(KeyringError::Full)), "{error:?}");
}

/// Any one character.
#[tokio::test]
async fn a_text_that_was_changed_is_no_key() {
    let keys = wrapped(&keyring_of(2));
    for (at, key) in keys.iter().enumerate() {
        let text = key.to_string();
        for (place, was) in text.char_indices() {
            for other in ['A', 'b', '0', '-', '.', '='].into_iter().filter(|other| *other != was) {
                let mut changed = text.clone();
                changed.replace_range(place..=place, &other.to_string());
                let Ok(read) = changed.parse::<WrappedKey>() else { continue };
                let mut mixed = keys.clone();
                mixed[at] = read;
                let error = unwrapped(&mixed, &Kms::default()).await.unwrap_err();
                let noticed = matches!(error, UnwrapError::AnotherKey(_) | UnwrapError::Length(_));
                assert!(noticed, "{place} {other}: {error:?}");
            }
        }
        for end in 0..text.len() {
            if let Ok(read) = text[..end].parse::<WrappedKey>() {
                let mut mixed = keys.clone();
                mixed[at] = read;
                let error = unwrapped(&mixed, &Kms::default()).await.unwrap_err();
                assert!(matches!(error, UnwrapError::Length(_)), "{end}: {error:?}");
            }
        }
    }
}

#[test]
fn what_is_no_text_of_a_key_is_refused() {
    let keyring = keyring_of(1);
    let key = keyring.keys_to_wrap().last().unwrap();
    let text = key.wrapped(b"ciphertext").unwrap().to_string();
    let KeyRole::Root(id) = key.role() else { panic!("the last is a root") };
    let upper = id.to_string().to_uppercase();
    for wrong in [
        "".to_owned(),
        format!(" {text}"),
        format!("{text} "),
        format!("{text}."),
        format!("{text}="),
        text.replace("wrapped-1", "wrapped-2"),
        text.replace("root-", "Root-"),
        text.replace("root-", "root-+"),
        text.replace("root-", "locator-"),
        text.replace(&id.to_string(), &upper),
        text.replace(&id.to_string(), ""),
        format!("countersign-wrapped-1.root-{id}..AAAA"),
        text.rsplit_once('.').unwrap().0.to_owned(),
        format!("{}.", text.rsplit_once('.').unwrap().0),
    ] {
        assert!(wrong.parse::<WrappedKey>().is_err(), "{wrong}");
    }
    assert!(key.wrapped(&[7; MAX_WRAPPED_BYTES]).is_ok());
    let longest = key.wrapped(&[7; MAX_WRAPPED_BYTES]).unwrap();
    assert_eq!(longest.to_string().parse(), Ok(longest));
    assert!(key.wrapped(&[7; MAX_WRAPPED_BYTES + 1]).is_err());
    assert!(key.wrapped(&[]).is_err());
}

/// What a release wrote, every later one reads.
#[tokio::test]
async fn these_texts_open_for_ever() {
    let texts = [
        "countersign-wrapped-1.locator.2roRkbi--WDAyaFljObpfQ.pKemoaCjoq2sr66pqKuqtbS3trGws7K9vL--ubi7uoU",
        "countersign-wrapped-1.root-0bbadf60050c8f16.VPS_KgcttUM3ygARPtWN0Q.wMPCzczPzsnIy8rV1NfW0dDT0t3c397Z2NvaJSQnJiE",
    ];
    let [locator, active] = [1_u8, 101].map(|first| std::array::from_fn(|at| first + at as u8));
    let keyring = Keyring::import(&locator, &active).unwrap();
    let keys = wrapped(&keyring);
    assert_eq!(keys.iter().map(ToString::to_string).collect::<Vec<_>>(), texts);
    let read = texts.map(|text| text.parse().unwrap());
    let again = unwrapped(&read, &Kms::default()).await.unwrap();
    assert_eq!(again.to_bytes(), keyring.to_bytes());
}

#[test]
fn nothing_shows_a_key() {
    let keyring = keyring_of(1);
    for key in keyring.keys_to_wrap() {
        assert_eq!(
            format!("{key:?}"),
            format!("KeyToWrap {{ role: {:?}, key: [REDACTED] }}", key.role())
        );
        let wrapped = key.wrapped(&scrambled(key.bytes())).unwrap();
        assert_eq!(format!("{wrapped:?}"), format!("WrappedKey({})", key.role()));
    }
    static_assertions::assert_not_impl_any!(
        countersign::keyring::KeyToWrap: Clone, Copy, std::fmt::Display, serde::Serialize
    );
}
