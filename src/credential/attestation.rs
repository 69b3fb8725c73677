//! What a platform says of a new key, for a host to judge: App Attest, Android key attestation, WebAuthn.

use core::error::Error;
use core::future::Future;

use crate::credential::bound::KeptIn;
use crate::signature::key::CredentialPublicKey;
use crate::values::id::{CredentialId, CustomerId};

/// What a host is asked to judge: whether the platform vouches for this key, with this challenge.
///
/// The proof of possession is looked at by the crate; the certificates, their roots and what was revoked of them are the
/// host's. Whatever else the object says (the app's id, a counter, whether the phone's boot is verified) is for the
/// host to compare with what it expects.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AttestationToJudge<'a> {
    /// Whose key it is to be.
    pub customer: &'a CustomerId,
    /// For which credential.
    pub credential: CredentialId,
    /// The challenge that the object must hold: [`Provisioning::key_nonce`](crate::credential::Provisioning::key_nonce).
    pub challenge: &'a [u8; 32],
    /// The key that the object must speak of, and no other.
    pub key: &'a CredentialPublicKey,
    /// The object as the app gave it: App Attest's CBOR, Android's chain of certificates, WebAuthn's attestation object.
    pub object: &'a [u8],
}

/// Judges attestations. A host implements it with the library of its platform.
///
/// ```
/// use countersign::credential::{AttestationJudge, AttestationToJudge, KeptIn};
///
/// # struct AppAttest;
/// # struct Found { nonce: [u8; 32], public_key: Vec<u8> }
/// # impl AppAttest { fn verified(&self, _: &[u8]) -> Option<Found> { None } }
/// struct Judge(AppAttest);
///
/// impl AttestationJudge for Judge {
///     async fn judge(
///         &self,
///         of: AttestationToJudge<'_>,
///     ) -> Result<Option<KeptIn>, Box<dyn std::error::Error + Send + Sync>> {
///         let Some(found) = self.0.verified(of.object) else { return Ok(None) };
///         let same = found.nonce == *of.challenge && found.public_key == of.key.to_cose();
///         Ok(same.then_some(KeptIn::SecureElement))
///     }
/// }
/// ```
pub trait AttestationJudge: Sync {
    /// Where the key is kept, if the platform vouches for it; `None` if the object does not show that, is of another key
    /// or has another challenge: then nothing is bound.
    ///
    /// # Errors
    ///
    /// Whatever went wrong, such as a list of revoked certificates that cannot be had. Nothing is bound then.
    fn judge(
        &self,
        of: AttestationToJudge<'_>,
    ) -> impl Future<Output = Result<Option<KeptIn>, Box<dyn Error + Send + Sync>>> + Send;
}
