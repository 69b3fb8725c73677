//! Refusals: one opaque error for whoever presents a token, a reason for the operator's own eyes.

use core::fmt;

use crate::crypto::random::RandomError;

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
    /// Longer than [`MAX_TOKEN_LEN`](crate::token::MAX_TOKEN_LEN); nothing else was looked at.
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

/// Why a text or some bytes are not a key. Nothing of the input is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The source of randomness failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Not a PASERK public key.
    #[error("expected `k4.public.` and 43 characters of unpadded base64url")]
    NotPublicPaserk,
    /// Not a PASERK secret key.
    #[error("expected `k4.secret.` and 86 characters of unpadded base64url")]
    NotSecretPaserk,
    /// A secret key stands where a public key belongs.
    #[error(
        "this is a secret key where a public key belongs: give the public half, and replace this key if others have seen it"
    )]
    SecretGivenAsPublic,
    /// Not an Ed25519 public key in JWK.
    #[error(
        "expected a JWK of at most 4096 bytes with \"kty\":\"OKP\", \"crv\":\"Ed25519\" and 32 bytes of base64url in \"x\", for signatures"
    )]
    NotJwk,
    /// Not a set of JWKs.
    #[error(
        "expected a JWK set of at most 64 KiB, in which a key stands once for each purpose and times are whole seconds"
    )]
    NotJwkSet,
    /// Not an Ed25519 private key in PKCS#8.
    #[error(
        "expected an unencrypted Ed25519 private key in PKCS#8 (version 1 or 2, no attributes)"
    )]
    NotPkcs8,
    /// Not an Ed25519 public key in SubjectPublicKeyInfo.
    #[error("expected an Ed25519 public key as SubjectPublicKeyInfo")]
    NotSpki,
    /// Not one PEM block of the expected label.
    #[error(
        "expected exactly one PEM block: `PRIVATE KEY` for a signing key, `PUBLIC KEY` for a public one"
    )]
    NotPem,
    /// The secret half does not belong to the public half that came with it.
    #[error(
        "the public half does not belong to the secret half: import the key again from its source"
    )]
    HalvesDisagree,
    /// A seed of nothing but zeroes: whatever should have drawn it did not.
    #[error("the seed is all zero: draw 32 random bytes")]
    ZeroSeed,
    /// The cryptographic library does not take the seed.
    #[error("the seed cannot be used: draw another")]
    UnusableSeed,
    /// The public key has small order: anyone could sign for it.
    #[error("this public key is weak (of small order): ask its owner for another")]
    SmallOrder,
    /// The public key is not written in its one canonical form.
    #[error("this public key is not canonically encoded: ask its owner for another")]
    NotCanonical,
}
