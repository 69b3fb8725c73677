//! Sealed cards open for one key and one request, unchanged, and tell nothing by their size.

use countersign::card::{
    Attempt, BillingAddress, Card, Cryptogram, InvalidSealedCard, SEALED_CARD_BYTES, SealError,
    SealedCard, SealingKey, StoredCredential, Verification, Wallet,
};
use countersign::card_number::Brand;
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

fn seal(card: &Card, random: &(impl Random + ?Sized)) -> SealedCard {
    card.seal_unverified(key(1).public(), REQUEST, Attempt::FIRST, random).unwrap()
}

fn sealed() -> SealedCard {
    seal(&card(), &SeededRandom::new(2))
}

#[test]
fn every_published_card_is_sealed_and_opened() {
    let random = SeededRandom::new(3);
    let key = key(1);
    for published in cards() {
        let code = "1234"[..published.brand.code_digits()].to_owned();
        let card = card_of(&published.number, "03/30", &code, "Zoë Łukasz-山田");
        let sealed = card.seal_unverified(key.public(), REQUEST, Attempt::FIRST, &random).unwrap();
        assert_eq!(sealed.key(), key.public().id());
        let sent = SealedCard::from_bytes(&sealed.to_bytes()).unwrap();
        let opened = key.open(&sent, REQUEST).unwrap();
        assert!(opened == card);
        assert_eq!(opened.pan().brand(), published.brand);
    }
}

/// Everything that a card can have, as much of it as there may be.
fn fullest() -> Card {
    let line = "𝕄".repeat(50);
    let address = BillingAddress::new("US".parse().unwrap()).with_region("CAL").unwrap();
    let address = address.with_postcode("12345-678901").unwrap().with_city(&line).unwrap();
    let address = (0..3).fold(address, |address, _| address.with_line(&line).unwrap());
    let eci = Some("07".parse().unwrap());
    let cryptogram = Cryptogram::new(&"Ab1+".repeat(14), eci, Wallet::Other).unwrap();
    Card::with_cryptogram(
        "6205500000000000004".parse().unwrap(),
        "12/99".parse().unwrap(),
        cryptogram,
        "𝕄".repeat(45).parse().unwrap(),
    )
    .with_brand(Brand::UnionPay)
    .unwrap()
    .with_billing_address(address)
    .with_stored_credential(StoredCredential::Unscheduled)
}

/// A wallet's card, with an address.
fn wallets() -> Card {
    let cryptogram = Cryptogram::new(CRYPTOGRAM, None, Wallet::ApplePay).unwrap();
    let address = BillingAddress::new("GB".parse().unwrap()).with_line("1 High Street").unwrap();
    Card::with_cryptogram(
        "4242424242424242".parse().unwrap(),
        "12/34".parse().unwrap(),
        cryptogram,
        "Maria Jones".parse().unwrap(),
    )
    .with_billing_address(address.with_postcode("LS1 1AA").unwrap().with_city("Leeds").unwrap())
}

#[test]
fn all_sealed_cards_are_equally_long() {
    let shortest = Card::without_code(
        "630400000000".parse().unwrap(),
        "1/00".parse().unwrap(),
        "M".parse().unwrap(),
    );
    let longest = card_of("6205500000000000004", "12/99", "999", &"𝕄".repeat(45));
    for card in [shortest.unwrap(), longest, wallets(), fullest()] {
        let sealed = seal(&card, &SeededRandom::new(2));
        assert_eq!(sealed.to_bytes().len(), SEALED_CARD_BYTES);
        assert_eq!(sealed.to_text().len(), 1624);
        assert!(key(1).open(&sealed, REQUEST).unwrap() == card);
    }
    assert_eq!(SEALED_CARD_BYTES, 1218);
}

#[test]
fn the_same_card_is_never_sealed_alike() {
    let random = SeededRandom::new(4);
    let (one, other) = (
        card()
            .seal_unverified(key(1).public(), REQUEST, Attempt::FIRST, &random)
            .unwrap()
            .to_bytes(),
        card()
            .seal_unverified(key(1).public(), REQUEST, Attempt::FIRST, &random)
            .unwrap()
            .to_bytes(),
    );
    assert_eq!(one[..18], other[..18], "format, attempt and key id");
    assert_ne!(one[18..50], other[18..50], "encapsulated key");
    let equal = one[50..].iter().zip(&other[50..]).filter(|(one, other)| one == other).count();
    assert!(equal < 30, "{equal} of 1168 bytes are equal");
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
    bytes[2..18].copy_from_slice(&name(key(2).public()));
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
        let bits = if (50..1202).contains(&at) { at % 8..at % 8 + 1 } else { 0..8 };
        for bit in bits {
            let mut other = bytes.clone();
            other[at] ^= 1 << bit;
            match SealedCard::from_bytes(&other) {
                Ok(read) => {
                    assert!(at > 0);
                    assert!(key(1).open(&read, REQUEST).is_err(), "{at} {bit}");
                }
                // Another format; or no attempt.
                Err(InvalidSealedCard { .. }) => assert!(at == 0 || other[1] == 0 && at == 1),
            }
        }
    }
}

