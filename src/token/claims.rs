//! What tokens say: the registered claims, the same for every purpose, and the data of each.

use core::time::Duration;
use std::borrow::Cow;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::codec::table::kept_as_bytes;
use crate::token::base64url::text_in_base64url;
use crate::token::{Purpose, strict_json, wire_time};
use crate::values::id;
use crate::values::id::{CustomerId, InvalidId, Issuer};
use crate::values::time::Timestamp;

/// The data of the tokens of one purpose: what stands in the claim `data`, a JSON object.
///
/// The crate implements it for its own tokens. A host that implements it for a type of its own has
/// such tokens checked in the same way, but nothing in the crate takes them for its own.
///
/// A type should ignore members that it does not know (serde's default), so that tokens may come to
/// say more without old readers refusing them. Whatever *narrows* what a token allows must not be
/// added like that: see [`Purpose`] on versions.
pub trait TokenData: Serialize + DeserializeOwned {
    /// The one purpose of tokens with this data.
    const PURPOSE: Purpose;
    /// The longest time between *not before* and *expiry*, in whole seconds.
    const MAX_LIFETIME: Duration;
}

/// For whom a token is meant: the customer's id with the enterprise, or a pseudonym of it on channels
/// that others can read.
///
/// One to [`MAX_ID_BYTES`](crate::id::MAX_ID_BYTES) bytes without white space or control characters;
/// compared byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Audience(Arc<str>);

impl Audience {
    /// Takes over the host's id of the recipient.
    ///
    /// # Errors
    ///
    /// [`InvalidId`] if it is empty, too long or holds white space or control characters.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
        id::checked(text.as_ref()).map(|text| Self(Arc::from(text)))
    }

    /// The id as the host gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The audience of what is said to all customers alike: `everyone`.
    pub(crate) fn everyone() -> Self {
        Self(Arc::from("everyone"))
    }
}

impl From<&CustomerId> for Audience {
    fn from(customer: &CustomerId) -> Self {
        Self(Arc::from(customer.as_str()))
    }
}

#[cfg(feature = "cards")]
impl From<&Issuer> for Audience {
    fn from(enterprise: &Issuer) -> Self {
        Self(Arc::from(enterprise.as_str()))
    }
}

/// The id of one token (`jti`): 16 random bytes, 22 characters of base64url in text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId([u8; 16]);

impl TokenId {
    /// The id of these bytes, which the caller draws at random.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

kept_as_bytes!(TokenId);

text_in_base64url!(TokenId: "a token id as text");

/// Everything a token says.
///
/// On the wire it is one JSON object with exactly these members, in this order when we write it:
///
/// | member | |
/// | --- | --- |
/// | `iss` | the issuer |
/// | `aud` | the audience |
/// | `jti` | the token's id |
/// | `iat` | when it was issued |
/// | `nbf` | from when it is valid, that second included |
/// | `exp` | when it expires, that second excluded |
/// | `purpose` | [`Purpose::name`] |
/// | `data` | the object of [`TokenData`] |
///
/// All are required; any other member and any doubled one, at any depth, is refused. Times are
/// RFC 3339 in whole seconds of UTC, `2026-01-31T14:00:00Z` or `…+00:00`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims<D> {
    pub(super) issuer: Issuer,
    pub(super) audience: Audience,
    pub(super) id: TokenId,
    pub(super) issued_at: Timestamp,
    pub(super) not_before: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) data: D,
}

/// Why claims cannot be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The validity is shorter than a second, or ends after the year 9999.
    #[error("a token must be valid for at least one second, and end before the year 9999 does")]
    TooShortLived,
    /// The validity is longer than [`TokenData::MAX_LIFETIME`].
    #[error("a token of this purpose must not be valid for that long")]
    TooLongLived,
    /// The validity starts before the token is issued.
    #[error("a token must not be valid from before it is issued")]
    StartsTooEarly,
    /// The data cannot be written as a JSON object that reads back.
    #[error("the token's data cannot be written as a JSON object with each member once")]
    Data,
    /// The token would be longer than [`MAX_TOKEN_LEN`](crate::token::MAX_TOKEN_LEN).
    #[error("the token would be too long: shorten its texts")]
    TooLong,
}

