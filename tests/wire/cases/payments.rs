//! Payment requests and the vault's receipts.

use serde_json::{Value, json};

use super::envelope::short;
use super::step_ups::transaction;
use super::{Case, refused, taken};
use crate::wire::Signs;
use crate::world::{SEALING_KEY, T, Token, at, bank, changed, device, keys, stranger, vault};

const LIFE: u64 = 1200;

fn opening_key() -> Token {
    let mut token = Token::of("opening_key", 1830, &json!({ "sealing_key": SEALING_KEY }));
    (token.issuer, token.audience) = ("vault.bank.example", "bank.example".to_owned());
    token
}

fn data() -> Value {
    let paid = changed(
        &changed(&transaction(), "kind", Some(json!("payment"))),
        "amount",
        Some(json!(4200)),
    );
    json!({
        "payment": "810m4gt48n34ej29995mrkae9w", "interaction": "call-1", "direction": "inbound",
        "agent_name": "Bob from Example Bank", "merchant": "bank-fees", "transaction": paid,
        "opening_key": opening_key().signed_by(&vault()),
    })
}

fn input(token: String) -> Value {
    json!({ "token": token })
}

pub(super) fn requests() -> Vec<Case> {
    let token = || Token::of("payment_request", LIFE, &data());
    let mut cases = short(&token, 3600, &input, |rejection| rejection);
    let says = |name: &str, value: Option<Value>| {
        input(Token::of("payment_request", LIFE, &changed(&data(), name, value)).signed())
    };
    let key = |change: &dyn Fn(&mut Token), by: &Signs| {
        says("opening_key", Some(json!(opening_key().with(|one| change(one)).signed_by(by))))
    };
    let same = |_: &mut Token| {};
    let later = |seconds: u64| Some(json!(at(T + seconds)));
    cases.extend([
        taken("until when to authenticate", says("authenticate_until", later(1830)), T),
        taken("until when the card is kept", says("keep_card_until", later(86_400)), T),
        taken("null for what may be missing", says("keep_card_until", Some(Value::Null)), T),
        taken("the enterprise has called", says("direction", Some(json!("outbound"))), T),
        taken(
            "a key that ends with the request",
            key(&|one| one.expires_at = T + LIFE, &vault()),
            T,
        ),
        refused(
            "a key that ends a second before the request",
            key(&|one| one.expires_at = T + LIFE - 1, &vault()),
            T,
            "opening_key_ends_before_request",
        ),
        refused(
            "a key that ends before the customer has authenticated",
            says("authenticate_until", later(1831)),
            T,
            "opening_key_ends_before_request",
        ),
        refused("a key of the bank's", key(&same, &bank()), T, "opening_key_not_genuine"),
        refused("a key of a stranger's", key(&same, &stranger()), T, "opening_key_not_genuine"),
        refused(
            "a key of another vault",
            key(&|one| one.issuer = "other.example", &vault()),
            T,
            "opening_key_not_genuine",
        ),
        refused(
            "a key signed for another purpose",
            key(&|one| one.assertion = "receipt", &vault()),
            T,
            "opening_key_not_genuine",
        ),
        refused(
            "a key that lives too long",
            key(&|one| one.expires_at = T + 7321, &vault()),
            T,
            "opening_key_not_genuine",
        ),
        refused(
            "a key for another enterprise",
            key(&|one| one.audience = "other.example".to_owned(), &vault()),
            T,
            "opening_key_for_another_enterprise",
        ),
        refused(
            "a key from the future",
            key(&|one| (one.issued_at, one.not_before) = (T + 31, T + 31), &vault()),
            T,
            "opening_key_not_yet_valid",
        ),
        refused(
            "a key that is over",
            key(
                &|one| (one.issued_at, one.not_before, one.expires_at) = (T - 60, T - 60, T - 30),
                &vault(),
            ),
            T,
            "opening_key_over",
        ),
        refused("a key that is no token", says("opening_key", Some(json!("k"))), T, "claims"),
        refused(
            "a key to seal for that is weak",
            key(&|one| one.data = json!({"sealing_key": "0".repeat(52)}).to_string(), &vault()),
            T,
            "claims",
        ),
        refused(
            "a key to seal for in another text",
            key(
                &|one| one.data = json!({"sealing_key": SEALING_KEY.to_uppercase()}).to_string(),
                &vault(),
            ),
            T,
            "claims",
        ),
        refused(
            "a token of another purpose for a key",
            key(&|one| (one.purpose, one.assertion) = ("receipt", "receipt"), &vault()),
            T,
            "claims",
        ),
        refused("a merchant that is none", says("merchant", Some(json!(""))), T, "claims"),
        refused("a time in words", says("keep_card_until", Some(json!("tomorrow"))), T, "claims"),
    ]);
    let by = |change: &dyn Fn(&mut Value)| {
        let mut device = device();
        change(&mut device);
        changed(&input(token().signed()), "device", Some(device))
    };
    cases.push(refused(
        "a device without a vault's keys",
        by(&|device| drop(device.as_object_mut().unwrap().remove("vault"))),
        T,
        "no_vault_keys",
    ));
    let both = by(&|device| {
        let all = keys("bank.example", &vault(), &["payment_request"]);
        device["keys"].as_array_mut().unwrap().push(all["keys"][0].clone());
    });
    cases.push(refused(
        "a device that takes requests by the vault's key",
        both,
        T,
        "opening_key_not_genuine",
    ));
    cases
}

