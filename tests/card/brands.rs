//! The schemes of a card: national ones, two on one card, and ranges that a host gives.

use countersign::card::{Attempt, Card, InvalidPan, Pan};
use countersign::card_number::{Brand, BrandRange, BrandTable, InvalidBrandRange};
use countersign::random::SeededRandom;
use proptest::prelude::*;

use crate::support::{REQUEST, brands_of, key, names, numbers, with_check_digit};

fn brands(start: &str, length: usize) -> Vec<Brand> {
    let number = with_check_digit(&format!("{start}{}", "0".repeat(19))[..length - 1]);
    number.parse::<Pan>().map(|pan| pan.brands().to_vec()).unwrap_or_default()
}

#[test]
fn national_schemes_have_names_of_their_own() {
    for (start, length, brand) in [
        ("607000", 16, Brand::RuPay),
        ("508500", 16, Brand::RuPay),
        ("817200", 16, Brand::RuPay),
        ("820000", 16, Brand::RuPay),
        ("220000", 16, Brand::Mir),
        ("220499", 19, Brand::Mir),
        ("979200", 16, Brand::Troy),
        ("401178", 16, Brand::Elo),
        ("506699", 16, Brand::Elo),
        ("627780", 16, Brand::Elo),
        ("655021", 16, Brand::Elo),
        ("606282", 16, Brand::Hipercard),
        ("384100", 19, Brand::Hipercard),
        ("637095", 16, Brand::Hipercard),
        ("506099", 19, Brand::Verve),
        ("650002", 18, Brand::Verve),
        ("135400", 15, Brand::Uatp),
        ("588845", 16, Brand::Mada),
        ("968201", 16, Brand::Mada),
        ("501900", 16, Brand::Dankort),
    ] {
        assert_eq!(brands(start, length), [brand], "{start}");
    }
    // Around them, and in other lengths, is whose range it is.
    for (start, length, brand) in [
        ("401177", 16, Brand::Visa),
        ("401180", 16, Brand::Visa),
        ("401178", 19, Brand::Visa),
        ("506698", 16, Brand::Maestro),
        ("506699", 17, Brand::Maestro),
        ("508499", 16, Brand::Maestro),
        ("508500", 18, Brand::Maestro),
        ("655020", 16, Brand::Discover),
        ("652149", 16, Brand::Discover),
        ("627781", 16, Brand::UnionPay),
        ("817100", 16, Brand::UnionPay),
        ("384101", 16, Brand::DinersClub),
        ("440646", 16, Brand::Visa),
        ("440647", 13, Brand::Visa),
    ] {
        assert_eq!(brands(start, length), [brand], "{start}");
    }
}

#[test]
fn a_card_may_have_two_schemes() {
    for (start, both) in [
        ("440647", [Brand::Visa, Brand::Mada]),
        ("22337902", [Brand::Mastercard, Brand::Mada]),
        ("513213", [Brand::Mastercard, Brand::Mada]),
        ("457100", [Brand::Visa, Brand::Dankort]),
        ("652150", [Brand::RuPay, Brand::Discover]),
        ("353800", [Brand::Jcb, Brand::RuPay]),
    ] {
        assert_eq!(brands(start, 16), both, "{start}");
    }
    // Eight digits tell one mada card of its neighbours.
    assert_eq!(brands("22337903", 16), [Brand::Mastercard]);
}

/// A card of both, sealed with the choice and opened with it.
#[test]
fn the_customer_s_choice_is_sealed_with_the_card() {
    let number = with_check_digit("440647000000000");
    let card = |number: &str| {
        let (expiry, code) = ("12/34".parse().unwrap(), "123".parse().unwrap());
        Card::new(number.parse().unwrap(), expiry, code, "M".parse().unwrap()).unwrap()
    };
    assert_eq!(card(&number).brand(), Brand::Visa);
    for choice in [None, Some(Brand::Visa), Some(Brand::Mada)] {
        let chosen = match choice {
            Some(brand) => card(&number).with_brand(brand).unwrap(),
            None => card(&number),
        };
        let (key, random) = (key(1), SeededRandom::new(2));
        let sealed =
            chosen.seal_unverified(key.public(), REQUEST, Attempt::FIRST, &random).unwrap();
        let opened = key.open(&sealed, REQUEST).unwrap();
        assert_eq!(opened.chosen_brand(), choice);
        assert_eq!(opened.brand(), choice.unwrap_or(Brand::Visa));
    }
    assert!(card(&number).with_brand(Brand::Mastercard).is_err());
}

fn range(from: &str, to: &str, lengths: &[usize], brands: &[Brand]) -> BrandRange {
    BrandRange::new(from, to, lengths, brands).unwrap()
}

