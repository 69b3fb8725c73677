//! Sealed cards open for one key and one request, unchanged, and tell nothing by their size.

use countersign::card::{InvalidSealedCard, SEALED_CARD_BYTES, SealError, SealedCard, SealingKey};
use countersign::random::{Random, RandomError, SeededRandom};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable, OpModeS, Serializable};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::support::Drawn;
use crate::support::cards;
use crate::support::{REQUEST, card, card_of, key, numbers};

fn sealed() -> SealedCard {
    card().seal_unverified(key(1).public(), REQUEST, &SeededRandom::new(2)).unwrap()
}

#[test]
fn every_published_card_is_sealed_and_opened() {
    let random = SeededRandom::new(3);
    let key = key(1);
    for published in cards() {
        let code = "1234"[..published.brand.code_digits()].to_owned();
        let card = card_of(&published.number, "03/30", &code, "Zoë Łukasz-山田");
        let sealed = card.seal_unverified(key.public(), REQUEST, &random).unwrap();
        assert_eq!(sealed.key(), key.public().id());
        let sent = SealedCard::from_bytes(&sealed.to_bytes()).unwrap();
        let opened = key.open(&sent, REQUEST).unwrap();
        assert!(opened == card);
        assert_eq!(opened.pan().brand(), published.brand);
    }
}

#[test]
fn all_sealed_cards_are_equally_long() {
    let shortest = card_of("630400000000", "1/00", "000", "M");
    let longest = card_of("6205500000000000004", "12/99", "999", &"𝕄".repeat(45));
    for card in [shortest, longest] {
        let sealed = card.seal_unverified(key(1).public(), REQUEST, &SeededRandom::new(2)).unwrap();
        assert_eq!(sealed.to_bytes().len(), SEALED_CARD_BYTES);
        assert_eq!(sealed.to_text().len(), 428);
        assert!(key(1).open(&sealed, REQUEST).unwrap() == card);
    }
    assert_eq!(SEALED_CARD_BYTES, 321);
}

#[test]
fn the_same_card_is_never_sealed_alike() {
    let random = SeededRandom::new(4);
    let (one, other) = (
        card().seal_unverified(key(1).public(), REQUEST, &random).unwrap().to_bytes(),
        card().seal_unverified(key(1).public(), REQUEST, &random).unwrap().to_bytes(),
    );
    assert_eq!(one[..17], other[..17], "format and key id");
    assert_ne!(one[17..49], other[17..49], "encapsulated key");
    let equal = one[49..].iter().zip(&other[49..]).filter(|(one, other)| one == other).count();
    assert!(equal < 20, "{equal} of 272 bytes are equal");
}

#[test]
fn attack_a_card_sealed_for_another_request_does_not_open() {
    let sealed = sealed();
    assert!(key(1).open(&sealed, REQUEST).is_ok());
    for other in ["", "v4.public.a-signed-requesT", &format!("{REQUEST} "), &REQUEST.repeat(2)] {
        assert!(key(1).open(&sealed, other).is_err(), "{other}");
    }
}

#[test]
fn attack_another_key_does_not_open_even_under_the_names_of_the_first() {
    let mut bytes = sealed().to_bytes();
    assert!(key(2).open(&sealed(), REQUEST).is_err());
    bytes[1..17].copy_from_slice(&name(key(2).public()));
    let renamed = SealedCard::from_bytes(&bytes).unwrap();
    assert_eq!(renamed.key(), key(2).public().id());
    assert!(key(2).open(&renamed, REQUEST).is_err());
    assert!(key(1).open(&renamed, REQUEST).is_err());
}

fn name(key: &SealingKey) -> Vec<u8> {
    base32::decode(base32::Alphabet::Crockford, &key.id().to_string()).unwrap()
}

