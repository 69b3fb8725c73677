//! Actions without money, and step-ups of several approvers.

use serde_json::{Value, json};

use super::envelope::short;
use super::step_ups::{phone_key, transaction};
use super::{Case, gives, refused, taken};
use crate::wire::{base64url, counting};
use crate::world::{CREDENTIAL, DURESS, PIN, T, Token, changed, credential};

/// RFC 7515, appendix A.3's key.
pub(super) const FINGERPRINT: &str = "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s";
const OTHER: &str = "208h44rm2mb1e60s38dhr78y3w";

/// Without what is to be approved.
fn data() -> Value {
    json!({
        "step_up": "t38x5mymtqbdfp6svbdxsqeyvw", "credential": CREDENTIAL, "method": "ocra",
        "interaction": "call-1", "direction": "inbound", "agent_name": "Bob from Example Bank",
    })
}

fn text(name: &str, value: &str) -> Value {
    json!({"name": name, "value": {"text": value}})
}

fn moved() -> Value {
    json!({"kind": "address_change", "fields": [text("street", "1 Station Road, York")]})
}

fn document(fields: &[Value]) -> Value {
    json!({ "kind": "document", "fields": fields })
}

fn title() -> Value {
    text("title", "Lease of 3 Mill Lane")
}

fn pages(number: &Value) -> Value {
    json!({"name": "pages", "value": {"number": number}})
}

fn file(digest: &str) -> Value {
    json!({"name": "file", "value": {"digest": digest}})
}

fn digest() -> String {
    hex::encode(counting::<32>(0x40))
}