impl<D: TokenData> Claims<D> {
    /// The claims of a token issued at `now` and valid from then on for `valid_for`, in whole seconds.
    ///
    /// # Errors
    ///
    /// [`IssueError::TooShortLived`], [`IssueError::TooLongLived`].
    pub fn new(
        issuer: Issuer,
        audience: Audience,
        id: TokenId,
        now: Timestamp,
        valid_for: Duration,
        data: D,
    ) -> Result<Self, IssueError> {
        let expires_at = now.after(valid_for);
        let claims =
            Self { issuer, audience, id, issued_at: now, not_before: now, expires_at, data };
        claims.checked(valid_for)
    }

    /// The same claims, valid for as long but from `start` on.
    ///
    /// # Errors
    ///
    /// [`IssueError::StartsTooEarly`] if that is before the token is issued,
    /// [`IssueError::TooShortLived`] if it is too near to the end of the year 9999.
    pub fn starting(mut self, start: Timestamp) -> Result<Self, IssueError> {
        let valid_for = self.expires_at.since(self.not_before);
        self.not_before = start;
        self.expires_at = start.after(valid_for);
        self.checked(valid_for)
    }

    fn checked(self, valid_for: Duration) -> Result<Self, IssueError> {
        if valid_for.as_secs() > D::MAX_LIFETIME.as_secs() {
            return Err(IssueError::TooLongLived);
        }
        if self.not_before < self.issued_at {
            return Err(IssueError::StartsTooEarly);
        }
        let whole = self.expires_at.since(self.not_before).as_secs() == valid_for.as_secs();
        if valid_for.as_secs() == 0 || !whole {
            return Err(IssueError::TooShortLived);
        }
        Ok(self)
    }
}

impl<D> Claims<D> {
    /// Who signs (`iss`).
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// For whom (`aud`).
    #[must_use]
    pub const fn audience(&self) -> &Audience {
        &self.audience
    }

    /// The token's id (`jti`).
    #[must_use]
    pub const fn id(&self) -> TokenId {
        self.id
    }

    /// When it was issued (`iat`).
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// From when it is valid (`nbf`), that second included.
    #[must_use]
    pub const fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// When it expires (`exp`), that second excluded.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// What this purpose's tokens say.
    #[must_use]
    pub const fn data(&self) -> &D {
        &self.data
    }

    /// Keeps the data alone.
    #[must_use]
    pub fn into_data(self) -> D {
        self.data
    }
}

impl<D: TokenData> Claims<D> {
    pub(super) fn to_json(&self) -> Option<Vec<u8>> {
        let json = strict_json::to_vec(&Wire {
            iss: Cow::Borrowed(self.issuer.as_str()),
            aud: Cow::Borrowed(self.audience.as_str()),
            jti: self.id,
            iat: self.issued_at,
            nbf: self.not_before,
            exp: self.expires_at,
            purpose: D::PURPOSE,
            data: &self.data,
        })?;
        // What we could not read ourselves is not signed.
        strict_json::from_slice::<Wire<'_, D>>(&json).map(drop)?;
        Some(json)
    }
}

/// The claims as they stand in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wire<'a, D> {
    #[serde(borrow)]
    pub(super) iss: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) aud: Cow<'a, str>,
    pub(super) jti: TokenId,
    #[serde(with = "wire_time")]
    pub(super) iat: Timestamp,
    #[serde(with = "wire_time")]
    pub(super) nbf: Timestamp,
    #[serde(with = "wire_time")]
    pub(super) exp: Timestamp,
    pub(super) purpose: Purpose,
    #[serde(
        deserialize_with = "strict_json::object",
        bound(deserialize = "D: Deserialize<'de>", serialize = "D: Serialize")
    )]
    pub(super) data: D,
}

impl<D> Wire<'_, D> {
    /// The same once issuer and audience have been looked at.
    pub(super) fn into_claims(self, issuer: Issuer, audience: Audience) -> Claims<D> {
        Claims {
            issuer,
            audience,
            id: self.jti,
            issued_at: self.iat,
            not_before: self.nbf,
            expires_at: self.exp,
            data: self.data,
        }
    }
}
