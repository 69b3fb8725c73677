//! A card from its fields as typed, and the names of what is wrong with one.

use countersign::card::{
    BillingAddress, Card, Cardholder, Country, Cryptogram, Eci, Expiry, InvalidBillingAddress,
    InvalidPan, Pan, Wallet,
};
use serde_json::Value;

pub(crate) fn card(given: &Value) -> Result<Card, String> {
    let typed = |name: &str| given[name].as_str();
    let pan: Pan = typed("pan").unwrap().parse().map_err(|error| match error {
        InvalidPan::NotDigits => named("pan_digits"),
        InvalidPan::Length => named("pan_length"),
        InvalidPan::CheckDigit => named("pan_check_digit"),
        _ => named("pan_unknown_scheme"),
    })?;
    let cardholder: Cardholder =
        typed("cardholder").unwrap().parse().map_err(|_| named("cardholder"))?;
    let expiry: Expiry = typed("expiry").unwrap().parse().map_err(|_| named("expiry"))?;
    let mut card = match (&given["cryptogram"], typed("code")) {
        (Value::Object(of), _) => Card::with_cryptogram(pan, expiry, cryptogram(of)?, cardholder),
        (_, Some(code)) => {
            Card::new(pan, expiry, code.parse().map_err(|_| named("code"))?, cardholder)
                .map_err(|_| named("code_length"))?
        }
        _ => Card::without_code(pan, expiry, cardholder).map_err(|_| named("code_length"))?,
    };
    if given["brand"].is_string() {
        let brand = serde_json::from_value(given["brand"].clone()).map_err(|_| named("brand"))?;
        card = card.with_brand(brand).map_err(|_| named("brand"))?;
    }
    if given["stored_credential"].is_string() {
        let agreed = serde_json::from_value(given["stored_credential"].clone()).unwrap();
        card = card.with_stored_credential(agreed);
    }
    Ok(match &given["billing_address"] {
        Value::Object(_) => card.with_billing_address(address(&given["billing_address"])?),
        _ => card,
    })
}

fn named(error: &str) -> String {
    error.to_owned()
}

fn cryptogram(of: &serde_json::Map<String, Value>) -> Result<Cryptogram, String> {
    let wrong = || named("cryptogram");
    let eci = match of.get("eci").and_then(Value::as_str) {
        Some(eci) => Some(eci.parse::<Eci>().map_err(|_| wrong())?),
        None => None,
    };
    let wallet: Wallet = serde_json::from_value(of["wallet"].clone()).unwrap();
    Cryptogram::new(of["value"].as_str().unwrap(), eci, wallet).map_err(|_| wrong())
}

fn address(given: &Value) -> Result<BillingAddress, String> {
    let typed = |name: &str| given[name].as_str();
    let wrong = |error| match error {
        InvalidBillingAddress::Line => named("address_line"),
        InvalidBillingAddress::City => named("address_city"),
        InvalidBillingAddress::Postcode => named("address_postcode"),
        _ => named("address_region"),
    };
    let country: Country =
        typed("country").unwrap().parse().map_err(|_| named("address_country"))?;
    let mut address = BillingAddress::new(country);
    if let Some(region) = typed("region") {
        address = address.with_region(region).map_err(wrong)?;
    }
    if let Some(postcode) = typed("postcode") {
        address = address.with_postcode(postcode).map_err(wrong)?;
    }
    if let Some(city) = typed("city") {
        address = address.with_city(city).map_err(wrong)?;
    }
    for line in given["lines"].as_array().into_iter().flatten() {
        address = address.with_line(line.as_str().unwrap()).map_err(wrong)?;
    }
    Ok(address)
}
