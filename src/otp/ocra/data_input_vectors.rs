//! The data input itself, byte for byte, for every OCRA vector of RFC 6287 C.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use crate::crypto::digest::sha256;
use crate::crypto::oath::Message as _;
use crate::otp::TimeStep;
use crate::otp::ocra::{
    ClientChallenge, Inputs, OcraChallenge, PinHash, ServerChallenge, SignatureChallenge, Suite,
};

#[test]
fn the_data_input_is_the_rfcs() {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/vectors/oath.json")).unwrap();
    let mut checked = 0;
    for vector in file.get("vectors").unwrap().as_array().unwrap() {
        let Some(expected) = vector.get("data_input_sha256") else { continue };
        let text = |field: &str| vector.get(field).and_then(|value| value.as_str());
        let number = |field: &str| vector.get(field).and_then(serde_json::Value::as_u64);
        let suite: Suite = text("suite").unwrap().parse().unwrap();
        let format = suite.challenge_format();
        let question = text("question").unwrap();
        let of_client = text("client_challenge").unwrap_or("CLI22220");
        let of_server = text("server_challenge").unwrap_or("SRV11110");
        let one_way = OcraChallenge::new(format, question);
        let signed = SignatureChallenge::new(format, question);
        let client = ClientChallenge::new(format, of_client);
        let server = ServerChallenge::new(format, of_server);
        let mut inputs = match text("mode").unwrap() {
            "one-way" => Inputs::one_way(one_way.as_ref().unwrap()),
            "signature" => Inputs::signature(signed.as_ref().unwrap()),
            "mutual-server" => {
                Inputs::server_response(client.as_ref().unwrap(), server.as_ref().unwrap())
            }
            "mutual-client" => {
                Inputs::client_response(server.as_ref().unwrap(), client.as_ref().unwrap())
            }
            mode => panic!("{mode}"),
        };
        let pin_hash = text("password_hash").map(|hash| {
            PinHash::from_bytes(suite.pin_hash().unwrap(), &hex::decode(hash).unwrap()).unwrap()
        });
        if let Some(pin_hash) = &pin_hash {
            inputs = inputs.with_pin_hash(pin_hash);
        }
        if let Some(counter) = number("counter") {
            inputs = inputs.with_counter(counter);
        }
        if let Some(time) = number("time") {
            inputs = inputs.with_time_step(TimeStep::new(time));
        }
        let data = inputs.data_input(&suite).unwrap();
        let mut whole = Vec::new();
        data.feed(|piece| whole.extend_from_slice(piece));
        assert_eq!(Some(u64::try_from(whole.len()).unwrap()), number("data_input_len"));
        assert_eq!(hex::encode(sha256(&whole)), expected.as_str().unwrap());
        checked += 1;
    }
    assert_eq!(checked, 70);
}
