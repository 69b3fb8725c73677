//! The enterprise's half behind its facets: an engine, and the keys that sign and are trusted.

use core::fmt;
use core::ops::Deref;

use crate::contact::request::telephony::Telephony;
use crate::engine::Engine;
use crate::engine::signing::Signing;
use crate::engine::watermarks::Watermarks;
use crate::error::{ConfigError, Error};
#[cfg(feature = "cards")]
use crate::token::TrustedKeys;
use crate::token::{PublicKey, TokenData, TokenId};
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;

/// What all facets of a verifier share.
pub(crate) struct Enterprise {
    pub(crate) engine: Engine,
    pub(crate) signing: Option<Signing>,
    pub(crate) published: Vec<PublicKey>,
    /// Which systems report calls, and which numbers they show.
    pub(crate) telephony: Telephony,
    pub(crate) watermarks: Watermarks,
    #[cfg(feature = "cards")]
    pub(crate) vault_keys: Option<TrustedKeys>,
}

impl Enterprise {
    pub(crate) fn signing(&self) -> Result<&Signing, ConfigError> {
        self.signing.as_ref().ok_or(ConfigError::NoSigningKey)
    }

    /// A token for `customer` that is valid from `from` until `until`: the same each time, as
    /// [`sign`](Engine::sign) says.
    pub(crate) async fn token<D: TokenData>(
        &self,
        customer: &CustomerId,
        id: TokenId,
        from: Timestamp,
        until: Timestamp,
        data: D,
    ) -> Result<String, Error> {
        self.sign(self.signing()?, customer, id, from, until.since(from), data).await
    }

    /// The public keys that apps are to trust: the signing key's first.
    pub(crate) fn public_keys(&self) -> impl Iterator<Item = &PublicKey> {
        let signing = self.signing.as_ref().map(Signing::public_key);
        signing.into_iter().chain(&self.published)
    }
}

impl Deref for Enterprise {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}

impl fmt::Debug for Enterprise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.issuer)
            .field("keyring", &self.keyring)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
