//! Card tokens: random, unlike card numbers, and robust when typed and said.

use countersign::OsRandom;
use countersign::card::CardToken;
use countersign::random::{Random, RandomError, SeededRandom};
use proptest::prelude::*;

use crate::support::depth::{either, strided};

fn plain(token: &CardToken) -> String {
    token.expose().replace('-', "")
}

fn longest_run_of_digits(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap()
}

/// Of the million a quick run draws a fortieth.
#[test]
fn a_million_do_not_collide_and_have_no_run_of_digits() {
    let random = SeededRandom::new(6);
    let mut tokens: Vec<[u8; 28]> = strided(0..1_000_000, 40)
        .map(|_| {
            let token = plain(&CardToken::generate(&random).unwrap());
            // Not 13 digits in a row, and not the 12 of the shortest card number either.
            assert!(longest_run_of_digits(&token) < 12, "{token}");
            token.into_bytes().try_into().unwrap()
        })
        .collect();
    tokens.sort_unstable();
    assert!(tokens.windows(2).all(|pair| pair[0] != pair[1]));
}

/// Gives the bytes of a list of draws, one draw after the other, again and again.
struct Draws(Vec<[u8; 27]>, std::sync::atomic::AtomicUsize);

impl Random for Draws {
    fn fill(&self, to: &mut [u8]) -> Result<(), RandomError> {
        let at = self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        to.copy_from_slice(&self.0[at % self.0.len()]);
        Ok(())
    }
}

#[test]
fn a_draw_that_looks_like_a_card_number_is_drawn_again() {
    let digits = [7; 27];
    let twelve: [u8; 27] = std::array::from_fn(|at| if at == 3 || at == 16 { 20 } else { 3 });
    let eleven: [u8; 27] = std::array::from_fn(|at| if at % 12 == 11 { 20 } else { 3 });
    // Whether a draw's check symbol is in the alphabet depends on the draw, so try several ends.
    let given_out = |draw: [u8; 27]| {
        let ends =
            (10..32_u8).map(|end| std::array::from_fn(|at| if at == 26 { end } else { draw[at] }));
        ends.filter_map(|draw| CardToken::generate(&Draws(vec![digits, draw], 0.into())).ok())
            .count()
    };
    assert_eq!(given_out(digits), 0);
    assert_eq!(given_out(twelve), 0);
    assert!((15..22).contains(&given_out(eleven)));
    // A source that gives nothing else is none.
    assert_eq!(CardToken::generate(&Draws(vec![digits], 0.into())).err(), Some(RandomError::new()));
}

#[test]
fn no_randomness_no_token() {
    struct Broken;
    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError::new())
        }
    }
    assert_eq!(CardToken::generate(&Broken).err(), Some(RandomError::new()));
}

#[test]
fn the_form_is_crockfords_with_his_check_symbol() {
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
    for seed in 0..200 {
        let token = CardToken::generate(&SeededRandom::new(seed)).unwrap();
        let groups: Vec<&str> = token.expose().split('-').collect();
        assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [4; 7]);
        let text = plain(&token);
        let value =
            text[..27].chars().fold(0, |sum, c| (sum * 32 + alphabet[..32].find(c).unwrap()) % 37);
        assert_eq!(text.chars().last(), alphabet.chars().nth(value), "{text}");
        assert!(value < 32, "{text}");
    }
}

#[test]
fn one_wrong_character_is_noticed_or_means_the_same() {
    let typed: Vec<char> = (' '..='~').chain("éＡ１０\u{a0}\u{200b}".chars()).collect();
    let mut same = 0;
    let tokens = either(15, 60);
    for seed in 0..tokens {
        let token = CardToken::generate(&SeededRandom::new(seed)).unwrap();
        let text: Vec<char> = token.expose().chars().collect();
        for at in 0..text.len() {
            for c in &typed {
                let mut other = text.clone();
                other[at] = *c;
                if let Ok(read) = other.iter().collect::<String>().parse::<CardToken>() {
                    assert_eq!(read, token, "{at} {c}");
                    same += 1;
                }
            }
        }
    }
    assert!(same > tokens * 34, "each stands for itself at least: {same}");
}

#[test]
fn neighbours_swapped_dropped_or_doubled_are_noticed_or_mean_the_same() {
    for seed in 0..either(75, 300) {
        let token = CardToken::generate(&SeededRandom::new(seed)).unwrap();
        for text in [token.expose().to_owned(), plain(&token)] {
            let text: Vec<char> = text.chars().collect();
            for at in 0..text.len() {
                let mut others = vec![text.clone(), text.clone()];
                others[0].remove(at);
                others[1].insert(at, text[at]);
                if at > 0 {
                    others.push(text.clone());
                    others[2].swap(at - 1, at);
                }
                for other in others {
                    let same_symbols =
                        other.iter().filter(|c| **c != '-').eq(text.iter().filter(|c| **c != '-'));
                    let read = other.iter().collect::<String>().parse::<CardToken>();
                    assert_eq!(read.is_ok(), same_symbols, "{other:?}");
                    assert!(read.is_err() || read.unwrap() == token);
                }
            }
        }
    }
}

#[test]
fn said_and_typed_it_is_the_same() {
    for seed in 0..50 {
        let token = CardToken::generate(&SeededRandom::new(seed)).unwrap();
        let text = token.expose();
        for typed in [
            text.to_lowercase(),
            plain(&token),
            text.replace('-', " "),
            text.replace('-', "\u{a0}"),
            text.replace('0', "O").replace('1', "I"),
            text.replace('0', "o").replace('1', "l"),
            text.replace('1', "i"),
            format!("  {text}\n"),
            text.chars().flat_map(|c| [c, ' ']).collect(),
        ] {
            assert_eq!(typed.parse::<CardToken>().unwrap(), token, "{typed}");
        }
        let json = serde_json::to_string(&token).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<CardToken>(&json).unwrap(), token);
    }
}

#[test]
fn a_text_that_was_never_given_out_is_refused() {
    // The check symbol is right, but the whole is digits.
    for text in ["", "-", "0000-0000-0000-0000-0000-0000-0000", "7Q4M", &"0".repeat(28)] {
        assert!(text.parse::<CardToken>().is_err(), "{text}");
    }
    let token = CardToken::generate(&OsRandom::new()).unwrap();
    for sign in ["*", "~", "$", "=", "U", "u"] {
        let text = format!("{}{sign}", &token.expose()[..33]);
        assert!(text.parse::<CardToken>().is_err(), "{sign}");
    }
}

proptest! {
    #[test]
    fn whatever_is_typed_is_a_token_as_given_out_or_an_error(
        text in "[0-9A-Za-z -]{26,36}|\\PC{0,40}",
        seed in any::<u64>(),
        at in 0_usize..34,
        c in any::<char>(),
    ) {
        if let Ok(token) = text.parse::<CardToken>() {
            prop_assert!(longest_run_of_digits(&plain(&token)) < 12);
        }
        let token = CardToken::generate(&SeededRandom::new(seed)).unwrap();
        let mut other: Vec<char> = token.expose().chars().collect();
        other[at] = c;
        let read = other.iter().collect::<String>().parse::<CardToken>();
        prop_assert!(read.is_err() || read.unwrap() == token);
    }
}