/// The input of a step-up with these members besides, and what is given for it.
fn of(members: &[(&str, Value)], given: &Value) -> Value {
    let mut data = data();
    for (name, value) in members {
        data = changed(&data, name, Some(value.clone()).filter(|value| *value != json!("-")));
    }
    let mut input = json!({ "token": Token::of("step_up", 300, &data).signed() });
    for (name, value) in given.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

/// With the PIN, and besides with this.
fn pinned(more: &[(&str, Value)]) -> Value {
    let mut given = json!({"credential": credential(), "pin": PIN});
    for (name, value) in more {
        given[name] = value.clone();
    }
    given
}

fn yes(name: &str) -> (&str, Value) {
    (name, json!(true))
}

fn action(of: Value) -> (&'static str, Value) {
    ("action", of)
}

fn method(name: &str) -> (&'static str, Value) {
    ("method", json!(name))
}

fn key() -> (&'static str, Value) {
    ("key", json!(FINGERPRINT))
}

fn leg(name: &str) -> (&'static str, Value) {
    ("leg", json!(name))
}

/// What is shown of an action that the app does not know.
fn unknown(headline: [&str; 2]) -> Value {
    json!({
        "id": "t38x5mymtqbdfp6svbdxsqeyvw", "credential": CREDENTIAL, "headline": headline,
        "direction": "inbound", "agent_name": "Bob from Example Bank", "transaction": null,
        "known": false, "action": null, "joint": null, "leg": null, "fits_line": true,
        "until": T + 300, "question": null, "asks_code": true, "message_to_sign": null,
        "passkey_challenge": null, "code": null,
    })
}

pub(super) fn actions() -> Vec<Case> {
    let with = |fields: &[Value]| of(&[action(document(fields))], &pinned(&[]));
    let fields = [title(), pages(&json!(12)), file(&digest())];
    let whole = changed(&data(), "action", Some(moved()));
    let token = || Token::of("step_up", 300, &whole);
    let mut cases = short(&token, 600, &|token| json!({ "token": token }), |rejection| rejection);
    cases.extend([
        taken("a text", of(&[action(moved())], &pinned(&[])), T),
        taken("under coercion", of(&[action(moved())], &pinned(&[("pin", json!(DURESS))])), T),
        taken("text, number and digest", with(&fields), T),
        taken("no number", with(&[title(), pages(&json!(0)), file(&digest())]), T),
        taken(
            "the largest number",
            with(&[title(), pages(&json!((1_u64 << 53) - 1)), file(&digest())]),
            T,
        ),
        taken("another digest", with(&[title(), pages(&json!(12)), file(&"0".repeat(64))]), T),
        taken(
            "a text of 128 characters",
            with(&[text("title", &"é".repeat(128)), fields[1].clone(), fields[2].clone()]),
            T,
        ),
        taken(
            "for a fob",
            of(&[action(moved()), ("suite", json!("OCRA-1:HOTP-SHA1-6:QN08"))], &json!({})),
            T,
        ),
        taken("a passkey", of(&[action(moved()), method("passkey"), key()], &json!({})), T),
        taken(
            "a passkey and the code",
            of(&[action(moved()), method("passkey"), key(), yes("with_code")], &pinned(&[])),
            T,
        ),
        taken(
            "a device key",
            of(&[action(moved()), method("device_key"), key()], &json!({ "key": phone_key() })),
            T,
        ),
        taken(
            "who rang, and digits",
            of(
                &[action(moved()), yes("who_rang"), yes("number_match")],
                &pinned(&[("who_rang", json!(["customer"])), ("digits", json!("123456"))]),
            ),
            T,
        ),
        taken("on a number", of(&[action(moved()), leg("number")], &pinned(&[])), T),
        taken(
            "within the app",
            of(&[action(moved()), leg("in_app")], &pinned(&[("on_line", json!("in_app"))])),
            T,
        ),
        gives(
            "a mismatch twice",
            of(
                &[action(moved()), yes("who_rang")],
                &pinned(&[("who_rang", json!(["enterprise", "enterprise"]))]),
            ),
            T,
            json!({"id": "t38x5mymtqbdfp6svbdxsqeyvw", "decline": "who_rang_differs"}),
        ),
        refused(
            "before it was said who rang",
            of(&[action(moved()), yes("who_rang")], &pinned(&[])),
            T,
            "unanswered",
        ),
        refused(
            "without digits",
            of(&[action(moved()), yes("number_match")], &pinned(&[])),
            T,
            "no_digits",
        ),
        refused(
            "another credential's",
            of(&[action(moved()), ("credential", json!(OTHER))], &pinned(&[])),
            T,
            "other_credential",
        ),
        refused(
            "on another line",
            of(&[action(moved()), leg("in_app")], &pinned(&[])),
            T,
            "other_line",
        ),
        refused(
            "on a number, in a conversation within the app",
            of(&[action(moved()), leg("number")], &pinned(&[("on_line", json!("in_app"))])),
            T,
            "other_line",
        ),
    ]);
    cases.extend(unknown_actions(&fields));
    cases.extend(malformed_actions(&fields));
    cases
}

/// Those that the device's table has not.
fn unknown_actions(fields: &[Value; 3]) -> Vec<Case> {
    let [title, pages, file] = fields.clone();
    let mut cases = Vec::new();
    for (name, one) in [
        ("a kind that the app does not know", json!({"kind": "later", "fields": [title]})),
        (
            "a field that the app does not know",
            document(&[text("heading", "x"), pages.clone(), file.clone()]),
        ),
        (
            "a field more",
            document(&[title.clone(), pages.clone(), file.clone(), text("more", "x")]),
        ),
        ("a field less", document(&[title.clone(), pages.clone()])),
        ("no field", document(&[])),
        ("fields in another order", document(&[pages.clone(), title.clone(), file.clone()])),
        ("a text where a number belongs", document(&[title.clone(), text("pages", "12"), file])),
        (
            "a kind that every object of JavaScript has",
            json!({"kind": "constructor", "fields": []}),
        ),
    ] {
        let shown = unknown(["you_called_us", "You called us."]);
        cases.push(gives(name, of(&[action(one.clone())], &json!({})), T, shown));
        cases.push(refused(
            format!("{name}, is not approved"),
            of(&[action(one.clone())], &pinned(&[])),
            T,
            "unknown_action",
        ));
        for by in ["passkey", "device_key"] {
            let members = [action(one.clone()), method(by), key()];
            let shown = changed(
                &unknown(["you_called_us", "You called us."]),
                "asks_code",
                Some(json!(false)),
            );
            let input = of(&members, &json!({ "key": phone_key() }));
            cases.push(gives(format!("{name}, by {by}"), input, T, shown));
        }
    }
    let fob = [
        action(json!({"kind": "later", "fields": []})),
        ("suite", json!("OCRA-1:HOTP-SHA1-6:QN08")),
    ];
    let shown = unknown(["you_called_us", "You called us."]);
    cases.push(gives("a fob is asked for nothing unknown", of(&fob, &json!({})), T, shown));
    cases
}

fn malformed_actions(fields: &[Value; 3]) -> Vec<Case> {
    let mut cases = Vec::new();
    let many: Vec<_> = (0..21).map(|n| text(&format!("f{n}"), "x")).collect();
    let numbered =
        |number: Value| document(&[fields[0].clone(), pages(&number), fields[2].clone()]);
    let filed = |digest: &str| document(&[fields[0].clone(), fields[1].clone(), file(digest)]);
    let valued = |value: Value| document(&[json!({ "name": "title", "value": value })]);
    for (name, one) in [
        ("a kind spelt as money", json!({"kind": "pay_ment", "fields": []})),
        ("a kind spelt as money in digits", json!({"kind": "p4yee", "fields": []})),
        ("a kind spelt as money in a word", json!({"kind": "call_fob2", "fields": []})),
        ("a field spelt as money", document(&[text("amount", "x")])),
        ("a kind in capitals", json!({"kind": "Document", "fields": []})),
        ("a kind of two words", json!({"kind": "a__b", "fields": []})),
        ("a kind of 37 letters", json!({"kind": "a".repeat(37), "fields": []})),
        ("a kind as an object", json!({"kind": {"document": null}, "fields": []})),
        ("a field twice", document(&[fields[0].clone(), fields[0].clone()])),
        ("21 fields", document(&many)),
        ("fields as an object", json!({"kind": "document", "fields": {}})),
        ("no fields", json!({"kind": "document"})),
        ("a member more", json!({"kind": "document", "fields": [], "more": 1})),
        (
            "a member more in a field",
            document(&[json!({"name": "title", "value": {"text": "x"}, "label": "x"})]),
        ),
        ("a field as an array", document(&[json!(["title", {"text": "x"}])])),
        ("a text of 129 characters", valued(json!({"text": "é".repeat(129)}))),
        ("a text of two lines", valued(json!({"text": "a\nb"}))),
        ("a text that is a number", valued(json!({"text": 1}))),
        ("a value without its type", valued(json!("x"))),
        ("a value of no type", valued(json!({}))),
        ("a value of two types", valued(json!({"text": "x", "number": 1}))),
        ("a value of a type that nobody knows", valued(json!({"later": "x"}))),
        ("a number beyond 2^53 - 1", numbered(json!(1_u64 << 53))),
        ("a number below nothing", numbered(json!(-1))),
        ("a number with a part", numbered(json!(1.5))),
        ("a number as a text", numbered(json!("12"))),
        ("a digest in capitals", filed(&"A".repeat(64))),
        ("a digest of 31 bytes", filed(&"a".repeat(62))),
        ("an action as an array", json!(["document", []])),
    ] {
        cases.push(refused(name, of(&[action(one)], &json!({})), T, "claims"));
    }
    let both = of(&[action(moved()), ("transaction", transaction())], &json!({}));
    cases.push(refused("a transaction and an action", both, T, "claims"));
    cases.push(refused("neither", of(&[], &json!({})), T, "claims"));
    cases
}

/// Of several approvers.
fn joint_data() -> Value {
    json!({
        "joint": "p2rv5cxmppvbfe5sqaxvsfdyqw", "principal": "alice", "principal_name": "Alice Jones",
        "needed": 2, "of": 3, "approvers": base64url(&counting::<32>(0x20)), "role": "Account holder",
    })
}

pub(super) fn joint() -> Vec<Case> {
    let whole = changed(&data(), "transaction", Some(transaction()));
    let whole = changed(&whole, "joint", Some(joint_data()));
    let token = || Token::of("step_up", 300, &whole);
    let mut cases = short(&token, 600, &|token| json!({ "token": token }), |rejection| rejection);
    let money = || ("transaction", transaction());
    let of = |members: &[(&str, Value)], given: &Value| {
        of(&[&[money(), ("joint", joint_data())], members].concat(), given)
    };
    let with = |name: &str, value: Option<Value>| ("joint", changed(&joint_data(), name, value));
    let another = || with("principal", Some(json!("carol")));
    cases.extend([
        taken("the principal's own", of(&[], &pinned(&[])), T),
        taken("under coercion", of(&[], &pinned(&[("pin", json!(DURESS))])), T),
        taken("another customer's", of(&[another()], &pinned(&[])), T),
        taken(
            "another customer's, whom the enterprise called",
            of(&[another(), ("direction", json!("outbound"))], &pinned(&[])),
            T,
        ),
        taken("the principal was called", of(&[("direction", json!("outbound"))], &pinned(&[])), T),
        taken("by a passkey", of(&[another(), method("passkey"), key()], &json!({})), T),
        taken(
            "by a passkey and the code",
            of(&[another(), method("passkey"), key(), yes("with_code")], &pinned(&[])),
            T,
        ),
        taken(
            "by a device key",
            of(&[another(), method("device_key"), key()], &json!({ "key": phone_key() })),
            T,
        ),
        taken(
            "for a fob",
            of(&[another(), ("suite", json!("OCRA-1:HOTP-SHA256-8:QH64"))], &json!({})),
            T,
        ),
        taken(
            "an action",
            of(&[another(), ("transaction", json!("-")), action(moved())], &pinned(&[])),
            T,
        ),
        taken(
            "who rang, and digits",
            of(
                &[yes("who_rang"), yes("number_match")],
                &pinned(&[("who_rang", json!(["customer"])), ("digits", json!("123456"))]),
            ),
            T,
        ),
        refused(
            "an action that the app does not know",
            of(
                &[("transaction", json!("-")), action(json!({"kind": "later", "fields": []}))],
                &pinned(&[]),
            ),
            T,
            "unknown_action",
        ),
        refused("without digits", of(&[yes("number_match")], &pinned(&[])), T, "no_digits"),
        refused(
            "another credential's",
            of(&[("credential", json!(OTHER))], &pinned(&[])),
            T,
            "other_credential",
        ),
        refused("as an array", of(&[("joint", json!([1]))], &json!({})), T, "claims"),
        refused("as a text", of(&[("joint", json!("alice"))], &json!({})), T, "claims"),
    ]);
    // The answer covers each.
    for (name, value) in [
        ("joint", json!("t38x5mymtqbdfp6svbdxsqeyvw")),
        ("principal", json!("dave")),
        ("principal_name", json!("Alice Smith")),
        ("needed", json!(1)),
        ("of", json!(4)),
        ("approvers", json!(base64url(&counting::<32>(0x21)))),
        ("role", json!("Attorney")),
    ] {
        let input = of(&[with(name, Some(value))], &pinned(&[]));
        cases.push(taken(format!("another member {name}"), input, T));
        let input = of(&[with(name, None)], &json!({}));
        cases.push(refused(format!("without the member {name}"), input, T, "claims"));
    }
    for (name, member, value) in [
        ("an id that is none", "joint", json!("t38x5mymtqbdfp6svbdxsqeyvx")),
        ("a principal with white space", "principal", json!("a b")),
        ("an empty name", "principal_name", json!("")),
        ("a number beyond a byte", "needed", json!(256)),
        ("a number below nothing", "of", json!(-1)),
        ("a number as a text", "of", json!("3")),
        ("a digest of 31 bytes", "approvers", json!(base64url(&counting::<31>(0)))),
        ("an empty role", "role", json!("")),
    ] {
        let input = of(&[with(member, Some(value))], &json!({}));
        cases.push(refused(name, input, T, "claims"));
    }
    cases
}
