//! Private keys as a phone's secure hardware has them, and an app that is bound with one.

use countersign::Device;
use countersign::credential::{
    Credential, CredentialPublicKey, EnrolmentRequest, KeyPossession, Provisioning, Signature,
};
use countersign::device::DeviceCredential;
use countersign::step_up::{SignedAnswer, StepUpRequested};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};

use super::credentials::held;
use super::step_ups::{open, phone};
use super::{Bank, alice};

/// The frame of a P-256 key as SubjectPublicKeyInfo, up to the point.
pub const SPKI_P256: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

pub enum PrivateKey {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    pub fn p256() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random);
        Self::P256(pair.unwrap())
    }

    pub fn ed25519(byte: u8) -> Self {
        Self::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[byte; 32]).unwrap())
    }

    /// The point: 65 bytes, or 32.
    pub fn point(&self) -> Vec<u8> {
        match self {
            Self::P256(pair) => pair.public_key().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    pub fn public(&self) -> CredentialPublicKey {
        let frame = match self {
            Self::P256(_) => SPKI_P256,
            Self::Ed25519(_) => "302a300506032b6570032100",
        };
        let der = [hex::decode(frame).unwrap(), self.point()].concat();
        CredentialPublicKey::from_spki_der(&der).unwrap()
    }

    /// As the platform gives it.
    pub fn raw(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    pub fn sign(&self, message: &[u8]) -> Signature {
        let raw = self.raw(message);
        match self {
            Self::P256(_) => Signature::from_der(&raw).unwrap(),
            Self::Ed25519(_) => Signature::from_raw(&raw).unwrap(),
        }
    }

    /// Shows to the enterprise that it is held, as Alice's app does.
    pub fn possession(&self, given: &Provisioning) -> KeyPossession {
        self.possession_by(&phone(), given)
    }

    pub fn possession_by(&self, app: &Device, given: &Provisioning) -> KeyPossession {
        let (id, nonce) = (given.credential.id, given.key_nonce().unwrap());
        let message = app.possession_message(id, nonce, &self.public());
        KeyPossession::device_key(self.public(), self.sign(&message))
    }

    /// The answer to what was asked.
    pub fn answer(&self, bank: &Bank, asked: &StepUpRequested) -> SignedAnswer {
        let message = open(bank, asked).message_to_sign(&self.public()).unwrap();
        SignedAnswer::by_device_key(self.sign(&message))
    }
}

/// Alice's app with this key and no PIN, confirmed.
pub async fn bound(bank: &Bank, enrolment: &EnrolmentRequest, key: &PrivateKey) -> Credential {
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), enrolment).await.unwrap();
    let possession = key.possession(&given);
    let id = given.credential.id;
    credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap()
}

/// Alice's app with this key and the PINs 2468 and 1357, confirmed.
pub async fn bound_with_pin(
    bank: &Bank,
    enrolment: EnrolmentRequest,
    key: &PrivateKey,
) -> DeviceCredential {
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &enrolment.with_code()).await.unwrap();
    let (app, first) = held(&given, "2468", Some("1357"), 3);
    let id = given.credential.id;
    let possession = key.possession(&given);
    credentials.confirm_key(&alice(), &id, &possession, Some(&first)).await.unwrap();
    app
}
