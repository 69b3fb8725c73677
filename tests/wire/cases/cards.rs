//! Cards as typed, sealed.

use serde_json::{Value, json};

use super::{Case, refused, taken};
use crate::world::{SEALING_KEY, T, changed};

fn typed() -> Value {
    json!({ "pan": "4242 4242 4242 4242", "expiry": "12/34", "code": "123", "cardholder": "Maria Jones" })
}

fn address() -> Value {
    json!({
        "country": "GB", "region": "LDS", "postcode": "ls1  1aa", "city": "Leeds",
        "lines": ["1 High Street", "Flat 2", "c/o Jones"],
    })
}

fn input(card: Value) -> Value {
    json!({
        "card": card, "key": SEALING_KEY, "request": "v4.public.example", "attempt": 1,
        "drawn": "2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9",
    })
}

pub(super) fn cases() -> Vec<Case> {
    let with = |name: &str, value: Value| input(changed(&typed(), name, Some(value)));
    let without = |name: &str| input(changed(&typed(), name, None));
    let mut cases = vec![
        taken("a card", input(typed()), T),
        taken("for a later attempt", changed(&input(typed()), "attempt", Some(json!(255))), T),
        taken(
            "for another request",
            changed(&input(typed()), "request", Some(json!("v4.public.other"))),
            T,
        ),
        taken("kept for recurring payments", with("stored_credential", json!("recurring")), T),
        taken("with an address", with("billing_address", address()), T),
        taken("with a country alone", with("billing_address", json!({"country": "IE"})), T),
        refused(
            "a weak key",
            changed(&input(typed()), "key", Some(json!("0".repeat(52)))),
            T,
            "key",
        ),
    ];
    for pan in [
        "４２４２ 424242424242",
        "4242-4242-4242-4242",
        "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
        "5555555555554444",
        "6011111111111117",
        "36227206271667",
        "3566002020360505",
        "6200000000000005",
        "6205500000000000004",
    ] {
        cases.push(taken(format!("the number {pan}"), with("pan", json!(pan)), T));
    }
    let cobadged = |brand: &str| {
        let mut card = changed(&typed(), "pan", Some(json!("4571 0000 0000 0001")));
        card["brand"] = json!(brand);
        input(card)
    };
    cases.push(taken("the other scheme of a co-badged card", cobadged("dankort"), T));
    cases.push(refused("a scheme that the card has not", cobadged("mastercard"), T, "brand"));
    let amex = |code: &str| {
        let mut card = changed(&typed(), "pan", Some(json!("378282246310005")));
        card["code"] = json!(code);
        input(card)
    };
    cases.push(taken("four digits on American Express", amex("1234"), T));
    cases.push(refused("three digits on American Express", amex("123"), T, "code_length"));
    let maestro = changed(&changed(&typed(), "pan", Some(json!("5000000000000009"))), "code", None);
    cases.push(taken("no code on Maestro", input(maestro), T));
    cases.push(refused("no code on Visa", without("code"), T, "code_length"));
    for (pan, error) in [
        ("4242424242424241", "pan_check_digit"),
        ("42424242424", "pan_length"),
        ("42424242424242424242", "pan_length"),
        ("4242x242424242424", "pan_digits"),
        ("-4242424242424242", "pan_digits"),
        ("9999999999999995", "pan_unknown_scheme"),
        ("424242424242424", "pan_unknown_scheme"),
    ] {
        cases.push(refused(format!("no number: {pan}"), with("pan", json!(pan)), T, error));
    }
    for expiry in [
        "1/27",
        "01 / 2027",
        "01-27",
        "0127",
        "127",
        "2027-01",
        "012027",
        "٠١/٢٧",
        "09.26",
        "12/99",
        "1/00",
    ] {
        cases.push(taken(format!("the expiry {expiry}"), with("expiry", json!(expiry)), T));
    }
    for expiry in [
        "", "13/27", "0/27", "1/1999", "1/2100", "1", "12", "1/2/27", "01/2", "1/027", "/127",
        "a/27", "12027",
    ] {
        cases.push(refused(
            format!("no expiry: {expiry:?}"),
            with("expiry", json!(expiry)),
            T,
            "expiry",
        ));
    }
    for code in ["", "12", "12345", "12a"] {
        cases.push(refused(format!("no code: {code:?}"), with("code", json!(code)), T, "code"));
    }
    cases.push(refused(
        "a code of four digits on Visa",
        with("code", json!("1234")),
        T,
        "code_length",
    ));
    for name in
        ["  Maria \u{a0} Jones ", "José Ñandú", "张伟", "علی‌رضا", "X Æ A-12", &"é".repeat(45)]
    {
        cases.push(taken(
            format!("the name {}", name.chars().take(14).collect::<String>()),
            with("cardholder", json!(name)),
            T,
        ));
    }
    for name in [
        "",
        "   ",
        "123",
        "4242424242424242",
        "Maria 123456789012",
        "Maria\tJones",
        "Maria\u{200b}",
        &"x".repeat(46),
        "Ma\u{200d}ria",
    ] {
        cases.push(refused(
            format!("no name: {:?}", name.chars().take(20).collect::<String>()),
            with("cardholder", json!(name)),
            T,
            "cardholder",
        ));
    }
    let wallet = |value: &str, eci: Value| {
        let mut card = changed(&typed(), "code", None);
        card["cryptogram"] = json!({ "value": value, "eci": eci, "wallet": "apple_pay" });
        input(card)
    };
    cases.push(taken(
        "a wallet's cryptogram",
        wallet("AgAAAAAAAIR8CQrXcIhbQAAAAAA=", json!("5")),
        T,
    ));
    cases.push(taken(
        "a cryptogram without an indicator",
        wallet("AgAAAAAAAIR8CQrX", Value::Null),
        T,
    ));
    for value in
        ["", "AgAA", "AgAAAAAAAIR8CQrXcIhbQAAAAAA", "AgAAAAAAAIR8CQrXcIhbQAAAAAB=", &"A".repeat(60)]
    {
        cases.push(refused(
            format!("no cryptogram: {} characters", value.len()),
            wallet(value, Value::Null),
            T,
            "cryptogram",
        ));
    }
    for (member, value, error) in [
        ("country", json!("UK"), "address_country"),
        ("country", json!("gb"), "address_country"),
        ("region", json!("LEEDS"), "address_region"),
        ("region", json!("A-B"), "address_region"),
        ("postcode", json!("LS1!1AA"), "address_postcode"),
        ("postcode", json!("LS1-"), "address_postcode"),
        ("postcode", json!("1234567890123"), "address_postcode"),
        ("postcode", json!("123456789012"), "address_postcode"),
        ("city", json!("x".repeat(51)), "address_city"),
        ("city", json!(""), "address_city"),
        ("lines", json!(["1", "2", "3", "4"]), "address_line"),
        ("lines", json!(["4242424242424242"]), "address_line"),
        ("lines", json!([""]), "address_line"),
    ] {
        let wrong = changed(&address(), member, Some(value.clone()));
        cases.push(refused(
            format!("no address: {member} {value}"),
            with("billing_address", wrong),
            T,
            error,
        ));
    }
    for postcode in ["12345 - 678", "１２３４５", "ls1\u{a0}1aa", "D02 AF30"] {
        cases.push(taken(
            format!("the postcode {postcode}"),
            with("billing_address", json!({"country": "US", "postcode": postcode})),
            T,
        ));
    }
    cases
}
