//! The ringing call, reachable agents, notices.

use serde_json::{Value, json};

use super::envelope::short;
use super::{Case, gives, refused, taken};
use crate::wire::{base64url, counting, crockford};
use crate::world::{CREDENTIAL, PSEUDONYM, T, Token, at, changed, device};

const DAY: u64 = 24 * 3600;
const LONDON: &str = "+442071234567";
const ON_THE_CARD: &str = "+448001234567";

fn nonce() -> [u8; 16] {
    counting(0x10)
}

/// A device that asks says less of what is wrong.
fn asked(rejection: &'static str) -> &'static str {
    match rejection {
        "expired" => "stale",
        "not_yet_valid" => "clock",
        "unknown_key" => "unknown_key",
        _ => "not_genuine",
    }
}

fn for_everyone(mut token: Token) -> Token {
    token.audience = "everyone".to_owned();
    token
}

pub(super) fn numbers() -> Vec<Case> {
    let data = json!({ "calls": [LONDON, "+442079460000"], "never_calls": [ON_THE_CARD] });
    let token = |data: &Value| for_everyone(Token::of("call_numbers", DAY, data));
    let about = |token: String, number: &str| json!({ "token": token, "number": number });
    let input = |token: String| about(token, LONDON);
    let mut cases = short(&|| token(&data), 31 * DAY, &input, |rejection| rejection);
    let good = token(&data).signed();
    let until = T + DAY;
    let told = |found: &str| json!({ "until": until, "look_up": found });
    let kept = |number: &str| changed(&about(good.clone(), number), "opened_at", Some(json!(T)));
    cases.extend([
        gives("a number that calls", about(good.clone(), LONDON), T, told("ask")),
        gives(
            "a number that never calls",
            about(good.clone(), ON_THE_CARD),
            T,
            told("not_legitimate"),
        ),
        gives(
            "a number that is not listed",
            about(good.clone(), "+4930123456"),
            T,
            told("unknown"),
        ),
        gives("one digit more", about(good.clone(), "+4420712345678"), T, told("unknown")),
        gives(
            "a second before the list is over",
            kept(ON_THE_CARD),
            until - 1,
            told("not_legitimate"),
        ),
        gives("when the list is over", kept(ON_THE_CARD), until, told("undetermined")),
        gives("a number that calls, when the list is over", kept(LONDON), until, told("ask")),
        gives("a stranger's, when the list is over", kept("+4930123456"), until, told("unknown")),
    ]);
    for (name, number) in [
        ("no number", ""),
        ("without a plus", "442071234567"),
        ("in the national form", "02071234567"),
        ("with a zero after the plus", "+0442071234567"),
        ("with spaces", "+44 20 7123 4567"),
        ("with a line end", "+442071234567\n"),
        ("in digits of another script", "+44٢٠٧١٢٣"),
        ("of four digits", "+1234"),
        ("of sixteen digits", "+1234567890123456"),
        ("withheld", "anonymous"),
    ] {
        cases.push(refused(format!("looked up: {name}"), about(good.clone(), number), T, "number"));
    }
    let says = |name: &str, value: Value| input(token(&changed(&data, name, Some(value))).signed());
    for (name, value) in [
        ("no number at all", json!([])),
        ("a number twice", json!([LONDON, LONDON])),
        ("numbers of five and fifteen digits", json!(["+12345", "+123456789012345"])),
    ] {
        cases.push(taken(format!("listed: {name}"), says("calls", value), T));
    }
    for (name, value) in [
        ("without a plus", json!(["442071234567"])),
        ("of four digits", json!(["+1234"])),
        ("of sixteen digits", json!(["+1234567890123456"])),
        ("with a zero after the plus", json!(["+02071234567"])),
        ("as a number", json!([442_071_234_567_u64])),
        ("alone, in no list", json!(LONDON)),
    ] {
        cases.push(refused(format!("listed: {name}"), says("never_calls", value), T, "claims"));
    }
    let to_alice = Token::of("call_numbers", DAY, &data).signed();
    cases.push(refused("for one customer", input(to_alice), T, "audience"));
    cases
}

pub(super) fn ringing() -> Vec<Case> {
    let input = |number: &str, seconds: u64, beside: bool| {
        json!({
            "number": number, "nonce": hex::encode(nonce()), "credential": CREDENTIAL,
            "seconds": seconds, "beside_another": beside,
        })
    };
    vec![
        gives(
            "that has just begun to ring",
            input(LONDON, 0, false),
            T,
            json!({
                "query": base64url(&nonce()), "number": LONDON, "device": CREDENTIAL,
                "ringing_for": 0, "beside_another": false,
            }),
        ),
        taken("beside another", input(LONDON, 7, true), T),
        refused("with a number that is none", input("02071234567", 0, false), T, "number"),
    ]
}

pub(super) fn verdicts() -> Vec<Case> {
    let data = |verdict: &str| json!({ "nonce": base64url(&nonce()), "number": LONDON, "verdict": verdict });
    let token = |verdict: &str| Token::of("call_verdict", 30, &data(verdict));
    let input = |token: String| json!({ "token": token, "nonce": hex::encode(nonce()), "number": LONDON, "asked": T });
    let mut cases = short(&|| token("legitimate"), 30, &input, asked);
    for verdict in ["legitimate", "not_legitimate", "undetermined", "unknown"] {
        cases.push(gives(verdict, input(token(verdict).signed()), T, json!(verdict)));
    }
    let good = token("legitimate").signed();
    let but = |name: &str, value: Value| changed(&input(good.clone()), name, Some(value));
    cases.extend([
        taken("29 seconds after the question", input(good.clone()), T + 29),
        refused("30 seconds after the question", input(good.clone()), T + 30, "stale"),
        refused("a clock that was set back", but("asked", json!(T + 1)), T, "stale"),
        refused(
            "the answer to another question",
            but("nonce", json!("00".repeat(16))),
            T,
            "other_question",
        ),
        refused(
            "the answer about another number",
            but("number", json!(ON_THE_CARD)),
            T,
            "other_question",
        ),
        refused("a question about no number", but("number", json!("2071234567")), T, "number"),
    ]);
    let says = |name: &str, value: Value| {
        let data = changed(&data("legitimate"), name, Some(value));
        input(Token::of("call_verdict", 30, &data).signed())
    };
    for (name, member, value) in [
        ("a verdict of later", "verdict", json!("later")),
        ("a verdict that holds something", "verdict", json!({ "legitimate": null })),
        ("a number in the national form", "number", json!("02071234567")),
        ("a nonce of fifteen bytes", "nonce", json!(base64url(&nonce()[1..]))),
    ] {
        cases.push(refused(name, says(member, value), T, "not_genuine"));
    }
    let everyones = for_everyone(token("legitimate")).signed();
    cases.push(refused("an answer for everyone", input(everyones), T, "not_genuine"));
    cases
}

pub(super) fn reachable() -> Vec<Case> {
    let wait = json!({ "wait": { "seconds": 240, "free": false, "age_seconds": 12 } });
    let skill = |name: &str, channel: &str, reach: &Value| json!({ "skill": name, "channel": channel, "reach": reach });
    let skills = json!([
        skill("cards", "voice", &wait),
        skill("cards", "chat", &json!("unknown")),
        skill("mortgages", "voice", &json!("closed")),
        skill("welsh", "voice", &json!("open")),
    ]);
    let data = |skills: &Value| json!({ "nonce": base64url(&nonce()), "skills": skills });
    let token = |skills: &Value| Token::of("reachable", 30, &data(skills));
    let look_for = json!([
        { "skill": "cards", "channel": "voice" }, { "skill": "cards", "channel": "chat" },
        { "skill": "mortgages", "channel": "voice" }, { "skill": "welsh", "channel": "voice" },
        { "skill": "loans", "channel": "voice" },
    ]);
    let input = |token: String| json!({ "token": token, "nonce": hex::encode(nonce()), "asked": T, "look_for": look_for });
    let mut cases = short(&|| token(&skills), 60, &input, asked);
    let good = token(&skills).signed();
    let at = |seconds: u64| changed(&input(good.clone()), "shown_at", Some(json!(seconds)));
    cases.extend([
        taken("29 seconds after the question", input(good.clone()), T + 29),
        refused("30 seconds after the question", input(good.clone()), T + 30, "stale"),
        refused(
            "a clock that was set back",
            changed(&input(good.clone()), "asked", Some(json!(T + 1))),
            T,
            "stale",
        ),
        taken("shown a while later: the age has grown", at(T + 17), T),
        taken("shown when its seconds are over: unknown", at(T + 30), T),
        taken("shown by a clock that was set back: unknown", at(T - 1), T),
        refused(
            "the answer to another question",
            changed(&input(good.clone()), "nonce", Some(json!("00".repeat(16)))),
            T,
            "other_question",
        ),
        taken("no skill", input(token(&json!([])).signed()), T),
    ]);
    let age = json!({ "wait": { "seconds": u32::MAX, "free": true, "age_seconds": u32::MAX } });
    let oldest = input(token(&json!([skill("cards", "voice", &age)])).signed());
    cases.push(taken(
        "the longest wait and the oldest report",
        changed(&oldest, "shown_at", Some(json!(T + 5))),
        T,
    ));
    for (name, reach) in [
        ("a reach of later", json!("later")),
        ("a reach with what it should not hold", json!({ "closed": null })),
        ("a wait without what it should hold", json!("wait")),
        ("a wait without an age", json!({ "wait": { "seconds": 1, "free": true } })),
        ("a wait in an array", json!({ "wait": [1, true, 1] })),
        ("a wait below zero", json!({ "wait": { "seconds": -1, "free": true, "age_seconds": 1 } })),
        (
            "a wait of more than 32 bits",
            json!({ "wait": { "seconds": 1_u64 << 32, "free": true, "age_seconds": 1 } }),
        ),
        (
            "a wait with a part of a second",
            json!({ "wait": { "seconds": 1.5, "free": true, "age_seconds": 1 } }),
        ),
        ("free by a number", json!({ "wait": { "seconds": 1, "free": 1, "age_seconds": 1 } })),
        (
            "two reaches",
            json!({ "wait": { "seconds": 1, "free": true, "age_seconds": 1 }, "open": null }),
        ),
    ] {
        let token = token(&json!([skill("cards", "voice", &reach)]));
        cases.push(refused(name, input(token.signed()), T, "not_genuine"));
    }
    for (name, one) in [
        ("a skill with white space", skill("the cards", "voice", &wait)),
        ("a channel of later", skill("cards", "later", &wait)),
        ("a skill in an array", json!(["cards", "voice", "open"])),
    ] {
        cases.push(refused(name, input(token(&json!([one])).signed()), T, "not_genuine"));
    }
    cases
}

/// The board's number when the notice of these cases was posted.
const POSTED: u64 = T;
const NOTHING: &str = r#"{"everyone":null,"own":null}"#;

fn notice() -> Value {
    json!({
        "kind": "scam", "headline": "False text messages about parcels",
        "text": "We never ask you to move money because of a parcel. Hang up.", "number": POSTED,
        "channels": ["sms", "chat"],
        "handles": [{"channel": "sms", "handle": "BANK"}],
    })
}

/// The id of a token of these cases, as ids are written.
fn id() -> String {
    crockford(&counting::<16>(0x60))
}

fn other_id() -> String {
    crockford(&counting::<16>(0x20))
}

fn list(number: u64, in_force: &[String]) -> Value {
    json!({ "number": number, "in_force": in_force })
}

/// What an app has learnt, as it is written down.
fn learnt(number: u64, in_force: &[String], until: u64) -> String {
    let in_force = json!(in_force);
    format!(r#"{{"number":{number},"in_force":{in_force},"until":"{}"}}"#, at(until))
}

fn own(known: &str) -> String {
    format!(r#"{{"everyone":null,"own":{known}}}"#)
}

fn everyones(known: &str) -> String {
    format!(r#"{{"everyone":{known},"own":null}}"#)
}

pub(super) fn lists() -> Vec<Case> {
    let in_force = [id(), other_id()];
    let token = |data: &Value| Token::of("notice_list", 3600, data);
    let from = |list: String, known: &str| json!({ "list": list, "known": known });
    let input = |list: String| from(list, NOTHING);
    let data = list(POSTED, &in_force);
    let mut cases = short(&|| token(&data), DAY, &input, |rejection| rejection);
    let good = token(&data).signed();
    let gave = |known: String| json!({ "known": known });
    let now_known = learnt(POSTED, &in_force, T + 3600);
    cases.push(gives("the first", input(good.clone()), T, gave(own(&now_known))));
    for (name, known) in [
        ("after an older one", own(&learnt(POSTED - 1, &[], T))),
        ("after the same one", own(&now_known)),
        ("after another with the same number", own(&learnt(POSTED, &[], T + 60))),
    ] {
        cases.push(gives(name, from(good.clone(), &known), T, gave(own(&now_known))));
    }
    let newer = own(&learnt(POSTED + 1, &[], T - 99 * DAY));
    cases.push(refused(
        "after a newer one, though that is over",
        from(good.clone(), &newer),
        T,
        "older",
    ));
    let theirs = learnt(POSTED + 1, &[], T);
    let both = format!(r#"{{"everyone":{theirs},"own":{now_known}}}"#);
    let beside = from(good.clone(), &everyones(&theirs));
    cases.push(gives(
        "beside everyone's, whose number is another's",
        beside,
        T,
        gave(both.clone()),
    ));
    let everyone = changed(&list(POSTED + 1, &[]), "for_everyone", Some(json!(true)));
    let of_everyone = for_everyone(token(&everyone)).signed();
    let until = learnt(POSTED + 1, &[], T + 3600);
    let after = format!(r#"{{"everyone":{until},"own":{now_known}}}"#);
    cases.push(gives("everyone's, beside the own", from(of_everyone, &both), T, gave(after)));
    let most = list(u64::MAX, &in_force);
    let learnt_most = own(&learnt(u64::MAX, &in_force, T + 3600));
    cases.push(gives(
        "with the highest number",
        input(token(&most).signed()),
        T,
        gave(learnt_most.clone()),
    ));
    let one_less = token(&list(u64::MAX - 1, &in_force)).signed();
    cases.push(refused("one less than the highest", from(one_less, &learnt_most), T, "older"));
    for (name, token) in [
        ("everyone's, for one customer", token(&everyone)),
        ("a customer's, for everyone", for_everyone(token(&data))),
    ] {
        cases.push(refused(name, input(token.signed()), T, "audience"));
    }
    for (name, member, value) in [
        ("a number that is a text", "number", json!("1")),
        ("a number below zero", "number", json!(-1)),
        ("an id in capitals", "in_force", json!([id().to_uppercase()])),
        ("an id that is too short", "in_force", json!([&id()[1..]])),
        ("a text for everyone", "for_everyone", json!("yes")),
    ] {
        cases.push(refused(
            name,
            input(token(&changed(&data, member, Some(value))).signed()),
            T,
            "claims",
        ));
    }
    for (name, known) in [
        ("what was learnt is no JSON", ""),
        ("what was learnt is an array", "[null,null]"),
        (
            "a list that was learnt has no number",
            r#"{"own":{"in_force":[],"until":"2026-01-31T14:00:00Z"}}"#,
        ),
        (
            "a list that was learnt has another id",
            r#"{"own":{"number":1,"in_force":["x"],"until":"2026-01-31T14:00:00Z"}}"#,
        ),
    ] {
        cases.push(refused(name, from(good.clone(), known), T, "known"));
    }
    cases
}

pub(super) fn notices() -> Vec<Case> {
    let token = |data: &Value| Token::of("notice", 7 * DAY, data);
    let with = |token: String, known: &str| json!({ "token": token, "known": known });
    let input = |token: String| with(token, NOTHING);
    // What must be there, and nothing that may be missing.
    let plain = changed(&changed(&notice(), "channels", None), "handles", None);
    let mut cases = short(&|| token(&plain), 31 * DAY, &input, |rejection| rejection);
    let good = token(&notice()).signed();
    let found = |on: &str| changed(&input(good.clone()), "found_on", Some(json!(on)));
    for on in ["sms:BANK", "sms:bank", "chat"] {
        cases.push(taken(format!("found on {on}"), found(on), T));
    }
    for on in ["sms", "sms:BANK-HELP", "sms:BAN\u{212a}", "chat:bank", "email:BANK", "voice"] {
        cases.push(refused(format!("found on {on}"), found(on), T, "found_elsewhere"));
    }
    let says = |name: &str, value: Option<Value>| token(&changed(&notice(), name, value)).signed();
    let nowhere = says("channels", None);
    cases.push(taken("for the app alone, from its board", input(nowhere.clone()), T));
    let in_a_chat = changed(&input(nowhere), "found_on", Some(json!("chat")));
    cases.push(refused("for the app alone, found in a chat", in_a_chat, T, "found_elsewhere"));
    cases.extend(standing(&token, &with));
    for (name, member, value) in [
        ("a notice of another kind", "kind", json!("disruption")),
        ("any notice", "kind", json!("general")),
        ("a kind of later is any notice", "kind", json!("later")),
        ("a kind called as what every object has", "kind", json!("constructor")),
        ("the highest number", "number", json!(u64::MAX)),
        (
            "a handle on a channel that is not named",
            "handles",
            json!([{"channel": "email", "handle": "a@b"}]),
        ),
    ] {
        cases.push(taken(name, input(says(member, Some(value))), T));
    }
    let handle = |n: usize| json!({"channel": "sms", "handle": format!("BANK{n}")});
    let many = |n: usize| json!((0..n).map(handle).collect::<Vec<_>>());
    cases.push(taken("sixteen handles", input(says("handles", Some(many(16)))), T));
    for (name, member, value) in [
        ("a kind that is no text", "kind", json!(1)),
        ("no channel", "channels", json!([])),
        ("a channel twice", "channels", json!(["sms", "sms"])),
        ("a channel of later", "channels", json!(["later"])),
        ("seventeen handles", "handles", many(17)),
        ("a handle twice", "handles", json!([handle(1), {"channel": "sms", "handle": "bank1"}])),
        ("a headline of two lines", "headline", json!("False\nmessages")),
        ("a text of 257 characters", "text", json!("t".repeat(257))),
        ("a number that is a text", "number", json!("1")),
        ("an audience that is said to be a pseudonym by a text", "pseudonymous", json!("yes")),
    ] {
        cases.push(refused(name, input(says(member, Some(value))), T, "claims"));
    }
    cases.extend(addressed(&token, &with));
    cases
}

type Makes<'m> = &'m dyn Fn(&Value) -> Token;
type Opens<'o> = &'o dyn Fn(String, &str) -> Value;

/// What the lists that the app has learnt say of it.
fn standing(token: Makes<'_>, with: Opens<'_>) -> Vec<Case> {
    let good = token(&notice()).signed();
    let case = |name: &str, known: String| taken(name, with(good.clone(), &known), T);
    let gone =
        |name: &str, known: String| refused(name, with(good.clone(), &known), T, "withdrawn");
    let (here, elsewhere) = ([id()], [other_id()]);
    let mut everyone = changed(&notice(), "for_everyone", Some(json!(true)));
    everyone["headline"] = json!("For all");
    let for_all = for_everyone(token(&everyone)).signed();
    vec![
        case("on the list", own(&learnt(POSTED, &here, T + 1))),
        case("on a newer list", own(&learnt(POSTED + 1, &here, T + 1))),
        case("on a list that is over", own(&learnt(POSTED, &here, T))),
        case("newer than the list", own(&learnt(POSTED - 1, &elsewhere, T + 1))),
        case("everyone's list says nothing of it", everyones(&learnt(POSTED, &elsewhere, T + 1))),
        gone("not on the list", own(&learnt(POSTED, &elsewhere, T + 1))),
        gone("not on a newer list", own(&learnt(POSTED + 1, &[], T + 1))),
        gone("not on a list that is over", own(&learnt(POSTED, &[], T - DAY))),
        taken(
            "everyone's, on everyone's list",
            with(for_all.clone(), &everyones(&learnt(POSTED, &here, T + 1))),
            T,
        ),
        taken(
            "everyone's, not on the own list",
            with(for_all.clone(), &own(&learnt(POSTED, &[], T + 1))),
            T,
        ),
        refused(
            "everyone's, not on everyone's list",
            with(for_all, &everyones(&learnt(POSTED, &elsewhere, T + 1))),
            T,
            "withdrawn",
        ),
        refused("what was learnt cannot be read", with(good.clone(), "{"), T, "known"),
    ]
}

/// For whom it is: this customer, everyone, or whoever a pseudonym stands for.
fn addressed(token: Makes<'_>, with: Opens<'_>) -> Vec<Case> {
    use sha2::{Digest, Sha256};
    let everyone = changed(&notice(), "for_everyone", Some(json!(true)));
    let hidden = |audience: &str| {
        let mut token = token(&changed(&notice(), "pseudonymous", Some(json!(true))));
        token.audience = audience.to_owned();
        token.signed()
    };
    let audience = {
        let bytes = base32::decode(base32::Alphabet::Crockford, PSEUDONYM).unwrap();
        let id: [u8; 16] = counting(0x60);
        let pieces: [&[u8]; 3] = [b"countersign audience v1", &bytes, &id];
        crockford(&Sha256::digest(crate::wire::pae(&pieces))[..16])
    };
    let mut knows = device();
    knows["pseudonym"] = json!(PSEUDONYM);
    let by = |token: String, device: &Value| {
        changed(&with(token, NOTHING), "device", Some(device.clone()))
    };
    vec![
        taken("for everyone", with(for_everyone(token(&everyone)).signed(), NOTHING), T),
        refused(
            "for everyone, addressed to one",
            with(token(&everyone).signed(), NOTHING),
            T,
            "audience",
        ),
        refused(
            "for one, addressed to everyone",
            with(for_everyone(token(&notice())).signed(), NOTHING),
            T,
            "audience",
        ),
        taken("under this customer's pseudonym", by(hidden(&audience), &knows), T),
        taken(
            "under a pseudonym, for a device that knows none",
            by(hidden(&audience), &device()),
            T,
        ),
        refused(
            "under another's pseudonym",
            by(hidden("4x07357sjdfry7vqxzw8xng524"), &knows),
            T,
            "audience",
        ),
        refused(
            "under the customer's name, said to be a pseudonym",
            by(hidden("alice"), &knows),
            T,
            "audience",
        ),
    ]
}
