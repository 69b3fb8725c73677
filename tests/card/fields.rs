//! What else is on a card: expiry, verification code, name; and a card as a whole.

use countersign::Timestamp;
use countersign::card::{Card, CardVerificationCode, Cardholder, Expiry, InvalidExpiry};
use countersign::card_number::LastFour;
use proptest::prelude::*;

use crate::support::unicode::{all, unseen, written, zeros};
use crate::support::{card_of, code};

fn expiry(text: &str) -> Result<(u16, u8), InvalidExpiry> {
    text.parse::<Expiry>().map(|expiry| (expiry.year(), expiry.month()))
}

#[test]
fn an_expiry_date_is_read_as_people_and_forms_write_it() {
    for text in [
        "4/27",
        "04/27",
        "04/2027",
        "04 / 27",
        " 04/27 ",
        "04-27",
        "04 27",
        "04.27",
        "0427",
        "042027",
        "2027-04",
        "2027/4",
        "０４／２７",
        "04\u{2013}27",
        "427",
        "٠٤/٢٧",
        "۰۴۲۷",
        "०४-२०२७",
        "４２７",
        "\u{200f}04\u{a0}/\u{202f}27\u{feff}\n",
    ] {
        assert_eq!(expiry(text), Ok((2027, 4)), "{text}");
    }
    assert_eq!(expiry("926"), Ok((2026, 9)));
    for zero in zeros() {
        assert_eq!(expiry(&written("1130", zero)), Ok((2030, 11)));
        let (month, year) = (written("9", zero), written("2031", zero));
        assert_eq!(expiry(&format!("{month}/{year}")), Ok((2031, 9)));
    }
    for c in unseen() {
        assert_eq!(expiry(&format!("{c}04/27{c}")), Ok((2027, 4)), "{c:?}");
        assert!(expiry(&format!("04{c}/27")).is_err(), "{c:?}");
    }
}

#[test]
fn no_other_text_is_an_expiry_date() {
    for text in [
        "",
        "/",
        "04",
        "04/",
        "/27",
        "027",
        "4/7",
        "00/27",
        "13/27",
        "0027",
        "1327",
        "04/027",
        "04/1999",
        "04/2100",
        "04/27/",
        "04/27/01",
        "2027",
        "27-04-01",
        "20270",
        "04//27x",
        "April 27",
        "4/\u{200b}27",
        "999999",
        "00042027",
        "2027-004",
        "92026",
        "-427",
        "427-",
        "+427",
        &format!("04{}/27", " ".repeat(30)),
        "0427/",
        "/0427",
        "04/27 28",
    ] {
        assert!(expiry(text).is_err(), "{text}");
    }
    for (year, month) in [(1999, 12), (2100, 1), (2027, 0), (2027, 13), (0, 0), (u16::MAX, 255)] {
        assert!(Expiry::new(year, month).is_err());
    }
}

#[test]
fn a_card_is_valid_until_its_month_lasts_nowhere() {
    for (text, last) in [
        ("01/27", "2027-02-01T11:59:59Z"),
        ("02/27", "2027-03-01T11:59:59Z"),
        ("02/28", "2028-03-01T11:59:59Z"),
        ("04/27", "2027-05-01T11:59:59Z"),
        ("12/27", "2028-01-01T11:59:59Z"),
        ("12/99", "2100-01-01T11:59:59Z"),
    ] {
        let expiry: Expiry = text.parse().unwrap();
        let last: Timestamp = last.parse().unwrap();
        let next = Timestamp::from_unix(last.unix() + 1);
        assert!(!expiry.is_over(Timestamp::EPOCH), "{text}");
        assert!(!expiry.is_over(last), "{text}");
        assert!(expiry.is_over(next), "{text}");
        assert!(expiry.is_over(Timestamp::MAX), "{text}");
        assert_eq!(expiry.end(), next, "{text}");
    }
}

