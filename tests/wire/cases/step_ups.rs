//! Step-ups.

use serde_json::{Value, json};

use super::envelope::{short, whole};
use super::{Case, gives, refused, taken};
use crate::wire::base64url;
use crate::world::{CREDENTIAL, DURESS, PIN, T, Token, bank, changed, credential};

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
        taken(
            "who rang alone",
            of(core::slice::from_ref(&who), json!({"who_rang": ["customer"]})),
            T,
        ),
        taken("digits alone", of(core::slice::from_ref(&match_), json!({"digits": "654321"})), T),
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

/// The fingerprint of the key of [`phone_key`].
const FINGERPRINT: &str = "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s";

/// RFC 7515, appendix A.3's, of P-256.
pub(super) fn phone_key() -> Value {
    json!({
        "kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    })
}

/// A device key or a passkey is to sign.
pub(super) fn signed() -> Vec<Case> {
    let of = |method: &str, members: &[(&str, Value)], given: Value| {
        let mut data = changed(&data(), "method", Some(json!(method)));
        data = changed(&data, "key", Some(json!(FINGERPRINT)));
        for (name, value) in members {
            data = changed(&data, name, Some(value.clone()).filter(|value| *value != json!("-")));
        }
        let mut input = shown(Token::of("step_up", 300, &data).signed());
        for (name, value) in given.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let x = base64url(&bank().public);
    let ed25519 = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    let own = bank().kid;
    let by_key = json!({ "key": phone_key() });
    let pinned = json!({"key": phone_key(), "credential": credential(), "pin": PIN});
    let (code, digits) = (("with_code", json!(true)), ("number_match", json!(true)));
    let none = |asks_code: bool| {
        json!({
            "asks_code": asks_code, "message_to_sign": null,
            "passkey_challenge": null, "code": null,
        })
    };
    let suite = |text: &str| of("ocra", &[("suite", json!(text))], json!({}));
    vec![
        taken("a device key of P-256", of("device_key", &[], by_key.clone()), T),
        taken(
            "a device key of Ed25519",
            of("device_key", &[("key", json!(own))], json!({ "key": ed25519 })),
            T,
        ),
        taken(
            "a device key and the code",
            of("device_key", std::slice::from_ref(&code), pinned.clone()),
            T,
        ),
        taken(
            "a device key after digits",
            of(
                "device_key",
                std::slice::from_ref(&digits),
                json!({"key": phone_key(), "digits": "123456"}),
            ),
            T,
        ),
        gives(
            "a device key before digits",
            of("device_key", std::slice::from_ref(&digits), by_key.clone()),
            T,
            none(false),
        ),
        gives(
            "another device key",
            of("device_key", &[("key", json!(own))], by_key.clone()),
            T,
            none(false),
        ),
        gives(
            "a device key of which the token says nothing",
            of("device_key", &[("key", json!("-"))], by_key.clone()),
            T,
            none(false),
        ),
        taken("a passkey", of("passkey", &[], json!({})), T),
        taken(
            "a passkey and the code",
            of("passkey", std::slice::from_ref(&code), pinned.clone()),
            T,
        ),
        taken(
            "a passkey after digits",
            of("passkey", std::slice::from_ref(&digits), json!({"digits": "000000"})),
            T,
        ),
        gives(
            "a passkey before digits",
            of("passkey", std::slice::from_ref(&digits), json!({})),
            T,
            none(false),
        ),
        taken("a fob signs nothing", of("ocra", &[("key", json!("-"))], pinned), T),
        taken(
            "a code covers a key that stands beside it",
            of("ocra", &[], json!({"credential": credential(), "pin": PIN})),
            T,
        ),
        taken(
            "a code without a signature",
            of("totp", &[("with_code", json!(false))], json!({})),
            T,
        ),
        refused(
            "a private key",
            of(
                "device_key",
                &[],
                json!({ "key": {
                    "kty": "OKP", "crv": "Ed25519", "x": x, "d": x,
                }}),
            ),
            T,
            "secret",
        ),
        refused(
            "a key for another use",
            of(
                "device_key",
                &[],
                json!({ "key": {
                    "kty": "OKP", "crv": "X25519", "x": x,
                }}),
            ),
            T,
            "not_a_key",
        ),
        refused(
            "a key without its half",
            of(
                "device_key",
                &[],
                json!({ "key": {
                    "kty": "EC", "crv": "P-256", "x": x,
                }}),
            ),
            T,
            "not_a_key",
        ),
        refused(
            "a fingerprint that is none",
            of("device_key", &[("key", json!("zz"))], json!({})),
            T,
            "claims",
        ),
        refused("a session of no bytes", suite("OCRA-1:HOTP-SHA1-6:QN08-S000"), T, "claims"),
        taken("a session of 512 bytes", suite("OCRA-1:HOTP-SHA1-6:QN08-S512"), T),
        refused("a session of 513 bytes", suite("OCRA-1:HOTP-SHA1-6:QN08-S513"), T, "claims"),
        refused("a time step of no hours", suite("OCRA-1:HOTP-SHA1-6:QN08-T0H"), T, "claims"),
        taken("a time step of 48 hours", suite("OCRA-1:HOTP-SHA1-6:QN08-T48H"), T),
        refused("a time step of 49 hours", suite("OCRA-1:HOTP-SHA1-6:QN08-T49H"), T, "claims"),
        refused(
            "null where yes or no belongs",
            of("passkey", &[("with_code", Value::Null)], json!({})),
            T,
            "claims",
        ),
        refused(
            "a number where yes or no belongs",
            of("passkey", &[("with_code", json!(1))], json!({})),
            T,
            "claims",
        ),
    ]
}
