//! That whoever enrols a key holds its private part.

use crate::credential::method::Method;
use crate::crypto::pae;
use crate::signature::key::CredentialPublicKey;
use crate::signature::signed::Signature;
use crate::values::id::{CredentialId, CustomerId, Issuer};

/// A new key, and the proof that its owner holds the private part: what the app sends to
/// [`Credentials::confirm_key`](crate::credential::Credentials::confirm_key).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPossession(By);

#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    DeviceKey { key: CredentialPublicKey, signature: Signature },
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

impl KeyPossession {
    /// The key of a phone's secure hardware, and its signature of
    /// [`Device::possession_message`](crate::Device::possession_message).
    #[must_use]
    pub const fn device_key(key: CredentialPublicKey, signature: Signature) -> Self {
        Self(By::DeviceKey { key, signature })
    }

    /// The key, if this shows that its owner answers what was `asked`.
    pub(crate) fn proven(&self, method: Method, asked: &Asked<'_>) -> Option<CredentialPublicKey> {
        match &self.0 {
            By::DeviceKey { key, signature } => {
                let proven =
                    method == Method::DeviceKey && key.verifies(&asked.message(key), signature);
                proven.then_some(*key)
            }
        }
    }
}