#[test]
fn a_card_of_november_is_good_in_the_evening_of_the_thirtieth_in_new_york() {
    let expiry: Expiry = "11/26".parse().unwrap();
    // 19:00 there, and the last second of the month in the last place.
    for good in ["2026-12-01T00:00:00Z", "2026-12-01T04:59:59Z", "2026-12-01T11:59:59Z"] {
        assert!(!expiry.is_over(good.parse().unwrap()), "{good}");
    }
    assert!(expiry.is_over("2026-12-01T12:00:00Z".parse().unwrap()));
}

#[test]
fn a_verification_code_has_three_or_four_digits() {
    for (text, digits) in [
        ("123", "123"),
        (" 0042 ", "0042"),
        ("１２３", "123"),
        ("000\n", "000"),
        ("1 23", "123"),
        ("12-34", "1234"),
        ("١٢٣", "123"),
        ("\u{200e}۱۲۳۴\u{200f}", "1234"),
    ] {
        assert_eq!(text.parse::<CardVerificationCode>().unwrap().expose(), digits);
    }
    for zero in zeros() {
        let code: CardVerificationCode = written("0789", zero).parse().unwrap();
        assert_eq!(code.expose(), "0789");
    }
    for c in unseen() {
        assert!(format!("{c}123{c}").parse::<CardVerificationCode>().is_ok(), "{c:?}");
        assert!(format!("1{c}23").parse::<CardVerificationCode>().is_err(), "{c:?}");
    }
    for text in
        ["", "12", "12345", "12a", "-123", "123-", "+123", "1234567890123", "              123"]
    {
        let parsed = text.parse::<CardVerificationCode>();
        assert!(parsed.is_err(), "{text}");
    }
}

#[test]
fn the_codes_length_is_the_schemes() {
    for (pan, right, wrong) in [
        ("4242424242424242", "123", "1234"),
        ("378282246310005", "1234", "123"),
        ("5555555555554444", "999", "9999"),
        ("6771798021000008", "000", "0000"),
    ] {
        let made = |code: &str| {
            Card::new(
                pan.parse().unwrap(),
                "12/34".parse().unwrap(),
                code.parse().unwrap(),
                "Maria Jones".parse().unwrap(),
            )
        };
        assert!(made(wrong).is_err(), "{pan}");
        let card = made(right).unwrap();
        assert_eq!(card.pan().expose(), pan);
        assert_eq!((card.expiry().year(), card.expiry().month()), (2034, 12));
        assert_eq!(code(&card), right);
        assert_eq!(card.cardholder().expose(), "Maria Jones");
    }
}

#[test]
fn a_name_is_bounded_visible_and_no_card_number() {
    let longest = "é".repeat(45);
    for (text, name) in [
        ("M", "M"),
        (" Maria Jones\n", "Maria Jones"),
        ("Zoë O'Brien-Łukasz", "Zoë O'Brien-Łukasz"),
        ("山田 太郎", "山田 太郎"),
        ("Studio 54 Ltd. 2026", "Studio 54 Ltd. 2026"),
        ("Maria\u{a0}Jones", "Maria Jones"),
        ("Maria \u{a0}  Jones", "Maria Jones"),
        ("\u{3000}山田\u{3000}太郎\u{2003}", "山田 太郎"),
        ("ශ්\u{200d}රී ලංකා", "ශ්\u{200d}රී ලංකා"),
        ("علی\u{200c}رضا", "علی\u{200c}رضا"),
        ("അവന്\u{200d}", "അവന്\u{200d}"),
        (longest.as_str(), longest.as_str()),
    ] {
        assert_eq!(text.parse::<Cardholder>().unwrap().expose(), name);
    }
    let too_long = "é".repeat(46);
    for text in [
        "",
        "  ",
        "Maria\tJones",
        "Maria\u{200b}Jones",
        "Maria\u{202e}Jones",
        "Maria\u{200d}Jones",
        "Maria\u{200c}Jones",
        "Maria Jones\u{200d}",
        "علی\u{200d}رضا",
        "علی\u{200c}",
        "Maria\nJones",
        "4242 4242 4242 4242",
        "Maria 424242424242",
        "４２４２４２４２４２４２",
        "٤٢٤٢٤٢٤٢٤٢٤٢",
        "123",
        "1234",
        "１２３",
        &too_long,
    ] {
        assert!(text.parse::<Cardholder>().is_err(), "{text}");
    }
}

