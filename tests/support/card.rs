//! Cards, keys and numbers to try things with.

pub(crate) mod depth;
pub(crate) mod examples;
pub(crate) mod unicode;

use countersign::card::{Card, OpeningKey, Verification};
use countersign::card_number::Brand;
use countersign::random::{Random, RandomError, SeededRandom};
use std::convert::Infallible;

use hpke::rand_core::TryRng;
use proptest::prelude::*;
use serde::Deserialize;

/// A request token; sealing takes any text.
pub(crate) const REQUEST: &str = "v4.public.a-signed-request";

pub(crate) fn card_of(pan: &str, expiry: &str, code: &str, name: &str) -> Card {
    Card::new(
        pan.parse().unwrap(),
        expiry.parse().unwrap(),
        code.parse().unwrap(),
        name.parse().unwrap(),
    )
    .unwrap()
}

pub(crate) fn card() -> Card {
    card_of("4242424242424242", "12/34", "123", "Maria Jones")
}

/// The verification code.
pub(crate) fn code(card: &Card) -> &str {
    match card.verification() {
        Verification::Code(code) => code.expose(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn key(seed: u64) -> OpeningKey {
    OpeningKey::generate(&SeededRandom::new(seed)).unwrap()
}

/// The digit that makes the others satisfy Luhn's formula, worked out by trying all ten with the
/// textbook's rule: double every second digit from the right, add up all digits.
pub(crate) fn with_check_digit(digits: &str) -> String {
    let right = |candidate: &String| {
        let sum: u32 = candidate
            .chars()
            .rev()
            .enumerate()
            .map(|(place, c)| {
                let digit = c.to_digit(10).unwrap() * if place % 2 == 1 { 2 } else { 1 };
                digit / 10 + digit % 10
            })
            .sum();
        sum.is_multiple_of(10)
    };
    (0..10).map(|digit| format!("{digits}{digit}")).find(right).unwrap()
}

/// First digits, lengths and schemes, as the schemes publish them.
pub(crate) const SCHEMES: [(&str, &str, &[usize], &str); 20] = [
    ("4", "4", &[13, 16, 19], "visa"),
    ("2221", "2720", &[16], "mastercard"),
    ("51", "55", &[16], "mastercard"),
    ("34", "34", &[15], "american_express"),
    ("37", "37", &[15], "american_express"),
    ("6011", "6011", &[16, 17, 18, 19], "discover"),
    ("644", "649", &[16, 17, 18, 19], "discover"),
    ("65", "65", &[16, 17, 18, 19], "discover"),
    ("300", "305", &[14, 15, 16, 17, 18, 19], "diners_club"),
    ("3095", "3095", &[14, 15, 16, 17, 18, 19], "diners_club"),
    ("36", "36", &[14, 15, 16, 17, 18, 19], "diners_club"),
    ("38", "39", &[14, 15, 16, 17, 18, 19], "diners_club"),
    ("3528", "3589", &[16, 17, 18, 19], "jcb"),
    ("3337", "3349", &[16, 17, 18, 19], "jcb"),
    ("62", "62", &[16, 17, 18, 19], "union_pay"),
    ("8100", "8171", &[16, 17, 18, 19], "union_pay"),
    ("500", "508", &[12, 13, 14, 15, 16, 17, 18, 19], "maestro"),
    ("56", "59", &[12, 13, 14, 15, 16, 17, 18, 19], "maestro"),
    ("63", "63", &[12, 13, 14, 15, 16, 17, 18, 19], "maestro"),
    ("67", "67", &[12, 13, 14, 15, 16, 17, 18, 19], "maestro"),
];

/// Valid card numbers of every scheme and length, and the scheme's name.
pub(crate) fn numbers() -> impl Strategy<Value = (String, &'static str)> {
    (0..SCHEMES.len(), any::<u32>(), 0_usize..8, "[0-9]{19}").prop_map(
        |(n, within, length, rest)| {
            let (from, to, lengths, scheme) = SCHEMES[n];
            let (from, to): (u32, u32) = (from.parse().unwrap(), to.parse().unwrap());
            let length = lengths[length % lengths.len()];
            let start = format!("{}{rest}", from + within % (to - from + 1));
            (with_check_digit(&start[..length - 1]), scheme)
        },
    )
}

#[derive(Deserialize)]
struct File {
    stripe: Vec<Published>,
    adyen: Vec<Published>,
}

#[derive(Deserialize)]
pub(crate) struct Published {
    pub(crate) number: String,
    pub(crate) brand: Brand,
}

pub(crate) fn cards() -> Vec<Published> {
    let file: File = serde_json::from_str(include_str!("../vectors/cards.json")).unwrap();
    assert_eq!((file.stripe.len(), file.adyen.len()), (18, 44));
    [file.stripe, file.adyen].into_iter().flatten().collect()
}

/// A generator that gives 32 bytes, for both interfaces.
pub(crate) struct Drawn(pub(crate) [u8; 32]);

impl Random for Drawn {
    fn fill(&self, to: &mut [u8]) -> Result<(), RandomError> {
        to.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryRng for Drawn {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("nothing but the ephemeral key is drawn")
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("nothing but the ephemeral key is drawn")
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.copy_from_slice(&self.0);
        Ok(())
    }
}
