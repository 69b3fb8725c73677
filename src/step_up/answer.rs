//! What a private key of the customer's signed for a step-up, as it is given and kept.

use crate::codec::table::record;
use crate::credential::method::Method;
use crate::crypto::pae;
use crate::signature::key::CredentialPublicKey;
use crate::signature::signed::Signature;
use crate::step_up::statement::Statement;

/// A signature for a step-up: what the app sends to
/// [`StepUps::submit_signed`](crate::step_up::StepUps::submit_signed).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAnswer(pub(crate) SignedBy);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignedBy {
    DeviceKey(Signature),
}

impl Statement {
    /// What a device key signs to approve it.
    pub(crate) fn message(&self) -> Vec<u8> {
        pae::encode(&[b"countersign device approval v1", &self.0])
    }
}

impl SignedAnswer {
    /// The device key's signature of
    /// [`VerifiedStepUp::message_to_sign`](crate::device::VerifiedStepUp::message_to_sign).
    #[must_use]
    pub const fn by_device_key(signature: Signature) -> Self {
        Self(SignedBy::DeviceKey(signature))
    }

    /// Whether a credential of this method signed `statement` with it under `key`.
    pub(crate) fn is_of(
        &self,
        statement: Statement,
        method: Method,
        key: &CredentialPublicKey,
    ) -> bool {
        match &self.0 {
            SignedBy::DeviceKey(signature) => {
                method == Method::DeviceKey && key.verifies(&statement.message(), signature)
            }
        }
    }
}

record! {
    SignedAnswer as answer {
        let signature = match &answer.0 {
            SignedBy::DeviceKey(signature) => signature,
        };
        0 => signature: Signature = *signature,
    } Ok(Self(SignedBy::DeviceKey(signature)))
}
