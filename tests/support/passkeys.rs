//! An authenticator in software, with every part of its answers to be changed.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use countersign::Policy;
use countersign::credential::{
    Credential, EnrolmentRequest, KeyPossession, PasskeyAssertion, PasskeyRegistration,
};
use countersign::step_up::{SignedAnswer, StepUpRequested};

use super::device_keys::PrivateKey;
use super::step_ups::open;
use super::{Bank, alice};

pub const RP_ID: &str = "approve.bank.example";
pub const ORIGIN: &str = "https://approve.bank.example";

/// With a relying party.
pub fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.step_ups.per_customer = 20;
    policy.passkeys.rp_id = RP_ID.to_owned();
    policy.passkeys.origins = vec![ORIGIN.to_owned()];
    policy
}

pub struct Authenticator {
    pub key: PrivateKey,
    pub id: Vec<u8>,
    pub rp_id: String,
    pub origin: String,
    /// User present and verified.
    pub flags: u8,
    pub counter: u32,
    pub kind: Option<&'static str>,
    pub cross_origin: bool,
}

impl Authenticator {
    pub fn of(key: PrivateKey) -> Self {
        Self {
            key,
            id: b"passkey-1".to_vec(),
            rp_id: RP_ID.to_owned(),
            origin: ORIGIN.to_owned(),
            flags: 0x05,
            counter: 0,
            kind: None,
            cross_origin: false,
        }
    }

    fn client_data(&self, kind: &str, challenge: &[u8]) -> Vec<u8> {
        let (kind, challenge) =
            (self.kind.unwrap_or(kind), Base64UrlUnpadded::encode_string(challenge));
        let (origin, cross) = (&self.origin, self.cross_origin);
        let (open, close) = ("{", "}");
        format!(
            r#"{open}"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":{cross}{close}"#
        )
        .into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let hash = ring::digest::digest(&ring::digest::SHA256, self.rp_id.as_bytes());
        [hash.as_ref(), &[flags], &self.counter.to_be_bytes()].concat()
    }

    pub fn registration(&self, challenge: &[u8]) -> PasskeyRegistration {
        let client = self.client_data("webauthn.create", challenge);
        PasskeyRegistration::new(&client, &self.attestation()).unwrap()
    }

    fn attestation(&self) -> Vec<u8> {
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = [
            self.data(self.flags | 0x40),
            vec![0; 16],
            length.to_vec(),
            self.id.clone(),
            self.key.public().to_cose(),
        ]
        .concat();
        let head = [0x58, u8::try_from(data.len()).unwrap()];
        let before = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData".as_slice();
        [before, &head, &data].concat()
    }

    /// As a browser's `toJSON()` writes it.
    pub fn registration_json(&self, challenge: &[u8]) -> String {
        let text = Base64UrlUnpadded::encode_string;
        let (id, attestation) = (text(&self.id), text(&self.attestation()));
        let client = text(&self.client_data("webauthn.create", challenge));
        serde_json::json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": client, "attestationObject": attestation,
                "transports": ["internal"],
            },
        })
        .to_string()
    }

    fn parts(&self, challenge: &[u8]) -> [Vec<u8>; 3] {
        let (client, data) = (self.client_data("webauthn.get", challenge), self.data(self.flags));
        let hash = ring::digest::digest(&ring::digest::SHA256, &client);
        let signature = self.key.raw(&[data.as_slice(), hash.as_ref()].concat());
        [client, data, signature]
    }

    pub fn assertion(&self, challenge: &[u8]) -> PasskeyAssertion {
        let [client, data, signature] = self.parts(challenge);
        PasskeyAssertion::new(&self.id, &client, &data, &signature).unwrap()
    }

    /// As a browser's `toJSON()` writes it.
    pub fn assertion_json(&self, challenge: &[u8]) -> String {
        let text = Base64UrlUnpadded::encode_string;
        let id = text(&self.id);
        let [client, data, signature] = self.parts(challenge).map(|part| text(&part));
        serde_json::json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": client, "authenticatorData": data, "signature": signature,
                "userHandle": null,
            },
        })
        .to_string()
    }

    pub fn answer(&self, bank: &Bank, asked: &StepUpRequested) -> SignedAnswer {
        let challenge = open(bank, asked).passkey_challenge().unwrap();
        SignedAnswer::by_passkey(self.assertion(&challenge))
    }
}

/// Alice's passkey, confirmed.
pub async fn bound(
    bank: &Bank,
    enrolment: &EnrolmentRequest,
    authenticator: &Authenticator,
) -> Credential {
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), enrolment).await.unwrap();
    let registration = authenticator.registration(given.key_nonce().unwrap());
    let possession = KeyPossession::passkey(registration);
    let id = given.credential.id;
    credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap()
}
