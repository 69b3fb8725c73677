//! What the enterprise tells: a status, its ground rules, an erasure.

use serde_json::{Value, json};

use super::envelope::short;
use super::{Case, refused, taken};
use crate::wire::{base64url, counting};
use crate::world::{T, Token, at, changed};

fn nonce() -> [u8; 16] {
    counting(0x10)
}

fn status(says: &Value) -> Token {
    Token::of("status", 30, &json!({ "nonce": base64url(&nonce()), "status": says }))
}

fn asked(token: String) -> Value {
    json!({ "token": token, "nonce": hex::encode(nonce()), "asked": T })
}

/// What is asked a while before the token begins, so that its age is not what matters.
fn asked_before(token: String) -> Value {
    changed(&asked(token), "asked", Some(json!(T - 31)))
}

pub(super) fn statuses() -> Vec<Case> {
    // A device that asks says less of what is wrong.
    let rejected = |rejection| match rejection {
        "expired" => "stale",
        "not_yet_valid" => "clock",
        "unknown_key" => "unknown_key",
        _ => "not_genuine",
    };
    let calling = || status(&json!("calling"));
    let mut cases = short(&calling, 30, &asked, rejected);
    let talking = |direction: &str| json!({"talking_to_you": {"channel": "voice", "direction": direction, "since": at(T)}});
    for (name, says) in [
        ("not us", json!("not_us")),
        ("scheduled", json!("scheduled")),
        ("someone is talking as the customer", talking("inbound")),
        ("talking to the customer", talking("outbound")),
    ] {
        cases.push(taken(name, asked(status(&says).signed()), T));
    }
    for (name, says) in [
        ("an answer that is none", json!("later")),
        ("an answer with what it should not hold", json!({"calling": null})),
        ("an answer without what it should hold", json!("talking_to_you")),
        ("an answer with an array in it", json!({"talking_to_you": ["voice", "inbound", at(T)]})),
    ] {
        cases.push(refused(name, asked(status(&says).signed()), T, "not_genuine"));
    }
    let good = calling().signed();
    let other = changed(&asked(good.clone()), "nonce", Some(json!("00".repeat(16))));
    let behind = changed(&asked(good.clone()), "asked", Some(json!(T + 1)));
    cases.extend([
        taken("29 seconds after the question", asked(good.clone()), T + 29),
        refused("30 seconds after the question", asked(good.clone()), T + 30, "stale"),
        refused("a clock that was set back", behind, T, "stale"),
        refused("the answer to another question", other, T, "other_question"),
        refused("a question of half a minute before", asked_before(good), T, "stale"),
    ]);
    cases
}

fn rules() -> Value {
    json!({
        "never_asked": ["pin", "password", "one_time_code", "callback_secret", "card_number",
            "card_verification_code", "safe_account", "remote_access", "hand_over", "secrecy"],
        "channels": {"reveal": ["voice", "video"], "challenge": ["voice", "email"], "step_up": ["chat"], "payment": []},
    })
}

pub(super) fn ground_rules() -> Vec<Case> {
    let of = |data: &Value| {
        let mut token = Token::of("ground_rules", 31 * 24 * 3600, data);
        token.audience = "everyone".to_owned();
        token
    };
    let input = |token: String| json!({ "token": token });
    let mut cases = short(&|| of(&rules()), 31 * 24 * 3600, &input, |rejection| rejection);
    let says = |name: &str, value: Value| input(of(&changed(&rules(), name, Some(value))).signed());
    for (name, member, value) in [
        ("rules of later are left out", "never_asked", json!(["later", "pin"])),
        ("no rules", "never_asked", json!([])),
        ("channels of later are left out", "channels", json!({"reveal": ["later", "voice"]})),
        ("acts that are not named are done nowhere", "channels", json!({})),
        ("an act of later", "channels", json!({"later": 1})),
    ] {
        cases.push(taken(name, says(member, value), T));
    }
    for (name, member, value) in [
        ("a rule that is no text", "never_asked", json!([["pin"]])),
        ("channels that are an array", "channels", json!([["voice"], [], [], []])),
        ("an act without a list", "channels", json!({"reveal": "voice"})),
    ] {
        cases.push(refused(name, says(member, value), T, "claims"));
    }
    let mut to_alice = of(&rules());
    to_alice.audience = "alice".to_owned();
    cases.push(refused("for one customer", input(to_alice.signed()), T, "audience"));
    cases
}

pub(super) fn erasures() -> Vec<Case> {
    let data = json!({"since": at(T - 60), "records": 17});
    let token = || Token::of("erasure", 3600, &data);
    let input = |token: String| json!({ "token": token });
    let mut cases = short(&token, 20 * 366 * 24 * 3600, &input, |rejection| rejection);
    let says = |name: &str, value: Value| {
        input(Token::of("erasure", 3600, &changed(&data, name, Some(value))).signed())
    };
    cases.push(taken("as many records as there can be", says("records", json!(u32::MAX)), T));
    cases.push(refused(
        "more records than there can be",
        says("records", json!(1_u64 << 32)),
        T,
        "claims",
    ));
    cases.push(refused("a time in seconds", says("since", json!(T)), T, "claims"));
    cases
}