#[test]
fn attack_a_weak_encapsulated_key_is_refused() {
    let mut bytes = sealed().to_bytes();
    for fill in [0, 1] {
        bytes[18..50].fill(0);
        bytes[18] = fill;
        let read = SealedCard::from_bytes(&bytes).unwrap();
        assert!(key(1).open(&read, REQUEST).is_err());
    }
}

#[test]
fn no_other_length_and_no_other_text_is_a_sealed_card() {
    let bytes = [sealed().to_bytes(), vec![0; 40]].concat();
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
    let sealed = card().seal_unverified(key(1).public(), REQUEST, Attempt::FIRST, &Broken);
    assert_eq!(sealed, Err(SealError::Random(RandomError::new())));
    // Through the trait object that a verifier holds.
    let random: &dyn Random = &SeededRandom::new(2);
    assert!(
        card().seal_unverified(key(1).public(), REQUEST, Attempt::FIRST, random).unwrap()
            == self::sealed()
    );
}

/// The additional data as the manual has it, written out.
fn bound_to(request: &str, attempt: u8) -> Vec<u8> {
    let mut pae = 3_u64.to_le_bytes().to_vec();
    for piece in [INFO, request.as_bytes(), &[attempt]] {
        pae.extend(u64::try_from(piece.len()).unwrap().to_le_bytes());
        pae.extend(piece);
    }
    Sha256::digest(pae).to_vec()
}

/// What an app without this crate might seal: these bytes, under this `info` and additional data, as this attempt.
fn sealed_with(plaintext: &[u8], info: &[u8], aad: &[u8], attempt: u8) -> Vec<u8> {
    let key = *key(1).public();
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(key.as_bytes()).unwrap();
    let (enc, ciphertext) = hpke::single_shot_seal_with_rng::<
        AesGcm256,
        HkdfSha256,
        X25519HkdfSha256,
    >(
        &OpModeS::Base, &public, info, plaintext, aad, &mut Drawn([5; 32])
    )
    .unwrap();
    [&[2, attempt][..], &name(&key), &enc.to_bytes(), &ciphertext].concat()
}

fn sealed_by_hand(plaintext: &[u8], info: &[u8]) -> Vec<u8> {
    sealed_with(plaintext, info, &bound_to(REQUEST, 1), 1)
}

/// The plaintext of [`card`], written out.
fn plaintext() -> [u8; 1152] {
    let mut bytes = [0; 1152];
    bytes[0] = 16;
    bytes[1..17].copy_from_slice(b"4242424242424242");
    bytes[20] = 12;
    bytes[21..23].copy_from_slice(&[0x07, 0xf2]);
    bytes[23..25].copy_from_slice(&[1, 3]);
    bytes[25..28].copy_from_slice(b"123");
    bytes[84] = 11;
    bytes[85..96].copy_from_slice(b"Maria Jones");
    bytes
}

/// The plaintext of [`wallets`].
fn plaintext_of_wallets() -> [u8; 1152] {
    let mut bytes = plaintext();
    bytes[23..25].copy_from_slice(&[2, 28]);
    bytes[25..53].copy_from_slice(CRYPTOGRAM.as_bytes());
    bytes[83] = 1;
    bytes[267..269].copy_from_slice(b"GB");
    bytes[273] = 7;
    bytes[274..281].copy_from_slice(b"LS1 1AA");
    bytes[286] = 5;
    bytes[287..292].copy_from_slice(b"Leeds");
    bytes[487] = 13;
    bytes[488..501].copy_from_slice(b"1 High Street");
    bytes
}

const CRYPTOGRAM: &str = "AgAAAAAAAIR8CQrXcIhbQAAAAAA=";
const INFO: &[u8] = b"countersign sealed card v2";

#[test]
fn a_card_sealed_by_hand_opens() {
    for (plaintext, card) in [(plaintext(), card()), (plaintext_of_wallets(), wallets())] {
        let sealed = SealedCard::from_bytes(&sealed_by_hand(&plaintext, INFO)).unwrap();
        assert!(key(1).open(&sealed, REQUEST).unwrap() == card);
        let ours = seal(&card, &Drawn([5; 32]));
        assert!(ours == sealed, "and is byte by byte what the crate makes");
    }
    // Spaces that another app left in a name or a street stay as they were sealed.
    let mut spaced = plaintext_of_wallets();
    spaced[91] = b' ';
    spaced[489..491].copy_from_slice(b"  ");
    let sealed = SealedCard::from_bytes(&sealed_by_hand(&spaced, INFO)).unwrap();
    let opened = key(1).open(&sealed, REQUEST).unwrap();
    assert_eq!(opened.cardholder().expose(), "Maria  ones");
    assert_eq!(opened.billing_address().unwrap().lines().next(), Some("1  igh Street"));
}

