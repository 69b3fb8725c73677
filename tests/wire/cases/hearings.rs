//! Appointments, and what is heard in them.

use countersign::spoken::SpokenCode;
use serde_json::{Value, json};

use super::envelope::short;
use super::{Case, gives, refused, taken};
use crate::world::{CREDENTIAL, T, Token, changed, credential, spoken_code, stored};

const DAY: u64 = 24 * 3600;
/// The slot begins an hour after the token, and lasts for an hour.
const FROM: u64 = T + 3600;
const UNTIL: u64 = T + 7200;

fn data() -> Value {
    json!({
        "challenge": "r30w5gy4rq3cfj69sb5wskeesw",
        "slot": {"from": crate::world::at(FROM), "until": crate::world::at(UNTIL)},
        "channel": "voice", "direction": "outbound", "assignee": {"agent": "bob"},
        "agent_name": "Bob from Example Bank", "purpose": "Your mortgage application",
        "proof": {"code": CREDENTIAL},
    })
}

fn token() -> Token {
    Token::of("appointment", 7200, &data())
}

fn input(token: String) -> Value {
    json!({ "token": token })
}

pub(super) fn opened() -> Vec<Case> {
    let mut cases = short(&token, 32 * DAY, &input, |rejection| rejection);
    let says = |name: &str, value: Option<Value>| {
        input(Token::of("appointment", 7200, &changed(&data(), name, value)).signed())
    };
    for channel in ["voice", "video", "chat", "sms", "email", "social"] {
        cases.push(taken(format!("by {channel}"), says("channel", Some(json!(channel))), T));
    }
    cases.push(taken("the customer is to call", says("direction", Some(json!("inbound"))), T));
    cases.push(taken("of a team", says("assignee", Some(json!({"team": "mortgages"}))), T));
    cases.push(taken("with the customer's own word", says("proof", Some(json!("word"))), T));
    let slot = |from: u64, until: u64| json!({"from": crate::world::at(from), "until": crate::world::at(until)});
    for (name, member, value) in [
        ("a slot without length", "slot", slot(FROM, FROM)),
        ("a slot that ends before it begins", "slot", slot(UNTIL, FROM)),
        (
            "a slot that is an array",
            "slot",
            json!([crate::world::at(FROM), crate::world::at(UNTIL)]),
        ),
        ("nobody", "assignee", json!({})),
        ("an agent and a team", "assignee", json!({"agent": "bob", "team": "mortgages"})),
        ("an agent as a text", "assignee", json!("agent")),
        ("a word as an object", "proof", json!({"word": null})),
        ("a proof that is none", "proof", json!("code")),
        ("a credential that is none", "proof", json!({"code": "x"})),
    ] {
        cases.push(refused(name, says(member, Some(value)), T, "claims"));
    }
    cases
}

