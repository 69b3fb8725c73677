//! What wallets give in place of a code, what the customer chooses, and what they agree to.

use countersign::card::{
    Attempt, Card, CardVerificationCode, Cryptogram, Eci, StoredCredential, Verification, Wallet,
};
use countersign::card_number::Brand;

use crate::support::{card, card_of};

const TAVV: &str = "AgAAAAAAAIR8CQrXcIhbQAAAAAA=";

#[test]
fn a_cryptogram_is_canonical_base64() {
    for value in [TAVV, &"Ab1+".repeat(14), "AAAAAAAAAAAAAAAA", &format!(" {TAVV}\n")] {
        let read = Cryptogram::new(value, None, Wallet::GooglePay).unwrap();
        assert_eq!(read.expose(), value.trim());
        assert_eq!((read.eci(), read.wallet()), (None, Wallet::GooglePay));
        assert_eq!(format!("{read:?}"), "Cryptogram([REDACTED])");
    }
    for value in [
        "",
        &TAVV[..27],
        &TAVV[1..],
        "AgAAAAAAAIR8CQrXcIhbQAAAAAB=",
        "AgAAAAAAAIR8CQrXcIhbQAAAAA_=",
        "AgAAAAAAAIR8CQ XcIhbQAAAAAA=",
        "AAAAAAAAAAAA",
        &"Ab1+".repeat(15),
        &"Ab1+".repeat(1000),
        "AgAAAAAAAIR8CQrXcIhbQAAAAAA==",
    ] {
        assert!(Cryptogram::new(value, None, Wallet::Other).is_err(), "{value}");
    }
}

#[test]
fn an_indicator_has_two_digits() {
    for (text, read) in [("05", "05"), ("7", "07"), (" 02 ", "02"), ("０７", "07"), ("00", "00")]
    {
        assert_eq!(text.parse::<Eci>().unwrap().as_str(), read);
    }
    for text in ["", "005", "x5", "-5", "５x", "5               5"] {
        assert!(text.parse::<Eci>().is_err(), "{text}");
    }
}

#[test]
fn a_wallets_card_has_a_cryptogram_and_no_code() {
    let eci = Some("05".parse().unwrap());
    let made = |value: &str, eci, wallet| {
        let cryptogram = Cryptogram::new(value, eci, wallet).unwrap();
        let (pan, expiry) = ("4242424242424242".parse().unwrap(), "12/34".parse().unwrap());
        Card::with_cryptogram(pan, expiry, cryptogram, "Maria Jones".parse().unwrap())
    };
    let one = made(TAVV, eci, Wallet::ApplePay);
    let Verification::Cryptogram(cryptogram) = one.verification() else { panic!() };
    assert_eq!(cryptogram.eci().unwrap().as_str(), "05");
    assert!(one == made(TAVV, eci, Wallet::ApplePay));
    assert!(one != made(&TAVV.replace('R', "S"), eci, Wallet::ApplePay));
    assert!(one != made(TAVV, None, Wallet::ApplePay));
    assert!(one != made(TAVV, eci, Wallet::GooglePay));
    assert!(one != card());
    assert_eq!(
        format!("{one:?} {:?}", one.verification()),
        "Card([REDACTED]) Cryptogram(Cryptogram([REDACTED]))"
    );
}

#[test]
fn only_schemes_that_print_none_have_cards_without_a_code() {
    let without = |pan: &str| {
        let (expiry, name) = ("12/34".parse().unwrap(), "Maria Jones".parse().unwrap());
        Card::without_code(pan.parse().unwrap(), expiry, name)
    };
    assert!(*without("6771798021000008").unwrap().verification() == Verification::Nothing);
    for pan in ["4242424242424242", "5555555555554444", "378282246310005", "6011111111111117"] {
        assert!(without(pan).is_err(), "{pan}");
    }
    for brand in [Brand::Uatp, Brand::Maestro, Brand::Girocard, Brand::Interac, Brand::PrivateLabel]
    {
        assert!(!brand.needs_code(), "{brand}");
    }
    assert!(Brand::Visa.needs_code() && Brand::Mada.needs_code());
}

#[test]
fn a_customer_chooses_among_the_schemes_that_the_card_has() {
    let one = card();
    assert_eq!((one.brand(), one.chosen_brand()), (Brand::Visa, None));
    let chosen = one.with_brand(Brand::Visa).unwrap();
    assert_eq!((chosen.brand(), chosen.chosen_brand()), (Brand::Visa, Some(Brand::Visa)));
    assert!(chosen != card());
    assert!(card().with_brand(Brand::Mastercard).is_err());
}

#[test]
fn what_the_customer_agrees_to_is_told() {
    assert_eq!(card().stored_credential(), None);
    for (agreed, name, merchants) in [
        (StoredCredential::CustomerInitiated, "customer_initiated", false),
        (StoredCredential::Recurring, "recurring", true),
        (StoredCredential::Instalment, "instalment", true),
        (StoredCredential::Unscheduled, "unscheduled", true),
    ] {
        let card = card().with_stored_credential(agreed);
        assert_eq!(card.stored_credential(), Some(agreed));
        assert_eq!(agreed.is_merchant_initiated(), merchants);
        assert_eq!(serde_json::to_value(agreed).unwrap(), name);
        assert_eq!(serde_json::from_value::<StoredCredential>(name.into()).unwrap(), agreed);
    }
}

#[test]
fn attempts_are_counted_from_one() {
    assert_eq!(Attempt::new(0), None);
    assert_eq!(Attempt::FIRST.next().map(Attempt::number), Some(2));
    assert_eq!(Attempt::new(255).unwrap().next(), None);
    assert_eq!(serde_json::to_string(&Attempt::FIRST).unwrap(), "1");
    assert_eq!(serde_json::from_str::<Attempt>("3").unwrap().to_string(), "3");
    for text in ["0", "256", "-1", "\"SECRET\"", "1.5"] {
        let error = serde_json::from_str::<Attempt>(text).unwrap_err().to_string();
        assert!(!error.contains("SECRET"), "{error}");
    }
}

#[test]
fn a_code_says_nothing_where_it_is_shown() {
    let card = card_of("4242424242424242", "12/34", "123", "Maria Jones");
    assert_eq!(format!("{:?}", card.verification()), "Code(CardVerificationCode([REDACTED]))");
    assert!(
        matches!(card.verification(), Verification::Code(code) if *code == "123".parse::<CardVerificationCode>().unwrap())
    );
}
