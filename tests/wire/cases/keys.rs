//! Public keys, and sets of them.

use serde_json::json;

use super::{Case, gives, refused, taken};
use crate::wire::base64url;
use crate::world::{T, bank, paserk, vault};

pub(super) fn public_keys() -> Vec<Case> {
    let good = paserk(&bank());
    let x = base64url(&bank().public);
    let own = |text: &str| json!({ "paserk": text });
    let jwk = |text: String| json!({ "jwk": text });
    let with = |members: &str| {
        jwk(format!("{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{x}\"{members}}}"))
    };
    let weak = |bytes: [u8; 32]| own(&format!("k4.public.{}", base64url(&bytes)));
    let ends = |first: u8, between: u8, last: u8| {
        let mut bytes = [between; 32];
        (bytes[0], bytes[31]) = (first, last);
        bytes
    };
    let order_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    vec![
        taken("PASERK", own(&good), T),
        taken("a JWK", with(""), T),
        taken(
            "a JWK with other members",
            with(",\"kid\":\"x\",\"alg\":\"EdDSA\",\"use\":\"sig\""),
            T,
        ),
        refused("a JWK to encrypt with", with(",\"use\":\"enc\""), T, "not_a_key"),
        refused("a JWK with its secret half", with(",\"d\":\"AA\""), T, "secret"),
        refused("a JWK with a member twice", with(",\"x\":\"AA\""), T, "not_a_key"),
        refused(
            "another curve's",
            jwk(format!("{{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"{x}\"}}")),
            T,
            "not_a_key",
        ),
        refused(
            "a JWK that is an array",
            jwk(format!("[\"OKP\",\"Ed25519\",\"{x}\"]")),
            T,
            "not_a_key",
        ),
        refused("a secret key", own(&good.replace("public", "secret")), T, "secret"),
        refused("another version's", own(&good.replace("k4", "k2")), T, "not_a_key"),
        refused("a character short", own(&good[..good.len() - 1]), T, "not_a_key"),
        refused("bits left over", own(&good.replace("URo", "URp")), T, "not_a_key"),
        refused("padding", own(&format!("{good}=")), T, "not_a_key"),
        refused("the neutral element", weak(ends(1, 0, 0)), T, "weak"),
        refused("of order 2", weak(ends(0xec, 0xff, 0x7f)), T, "weak"),
        refused("of order 4", weak([0; 32]), T, "weak"),
        refused("of order 4, with the other sign", weak(ends(0, 0, 0x80)), T, "weak"),
        refused("of order 8", weak(hex::decode(order_8).unwrap().try_into().unwrap()), T, "weak"),
        refused("written in another form", weak(ends(0xee, 0xff, 0x7f)), T, "weak"),
        refused("not below the prime", weak(ends(0xf2, 0xff, 0x7f)), T, "weak"),
    ]
}

pub(super) fn sets() -> Vec<Case> {
    let set = |keys: &[String]| json!({ "issuer": "bank.example", "set": format!("{{\"keys\":[{}]}}", keys.join(",")) });
    let key = |of: &crate::wire::Signs, more: &str| {
        let x = base64url(&of.public);
        format!("{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{x}\",\"use\":\"sig\"{more}}}")
    };
    let now = format!(",\"purposes\":[\"step_up\",\"status\"],\"nbf\":{T},\"exp\":{}", T + 1);
    let one = |more: &str| set(&[key(&bank(), more)]);
    let kid = bank().kid;
    vec![
        taken(
            "two keys",
            set(&[key(&bank(), &now), key(&vault(), ",\"purposes\":[\"receipt\"]")]),
            T,
        ),
        gives("before their time", one(&now), T - 1, json!([])),
        gives("after it", one(&now), T + 1, json!([])),
        gives("without purposes", one(""), T, json!([])),
        gives(
            "for a purpose of a later version",
            one(",\"purposes\":[\"later\",\"status\"]"),
            T,
            json!([[kid, "status"]]),
        ),
        taken(
            "with keys of other kinds",
            set(&["{\"kty\":\"RSA\",\"n\":\"x\"}".to_owned(), key(&bank(), &now)]),
            T,
        ),
        refused(
            "a key twice for a purpose",
            set(&[key(&bank(), &now), key(&bank(), &now)]),
            T,
            "not_a_set",
        ),
        refused("a purpose twice", one(",\"purposes\":[\"status\",\"status\"]"), T, "not_a_set"),
        refused(
            "a time that is none",
            one(",\"purposes\":[\"status\"],\"exp\":\"tomorrow\""),
            T,
            "not_a_set",
        ),
        refused(
            "a time that ends when it begins",
            one(&format!(",\"purposes\":[\"status\"],\"nbf\":{T},\"exp\":{T}")),
            T,
            "not_a_set",
        ),
        refused("a secret key", one(",\"purposes\":[\"status\"],\"d\":\"AA\""), T, "secret"),
        refused(
            "a member twice",
            one(",\"purposes\":[\"status\"],\"purposes\":[]"),
            T,
            "not_a_set",
        ),
        refused("no set", json!({"issuer": "bank.example", "set": "[]"}), T, "not_a_set"),
        refused(
            "longer than sets are",
            json!({"issuer": "bank.example", "set": format!("{{\"keys\":[]}}{}", " ".repeat(65_536))}),
            T,
            "not_a_set",
        ),
    ]
}
