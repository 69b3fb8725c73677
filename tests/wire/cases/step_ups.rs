//! Step-ups.

use serde_json::{Value, json};

use super::envelope::{short, whole};
use super::{Case, gives, refused, taken};
use crate::world::{CREDENTIAL, DURESS, PIN, T, Token, changed, credential};

pub(super) fn transaction() -> Value {
    json!({"kind": "transfer", "amount": 500_000, "currency": "GBP", "payee": "Jones Roofing", "reference": "Invoice 7"})
}

fn data() -> Value {
    json!({
        "step_up": "t38x5mymtqbdfp6svbdxsqeyvw", "credential": CREDENTIAL, "method": "ocra",
        "interaction": "call-1", "direction": "inbound", "agent_name": "Bob from Example Bank",
        "transaction": transaction(),
    })
}

fn token() -> Token {
    Token::of("step_up", 300, &data())
}

fn input(token: String) -> Value {
    json!({ "token": token, "credential": credential(), "pin": PIN })
}

fn shown(token: String) -> Value {
    json!({ "token": token })
}

/// The input of a step-up with this transaction.
fn of(change: &[(&str, Value)]) -> Value {
    let mut asked = transaction();
    for (name, value) in change {
        asked = changed(&asked, name, Some(value.clone()));
    }
    input(Token::of("step_up", 300, &changed(&data(), "transaction", Some(asked))).signed())
}

fn with(name: &str, value: Option<Value>) -> Value {
    input(Token::of("step_up", 300, &changed(&data(), name, value)).signed())
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = short(&token, 600, &shown, |rejection| rejection);
    cases.extend(whole(&token, &shown));
    let good = token().signed();
    let pinned = |pin: &str| json!({"token": good, "credential": credential(), "pin": pin});
    cases.push(taken("approved", pinned(PIN), T));
    cases.push(taken("approved under coercion", pinned(DURESS), T));
    cases.push(taken("a wrong PIN gives a wrong code", pinned("0000"), T));
    cases.push(refused("no PIN", pinned("123"), T, "pin"));
    cases.push(refused(
        "another credential's",
        with("credential", Some(json!("208h44rm2mb1e60s38dhr78y3w"))),
        T,
        "other_credential",
    ));
    cases.push(taken("the enterprise has called", with("direction", Some(json!("outbound"))), T));
    for (name, value) in [
        ("no amount", json!(0)),
        ("the largest amount", json!(u64::MAX)),
        ("an amount beyond what JavaScript counts", json!((1_u64 << 53) + 1)),
    ] {
        cases.push(taken(name, of(&[("amount", value)]), T));
    }
    for (currency, amount) in [
        ("JPY", 5000),
        ("KWD", 1_234_567),
        ("HUF", 123_456),
        ("IDR", 1_000_000),
        ("CLF", 10_001),
        ("XAU", 3),
        ("COP", 99),
    ] {
        cases.push(taken(
            format!("in {currency}"),
            of(&[("currency", json!(currency)), ("amount", json!(amount))]),
            T,
        ));
    }
    for kind in ["payment", "new_payee", "change", "new_authenticator"] {
        cases.push(taken(format!("a {kind}"), of(&[("kind", json!(kind))]), T));
        cases.push(taken(
            format!("a {kind} without an amount"),
            of(&[("kind", json!(kind)), ("amount", json!(0))]),
            T,
        ));
    }
    for suite in [
        "OCRA-1:HOTP-SHA1-6:QN08",
        "OCRA-1:HOTP-SHA256-8:QH64",
        "OCRA-1:HOTP-SHA512-8:QA10-PSHA1",
        "OCRA-1:HOTP-SHA256-8:QN19",
    ] {
        cases.push(taken(format!("for a fob with {suite}"), with("suite", Some(json!(suite))), T));
    }
    cases.push(taken("null for what may be missing", with("suite", Some(Value::Null)), T));
    for suite in [
        "",
        "OCRA-1:HOTP-SHA256-8:QH65",
        "OCRA-1:HOTP-SHA256-8:QN8",
        "ocra-1:hotp-sha256-8:qh64",
        "OCRA-1:HOTP-SHA256-3:QH64",
    ] {
        cases.push(refused(
            format!("no suite: {suite}"),
            with("suite", Some(json!(suite))),
            T,
            "claims",
        ));
    }
    for name in ["José Ñandú", "张伟", "علی‌رضا", "ශ්‍රී", "Ὀδυσσεύς 😀", &"é".repeat(256)]
    {
        cases.push(taken(
            format!("the payee {}", name.chars().take(12).collect::<String>()),
            of(&[("payee", json!(name))]),
            T,
        ));
    }
    for (name, payee) in [
        ("an empty payee", ""),
        ("a payee of 257 characters", &"é".repeat(257)),
        ("a payee that shows nothing", "\u{3164}"),
        ("a payee of two lines", "Jones\nRoofing"),
        ("a payee with a bidirectional control", "Jones\u{202e}gnifooR"),
        ("a payee with two spaces in a row", "Jones  Roofing"),
        ("a payee with a joiner where none joins", "Jo\u{200d}nes"),
    ] {
        cases.push(refused(name, of(&[("payee", json!(payee))]), T, "claims"));
    }
    for (name, change) in [
        ("an amount below nothing", ("amount", json!(-1))),
        ("an amount with a part", ("amount", json!(1.5))),
        ("an amount as a text", ("amount", json!("1"))),
        ("a kind that nobody knows", ("kind", json!("later"))),
        ("a kind as an object", ("kind", json!({"transfer": null}))),
        ("a currency that is none", ("currency", json!("ABC"))),
        ("a currency in small letters", ("currency", json!("gbp"))),
    ] {
        cases.push(refused(name, of(&[change]), T, "claims"));
    }
    let as_array = json!(["transfer", 500_000, "GBP", "Jones Roofing", "Invoice 7"]);
    for (name, member, value) in [
        ("an array in the place of the transaction", "transaction", as_array),
        ("an id that is none", "step_up", json!("t38x5mymtqbdfp6svbdxsqeyvx")),
        ("an id in capitals", "step_up", json!("T38X5MYMTQBDFP6SVBDXSQEYVW")),
        ("an interaction with white space", "interaction", json!("call 1")),
        ("an interaction of 129 bytes", "interaction", json!("x".repeat(129))),
        ("a direction that is none", "direction", json!("sideways")),
        ("a method that nobody knows", "method", json!("later")),
    ] {
        cases.push(refused(name, with(member, Some(value)), T, "claims"));
    }
    let exponent = input(token().with(|one| one.data = one.data.replace("500000", "5e5")).signed());
    cases.push(refused("an amount with an exponent", exponent, T, "claims"));
    let beyond = input(
        token().with(|one| one.data = one.data.replace("500000", "18446744073709551616")).signed(),
    );
    cases.push(refused("an amount beyond 64 bits", beyond, T, "claims"));
    cases
}

