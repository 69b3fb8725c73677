//! Cards, keys and numbers to try things with.

pub(crate) mod depth;
pub(crate) mod examples;
pub(crate) mod unicode;

use countersign::card::{Card, OpeningKey, Pan, Verification};
use countersign::card_number::Brand;
use countersign::random::{Random, RandomError, SeededRandom};
use std::convert::Infallible;
use std::sync::LazyLock;

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

/// First digits from and to, lengths and schemes.
#[derive(Deserialize)]
pub(crate) struct Row {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) lengths: Vec<usize>,
    pub(crate) brands: Vec<String>,
}

/// The ranges as they are published.
pub(crate) fn rows() -> &'static [Row] {
    #[derive(Deserialize)]
    struct Rows {
        rows: Vec<Row>,
    }
    static ROWS: LazyLock<Rows> =
        LazyLock::new(|| serde_json::from_str(include_str!("../vectors/brands.json")).unwrap());
    &ROWS.rows
}

/// The schemes of a number, found by looking at each row.
pub(crate) fn brands_of(number: &str) -> Option<&'static [String]> {
    let is_in = |row: &&Row| {
        let first = &number[..row.from.len()];
        row.lengths.contains(&number.len()) && *row.from <= *first && *first <= *row.to
    };
    rows().iter().filter(is_in).max_by_key(|row| row.from.len()).map(|row| &*row.brands)
}

/// Valid card numbers of every range and length, and the names of their schemes.
pub(crate) fn numbers() -> impl Strategy<Value = (String, &'static [String])> {
    (0..rows().len(), any::<u32>(), 0_usize..8, "[0-9]{19}").prop_map(
        |(n, within, length, rest)| {
            let Row { from, to, lengths, .. } = &rows()[n];
            let (from, to): (u32, u32) = (from.parse().unwrap(), to.parse().unwrap());
            let length = lengths[length % lengths.len()];
            let start = format!("{}{rest}", from + within % (to - from + 1));
            let number = with_check_digit(&start[..length - 1]);
            let brands = brands_of(&number).unwrap();
            (number, brands)
        },
    )
}

pub(crate) fn names(pan: &Pan) -> Vec<String> {
    let name = |brand| serde_json::from_value(serde_json::to_value(brand).unwrap()).unwrap();
    pan.brands().iter().map(name).collect()
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