fn receipt() -> Value {
    json!({
        "payment": "810m4gt48n34ej29995mrkae9w", "request": "YGFiY2RlZmdoaWprbG1ubw", "requested_at": at(T - 60),
        "merchant": "bank-fees", "transaction": changed(&transaction(), "kind", Some(json!("payment"))),
        "brand": "visa", "last_four": "4242",
        "outcome": {"authorised": {"authorisation_code": "A1B2C3", "transaction_id": "tx-1", "amount": 500_000}},
        "totals": {"captured": 0, "voided": 0, "refunded": 0, "charged_back": 0, "in_doubt": 0}, "count": 1,
    })
}

pub(super) fn receipts() -> Vec<Case> {
    let of = |data: &Value| {
        let mut token = Token::of("receipt", 3600, data);
        token.issuer = "vault.bank.example";
        token
    };
    let trusted = keys("vault.bank.example", &vault(), &["opening_key", "receipt"]);
    let shown = |token: String| json!({ "token": token, "customer": "alice", "vault": trusted });
    let says = |name: &str, value: Value| {
        shown(of(&changed(&receipt(), name, Some(value))).signed_by(&vault()))
    };
    let mut cases = vec![
        taken("genuine", shown(of(&receipt()).signed_by(&vault())), T),
        refused("by the bank's key", shown(of(&receipt()).signed()), T, "unknown_key"),
        refused(
            "of another vault",
            shown(of(&receipt()).with(|one| one.issuer = "other.example").signed_by(&vault())),
            T,
            "issuer",
        ),
        refused(
            "for another customer",
            shown(
                of(&receipt()).with(|one| one.audience = "mallory".to_owned()).signed_by(&vault()),
            ),
            T,
            "audience",
        ),
        refused("over", shown(of(&receipt()).signed_by(&vault())), T + 3630, "expired"),
    ];
    let authorised = |amount: Value, id: &str| json!({"authorised": {"authorisation_code": "", "transaction_id": id, "amount": amount}});
    for (name, member, value) in [
        ("the largest amount", "outcome", authorised(json!(u64::MAX), "tx")),
        ("declined", "outcome", json!({"declined": "insufficient_funds"})),
        ("may be tried again", "outcome", json!({"soft_declined": "wrong_details"})),
        ("to be authenticated", "outcome", json!("authenticating")),
        ("not known yet", "outcome", json!("unresolved")),
        ("on RuPay", "brand", json!("rupay")),
        ("on UnionPay", "brand", json!("union_pay")),
        ("the largest count", "count", json!(u64::MAX)),
        (
            "totals",
            "totals",
            json!({"captured": 1, "voided": 2, "refunded": 3, "charged_back": 4, "in_doubt": u64::MAX}),
        ),
        ("an id like a number of no card", "outcome", authorised(json!(1), "4242424242424241")),
    ] {
        cases.push(taken(name, says(member, value), T));
    }
    for (name, member, value) in [
        ("a scheme that nobody knows", "brand", json!("later")),
        ("a scheme in another spelling", "brand", json!("ru_pay")),
        ("three digits", "last_four", json!("424")),
        ("an outcome that nobody knows", "outcome", json!("later")),
        ("a decline without a reason", "outcome", json!("declined")),
        ("a reason that nobody knows", "outcome", json!({"declined": "later"})),
        ("two outcomes", "outcome", json!({"declined": "other", "soft_declined": "other"})),
        (
            "an id with a card number in it",
            "outcome",
            authorised(json!(1), "tx-4242 4242-4242.4242"),
        ),
        ("an id that is too long", "outcome", authorised(json!(1), &"x".repeat(65))),
        ("totals that are an array", "totals", json!([0, 0, 0, 0, 0])),
        ("a count below nothing", "count", json!(-1)),
        ("a request that is none", "request", json!("x")),
    ] {
        cases.push(refused(name, says(member, value), T, "claims"));
    }
    cases
}
