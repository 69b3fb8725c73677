//! The one way to sign a token: with a key in memory, or with a signer of the host's, whose answers are checked.

use core::error::Error as StdError;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::token::{
    Audience, Claims, IssueError, PublicKey, Signer, SignerError, SigningKey, TokenData, TokenId,
    Unsigned,
};
use crate::values::time::Timestamp;

type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<[u8; 64], Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// [`Signer`] behind a pointer.
pub(crate) trait ErasedSigner: Send + Sync + 'static {
    fn sign<'a>(&'a self, message: &'a [u8]) -> Answer<'a>;
}

impl<S: Signer> ErasedSigner for S {
    fn sign<'a>(&'a self, message: &'a [u8]) -> Answer<'a> {
        Box::pin(Signer::sign(self, message))
    }
}

/// What signs in an issuer's name.
pub(crate) enum Signing {
    /// Needs no check: the public half was computed from it.
    InMemory(SigningKey),
    /// The public half as it was when this was set up, so that whatever was checked of it then holds.
    Host { public: PublicKey, signer: Box<dyn ErasedSigner> },
}

impl Signing {
    pub(crate) fn host(signer: impl Signer) -> Self {
        Self::Host { public: signer.public_key(), signer: Box::new(signer) }
    }

    pub(crate) const fn public_key(&self) -> &PublicKey {
        match self {
            Self::InMemory(key) => key.public_key(),
            Self::Host { public, .. } => public,
        }
    }

    async fn signature(&self, unsigned: &Unsigned) -> Result<[u8; 64], SignerError> {
        match self {
            Self::InMemory(key) => Ok(key.sign(unsigned.bytes())),
            Self::Host { public, signer } => {
                let signed = signer.sign(unsigned.bytes()).await.map_err(SignerError::Failed)?;
                if unsigned.is_signed(public, &signed) {
                    Ok(signed)
                } else {
                    Err(SignerError::WrongSignature)
                }
            }
        }
    }
}

impl Engine {
    /// A token in the issuer's name: with a key in memory the same for the same arguments. All are signed here,
    /// so that what fails is told in one way: texts that are too long are the caller's to mend, the policy's
    /// times always fit, and all data comes back from JSON.
    pub(crate) async fn sign<D: TokenData>(
        &self,
        signing: &Signing,
        audience: impl Into<Audience>,
        id: TokenId,
        from: Timestamp,
        valid_for: Duration,
        data: D,
    ) -> Result<String, Error> {
        let unsigned = Claims::new(self.issuer.clone(), audience.into(), id, from, valid_for, data)
            .and_then(|claims| Unsigned::new(&claims, signing.public_key()))
            .map_err(not_signed)?;
        let signature = signing.signature(&unsigned).await?;
        unsigned.with(&signature).map_err(not_signed)
    }
}

fn not_signed(error: IssueError) -> Error {
    match error {
        IssueError::TooLong => Invalid::TokenTooLong.into(),
        _ => Error::Internal,
    }
}
