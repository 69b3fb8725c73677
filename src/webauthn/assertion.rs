//! A passkey's answer (§7.2).

use serde::Deserialize;
use std::borrow::Cow;

use crate::codec::table::record;
use crate::crypto::digest::sha256;
use crate::signature::key::{CredentialPublicKey, SignatureAlgorithm};
use crate::signature::signed::Signature;
use crate::token::strict_json;
use crate::webauthn::authenticator_data::AuthenticatorData;
use crate::webauthn::client_data::{Ceremony, ClientData};
use crate::webauthn::registration::{InvalidPasskeyAnswer, decoded};
use crate::webauthn::{Expected, MAX_AUTHENTICATOR_DATA, MAX_CLIENT_DATA, MAX_CREDENTIAL_ID};

/// The longest JSON that is read, in bytes.
const MAX_JSON: usize = 16 * 1024;
/// The longest ES256 signature in DER, in bytes.
const MAX_SIGNATURE: usize = 72;

/// What a browser or platform gives for a step-up: an `AuthenticatorAssertionResponse`, and the id of the passkey that
/// gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyAssertion {
    id: Vec<u8>,
    client_data: Vec<u8>,
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
}

/// What the authenticator said of itself, signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asserted {
    pub(crate) counter: u32,
    pub(crate) backup_eligible: bool,
    pub(crate) backed_up: bool,
}

#[derive(Deserialize)]
struct Json<'a> {
    #[serde(borrow, rename = "rawId")]
    id: Cow<'a, str>,
    #[serde(borrow)]
    response: Response<'a>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow, rename = "clientDataJSON")]
    client_data: Cow<'a, str>,
    #[serde(borrow, rename = "authenticatorData")]
    authenticator_data: Cow<'a, str>,
    #[serde(borrow)]
    signature: Cow<'a, str>,
}

impl PasskeyAssertion {
    /// Of the passkey's id (`rawId`), the client data, the authenticator data and the signature, as bytes.
    ///
    /// # Errors
    ///
    /// [`InvalidPasskeyAnswer`] if one of them is longer than any that is taken.
    pub fn new(
        id: &[u8],
        client_data: &[u8],
        authenticator_data: &[u8],
        signature: &[u8],
    ) -> Result<Self, InvalidPasskeyAnswer> {
        let fits = id.len() <= MAX_CREDENTIAL_ID
            && client_data.len() <= MAX_CLIENT_DATA
            && authenticator_data.len() <= MAX_AUTHENTICATOR_DATA
            && signature.len() <= MAX_SIGNATURE;
        if !fits {
            return Err(InvalidPasskeyAnswer);
        }
        Ok(Self {
            id: id.to_vec(),
            client_data: client_data.to_vec(),
            authenticator_data: authenticator_data.to_vec(),
            signature: signature.to_vec(),
        })
    }

    /// Reads an `AuthenticationResponseJSON`, which the credential's `toJSON()` gives.
    ///
    /// # Errors
    ///
    /// [`InvalidPasskeyAnswer`].
    pub fn from_json(json: &str) -> Result<Self, InvalidPasskeyAnswer> {
        let read = || {
            let json = Some(json).filter(|json| json.len() <= MAX_JSON)?;
            let Json { id, response } = strict_json::from_slice(json.as_bytes())?;
            let Response { client_data, authenticator_data, signature } = response;
            let [client, data] = [client_data, authenticator_data].map(|text| decoded(&text));
            Some((decoded(&id)?, client?, data?, decoded(&signature)?))
        };
        let (id, client_data, data, signature) = read().ok_or(InvalidPasskeyAnswer)?;
        Self::new(&id, &client_data, &data, &signature)
    }

    /// Its parts, in the order in which [`new`](Self::new) takes them.
    pub(crate) fn parts(&self) -> [&[u8]; 4] {
        [&self.id, &self.client_data, &self.authenticator_data, &self.signature]
    }

    /// Which passkey is said to have given it.
    pub(crate) fn id(&self) -> &[u8] {
        &self.id
    }

    /// What the authenticator said, if everything is as expected and `key` has signed it.
    pub(crate) fn verified(
        &self,
        expected: &Expected<'_>,
        key: &CredentialPublicKey,
    ) -> Option<Asserted> {
        let client = ClientData::read(&self.client_data)?;
        let data = AuthenticatorData::read(&self.authenticator_data)?;
        let good = expected.holds(Ceremony::Get, &client, &data) && self.is_signed(key);
        good.then(|| self.said()).flatten()
    }

    /// What the authenticator says of itself, whoever has signed it.
    pub(crate) fn said(&self) -> Option<Asserted> {
        let data = AuthenticatorData::read(&self.authenticator_data)?;
        Some(Asserted {
            counter: data.counter,
            backup_eligible: data.flags.backup_eligible(),
            backed_up: data.flags.backed_up(),
        })
    }

    /// Whether `key` has signed authenticator data and client data.
    pub(super) fn is_signed(&self, key: &CredentialPublicKey) -> bool {
        let signature = match key.algorithm() {
            SignatureAlgorithm::Es256 => Signature::from_der(&self.signature),
            SignatureAlgorithm::Ed25519 => Signature::from_raw(&self.signature),
        };
        let hash = sha256(&self.client_data);
        let message = [self.authenticator_data.as_slice(), &hash].concat();
        signature.is_ok_and(|signature| key.verifies(&message, &signature))
    }
}

record! {
    PasskeyAssertion as assertion {
        0 => id: &[u8] = assertion.id.as_slice(),
        1 => client_data: &[u8] = assertion.client_data.as_slice(),
        2 => authenticator_data: &[u8] = assertion.authenticator_data.as_slice(),
        3 => signature: &[u8] = assertion.signature.as_slice(),
    } {
        Self::new(id, client_data, authenticator_data, signature)
            .map_err(|_| crate::codec::cbor::Malformed)
    }
}