#[test]
fn attack_any_bit_flipped_is_refused() {
    let bytes = sealed().to_bytes();
    for at in 0..bytes.len() {
        // Of keys and tag every bit, the top bit of the encapsulated key included, which X25519
        // ignores; of the ciphertext one of each byte.
        let bits = if (49..305).contains(&at) { at % 8..at % 8 + 1 } else { 0..8 };
        for bit in bits {
            let mut other = bytes.clone();
            other[at] ^= 1 << bit;
            match SealedCard::from_bytes(&other) {
                Ok(read) => {
                    assert!(at > 0);
                    assert!(key(1).open(&read, REQUEST).is_err(), "{at} {bit}");
                }
                Err(InvalidSealedCard { .. }) => assert_eq!(at, 0),
            }
        }
    }
}

#[test]
fn attack_a_weak_encapsulated_key_is_refused() {
    let mut bytes = sealed().to_bytes();
    for fill in [0, 1] {
        bytes[17..49].fill(0);
        bytes[17] = fill;
        let read = SealedCard::from_bytes(&bytes).unwrap();
        assert!(key(1).open(&read, REQUEST).is_err());
    }
}

#[test]
fn no_other_length_and_no_other_text_is_a_sealed_card() {
    let bytes = [sealed().to_bytes(), vec![0; 400]].concat();
    for length in (0..bytes.len()).filter(|length| *length != SEALED_CARD_BYTES) {
        assert!(SealedCard::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    let text = sealed().to_text();
    assert_eq!(text.parse(), Ok(sealed()));
    assert_eq!(serde_json::to_string(&sealed()).unwrap(), format!("\"{text}\""));
    for other in [
        String::new(),
        text[1..].to_owned(),
        format!("{text}A"),
        format!("{text}="),
        format!(" {text}"),
        text.replacen(&text[9..10], "!", 1),
        text.replace('_', "/").replace('-', "+"),
    ] {
        assert!(other.parse::<SealedCard>().is_err(), "{other}");
    }
    let error = serde_json::from_str::<SealedCard>("\"SECRET\"").unwrap_err().to_string();
    assert!(!error.contains("SECRET"), "{error}");
}

#[test]
fn without_randomness_nothing_is_sealed() {
    struct Broken;
    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError::new())
        }
    }
    let sealed = card().seal_unverified(key(1).public(), REQUEST, &Broken);
    assert_eq!(sealed, Err(SealError::Random(RandomError::new())));
    // Through the trait object that a verifier holds.
    let random: &dyn Random = &SeededRandom::new(2);
    assert!(card().seal_unverified(key(1).public(), REQUEST, random).unwrap() == self::sealed());
}

/// What an app without this crate might seal: these bytes, under this `info`.
fn sealed_by_hand(plaintext: &[u8], info: &[u8]) -> Vec<u8> {
    let key = *key(1).public();
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(key.as_bytes()).unwrap();
    let (enc, ciphertext) =
        hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            info,
            plaintext,
            &Sha256::digest(REQUEST),
            &mut Drawn([5; 32]),
        )
        .unwrap();
    [&[1][..], &name(&key), &enc.to_bytes(), &ciphertext].concat()
}

/// The plaintext of [`card`], written out.
fn plaintext() -> [u8; 256] {
    let mut bytes = [0; 256];
    bytes[0] = 16;
    bytes[1..17].copy_from_slice(b"4242424242424242");
    bytes[20] = 3;
    bytes[21..24].copy_from_slice(b"123");
    bytes[25] = 12;
    bytes[26..28].copy_from_slice(&[0x07, 0xf2]);
    bytes[28] = 11;
    bytes[29..40].copy_from_slice(b"Maria Jones");
    bytes
}

const INFO: &[u8] = b"countersign sealed card v1";

