//! What the customer's key answers before past contacts are told, as one digest.

use crate::contact::token::status::StatusNonce;
use crate::crypto::pae;
use crate::signature::key::KeyFingerprint;
use crate::step_up::statement::Statement;
use crate::values::id::{CredentialId, CustomerId, Issuer};

/// What is answered. Its label is no approval's, so that neither is ever taken for the other.
pub(crate) struct AskedOfKey<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) customer: &'a CustomerId,
    pub(crate) credential: CredentialId,
    /// The fingerprint of its public key, if it has one.
    pub(crate) key: Option<KeyFingerprint>,
    /// What the enterprise drew, and the app.
    pub(crate) challenge: StatusNonce,
    pub(crate) query: StatusNonce,
}

impl AskedOfKey<'_> {
    pub(crate) fn statement(&self) -> Statement {
        let key = self.key.map(|key| [&[1], key.0.as_slice()].concat()).unwrap_or_default();
        Statement(pae::sha256(&[
            b"countersign last contact v1",
            self.issuer.as_str().as_bytes(),
            self.customer.as_str().as_bytes(),
            &self.credential.0,
            &key,
            self.challenge.as_bytes(),
            self.query.as_bytes(),
        ]))
    }
}
