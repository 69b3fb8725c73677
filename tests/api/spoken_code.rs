//! The spoken code against a computation of its own, and what changes it.

use countersign::Timestamp;
use countersign::challenge::AppointmentData;
use countersign::device::{CodeAttempts, CodeCheck, DeviceCredential};
use countersign::otp::ocra::{Inputs, OcraChallenge, Suite};
use countersign::otp::{Ocra, OtpSeed};
use countersign::token::{Audience, Claims, TokenId};
use proptest::prelude::*;
use ring::hkdf;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::challenges::{digits, fraud_rings, phone, signing, signing_bank};
use crate::support::credentials::{app, in_base32, made};
use crate::support::*;

const SEED: [u8; 32] = [9; 32];

/// The subkey by HKDF-SHA256, written out.
fn subkey(seed: &[u8]) -> OtpSeed {
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"countersign credential v1").extract(seed);
    let mut key = [0; 32];
    let info = [b"countersign spoken code v1".as_slice()];
    prk.expand(&info, hkdf::HKDF_SHA256).unwrap().fill(&mut key).unwrap();
    OtpSeed::from_bytes(&key).unwrap()
}

/// The code as the manual says it is computed, without the crate's own path to it.
fn code_of(token: &str, key: &OtpSeed) -> String {
    let label = b"countersign spoken code v1";
    let mut pae = 2_u64.to_le_bytes().to_vec();
    for piece in [label.as_slice(), token.as_bytes()] {
        pae.extend((piece.len() as u64).to_le_bytes());
        pae.extend(piece);
    }
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:QH64".parse().unwrap();
    let question = hex::encode_upper(Sha256::digest(&pae));
    let question = OcraChallenge::new(suite.challenge_format(), &question).unwrap();
    Ocra::new(key, suite).respond(&Inputs::one_way(&question)).unwrap().expose().to_owned()
}

fn device() -> DeviceCredential {
    let id = "04000000000000000000000000".parse().unwrap();
    made(id, &in_base32(&SEED), "2468", None, 3).0
}

/// One appointment: everything that the code covers.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    challenge: u8,
    from: u64,
    length: u64,
    channel: &'static str,
    direction: &'static str,
    agent: (bool, String),
    name: String,
    purpose: String,
    word: bool,
}

impl Said {
    fn data(&self) -> Value {
        let at = |seconds: u64| Timestamp::from_unix(START.unix() + seconds).to_string();
        let (team, id) = &self.agent;
        let code = json!({ "code": "04000000000000000000000000" });
        json!({
            "challenge": format!("0{}{}", self.challenge, "0".repeat(24)),
            "slot": { "from": at(self.from), "until": at(self.from + self.length) },
            "channel": self.channel,
            "direction": self.direction,
            "assignee": if *team { json!({ "team": id }) } else { json!({ "agent": id }) },
            "agent_name": self.name,
            "purpose": self.purpose,
            "proof": if self.word { json!("word") } else { code },
        })
    }

    /// Signed at the start under the same id, so that nothing else differs.
    fn token(&self, jti: u64) -> String {
        let data: AppointmentData = serde_json::from_value(self.data()).unwrap();
        let mut id = [0; 16];
        id[8..].copy_from_slice(&jti.to_be_bytes());
        let id = TokenId::from_bytes(id);
        let claims =
            Claims::new(issuer(), Audience::from(&alice()), id, START, 3 * HOUR, data).unwrap();
        signing().issue(&claims).unwrap()
    }
}

fn said() -> impl Strategy<Value = Said> {
    let text = "( ?[a-c]){1,3}";
    (
        0..3_u8,
        0..3_u64,
        1..4_u64,
        prop::sample::select(vec!["voice", "video", "chat", "sms", "email", "social"]),
        prop::sample::select(vec!["outbound", "inbound"]),
        (any::<bool>(), "[a-c]{1,3}"),
        text,
        text,
        any::<bool>(),
    )
        .prop_map(
            |(challenge, from, length, channel, direction, agent, name, purpose, word)| Said {
                challenge,
                from,
                length,
                channel,
                direction,
                agent,
                name,
                purpose,
                word,
            },
        )
}

