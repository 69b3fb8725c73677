//! Billing addresses, as people type them.

use countersign::card::{BillingAddress, Country, InvalidBillingAddress};
use proptest::prelude::*;

fn in_britain() -> BillingAddress {
    BillingAddress::new("GB".parse().unwrap())
}

#[test]
fn a_country_is_one_of_iso_3166() {
    for (code, number) in [("GB", "826"), ("AF", "004"), ("ZW", "716"), ("US", "840")] {
        let country: Country = code.parse().unwrap();
        assert_eq!((country.as_str(), country.numeric()), (code, number));
        assert_eq!(format!("{country:?}"), "[REDACTED]");
        let read: Country = serde_json::from_value(serde_json::json!(code)).unwrap();
        assert!(read == country);
    }
    let letters = || 'A'..='Z';
    let all = letters().flat_map(|one| letters().map(move |two| format!("{one}{two}")));
    assert_eq!(all.filter(|code| code.parse::<Country>().is_ok()).count(), 249);
    for code in ["", "G", "UK", "EU", "XX", "gb", "GBR", "826", "B8", "\u{ff27}\u{ff22}", "GB "] {
        assert!(code.parse::<Country>().is_err(), "{code}");
    }
}

#[test]
fn a_postcode_is_letters_and_digits_in_capitals() {
    for (typed, read) in [
        ("LS1 1AA", "LS1 1AA"),
        (" ls1  1aa\n", "LS1 1AA"),
        ("12345-6789", "12345-6789"),
        ("12345 - 6789", "12345-6789"),
        ("10115", "10115"),
        ("１００-０００１", "100-0001"),
        ("٣٣٥٢١", "33521"),
        ("1234-567\u{a0}89", "1234-567 89"),
        ("D02 X285", "D02 X285"),
        ("12345678901", "12345678901"),
    ] {
        let address = in_britain().with_postcode(typed).unwrap();
        assert_eq!(address.postcode(), Some(read), "{typed}");
    }
    for typed in [
        "",
        " ",
        "-",
        "LS1-",
        "-LS1",
        "LS1/1AA",
        "1234567890123",
        "123456789012",
        "LS1\u{200b}1AA",
        "〒100",
        "É1",
        &format!("1{}1", " ".repeat(40)),
    ] {
        let read = in_britain().with_postcode(typed);
        assert_eq!(read, Err(InvalidBillingAddress::Postcode), "{typed}");
    }
}

#[test]
fn a_region_is_a_code() {
    for (typed, read) in [("CA", "CA"), (" ca ", "CA"), ("ENG", "ENG"), ("７５", "75"), ("1", "1")]
    {
        let address = in_britain().with_region(typed).unwrap();
        assert_eq!(address.region(), Some(read), "{typed}");
    }
    for typed in ["", "C-A", "C A", "ABCD", "Ontario", "É"] {
        let read = in_britain().with_region(typed);
        assert_eq!(read, Err(InvalidBillingAddress::Region), "{typed}");
    }
}

#[test]
fn lines_are_bounded_visible_and_no_card_number() {
    let longest = "é".repeat(50);
    let (line, city) = (BillingAddress::with_line, BillingAddress::with_city);
    for (typed, read) in [
        ("12", "12"),
        (" 1 High\u{a0} Street\n", "1 High Street"),
        ("千代田区千代田1-1", "千代田区千代田1-1"),
        ("12345678901", "12345678901"),
        (&longest, &*longest),
    ] {
        let address = city(line(in_britain(), typed).unwrap(), typed).unwrap();
        assert_eq!(address.lines().collect::<Vec<_>>(), [read]);
        assert_eq!(address.city(), Some(read));
    }
    for typed in [
        "",
        " ",
        "High\tStreet",
        "High\u{200b}Street",
        "High\u{202e}Street",
        "4242 4242 4242",
        "No 4242 4242 4242 4242",
        "４２４２４２４２４２４２",
        &"é".repeat(51),
    ] {
        assert_eq!(line(in_britain(), typed), Err(InvalidBillingAddress::Line), "{typed}");
        assert_eq!(city(in_britain(), typed), Err(InvalidBillingAddress::City), "{typed}");
    }
    let mut address = in_britain();
    for n in ["Flat 1", "2 Long Row", "Old Town"] {
        address = line(address, n).unwrap();
    }
    assert_eq!(address.lines().collect::<Vec<_>>(), ["Flat 1", "2 Long Row", "Old Town"]);
    assert_eq!(line(address, "Yorks"), Err(InvalidBillingAddress::Line));
}

#[test]
fn equal_addresses_differ_in_no_part() {
    let whole = |country: &str, region, postcode, city, line| {
        let address = BillingAddress::new(country.parse().unwrap());
        let address = address.with_region(region).unwrap().with_postcode(postcode).unwrap();
        address.with_city(city).unwrap().with_line(line).unwrap()
    };
    let one = whole("GB", "ENG", "LS1 1AA", "Leeds", "1 High Street");
    assert!(one == whole("GB", "eng", "ls1 1aa", "Leeds ", "1 High  Street"));
    assert!(one != whole("IE", "ENG", "LS1 1AA", "Leeds", "1 High Street"));
    assert!(one != whole("GB", "SCT", "LS1 1AA", "Leeds", "1 High Street"));
    assert!(one != whole("GB", "ENG", "LS1 1AB", "Leeds", "1 High Street"));
    assert!(one != whole("GB", "ENG", "LS1 1AA", "York", "1 High Street"));
    assert!(one != whole("GB", "ENG", "LS1 1AA", "Leeds", "2 High Street"));
    assert_eq!(format!("{one:?}"), "BillingAddress([REDACTED])");
}

proptest! {
    #[test]
    fn whatever_is_typed_is_canonical_or_an_error(text in "[0-9a-z -]{0,16}|\\PC{0,60}") {
        if let Ok(address) = in_britain().with_postcode(&text) {
            let read = address.postcode().unwrap();
            prop_assert!((1..=12).contains(&read.len()));
            prop_assert!(read.bytes().filter(u8::is_ascii_digit).count() < 12);
            let again = in_britain().with_postcode(read).unwrap();
            prop_assert_eq!(again.postcode(), Some(read));
        }
        if let Ok(address) = in_britain().with_line(&text) {
            let read = address.lines().next().unwrap();
            prop_assert!((1..=50).contains(&read.chars().count()));
            let again = in_britain().with_line(read).unwrap();
            prop_assert!(again == address);
        }
    }
}