#[test]
fn a_host_s_ranges_count_beside_the_published_ones() {
    let table = BrandTable::new([
        range("982616", "982616", &[16, 19], &[Brand::PrivateLabel]),
        range("0012", "0012", &[16], &[Brand::Interac]),
        range("497010", "497019", &[16], &[Brand::CartesBancaires, Brand::Visa]),
        // As many digits as the published one: the host's counts.
        range("6011", "6011", &[16], &[Brand::PrivateLabel]),
        // Fewer: the published one does.
        range("22", "22", &[16, 17], &[Brand::PrivateLabel]),
    ])
    .unwrap();
    let read = |start: &str, length: usize, table: &BrandTable| {
        let number = with_check_digit(&format!("{start}{}", "0".repeat(19))[..length - 1]);
        Pan::read(&number, table).map(|pan| pan.brands().to_vec())
    };
    for (start, length, brands) in [
        ("982616", 16, &[Brand::PrivateLabel][..]),
        ("982616", 19, &[Brand::PrivateLabel]),
        ("0012", 16, &[Brand::Interac]),
        ("497010", 16, &[Brand::CartesBancaires, Brand::Visa]),
        ("497010", 13, &[Brand::Visa]),
        ("497020", 16, &[Brand::Visa]),
        ("6011", 16, &[Brand::PrivateLabel]),
        ("6011", 17, &[Brand::Discover]),
        ("2200", 16, &[Brand::Mir]),
        ("2205", 16, &[Brand::PrivateLabel]),
        ("2221", 16, &[Brand::Mastercard]),
        ("2221", 17, &[Brand::PrivateLabel]),
    ] {
        assert_eq!(read(start, length, &table).unwrap(), brands, "{start} {length}");
    }
    let plain = BrandTable::default();
    for (start, length) in [("982616", 16), ("0012", 16), ("2205", 16), ("2221", 17)] {
        let read = read(start, length, &plain);
        assert_eq!(read, Err(InvalidPan::UnknownScheme), "{start} {length}");
    }
    assert_eq!(read("982616", 17, &table), Err(InvalidPan::UnknownScheme));
    assert_eq!(Pan::read("9826 1600 0000 0001", &table), Err(InvalidPan::CheckDigit));
}

#[test]
fn a_private_label_card_opens_where_its_range_is_known() {
    let table =
        BrandTable::new([range("982616", "982616", &[16], &[Brand::PrivateLabel])]).unwrap();
    let number = with_check_digit("982616000000000");
    let (expiry, name) = ("12/34".parse().unwrap(), "Maria Jones".parse().unwrap());
    let pan = Pan::read(&number, &table).unwrap();
    // It may have a code of three or four digits, or none.
    for code in ["123", "1234"] {
        let pan = Pan::read(&number, &table).unwrap();
        let name = "Maria Jones".parse().unwrap();
        assert!(Card::new(pan, expiry, code.parse().unwrap(), name).is_ok());
    }
    let card = Card::without_code(pan, expiry, name).unwrap();
    let (key, random) = (key(1), SeededRandom::new(2));
    let sealed = card.seal_unverified(key.public(), REQUEST, Attempt::FIRST, &random).unwrap();
    assert!(key.open(&sealed, REQUEST).is_err());
    assert!(key.open_by(&sealed, REQUEST, &table).unwrap() == card);
}

#[test]
fn what_is_no_range_is_refused() {
    use InvalidBrandRange::{Brands, Digits, Lengths, Overlap};
    let visa = [Brand::Visa];
    for (from, to) in [
        ("", ""),
        ("1", "12"),
        ("2", "1"),
        ("123456789", "123456789"),
        ("12x4", "1299"),
        ("+123", "+124"),
        ("４", "４"),
    ] {
        assert_eq!(BrandRange::new(from, to, &[16], &visa), Err(Digits), "{from} {to}");
    }
    for lengths in [&[][..], &[11], &[20], &[16, 0], &[usize::MAX]] {
        assert_eq!(BrandRange::new("4", "4", lengths, &visa), Err(Lengths), "{lengths:?}");
    }
    let four = [Brand::Visa, Brand::Elo, Brand::Mir, Brand::Jcb];
    for brands in [&[][..], &four, &[Brand::Visa, Brand::Visa]] {
        assert_eq!(BrandRange::new("4", "4", &[16], brands), Err(Brands), "{brands:?}");
    }
    let both = [range("40", "45", &[16], &visa), range("45", "49", &[13], &visa)];
    assert_eq!(BrandTable::new(both), Err(Overlap));
    assert!(
        BrandTable::new([range("40", "45", &[16], &visa), range("4", "4", &[13], &visa)]).is_ok()
    );
}

proptest! {
    /// A host that repeats the published ranges, or gives others elsewhere, changes nothing.
    #[test]
    fn ranges_elsewhere_change_nothing((number, brands) in numbers(), first in 0_u32..1000) {
        let name = format!("99{first:03}");
        let table = BrandTable::new([range(&name, &name, &[16], &[Brand::PrivateLabel])]).unwrap();
        prop_assert_eq!(&names(&Pan::read(&number, &table).unwrap()), brands);
        prop_assert_eq!(Some(brands), brands_of(&number));
    }
}