#[test]
fn every_field_is_read_back() {
    let card = fullest();
    let opened = key(1).open(&seal(&card, &SeededRandom::new(2)), REQUEST).unwrap();
    let Verification::Cryptogram(cryptogram) = opened.verification() else { panic!() };
    assert_eq!(cryptogram.expose(), "Ab1+".repeat(14));
    assert_eq!((cryptogram.eci().unwrap().as_str(), cryptogram.wallet()), ("07", Wallet::Other));
    assert_eq!(opened.chosen_brand(), Some(Brand::UnionPay));
    assert_eq!(opened.stored_credential(), Some(StoredCredential::Unscheduled));
    let address = opened.billing_address().unwrap();
    let line = "𝕄".repeat(50);
    assert_eq!(address.country().as_str(), "US");
    assert_eq!((address.region(), address.postcode()), (Some("CAL"), Some("12345-678901")));
    assert_eq!(address.city(), Some(&*line));
    assert_eq!(address.lines().collect::<Vec<_>>(), [&*line; 3]);
}

#[test]
fn attack_a_card_sealed_for_one_attempt_does_not_open_as_another() {
    let bytes = sealed().to_bytes();
    assert_eq!(sealed().attempt(), Attempt::FIRST);
    for number in 2..=255 {
        let mut other = bytes.clone();
        other[1] = number;
        let read = SealedCard::from_bytes(&other).unwrap();
        assert_eq!(read.attempt().number(), number);
        assert!(key(1).open(&read, REQUEST).is_err(), "{number}");
    }
    let second = Attempt::new(2).unwrap();
    let (opening, random) = (key(1), SeededRandom::new(2));
    let sealed = card().seal_unverified(opening.public(), REQUEST, second, &random).unwrap();
    assert_eq!((sealed.attempt(), sealed.to_bytes()[1]), (second, 2));
    assert!(opening.open(&sealed, REQUEST).unwrap() == card());
    let mut first = sealed.to_bytes();
    first[1] = 1;
    assert!(opening.open(&SealedCard::from_bytes(&first).unwrap(), REQUEST).is_err());
}

/// Nor one for which an app without this crate bound less.
#[test]
fn attack_what_is_bound_otherwise_does_not_open() {
    let rests = [
        bound_to(REQUEST, 2),
        bound_to("v4.public.another", 1),
        Sha256::digest(REQUEST).to_vec(),
        Sha256::digest([REQUEST.as_bytes(), &[1]].concat()).to_vec(),
        Vec::new(),
    ];
    for aad in rests {
        let bytes = sealed_with(&plaintext(), INFO, &aad, 1);
        let sealed = SealedCard::from_bytes(&bytes).unwrap();
        assert!(key(1).open(&sealed, REQUEST).is_err(), "{aad:?}");
    }
}

type Change<'a> = &'a dyn Fn(&mut [u8; 1152]);

