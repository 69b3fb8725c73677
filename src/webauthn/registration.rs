//! A new passkey (§7.1). The attestation is read and not judged: what is enrolled is a key, and whether its maker vouches
//! for it is for the host.

use serde::Deserialize;
use std::borrow::Cow;

use crate::signature::key::CredentialPublicKey;
use crate::token::{base64url, strict_json};
use crate::webauthn::authenticator_data::AuthenticatorData;
use crate::webauthn::client_data::{Ceremony, ClientData};
use crate::webauthn::{Expected, MAX_ATTESTATION, MAX_CLIENT_DATA, cbor};

/// The longest JSON that is read, in bytes: everything in base64url, and the data twice.
const MAX_JSON: usize = 4 * MAX_ATTESTATION;

/// What a browser or platform gives for a new passkey: an `AuthenticatorAttestationResponse`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRegistration {
    client_data: Vec<u8>,
    attestation: Vec<u8>,
}

/// A text or some bytes are no answer of an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected what navigator.credentials gave, as its toJSON() writes it")]
#[non_exhaustive]
pub struct InvalidPasskeyAnswer;

/// What was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) id: Vec<u8>,
    pub(crate) key: CredentialPublicKey,
    pub(crate) counter: u32,
    pub(crate) backup_eligible: bool,
    pub(crate) backed_up: bool,
}

#[derive(Deserialize)]
struct Json<'a> {
    #[serde(borrow)]
    response: Response<'a>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow, rename = "clientDataJSON")]
    client_data: Cow<'a, str>,
    #[serde(borrow, rename = "attestationObject")]
    attestation: Cow<'a, str>,
}

/// The bytes of a base64url text.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![0; text.len()];
    let length = base64url::decode(text, &mut bytes)?.len();
    bytes.truncate(length);
    Some(bytes)
}

impl PasskeyRegistration {
    /// Of the client data and the attestation object, as bytes.
    ///
    /// # Errors
    ///
    /// [`InvalidPasskeyAnswer`] if they are longer than 4 KiB and 32 KiB.
    pub fn new(client_data: &[u8], attestation: &[u8]) -> Result<Self, InvalidPasskeyAnswer> {
        if client_data.len() > MAX_CLIENT_DATA || attestation.len() > MAX_ATTESTATION {
            return Err(InvalidPasskeyAnswer);
        }
        Ok(Self { client_data: client_data.to_vec(), attestation: attestation.to_vec() })
    }

    /// Reads a `RegistrationResponseJSON`, which the credential's `toJSON()` gives.
    ///
    /// # Errors
    ///
    /// [`InvalidPasskeyAnswer`].
    pub fn from_json(json: &str) -> Result<Self, InvalidPasskeyAnswer> {
        let read = || {
            let json = Some(json).filter(|json| json.len() <= MAX_JSON)?;
            let Json { response } = strict_json::from_slice(json.as_bytes())?;
            Some((decoded(&response.client_data)?, decoded(&response.attestation)?))
        };
        let (client_data, attestation) = read().ok_or(InvalidPasskeyAnswer)?;
        Self::new(&client_data, &attestation)
    }

    /// The key in it, whatever else it says.
    pub(crate) fn key(&self) -> Option<CredentialPublicKey> {
        AuthenticatorData::read(authenticator_data(&self.attestation)?)?.attested.map(|of| of.key)
    }

    /// The attestation object, for a host that judges it.
    #[must_use]
    pub fn attestation_object(&self) -> &[u8] {
        &self.attestation
    }

    /// The new passkey, if everything is as expected.
    pub(crate) fn verified(&self, expected: &Expected<'_>) -> Option<Registered> {
        let client = ClientData::read(&self.client_data)?;
        let data = AuthenticatorData::read(authenticator_data(&self.attestation)?)?;
        let attested = data.attested?;
        expected.holds(Ceremony::Create, &client, &data).then(|| Registered {
            id: attested.id.to_vec(),
            key: attested.key,
            counter: data.counter,
            backup_eligible: data.flags.backup_eligible(),
            backed_up: data.flags.backed_up(),
        })
    }
}

/// The authenticator data in an attestation object (§6.5), which is a map of format, statement and data.
pub(crate) fn authenticator_data(object: &[u8]) -> Option<&[u8]> {
    let rest = object.strip_prefix(b"\xa3\x63fmt")?;
    let (_format, rest) = cbor::text(rest)?;
    let rest = cbor::after_map(rest.strip_prefix(b"\x67attStmt")?)?;
    match cbor::byte_string(rest.strip_prefix(b"\x68authData")?)? {
        (data, []) => Some(data),
        _ => None,
    }
}
