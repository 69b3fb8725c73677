//! What a private key of the customer's signed for a step-up, as it is given and kept.

use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::credential::method::Method;
use crate::crypto::pae;
use crate::policy::PasskeyPolicy;
use crate::signature::key::CredentialPublicKey;
use crate::signature::signed::Signature;
use crate::step_up::statement::Statement;
use crate::webauthn::assertion::PasskeyAssertion;

/// A signature for a step-up: what the app sends to
/// [`StepUps::submit_signed`](crate::step_up::StepUps::submit_signed).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAnswer(pub(crate) SignedBy);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignedBy {
    DeviceKey(Signature),
    Passkey(PasskeyAssertion),
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

    /// What the browser or platform gave for
    /// [`VerifiedStepUp::passkey_challenge`](crate::device::VerifiedStepUp::passkey_challenge).
    #[must_use]
    pub const fn by_passkey(assertion: PasskeyAssertion) -> Self {
        Self(SignedBy::Passkey(assertion))
    }

    /// Whether a credential of this method signed `statement` with it under `key`; `with_code` says whether its answers come
    /// with the PIN's code.
    pub(crate) fn is_of(
        &self,
        statement: Statement,
        (method, with_code): (Method, bool),
        key: &CredentialPublicKey,
        policy: &PasskeyPolicy,
    ) -> bool {
        match &self.0 {
            SignedBy::DeviceKey(signature) => {
                method == Method::DeviceKey && key.verifies(&statement.message(), signature)
            }
            SignedBy::Passkey(assertion) => {
                let expected = policy.expected(&statement.0, with_code);
                method == Method::Passkey && assertion.verified(&expected, key).is_some()
            }
        }
    }
}

record! {
    SignedAnswer as answer {
        let (signature, assertion) = match &answer.0 {
            SignedBy::DeviceKey(signature) => (Some(*signature), None),
            SignedBy::Passkey(assertion) => (None, Some(assertion.clone())),
        };
        0 => signature: Option<Signature> = signature,
        1 => assertion: Option<PasskeyAssertion> = assertion,
    } {
        match (signature, assertion) {
            (Some(signature), None) => Ok(Self(SignedBy::DeviceKey(signature))),
            (None, Some(assertion)) => Ok(Self(SignedBy::Passkey(assertion))),
            _ => Err(Malformed),
        }
    }
}
