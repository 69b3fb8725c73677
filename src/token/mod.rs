//! Signed tokens: PASETO v4.public over Ed25519, with a key id in the footer and the purpose as
//! implicit assertion.
//!
//! A token is `v4.public.` + base64url(claims ‖ signature) + `.` + base64url(footer):
//!
//! - the claims are one JSON object, see [`Claims`];
//! - the footer is `{"kid":"…"}`, see [`Kid`];
//! - the implicit assertion is not carried but signed, see [`Purpose`];
//! - base64url is strict (no padding, unused bits zero) and the whole has at most
//!   [`MAX_TOKEN_LEN`] characters.
//!
//! Any PASETO library verifies and makes such tokens, given the implicit assertion; [`v4_public`] is
//! that common layer here. What this crate accepts goes through [`UntrustedToken`], which checks in
//! this order and stops at the first fault: size, header, footer, a key that [`TrustedKeys`] holds
//! for this purpose now, base64url and signature, then purpose, issuer, audience and times.
//!
//! Keys: [`SigningKey`] and [`PublicKey`]. ring's Ed25519 takes any 32 bytes as a public key; keys of
//! small order, under which anyone can sign, are refused here. A key that never leaves a key service signs as a
//! [`Signer`].

pub(crate) mod base64url;
mod claims;
mod encoding;
mod error;
mod jwk_set;
mod key;
pub(crate) mod pseudonym;
mod purpose;
mod signer;
pub(crate) mod strict_json;
mod trusted;
mod untrusted;
pub mod v4_public;
mod weak;
pub(crate) mod wire_time;

pub use claims::{Audience, Claims, IssueError, TokenData, TokenId};
pub use error::{KeyError, Rejection, TokenError};
pub use key::{Kid, PublicKey, SigningKey};
pub use purpose::{Purpose, UnknownPurpose};
pub(crate) use signer::Unsigned;
pub use signer::{Signer, SignerError};
pub use trusted::{TrustError, TrustedKeys};
pub(crate) use untrusted::id_of_own;
pub use untrusted::{
    LEEWAY, LEEWAY_LIMIT, Leeway, SignedForSomeone, TooMuchLeeway, UntrustedToken, Verified,
};
pub use v4_public::MAX_TOKEN_LEN;
