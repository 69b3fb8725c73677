//! The worked example of the manual page "tokens on the wire": every number computed anew from the
//! definitions, with an HMAC, a hash and a signature and nothing else of this crate; then compared with
//! what the crate does, with the file of test vectors, and with the page.

use crate::support::step_ups::code_of;
use countersign::challenge::{NeverAsked, Pseudonym};
use countersign::device::{ChallengeCheck, CodeCheck, DeviceCredential, SmartPin};
use countersign::otp::OtpSeed;
use countersign::random::SeededRandom;
use countersign::text::ShortText;
use countersign::token::{Leeway, PublicKey, Purpose, SigningKey, TrustedKeys};
use countersign::{CallbackId, Channel, CredentialId, Device, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::support::wire::{SIGNING_SEED, Signs, claims, counting, crockford, pae, squeezed};
use crate::support::*;

/// All byte strings are in lower-case hexadecimal unless they are texts.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vectors {
    about: String,
    signing_seed: String,
    public_key: String,
    kid: String,
    credential_seed: String,
    credential: String,
    subkeys: Vec<(String, String)>,
    appointment_claims: String,
    appointment_pae_length: usize,
    appointment_token: String,
    spoken_question: String,
    spoken_message: String,
    spoken_hmac: String,
    spoken_code: String,
    spoken_words: String,
    callback: String,
    secret: String,
    derived_message: String,
    derived_hmac: String,
    derived_words: String,
    step_up_claims: String,
    step_up_token: String,
    step_up_transaction: String,
    step_up_question: String,
    step_up_code: String,
    confirm_question: String,
    confirm_code: String,
    pseudonym: String,
    pseudonymous_audience: String,
    challenge_claims: String,
    challenge_token: String,
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// HKDF-SHA256 (RFC 5869) for one block.
fn subkey(seed: &[u8], label: &str) -> [u8; 32] {
    let extracted = hmac(b"countersign credential v1", seed);
    hmac(&extracted, &[label.as_bytes(), &[1]].concat())
}

/// What OCRA-1:HOTP-SHA256-8:QH64 computes the HMAC over.
fn ocra_message(question: &[u8]) -> Vec<u8> {
    [b"OCRA-1:HOTP-SHA256-8:QH64\0".as_slice(), question, &[0; 96]].concat()
}

/// Dynamic truncation and eight digits (RFC 4226 §5.3).
fn digits(mac: &[u8; 32]) -> String {
    let at = usize::from(mac[31] & 15);
    let number = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:08}", number % 100_000_000)
}

