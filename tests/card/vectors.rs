//! RFC 9180's published vector for the suite that seals cards: through the crate where it has a way
//! in (keys, the ephemeral key), and through the HPKE library with the crate's suite for the rest.

use countersign::card::{Attempt, OpeningKey};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::rand_core::TryCryptoRng;
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use serde::Deserialize;

use crate::support::{Drawn, REQUEST, card};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    #[serde(rename = "kem_id")]
    kem_id: u16,
    #[serde(rename = "kdf_id")]
    kdf_id: u16,
    #[serde(rename = "aead_id")]
    aead_id: u16,
    mode: u8,
    info: String,
    ikm_e: String,
    pk_em: String,
    sk_em: String,
    ikm_r: String,
    pk_rm: String,
    sk_rm: String,
    enc: String,
    encryptions: Vec<Encryption>,
}

#[derive(Deserialize)]
struct Encryption {
    aad: String,
    pt: String,
    ct: String,
}

fn vector() -> Vector {
    let vector: Vector = serde_json::from_str(include_str!("../vectors/hpke.json")).unwrap();
    let suite = (vector.mode, vector.kem_id, vector.kdf_id, vector.aead_id);
    assert_eq!(suite, (0, 0x20, 1, 2), "base, X25519 and HKDF-SHA256, HKDF-SHA256, AES-256-GCM");
    assert_eq!(vector.encryptions.len(), 10);
    vector
}

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

impl TryCryptoRng for Drawn {}

fn drawn(hex: &str) -> Drawn {
    Drawn(bytes(hex).try_into().unwrap())
}

#[test]
fn key_pairs_are_derived_as_published() {
    let vector = vector();
    for (drawn_from, private, public) in [
        (&vector.ikm_r, &vector.sk_rm, &vector.pk_rm),
        (&vector.ikm_e, &vector.sk_em, &vector.pk_em),
    ] {
        let key = OpeningKey::generate(&drawn(drawn_from)).unwrap();
        // The vector's private key is as derived; which bits count is fixed (RFC 7748 §5).
        let mut clamped = bytes(private);
        clamped[0] &= 0xf8;
        clamped[31] = clamped[31] & 0x7f | 0x40;
        assert_eq!(key.to_bytes().as_slice(), clamped);
        assert_eq!(hex::encode(key.public().as_bytes()), *public);
        let imported = OpeningKey::from_bytes(&bytes(private)).unwrap();
        assert_eq!(imported.public(), key.public());
    }
}

#[test]
fn the_ephemeral_key_is_the_published_one() {
    let vector = vector();
    let key = OpeningKey::generate(&drawn(&vector.ikm_r)).unwrap();
    let sealed = card()
        .seal_unverified(key.public(), REQUEST, Attempt::FIRST, &drawn(&vector.ikm_e))
        .unwrap();
    assert_eq!(hex::encode(&sealed.to_bytes()[18..50]), vector.enc);
    assert!(key.open(&sealed, REQUEST).unwrap() == card());
}

#[test]
fn the_library_encrypts_as_published() {
    let vector = vector();
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&bytes(&vector.pk_rm)).unwrap();
    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&bytes(&vector.sk_rm)).unwrap();
    let info = bytes(&vector.info);
    let (enc, mut sender) = hpke::setup_sender_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        &info,
        &mut drawn(&vector.ikm_e),
    )
    .unwrap();
    assert_eq!(hex::encode(enc.to_bytes()), vector.enc);
    let mut receiver = hpke::setup_receiver::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &enc,
        &info,
    )
    .unwrap();
    for one in &vector.encryptions {
        let (aad, plaintext) = (bytes(&one.aad), bytes(&one.pt));
        let sealed = sender.seal(&plaintext, &aad).unwrap();
        assert_eq!(hex::encode(&sealed), one.ct);
        assert_eq!(receiver.open(&sealed, &aad).unwrap(), plaintext);
    }
}
