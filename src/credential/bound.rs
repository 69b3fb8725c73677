//! How a credential was bound: on whose word, with which proof of possession, and what the platform's attestation was
//! found to be. Kept for disputes, after the credential has ended too.

use serde::{Deserialize, Serialize};

use crate::codec::table::{numbered, record};
use crate::signature::signed::Signature;
use crate::values::time::Timestamp;

numbered! {
    /// On whose word a credential was bound.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum BoundBy {
        /// The app's session alone: the customer had none before.
        Session = 1,
        /// An approval under a secret that the enterprise shares (OCRA, a delivered code). Whoever holds its keys and rows
        /// could have made that approval.
        SharedSecret = 2,
        /// An approval that was signed by a device key or passkey.
        SigningKey = 3,
        /// The back end's word.
        BackEnd = 4,
        /// The back end's word that the customer came to a branch and was identified there.
        Visit = 5,
    }
}

numbered! {
    /// What an attestation was found to say of where a key is kept.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum KeptIn {
        /// Software: it may have been copied.
        Software = 1,
        /// A trusted execution environment.
        TrustedEnvironment = 2,
        /// A chip of its own: Secure Enclave, StrongBox, a security key.
        SecureElement = 3,
    }
}

/// What a host found an attestation to say, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AttestationVerdict {
    /// Where the key is kept.
    pub kept_in: KeptIn,
    /// When the attestation was looked at.
    pub at: Timestamp,
}

/// The proof of possession that a key was bound with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyProof {
    /// What it was asked to sign.
    pub(crate) nonce: [u8; 32],
    /// What a device key signed of it. A passkey's registration is not signed by its key: its first assertion is.
    pub(crate) signature: Option<Signature>,
    pub(crate) attested: Option<AttestationVerdict>,
}

record! {
    KeyProof {
        0 => nonce,
        1 => signature,
        2 => attested,
    }
}

record! {
    AttestationVerdict {
        0 => kept_in,
        1 => at,
    }
}