/// Who rang whom is asked, and digits.
pub(super) fn answered() -> Vec<Case> {
    let of = |asks: &[(&str, Value)], said: Value| {
        let mut data = data();
        for (name, value) in asks {
            data = changed(&data, name, Some(value.clone()));
        }
        let mut input = input(Token::of("step_up", 300, &data).signed());
        for (name, value) in said.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let (who, match_) = (("who_rang", json!(true)), ("number_match", json!(true)));
    let both = [who.clone(), match_.clone()];
    let outbound = [who.clone(), match_.clone(), ("direction", json!("outbound"))];
    let declined = json!({"id": "t38x5mymtqbdfp6svbdxsqeyvw", "decline": "who_rang_differs"});
    vec![
        taken(
            "digits, and she rang",
            of(&both, json!({"who_rang": ["customer"], "digits": "123456"})),
            T,
        ),
        taken(
            "they rang",
            of(&outbound, json!({"who_rang": ["enterprise"], "digits": "000000"})),
            T,
        ),
        taken(
            "she does not know",
            of(&both, json!({"who_rang": ["unknown"], "digits": "123456"})),
            T,
        ),
        taken(
            "at the second time",
            of(&both, json!({"who_rang": ["enterprise", "customer"], "digits": "123456"})),
            T,
        ),
        taken(
            "digits of another script, in groups",
            of(&both, json!({"who_rang": ["customer"], "digits": "١٢٣ ٤٥٦"})),
            T,
        ),
        taken("who rang alone", of(&[who.clone()], json!({"who_rang": ["customer"]})), T),
        taken("digits alone", of(&[match_.clone()], json!({"digits": "654321"})), T),
        taken(
            "an answer to what is not asked is nothing",
            of(&[], json!({"who_rang": ["enterprise"], "digits": "123456"})),
            T,
        ),
        gives(
            "a mismatch twice",
            of(&both, json!({"who_rang": ["enterprise", "enterprise"], "digits": "123456"})),
            T,
            declined.clone(),
        ),
        gives(
            "a mismatch twice, the other way",
            of(&outbound, json!({"who_rang": ["customer", "customer"], "digits": "123456"})),
            T,
            declined,
        ),
        refused(
            "nothing is shown before the answer",
            of(&both, json!({"digits": "123456"})),
            T,
            "unanswered",
        ),
        refused(
            "one mismatch is no answer",
            of(&both, json!({"who_rang": ["enterprise"], "digits": "123456"})),
            T,
            "unanswered",
        ),
        refused("no digits", of(&both, json!({"who_rang": ["customer"]})), T, "no_digits"),
        refused(
            "five digits",
            of(&both, json!({"who_rang": ["customer"], "digits": "12345"})),
            T,
            "digits",
        ),
        refused(
            "seven digits",
            of(&both, json!({"who_rang": ["customer"], "digits": "1234567"})),
            T,
            "digits",
        ),
        refused(
            "no digits at all",
            of(&both, json!({"who_rang": ["customer"], "digits": "twelve"})),
            T,
            "digits",
        ),
        refused(
            "a text where yes or no belongs",
            of(&[("who_rang", json!("yes"))], json!({})),
            T,
            "claims",
        ),
        refused(
            "a number where yes or no belongs",
            of(&[("number_match", json!(1))], json!({})),
            T,
            "claims",
        ),
        refused(
            "null where yes or no belongs",
            of(&[("number_match", Value::Null)], json!({})),
            T,
            "claims",
        ),
    ]
}