/// The same with exactly one of them changed.
fn changed(said: &Said, what: usize) -> Said {
    let mut other = said.clone();
    match what {
        0 => other.challenge += 1,
        1 => other.from += 1,
        2 => other.length += 1,
        3 => other.channel = if said.channel == "voice" { "video" } else { "voice" },
        4 => {
            other.direction = if said.direction == "inbound" { "outbound" } else { "inbound" };
        }
        5 => other.agent.0 = !said.agent.0,
        6 => other.agent.1.push('d'),
        7 => other.name.push('d'),
        8 => other.purpose.push('d'),
        // A boundary that moves: the same letters, otherwise divided.
        _ => {
            other.name = format!("{}{}", said.name, said.purpose);
            other.purpose = "d".to_owned();
        }
    }
    other
}

/// How many ways there are in [`near`].
const NEAR: usize = 16;

/// Another appointment that an encoding which is not injective would take for the same: parts that are
/// exchanged, divided otherwise, or written to look like more than one part. `None` if it would be the same.
fn near(said: &Said, how: usize) -> Option<Said> {
    let mut other = said.clone();
    let first = |text: &str| text.chars().next().unwrap().to_string();
    match how {
        // The last letter of one is the first of the next.
        0 => other.name = format!("{}{}", said.name, first(&said.purpose)),
        1 => other.purpose = format!("{}{}", said.agent.1, said.purpose),
        2 => {
            let all = format!("{}{}", said.name, said.purpose);
            let at = if said.name.len() > 1 { said.name.len() - 1 } else { all.len() - 1 };
            let (name, purpose) = all.split_at(at);
            (other.name, other.purpose) = (name.to_owned(), purpose.to_owned());
        }
        3 => (other.name, other.purpose) = (said.purpose.clone(), said.name.clone()),
        4 => {
            other.agent.1 = said.name.replace(' ', "-");
            other.name = said.agent.1.clone();
        }
        5 => other.agent.0 = !said.agent.0,
        // The same end, another start; the same length, later.
        6 => (other.from, other.length) = (said.from + 1, said.length.max(2) - 1),
        7 => other.from += 60,
        8 => (other.from, other.length) = (said.length, said.from.max(1)),
        // Written like the end of a text and the beginning of another, and like an escape of one.
        9 => other.name = format!("{}\",\"purpose\":\"{}", said.name, said.purpose),
        10 => other.name = format!("{}\\", said.name),
        11 => other.name = format!("{}\\u0020", said.name),
        // Alike to the eye.
        12 => other.name = said.name.replace('a', "\u{430}"),
        13 => other.name = format!("{}\u{301}", said.name),
        14 => other.purpose = said.purpose.to_uppercase(),
        _ => other.challenge += 1,
    }
    // What no appointment can be: without a text, or over before it begins.
    let is_one = other.length > 0
        && ![&other.name, &other.purpose].iter().any(|text| text.trim().is_empty());
    (is_one && other != *said).then_some(other)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::support::depth::cases(32, 128), failure_persistence: None, ..ProptestConfig::default() })]

    /// Any change of channel, direction, slot, agent, purpose or challenge changes the code, and the app
    /// takes the code of the one for no other.
    #[test]
    fn any_change_changes_the_code(said in said(), what in 0..10_usize) {
        let said = Said { word: false, ..said };
        let (key, device) = (subkey(&SEED), device());
        let other = changed(&said, what);
        prop_assert_ne!(&said, &other);
        let (one, two) = (said.token(7), other.token(7));
        prop_assert_ne!(&one, &two);
        prop_assert_ne!(code_of(&one, &key), code_of(&two, &key));
        let hear = |token: &str, heard: &str| {
            let shown = phone().open_appointment(token, START).unwrap();
            let now = shown.slot().from();
            shown.check_spoken_code(&device, heard, &mut CodeAttempts::new(), now).unwrap()
        };
        prop_assert_eq!(hear(&one, &code_of(&one, &key)), CodeCheck::Genuine);
        prop_assert!(!hear(&two, &code_of(&one, &key)).is_genuine());
        prop_assert!(!hear(&one, &code_of(&two, &key)).is_genuine());
    }

    /// The encoding under the code is injective: two appointments that differ as little as two can are signed
    /// differently and have different codes, and what was signed reads back as it was.
    #[test]
    fn the_encoding_is_injective(one in said(), how in 0..NEAR) {
        let Some(two) = near(&one, how) else { return Ok(()) };
        prop_assert_ne!(&one, &two);
        let (key, tokens) = (subkey(&SEED), [one.token(7), two.token(7)]);
        prop_assert_ne!(&tokens[0], &tokens[1]);
        prop_assert_ne!(code_of(&tokens[0], &key), code_of(&tokens[1], &key));
        for (said, token) in [(one, &tokens[0]), (two, &tokens[1])] {
            let opened = phone().open_appointment(token, START).unwrap();
            prop_assert_eq!(serde_json::to_value(opened.data()).unwrap(), said.data());
        }
    }

    /// Another key makes another code.
    #[test]
    fn another_credential_has_another_code(seed in any::<[u8; 32]>()) {
        prop_assume!(seed != SEED);
        let token = fixed(0).token(7);
        prop_assert_ne!(code_of(&token, &subkey(&SEED)), code_of(&token, &subkey(&seed)));
    }
}

