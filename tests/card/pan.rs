//! Card numbers as people type them.

use countersign::card::{InvalidPan, Pan};
use countersign::card_number::Brand;
use proptest::prelude::*;

use crate::support::unicode::{unseen, written, zeros};
use crate::support::{brands_of, names, numbers, rows, with_check_digit};

fn parse(text: &str) -> Result<Pan, InvalidPan> {
    text.parse()
}

#[test]
fn separators_and_digits_of_any_script_are_read() {
    for text in [
        "4242424242424242",
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        " 4242\u{a0}4242\u{2009}4242\u{3000}4242\n",
        "4242\u{2010}4242\u{2011}4242\u{2013}4242",
        "4242\u{2014}4242\u{2212}4242\u{ff0d}4242",
        "４２４２　４２４２　４２４２　４２４２",
        "4２4２ 4２4２ 4２4２ 4２4２",
        "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
        "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
        "۴۲۴۲ ۴۲۴۲ ۴۲۴۲ ۴۲۴۲",
        "४२४२-४२४२-४२४२-४२४२",
        "\u{200e}4242\u{202f}4242\t42424242\u{feff}\n",
    ] {
        let pan = parse(text).unwrap();
        assert_eq!((pan.expose(), pan.brand()), ("4242424242424242", Brand::Visa), "{text}");
    }
}

#[test]
fn every_script_s_digits_and_every_unseen_end_are_read() {
    for zero in zeros() {
        let typed = written("4242424242424242", zero);
        assert_eq!(parse(&typed).unwrap().expose(), "4242424242424242", "{typed}");
    }
    for c in unseen() {
        assert!(parse(&format!("{c}4242424242424242{c}")).is_ok(), "{c:?}");
        let within = parse(&format!("42424242{c}42424242"));
        assert_eq!(within, Err(InvalidPan::NotDigits), "{c:?}");
    }
}

#[test]
fn anything_else_is_refused_for_what_it_is() {
    use InvalidPan::{CheckDigit, Length, NotDigits, UnknownScheme};
    for (text, why) in [
        ("", Length),
        (" - ", Length),
        ("42424242424", Length),
        ("42424242424242424242", Length),
        ("424242424242424242424242424242424242424242", Length),
        ("4242 4242 4242 4243", CheckDigit),
        ("4242/4242/4242/4242", NotDigits),
        ("4242.4242.4242.4242", NotDigits),
        ("4242\u{200b}424242424242", NotDigits),
        ("-4242424242424242", NotDigits),
        ("4242424242424242 -", NotDigits),
        ("+4242424242424242", NotDigits),
        (&format!("4242424242424242{}", " ".repeat(49)), Length),
        ("4242 4242 4242 424²", NotDigits),
        ("four two four two", NotDigits),
        ("0000000000000000", UnknownScheme),
        ("1111111111111117", UnknownScheme),
        ("9999999999999995", UnknownScheme),
    ] {
        assert_eq!(parse(text), Err(why), "{text}");
    }
}

#[test]
fn a_scheme_has_its_lengths_and_no_others() {
    for row in rows() {
        for start in [&row.from, &row.to] {
            for length in 12..=19 {
                let filled = format!("{start}{}", "7".repeat(19));
                let number = with_check_digit(&filled[..length - 1]);
                let read = parse(&number).map(|pan| names(&pan));
                match brands_of(&number) {
                    Some(brands) => assert_eq!(read.unwrap(), brands, "{number}"),
                    None => assert_eq!(read, Err(InvalidPan::UnknownScheme), "{number}"),
                }
            }
        }
    }
    // Just outside.
    for start in ["2220", "2721", "35279", "3590", "6010", "6012", "643", "8300", "3094", "3059"] {
        let number = with_check_digit(&format!("{start}777777777777777")[..15]);
        let expected = (start == "3059" || start == "3094").then_some(());
        assert_eq!(parse(&number).ok().map(|_| ()), expected, "{number}");
    }
}

#[test]
fn the_blind_spot_of_luhn_is_09_and_90() {
    let one = with_check_digit("424209424242424");
    let other = one.replace("09", "90");
    assert_ne!(one, other);
    assert!(parse(&one).is_ok() && parse(&other).is_ok());
}

proptest! {
    #[test]
    fn every_number_of_a_scheme_is_read_however_it_is_grouped(
        (number, brands) in numbers(),
        separators in proptest::collection::vec("[ \u{a0}\u{2009}-]{0,2}", 20),
        wide in any::<u32>(),
    ) {
        let typed: String = number
            .chars()
            .enumerate()
            .flat_map(|(at, c)| {
                let c = if wide >> at & 1 == 1 {
                    char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap()
                } else {
                    c
                };
                // A dash before the first digit is a minus.
                let separator = if at == 0 { "" } else { &separators[at] };
                separator.chars().chain([c])
            })
            .collect();
        let pan = parse(&typed).unwrap();
        prop_assert_eq!(pan.expose(), &number);
        prop_assert_eq!(&names(&pan), brands);
        let read: Pan = serde_json::from_value(serde_json::json!(typed)).unwrap();
        prop_assert!(read == pan);
    }

    #[test]
    fn one_wrong_digit_is_always_noticed((number, _) in numbers(), at in any::<usize>(), by in 1_u8..10) {
        let mut digits = number.into_bytes();
        let at = at % digits.len();
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        prop_assert_eq!(parse(std::str::from_utf8(&digits).unwrap()), Err(InvalidPan::CheckDigit));
    }

    #[test]
    fn whatever_is_typed_is_a_valid_number_or_an_error(text in "[0-9４２ -]{0,24}|\\PC{0,24}") {
        if let Ok(pan) = parse(&text) {
            prop_assert!((12..=19).contains(&pan.expose().len()));
            prop_assert_eq!(with_check_digit(&pan.expose()[..pan.expose().len() - 1]), pan.expose());
            prop_assert!(parse(pan.expose()).unwrap() == pan);
        }
    }
}
