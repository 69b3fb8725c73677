//! The test vectors of the specification, all fifteen pairs of them (section "Test Vectors"), as in the editor's draft of
//! Web Authentication Level 3 of 30 July 2026 (commit 146d0db0 of w3c/webauthn). The candidate recommendation of May
//! 2026 (commit 8bbf3638) has the same, except for the statement in the attestation object of `android-key-es256`.

use super::Expected;
use super::assertion::PasskeyAssertion;
use super::authenticator_data::AuthenticatorData;
use super::client_data::{Ceremony, ClientData};
use super::registration::{PasskeyRegistration, authenticator_data};

const FILE: &str = include_str!("../../tests/vectors/webauthn-l3.json");

struct Pair {
    name: String,
    fields: serde_json::Value,
}

impl Pair {
    fn all() -> Vec<Self> {
        let file: serde_json::Value = serde_json::from_str(FILE).unwrap();
        let pairs = file["pairs"].as_object().unwrap();
        let of = |(name, fields): (&String, &serde_json::Value)| Self {
            name: name.clone(),
            fields: fields.clone(),
        };
        pairs.iter().map(of).collect()
    }

    fn bytes(&self, field: &str) -> Vec<u8> {
        hex::decode(self.fields[field].as_str().unwrap()).unwrap()
    }

    fn registration(&self) -> PasskeyRegistration {
        let (client, object) = (self.bytes("r_clientDataJSON"), self.bytes("r_attestationObject"));
        PasskeyRegistration::new(&client, &object).unwrap()
    }

    fn assertion(&self) -> Option<PasskeyAssertion> {
        let of = |field: &str| self.bytes(field);
        let (id, client) = (of("r_credential_id"), of("a_clientDataJSON"));
        PasskeyAssertion::new(&id, &client, &of("a_authenticatorData"), &of("a_signature")).ok()
    }
}

fn origins() -> Vec<String> {
    vec!["https://example.org".to_owned()]
}

fn expected<'a>(challenge: &'a [u8], origins: &'a [String], verified: bool) -> Expected<'a> {
    Expected { rp_id: "example.org", origins, challenge, user_verification: verified }
}

/// What each pair is here: of an algorithm that is taken, of one origin, with the user verified at both times.
fn what(name: &str) -> (bool, bool) {
    let of_another = ["packed-es384", "packed-es512", "packed-rs256", "packed-ed448"];
    let of_two_origins = ["none-es256-crossOrigin", "none-es256-topOrigin"];
    (!of_another.contains(&name), !of_two_origins.contains(&name))
}

#[test]
fn every_pair_of_the_specification_is_what_it_says() {
    let (mut verified, mut refused) = (0, 0);
    for pair in Pair::all() {
        let (taken, one_origin) = what(&pair.name);
        let (origins, name) = (origins(), &pair.name);
        let challenge = pair.bytes("r_challenge");
        let registered = pair.registration().verified(&expected(&challenge, &origins, false));
        let object = pair.bytes("r_attestationObject");
        let data = authenticator_data(&object);
        assert!(data.is_some(), "{name}: every attestation is read");
        let read = data.and_then(AuthenticatorData::read);
        assert_eq!(read.is_some(), taken, "{name}");
        assert_eq!(registered.is_some(), taken && one_origin, "{name}");
        let Some(attested) = read.and_then(|read| read.attested) else {
            refused += 1;
            continue;
        };
        assert_eq!(attested.id, pair.bytes("r_credential_id"), "{name}");
        let assertion = pair.assertion().unwrap();
        assert!(assertion.is_signed(&attested.key), "{name}");
        let challenge = pair.bytes("a_challenge");
        let asserted = assertion.verified(&expected(&challenge, &origins, false), &attested.key);
        assert_eq!(asserted.is_some(), one_origin, "{name}");
        let data = pair.bytes("a_authenticatorData");
        let flags = AuthenticatorData::read(&data).unwrap().flags;
        let required = assertion.verified(&expected(&challenge, &origins, true), &attested.key);
        assert_eq!(required.is_some(), one_origin && flags.user_verified(), "{name}");
        verified += 1;
    }
    assert_eq!((verified, refused), (11, 4));
}

/// One bit of anything that is signed, and it is refused.
#[test]
fn every_byte_of_an_assertion_counts() {
    let origins = origins();
    for name in ["none-es256", "packed-eddsa"] {
        let pair = Pair::all().into_iter().find(|pair| pair.name == name).unwrap();
        let object = pair.bytes("r_attestationObject");
        let data = AuthenticatorData::read(authenticator_data(&object).unwrap()).unwrap();
        let key = data.attested.unwrap().key;
        let challenge = pair.bytes("a_challenge");
        let expected = expected(&challenge, &origins, false);
        let parts =
            ["a_clientDataJSON", "a_authenticatorData", "a_signature"].map(|of| pair.bytes(of));
        let verified = |[client, data, signature]: &[Vec<u8>; 3]| {
            let assertion = PasskeyAssertion::new(b"id", client, data, signature);
            assertion.ok().and_then(|assertion| assertion.verified(&expected, &key)).is_some()
        };
        assert!(verified(&parts));
        for part in 0..3 {
            for at in 0..parts[part].len() {
                let mut other = parts.clone();
                other[part][at] ^= 1;
                assert!(!verified(&other), "{name} {part} {at}");
            }
        }
    }
}

