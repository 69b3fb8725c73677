//! HKDF-SHA-256: what the root keys and the subkeys are derived with.

use super::aead::Aes256Gcm;
use super::backend::{aead, hkdf};

/// The extracted key, to expand from.
pub(crate) struct Prk(hkdf::Prk);

impl Prk {
    pub(crate) fn extract(salt: &[u8], secret: &[u8]) -> Self {
        Self(hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret))
    }

    /// Fills all of `to`. `None` if that is more than HKDF gives, 255 blocks.
    pub(crate) fn expand(&self, info: &[u8], to: &mut [u8]) -> Option<()> {
        self.0.expand(&[info], Length(to.len())).ok()?.fill(to).ok()
    }

    /// `None` cannot happen: a key is one block.
    pub(crate) fn aead_key(&self, info: &[u8]) -> Option<Aes256Gcm> {
        let info = [info];
        let key = self.0.expand(&info, &aead::AES_256_GCM).ok()?;
        Some(Aes256Gcm::new(aead::UnboundKey::from(key)))
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
