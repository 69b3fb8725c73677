//! What can be wrong with any token, whatever it says.

use serde_json::{Value, json};

use super::{Case, refused, taken};
use crate::wire::base64url;
use crate::world::{T, Token, bank, changed, stranger, vault};

/// Makes the input of a case from a token.
type Input<'i> = &'i dyn Fn(String) -> Value;

/// The few that each purpose has. `rejected` says how the operation names a token's rejection.
pub(super) fn short(
    token: &dyn Fn() -> Token,
    longest: u64,
    input: Input<'_>,
    rejected: fn(&'static str) -> &'static str,
) -> Vec<Case> {
    let data: Value = serde_json::from_str(&token().data).unwrap();
    let first = data.as_object().unwrap().keys().next().unwrap().clone();
    let now = token().not_before;
    let of = |change: &dyn Fn(&mut Token)| input(token().with(|one| change(one)).signed());
    let says = |data: &Value| input(token().with(|one| one.data = data.to_string()).signed());
    let values: Vec<_> = data.as_object().unwrap().values().collect();
    vec![
        taken("genuine", input(token().signed()), now),
        taken(
            "a member that a later version adds",
            says(&changed(&data, "later", Some(json!([{"a": 1}])))),
            now,
        ),
        refused(
            "another audience",
            of(&|one| one.audience = "mallory".to_owned()),
            now,
            rejected("audience"),
        ),
        refused("another issuer", of(&|one| one.issuer = "other.example"), now, rejected("issuer")),
        refused(
            "signed for another purpose",
            of(&|one| one.assertion = "grant"),
            now,
            rejected("signature"),
        ),
        refused(
            "by a key that nobody trusts",
            input(token().signed_by(&stranger())),
            now,
            rejected("unknown_key"),
        ),
        refused(
            "by the vault's key",
            input(token().signed_by(&vault())),
            now,
            rejected("unknown_key"),
        ),
        refused(
            "a second longer than the purpose allows",
            of(&|one| one.expires_at = one.not_before + longest + 1),
            now,
            rejected("lifetime"),
        ),
        refused("from the future", input(token().signed()), now - 31, rejected("not_yet_valid")),
        refused("over", input(token().signed()), token().expires_at + 30, rejected("expired")),
        refused("a member missing", says(&changed(&data, &first, None)), now, rejected("claims")),
        refused(
            "null in the place of a member",
            says(&changed(&data, &first, Some(Value::Null))),
            now,
            rejected("claims"),
        ),
        refused("an array in the place of the data", says(&json!(values)), now, rejected("claims")),
    ]
}

/// All of it.
pub(super) fn whole(token: &dyn Fn() -> Token, input: Input<'_>) -> Vec<Case> {
    let of = |change: &dyn Fn(&mut Token)| input(token().with(|one| change(one)).signed());
    let now = token().not_before;
    let signed = |claims: String| input(bank().token(&claims, token().purpose).1);
    let claims = token().claims();
    let good = token().signed();
    let replaced = |from: &str, to: &str| {
        assert!(claims.contains(from), "{from}");
        signed(claims.replacen(from, to, 1))
    };
    let footer = |json: &str| {
        let body = good.rsplit_once('.').unwrap().0;
        input(format!("{body}.{}", base64url(json.as_bytes())))
    };
    let until = token().expires_at;
    let depth = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        replaced("\"data\":{", &format!("\"data\":{{\"later\":{open}{close},"))
    };
    let mut cases = vec![
        taken("30 seconds before it begins", input(good.clone()), now - 30),
        taken("29 seconds after it has ended", input(good.clone()), until + 29),
        taken("issued after it begins", of(&|one| one.issued_at = one.not_before + 20), now),
        refused(
            "issued when it ends",
            of(&|one| one.issued_at = one.expires_at),
            until,
            "lifetime",
        ),
        refused(
            "issued in the future",
            of(&|one| one.issued_at = one.not_before + 40),
            now,
            "not_yet_valid",
        ),
        refused("ends when it begins", of(&|one| one.expires_at = one.not_before), now, "lifetime"),
        refused(
            "another purpose than its signature's",
            of(&|one| one.purpose = "grant"),
            now,
            "purpose",
        ),
        refused("a purpose that nobody knows", of(&|one| one.purpose = "later"), now, "claims"),
        taken("+00:00 for Z", replaced("00Z\",\"nbf", "00+00:00\",\"nbf"), now),
        refused("another zone", replaced("00Z\",\"nbf", "00+01:00\",\"nbf"), now, "claims"),
        refused("a part of a second", replaced("00Z\",\"nbf", "00.5Z\",\"nbf"), now, "claims"),
        refused(
            "a day that is none",
            replaced("\"iat\":\"2026-01-31", "\"iat\":\"2026-02-29"),
            now,
            "claims",
        ),
        refused(
            "a claim that is not known",
            replaced("\"data\":", "\"extra\":1,\"data\":"),
            now,
            "claims",
        ),
        refused(
            "a claim twice",
            replaced("\"data\":", "\"aud\":\"alice\",\"data\":"),
            now,
            "claims",
        ),
        refused(
            "a member of the data twice",
            replaced("\"data\":{", "\"data\":{\"later\":1,\"later\":1,"),
            now,
            "claims",
        ),
        refused(
            "a member twice, spelled otherwise",
            replaced("\"data\":{", "\"data\":{\"later\":1,\"l\\u0061ter\":1,"),
            now,
            "claims",
        ),
        refused(
            "a member twice, far inside",
            replaced("\"data\":{", "\"data\":{\"later\":[{\"a\":1,\"a\":1}],"),
            now,
            "claims",
        ),
        refused("no token id", replaced("\"jti\":\"YGFiY2RlZmdoaWprbG1ubw\",", ""), now, "claims"),
        refused(
            "a token id with bits left over",
            replaced("YGFiY2RlZmdoaWprbG1ubw", "YGFiY2RlZmdoaWprbG1ubx"),
            now,
            "claims",
        ),
        refused("something after the claims", signed(format!("{claims} 1")), now, "claims"),
        taken("white space around the claims", signed(format!(" {claims}\n")), now),
        refused(
            "a byte order mark before the claims",
            signed(format!("\u{feff}{claims}")),
            now,
            "claims",
        ),
        refused("a comment", signed(claims.replacen('{', "{/**/", 1)), now, "claims"),
        refused("a comma too many", signed(claims.replacen("}}", "},}", 1)), now, "claims"),
        refused(
            "half of a pair of surrogates",
            replaced("\"data\":{", "\"data\":{\"later\":\"\\ud800\","),
            now,
            "claims",
        ),
        refused(
            "a number that begins with zero",
            replaced("\"data\":{", "\"data\":{\"later\":01,"),
            now,
            "claims",
        ),
        taken(
            "a number beyond 64 bits, where nobody reads it",
            replaced("\"data\":{", "\"data\":{\"later\":18446744073709551616,"),
            now,
        ),
        taken("fourteen levels of brackets in the data", depth(14), now),
        refused("fifteen levels of brackets in the data", depth(15), now, "claims"),
        refused("no text", input(String::new()), now, "malformed"),
        refused(
            "another header",
            input(good.replacen("v4.public", "v2.public", 1)),
            now,
            "malformed",
        ),
        refused("a part too many", input(format!("{good}.")), now, "malformed"),
        refused("no footer", input(good.rsplit_once('.').unwrap().0.to_owned()), now, "malformed"),
        refused("padding", input(format!("{good}=")), now, "malformed"),
        refused("a line end", input(format!("{good}\n")), now, "malformed"),
        refused(
            "a footer with more in it",
            footer(&format!("{{\"kid\":\"{}\",\"a\":1}}", bank().kid)),
            now,
            "malformed",
        ),
        refused(
            "a key id twice",
            footer(&format!("{{\"kid\":\"{0}\",\"kid\":\"{0}\"}}", bank().kid)),
            now,
            "malformed",
        ),
        refused(
            "a footer that is an array",
            footer(&format!("[\"{}\"]", bank().kid)),
            now,
            "malformed",
        ),
        refused(
            "another spelling of the footer",
            footer(&format!("{{ \"kid\":\"{}\"}}", bank().kid)),
            now,
            "signature",
        ),
        refused(
            "longer than tokens are",
            input(format!("{good}{}", "A".repeat(8192))),
            now,
            "too_long",
        ),
    ];
    for (at, name) in [
        (20, "a byte of the claims changed"),
        (good.rfind('.').unwrap() - 20, "a byte of the signature changed"),
    ] {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        cases.push(refused(name, input(String::from_utf8(bytes).unwrap()), now, "signature"));
    }
    cases.push(refused(
        "a signature whose second half is not below the order",
        input(with_the_order_added(&good)),
        now,
        "signature",
    ));
    cases.push(taken("trusted until later", until_later(input, good.clone(), T + 1), now));
    cases.push(refused("the key's time is over", until_later(input, good, T), now, "unknown_key"));
    cases
}

fn until_later(input: Input<'_>, token: String, until: u64) -> Value {
    let mut device = crate::world::device();
    for key in device["keys"].as_array_mut().unwrap() {
        key["until"] = json!(until);
    }
    changed(&input(token), "device", Some(device))
}

/// The same token with the group's order added to the second half of its signature: without a look at it, that verifies.
fn with_the_order_added(token: &str) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let (payload, footer) = token["v4.public.".len()..].split_once('.').unwrap();
    let mut signed = Base64UrlUnpadded::decode_vec(payload).unwrap();
    let start = signed.len() - 32;
    let mut carry = 0;
    for (to, add) in signed[start..].iter_mut().zip(hex::decode(order).unwrap()) {
        let sum = u16::from(*to) + u16::from(add) + carry;
        (*to, carry) = ((sum & 0xff).to_le_bytes()[0], sum >> 8);
    }
    format!("v4.public.{}.{footer}", base64url(&signed))
}
