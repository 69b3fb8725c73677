//! ECDSA on P-256 with SHA-256: verifying alone, since the private keys are the customers'.

use super::backend::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// Whether `signature`, r and s of 32 bytes each, is of `message` under the uncompressed point `public`. Under
/// bytes that are no point of the curve nothing verifies.
pub(crate) fn verifies(public: &[u8; 65], message: &[u8], signature: &[u8; 64]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public).verify(message, signature).is_ok()
}
