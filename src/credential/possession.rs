//! That whoever enrols a key holds its private part.

use crate::codec::table::record;
use crate::credential::method::Method;
use crate::crypto::pae;
use crate::policy::PasskeyPolicy;
use crate::signature::key::CredentialPublicKey;
use crate::signature::signed::Signature;
use crate::values::id::{CredentialId, CustomerId, Issuer};
use crate::webauthn::registration::{PasskeyRegistration, Registered};

/// A new key, and the proof that its owner holds the private part: what the app sends to
/// [`Credentials::confirm_key`](crate::credential::Credentials::confirm_key).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPossession(By);

#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    DeviceKey { key: CredentialPublicKey, signature: Signature },
    Passkey(PasskeyRegistration),
}

/// What a new key signs, or its authenticator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) customer: &'a CustomerId,
    pub(crate) credential: CredentialId,
    pub(crate) nonce: &'a [u8; 32],
}

impl Asked<'_> {
    /// What a device key signs to be enrolled. The label is no statement's, so that neither signature is ever taken
    /// for the other.
    pub(crate) fn message(&self, key: &CredentialPublicKey) -> Vec<u8> {
        pae::encode(&[
            b"countersign device key v1",
            self.issuer.as_str().as_bytes(),
            self.customer.as_str().as_bytes(),
            &self.credential.0,
            self.nonce,
            &key.fingerprint().0,
        ])
    }
}

/// What was shown to be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proven {
    pub(crate) key: CredentialPublicKey,
    /// What a device key signed.
    pub(crate) signature: Option<Signature>,
    pub(crate) passkey: Option<Passkey>,
}

/// A passkey, as its authenticator described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passkey {
    /// The authenticator's name for it, by which a browser finds it.
    pub(crate) id: Vec<u8>,
    /// The highest that an answer had.
    pub(crate) counter: u32,
    /// Whether it may be copied to other devices, which never changes.
    pub(crate) backup_eligible: bool,
    /// Whether it is copied now.
    pub(crate) backed_up: bool,
    /// In which step-up it was refused last, since there seem to be two of it.
    pub(crate) refused_in: Option<[u8; 16]>,
}

record! {
    Passkey as passkey {
        0 => id: &[u8] = passkey.id.as_slice(),
        1 unless 0 => counter,
        2 unless false => backup_eligible,
        3 unless false => backed_up,
        4 => refused_in,
    } Ok(Self { id: id.to_vec(), counter, backup_eligible, backed_up, refused_in })
}

impl KeyPossession {
    /// The key of a phone's secure hardware, and its signature of
    /// [`Device::possession_message`](crate::Device::possession_message).
    #[must_use]
    pub const fn device_key(key: CredentialPublicKey, signature: Signature) -> Self {
        Self(By::DeviceKey { key, signature })
    }

    /// What the browser or platform gave for a new passkey, with
    /// [`Provisioning::key_nonce`](crate::credential::Provisioning::key_nonce) as the challenge.
    #[must_use]
    pub const fn passkey(registration: PasskeyRegistration) -> Self {
        Self(By::Passkey(registration))
    }

    /// The key that is shown, whoever holds it.
    pub(crate) fn key(&self) -> Option<CredentialPublicKey> {
        match &self.0 {
            By::DeviceKey { key, .. } => Some(*key),
            By::Passkey(registration) => registration.key(),
        }
    }

    /// The key, if this shows that its owner answers what was `asked`; `with_code` says whether its answers come with the
    /// PIN's code.
    pub(crate) fn proven(
        &self,
        (method, with_code): (Method, bool),
        asked: &Asked<'_>,
        policy: &PasskeyPolicy,
    ) -> Option<Proven> {
        match &self.0 {
            By::DeviceKey { key, signature } => {
                let proven =
                    method == Method::DeviceKey && key.verifies(&asked.message(key), signature);
                proven.then_some(Proven { key: *key, signature: Some(*signature), passkey: None })
            }
            By::Passkey(registration) => {
                let expected = policy.expected(asked.nonce, with_code);
                let registered =
                    registration.verified(&expected).filter(|_| method == Method::Passkey)?;
                let Registered { id, key, counter, backup_eligible, backed_up } = registered;
                let refused_in = None;
                let passkey = Passkey { id, counter, backup_eligible, backed_up, refused_in };
                Some(Proven { key, signature: None, passkey: Some(passkey) })
            }
        }
    }
}