#[test]
fn a_card_sealed_by_hand_opens() {
    let sealed = SealedCard::from_bytes(&sealed_by_hand(&plaintext(), INFO)).unwrap();
    assert!(key(1).open(&sealed, REQUEST).unwrap() == card());
    let ours = card().seal_unverified(key(1).public(), REQUEST, &Drawn([5; 32])).unwrap();
    assert!(ours == sealed, "and is byte by byte what the crate makes");
    // Spaces that another app left in a name stay as they were sealed.
    let mut spaced = plaintext();
    spaced[35] = b' ';
    let sealed = SealedCard::from_bytes(&sealed_by_hand(&spaced, INFO)).unwrap();
    assert_eq!(key(1).open(&sealed, REQUEST).unwrap().cardholder().expose(), "Maria  ones");
}

#[test]
fn anything_but_one_canonical_card_is_refused_after_opening() {
    let changed = |change: &dyn Fn(&mut [u8; 256])| {
        let mut bytes = plaintext();
        change(&mut bytes);
        bytes
    };
    let spoilt = [
        changed(&|bytes| bytes[16] = b'3'),
        changed(&|bytes| bytes[5] = b' '),
        changed(&|bytes| bytes[0] = 15),
        changed(&|bytes| bytes[0] = 0),
        changed(&|bytes| bytes[0] = 20),
        changed(&|bytes| bytes[0] = 255),
        changed(&|bytes| bytes[17] = b'4'),
        changed(&|bytes| bytes[20] = 4),
        changed(&|bytes| (bytes[20], bytes[24]) = (4, b'4')),
        changed(&|bytes| bytes[20] = 2),
        changed(&|bytes| bytes[21] = b'x'),
        changed(&|bytes| bytes[25] = 0),
        changed(&|bytes| bytes[25] = 13),
        changed(&|bytes| bytes[26] = 0),
        changed(&|bytes| bytes[28] = 0),
        changed(&|bytes| bytes[28] = 12),
        changed(&|bytes| bytes[28] = 181),
        changed(&|bytes| bytes[39] = b' '),
        // Typed so, they are read; sealed so, they are not what reading makes of them.
        changed(&|bytes| bytes[34..36].copy_from_slice("\u{a0}".as_bytes())),
        changed(&|bytes| {
            bytes[20] = 4;
            bytes[21..25].copy_from_slice(b"1 23");
        }),
        changed(&|bytes| bytes[29] = 0xff),
        changed(&|bytes| bytes[40] = b's'),
        changed(&|bytes| bytes[208] = 1),
        changed(&|bytes| bytes[209] = 1),
        changed(&|bytes| bytes[255] = 1),
        [0; 256],
        [255; 256],
    ];
    for (n, bytes) in spoilt.iter().enumerate() {
        let sealed = SealedCard::from_bytes(&sealed_by_hand(bytes, INFO)).unwrap();
        assert!(key(1).open(&sealed, REQUEST).is_err(), "{n}");
    }
    for info in [&b""[..], b"countersign sealed card v2", b"countersign sealed card v1 "] {
        let sealed = SealedCard::from_bytes(&sealed_by_hand(&plaintext(), info)).unwrap();
        assert!(key(1).open(&sealed, REQUEST).is_err());
    }
    for length in [0, 40, 255, 257] {
        let bytes = vec![0; length];
        assert!(SealedCard::from_bytes(&sealed_by_hand(&bytes, INFO)).is_err(), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_sealed_opens_as_it_was(
        (number, scheme) in numbers(),
        (year, month) in (2000_u16..=2099, 1_u8..=12),
        code in "[0-9]{4}",
        name in "[A-Za-zéüŁ山𝕄'.-]{1,45}",
        request in "\\PC{0,300}",
        (seed, draw) in (any::<u64>(), any::<u64>()),
    ) {
        let code = if scheme == "american_express" { &code } else { &code[..3] };
        let card = card_of(&number, &format!("{month}/{year}"), code, &name);
        let key = key(seed);
        let sealed = card.seal_unverified(key.public(), &request, &SeededRandom::new(draw)).unwrap();
        let sent: SealedCard = sealed.to_text().parse().unwrap();
        prop_assert!(key.open(&sent, &request).unwrap() == card);
        let other = format!("{request}x");
        prop_assert!(key.open(&sent, &other).is_err());
    }
}
