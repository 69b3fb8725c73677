//! Who signs: a key in memory, or one that never leaves a key management service or hardware security module.

use core::error::Error;
use core::future::Future;
use std::sync::Arc;

use crate::token::{Claims, IssueError, PublicKey, SigningKey, TokenData, v4_public};

/// An Ed25519 key that signs tokens, wherever it is kept. [`SigningKey`] is one in memory.
///
/// A host implements it for its key management service (KMS) or hardware security module (HSM), and gives it to
/// [`VerifierBuilder::signer`](crate::verifier::VerifierBuilder::signer), or to the vault. The crate makes the bytes
/// to be signed, and checks each signature with the public key before a token leaves.
///
/// ```
/// use countersign::token::{PublicKey, Signer};
///
/// # struct KmsClient;
/// # impl KmsClient {
/// #     async fn sign_ed25519(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, std::io::Error> { Ok(vec![0; 64]) }
/// # }
/// struct Kms {
///     client: KmsClient,
///     key: String,
///     public: PublicKey, // fetched once, at start
/// }
///
/// impl Signer for Kms {
///     fn public_key(&self) -> PublicKey {
///         self.public
///     }
///
///     async fn sign(
///         &self,
///         message: &[u8],
///     ) -> Result<[u8; 64], Box<dyn std::error::Error + Send + Sync>> {
///         let signature = self.client.sign_ed25519(&self.key, message).await?;
///         Ok(signature.as_slice().try_into()?)
///     }
/// }
/// ```
pub trait Signer: Send + Sync + 'static {
    /// The public half. It is asked for once, when the verifier or vault is built.
    fn public_key(&self) -> PublicKey;

    /// The Ed25519 signature of `message` (RFC 8032, "PureEdDSA": of the whole message, not of a digest of it), 64
    /// bytes. A message has at most 7 KiB; most have less than one.
    ///
    /// A deadline is the signer's own: a call waits as long as it does.
    ///
    /// # Errors
    ///
    /// Whatever went wrong. The call then fails with [`SignerError::Failed`], which has it as its source.
    fn sign(
        &self,
        message: &[u8],
    ) -> impl Future<Output = Result<[u8; 64], Box<dyn Error + Send + Sync>>> + Send;
}

impl Signer for SigningKey {
    fn public_key(&self) -> PublicKey {
        *Self::public_key(self)
    }

    async fn sign(&self, message: &[u8]) -> Result<[u8; 64], Box<dyn Error + Send + Sync>> {
        Ok(Self::sign(self, message))
    }
}

impl<S: Signer> Signer for Arc<S> {
    fn public_key(&self) -> PublicKey {
        S::public_key(self)
    }

    async fn sign(&self, message: &[u8]) -> Result<[u8; 64], Box<dyn Error + Send + Sync>> {
        S::sign(self, message).await
    }
}

/// A [`Signer`] gave no signature. No token left. What the call wrote before it signed stays, and repeating the
/// call gives the token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The signer did not sign.
    #[error("the signer failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    /// What it gave is no signature of its public key over what was to be signed: it signs with another key, or
    /// signs a digest.
    #[error("the signer's answer is not a signature under its public key")]
    WrongSignature,
}

/// A token but for its signature.
pub(crate) struct Unsigned {
    message: Vec<u8>,
    footer: String,
    signed: Vec<u8>,
}

impl Unsigned {
    /// What `key` is to sign.
    pub(crate) fn new<D: TokenData>(
        claims: &Claims<D>,
        key: &PublicKey,
    ) -> Result<Self, IssueError> {
        let message = claims.to_json().ok_or(IssueError::Data)?;
        let footer = format!(r#"{{"kid":"{}"}}"#, key.kid());
        let purpose = D::PURPOSE.implicit_assertion();
        let signed = v4_public::to_be_signed(&message, footer.as_bytes(), purpose.as_bytes())
            .map_err(|v4_public::TooLong| IssueError::TooLong)?;
        Ok(Self { message, footer, signed })
    }

    /// The bytes to be signed.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.signed
    }

    /// Whether every verifier will take `signature` for one of `key`.
    pub(crate) fn is_signed(&self, key: &PublicKey, signature: &[u8; 64]) -> bool {
        v4_public::is_signed(key, &self.signed, signature)
    }

    /// The token.
    pub(crate) fn with(&self, signature: &[u8; 64]) -> Result<String, IssueError> {
        v4_public::signed_with(signature, &self.message, self.footer.as_bytes())
            .map_err(|v4_public::TooLong| IssueError::TooLong)
    }
}
