//! Refusals: one opaque error for whoever presents a token, a reason for the operator's own eyes.

use core::fmt;

/// A token was refused.
///
/// `Display` and `Debug` are constant, so that an error that travels back to whoever presented the
/// token does not tell which element was wrong. [`TokenError::reason`] does, for the operator's
/// history and metrics; keep it on this side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenError(Rejection);

impl TokenError {
    /// Why, for the operator's log; not for whoever presented the token.
    #[must_use]
    pub const fn reason(self) -> Rejection {
        self.0
    }
}

impl From<Rejection> for TokenError {
    fn from(reason: Rejection) -> Self {
        Self(reason)
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token is not valid here")
    }
}

impl fmt::Debug for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenError")
    }
}

impl core::error::Error for TokenError {}

/// Why a token was refused, in the order in which the checks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejection {
    /// Longer than [`MAX_TOKEN_LEN`](super::MAX_TOKEN_LEN); nothing else was looked at.
    TooLong,
    /// Not `v4.public.` with canonical base64url parts, or a footer that is not `{"kid":"…"}`.
    Malformed,
    /// The key id names no key that is trusted for this purpose at this time.
    UnknownKey,
    /// The signature is not this key's over this token for this purpose.
    Signature,
    /// Signed, but the claims are not those of this purpose: missing, unknown, doubled, ill-typed.
    Claims,
    /// The claimed purpose is another one.
    Purpose,
    /// The claimed issuer is not the one whose keys are trusted.
    Issuer,
    /// Meant for another audience.
    Audience,
    /// The validity is empty, longer than the purpose allows, or ends before the token was issued.
    Lifetime,
    /// Not valid yet, or issued in the future.
    NotYetValid,
    /// No longer valid.
    Expired,
}
