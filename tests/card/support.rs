//! Cards, keys and numbers to try things with.

use countersign::SeededRandom;
use countersign::card::{Card, OpeningKey};
use proptest::prelude::*;

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