fn vectors() -> Vectors {
    let bank = Signs::of(SIGNING_SEED);
    let claims = |[audience, purpose]: [&str; 2], jti: &[u8; 16], times: [&str; 2], data: &str| {
        claims(["bank.example", audience, purpose], jti, times, data)
    };
    let seed: [u8; 32] = counting(0);
    let credential: [u8; 16] = counting(0xa0);
    let (callback, challenge): ([u8; 16], [u8; 16]) = (counting(0xb0), counting(0xc0));
    let step_up: [u8; 16] = counting(0xd0);

    let labels = ["step-up", "duress", "delivered code", "spoken code", "derived words"]
        .map(|name| format!("countersign {name} v1"));
    let [step_up_key, _, _, spoken_key, words_key] =
        labels.each_ref().map(|one| subkey(&seed, one));
    let subkeys = labels.map(|label| {
        let key = hex::encode(subkey(&seed, &label));
        (label, key)
    });

    let id = crockford(&credential);
    let data = format!(
        r#"{{"challenge":"{}","slot":{{"from":"2026-01-31T14:00:00Z","until":"2026-01-31T15:00:00Z"}},"channel":"voice","direction":"outbound","assignee":{{"agent":"bob"}},"agent_name":"Bob from Example Bank","purpose":"Your mortgage application","proof":{{"code":"{id}"}}}}"#,
        crockford(&challenge)
    );
    let times = ["2026-01-30T09:00:00Z", "2026-01-31T15:00:00Z"];
    let appointment_claims = claims(["alice", "appointment"], &counting(0xe0), times, &data);
    let (appointment_pae_length, appointment_token) =
        bank.token(&appointment_claims, "appointment");
    let question =
        Sha256::digest(pae(&[b"countersign spoken code v1", appointment_token.as_bytes()]));
    let spoken_message = ocra_message(&question);
    let spoken_hmac = hmac(&spoken_key, &spoken_message);
    let spoken_code = digits(&spoken_hmac);

    let derived_message =
        pae(&[b"countersign derived words v1", &callback, &[2], &[1], b"blue kettle"]);
    let derived_hmac = hmac(&words_key, &derived_message);

    let data = format!(
        r#"{{"step_up":"{}","credential":"{id}","method":"ocra","interaction":"call-1","direction":"inbound","agent_name":"Bob from Example Bank","transaction":{{"kind":"transfer","amount":500000,"currency":"GBP","payee":"Jones Roofing","reference":"Invoice 7"}}}}"#,
        crockford(&step_up)
    );
    let jti: [u8; 16] = counting(0xf0);
    let times = ["2026-01-31T14:05:00Z", "2026-01-31T14:10:00Z"];
    let step_up_claims = claims(["alice", "step_up"], &jti, times, &data);
    let (_, step_up_token) = bank.token(&step_up_claims, "step_up");
    let step_up_transaction = pae(&[
        b"countersign transaction v1",
        &[1],
        &500_000_u64.to_be_bytes(),
        b"GBP",
        b"Jones Roofing",
        b"Invoice 7",
    ]);
    let step_up_question = Sha256::digest(pae(&[
        b"countersign statement v2",
        b"bank.example",
        b"alice",
        &step_up,
        &credential,
        b"",
        b"call-1",
        &[1],
        b"Bob from Example Bank",
        &[&[1], &*step_up_transaction].concat(),
        b"",
        b"",
        b"",
        b"",
        &jti,
    ]));
    let confirm_question = Sha256::digest(pae(&[b"countersign confirm v1", &credential]));
    let code = |question: &[u8]| digits(&hmac(&step_up_key, &ocra_message(question)));

    let pseudonym: [u8; 16] = counting(0x10);
    let audience = Sha256::digest(pae(&[b"countersign audience v1", &pseudonym, &challenge]));
    let audience = crockford(&audience[..16]);
    let data = r#"{"purpose":"Your mortgage application","channels":["sms"],"handles":[{"channel":"sms","handle":"BANK"}],"never_asked":["pin","one_time_code"],"pseudonymous":true}"#;
    let times = ["2026-01-30T08:55:00Z", "2026-01-30T09:00:00Z"];
    let challenge_claims = claims([&audience, "challenge"], &challenge, times, data);
    let (_, challenge_token) = bank.token(&challenge_claims, "challenge");

    Vectors {
        about: "countersign v1 on the wire; see the manual page wire".to_owned(),
        signing_seed: SIGNING_SEED.to_owned(),
        public_key: hex::encode(&bank.public),
        kid: bank.kid,
        credential_seed: hex::encode(seed),
        credential: id,
        subkeys: subkeys.to_vec(),
        appointment_claims,
        appointment_pae_length,
        appointment_token,
        spoken_question: hex::encode(question),
        spoken_message: hex::encode(&spoken_message),
        spoken_hmac: hex::encode(spoken_hmac),
        spoken_words: words(&hex::decode(&spoken_code).unwrap()),
        spoken_code,
        callback: crockford(&callback),
        secret: "Blue  Kettle".to_owned(),
        derived_message: hex::encode(derived_message),
        derived_hmac: hex::encode(derived_hmac),
        derived_words: words(&derived_hmac[..4]),
        step_up_claims,
        step_up_token,
        step_up_transaction: hex::encode(step_up_transaction),
        step_up_question: hex::encode(step_up_question),
        step_up_code: code(&step_up_question),
        confirm_question: hex::encode(confirm_question),
        confirm_code: code(&confirm_question),
        pseudonym: crockford(&pseudonym),
        pseudonymous_audience: audience,
        challenge_claims,
        challenge_token,
    }
}

