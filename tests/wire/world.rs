//! An enterprise, its vault and a customer's device, and tokens in which anything can be wrong.

use std::sync::LazyLock;

use countersign::Timestamp;
use countersign::device::DeviceCredential;
use countersign::otp::OtpSeed;
use countersign::random::SeededRandom;
use serde_json::{Value, json};

use crate::wire::{SIGNING_SEED, Signs, VAULT_SEED, base64url, counting, pae};

/// 2026-01-31T14:00:00Z.
pub(crate) const T: u64 = 1_769_868_000;
/// A credential, and what it is enrolled with.
pub(crate) const CREDENTIAL: &str = "m2gt58x4mpkafa59nantsbdenw";
pub(crate) const PIN: &str = "2468";
pub(crate) const DURESS: &str = "1357";
pub(crate) const PSEUDONYM: &str = "208h44rm2mb1e60s38dhr78y3w";
pub(crate) const SEALING_KEY: &str = "8c7mq62scs8mb9nhq8km0928ffb6y0x2vnbqtxtkrt6qtz80r060";
/// The key of RFC 8032, section 7.1, test 3, which nobody trusts.
const STRANGER: &str = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7";

pub(crate) fn bank() -> Signs {
    Signs::of(SIGNING_SEED)
}

pub(crate) fn vault() -> Signs {
    Signs::of(VAULT_SEED)
}

pub(crate) fn stranger() -> Signs {
    Signs::of(STRANGER)
}

pub(crate) fn paserk(key: &Signs) -> String {
    format!("k4.public.{}", base64url(&key.public))
}

/// The keys of one issuer for these purposes.
pub(crate) fn keys(issuer: &str, key: &Signs, purposes: &[&str]) -> Value {
    let one = |purpose: &&str| json!({ "key": paserk(key), "purpose": purpose });
    json!({ "issuer": issuer, "keys": purposes.iter().map(one).collect::<Vec<_>>() })
}

/// The device of all cases that name no other.
pub(crate) fn device() -> Value {
    let purposes = [
        "challenge",
        "appointment",
        "status",
        "step_up",
        "payment_request",
        "ground_rules",
        "history_head",
        "erasure",
        "call_verdict",
        "call_numbers",
        "reachable",
        "notice",
        "notice_list",
        "last_contact",
    ];
    let mut device = keys("bank.example", &bank(), &purposes);
    device["customer"] = json!("alice");
    device["vault"] = keys("vault.bank.example", &vault(), &["opening_key", "receipt"]);
    device["actions"] = json!({
        "address_change": { "headline": "Your address changes", "fields": [
            { "name": "street", "label": "New address", "type": "text" },
        ] },
        "document": { "headline": "You sign a document", "fields": [
            { "name": "title", "label": "Title", "type": "text" },
            { "name": "pages", "label": "Pages", "type": "number" },
            { "name": "file", "label": "SHA-256", "type": "digest" },
        ] },
    });
    device
}

/// A stored credential with both PINs, in hexadecimal.
pub(crate) fn credential() -> String {
    // Argon2 is slow, as it should be.
    static MADE: LazyLock<String> = LazyLock::new(|| stored(CREDENTIAL, PIN, Some(DURESS), 7));
    MADE.clone()
}

pub(crate) fn stored(id: &str, pin: &str, duress: Option<&str>, seed: u64) -> String {
    let bytes: [u8; 32] = counting(0);
    let otp = OtpSeed::from_bytes(&bytes).unwrap();
    let duress = duress.map(|pin| pin.parse().unwrap());
    let (id, pin) = (id.parse().unwrap(), pin.parse().unwrap());
    let random = SeededRandom::new(seed);
    let made = DeviceCredential::enrol(id, &otp, &pin, duress.as_ref(), &random).unwrap();
    hex::encode(&*made.to_bytes())
}

pub(crate) fn at(seconds: u64) -> String {
    Timestamp::from_unix(seconds).to_string()
}

/// A token's parts, each of which can be another.
pub(crate) struct Token {
    pub(crate) issuer: &'static str,
    pub(crate) audience: String,
    pub(crate) id: [u8; 16],
    pub(crate) issued_at: u64,
    pub(crate) not_before: u64,
    pub(crate) expires_at: u64,
    pub(crate) purpose: &'static str,
    /// What its signature is for.
    pub(crate) assertion: &'static str,
    pub(crate) data: String,
}

impl Token {
    /// Of the bank, for Alice, from [`T`] for so many seconds.
    pub(crate) fn of(purpose: &'static str, valid_for: u64, data: &Value) -> Self {
        Self {
            issuer: "bank.example",
            audience: "alice".to_owned(),
            id: counting(0x60),
            issued_at: T,
            not_before: T,
            expires_at: T + valid_for,
            purpose,
            assertion: purpose,
            data: data.to_string(),
        }
    }

    pub(crate) fn claims(&self) -> String {
        format!(
            r#"{{"iss":"{}","aud":"{}","jti":"{}","iat":"{}","nbf":"{}","exp":"{}","purpose":"{}","data":{}}}"#,
            self.issuer,
            self.audience,
            base64url(&self.id),
            at(self.issued_at),
            at(self.not_before),
            at(self.expires_at),
            self.purpose,
            self.data,
        )
    }

    pub(crate) fn signed(&self) -> String {
        self.signed_by(&bank())
    }

    pub(crate) fn signed_by(&self, key: &Signs) -> String {
        key.token(&self.claims(), self.assertion).1
    }

    /// The same, with what `change` makes of it.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// The same with a member that is another, or that is not there if `value` is none.
pub(crate) fn changed(of: &Value, name: &str, value: Option<Value>) -> Value {
    let mut changed = of.clone();
    let members = changed.as_object_mut().unwrap();
    match value {
        Some(value) => drop(members.insert(name.to_owned(), value)),
        None => drop(members.remove(name)),
    }
    changed
}

/// What a genuine agent says with the credential, from the definitions and with nothing of the crate.
pub(crate) fn spoken_code(token: &str) -> String {
    use sha2::{Digest, Sha256};
    let seed: [u8; 32] = counting(0);
    let first = hmac(b"countersign credential v1", &seed);
    let key = hmac(&first, b"countersign spoken code v1\x01");
    let question = Sha256::digest(pae(&[b"countersign spoken code v1", token.as_bytes()]));
    let message = [b"OCRA-1:HOTP-SHA256-8:QH64\0".as_slice(), &question, &[0; 96]].concat();
    let mac = hmac(&key, &message);
    let offset = usize::from(mac[31] & 0x0f);
    let number = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:08}", number % 100_000_000)
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}
