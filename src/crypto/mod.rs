//! Everything that computes with keys, and the only place that names the libraries which do. What the
//! formats need of them has a small module each; what is sealed, signed or hashed is theirs to say.

pub(crate) mod aead;
#[cfg(feature = "pskc")]
pub(crate) mod aes_cbc;
mod backend;
pub(crate) mod digest;
pub(crate) mod ed25519;
pub(crate) mod hkdf;
#[cfg(feature = "cards")]
pub(crate) mod hpke;
pub mod keyring;
pub(crate) mod mac;
pub(crate) mod oath;
pub(crate) mod pae;
#[cfg(feature = "pskc")]
pub(crate) mod pbkdf2;
pub mod random;