/// The words of the lists as they stand in their files.
fn words(bytes: &[u8]) -> String {
    let lists = [
        include_str!("../../src/spoken/two_syllables.txt"),
        include_str!("../../src/spoken/three_syllables.txt"),
    ];
    let word = |(place, byte): (usize, &u8)| {
        lists[place % 2].split_whitespace().nth(usize::from(*byte)).unwrap()
    };
    bytes.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

fn file() -> Vectors {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/wire.json");
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&vectors()).unwrap() + "\n").unwrap();
    }
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_file_of_vectors_is_what_the_definitions_give() {
    assert_eq!(file(), vectors());
    // Published numbers: the key of RFC 8032 and its thumbprint in RFC 8037, appendix A.3.
    let file = file();
    assert_eq!(file.public_key, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_eq!(file.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

/// The manual wraps long values, some with a backslash, so neither counts.
#[test]
fn every_number_stands_in_the_manual() {
    let manual = squeezed(include_str!("../../src/manual/_35_wire.md"));
    let values: serde_json::Value = serde_json::to_value(vectors()).unwrap();
    let mut count = 0;
    for (name, value) in values.as_object().unwrap() {
        let texts = match value {
            _ if name == "about" => continue,
            serde_json::Value::String(text) => vec![text.clone()],
            serde_json::Value::Number(number) => vec![number.to_string()],
            serde_json::Value::Array(pairs) => pairs
                .iter()
                .flat_map(|pair| [0, 1].map(|at| pair[at].as_str().unwrap().to_owned()))
                .collect(),
            other => panic!("{other}"),
        };
        for text in texts {
            assert!(manual.contains(&squeezed(&text)), "{name}: {text}");
            count += 1;
        }
    }
    assert_eq!(count, 39);
}

#[test]
fn the_crate_computes_the_same() {
    let file = file();
    let public = hex::decode(&file.public_key).unwrap();
    let public = PublicKey::from_bytes(public.try_into().unwrap()).unwrap();
    assert_eq!(public.kid().to_string(), file.kid);
    let mut keys = TrustedKeys::new(issuer());
    for purpose in [Purpose::Challenge, Purpose::Appointment, Purpose::StepUp] {
        keys.trust(public, purpose).unwrap();
    }
    let device = Device::new(keys, alice()).with_leeway(Leeway::NONE);
    let seed = OtpSeed::from_bytes(&hex::decode(&file.credential_seed).unwrap()).unwrap();
    let id: CredentialId = file.credential.parse().unwrap();
    let pin: SmartPin = "2468".parse().unwrap();
    let credential = DeviceCredential::enrol(id, &seed, &pin, None, &SeededRandom::new(1)).unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();

    // The bytes for the key store hold the two keys that need no PIN as the page gives them.
    let stored = hex::encode(&*credential.to_bytes());
    let key = |label: &str| &file.subkeys.iter().find(|one| one.0 == label).unwrap().1;
    assert!(stored.contains(key("countersign spoken code v1")));
    assert!(stored.contains(key("countersign derived words v1")));
    assert!(!stored.contains(key("countersign step-up v1")));

    for heard in [&file.spoken_code, &file.spoken_words] {
        let now = at("2026-01-31T14:01:00Z");
        let appointment = device.open_appointment(&file.appointment_token, now).unwrap();
        let mut attempts = countersign::device::CodeAttempts::new();
        let wrong =
            appointment.check_spoken_code(&credential, "0000 0000", &mut attempts, now).unwrap();
        assert!(matches!(wrong, CodeCheck::NotGenuine { .. }), "{wrong:?}");
        let right = appointment.check_spoken_code(&credential, heard, &mut attempts, now);
        assert_eq!(right, Ok(CodeCheck::Genuine));
    }

    let callback: CallbackId = file.callback.parse().unwrap();
    let word = secret(&file.secret);
    let words = Device::readback_words(&credential, &callback, Channel::Voice, &word).unwrap();
    assert_eq!(*words.words(), file.derived_words);

    let step_up = device.open_step_up(&file.step_up_token, at("2026-01-31T14:06:00Z")).unwrap();
    let step_up = step_up.without_answer().unwrap();
    assert_eq!(hex::encode(step_up.transaction().unwrap().canonical()), file.step_up_transaction);
    assert_eq!(code_of(&step_up.approve(&credential, &pin).unwrap()), file.step_up_code);
    assert_eq!(credential.confirm(&pin).unwrap().expose(), file.confirm_code);

    let now = at("2026-01-30T08:56:00Z");
    let found_on = "sms:BANK".parse().unwrap();
    let device = device.with_pseudonym(file.pseudonym.parse().unwrap());
    let opened = device.open_challenge(&file.challenge_token, &found_on, now).unwrap();
    let ChallengeCheck::ForYou(challenge) = opened else { panic!("{opened:?}") };
    assert_eq!(challenge.data().never_asked(), [NeverAsked::Pin, NeverAsked::OneTimeCode]);
    let data =
        device.open_appointment(&file.appointment_token, at("2026-01-31T14:01:00Z")).unwrap();
    assert_eq!(data.challenge(), challenge.id());
}

#[test]
fn the_crate_signs_the_same_tokens() {
    let file = file();
    let seed = hex::decode(&file.signing_seed).unwrap().try_into().unwrap();
    let key = SigningKey::from_seed(&seed).unwrap();
    let footer = format!(r#"{{"kid":"{}"}}"#, file.kid);
    for (claims, purpose, token) in [
        (&file.challenge_claims, Purpose::Challenge, &file.challenge_token),
        (&file.appointment_claims, Purpose::Appointment, &file.appointment_token),
        (&file.step_up_claims, Purpose::StepUp, &file.step_up_token),
    ] {
        let signed = countersign::token::v4_public::sign(
            &key,
            claims.as_bytes(),
            footer.as_bytes(),
            purpose.implicit_assertion().as_bytes(),
        );
        assert_eq!(signed.unwrap(), *token);
    }
    let pseudonym: Pseudonym = file.pseudonym.parse().unwrap();
    assert_eq!(*pseudonym.expose(), file.pseudonym);
}

/// As the manual and [`Transaction::canonical`](countersign::Transaction::canonical) list them.
#[test]
fn each_kind_of_transaction_is_encoded_as_its_number() {
    use countersign::Transaction;
    use countersign::transaction::TransactionKind;
    for (number, kind) in [
        (1, TransactionKind::Transfer),
        (2, TransactionKind::Payment),
        (3, TransactionKind::NewPayee),
        (4, TransactionKind::Change),
        (5, TransactionKind::NewAuthenticator),
    ] {
        let (currency, text) = ("GBP".parse().unwrap(), "x".parse::<ShortText>().unwrap());
        let encoded = Transaction::new(kind, 7, currency, text.clone(), text).canonical();
        // The count, the name with its length, the length of the kind, the kind.
        assert_eq!(encoded[8 + 8 + 26..][..9], [1, 0, 0, 0, 0, 0, 0, 0, number]);
    }
}
