//! Whatever arrives as a sealed card, and whatever was sealed for the vault's key by somebody else: no
//! panic, and what opens is one canonical card.
#![no_main]

use std::convert::Infallible;
use std::sync::LazyLock;

use countersign::card::{OpeningKey, SealedCard, Verification};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, OpModeS, Serializable};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

static KEY: LazyLock<OpeningKey> = LazyLock::new(|| OpeningKey::from_bytes(&[7; 32]).unwrap());

struct Drawn;

impl TryRng for Drawn {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.fill(3);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

const INFO: &[u8] = b"countersign sealed card v2";

/// What a card is bound to, as the manual says.
fn bound_to(request: &str, attempt: u8) -> Vec<u8> {
    let mut pae = 3_u64.to_le_bytes().to_vec();
    for piece in [INFO, request.as_bytes(), &[attempt]] {
        pae.extend(u64::try_from(piece.len()).unwrap().to_le_bytes());
        pae.extend(piece);
    }
    Sha256::digest(pae).to_vec()
}

/// `plaintext`, cut or filled up to the right length and sealed as the manual says.
fn sealed(plaintext: &[u8]) -> Vec<u8> {
    let mut bytes = plaintext.to_vec();
    bytes.resize(1152, 0);
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(KEY.public().as_bytes()).unwrap();
    let (enc, ciphertext) =
        hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            INFO,
            &bytes,
            &bound_to("request", 7),
            &mut Drawn,
        )
        .unwrap();
    let name = base32::decode(base32::Alphabet::Crockford, &KEY.public().id().to_string()).unwrap();
    [&[2, 7][..], &name, &enc.to_bytes(), &ciphertext].concat()
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(card) = text.parse::<SealedCard>()
    {
        assert_eq!(card.to_text(), text);
    }
    if let Ok(card) = SealedCard::from_bytes(data) {
        assert_eq!(card.to_bytes(), data);
        assert!(KEY.open(&card, "request").is_err(), "made without the key");
    }
    let card = SealedCard::from_bytes(&sealed(data)).unwrap();
    assert!(KEY.open(&card, "another request").is_err());
    if let Ok(card) = KEY.open(&card, "request") {
        // Read back from the fields, it is the same again: nothing in the plaintext was ignored.
        let read = |at: usize| data.get(at).copied().unwrap_or(0);
        let text = |at: usize| {
            let bytes = data.iter().skip(at + 1).take(read(at).into()).copied().collect();
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(card.pan().expose(), text(0));
        assert_eq!(card.expiry().month(), read(20));
        assert_eq!(card.expiry().year(), u16::from_be_bytes([read(21), read(22)]));
        let shown = match card.verification() {
            Verification::Code(code) => (1, code.expose().to_owned()),
            Verification::Cryptogram(cryptogram) => (2, cryptogram.expose().to_owned()),
            Verification::Nothing => (0, String::new()),
        };
        assert_eq!(shown, (read(23), text(24)));
        assert_eq!(card.cardholder().expose(), text(84));
        assert_eq!(card.chosen_brand().is_some(), read(265) != 0);
        assert_eq!(card.stored_credential().is_some(), read(266) != 0);
        let address = card.billing_address();
        assert_eq!(address.is_some(), read(267) != 0);
        if let Some(address) = address {
            assert_eq!(address.country().as_str().as_bytes(), [read(267), read(268)]);
            assert_eq!(address.region().unwrap_or_default(), text(269));
            assert_eq!(address.postcode().unwrap_or_default(), text(273));
            assert_eq!(address.city().unwrap_or_default(), text(286));
            let lines: Vec<_> = [487, 688, 889].map(text).into_iter().collect();
            let there = lines.iter().filter(|line| !line.is_empty());
            assert!(address.lines().eq(there));
        }
        assert!(data.iter().take(1152).skip(1090).all(|byte| *byte == 0));
    }
});