pub(super) fn checked() -> Vec<Case> {
    let good = token().signed();
    let code: SpokenCode = spoken_code(&good).parse().unwrap();
    let (digits, words) = (code.digits().to_string(), code.words().to_string());
    let wrong = if digits.starts_with('0') { "1111 1111" } else { "0000 0000" };
    let with = |heard: &str, attempts: &str| json!({ "token": good, "credential": credential(), "heard": heard, "attempts": attempts, "opened_at": FROM });
    let fresh = |heard: &str| with(heard, "01");
    let entry =
        |left: u8| format!("01{}{:016x}{left:02x}", hex::encode(token().id), token().expires_at);
    let ends = |result: &str, left: Value, attempts: String| json!({ "result": result, "attempts_left": left, "attempts": attempts });
    let genuine = || ends("genuine", Value::Null, entry(255));
    let hang_up = |attempts: String| ends("hang_up_and_report", Value::Null, attempts);
    let outside = || ends("outside_slot", Value::Null, "01".to_owned());
    let spaced = digits.replace(' ', "\u{2003}");
    let full: String = digits
        .chars()
        .map(|c| match c {
            '0'..='9' => char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap(),
            c => c,
        })
        .collect();
    let list: Vec<_> = words.split(' ').collect();
    let swapped = format!("{} {} {} {}", list[1], list[0], list[2], list[3]);
    let mut cases = Vec::new();
    for (name, heard) in [
        ("the code", digits.clone()),
        ("the code without a space", digits.replace(' ', "")),
        ("the code with a dash", digits.replace(' ', "-")),
        ("the code with another space", spaced),
        ("the code in full width", full),
        ("the words", words.clone()),
        ("the words in capitals", words.to_uppercase()),
        ("the words with hyphens", words.replace(' ', "-")),
    ] {
        cases.push(gives(name, fresh(&heard), FROM, genuine()));
    }
    cases.extend([
        gives("another code", fresh(wrong), FROM, ends("not_genuine", json!(2), entry(2))),
        gives(
            "another code once more",
            with(wrong, &entry(2)),
            FROM,
            ends("not_genuine", json!(1), entry(1)),
        ),
        gives("another code once too often", with(wrong, &entry(1)), FROM, hang_up(entry(0))),
        gives("the code once too late", with(&digits, &entry(0)), FROM, hang_up(entry(0))),
        gives("the code a second time", with(&digits, &entry(255)), FROM, hang_up(entry(255))),
        gives("the code at the last chance", with(&digits, &entry(1)), FROM, genuine()),
        gives("the code 30 seconds early", fresh(&digits), FROM - 30, genuine()),
        gives("the code 31 seconds early", fresh(&digits), FROM - 31, outside()),
        gives("the code 29 seconds late", fresh(&digits), UNTIL + 29, genuine()),
        gives("the code 30 seconds late", fresh(&digits), UNTIL + 30, outside()),
        refused("seven digits", fresh("1234567"), FROM, "length"),
        refused("nine digits", fresh("123456789"), FROM, "length"),
        refused("three words", fresh(&list[..3].join(" ")), FROM, "length"),
        refused("two words swapped", fresh(&swapped), FROM, "order"),
        refused("words of no list", fresh("one two three four"), FROM, "unknown_word"),
        refused(
            "digits with a minus before them",
            fresh(&format!("-{digits}")),
            FROM,
            "unknown_word",
        ),
        refused("nothing", fresh(""), FROM, "length"),
        refused("memory that is damaged", with(&digits, "02"), FROM, "attempts"),
        refused(
            "a token that is over",
            json!({"token": good, "credential": credential(), "heard": digits, "attempts": "01"}),
            UNTIL + 30,
            "expired",
        ),
    ]);
    let other = stored("208h44rm2mb1e60s38dhr78y3w", "2468", None, 8);
    cases.push(refused(
        "another credential's",
        changed(&fresh(&digits), "credential", Some(json!(other))),
        FROM,
        "other_credential",
    ));
    let word =
        Token::of("appointment", 7200, &changed(&data(), "proof", Some(json!("word")))).signed();
    cases.push(refused(
        "the customer's own word",
        changed(&fresh(&digits), "token", Some(json!(word))),
        FROM,
        "own_word",
    ));
    // What is remembered of others for 30 days past their end, and forgotten then.
    let older = |expires_at: u64| format!("{}{expires_at:016x}01", "ab".repeat(16));
    let kept = format!("01{}{}", older(FROM - 30 * DAY + 1), &entry(255)[2..]);
    cases.push(gives(
        "another that is remembered",
        with(&digits, &format!("01{}", older(FROM - 30 * DAY + 1))),
        FROM,
        ends("genuine", Value::Null, kept),
    ));
    cases.push(gives(
        "another that is forgotten",
        with(&digits, &format!("01{}", older(FROM - 30 * DAY))),
        FROM,
        genuine(),
    ));
    cases
}

pub(super) fn remembered() -> Vec<Case> {
    let id = "YGFiY2RlZmdoaWprbG1ubw";
    let name = hex::encode(token().id);
    let of = |attempts: String| json!({ "appointment": id, "attempts": attempts });
    let entry = |expires_at: u64, left: &str| format!("{name}{expires_at:016x}{left}");
    let says = |left: u8, genuine: bool| json!({ "left": left, "was_genuine": genuine });
    let mut cases = vec![
        gives("nothing", of("01".to_owned()), T, says(3, false)),
        gives("two left", of(format!("01{}", entry(T, "02"))), T, says(2, false)),
        gives("none left", of(format!("01{}", entry(T, "00"))), T, says(0, false)),
        gives("the right one heard", of(format!("01{}", entry(T, "ff"))), T, says(0, true)),
        gives("another's", of(format!("01{}{:016x}00", "ab".repeat(16), T)), T, says(3, false)),
    ];
    for (name, attempts) in [
        ("no bytes", String::new()),
        ("another format", "00".to_owned()),
        ("half an entry", format!("01{}", &entry(T, "02")[2..])),
        ("more left than there are", format!("01{}", entry(T, "03"))),
        ("one twice", format!("01{0}{0}", entry(T, "02"))),
        ("a time that is none", format!("01{}", entry(u64::MAX, "02"))),
    ] {
        cases.push(refused(name, of(attempts), T, "attempts"));
    }
    cases
}
