//! When the enterprise last called.

use serde_json::{Value, json};

use super::approvals::FINGERPRINT;
use super::envelope::short;
use super::step_ups::phone_key;
use super::{Case, gives, refused, taken};
use crate::wire::{base64url, counting};
use crate::world::{CREDENTIAL, DURESS, PIN, T, Token, at, changed, credential};

fn query() -> [u8; 16] {
    counting(0x10)
}

fn challenge(method: &str) -> Value {
    json!({ "credential": CREDENTIAL, "method": method, "challenge": base64url(&counting::<16>(0x30)) })
}

fn by_key(method: &str) -> Value {
    changed(&challenge(method), "key", Some(json!(FINGERPRINT)))
}

fn of(challenge: &Value, given: &Value) -> Value {
    let mut input = json!({ "challenge": challenge.to_string(), "nonce": hex::encode(query()) });
    for (name, value) in given.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

pub(super) fn asked() -> Vec<Case> {
    let pinned = || json!({"credential": credential(), "pin": PIN});
    let key = || json!({ "key": phone_key() });
    let with = |name: &str, value: Value| changed(&challenge("ocra"), name, Some(value));
    let with_code = |method: &str| changed(&by_key(method), "with_code", Some(json!(true)));
    let none = json!({
        "query": base64url(&query()), "asks_code": false, "message_to_sign": null,
        "passkey_challenge": null, "code": null,
    });
    let mut cases = vec![
        taken("the PIN's code", of(&challenge("ocra"), &pinned()), T),
        taken(
            "under coercion",
            of(&challenge("ocra"), &json!({"credential": credential(), "pin": DURESS})),
            T,
        ),
        taken("a passkey", of(&by_key("passkey"), &json!({})), T),
        taken("a passkey and the code", of(&with_code("passkey"), &pinned()), T),
        taken("a device key", of(&by_key("device_key"), &key()), T),
        taken("a device key and the code", of(&with_code("device_key"), &pinned()), T),
        taken(
            "another challenge",
            of(&with("challenge", json!(base64url(&counting::<16>(0)))), &pinned()),
            T,
        ),
        taken(
            "another query",
            changed(&of(&challenge("ocra"), &pinned()), "nonce", Some(json!("00".repeat(16)))),
            T,
        ),
        taken("null for what may be missing", of(&with("key", Value::Null), &pinned()), T),
        gives(
            "another device key",
            of(
                &changed(&by_key("device_key"), "key", Some(json!(base64url(&counting::<32>(0))))),
                &key(),
            ),
            T,
            none.clone(),
        ),
        gives(
            "a device key of which nothing is said",
            of(&challenge("device_key"), &key()),
            T,
            none.clone(),
        ),
        gives("a passkey's key is no device key's", of(&by_key("device_key"), &json!({})), T, none),
        refused(
            "another credential's",
            of(&with("credential", json!("208h44rm2mb1e60s38dhr78y3w")), &pinned()),
            T,
            "other_credential",
        ),
        refused(
            "no PIN",
            of(&challenge("ocra"), &json!({"credential": credential(), "pin": "123"})),
            T,
            "pin",
        ),
    ];
    for (name, challenge) in [
        ("a member more", with("more", json!(1))),
        ("a credential that is none", with("credential", json!("me"))),
        ("a method that nobody knows", with("method", json!("later"))),
        ("a method as an object", with("method", json!({"ocra": null}))),
        ("a key that is none", with("key", json!("zz"))),
        ("null where yes or no belongs", with("with_code", Value::Null)),
        ("a challenge of 15 bytes", with("challenge", json!(base64url(&counting::<15>(0))))),
        ("no challenge", changed(&challenge("ocra"), "challenge", None)),
        ("no credential", changed(&challenge("ocra"), "credential", None)),
        ("an array", json!([CREDENTIAL, "ocra"])),
        ("a text", json!("later")),
    ] {
        cases.push(refused(name, of(&challenge, &json!({})), T, "challenge"));
    }
    let twice = challenge("ocra").to_string().replacen('{', "{\"method\":\"ocra\",", 1);
    let twice = changed(&of(&json!({}), &json!({})), "challenge", Some(json!(twice)));
    cases.push(refused("a member twice", twice, T, "challenge"));
    cases
}

fn call() -> Value {
    json!({
        "agent_name": "Bob from cards", "purpose": "About a card payment", "channel": "voice",
        "direction": "outbound", "since": at(T - 600), "ended": at(T - 60),
    })
}

fn reported(until: u64) -> Value {
    json!({ "from": at(T - 80 * 24 * 3600), "until": at(until) })
}

pub(super) fn opened() -> Vec<Case> {
    let data = json!({
        "nonce": base64url(&query()), "reported": reported(T), "last_call": call(), "last_contact": call(),
    });
    let token = |data: &Value| Token::of("last_contact", 30, data);
    let input = |token: String| of(&challenge("ocra"), &json!({ "token": token }));
    // A device that asks says less of what is wrong.
    let rejected = |rejection| match rejection {
        "expired" => "stale",
        "not_yet_valid" => "clock",
        "unknown_key" => "unknown_key",
        _ => "not_genuine",
    };
    let least = json!({ "nonce": base64url(&query()), "reported": reported(T) });
    let mut cases = short(&|| token(&least), 30, &input, rejected);
    let says = |changes: &[(&str, Option<Value>)]| {
        let mut data = data.clone();
        for (name, value) in changes {
            data = changed(&data, name, value.clone());
        }
        input(token(&data).signed())
    };
    let never = |until: u64| {
        says(&[("last_call", None), ("last_contact", None), ("reported", Some(reported(until)))])
    };
    let with = |name: &str, value: Option<Value>| {
        says(&[("last_call", Some(changed(&call(), name, value)))])
    };
    cases.extend([
        taken("never called", never(T), T),
        taken("never called, as of 30 seconds before", never(T - 30), T),
        taken("as of 31 seconds before, it cannot be told", never(T - 31), T),
        taken("never called, as of a second after the answer", never(T + 1), T),
        taken(
            "nothing is reported",
            says(&[("last_call", None), ("last_contact", None), ("reported", None)]),
            T,
        ),
        taken("called, and nothing is reported", says(&[("reported", None)]), T),
        taken("called, and reports are behind", says(&[("reported", Some(reported(T - 900)))]), T),
        taken(
            "somebody in the customer's name",
            says(&[
                ("last_call", None),
                ("last_contact", Some(changed(&call(), "direction", Some(json!("inbound"))))),
            ]),
            T,
        ),
        taken("it goes on", with("ended", None), T),
        taken("nothing but the time", with("agent_name", None), T),
        taken("no purpose", with("purpose", None), T),
        taken("by video", with("channel", Some(json!("video"))), T),
        taken("59 seconds later", input(token(&data).signed()), T + 59),
        refused("60 seconds later", input(token(&data).signed()), T + 60, "stale"),
        refused(
            "the answer to another question",
            changed(&input(token(&data).signed()), "nonce", Some(json!("00".repeat(16)))),
            T,
            "other_question",
        ),
    ]);
    for (name, changes) in [
        ("a call without its time", ("last_call", changed(&call(), "since", None))),
        ("a call without its channel", ("last_call", changed(&call(), "channel", None))),
        (
            "a channel that is none",
            ("last_contact", changed(&call(), "channel", Some(json!("pigeon")))),
        ),
        (
            "a direction that is none",
            ("last_contact", changed(&call(), "direction", Some(json!("sideways")))),
        ),
        ("a time in seconds", ("last_call", changed(&call(), "ended", Some(json!(T))))),
        ("an empty name", ("last_call", changed(&call(), "agent_name", Some(json!(""))))),
        ("a call as an array", ("last_call", json!(["voice", "outbound", at(T)]))),
        ("a time of which the end is missing", ("reported", changed(&reported(T), "until", None))),
        ("a time as a text", ("reported", json!(at(T)))),
        ("a nonce of 15 bytes", ("nonce", json!(base64url(&counting::<15>(0))))),
    ] {
        let (member, value) = changes;
        cases.push(refused(name, says(&[(member, Some(value))]), T, "not_genuine"));
    }
    cases
}