#[test]
fn anything_but_one_canonical_card_is_refused_after_opening() {
    let changes: &[Change<'_>] = &[
        &|bytes| bytes[16] = b'3',
        &|bytes| bytes[5] = b' ',
        &|bytes| bytes[0] = 15,
        &|bytes| bytes[0] = 0,
        &|bytes| bytes[0] = 20,
        &|bytes| bytes[0] = 255,
        &|bytes| bytes[17] = b'4',
        &|bytes| bytes[20] = 0,
        &|bytes| bytes[20] = 13,
        &|bytes| bytes[21] = 0,
        // The code.
        &|bytes| bytes[23] = 0,
        &|bytes| bytes[23] = 2,
        &|bytes| bytes[23] = 3,
        &|bytes| bytes[24] = 4,
        &|bytes| (bytes[24], bytes[28]) = (4, b'4'),
        &|bytes| bytes[24] = 2,
        &|bytes| bytes[24] = 57,
        &|bytes| bytes[25] = b'x',
        &|bytes| bytes[80] = 1,
        &|bytes| bytes[81..83].copy_from_slice(b"07"),
        &|bytes| bytes[83] = 1,
        &|bytes| bytes[23..28].fill(0),
        // The name.
        &|bytes| bytes[84] = 0,
        &|bytes| bytes[84] = 12,
        &|bytes| bytes[84] = 181,
        &|bytes| bytes[95] = b' ',
        // Typed so, they are read; sealed so, they are not what reading makes of them.
        &|bytes| bytes[90..92].copy_from_slice("\u{a0}".as_bytes()),
        &|bytes| {
            bytes[24] = 4;
            bytes[25..29].copy_from_slice(b"1 23");
        },
        &|bytes| bytes[85] = 0xff,
        &|bytes| bytes[96] = b's',
        &|bytes| bytes[264] = 1,
        // Brand, consent, address.
        &|bytes| bytes[265] = 2,
        &|bytes| bytes[265] = 255,
        &|bytes| bytes[266] = 5,
        &|bytes| bytes[267..269].copy_from_slice(b"XX"),
        &|bytes| bytes[267..269].copy_from_slice(b"gb"),
        &|bytes| bytes[267] = b'G',
        &|bytes| (bytes[273], bytes[274]) = (1, b'1'),
        &|bytes| (bytes[286], bytes[287]) = (1, b'L'),
        &|bytes| (bytes[487], bytes[488]) = (1, b'L'),
        &|bytes| bytes[1089] = 1,
        &|bytes| bytes[1090] = 1,
        &|bytes| bytes[1151] = 1,
        &|bytes| bytes.fill(0),
        &|bytes| bytes.fill(255),
    ];
    let changes_of_wallets: &[Change<'_>] = &[
        &|bytes| bytes[24] = 27,
        &|bytes| bytes[25] = b'!',
        &|bytes| bytes[53] = b'A',
        &|bytes| bytes[81] = b'0',
        &|bytes| bytes[81..83].copy_from_slice(b"0x"),
        &|bytes| bytes[83] = 0,
        &|bytes| bytes[83] = 7,
        &|bytes| bytes[23] = 1,
        &|bytes| bytes[23] = 0,
        &|bytes| bytes[267..269].fill(0),
        &|bytes| bytes[267..269].copy_from_slice(b"UK"),
        &|bytes| (bytes[269], bytes[270]) = (1, b'c'),
        &|bytes| (bytes[269], bytes[270]) = (1, b'-'),
        &|bytes| bytes[269] = 4,
        &|bytes| bytes[274] = b'l',
        &|bytes| bytes[277] = 0x1f,
        &|bytes| bytes[273] = 6,
        &|bytes| bytes[273] = 13,
        &|bytes| bytes[286] = 201,
        &|bytes| bytes[287] = b' ',
        &|bytes| bytes[287] = 0xff,
        &|bytes| bytes[487] = 0,
        &|bytes| {
            bytes[487] = 12;
            bytes[488..501].copy_from_slice(b"424242424242\0");
        },
        // A line after none.
        &|bytes| (bytes[889], bytes[890]) = (1, b'L'),
    ];
    let spoil = |of: [u8; 1152], changes: &[Change<'_>]| {
        let spoilt = changes.iter().map(|change| {
            let mut bytes = of;
            change(&mut bytes);
            assert!(bytes != of);
            bytes
        });
        spoilt.collect::<Vec<_>>()
    };
    let mut spoilt = spoil(plaintext(), changes);
    spoilt.extend(spoil(plaintext_of_wallets(), changes_of_wallets));
    for (n, bytes) in spoilt.iter().enumerate() {
        let sealed = SealedCard::from_bytes(&sealed_by_hand(bytes, INFO)).unwrap();
        assert!(key(1).open(&sealed, REQUEST).is_err(), "{n}");
    }
    for info in [&b""[..], b"countersign sealed card v1", b"countersign sealed card v2 "] {
        let sealed = SealedCard::from_bytes(&sealed_by_hand(&plaintext(), info)).unwrap();
        assert!(key(1).open(&sealed, REQUEST).is_err());
    }
    for length in [0, 40, 256, 1151, 1153] {
        let bytes = vec![0; length];
        assert!(SealedCard::from_bytes(&sealed_by_hand(&bytes, INFO)).is_err(), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_sealed_opens_as_it_was(
        (number, brands) in numbers(),
        (year, month) in (2000_u16..=2099, 1_u8..=12),
        code in "[0-9]{4}",
        name in "[A-Za-zéüŁ山𝕄'.-]{1,45}",
        request in "\\PC{0,300}",
        (seed, draw) in (any::<u64>(), any::<u64>()),
    ) {
        let code = if brands[0] == "american_express" { &code } else { &code[..3] };
        let card = card_of(&number, &format!("{month}/{year}"), code, &name);
        let key = key(seed);
        let sealed = card.seal_unverified(key.public(), &request, Attempt::FIRST, &SeededRandom::new(draw)).unwrap();
        let sent: SealedCard = sealed.to_text().parse().unwrap();
        prop_assert!(key.open(&sent, &request).unwrap() == card);
        let other = format!("{request}x");
        prop_assert!(key.open(&sent, &other).is_err());
    }
}
