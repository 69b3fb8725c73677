//! Ed25519: the expanded key, signing and verifying. Which keys are weak, the caller says.

use super::backend::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// An expanded key. AWS-LC wipes it where it gives it back; ring does not, so its place in memory is
/// overwritten with another key's.
// Boxed, so that later moves leave no copies of it behind. Those that ring makes and the move into the box
// do.
pub(crate) struct KeyPair(Box<Ed25519KeyPair>);

impl KeyPair {
    /// `None` if the library does not take the seed.
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).map(Box::new).map(Self).ok()
    }

    /// `None` cannot happen: a public key has 32 bytes.
    pub(crate) fn public_key(&self) -> Option<[u8; 32]> {
        self.0.public_key().as_ref().try_into().ok()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        // A signature is always 64 bytes; zeroes would verify nowhere.
        self.0.sign(message).as_ref().try_into().unwrap_or([0; 64])
    }
}

impl Drop for KeyPair {
    fn drop(&mut self) {
        if let Ok(other) = Ed25519KeyPair::from_seed_unchecked(&[0; 32]) {
            *self.0 = other;
            // So that the write is not optimised away before the memory is freed.
            core::hint::black_box(&self.0);
        }
    }
}

/// Whether `signature` is of `message` under `public`: without cofactor, and not with an S that is not
/// below the group order.
pub(crate) fn verifies(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}
