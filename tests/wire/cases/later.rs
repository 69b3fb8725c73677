//! Label 6: what passkeys sign and answer of members that came later, and receipts that name a key.

use serde_json::{Value, json};

use super::step_ups::transaction;
use super::{Case, File, gives, histories, refused, taken};
use crate::world::{CREDENTIAL, PIN, T, Token, changed, credential};

/// The label of these files.
pub(crate) const LABEL: &str = "6";

/// More cases of operations that are there, in files of their own.
pub(crate) const FILES: [File; 3] = [
    ("sign_step_up", "What a passkey signs, of the members that came later.", signed),
    ("answer_step_up", "Answers with a passkey's code, of the members that came later.", answered),
    ("check_history", "Checks histories against a receipt that names a key.", histories::named),
];

/// RFC 7515, appendix A.3's key.
const FINGERPRINT: &str = "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s";

/// Asked of a passkey, with these members besides, and what is given for it.
fn of(members: &[(&str, Value)], given: Value) -> Value {
    let mut data = json!({
        "step_up": "t38x5mymtqbdfp6svbdxsqeyvw", "credential": CREDENTIAL, "method": "passkey",
        "key": FINGERPRINT, "interaction": "call-1", "direction": "inbound",
        "agent_name": "Bob from Example Bank", "transaction": transaction(),
    });
    for (name, value) in members {
        data = changed(&data, name, Some(value.clone()));
    }
    let mut input = json!({ "token": Token::of("step_up", 300, &data).signed() });
    for (name, value) in given.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

fn yes(name: &str) -> (&str, Value) {
    (name, json!(true))
}

fn leg(name: &str) -> (&'static str, Value) {
    ("leg", json!(name))
}

fn pinned(given: Value) -> Value {
    let mut given = given;
    given["credential"] = json!(credential());
    given["pin"] = json!(PIN);
    given
}

fn signed() -> Vec<Case> {
    let digits = json!({"digits": "123456"});
    let (matches, code) = (yes("number_match"), yes("with_code"));
    let none = |asks_code: bool| {
        json!({
            "asks_code": asks_code, "message_to_sign": null,
            "passkey_challenge": null, "code": null,
        })
    };
    vec![
        taken("on a number", of(&[leg("number")], json!({})), T),
        taken("on a checked number", of(&[leg("checked_number")], json!({})), T),
        taken(
            "on a number, after digits",
            of(&[leg("number"), matches.clone()], digits.clone()),
            T,
        ),
        taken(
            "on a number, after digits and with the code",
            of(&[leg("checked_number"), matches.clone(), code.clone()], pinned(digits.clone())),
            T,
        ),
        taken(
            "other digits are another challenge",
            of(&[leg("number"), matches.clone()], json!({"digits": "654321"})),
            T,
        ),
        taken(
            "in a call that the enterprise made",
            of(&[("direction", json!("outbound")), matches.clone()], digits.clone()),
            T,
        ),
        gives(
            "before digits, with the code",
            of(&[matches.clone(), code], json!({})),
            T,
            none(true),
        ),
        refused(
            "before it was said who rang",
            of(&[yes("who_rang"), matches.clone()], digits.clone()),
            T,
            "unanswered",
        ),
        refused("a leg that nobody knows", of(&[leg("pigeon")], json!({})), T, "claims"),
        refused("a leg that is a number", of(&[("leg", json!(1))], json!({})), T, "claims"),
        refused(
            "digits that are five",
            of(std::slice::from_ref(&matches), json!({"digits": "12345"})),
            T,
            "digits",
        ),
        refused("a key that is none", of(&[("key", json!("cn-I"))], json!({})), T, "claims"),
    ]
}

fn answered() -> Vec<Case> {
    let all = [yes("who_rang"), yes("number_match"), yes("with_code")];
    let of = |members: &[(&str, Value)], given: Value| of(members, pinned(given));
    let with = |member: (&'static str, Value)| [all.to_vec(), vec![member]].concat();
    let said = |who: &str| json!({"who_rang": [who], "digits": "123456"});
    let declined = json!({"id": "t38x5mymtqbdfp6svbdxsqeyvw", "decline": "who_rang_differs"});
    vec![
        taken("she rang", of(&all, said("customer")), T),
        taken("she does not know", of(&all, said("unknown")), T),
        taken("they rang", of(&with(("direction", json!("outbound"))), said("enterprise")), T),
        taken("on a number", of(&with(leg("number")), said("customer")), T),
        taken("on a checked number", of(&with(leg("checked_number")), said("customer")), T),
        gives(
            "a mismatch twice",
            of(&all, json!({"who_rang": ["enterprise", "enterprise"], "digits": "123456"})),
            T,
            declined,
        ),
        refused("no digits", of(&all, json!({"who_rang": ["customer"]})), T, "no_digits"),
        refused(
            "nothing is shown before the answer",
            of(&all, json!({"digits": "123456"})),
            T,
            "unanswered",
        ),
    ]
}
