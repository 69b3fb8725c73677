//! Whatever arrives as a sealed card, and whatever was sealed for the vault's key by somebody else: no
//! panic, and what opens is one canonical card.
#![no_main]

use std::convert::Infallible;
use std::sync::LazyLock;

use countersign::card::{OpeningKey, SealedCard};
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

/// `plaintext`, cut or filled up to the right length and sealed as the manual says.
fn sealed(plaintext: &[u8]) -> Vec<u8> {
    let mut bytes = plaintext.to_vec();
    bytes.resize(256, 0);
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(KEY.public().as_bytes()).unwrap();
    let (enc, ciphertext) =
        hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            b"countersign sealed card v1",
            &bytes,
            &Sha256::digest("request"),
            &mut Drawn,
        )
        .unwrap();
    let name = base32::decode(base32::Alphabet::Crockford, &KEY.public().id().to_string()).unwrap();
    [&[1][..], &name, &enc.to_bytes(), &ciphertext].concat()
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
        let read = |at: usize| usize::from(data.get(at).copied().unwrap_or(0));
        assert_eq!(card.pan().expose().as_bytes(), &data[1..1 + read(0)]);
        assert_eq!(card.code().expose().as_bytes(), &data[21..21 + read(20)]);
        assert_eq!(usize::from(card.expiry().month()), read(25));
        assert_eq!(usize::from(card.expiry().year()), read(26) << 8 | read(27));
        assert_eq!(card.cardholder().expose().as_bytes(), &data[29..29 + read(28)]);
        assert!(data.iter().take(256).skip(209).all(|byte| *byte == 0));
    }
});
