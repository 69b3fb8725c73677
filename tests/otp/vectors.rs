//! The vectors of RFC 4226 D, RFC 6238 B and RFC 6287 C.

use countersign::otp::ocra::{
    ClientChallenge, Inputs, OcraChallenge, PinHash, Search, ServerChallenge, SignatureChallenge,
    Suite,
};
use countersign::otp::{Algorithm, Code, Digits, Hotp, Ocra, OtpSeed, StepWindow, TimeStep, Totp};
use serde_json::Value;

fn vectors(kind: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../vectors/oath.json")).unwrap();
    let all = file["vectors"].as_array().unwrap();
    assert_eq!(all.len(), 98);
    all.iter().filter(|vector| vector["kind"] == kind).cloned().collect()
}

fn text<'v>(vector: &'v Value, field: &str) -> &'v str {
    vector[field].as_str().unwrap()
}

fn seed(vector: &Value) -> OtpSeed {
    OtpSeed::from_hex(text(vector, "key")).unwrap()
}

fn algorithm(name: &str) -> Algorithm {
    match name {
        "SHA1" => Algorithm::Sha1,
        "SHA256" => Algorithm::Sha256,
        "SHA512" => Algorithm::Sha512,
        other => panic!("{other}"),
    }
}

#[test]
fn hotp() {
    let vectors = vectors("hotp");
    assert_eq!(vectors.len(), 10);
    for vector in vectors {
        let hotp = Hotp::new(&seed(&vector), Algorithm::Sha1, Digits::SIX);
        let counter = vector["counter"].as_u64().unwrap();
        let code: Code = text(&vector, "expected").parse().unwrap();
        assert_eq!(hotp.generate(counter), code);
        assert_eq!(hotp.generate(counter).expose(), text(&vector, "expected"));
        assert_eq!(hotp.verify(&code, counter, 0), Some(counter));

        // Ten digits hold the whole truncated value.
        let whole = Hotp::new(&seed(&vector), Algorithm::Sha1, Digits::new(10).unwrap());
        let truncated = format!("{:010}", vector["truncated_dec"].as_u64().unwrap());
        assert_eq!(whole.generate(counter).expose(), truncated);
    }
}

#[test]
fn totp() {
    let vectors = vectors("totp");
    assert_eq!(vectors.len(), 18);
    for vector in vectors {
        let name = text(&vector, "suite").split('-').nth(1).unwrap();
        let totp = Totp::new(&seed(&vector), algorithm(name), Digits::EIGHT, Totp::THIRTY_SECONDS);
        let time = vector["unix_time"].as_u64().unwrap();
        let step = TimeStep::new(vector["time"].as_u64().unwrap());
        let code: Code = text(&vector, "expected").parse().unwrap();
        assert_eq!(totp.time_step_at(time), step);
        assert_eq!(totp.generate(time).expose(), text(&vector, "expected"));
        assert_eq!(totp.verify(&code, time, StepWindow::either_side(0), None), Some(step));
        assert_eq!(totp.verify(&code, time, StepWindow::either_side(0), Some(step)), None);
    }
}

#[test]
fn ocra() {
    let vectors = vectors("ocra");
    assert_eq!(vectors.len(), 70);
    for vector in vectors {
        let suite: Suite = text(&vector, "suite").parse().unwrap();
        assert_eq!(suite.to_string(), text(&vector, "suite"));
        let ocra = Ocra::new(&seed(&vector), suite);
        let format = suite.challenge_format();
        let pin_hash = suite.pin_hash().map(|algorithm| {
            assert_eq!(algorithm, Algorithm::Sha1);
            let given = hex::decode(text(&vector, "password_hash")).unwrap();
            let given = PinHash::from_bytes(algorithm, &given).unwrap();
            assert_eq!(given, PinHash::of(algorithm, "1234"));
            given
        });

        let one_way;
        let signed;
        let (client, server);
        let mut inputs = match text(&vector, "mode") {
            "one-way" => {
                one_way = OcraChallenge::new(format, text(&vector, "question")).unwrap();
                Inputs::one_way(&one_way)
            }
            "signature" => {
                signed = SignatureChallenge::new(format, text(&vector, "question")).unwrap();
                Inputs::signature(&signed)
            }
            mode => {
                client = ClientChallenge::new(format, text(&vector, "client_challenge")).unwrap();
                server = ServerChallenge::new(format, text(&vector, "server_challenge")).unwrap();
                match mode {
                    "mutual-server" => Inputs::server_response(&client, &server),
                    "mutual-client" => Inputs::client_response(&server, &client),
                    other => panic!("{other}"),
                }
            }
        };
        if let Some(counter) = vector["counter"].as_u64() {
            inputs = inputs.with_counter(counter);
        }
        if let Some(pin_hash) = &pin_hash {
            inputs = inputs.with_pin_hash(pin_hash);
        }
        if let Some(time) = vector["time"].as_u64() {
            assert_eq!(
                suite.time_step_at(vector["unix_time"].as_u64().unwrap()),
                Some(TimeStep::new(time))
            );
            inputs = inputs.with_time_step(TimeStep::new(time));
        }
        let expected = text(&vector, "expected");
        assert_eq!(ocra.respond(&inputs).unwrap().expose(), expected, "{vector}");
        let found = ocra.verify(&inputs, Search::EXACT, &expected.parse().unwrap()).unwrap();
        let found = found.expect("a right response is found");
        assert_eq!(found.counter(), vector["counter"].as_u64());
        assert_eq!(found.time_step().map(TimeStep::get), vector["time"].as_u64());
    }
}
