//! The key that cards are sealed for, as the vault signed it: who gave it, to which enterprise, and until
//! when it opens.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::card::SealingKey;
use crate::codec::table::kept_as_text;
use crate::policy;
use crate::token::{
    Audience, Claims, Leeway, Purpose, Rejection, TokenData, TrustedKeys, UntrustedToken, Verified,
};
use crate::values::id::Issuer;
use crate::values::secret::{deserialize_text, silent_serde};
use crate::values::time::Timestamp;

/// The longest life of an opening key: as long as any policy gives it out, the longest request, and the
/// longest leeway.
pub const MAX_OPENING_KEY_LIFETIME: Duration = policy::OPENING_KEY_GIVEN_FOR_LIMIT
    .saturating_add(policy::PAYMENT_LIMIT)
    .saturating_add(policy::LEEWAY_LIMIT);

/// What the vault says of its opening key: what stands in the claim `data` of its token. The issuer is the
/// vault, the audience the enterprise, and the validity the time in which the key opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct OpeningKeyData {
    /// The public half, which seals.
    pub sealing_key: SealingKey,
}

silent_serde!(OpeningKeyData: "what a vault says of its opening key");

impl OpeningKeyData {
    /// Of this key.
    #[must_use]
    pub const fn new(sealing_key: SealingKey) -> Self {
        Self { sealing_key }
    }
}

impl TokenData for OpeningKeyData {
    const PURPOSE: Purpose = Purpose::OpeningKey;
    const MAX_LIFETIME: Duration = MAX_OPENING_KEY_LIFETIME;
}

/// The vault's key to seal cards for, as the vault signed it:
/// [`Vault::public_key`](crate::Vault::public_key) gives it, a [`PaymentRequest`](crate::payment::PaymentRequest) names
/// it, and the customer's app seals for no other.
///
/// In text and serde formats it is the signed token. What is read from text is not proven yet:
/// [`Payments::request`](crate::payment::Payments::request) verifies the key under the vault's keys, and
/// [`Device::open_payment`](crate::Device::open_payment) under the keys that the app has built in.
#[derive(Clone)]
pub struct SignedSealingKey {
    token: Arc<str>,
    key: SealingKey,
    expires_at: Timestamp,
}

/// The text is not a signed key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a key that a vault signed")]
#[non_exhaustive]
pub struct InvalidSignedKey;

/// Why no card may be sealed for the key in a payment request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum OpeningKeyProblem {
    /// No key that is trusted for [`Purpose::OpeningKey`] has signed it as one.
    #[error("the opening key is not signed by a vault that is trusted for it")]
    NotGenuine,
    /// The vault gave it to another enterprise.
    #[error("the opening key was given to another enterprise")]
    AnotherEnterprise,
    /// Its time has not begun: one of the two clocks is wrong.
    #[error("the opening key is from the future: look at the clocks")]
    NotYetValid,
    /// Its time is over, or less than a minute is left for the customer to pay.
    #[error("the opening key's time is over, or nearly: ask the vault for its key anew")]
    Over,
    /// The request, or the time for the customer to authenticate, ends after the key's time.
    #[error("the request ends after its opening key")]
    EndsBeforeRequest,
}

impl SignedSealingKey {
    /// The signed token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// The key that it names.
    #[must_use]
    pub const fn key(&self) -> &SealingKey {
        &self.key
    }

    /// Until when the vault opens what is sealed for it. No request that names it is valid for longer.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// What is proven of it: that `vault` has signed it for `enterprise`, and that it is valid at `now`.
    pub(crate) fn verify(
        &self,
        vault: &TrustedKeys,
        enterprise: &Issuer,
        now: Timestamp,
        leeway: Leeway,
    ) -> Result<Verified<OpeningKeyData>, OpeningKeyProblem> {
        let audience = Audience::from(enterprise);
        UntrustedToken::parse(&self.token)
            .and_then(|token| token.verify(vault, &audience, now, leeway))
            .map_err(|error| match error.reason() {
                Rejection::Audience => OpeningKeyProblem::AnotherEnterprise,
                Rejection::NotYetValid => OpeningKeyProblem::NotYetValid,
                Rejection::Expired => OpeningKeyProblem::Over,
                _ => OpeningKeyProblem::NotGenuine,
            })
    }
}

impl FromStr for SignedSealingKey {
    type Err = InvalidSignedKey;

    fn from_str(text: &str) -> Result<Self, InvalidSignedKey> {
        let said: Claims<OpeningKeyData> = UntrustedToken::parse(text)
            .and_then(|token| token.unproven())
            .map_err(|_| InvalidSignedKey)?;
        let expires_at = said.expires_at();
        Ok(Self { token: text.into(), key: said.into_data().sealing_key, expires_at })
    }
}

impl PartialEq for SignedSealingKey {
    fn eq(&self, other: &Self) -> bool {
        self.token == other.token
    }
}

impl Eq for SignedSealingKey {}

impl fmt::Display for SignedSealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.token)
    }
}

impl fmt::Debug for SignedSealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedSealingKey")
            .field("id", &self.key.id())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Serialize for SignedSealingKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.token)
    }
}

impl<'de> Deserialize<'de> for SignedSealingKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a signed key as text", Self::from_str)
    }
}

kept_as_text!(SignedSealingKey);