#[test]
fn nothing_that_nobody_sees_stands_in_a_name() {
    for c in unseen() {
        for text in [format!("Maria{c}Jones"), format!("{c}Maria"), format!("Maria{c}")] {
            assert!(text.parse::<Cardholder>().is_err(), "{text:?}");
        }
    }
    // A space of any kind is one; what ends a line is none, except at the ends.
    for c in all(char::is_whitespace) {
        let within = format!("Maria{c}{c}Jones").parse::<Cardholder>();
        let line = matches!(c, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        assert_eq!(within.is_err(), line, "{c:?}");
        assert!(within.map_or(true, |name| name.expose() == "Maria Jones"), "{c:?}");
        assert_eq!(format!("{c}Maria{c}").parse::<Cardholder>().unwrap().expose(), "Maria");
    }
}

#[test]
fn equal_cards_differ_in_every_field() {
    let card = card_of("4242424242424242", "12/34", "123", "Maria Jones");
    assert!(card == card_of("4242 4242 4242 4242", "1234", "123", "Maria Jones"));
    for other in [
        card_of("4000056655665556", "12/34", "123", "Maria Jones"),
        card_of("4242424242424242", "11/34", "123", "Maria Jones"),
        card_of("4242424242424242", "12/33", "123", "Maria Jones"),
        card_of("4242424242424242", "12/34", "124", "Maria Jones"),
        card_of("4242424242424242", "12/34", "123", "Mario Jones"),
    ] {
        assert!(card != other);
    }
}

#[test]
fn the_last_four_are_four_digits() {
    let last: LastFour = "0042".parse().unwrap();
    assert_eq!(serde_json::to_string(&last).unwrap(), "\"0042\"");
    assert_eq!(serde_json::from_str::<LastFour>("\"0042\"").unwrap(), last);
    for text in ["", "042", "00042", "004x", "００"] {
        assert!(text.parse::<LastFour>().is_err(), "{text}");
    }
    let error = serde_json::from_str::<LastFour>("\"SECRET\"").unwrap_err().to_string();
    assert!(!error.contains("SECRET"), "{error}");
}

proptest! {
    #[test]
    fn months_are_written_and_read(year in 2000_u16..=2099, month in 1_u8..=12) {
        let short = year % 100;
        for text in [
            format!("{month}/{short:02}"),
            format!("{month:02}{short:02}"),
            format!("{month}{short:02}"),
            format!("{month:02}/{year}"),
            format!("{month:02}{year}"),
            format!("{year}-{month:02}"),
        ] {
            prop_assert_eq!(expiry(&text), Ok((year, month)), "{}", text);
        }
        let ends = Expiry::new(year, month).unwrap().end();
        prop_assert!(ends.to_string().ends_with("-01T12:00:00Z"), "{}", ends);
    }

    #[test]
    fn whatever_is_typed_is_a_value_or_an_error(text in "[0-9/ .-]{0,9}|\\PC{0,50}") {
        if let Ok((year, month)) = expiry(&text) {
            prop_assert!((2000..=2099).contains(&year) && (1..=12).contains(&month));
        }
        if let Ok(code) = text.parse::<CardVerificationCode>() {
            prop_assert!(matches!(code.expose().len(), 3 | 4));
        }
        if let Ok(name) = text.parse::<Cardholder>() {
            prop_assert!((1..=45).contains(&name.expose().chars().count()));
            prop_assert!(name.expose().parse::<Cardholder>().unwrap() == name);
        }
    }
}
