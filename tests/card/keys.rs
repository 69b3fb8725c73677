//! The vault's key pair: names, texts, and public keys that must not be used.

use countersign::card::{Attempt, OpeningKey, OpeningKeyId, SealingKey};
use countersign::random::SeededRandom;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable, OpModeS};
use sha2::{Digest, Sha256};

use crate::support::{REQUEST, card, key};

fn bytes(hex: &str) -> [u8; 32] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

#[test]
fn attack_a_public_key_under_which_anybody_could_open_is_refused() {
    let weak = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        // The same once more, not reduced.
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for hex in weak {
        for high in [0, 0x80] {
            let mut key = bytes(hex);
            key[31] |= high;
            assert!(SealingKey::from_bytes(&key).is_err(), "{hex} {high}");
            // HPKE itself finds the shared secret to be zero: all of them are weak, indeed.
            let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&key).unwrap();
            let sealed =
                hpke::single_shot_seal_with_rng::<
                    hpke::aead::AesGcm256,
                    hpke::kdf::HkdfSha256,
                    X25519HkdfSha256,
                >(
                    &OpModeS::Base, &public, b"", b"", b"", &mut crate::support::Drawn([9; 32])
                );
            assert!(sealed.is_err(), "{hex} {high}");
        }
    }
}

#[test]
fn a_public_key_has_one_form() {
    // 2²⁵⁵ − 20 is −1, which is weak; 2²⁵⁵ − 21 is the largest that will do.
    let mut largest = bytes("ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    assert!(SealingKey::from_bytes(&largest).is_ok());
    largest[31] |= 0x80;
    assert!(SealingKey::from_bytes(&largest).is_err());
    let beyond = bytes("f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    assert!(SealingKey::from_bytes(&beyond).is_err(), "9 once more");

    let public = *key(1).public();
    let mut high = *public.as_bytes();
    high[31] |= 0x80;
    assert!(SealingKey::from_bytes(&high).is_err());
}

#[test]
fn keys_and_their_names_are_written_and_read() {
    for seed in 0..20 {
        let key = key(seed);
        let public = *key.public();
        assert_eq!(SealingKey::from_bytes(public.as_bytes()), Ok(public));
        assert_eq!(public.to_string().len(), 52);
        assert_eq!(public.to_string().parse(), Ok(public));
        let json = serde_json::to_string(&public).unwrap();
        assert_eq!(serde_json::from_str::<SealingKey>(&json).unwrap(), public);
        assert_eq!(public.id().to_string().parse::<OpeningKeyId>(), Ok(public.id()));

        let again = OpeningKey::from_bytes(key.to_bytes().as_slice()).unwrap();
        assert_eq!(again.public(), &public);
        assert_eq!(again.to_bytes(), key.to_bytes());
        assert!(
            again
                .open(
                    &card()
                        .seal_unverified(&public, REQUEST, Attempt::FIRST, &SeededRandom::new(1))
                        .unwrap(),
                    REQUEST
                )
                .is_ok()
        );

        // PAE as PASETO defines it, written out.
        let mut encoded = vec![2, 0, 0, 0, 0, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0];
        encoded.extend(b"countersign opening key v1");
        encoded.extend([32, 0, 0, 0, 0, 0, 0, 0]);
        encoded.extend(public.as_bytes());
        let name = base32::encode(base32::Alphabet::Crockford, &Sha256::digest(encoded)[..16]);
        assert_eq!(public.id().to_string(), name.to_lowercase());
    }
    assert_ne!(key(1).public(), key(2).public());
    assert_ne!(key(1).public().id(), key(2).public().id());
}

#[test]
fn a_private_key_has_32_bytes() {
    for length in [0, 31, 33, 64] {
        let read = OpeningKey::from_bytes(&vec![7; length]);
        assert!(read.is_err(), "{length}");
    }
}

#[test]
fn other_texts_are_no_keys() {
    let text = key(3).public().to_string();
    for other in ["", "0", &text[1..], &text.to_uppercase(), &format!("{text}0"), &"z".repeat(52)] {
        assert!(other.parse::<SealingKey>().is_err(), "{other}");
    }
    let error = serde_json::from_str::<SealingKey>("\"SECRET\"").unwrap_err().to_string();
    assert!(!error.contains("SECRET"), "{error}");
}