/// What client and relying party must agree on, one test each, with a right signature of the rest.
#[test]
fn what_is_not_expected_is_refused() {
    let origins = origins();
    let pair =
        Pair::all().into_iter().find(|pair| pair.name == "none-es256-long-credential-id").unwrap();
    let object = pair.bytes("r_attestationObject");
    let data = AuthenticatorData::read(authenticator_data(&object).unwrap()).unwrap();
    let key = data.attested.unwrap().key;
    let other_key = {
        let pair = Pair::all().into_iter().find(|pair| pair.name == "none-es256").unwrap();
        let object = pair.bytes("r_attestationObject");
        let data = AuthenticatorData::read(authenticator_data(&object).unwrap()).unwrap();
        data.attested.unwrap().key
    };
    let assertion = pair.assertion().unwrap();
    let challenge = pair.bytes("a_challenge");
    let good = expected(&challenge, &origins, true);
    assert!(assertion.verified(&good, &key).is_some());
    assert!(assertion.verified(&good, &other_key).is_none(), "another key");
    let elsewhere = vec!["https://example.com".to_owned(), "https://example.org/".to_owned()];
    let registered = pair.bytes("r_challenge");
    for (what, other) in [
        ("another RP id", Expected { rp_id: "example.com", ..good }),
        ("no RP id", Expected { rp_id: "", ..good }),
        ("another origin", Expected { origins: &elsewhere, ..good }),
        ("no origin", Expected { origins: &[], ..good }),
        ("another challenge", Expected { challenge: &registered, ..good }),
        ("no challenge", Expected { challenge: &[], ..good }),
    ] {
        assert!(assertion.verified(&other, &key).is_none(), "{what}");
    }
    let registration = pair.registration();
    let good = expected(&registered, &origins, false);
    assert!(registration.verified(&good).is_some());
    for (what, other) in [
        ("another RP id", Expected { rp_id: "example.com", ..good }),
        ("another origin", Expected { origins: &elsewhere, ..good }),
        ("another challenge", Expected { challenge: &challenge, ..good }),
    ] {
        assert!(registration.verified(&other).is_none(), "{what}");
    }
}

#[test]
fn client_data_has_one_reading() {
    let origins = vec!["https://bank.example".to_owned()];
    let of = |json: &str| {
        let read = ClientData::read(json.as_bytes());
        read.is_some_and(|read| read.is_of(Ceremony::Get, b"abc", &origins))
    };
    let good = r#"{"type":"webauthn.get","challenge":"YWJj","origin":"https://bank.example","crossOrigin":false}"#;
    assert!(of(good));
    // As Android writes it, and with more in it.
    assert!(of(
        r#"{"type":"webauthn.get","challenge":"YWJj","origin":"https:\/\/bank.example","androidPackageName":"x"}"#
    ));
    for (what, from, to) in [
        ("a registration", "webauthn.get", "webauthn.create"),
        ("a payment", "webauthn.get", "payment.get"),
        ("a padded challenge", "YWJj", "YWJj=="),
        ("another challenge", "YWJj", "YWJk"),
        ("another origin", "bank.example", "bank.example.evil.test"),
        ("another scheme", "https:", "http:"),
        ("in another page", "false", "true"),
        (
            "in another page, which is named",
            r#""crossOrigin":false"#,
            r#""topOrigin":"https://evil.test""#,
        ),
        ("a doubled member", r#""crossOrigin":false"#, r#""type":"webauthn.get""#),
        ("no truth value", "false", "0"),
        ("a number", r#""YWJj""#, "1"),
    ] {
        let other = good.replace(from, to);
        assert_ne!(other, good);
        assert!(!of(&other), "{what}");
    }
    assert!(ClientData::read(b"\xef\xbb\xbf{}").is_none());
    assert!(ClientData::read(&[b' '; 5000]).is_none());
}

/// Flags that contradict each other, and a user who was not there.
#[test]
fn authenticator_data_is_judged() {
    let hash = crate::crypto::digest::sha256("bank.example");
    let data = |flags: u8| [hash.as_slice(), &[flags], &[0, 0, 0, 1]].concat();
    let origins = vec!["https://bank.example".to_owned()];
    let json = br#"{"type":"webauthn.get","challenge":"YWJj","origin":"https://bank.example"}"#;
    let client = ClientData::read(json).unwrap();
    let holds = |flags: u8, verified: bool| {
        let expected = Expected {
            rp_id: "bank.example",
            origins: &origins,
            challenge: b"abc",
            user_verification: verified,
        };
        let data = data(flags);
        let read = AuthenticatorData::read(&data);
        read.is_some_and(|read| expected.holds(Ceremony::Get, &client, &read))
    };
    assert!(holds(0x05, true) && holds(0x0d, true) && holds(0x1d, true) && holds(0x01, false));
    assert!(!holds(0x01, true), "not verified");
    assert!(!holds(0x04, true), "not present");
    assert!(!holds(0x15, true), "backed up, and yet it cannot be");
    assert!(!holds(0x45, true), "a new passkey that is not there");
    assert!(!holds(0x85, true), "extensions that are not there");
    let longer = [data(0x05), vec![0]].concat();
    assert!(AuthenticatorData::read(&longer).is_none());
    assert!(AuthenticatorData::read(&data(0x05)[..36]).is_none());
    let extended = [data(0x85), vec![0xa0]].concat();
    assert!(AuthenticatorData::read(&extended).is_some());
}
