//! Challenges.

use serde_json::{Value, json};

use super::envelope::short;
use super::{Case, refused, taken};
use crate::world::{PSEUDONYM, T, Token, changed, device};

fn data() -> Value {
    json!({
        "purpose": "Your mortgage application", "channels": ["sms", "chat"],
        "handles": [{"channel": "sms", "handle": "BANK"}, {"channel": "sms", "handle": "+442079460000"}],
        "details": [{"label": "Card", "value": "ends in 1234"}],
        "never_asked": ["pin", "one_time_code", "a rule of later"],
    })
}

fn token() -> Token {
    Token::of("challenge", 300, &data())
}

fn input(token: String) -> Value {
    json!({ "token": token })
}

fn found(token: &str, on: &str) -> Value {
    json!({ "token": token, "found_on": on })
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = short(&token, 3600, &input, |rejection| rejection);
    let good = token().signed();
    for on in ["sms:BANK", "sms:bank", "sms:+442079460000", "chat"] {
        cases.push(taken(format!("found on {on}"), found(&good, on), T));
    }
    for on in ["sms", "sms:BANC", "sms:BANK.", "chat:bank", "email:BANK", "voice"] {
        cases.push(refused(format!("found on {on}"), found(&good, on), T, "found_elsewhere"));
    }
    // The Kelvin sign is no K.
    cases.push(refused(
        "found from a letter that looks alike",
        found(&good, "sms:BAN\u{212a}"),
        T,
        "found_elsewhere",
    ));
    let says = |name: &str, value: Option<Value>| {
        input(Token::of("challenge", 300, &changed(&data(), name, value)).signed())
    };
    for name in ["handles", "details", "never_asked"] {
        cases.push(taken(format!("without {name}"), says(name, None), T));
        cases.push(refused(format!("null for {name}"), says(name, Some(Value::Null)), T, "claims"));
    }
    let handle = |n: usize| json!({"channel": "sms", "handle": format!("BANK{n}")});
    let detail = |label: usize, value: usize| json!({"label": "l".repeat(label), "value": "v".repeat(value)});
    let many = |n: usize, one: &dyn Fn(usize) -> Value| json!((0..n).map(one).collect::<Vec<_>>());
    for (name, member, value) in [
        ("sixteen handles", "handles", many(16, &handle)),
        (
            "a handle on a channel that is not named",
            "handles",
            json!([{"channel": "email", "handle": "a@b"}]),
        ),
        ("twenty details", "details", many(20, &|_| detail(36, 128))),
        ("a rule twice", "never_asked", json!(["pin", "pin"])),
    ] {
        cases.push(taken(name, says(member, Some(value)), T));
    }
    for (name, member, value) in [
        ("no channel", "channels", json!([])),
        ("a channel twice", "channels", json!(["sms", "sms"])),
        ("a channel of later", "channels", json!(["sms", "later"])),
        ("seventeen handles", "handles", many(17, &handle)),
        (
            "a handle twice",
            "handles",
            json!([{"channel": "sms", "handle": "BANK"}, {"channel": "sms", "handle": "bank"}]),
        ),
        ("a handle with white space", "handles", json!([{"channel": "sms", "handle": "THE BANK"}])),
        ("a handle that is an array", "handles", json!([["sms", "BANK"]])),
        ("twenty-one details", "details", many(21, &|_| detail(1, 1))),
        ("a label of 37 characters", "details", json!([detail(37, 1)])),
        ("a value of 129 characters", "details", json!([detail(1, 129)])),
        ("a rule that is no text", "never_asked", json!([1])),
        ("a purpose of 257 characters", "purpose", json!("p".repeat(257))),
        ("an audience that is said to be a pseudonym by a text", "pseudonymous", json!("yes")),
    ] {
        cases.push(refused(name, says(member, Some(value)), T, "claims"));
    }
    cases.extend(pseudonymous());
    cases
}

/// The audience is the customer's pseudonym, hidden in each token anew.
fn pseudonymous() -> Vec<Case> {
    let hidden = |audience: &str| {
        let data = changed(&data(), "pseudonymous", Some(json!(true)));
        let mut token = Token::of("challenge", 300, &data);
        token.audience = audience.to_owned();
        token
    };
    let audience = {
        use sha2::{Digest, Sha256};
        let bytes = base32::decode(base32::Alphabet::Crockford, PSEUDONYM).unwrap();
        let id = hidden("x").id;
        let pieces: [&[u8]; 3] = [b"countersign audience v1", &bytes, &id];
        crate::wire::crockford(&Sha256::digest(crate::wire::pae(&pieces))[..16])
    };
    let mut knows = device();
    knows["pseudonym"] = json!(PSEUDONYM);
    let by = |token: &Token, device: Value| json!({ "token": token.signed(), "device": device });
    vec![
        taken("under this customer's pseudonym", by(&hidden(&audience), knows.clone()), T),
        taken(
            "under a pseudonym, for a device that knows none",
            by(&hidden(&audience), device()),
            T,
        ),
        refused(
            "under another's pseudonym",
            by(&hidden("4x07357sjdfry7vqxzw8xng524"), knows.clone()),
            T,
            "audience",
        ),
        refused(
            "under the customer's name, said to be a pseudonym",
            by(&hidden("alice"), knows),
            T,
            "audience",
        ),
        refused("under a pseudonym that is no id", by(&hidden("a b"), device()), T, "claims"),
    ]
}
