//! What people type, paste and press: codes, PINs and spoken codes in every script's digits.

use countersign::device::SmartPin;
use countersign::otp::ocra::Response;
use countersign::otp::{Code, CodeError};
use countersign::spoken::{SpokenCode, SpokenError, SpokenWords};
use proptest::prelude::*;

use crate::support::unicode::{all, dashes, is_dash, is_decimal, unseen, written, zeros};

/// Each reader of digits, as whether it takes a text for `digits`, eight of them.
fn readers(text: &str, digits: &str) -> [(&'static str, bool); 4] {
    let response = text.parse::<Response>();
    let spoken = text.parse::<SpokenCode>();
    let pin: SmartPin = digits.parse().unwrap();
    [
        ("code", text.parse::<Code>().is_ok_and(|code| code.expose() == digits)),
        ("response", response.is_ok_and(|response| response.expose() == digits)),
        ("PIN", text.parse::<SmartPin>().is_ok_and(|typed| typed == pin)),
        ("spoken", spoken.is_ok_and(|code| code.digits().replace(' ', "") == digits)),
    ]
}

fn taken(text: &str, digits: &str) {
    for (reader, taken) in readers(text, digits) {
        assert!(taken, "{reader}: {text:?}");
    }
}

/// No reader takes it, for any digits.
fn refused(text: &str) {
    let shown: String = text.chars().take(40).collect();
    assert!(text.parse::<Code>().is_err(), "{shown:?}");
    assert!(text.parse::<Response>().is_err(), "{shown:?}");
    assert!(text.parse::<SmartPin>().is_err(), "{shown:?}");
    assert!(text.parse::<SpokenCode>().is_err(), "{shown:?}");
}

#[test]
fn what_people_type_and_paste_is_read() {
    for text in [
        "12345678\n",
        "\t1234\t5678",
        "1234\u{a0}5678",
        "1234\u{202f}5678",
        "1234-5678",
        "1234\u{2011}5678",
        "1234 - 5678",
        "\u{200e}12345678\u{200f}",
        "\u{feff}12345678",
        "\u{202a}1234 5678\u{202c}\n",
        "１２３４５６７８",
        "١٢٣٤٥٦٧٨",
        "۱۲۳۴۵۶۷۸",
        "१२३४ ५६७८",
        "12३४٥٦78",
    ] {
        taken(text, "12345678");
    }
}

#[test]
fn every_script_s_digits_are_digits() {
    for zero in zeros() {
        for digits in ["01234567", "89012345"] {
            taken(&written(digits, zero), digits);
        }
    }
}

#[test]
fn every_character_that_nobody_sees_may_stand_at_the_ends_and_none_within() {
    for c in unseen() {
        taken(&format!("{c}12345678"), "12345678");
        taken(&format!("12345678{c}"), "12345678");
        taken(&format!("\n{c} {c}12345678 {c}\t"), "12345678");
        refused(&format!("1234{c}5678"));
    }
}

#[test]
fn every_space_and_dash_may_stand_within_and_no_dash_at_the_ends() {
    for c in all(char::is_whitespace) {
        taken(&format!("{c}1234{c}5678{c}"), "12345678");
    }
    for c in dashes() {
        taken(&format!("1234{c}5678"), "12345678");
        taken(&format!("12 {c} 345678"), "12345678");
        for text in ["{}12345678", "12345678{}", " {}12345678", "12345678 {}\n", "{}", "{}{}"] {
            refused(&text.replace("{}", &c.to_string()));
        }
    }
}

#[test]
fn nothing_else_is_a_digit() {
    for text in [
        "",
        "\u{200e}",
        "+12345678",
        "1234.5678",
        "1234,5678",
        "1234_5678",
        "1234/5678",
        "1234567a",
        "O1234567",
        "1234567²",
        "1234567Ⅷ",
        "一二三四五六七八",
        "⑴⑵⑶⑷⑸⑹⑺⑻",
        "①②③④⑤⑥⑦⑧",
        "1\u{20e3}2345678",
        "\u{600}12345678",
        "12345678\u{301}",
        "\0 12345678",
    ] {
        refused(text);
    }
    // Lengths are the fields' own.
    for (text, code, pin) in [
        ("١٢٣", false, false),
        ("١٢٣٤", true, true),
        ("١٢٣٤٥٦٧٨٩٠", true, true),
        ("١٢٣٤٥٦٧٨٩٠١", false, true),
        ("١٢٣٤٥٦٧٨٩٠١٢", false, true),
        ("١٢٣٤٥٦٧٨٩٠١٢٣", false, false),
    ] {
        assert_eq!(text.parse::<Code>().is_ok(), code, "{text}");
        assert_eq!(text.parse::<SmartPin>().is_ok(), pin, "{text}");
        assert!(text.parse::<SpokenCode>().is_err(), "{text}");
    }
}

#[test]
fn no_reader_reads_on_for_ever() {
    let far = " ".repeat(10_000_000) + "12345678";
    refused(&far);
    refused(&"\u{200e}".repeat(129));
    assert_eq!(far.parse::<Code>().unwrap_err(), CodeError::Length);
    assert_eq!(far.parse::<SpokenCode>().unwrap_err(), SpokenError::Length);
}

#[test]
fn a_whole_hmac_may_be_pasted_with_white_space_around_it_and_none_within() {
    for length in [40, 64, 128] {
        let whole = "0Af9".repeat(length / 4);
        let read = format!("\u{feff}\t{whole}\r\n").parse::<Response>().unwrap();
        assert_eq!(read.expose(), whole.to_lowercase());
        let (one, other) = whole.split_at(20);
        assert!(format!("{one} {other}").parse::<Response>().is_err());
    }
    // Forty bytes, and yet a code.
    let code = written("1234567890", '\u{1d7ce}');
    assert_eq!(code.len(), 40);
    assert_eq!(code.parse::<Response>().unwrap().expose(), "1234567890");
}

#[test]
fn words_are_divided_by_any_space_and_dash() {
    let words: SpokenWords = "deckhand aggregate banjo caretaker".parse().unwrap();
    for c in all(char::is_whitespace).into_iter().chain(dashes()) {
        let heard = format!("\u{feff}deckhand{c}aggregate{c} banjo{c}caretaker\u{200e}");
        assert_eq!(heard.parse().as_ref(), Ok(&words), "{c:?}");
        assert!(heard.parse::<SpokenCode>().is_ok(), "{c:?}");
    }
    for c in unseen() {
        let heard = format!("deckhand{c}aggregate banjo caretaker");
        assert_eq!(heard.parse::<SpokenWords>(), Err(SpokenError::Unknown), "{c:?}");
    }
}

#[test]
fn what_was_typed_is_never_repeated() {
    for text in ["\"١٢٣٤x\"", "\"1234567x\"", "\"12345678-\"", "12345678", "[\"١٢٣٤\"]"] {
        for error in [
            serde_json::from_str::<Code>(text).map(drop).unwrap_err(),
            serde_json::from_str::<Response>(text).map(drop).unwrap_err(),
            serde_json::from_str::<SmartPin>(text).map(drop).unwrap_err(),
        ] {
            let said = format!("{error} {error:?}");
            assert!(!said.contains("234") && !said.contains("٢٣"), "{said}");
        }
    }
    let pin: SmartPin = serde_json::from_str("\"١٢٣٤\"").unwrap();
    assert!(pin == "1234".parse().unwrap() && !format!("{pin:?}").contains("234"));
}

/// Of each kind one or more.
const SPACES: &str = " \t\n\r\u{85}\u{a0}\u{2003}\u{2028}\u{202f}\u{3000}";

proptest! {
    #[test]
    fn digits_are_read_however_they_are_written(
        digits in "[0-9]{8}",
        scripts in proptest::collection::vec(any::<prop::sample::Index>(), 8),
        between in proptest::collection::vec(any::<Option<prop::sample::Index>>(), 7),
        ends in proptest::collection::vec(any::<prop::sample::Index>(), 6),
        inserted in any::<char>(),
        at in any::<prop::sample::Index>(),
    ) {
        let zeros: Vec<_> = zeros().collect();
        let spaces = || SPACES.chars();
        let separators: Vec<_> = spaces().chain(dashes()).collect();
        let mut middle = Vec::new();
        for (n, digit) in digits.chars().enumerate() {
            if let Some(Some(chosen)) = n.checked_sub(1).map(|n| between[n]) {
                middle.push(*chosen.get(&separators));
            }
            middle.extend(written(&digit.to_string(), *scripts[n].get(&zeros)).chars());
        }
        let around: Vec<_> = spaces().chain(unseen()).collect();
        let end = |chosen: &[prop::sample::Index]| -> String {
            chosen.iter().map(|chosen| *chosen.get(&around)).collect()
        };
        let text: String = middle.iter().collect();
        taken(&format!("{}{text}{}", end(&ends[..3]), end(&ends[3..])), &digits);

        // One more character within, of any other kind, and it is no code.
        let stranger = !is_decimal(inserted) && !inserted.is_whitespace() && !is_dash(inserted);
        prop_assume!(stranger);
        middle.insert(1 + at.index(middle.len() - 1), inserted);
        refused(&middle.iter().collect::<String>());
    }
}
