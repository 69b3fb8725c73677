//! The library that does AES-GCM, HKDF, Ed25519 and randomness, by feature: ring, or AWS-LC, which has the
//! same interface. Where several features are on AWS-LC is taken, so that turning one on never breaks a
//! dependant that did not ask for it.

#[cfg(any(feature = "aws-lc", feature = "fips"))]
use aws_lc_rs as library;
#[cfg(all(feature = "ring", not(any(feature = "aws-lc", feature = "fips"))))]
use ring as library;

#[cfg(not(any(feature = "ring", feature = "aws-lc", feature = "fips")))]
compile_error!(
    "countersign needs a cryptographic library: turn on its feature `ring` (which is a default), `aws-lc` or `fips`"
);

#[cfg(feature = "pskc")]
pub(super) use library::pbkdf2;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub(super) use library::rand;
pub(super) use library::{aead, hkdf, signature};
