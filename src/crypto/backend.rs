//! The library that does AES-GCM, HKDF, Ed25519 and randomness.

pub(super) use ring::{aead, hkdf, rand, signature};
