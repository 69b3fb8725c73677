//! Sealing and opening a card beside the bare HPKE library over the same bytes. The aim: at most 1.1
//! times as long. Reading a card number and drawing a token are shown for scale.

use std::convert::Infallible;
use std::hint::black_box;

use countersign::card::{Attempt, Card, CardToken, OpeningKey, Pan};
use countersign::random::{Random, RandomError};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use side_by_side::{case, compare};

const INFO: &[u8] = b"countersign sealed card v2";
const REQUEST: &str = "v4.public.a-request-token";

/// The same 32 bytes for both.
#[derive(Clone, Copy)]
struct Drawn;

impl Random for Drawn {
    fn fill(&self, to: &mut [u8]) -> Result<(), RandomError> {
        to.fill(9);
        Ok(())
    }
}

impl TryRng for Drawn {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(9)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(9)
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.fill(9);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

fn main() {
    let key = OpeningKey::from_bytes(&[7; 32]).unwrap();
    let card = Card::new(
        "4242424242424242".parse().unwrap(),
        "12/34".parse().unwrap(),
        "123".parse().unwrap(),
        "Maria Jones".parse().unwrap(),
    )
    .unwrap();
    let sealed = card.seal_unverified(key.public(), REQUEST, Attempt::FIRST, &Drawn).unwrap();

    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&[7; 32]).unwrap();
    let public = X25519HkdfSha256::sk_to_pk(&private);
    assert_eq!(public.to_bytes().as_slice(), key.public().as_bytes());
    let (plaintext, aad) = ([7; 1152], [8; 32]);
    let seal = || {
        hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            INFO,
            &plaintext,
            &aad,
            &mut Drawn,
        )
        .unwrap()
    };
    let (enc, ciphertext) = seal();

    compare(
        "seal a card",
        vec![
            case("hpke, 256 bytes", || drop(black_box(seal()))),
            case("countersign: Card::seal", || {
                black_box(
                    card.seal_unverified(key.public(), black_box(REQUEST), Attempt::FIRST, &Drawn)
                        .unwrap(),
                );
            }),
        ],
    );
    compare(
        "open a card",
        vec![
            case("hpke, 256 bytes", || {
                let opened = hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
                    &OpModeR::Base,
                    &private,
                    &enc,
                    INFO,
                    &ciphertext,
                    &aad,
                );
                black_box(opened.unwrap());
            }),
            case("countersign: OpeningKey::open", || {
                black_box(key.open(black_box(&sealed), REQUEST).unwrap());
            }),
        ],
    );
    compare(
        "values",
        vec![
            case("read a card number", || {
                black_box(black_box("4242 4242 4242 4242").parse::<Pan>().unwrap());
            }),
            case("draw a card token", || {
                let random = countersign::OsRandom::new();
                black_box(CardToken::generate(&random).unwrap());
            }),
        ],
    );
}