fn fixed(challenge: u8) -> Said {
    Said {
        challenge,
        from: 0,
        length: 1800,
        channel: "voice",
        direction: "outbound",
        agent: (true, "fraud".to_owned()),
        name: "Bob".to_owned(),
        purpose: "A payment".to_owned(),
        word: false,
    }
}

/// Codes for different appointments collide at the rate that chance gives: 4000 codes have 8 million
/// pairs, of which 0.08 share all eight digits and 7998 the first three, give or take 89.
#[test]
fn codes_collide_at_the_rate_of_chance() {
    const CODES: u64 = 4000;
    let (key, said) = (subkey(&SEED), fixed(0));
    let codes: Vec<String> = (0..CODES).map(|jti| code_of(&said.token(jti), &key)).collect();
    let pairs = |digits: std::ops::Range<usize>| {
        let mut seen = std::collections::HashMap::new();
        let mut pairs = 0_u64;
        for code in &codes {
            let count = seen.entry(&code[digits.clone()]).or_insert(0_u64);
            pairs += *count;
            *count += 1;
        }
        pairs
    };
    assert!(pairs(0..8) <= 3, "{}", pairs(0..8));
    for digits in [0..3, 3..6, 5..8] {
        let found = pairs(digits.clone());
        assert!((7_500..8_500).contains(&found), "{digits:?}: {found}");
    }
}

/// The desktop's code is the one that this computation gives.
#[tokio::test]
async fn the_desktop_shows_the_code_of_the_standard() {
    let bank = signing_bank();
    let credentials = bank.verifier.credentials();
    let enrolment = countersign::credential::EnrolmentRequest::ocra(request("app")).vouched_for();
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    app(&bank).await;
    let (id, token) = bank.confirmed().await;
    let to_say = bank.verifier.challenges().present(&fraud_rings("call-1"), &id).await.unwrap();
    let bytes =
        base32::decode(base32::Alphabet::Rfc4648 { padding: false }, given.base32().unwrap());
    drop(seed);
    assert_eq!(digits(&to_say).replace(' ', ""), code_of(&token, &subkey(&bytes.unwrap())));
}
